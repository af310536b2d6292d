"""The typed code: forgiving about how it is typed, unforgiving about what."""

from __future__ import annotations

import collections

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.claims import short_code, typed
from core.errors import UserError


def refused(text: str) -> bool:
    try:
        short_code.parse(text)
    except UserError as error:
        assert error.code == "short_code_wrong"
        return True
    return False


def sample_codes(count: int) -> list[str]:
    return [typed.with_check(typed.from_number(i * 104_729_777 % 29**7, 7)) for i in range(count)]


def test_every_single_wrong_character_is_found() -> None:
    for code in sample_codes(60):
        for place in range(8):
            for symbol in typed.SYMBOLS:
                if symbol != code[place]:
                    assert refused(code[:place] + symbol + code[place + 1 :])


def test_every_exchange_of_neighbours_is_found() -> None:
    for code in sample_codes(300):
        for place in range(7):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            assert refused(swapped) or swapped == code


def test_a_code_without_the_check_would_let_them_through() -> None:
    """The control: one in 29 random texts of the right shape is a code, not all of them."""
    texts = [typed.from_number(i * 7_919_777_333 % 29**8, 8) for i in range(2900)]
    assert 50 < sum(not refused(text) for text in texts) < 160


def test_look_alikes_case_width_and_separators_do_not_matter() -> None:
    code = typed.with_check("01258VA")
    for twin in (
        code.lower(),
        short_code.shown(code),
        " " + code[:4] + " – " + code[4:] + "\n",
        code.translate(str.maketrans("01258V", "OLZSBU")),
        code.translate(str.maketrans("01258V", "oizsbu")),
        "".join(chr(ord(c) + 0xFEE0) for c in code),
        code[:4] + "\u200b" + code[4:],
    ):
        assert short_code.parse(twin) == code


def test_no_two_symbols_look_alike() -> None:
    assert len(typed.SYMBOLS) == len(set(typed.SYMBOLS)) == 29
    for pair in ("0O", "1I", "1L", "2Z", "5S", "8B", "UV"):
        assert sum(symbol in typed.SYMBOLS for symbol in pair) == 1


@given(st.text(max_size=20))
def test_any_text_is_a_code_or_refused(text: str) -> None:
    if not refused(text):
        assert typed.is_checked(short_code.parse(text), 8)


@pytest.mark.parametrize("text", ["", "A", "A" * 7, "A" * 9, "事业单位法人证书", "ABCD-EFG!"])
def test_wrong_shapes(text: str) -> None:
    assert refused(text)


def test_made_codes_parse_and_are_spread_evenly() -> None:
    made = [short_code.make() for _ in range(2900)]
    assert all(short_code.parse(code) == code for code in made)
    first = collections.Counter(code[0] for code in made)
    assert set(first) == set(typed.SYMBOLS) and max(first.values()) < 190


def test_unfair_bytes_are_thrown_away() -> None:
    answers = iter([b"\xff" * 7, bytes([231, 232, 0, 28, 29, 255, 1]), bytes(range(1, 8))])
    assert typed.random_symbols(7, lambda count: next(answers)) == "Y0Y011" + "2"


def test_a_code_too_long_for_its_weights_is_never_made() -> None:
    with pytest.raises(ValueError):
        typed.with_check("0" * 28)
    with pytest.raises(ValueError):
        typed.from_number(29**3, 3)
