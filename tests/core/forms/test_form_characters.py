"""The quick ways through the character tables end where the slow ones do, for every character there is."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest

from core.forms import characters
from core.forms.characters import fold, fold_code, refused

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]


def plainly_folded(text: str) -> str:
    """The definition of :func:`fold`, without looking first whether anything is to be done."""
    return unicodedata.normalize("NFC", text.translate(characters._FOLD))


def plainly_reduced(text: str) -> str:
    """The definition of :func:`fold_code`."""
    for pattern in characters._UNSEEN:
        text = pattern.sub("", text)
    return re.sub(r"[\s\-_‐-―−]", "", "".join(map(characters._narrow, text)))


def plainly_refused(text: str) -> bool:
    """Whether any of the patterns hits."""
    return any(pattern.search(text) for _, pattern in characters._REFUSED_PATTERNS)


def test_every_character_is_folded_by_the_definition() -> None:
    assert [c for c in EVERY if fold(c) != plainly_folded(c)] == []
    assert [c for c in EVERY if fold(f"a{c}\u0301中") != plainly_folded(f"a{c}\u0301中")] == []


def test_every_character_is_refused_by_the_definition() -> None:
    assert [c for c in EVERY if bool(refused(f"中{c}")) != plainly_refused(f"中{c}")] == []


@pytest.mark.parametrize("around", ["", "1a", "x ", "９"])
def test_every_character_of_a_code_is_reduced_by_the_definition(around: str) -> None:
    some = EVERY[:0x3400] + EVERY[0xF900:0x10000] + EVERY[0x1D000:0x1F200]
    assert [c for c in some if fold_code(around + c) != plainly_reduced(around + c)] == []
