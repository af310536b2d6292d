"""What the hub acts by against the record, on both databases: refused when read, named by ``hub check``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import pytest
from sqlalchemy import Connection, delete, update

from core.errors import EnvironmentFault
from hub.checking import differences
from hub.delegation_tables import delegation_view
from hub.facts import suspend_certificates, void_certificates
from hub.register_tables import register_page
from hub.setup import Hub
from hub.world import LedgerWorld
from tests.faults.log_attacks import Scene, change_page, swap_private, swap_private_of_page
from tests.hub.conftest import Station
from tests.hub.holder import take
from tests.hub.sample_office import SampleOffice
from tests.hub.test_changes import VOIDING, change, hold
from tests.hub.test_delegation import CertificateHolder, in_office, manager
from tests.hub.test_register import page_of, send

__all__ = ["manager"]


class _Back(Exception):
    """Nothing of what was done stays."""


@contextmanager
def spoilt(hub: Hub) -> Iterator[Connection]:
    """A transaction that is rolled back: the station is shared."""
    try:
        with hub.database.write() as connection:
            yield connection
            raise _Back
    except _Back:
        pass


@pytest.mark.parametrize("attack", [change_page, swap_private_of_page, swap_private])
def test_what_was_not_signed_is_not_used(
    station: Station, office: SampleOffice, attack: Callable[[Scene], None]
) -> None:
    page = page_of(office, 0, 1)
    assert send(office, page)["verdict"] == "recorded"
    case = office.approved_case(3)
    office.push_all_recorded()
    hub = station.hub
    asked = [("unit", page.rows[0][0]), ("unit", case.unit), ("case", case.case), ("office", office.office)]
    with spoilt(hub) as connection:
        LedgerWorld(connection, office.office, hub.sealed).read(asked)
        scene = Scene(connection, office.office, hub.signer, "", 0, "", Random(1), hub.sealed)
        attack(scene)
        with pytest.raises(EnvironmentFault, match="record_damaged"):
            LedgerWorld(connection, office.office, hub.sealed).read(asked)
        found = list(differences(hub.sealed, connection, office.office))
        wanted = "private_value" if attack is swap_private else "register_page"
        assert wanted in {each.table for each in found}, found


def test_a_spoilt_page_closes_the_hub_to_its_units_and_nothing_is_recorded(
    station: Station, office: SampleOffice
) -> None:
    page = page_of(office, 0, 1)
    assert send(office, page)["verdict"] == "recorded"
    office.submit(office.file(page.rows[0][0], office.invented(0)))
    mine = register_page.c.office == office.office
    with station.hub.database.write() as connection:
        right = connection.execute(register_page.select().where(mine)).one().records
        connection.execute(update(register_page).where(mine).values(records=b"spoilt"))
    status, body = station.post("/api/v1/actions", office.batch(office.outbox))
    with station.hub.database.write() as connection:
        connection.execute(update(register_page).where(mine).values(records=right))
    assert (status, b"hub_unavailable" in body) == (503, True)
    office.push_all_recorded()


def test_delegations_are_compared_through_a_units_life(station: Station, manager: CertificateHolder) -> None:
    hub, office = station.hub, manager.office.office
    first = take(station, manager.named(1))
    manager.named(2)
    assert first

    def compare() -> list[tuple[str, str]]:
        with hub.database.read() as connection:
            return [(each.table, each.subject) for each in differences(hub.sealed, connection, office)]

    assert compare() == []
    for act in (suspend_certificates, void_certificates):
        in_office(manager, act, manager.approved.unit, "演练")
        assert compare() == []
    mine = delegation_view.c.office == office
    for spoil in (update(delegation_view).values(ended=False), delete(delegation_view)):
        with spoilt(hub) as connection:
            connection.execute(spoil.where(mine))
            found = [each.table for each in differences(hub.sealed, connection, office)]
            assert found == ["delegation_view", "delegation_view"]


@pytest.mark.parametrize("kind", [*VOIDING, "suspension", "resumption"])
def test_a_units_life_leaves_nothing_to_find(station: Station, office: SampleOffice, kind: str) -> None:
    held = hold(station, office)
    office.file(held.unit, held.approved.invented)  # an open case beside the one that is claimed
    for each in ("suspension", kind) if kind == "resumption" else (kind,):
        change(office, held, each)
    office.push_all_recorded()
    with station.hub.database.read() as connection:
        assert list(differences(station.hub.sealed, connection, office.office)) == []
