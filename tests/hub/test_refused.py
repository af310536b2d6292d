"""What was refused and not settled at the hub: nothing is built on it, and it is settled once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.ids import new_id
from hub.refused_tables import refused_action
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice, split


def verdicts(office: SampleOffice) -> list[str]:
    """Push; return the codes, empty for what was recorded."""
    return [str(receipt["code"]) for receipt in office.push()]


def correct(office: SampleOffice, unit: str, address: str, **changed: Any) -> str:
    """Correct a unit; return the action's hash."""
    values = {**office.invented(0).values, "address": address}
    public, personal = split("unit-record", values)
    facts = {**public, "representative_no": 1}
    return office.act("unit_corrected", "unit", unit, facts, personal, **changed).hash


def settle(office: SampleOffice, *refused: str, choice: str = "dropped") -> None:
    """Settle refusals under a name of their own."""
    facts = {"refused": sorted(refused), "choice": choice, "redone": []}
    office.act("refusal_settled", "refusal", new_id(), facts)


@pytest.fixture
def unit(office: SampleOffice) -> str:
    """A recorded unit."""
    made = office.register(office.invented(0))
    office.push_all_recorded()
    return made


@pytest.mark.parametrize("batches", ["one batch", "two batches"])
def test_what_was_built_on_a_refused_action_is_refused_until_it_is_settled(
    office: SampleOffice, unit: str, batches: str
) -> None:
    """The first one is late by a version; the next ones would fit on whatever took its place."""
    lost = correct(office, unit, "演练路1号", base_version=0)
    told = verdicts(office) if batches == "two batches" else []
    office.versions[unit] = 1
    follows = correct(office, unit, "演练路2号")
    told += verdicts(office)
    assert told == ["version_conflict", "refusal_unsettled"]
    settle(office, lost, follows)
    office.versions[unit] = 1
    correct(office, unit, "演练路3号")
    assert verdicts(office) == ["", ""]


def test_the_refusal_names_what_it_stands_on(office: SampleOffice, unit: str) -> None:
    lost = correct(office, unit, "演练路1号", base_version=0)
    office.versions[unit] = 1
    correct(office, unit, "演练路2号")
    receipts = office.push()
    assert receipts[-1]["params"]["refused"] == [lost]


def test_one_at_the_refused_ones_version_was_made_knowing(office: SampleOffice, unit: str) -> None:
    correct(office, unit, "演练路1号", base_version=5)
    office.versions[unit] = 1
    correct(office, unit, "演练路2号")
    correct(office, unit, "演练路3号")
    assert verdicts(office) == ["version_conflict", "", ""]


def test_it_stops_its_own_subject_only(office: SampleOffice, unit: str) -> None:
    correct(office, unit, "演练路1号", base_version=0)
    office.file(unit, office.invented(0))
    assert verdicts(office)[1:] == [""] * 4


def test_a_hash_is_settled_once_and_only_if_it_does_not_stand(office: SampleOffice, unit: str) -> None:
    lost = correct(office, unit, "演练路1号", base_version=0)
    settle(office, lost)
    settle(office, lost)
    standing = office.act("papers_checked", "case", office.file(unit, office.invented(0)), {"items": {}})
    settle(office, standing.hash)
    assert verdicts(office) == ["version_conflict", "", "refusal_unknown", *[""] * 5, "refusal_unknown"]


def test_the_end_of_a_chain_that_never_came_is_settled_once(office: SampleOffice) -> None:
    settle(office, "ab" * 32)
    settle(office, "ab" * 32, "cd" * 32)
    assert verdicts(office) == ["", "refusal_unknown"]


def test_an_auditor_settles_nothing_and_no_odd_payload_is_taken(office: SampleOffice) -> None:
    facts: dict[str, Any] = {"refused": ["ab" * 32], "choice": "dropped", "redone": []}
    odd = (
        {"refused": []},
        {"refused": ["AB" * 32]},
        {"choice": "merged"},
        {"redone": ["x"]},
        {"refused": ["ab" * 32] * 2},
    )
    for change in odd:
        office.act("refusal_settled", "refusal", new_id(), facts | change)
    assert verdicts(office) == ["action_malformed"] * len(odd)


def test_hostile_bodies_leave_no_place_behind(station: Station, office: SampleOffice) -> None:
    """Where a refused body stood is noted only if it has a place; nothing of it can break the next batch."""
    for subject in ("x" * 65, "", "名"):
        office.act("case_withdrawn", "case", subject)
    office.act("case_withdrawn", "case", new_id(), base_version=2**53 - 1)
    office.act("k" * 80, "case", new_id())
    assert all(verdicts(office))
    with station.hub.database.read() as connection:
        table = refused_action
        rows = connection.execute(select(table).where(table.c.office == office.office)).all()
    assert {len(row.subject) for row in rows} == {36}
    office.register(office.invented(1))
    office.push_all_recorded()
