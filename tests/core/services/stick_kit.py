"""An office, a hub and a stick between them, as a world that can be copied with everything in it."""

from __future__ import annotations

import copy
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.services import applications, stick, units
from core.services.session import Folder, Ports
from core.services.stick import StickReport
from hub import stick as at_hub
from hub import tables
from hub.claim_checks import Facts
from hub.engine import lock_office
from hub.issuing import issue_certificate
from hub.ledger import Ledger
from hub.scan_tables import scan, scan_part
from hub.setup import open_hub
from tests.core.services.office_kit import OfficeKit, SeededRandom, open_kit
from tests.core.services.real_hub import KEY, RealHub, lost, open_real_hub
from tests.hub.wallet import new_holder_key


@dataclass
class World:
    """One office whose line is dead, its hub, and one stick."""

    place: Path
    kit: OfficeKit
    real: RealHub
    usb: Path

    # --- what people do -----------------------------------------------------------------------

    def export(self, usb: Path | None = None) -> StickReport:
        """At the desk: write the stick."""
        with self.kit.sit("clerk") as clerk:
            return stick.export_stick(clerk, usb or self.usb)

    def at_hub(self, usb: Path | None = None) -> StickReport:
        """At the hub: take the stick in and write the answers."""
        return at_hub.import_stick(self.real.hub, usb or self.usb)

    def take(self, usb: Path | None = None) -> StickReport:
        """At the desk: take the answers in."""
        with self.kit.sit("clerk") as clerk:
            return stick.import_stick(clerk, usb or self.usb)

    def carry(self, usb: Path | None = None) -> tuple[StickReport, StickReport, StickReport]:
        """There and back."""
        return self.export(usb), self.at_hub(usb), self.take(usb)

    def issue(self, case: str) -> None:
        """A phone claims the case's certificate."""
        office = self.office
        with self.real.hub.database.write() as connection:
            lock_office(connection, office)
            ledger = Ledger(self.real.hub, connection, office)
            state = ledger.world.case(case)
            assert state is not None and state.approval is not None
            unit = ledger.world.unit(state.unit)
            assert unit is not None
            key = {name: str(value) for name, value in new_holder_key().items() if name != "d"}
            facts = Facts(state, unit, state.approval)
            issue_certificate(self.real.hub, connection, ledger, facts, "ab" * 12, key)

    @property
    def office(self) -> str:
        """The office's id."""
        with self.kit.sit("clerk") as clerk:
            return clerk.office

    # --- what is there ------------------------------------------------------------------------

    def files(self, way: str = "*") -> list[Path]:
        """The stick's files, in order."""
        return sorted(path for path in self.usb.rglob("*.cds") if way in ("*", path.parent.name))

    def hub_holds(self) -> dict[str, Any]:
        """Everything about actions, refusals, scans and desks that the hub holds."""
        state: dict[str, Any] = {}
        held = (
            tables.action, tables.rejection, tables.private_value, tables.chain_head,
            tables.device, tables.alarm, scan,
        )  # fmt: skip
        with self.real.hub.database.read() as connection:
            for table in held:
                query = select(table).order_by(*table.primary_key)
                state[table.name] = [tuple(row) for row in connection.execute(query)]
            parts = select(scan_part.c.scan, scan_part.c.start).order_by(scan_part.c.scan, scan_part.c.start)
            state["parts"] = [tuple(row) for row in connection.execute(parts)]
        return state

    def desk_holds(self) -> dict[str, Any]:
        """The record at the desk with its receipts, its place in the feed, its scans, its clock."""
        with self.kit.sit("clerk") as clerk, clerk.read() as uow:
            ask = uow.connection.exec_driver_sql
            names = ("feed_cursor", "log_edge", "halt", "hub_offset", "revoked_devices", "certificate")
            return {
                "actions": [tuple(row) for row in ask("SELECT hash FROM action ORDER BY hash")],
                "receipts": [tuple(row) for row in ask("SELECT * FROM receipt ORDER BY hash")],
                "scans": [tuple(row) for row in ask("SELECT scan, state FROM scan_transfer ORDER BY scan")],
                **{name: uow.find_meta(name) for name in names},
            }

    def assert_same(self) -> None:
        """Each action of the desk is recorded at the hub, or refused and known to be; and back."""
        with self.kit.sit("clerk") as clerk, clerk.read() as uow:
            ask = uow.connection.exec_driver_sql
            ours = {row[0] for row in ask("SELECT hash FROM action")}
            said = {row[0]: row[1] for row in ask("SELECT hash, verdict FROM receipt")}
        state, office = self.hub_holds(), self.office
        state = {name: [row for row in state[name] if row[0] == office] for name in ("action", "rejection")}
        recorded = {row[1] for row in state["action"]}
        assert ours == set(said)
        assert {name for name, verdict in said.items() if verdict == "recorded"} == recorded
        refused = {name for name, verdict in said.items() if verdict == "rejected"}
        assert refused <= {row[1] for row in state["rejection"]}
        positions = [row[3] for row in state["action"]]
        assert sorted(positions) == list(range(1, len(positions) + 1))

    # --- copies -------------------------------------------------------------------------------

    def copy(self, place: Path) -> World:
        """The same world once more, from here on by itself."""
        shutil.copytree(self.place, place)
        clock = copy.deepcopy(self.kit.clock)
        ports = Ports(clock, SeededRandom(str(place)))
        kit = replace(self.kit, folder=Folder(place / "office"), clock=clock, ports=ports, sessions=[])
        url = f"sqlite:///{place / 'hub.db'}"
        hub = open_hub(url, KEY, clock, SeededRandom(f"hub {place}"))
        return World(place, kit, RealHub(hub, url, lost), place / "usb")

    def close(self) -> None:
        """Let go of everything."""
        self.kit.close()
        self.real.close()


def make_world(place: Path) -> World:
    """An enrolled office with nothing sent yet."""
    kit = open_kit(place)
    real = open_real_hub(place, kit)
    real.enrol(kit)
    real.wire = lost
    (place / "usb").mkdir()
    return World(place, kit, real, place / "usb")


def personal_values(kit: OfficeKit) -> list[str]:
    """Every name, number and code that the desk knows of anybody."""
    found: set[str] = set()
    with kit.sit("clerk") as clerk, clerk.read() as uow:
        for line in uow.lists.cases():
            view = applications.get_case(clerk, line.case)
            found |= {value for name, value in view.case.values.items() if name.endswith(("_id", "_mobile"))}
            found |= {value for name, value in view.case.values.items() if name.endswith("_name")}
            found |= {units.get_unit(clerk, view.case.unit).values["uscc"]}
        found |= {person.name for person in clerk.office_state(uow).people.values()}
    return sorted(value for value in found if len(value) > 1)
