"""The three numbers: what is accepted, what is caught, and how surely."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.forms import divisions
from core.forms.check import has_errors
from core.forms.check_digits import USCC_ALPHABET, uscc_check_character
from core.forms.kinds import KINDS
from core.forms.number_kinds import birth_date
from core.forms.spec import Severity
from tests.core.forms.samples import (
    IDS,
    NO_UNIT,
    USCCS,
    citizen_number,
    citizen_numbers,
    codes,
    unit_code,
    unit_codes,
    wide,
)

USCC, ID, MOBILE = KINDS["uscc"], KINDS["id_number"], KINDS["mobile"]
NUMBERS = pytest.mark.parametrize(("kind", "numbers"), [("uscc", unit_codes), ("id_number", citizen_numbers)])


def substitutions(number: str, alphabet: str) -> list[str]:
    """Return every number that differs in one character."""
    return [
        number[:place] + other + number[place + 1 :]
        for place in range(len(number))
        for other in alphabet
        if other != number[place]
    ]


def swaps(number: str) -> list[str]:
    """Return every number in which two different neighbours changed places."""
    return [
        number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        for place in range(len(number) - 1)
        if number[place] != number[place + 1]
    ]


@given(unit_codes)
def test_every_slip_in_a_unit_code_is_caught(number: str) -> None:
    # 31 is prime and the weights are distinct, so the bound for both kinds of slip is 100 %.
    slips = substitutions(number, USCC_ALPHABET) + swaps(number)
    assert [slip for slip in slips if not has_errors(USCC.check(slip, NO_UNIT))] == []


@given(citizen_numbers)
def test_every_slip_in_a_citizen_number_is_caught(number: str) -> None:
    # ISO 7064 MOD 11-2: 11 is prime, neighbouring weights differ, the bound for both is 100 %.
    slips = substitutions(number, "0123456789X") + swaps(number)
    assert [slip for slip in slips if not has_errors(ID.check(slip, NO_UNIT))] == []


@NUMBERS
@given(st.data())
def test_however_it_is_typed_it_is_the_same_number(
    kind: str, numbers: st.SearchStrategy[str], data: st.DataObject
) -> None:
    number = data.draw(numbers)
    spaced = " ".join((number[:6], number[6:14], number[14:]))
    for typed in (number.lower(), wide(number), wide(spaced.lower()), spaced, f"\u202d{number}\u202c\n"):
        assert KINDS[kind].parse(typed) == number


@pytest.mark.parametrize("number", USCCS)
def test_domain_vectors_of_unit_codes(number: str) -> None:
    assert USCC.check(number, replace(NO_UNIT, office_area=number[2:8])) == []


@pytest.mark.parametrize("number", IDS)
def test_domain_vectors_of_citizen_numbers(number: str) -> None:
    assert ID.check(number, NO_UNIT) == []


@pytest.mark.parametrize("area", sorted({area.code for area in divisions.all_areas() if area.until}))
@pytest.mark.parametrize("born", [date(1950, 2, 28), date(1987, 12, 31), date(2009, 6, 1)])
def test_an_abolished_area_is_no_reason_to_say_anything(area: str, born: date) -> None:
    assert ID.check(citizen_number(area, born, 1), NO_UNIT) == []


@pytest.mark.parametrize("area", ["469099", "999999", "000000"])
def test_an_unknown_area_is_a_note_at_most(area: str) -> None:
    (note,) = ID.check(citizen_number(area, date(1980, 1, 1), 1), NO_UNIT)
    assert (note.code, note.severity) == ("id_area_unknown", Severity.NOTE)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("46902319900101000", "too_short"),
        ("460025850615001", "id_fifteen"),
        ("46902319900101O008", "number_looks_like"),
        ("46902319900101000A", "number_character"),
        ("469023199001010009", "id_check"),
        (citizen_number("469023", date(2027, 1, 1), 1), "id_future"),
        (citizen_number("469023", date(2010, 11, 24), 1), "id_age"),
        (citizen_number("469023", date(1880, 1, 1), 1), "id_age"),
        ("469023199002300006", "id_date"),
    ],
)
def test_a_wrong_citizen_number_is_told_why(number: str, code: str) -> None:
    assert codes(ID.check(number, NO_UNIT)) == [code]


@pytest.mark.parametrize("born", [date(2010, 11, 23), date(1916, 1, 1)])
def test_ages_at_the_limits_pass(born: date) -> None:
    assert ID.check(citizen_number("469023", born, 1), NO_UNIT) == []


@pytest.mark.parametrize("cross", ["x", "ｘ", "×", "Х", "х"])
def test_what_looks_like_the_check_character_x_is_one(cross: str) -> None:
    number = next(
        each
        for serial in range(99)
        if (each := citizen_number("469023", date(1990, 1, 1), serial))[17] == "X"
    )
    assert ID.parse(number[:17] + cross) == number


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("12469023MB000000", "too_short"),
        ("12469023MBO000000B", "number_looks_like"),
        ("12469023MB#000000B", "number_character"),
        ("12469032MB0000000B", "uscc_check_outside"),
        ("12469023MB0000010B", "uscc_check_inside"),
        ("12469023MB0000000C", "uscc_check_outside"),
        (unit_code("12469024", "MB000000"), "uscc_other_area"),
        (unit_code("12110108", "MB000000"), "uscc_other_area"),
        (unit_code("11469023", "00000001"), "uscc_not_institution"),
        (unit_code("Y1469023", "00000001"), "uscc_not_institution"),
    ],
)
def test_a_strange_unit_code_is_told_why(number: str, code: str) -> None:
    assert codes(USCC.check(number, NO_UNIT)) == [code]


def test_a_right_outside_does_not_hide_a_wrong_inside() -> None:
    body = "12469023MB0000001"
    assert codes(USCC.check(body + uscc_check_character(body), NO_UNIT)) == ["uscc_inner_check"]


@pytest.mark.parametrize(("letter", "suggestion"), [("O", "0"), ("I", "1"), ("S", "5"), ("Z", "2")])
def test_letters_a_code_never_has_come_with_what_was_meant(letter: str, suggestion: str) -> None:
    (finding,) = USCC.check(f"12469023MB{letter}000000B", NO_UNIT)
    assert (finding.code, finding.params) == ("number_looks_like", {"position": 11, "suggestion": suggestion})


def test_an_office_knows_its_units_under_its_former_code() -> None:
    danzhou = replace(NO_UNIT, office_area="460400")
    assert USCC.check("12469003MB0000000C", danzhou) == []
    assert codes(USCC.check("12469003MB0000000C", NO_UNIT)) == ["uscc_other_area"]


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "8613800138000",
        "008613800138000",
        "１３８００１３８０００",
        "(+86)138–0013–8000",
        "\u202a13800138000\u202c",
    ],
)
def test_a_mobile_number_however_written(typed: str) -> None:
    assert MOBILE.parse(typed) == "13800138000"
    assert MOBILE.check("13800138000", NO_UNIT) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [("1380013800", "too_short"), ("12800138000", "mobile_prefix"), ("1380013800a", "number_character")],
)
def test_a_wrong_mobile_number_is_told_why(typed: str, code: str) -> None:
    assert codes(MOBILE.check(MOBILE.parse(typed), NO_UNIT)) == [code]


def test_confirmations_and_masks() -> None:
    assert ID.summary("11010519491231002X") == "1949-12-31 女"
    assert ID.summary("11010519491331002X") == ""
    assert USCC.summary("12469023MB0000000B") == "澄迈县"
    assert ID.mask("469023199001010008") == "4690**********0008"
    assert MOBILE.mask("13800138000") == "138****8000"
    assert set(ID.mask("4690231990")) == {"*"}


@given(citizen_numbers)
def test_a_number_says_when_its_owner_was_born(number: str) -> None:
    born = birth_date(number)
    assert born is not None
    assert number[6:14] == f"{born:%Y%m%d}"
