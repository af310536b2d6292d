"""Departments take no more than they were registered for: fields, budgets, and nothing by which to join.

CI runs a smaller tier; CERTDESK_PARTY_UNITS and CERTDESK_PARTY_QUERIES set the sizes of the proof
(docs/api.md): 10,000 units across two departments, 100,000 stepwise queries.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.credentials.jose import parse_compact
from core.ids import system_random
from core.records.uses import FUNCTIONS
from hub import verification
from hub.budgets import take
from hub.party_profile import BASIC_FIELDS, Budget
from hub.party_tables import party_budget, use_record
from hub.setup import Hub, init, open_hub
from hub.verification import Place, unit_reference
from tests.hub.conftest import Hands, Station
from tests.hub.department import Department
from tests.hub.test_verification_api import Held, hold, next_index

UNITS = int(os.environ.get("CERTDESK_PARTY_UNITS", "1000"))
QUERIES = int(os.environ.get("CERTDESK_PARTY_QUERIES", "3000"))


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A hub without a server or an office."""
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_postgres")()
    key, hands = system_random(32), Hands()
    init(url, "http://127.0.0.1:18443", tmp_path / "root.pem", key, False, hands).database.close()
    hub = open_hub(url, key, hands)
    yield hub
    hub.database.close()


def purposes() -> list[dict[str, Any]]:
    """One purpose for each single field, one for each pair of neighbours, one for all."""
    names = list(BASIC_FIELDS)
    sets = [[name] for name in names] + [list(pair) for pair in combinations(names, 2)][:20] + [names]
    return [
        {"id": f"p{at}", "name": f"用途{at}", "functions": ["basic"], "fields": fields}
        for at, fields in enumerate(sets)
    ]


def test_every_department_purpose_and_field_nothing_outside_scope(station: Station) -> None:
    held = hold(station, station.new_office(), next_index())
    values = held.approved.invented.values
    everything = {f"unit.{name}": text for name, text in values.items()}
    everything["representative.name"] = values["representative_name"]
    asked = outside = 0
    for start in (0, 12, 24):
        department = Department(station.hub)
        mine = purposes()[start : start + 12]
        department.register(purposes=mine)
        for purpose in purposes():
            told = department.ask("basic", unit=held.unit, purpose=purpose["id"])
            asked += 1
            if purpose not in mine:
                assert told.refusal is not None and told.refusal.code == "purpose_unknown"
                continue
            data = told.body["data"]
            signed = parse_compact(told.body["signed"]).payload["data"]
            outside += len((set(data) | set(signed)) - set(purpose["fields"]))
            assert data == {name: everything[name] for name in purpose["fields"] if everything.get(name)}
            allowed = {everything.get(name) for name in purpose["fields"]}
            outside += len({text for text in data.values() if text not in allowed})
    print(f"\nscope: {asked} department x purpose pairs, {outside} fields outside")
    assert outside == 0


def queries(bare: Hub, budget: Budget, count: int, hands: Hands) -> int:
    """Ask one after the other, a second apart; return how many were let through."""
    passed = 0
    for _ in range(count):
        with bare.database.write() as connection:
            passed += take(bare, connection, "scraper", "basic", budget) is None
        hands.forward(seconds=1)
    return passed


def test_scraping_stops_at_the_budget(bare: Hub) -> None:
    """Stepwise queries over a day: exactly the day's budget passes."""
    hands = bare.clock
    assert isinstance(hands, Hands)
    hands.start = hands.start.replace(hour=16, minute=0, second=0)  # midnight in China
    budget = Budget(minute=40, day=min(1500, QUERIES // 2))
    sizes = [QUERIES] if QUERIES <= 80_000 else [80_000, QUERIES - 80_000]
    passed = []
    for size in sizes:
        passed.append(queries(bare, budget, size, hands))
        hands.start, hands.ahead = (
            hands.start.replace(hour=16, minute=0, second=0),
            type(hands.ahead)(days=len(passed)),
        )
    print(f"\nscrape: {sum(sizes)} stepwise queries, {sum(passed)} let through, budget {budget.day} a day")
    assert passed == [budget.day] * len(sizes)


def test_the_minute_counts_too_and_a_spent_budget_writes_nothing(bare: Hub) -> None:
    hands = bare.clock
    assert isinstance(hands, Hands)
    hands.start = hands.start.replace(second=0)
    for _ in range(3):
        with bare.database.write() as connection:
            got = [take(bare, connection, "a", "basic", Budget(5, 12)) for _ in range(8)]
        assert got in ([None] * 5 + ["minute"] * 3, [None] * 2 + ["day"] * 6)
        hands.forward(minutes=1)
    with bare.database.read() as connection:
        row = connection.execute(select(party_budget)).one()
    assert (row.minute_used, row.day_used) == (2, 12)


def test_a_spent_budget_is_refused_without_a_line(station: Station) -> None:
    held = hold(station, station.new_office(), next_index())
    department = Department(station.hub)
    department.register(budgets={name: {"minute": 3, "day": 3} for name in FUNCTIONS})
    told = [department.post("basic", department.request(unit=held.unit)) for _ in range(6)]
    assert [reply.status for reply in told] == [200] * 3 + [429] * 3
    assert told[-1].json["error"] == "budget_spent" and "今天" in told[-1].json["message"]
    with station.hub.database.read() as connection:
        mine = select(func.count()).where(use_record.c.party == department.id)
        assert connection.execute(mine).scalar_one() == 3


def joins(first: Mapping[str, Any], second: Mapping[str, Any]) -> int:
    """Join two departments' answers by every returned value: how many units are found again.

    A value joins when it belongs to one unit alone on either side, and to the same.
    """

    def values(answer: Any) -> Iterator[str]:
        if isinstance(answer, Mapping):
            for item in answer.values():
                yield from values(item)
        elif isinstance(answer, list):
            for item in answer:
                yield from values(item)
        else:
            yield repr(answer)

    def owners(answers: Mapping[str, Any]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for unit, answer in answers.items():
            for value in values(answer):
                found[value].add(unit)
        return found

    left, right = owners(first), owners(second)
    shared = (value for value in left.keys() & right.keys() if len(left[value]) == 1 == len(right[value]))
    return len({next(iter(left[value])) for value in shared if left[value] == right[value]})


PUBLIC = frozenset(BASIC_FIELDS)


def private_part(body: Mapping[str, Any]) -> dict[str, Any]:
    """An answer and its signed twin without registered public facts, in the parts a program could compare."""
    jws = parse_compact(body["signed"])
    clear = {name: value for name, value in body.items() if name not in ("signed", "data")}
    inner = {name: value for name, value in jws.payload.items() if name != "data"}
    more = {name: value for name, value in body.get("data", {}).items() if name not in PUBLIC}
    return {"clear": clear, "inner": inner, "more": more, "signature": body["signed"].rpartition(".")[2]}


def test_two_departments_cannot_join_their_answers(station: Station) -> None:
    office = station.new_office()
    held = [hold(station, office, next_index()) for _ in range(6)]
    kinds: dict[str, Callable[[Held], dict[str, Any]]] = {
        "authenticity": lambda each: {"document": {"presentation": each.text}},
        "basic": lambda each: {"unit": each.unit},
        "compare": lambda each: {
            "unit": each.unit,
            "holder": {"role": "representative", **each.representative()},
        },
        "matter": lambda each: {"unit": each.unit, "person": each.representative(), "matter": "SOCIAL"},
    }
    told: list[dict[str, Any]] = []
    for department in (Department(station.hub), Department(station.hub)):
        department.register()
        told.append(
            {
                each.uscc: {
                    name: private_part(department.ask(name, **make(each)).body)
                    for name, make in kinds.items()
                }
                for each in held
            }
        )
    assert joins(*told) == 0
    # Control: with the facts of the public register left in, every unit is found again.
    open_facts = [{unit: {**answers, "uscc": unit} for unit, answers in side.items()} for side in told]
    assert joins(*open_facts) == len(held)


def test_references_of_many_units_do_not_join(bare: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [Place(f"office-{at % 20}", f"unit-{at}") for at in range(UNITS)]
    sides = [{place.unit: unit_reference(bare, party, place) for place in places} for party in ("a", "b")]
    found = joins(*sides)
    print(f"\nlink: {UNITS} units across two departments, {found} joins")
    assert found == 0
    assert all(len(set(side.values())) == UNITS for side in sides)
    # Control: one secret for all departments would join them all.
    monkeypatch.setattr(verification, "subkey", lambda *_: b"one secret")
    same = [{place.unit: unit_reference(bare, "a", place) for place in places} for _ in range(2)]
    assert joins(*same) == UNITS
