"""What must hold of desks and hub after every step, and when all has come to rest (store-sync.md section 4).

Read from the databases themselves, past the program's own readers where that is possible. A breach names
its invariant:

(a) an action is exactly one of waiting, recorded, refused; nothing that a desk has acknowledged is lost;
(b) recorded once, in any sense; (c) on the version just before it; (d) no gap in the feed;
(e) the cursor is never ahead of the data, and in the end all hold the same;
(f) counts and roots of the log agree; (h) a halt has a cause; (o) an old copy is never let in unseen;
(w) what was refused is visible as work.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.services import audit
from core.services.conflicts import open_items
from core.services.session import Session
from core.store.unit_of_work import UnitOfWork
from core.sync.comparing import edge_of
from core.sync.desk import FORKS, feed_cursor, find_halt
from core.tlog.entry import entry_leaf
from core.tlog.merkle import CompactRange
from hub import tables
from hub.log_tables import log_tree
from tests.stateful.sync_world import Broken, Desk, World


def hold(letter: str, true: object, what: str) -> None:
    """Raise :class:`Broken` unless ``true``."""
    if not true:
        raise Broken(letter, what)


@dataclass(frozen=True)
class Held:
    """One action at a desk, and what this desk knows of its fate."""

    device: str
    kind: str
    verdict: str | None
    position: int | None


class HubBook:
    """The hub's record as it was seen to grow."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.hashes: list[str] = []
        self.at: list[str] = []
        self.rejected: dict[str, str] = {}
        self.roots = [CompactRange().root()]
        self.versions: dict[tuple[str, str], list[str]] = {}
        self.epochs: dict[str, int] = {}
        self._seen: set[tuple[Any, ...]] = set()
        self._edge = CompactRange()

    def look(self) -> None:
        """Read the hub's rows and hold them against what they were."""
        office, table = self._world.template.office, tables.action
        with self._world.hub.database.read() as connection:
            rows = connection.execute(
                select(table.c.position, table.c.hash, table.c.recorded_at, table.c.body)
                .where(table.c.office == office)
                .order_by(table.c.position)
            ).all()
            rejected = connection.execute(
                select(tables.rejection.c.hash, tables.rejection.c.code).where(
                    tables.rejection.c.office == office
                )
            ).all()
            counter = select(tables.feed_counter.c.last).where(tables.feed_counter.c.office == office)
            last = connection.execute(counter).scalar_one()
            tree = connection.execute(select(log_tree).where(log_tree.c.office == office)).one()
            devices = select(tables.device.c.device, tables.device.c.epoch).where(
                tables.device.c.office == office
            )
            self.epochs = {row.device: int(row.epoch) for row in connection.execute(devices)}
        count = len(self.hashes)
        before = list(zip(self.hashes, self.at, strict=True))
        hold("a", [(row.hash, row.recorded_at) for row in rows[:count]] == before, "the hub's record changed")
        for row in rows[count:]:
            self._add(row)
        places = [row.position for row in rows]
        hold("d", places == list(range(1, len(rows) + 1)) and last == len(rows), f"gap: {places} {last}")
        now = {row.hash: row.code for row in rejected}
        hold("a", self.rejected.items() <= now.items(), "the hub forgot a refusal")
        hold("a", not now.keys() & set(self.hashes), "recorded and refused at the hub")
        self.rejected = now
        root = CompactRange.from_text(tree.edge).root()
        hold("f", (tree.size, root) == (len(rows), self.roots[-1]), "the hub's log is not its record")

    def _add(self, row: Any) -> None:
        body = json.loads(row.body)
        subject = (body["subject_kind"], body["subject"])
        versions = self.versions.setdefault(subject, [])
        hold("c", body["base_version"] == len(versions), f"{body['kind']} was recorded on another version")
        versions.append(row.hash)
        for name in ((row.hash,), ("id", body["id"]), (body["device"], body["device_epoch"], body["seq"])):
            hold("b", name not in self._seen, f"twice at the hub: {name}")
            self._seen.add(name)
        self.hashes.append(row.hash)
        self.at.append(row.recorded_at)
        self._edge.append(entry_leaf(row.recorded_at, row.hash))
        self.roots.append(self._edge.root())


class Books:
    """What is known of every desk and the hub; :meth:`look` holds a desk against it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hub = HubBook(world)
        self.branched: set[str] = set()
        """Devices of which there may be another copy, or of whose past something is missing."""
        self._held: dict[str, dict[str, Held]] = {}

    def forget(self, desk: Desk) -> None:
        """This desk's disk was replaced: what it holds is another story now."""
        self._held.pop(desk.name, None)

    def look(self, desk: Desk) -> None:
        """Check one desk against the hub as it was last seen."""
        session = desk.sit()
        with session.read() as uow:
            held = _read(uow)
            self._same_as_before(desk, held)
            self._same_as_hub(session, held)
            self._cursor(uow, held)
            self._halt(session, uow)
            unsettled = _unsettled(uow, held)
        self._held[desk.name] = held
        if unsettled:
            shown = {deed.hash for item in open_items(session) for deed in item.mine}
            hold("w", unsettled <= shown, f"refused and shown to nobody: {unsettled - shown}")

    def _same_as_before(self, desk: Desk, held: dict[str, Held]) -> None:
        for name, before in self._held.get(desk.name, {}).items():
            now = held.get(name)
            hold("a", now is not None, f"{before.kind} is gone from {desk.name}")
            hold("a", before.verdict is None or now == before, f"another fate at {desk.name}: {before} {now}")

    def _same_as_hub(self, session: Session, held: dict[str, Held]) -> None:
        hashes = self.hub.hashes
        places = {name: at for at, name in enumerate(hashes, 1)}
        for name, each in held.items():
            if each.verdict == "recorded":
                hold("a", places.get(name) == each.position, f"{each} is not at the hub")
            elif each.verdict == "rejected":
                hold("a", name not in places, f"recorded at the hub, refused here: {each}")
            else:
                hold("a", each.device == session.device.id, f"another desk's, without a receipt: {each}")

    def _cursor(self, uow: UnitOfWork, held: dict[str, Held]) -> None:
        cursor = feed_cursor(uow)
        hold("e", cursor <= len(self.hub.hashes), "the cursor is beyond the feed")
        for at, name in enumerate(self.hub.hashes[:cursor], 1):
            each = held.get(name)
            hold("e", each is not None and each.position == at, f"position {at}: below the cursor, not here")
        edge = edge_of(uow)
        hold("f", edge is None or edge.root() == self.hub.roots[edge.size], "another root at this desk")

    def _halt(self, session: Session, uow: UnitOfWork) -> None:
        halt = find_halt(uow)
        if halt is not None:
            known = halt.code in FORKS and session.device.id in self.branched
            hold("h", known, f"{halt.code} {halt.params} without a cause")

    # --- at rest --------------------------------------------------------------------------------

    def at_rest(self, desk: Desk) -> None:
        """Check that a desk holds what the hub holds, and that nothing is open."""
        self.look(desk)
        session = desk.sit()
        with session.read() as uow:
            held, cursor, edge = _read(uow), feed_cursor(uow), edge_of(uow)
            count, unsettled = uow.ledger.count_recorded(), _unsettled(uow, held)
        waiting = [each for each in held.values() if each.verdict is None]
        hold("a", not waiting, f"still waiting at {desk.name}: {waiting}")
        recorded = {name for name, each in held.items() if each.verdict == "recorded"}
        hold("e", recorded == set(self.hub.hashes), f"{desk.name} holds something else")
        hold("f", cursor == count == len(self.hub.hashes), "counts differ")
        hold("f", edge is not None and edge.root() == self.hub.roots[-1], "roots differ")
        hold("w", not unsettled, "something is open still")

    def lost_and_doubled(self, desks: list[Desk]) -> tuple[int, int]:
        """Count actions that are neither at the hub nor refused and known, and those that are there twice."""
        there, refused, made = set(self.hub.hashes), set[str](), set[str]()
        for desk in desks:
            with desk.sit().read() as uow:
                held = _read(uow)
            made |= set(held)
            refused |= {name for name, each in held.items() if each.verdict == "rejected"}
        return len(made - there - refused), len(self.hub.hashes) - len(there)

    def by_the_program(self, desk: Desk) -> None:
        """Check the same by the program's own readers: folds, lists made anew, signatures, chains."""
        session = desk.sit()
        with session.read() as uow:
            for (kind, subject), versions in self.hub.versions.items():
                ours = [entry.hash for entry in uow.ledger.entries(kind, subject)]  # type: ignore[arg-type]
                hold("e", ours == versions, f"{kind} {subject} differs at {desk.name}")
        hold("w", not open_items(session), "something is open still")
        audit.check_rebuild(session)
        audit.verify_record(session)


def _read(uow: UnitOfWork) -> dict[str, Held]:
    rows = uow.connection.exec_driver_sql(
        "SELECT a.hash, a.device, a.kind, r.verdict, r.position FROM action a"
        " LEFT JOIN receipt r ON r.hash = a.hash"
    )
    return {row[0]: Held(*row[1:]) for row in rows}


def _unsettled(uow: UnitOfWork, held: dict[str, Held]) -> set[str]:
    """Return what was refused and named by no settlement that stands or waits."""
    refused = {
        name for name, each in held.items() if each.verdict == "rejected" and each.kind != "refusal_settled"
    }
    if not refused:
        return refused
    bodies = uow.connection.exec_driver_sql("SELECT hash, body FROM action WHERE kind = 'refusal_settled'")
    for name, body in bodies:
        if held[name].verdict != "rejected":
            refused -= set(json.loads(body)["public"]["refused"])
    return refused
