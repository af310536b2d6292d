"""Overlapping character pairs: the index that finds any two characters inside a name in milliseconds.

A name is stored as its pairs, ``海南省`` as ``海南 南省``, in one FTS5 column, and as its single characters
in another. A fragment becomes the phrase of its own pairs, which stands in the index exactly where the
fragment stands in the name. Both sides pass the same ``fold``, and it folds character by character, so
a fragment of a name always folds to a fragment of the folded name.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache

_PLANES_OF_HAN = range(0x20000, 0x40000)
"""Supplementary ideographs, also those younger than this Python's character tables (Ext H, I, …)."""
_KEPT = frozenset("LN")
_CODE = re.compile(r"[0-9]|[0-9A-Y][0-9][0-9]{0,6}|[0-9A-Y][0-9][0-9]{6}[0-9A-HJ-NP-RT-UW-Y]{1,10}")
_INITIALS = re.compile(r"[a-z0-9]+")


class QueryKind(StrEnum):
    """How a typed fragment is looked up: code or initials prefix, pairs, one character, not at all."""

    USCC = "uscc"
    INITIALS = "initials"
    PAIRS = "pairs"
    SINGLE = "single"
    EMPTY = "empty"


def fold(name: str) -> str:
    """Return ``name`` for comparison: width, case and compatibility forms levelled, everything but letters,
    digits and ideographs (brackets, dots, spaces, variation selectors) left out.

    Works character by character: ``fold(a + b) == fold(a) + fold(b)``.
    """
    return "".join(map(_fold_one, name))


@lru_cache(maxsize=32_768)
def _fold_one(character: str) -> str:
    # Twice, because lowering may bring out a character that has a compatibility form of its own.
    once = unicodedata.normalize("NFKC", character).casefold()
    twice = "".join(unicodedata.normalize("NFKC", each).casefold() for each in once)
    return "".join(filter(_is_kept, twice))


def _is_kept(character: str) -> bool:
    return unicodedata.category(character)[0] in _KEPT or ord(character) in _PLANES_OF_HAN


def pairs(name: str) -> list[str]:
    """Return the overlapping pairs of the folded name in order; empty for fewer than two characters."""
    folded = fold(name)
    return [folded[at : at + 2] for at in range(len(folded) - 1)]


def singles(name: str) -> list[str]:
    """Return the characters of the folded name in order; a character beyond U+FFFF is one character."""
    return list(fold(name))


def query_kind(text: str) -> QueryKind:
    """Tell what a person who typed ``text`` is looking for.

    A digit starts a credit code, and so does a capital department letter followed by digits; other plain
    letters and digits are pinyin initials.
    """
    folded = fold(text)
    if not folded:
        return QueryKind.EMPTY
    if folded.isascii():
        is_code = len(folded) <= 18 and _CODE.fullmatch(folded.upper()) is not None
        if is_code and (folded[0].isdigit() or len(folded) >= 8):
            return QueryKind.USCC
        return QueryKind.INITIALS
    return QueryKind.SINGLE if len(folded) == 1 else QueryKind.PAIRS


def match_expression(
    text: str, *, pairs_column: str = "pairs", singles_column: str = "singles"
) -> str | None:
    """Return the FTS5 MATCH expression that finds every name holding each blank-separated part of ``text``.

    None when nothing searchable is left. Folded text holds no quotes, so nothing needs escaping.
    """
    terms = []
    for part in text.split():
        folded = fold(part)
        if len(folded) >= 2:
            terms.append(f'{pairs_column} : "{" ".join(pairs(part))}"')
        elif folded:
            terms.append(f'{singles_column} : "{folded}"')
    return " AND ".join(terms) or None
