"""Which units are listed as ending: the 30-day edge, the last day, what came on a page, what is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.services import changes
from core.services.periods import period_list
from core.services.register import import_units
from core.services.session import Session
from core.services.units import correct_unit, get_unit
from tests.core.services.office_kit import OfficeKit, invented_units, open_kit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


def ends(clerk: Session, unit: str, day: date) -> None:
    """Correct a unit so that ``day`` is its last."""
    correct_unit(clerk, unit, {**get_unit(clerk, unit).values, "valid_to": day.isoformat()})


def listed(session: Session, query: str = "") -> list[tuple[str, bool]]:
    return [(line.unit, line.over) for line in period_list(session, query)]


def test_from_the_thirtieth_day_before_the_end_and_after_it(kit: OfficeKit) -> None:
    today = kit.today()
    with kit.sit("clerk") as clerk:
        far, edge, last, over = (kit.unit(clerk) for _ in range(4))
        for unit, days in ((far, 31), (edge, 30), (last, 0), (over, -1)):
            ends(clerk, unit, today + timedelta(days=days))
        assert listed(clerk) == [(over, True), (last, False), (edge, False)]
        assert listed(clerk, get_unit(clerk, edge).values["uscc"]) == [(edge, False)]
        assert listed(clerk, "zzzz") == []
        assert [line.unit for line in period_list(clerk, unit=edge)] == [edge]
        assert period_list(clerk, unit=far) == []
        kit.clock.move(days=1)
        assert listed(clerk) == [(over, True), (last, True), (edge, False), (far, False)]
        change = changes.file_change(clerk, over, "renewal")
        assert {line.unit: line.renewal for line in period_list(clerk)}[over] == change
        gone = changes.file_change(clerk, last, "deregistration", basis="依据")
    with kit.sit("reviewer") as reviewer:
        for each in (change, gone):
            changes.approve_change(reviewer, each)
        assert listed(reviewer) == [(edge, False), (far, False)], "renewed, and closed"


def test_units_of_a_page_are_listed_as_what_was_done_to_them_since(kit: OfficeKit) -> None:
    today = kit.today()
    near = (today + timedelta(days=5)).isoformat()
    rows = [{**dict(each.values), "valid_to": near} for each in invented_units()[:3]]
    with kit.sit("clerk") as clerk:
        assert import_units(clerk, enumerate(rows, 1)).done == 3
        found = period_list(clerk)
        assert {line.valid_to for line in found} == {near} and len(found) == 3
        ends(clerk, found[1].unit, today + timedelta(days=400))
        assert listed(clerk) == [(found[0].unit, False), (found[2].unit, False)]
