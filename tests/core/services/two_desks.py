"""Two desks of one office and a real hub on a database of its own, without sockets. All data is invented."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.keys.sealing import new_exchange_key
from core.records.model import Entry
from core.services import sync
from core.services.conflicts import open_items
from core.services.offices import device_record, enrol, enrolment_request
from core.services.recording import record
from core.services.session import DeviceKeys, Folder, Session
from core.store.unit_of_work import Store
from hub.setup import Hub, init
from hub.world import LedgerWorld
from tests.contract.fake_hub import ISSUER, PostedHub
from tests.contract.test_real_hub import Asgi
from tests.core.services.office_kit import OfficeKit, SeededRandom, open_kit

DESKS = ("here", "there")


@dataclass(repr=False)
class TwoDesks:
    """``here`` and ``there`` are offices' kits on folders of their own; ``hub`` is the real one."""

    here: OfficeKit
    there: OfficeKit
    hub: Hub
    wire: PostedHub

    def kit(self, name: str) -> OfficeKit:
        """Return the kit of a desk by its name."""
        return self.here if name == "here" else self.there

    def sync(self, *names: str) -> list[tuple[str, str]]:
        """Let desks run a cycle, in this order; return what was refused."""
        refused: list[tuple[str, str]] = []
        for name in names:
            with self.kit(name).sit("both") as session:
                refused += sync.sync(session, self.wire).rejected
        return refused

    def settle_down(self) -> None:
        """Sync until nobody has anything new to say."""
        self.sync(*DESKS, *DESKS)

    def in_order(self) -> None:
        """Fail unless nothing is open or pending, and both desks hold what the hub holds, and no more."""
        recorded = self.recorded()
        for name in DESKS:
            with self.kit(name).sit("both") as session:
                assert open_items(session) == ()
                status = sync.status(session)
                assert (status.pending, status.open_refusals) == (0, 0)
                with session.read() as uow:
                    assert {line.delivery for line in uow.lists.cases()} <= {"recorded"}
                    assert {line.delivery for line in uow.lists.units()} <= {"recorded"}
                    for (kind, subject), entries in recorded.items():
                        ours = uow.ledger.entries(kind, subject)
                        assert [entry.hash for entry in ours] == [entry.hash for entry in entries]
                        assert [entry.values() for entry in ours] == [entry.values() for entry in entries]

    def recorded(self) -> dict[tuple[str, str], list[Entry]]:
        """Return all that the hub has recorded, by subject."""
        from sqlalchemy import select

        from hub import tables

        with self.hub.database.read() as connection:
            rows = connection.execute(
                select(tables.action.c.office, tables.action.c.subject_kind, tables.action.c.subject)
            ).all()
            found: dict[tuple[str, str], list[Entry]] = {}
            for office, kind, subject in set(rows):
                world = LedgerWorld(connection, office, self.hub.sealed)
                found[kind, subject] = world.entries(kind, subject)
            return found


def _set_device(kit: OfficeKit, device: DeviceKeys) -> None:
    key = kit.unlocked["admin"].data_key
    store = Store(kit.folder.database, key, kit.ports.clock, kit.ports.random, kit.folder.backups)
    try:
        with store.begin() as uow:
            uow.set_meta("device", device.to_json())
    finally:
        store.close()


@contextmanager
def two_desks(place: Path) -> Iterator[TwoDesks]:
    """An enrolled office; its second desk was added by the administrator at the first."""
    here = open_kit(place, "here")
    hub = init(
        f"sqlite:///{place / 'hub.db'}",
        ISSUER,
        place / "root.pem",
        b"k" * 32,
        True,
        here.clock,
        SeededRandom("hub"),
    )
    asgi = Asgi(hub)
    wire = PostedHub(asgi.post)
    secret, public = new_exchange_key(SeededRandom("there's exchange"))
    device = DeviceKeys("there-desk", 1, SeededRandom("there's key")(32), secret, public)
    try:
        with here.sit("admin") as admin:
            enrol(admin, wire)
            asgi.accept(enrolment_request(admin))
            assert enrol(admin, wire) is not None
            with admin.begin() as uow:
                record(admin, uow, "office", admin.office, "device_added", device_record(device))
            sync.sync(admin, wire)
        shutil.copytree(here.folder.root, place / "there")
        there = replace(
            here,
            folder=Folder(place / "there"),
            ports=replace(here.ports, random=SeededRandom("there")),
            sessions=[],
        )
        _set_device(there, device)
        pair = TwoDesks(here, there, hub, wire)
        yield pair
    finally:
        here.close()
        hub.database.close()


def effective(session: Session, kind: str, subject: str) -> list[Any]:
    """Return the kinds of a subject's effective actions."""
    with session.read() as uow:
        return [entry.action.kind for entry in uow.ledger.entries(kind, subject)]
