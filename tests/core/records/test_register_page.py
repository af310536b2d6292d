"""A page's text: one spelling, read strictly, found by the unit without reading the rest."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical import canonical
from core.errors import Refusal
from core.forms.registry import latest
from core.ids import new_id, system_random
from core.records.register import (
    PAGE_BYTES,
    find_line,
    fold_register,
    make_lines,
    pack,
    page_shape,
    page_text,
    read_page,
    read_text,
    unpack,
    verify_lines,
    without_line,
)

SHAPE = page_shape(latest("unit-record"))
TEXT = st.text(max_size=12)
TRAPS = st.sampled_from(["],[", '],["', '["', '"]', "\\", '\\"', "\n", "\x1f", "\u2028", "𬱖", "", "[[", "/"])


@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), min_size=1, max_size=5))
def test_the_text_is_canonical(rows: list[list[str]]) -> None:
    text = page_text(rows)
    assert text == canonical(rows)
    if len({len(row) for row in rows}) == 1:
        assert read_text(text, len(rows[0])) == rows
    assert unpack(pack(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b"[[]]",
        b'[["a"],["b","c"]]',
        b'[["a",1]]',
        b'[["a",null]]',
        b'[["a", "b"]]',
        b'[["a","\\u0062"]]',
        b'[["a","b"]] ',
        b'[["a","\\ud800"]]',
        b'[["a","\xff"]]',
        b'\xef\xbb\xbf[["a","b"]]',
        b'[["a","b"]',
        b'[["a","\\/"]]',
        json.dumps([["a", "b"]] * 1001, separators=(",", ":")).encode(),
    ],
)
def test_any_other_spelling_is_refused(text: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_text(text, 2)
    assert refused.value.code == "page_malformed"


def test_a_lone_surrogate_has_no_text() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        page_text([["\ud800"]])


@given(st.lists(st.tuples(TRAPS, TRAPS, TEXT), min_size=1, max_size=6))
def test_a_line_is_found_whatever_stands_around_it(values: list[tuple[str, str, str]]) -> None:
    units = [new_id() for _ in values]
    rows = [[unit, one, other, unit + rest] for unit, (one, other, rest) in zip(units, values, strict=True)]
    text = page_text(rows)
    for unit, row in zip(units, rows, strict=True):
        assert find_line(text, unit) == row
    assert find_line(text, new_id()) is None


def test_commitments_hold_for_every_line_and_can_be_destroyed_one_by_one() -> None:
    given_ = [(new_id(), {"uscc": "x", "representative_name": name}) for name in ("演甲", "", "演丙")]
    rows, private = make_lines(given_, SHAPE, system_random)
    assert read_page(page_text(rows), SHAPE) == rows
    verify_lines(rows, private, SHAPE, whole=True)
    gone = without_line(private, 2)
    verify_lines(rows, gone, SHAPE, whole=False)
    for lines in (gone, private[:2], [private[2], private[1], private[0]]):
        with pytest.raises(Refusal) as refused:
            verify_lines(rows, lines, SHAPE, whole=True)
        assert refused.value.code == "commitment_wrong"


def test_a_packed_text_is_bounded() -> None:
    for blob in (b"", b"x", pack(b" " * (PAGE_BYTES + 1)), pack(b"[]") + b"x", pack(b"[]")[:-1]):
        with pytest.raises(Refusal):
            unpack(blob)


def test_an_empty_register_is_none() -> None:
    assert fold_register([]) is None
