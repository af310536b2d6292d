"""T09 as a number: after the commit that voids, nothing below any certificate can be used.

Here 30 units; the full 10,000 with ``CERTDESK_DELEGATION_UNITS=10000``.
"Usable" is asked as a verifier asks: both entries, its own and the one above, out of the signed lists.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, select

from core.clock import china_date
from core.credentials.status import VALID, ReadStatusList, StatusReference, read_token
from core.ids import new_id, system_random
from core.records.delegations import above, is_usable
from core.rehearsal.people import make_people
from hub import delegations, facts, tables
from hub.after_batch import after_batch
from hub.delegations import tree_of
from hub.engine import lock_office
from hub.enrolments import accept
from hub.facts import void_certificates
from hub.ledger import Ledger
from hub.setup import Hub, init
from hub.status_lists import Slot, list_token, list_uri
from tests.hub.conftest import Hands
from tests.hub.sample_office import SampleOffice
from tests.hub.trees import grow

AT_ONCE = 50
UNITS = int(os.environ.get("CERTDESK_DELEGATION_UNITS", "30"))
ISSUER = "https://hub.example.test"


def lists_of(hub: Hub, most: int) -> dict[int, ReadStatusList]:
    found: dict[int, ReadStatusList] = {}
    for number in range(most + 1):
        text, uri = list_token(hub, number), list_uri(ISSUER, number)
        assert text is not None
        found[number] = read_token(text, uri, [hub.root_pem], hub.clock())
    return found


def value(lists: dict[int, ReadStatusList], slot: Slot, now: int) -> int | None:
    return lists[slot.list].answer(StatusReference(list_uri(ISSUER, slot.list), slot.slot), now)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_after_the_commit_nothing_is_usable(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    hands, random, key = Hands(), Random(9), system_random(32)
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    if database == "postgresql":
        url = request.getfixturevalue("make_postgres")()
    hub = init(url, ISSUER, tmp_path / "root.pem", key, False, hands)
    office = _enrolled(hub, hands)
    people = make_people(random, 20, china_date(hands()))
    trees: dict[str, dict[Slot, Slot]] = {}
    while len(trees) < UNITS:
        with settled_once(hub, office) as (connection, ledger):
            for _ in range(min(AT_ONCE, UNITS - len(trees))):
                unit, count = new_id(), random.randint(1, 20)
                trees[unit] = grow(hub, connection, ledger, unit, people[:count], random)
    places = [slot for tree in trees.values() for slot in tree]
    assert len(set(places)) == len(places)  # no place is given twice
    most = max(slot.list for slot in places)
    lists, now = lists_of(hub, most), hub.now()
    pairs = [pair for tree in trees.values() for pair in tree.items()]
    usable = sum(value(lists, own, now) == VALID == value(lists, up, now) for own, up in pairs)
    assert usable == len(places) > UNITS  # the control: before the commit all of them are

    for unit in trees:
        with hub.database.write() as connection:
            lock_office(connection, office)
            assert void_certificates(hub, connection, Ledger(hub, connection, office), unit, "changed") == 1
    lists = lists_of(hub, most)
    assert [own for own, _ in pairs if value(lists, own, now) == VALID] == []
    assert [up for _, up in pairs if value(lists, up, now) == VALID] == []
    _nothing_in_the_record(hub, office, hands)
    print(f"{len(trees)} units, {len(places)} delegations on phones: 0 usable after the commit")
    hub.database.close()


@contextmanager
def settled_once(hub: Hub, office: str) -> Iterator[tuple[Connection, Ledger]]:
    """One transaction whose actions go into the log together: the set-up of trees, not what is tested."""
    with pytest.MonkeyPatch.context() as patch, hub.database.write() as connection:
        lock_office(connection, office)
        ledger = Ledger(hub, connection, office)
        for module in (facts, delegations):
            patch.setattr(module, "after_batch", lambda *_: None)
        yield connection, ledger
        after_batch(hub, connection, ledger, office)


def _nothing_in_the_record(hub: Hub, office: str, hands: Hands) -> None:
    day = china_date(hands())
    with hub.database.read() as connection:
        rows = connection.execute(select(tables.certificate_view.c.certificate)).all()
        for row in random_some(rows):
            states = tree_of(connection, Ledger(hub, connection, office), str(row.certificate))
            assert states
            assert not any(is_usable([s, *above(states, s.id)], day) for s in states.values())


def random_some(rows: list) -> list:  # type: ignore[type-arg]
    return Random(2).sample(rows, min(len(rows), 200))


def _enrolled(hub: Hub, hands: Hands) -> str:
    office = SampleOffice(lambda path, data: (500, b""), hands)
    accept(hub, office.enrolment(), False)
    return office.office
