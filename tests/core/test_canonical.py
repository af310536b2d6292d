"""The fast writer and the plain one agree byte for byte, and refuse the same things.

A single differing byte would change a hash, and with it break chains, signatures and proofs that stand.
"""

from __future__ import annotations

import enum
import json
import sys
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.canonical import canonical, canonical_again, parse_canonical


def by_the_book(value: Any) -> bytes:
    """The form's definition, written with the standard library."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


WHOLE = st.integers(-(2**53), 2**53)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(max_codepoint=127))
LEAVES = st.none() | st.booleans() | WHOLE | TEXT
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=40)


@settings(max_examples=500)
@given(VALUES)
def test_the_bytes_are_those_of_the_definition(value: Any) -> None:
    assert canonical(value) == by_the_book(value)
    assert parse_canonical(canonical(value)) == value
    assert canonical_again(parse_canonical(canonical(value))) == canonical(value)


def test_every_character_is_spelled_alike() -> None:
    for start in range(0, sys.maxunicode + 1, 4096):
        text = "".join(chr(c) for c in range(start, start + 4096) if not 0xD800 <= c < 0xE000)
        assert canonical(text) == by_the_book(text), hex(start)


def test_every_key_is_sorted_and_spelled_alike() -> None:
    keys = [chr(c) for c in range(128)] + [f"a{chr(c)}" for c in range(128)] + ["", "a", "ab"]
    value = {key: place for place, key in enumerate(reversed(keys))}
    assert canonical(value) == by_the_book(value)


class Word(enum.StrEnum):
    ONE = "一"


class Number(enum.IntEnum):
    ONE = 1


class Text(str):
    pass


@pytest.mark.parametrize(
    "value",
    [
        Word.ONE,
        Number.ONE,
        Text("x\n"),
        ("a", 1),
        [("a",), {"b": Word.ONE}],
        {"a": (Number.ONE, Text("é"))},
        {Text("b"): 1, "a": Number.ONE},
        {Word("一").name: 1},
        OrderedDict(b=1, a=OrderedDict(d=2, c=Text("3"))),
    ],
)
def test_what_inherits_from_the_plain_types_keeps_its_spelling(value: Any) -> None:
    assert canonical(value) == by_the_book(value)
    assert canonical([value, 1]) == by_the_book([value, 1])


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53 + 1,
        -(2**53) - 1,
        "\ud800",
        {"\ud800": 1},
        {"é": 1},
        {1: 1},
        {None: 1},
        {True: 1},
        b"x",
        {1, 2},
        object(),
        {"a": [1, {"b": 0.5}]},
        ("x", 0.5),
        OrderedDict({"é": 1}),
        {Text("é"): 1},
        [Number.ONE, 2**60],
    ],
    ids=lambda value: type(value).__name__,  # an address in a name would differ from worker to worker
)
def test_what_has_no_form_is_refused(value: Any) -> None:
    for wrapped in (value, [value], {"a": value}, [["x"], {"b": [value]}]):
        with pytest.raises(ValueError):
            canonical(wrapped)


def test_what_is_nested_without_end_is_refused_and_does_not_end_the_process() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(RecursionError):
        canonical(value)


@pytest.mark.parametrize(
    "data", [b'{"a": 1}', b'{"b":1,"a":2}', b'"\\u0041"', b"1.0", b'{"a":1,"a":1}', b"\xff"]
)
def test_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        parse_canonical(data)
