"""Pinyin initials: the clerk types ``cmxyy`` and finds 澄迈县医院 without switching the input method."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from core.words.pairs import fold

_MOST_SPELLINGS = 64
"""Spellings kept per name; characters late in a name then keep their usual reading only."""


def pinyin_initials(name: str) -> set[str]:
    """Return every spelling of ``name`` in pinyin initials, lower case; empty for an empty name.

    Characters with several readings (重, 长, 乐) give all of them, from the front of the name on and up to
    64 spellings in all; the reading that fits the word is always among them. Letters and digits stand for
    themselves; characters without a known reading are left out. The library is loaded on first use
    (about 150 ms).
    """
    folded = fold(name)
    if not folded:
        return set()
    few = _all_spellings(folded)
    if few is not None:
        return few
    from pypinyin import Style, pinyin

    usual = pinyin(folded, style=Style.FIRST_LETTER, errors=_THEMSELVES)
    usual_letters = [_letter(options[0]) for options in usual]
    every: list[tuple[str, ...]] = [_letters(character) for character in folded]
    if len(usual_letters) != len(every):  # a word of the library's dictionary that is not one to one
        usual_letters = [options[0] for options in every]
    chosen: list[list[str]] = []
    room = _MOST_SPELLINGS
    for likely, options in zip(usual_letters, every, strict=True):
        known = list(dict.fromkeys([likely, *options]))
        if len(known) > room:
            known = [likely]
        room //= len(known)
        chosen.append(known)
    return {"".join(spelling) for spelling in product(*chosen)}


_READ_OTHERWISE = frozenset("干燵")
"""Characters that some phrase reads as nothing else does (旋干转坤); a test goes through all phrases."""


def _all_spellings(folded: str) -> set[str] | None:
    """Return all spellings where there is room for all: then which reading is usual does not matter."""
    if not _READ_OTHERWISE.isdisjoint(folded):
        return None
    every = [_letters(character) for character in folded]
    if prod(map(len, every)) > _MOST_SPELLINGS:
        return None
    return {"".join(spelling) for spelling in product(*every)}


@lru_cache(maxsize=32_768)
def _letters(character: str) -> tuple[str, ...]:
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.FIRST_LETTER, heteronym=True, errors=_THEMSELVES)
    return tuple(dict.fromkeys(_letter(option) for option in found[0])) if found else ("",)


def _one_by_one(run: str) -> list[str]:
    return list(run)


_THEMSELVES: Any = _one_by_one
"""Typed loosely: the library's signature knows texts only, its manual and code lists as well."""


def _letter(option: str) -> str:
    return option if option.isascii() and option.isalnum() else ""
