"""The invented office: valid in every check, unique, the same for a seed, and plainly invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from stdnum.cn import uscc

from core.forms.check import check_form, has_errors, normalise
from core.forms.divisions import Office, get_office, offices
from core.forms.registry import latest
from core.forms.spec import CheckContext, Finding, Severity
from core.rehearsal import Person, RehearsalUnit, case_values, make_units

TODAY = date(2026, 11, 23)
FONTS = Path(__file__).parents[3] / "resources" / "fonts"


@pytest.fixture(scope="module")
def office() -> Office:
    return get_office("469023")


@pytest.fixture(scope="module")
def units(office: Office) -> tuple[RehearsalUnit, ...]:
    return make_units(office, TODAY)


def people(units: tuple[RehearsalUnit, ...]) -> list[Person]:
    return [person for unit in units for person in (unit.representative, unit.manager) if person]


def findings(office: Office, unit: RehearsalUnit, form_id: str, values: dict[str, str]) -> Iterator[Finding]:
    form = latest(form_id)
    assert normalise(form, values) == {key: values.get(key, "") for key in normalise(form, values)}
    context = CheckContext(TODAY, office.area_code, unit.values)
    yield from (each for each in check_form(form, values, context) if each.severity is not Severity.NOTE)


def test_every_unit_and_both_its_forms_pass_without_even_a_warning(
    office: Office, units: tuple[RehearsalUnit, ...]
) -> None:
    assert len(units) == 300
    for unit in units:
        assert not list(findings(office, unit, "unit-record", dict(unit.values)))
        for form_id in ("attachment-1", "attachment-3"):
            assert not list(findings(office, unit, form_id, case_values(unit, form_id, TODAY)))


def test_the_check_would_have_noticed(office: Office, units: tuple[RehearsalUnit, ...]) -> None:
    unit = units[0]
    wrong = case_values(unit, "attachment-1", TODAY) | {"manager_id": unit.representative.id_number}
    assert has_errors(findings(office, unit, "attachment-1", wrong))


@pytest.mark.parametrize("code", [each.code for each in offices()])
def test_every_office_of_the_province_can_rehearse(code: str) -> None:
    office = get_office(code)
    some = make_units(office, TODAY, count=40)
    assert all(not list(findings(office, unit, "unit-record", dict(unit.values))) for unit in some)
    assert all(uscc.validate(unit.values["uscc"])[2:8] == office.area_code for unit in some)


def test_nothing_occurs_twice(units: tuple[RehearsalUnit, ...]) -> None:
    for field in ("uscc", "name", "address"):
        assert len({unit.values[field] for unit in units}) == len(units)
    everybody = people(units)
    for attribute in ("name", "id_number", "mobile"):
        assert len({getattr(person, attribute) for person in everybody}) == len(everybody)


def test_the_largest_office_is_unique_too(office: Office) -> None:
    units = make_units(office, TODAY, count=5000)
    assert len({unit.values["name"] for unit in units}) == 5000
    assert len({unit.values["uscc"] for unit in units}) == 5000
    with pytest.raises(ValueError, match="at most"):
        make_units(office, TODAY, count=5001)


def test_the_same_seed_gives_the_same_office_and_another_seed_another(office: Office) -> None:
    assert make_units(office, TODAY, seed=5, count=30) == make_units(office, TODAY, seed=5, count=30)
    assert make_units(office, TODAY, seed=5, count=30) != make_units(office, TODAY, seed=6, count=30)


def test_everything_is_plainly_invented(units: tuple[RehearsalUnit, ...]) -> None:
    assert all("演练" in unit.values["name"] for unit in units)
    assert all("演练" in unit.values["sponsor"] for unit in units)
    for person in people(units):
        assert set(person.name) & set("演练拟样例")
        assert person.id_number[14:17] == "000"
        assert person.mobile.startswith("1380000")


def test_rare_characters_have_their_share_and_the_first_manager_is_beyond_the_basic_plane(
    units: tuple[RehearsalUnit, ...],
) -> None:
    first = units[0].manager
    assert first is not None
    assert max(map(ord, first.name)) > 0xFFFF
    beyond = [person for person in people(units) if max(map(ord, person.name)) > 0xFFFF]
    assert len(beyond) >= len(people(units)) // 20
    assert any("䶮" in person.name or "㛃" in person.name for person in people(units))


def test_every_character_can_be_printed(units: tuple[RehearsalUnit, ...]) -> None:
    known: set[int] = set()
    for file in FONTS.glob("*.ttf"):
        with TTFont(file, lazy=True) as font:
            known |= set(font.getBestCmap())
    text = "".join("".join(unit.values.values()) for unit in units)
    text += "".join(person.name for person in people(units))
    assert [character for character in sorted(set(text)) if ord(character) not in known] == []


def test_some_manage_in_person_some_appoint_and_some_renew(units: tuple[RehearsalUnit, ...]) -> None:
    forms = [case_values(unit, "attachment-1", TODAY) for unit in units]
    assert {form["other_manager"] for form in forms} == {"yes", ""}
    assert {form["attendant"] for form in forms} == {"representative", "manager"}
    assert {form["occasion"] for form in forms} == {"alone", "renewal"}
    assert forms[0]["occasion"] == "alone"


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2028, 2, 29), date(2027, 12, 31), date(2026, 3, 1)])
def test_no_calendar_day_is_a_bad_day(office: Office, day: date) -> None:
    units = make_units(office, day, count=60)
    assert all(unit.values["valid_from"] < day.isoformat() <= unit.values["valid_to"] for unit in units)
