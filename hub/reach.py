"""How far a voiding has reached: who holds an older status list, and until when they may go by it.

Online answers change with the commit. Whoever was given a list or a bundle may still find *valid* in it
until it expires; after that every verifier of ours says *unknown*. Lists that anybody may fetch are not
counted: their own lifetime bounds them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select, update

from core.clock import from_stamp
from hub import tables
from hub.engine import insert_new
from hub.parties import party_names
from hub.party_tables import holding
from hub.setup import Hub
from hub.status_lists import LIFETIME
from hub.tables import PROVINCE
from hub.world import LedgerWorld

DESK, PARTY, FILE = "desk", "party", "file"
"""Kinds of holders: a desk by its device id, a department by its id, a file that an operator wrote out."""

LOOK_BACK: Final = 72 * 3600
"""Seconds that the longest bundle lives: older voidings have reached everybody."""
MOST_UNITS: Final = 200
_ENDED = ("certificate_voided", "certificate_suspended")


@dataclass(frozen=True)
class Holding:
    """A list as one holder has it. Times are seconds since 1970 UTC; ``name`` as people know the holder."""

    kind: str
    holder: str
    name: str
    as_of: int
    expires_at: int


@dataclass(frozen=True)
class Reach:
    """When a voiding is known everywhere.

    ``public_until``: the last public list from before it has expired; ``by``: every list has. ``holders``
    are those that still hold an older one, the longest first.
    """

    ended_at: int
    public_until: int
    by: int
    holders: tuple[Holding, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as it travels to a desk."""
        return {
            "ended_at": self.ended_at,
            "public_until": self.public_until,
            "by": self.by,
            "holders": [vars(each) for each in self.holders],
        }


def note_holding(connection: Connection, holder_kind: str, holder: str, as_of: int, expires_at: int) -> None:
    """Note that a desk or a department was given a list of ``as_of`` that expires at ``expires_at``.

    The newest counts: our verifiers refuse a list older than one they have seen.
    """
    key = {"office": PROVINCE, "holder_kind": holder_kind, "holder": holder}
    values = {"as_of": as_of, "expires_at": expires_at}
    if insert_new(connection, holding, {**key, **values}):
        return
    mine = [holding.c[name] == value for name, value in key.items()]
    connection.execute(update(holding).where(*mine, holding.c.as_of <= as_of).values(**values))


def note_file(connection: Connection, party: str, text: str, as_of: int, expires_at: int) -> None:
    """Note that a bundle was written to a file, for a department or for nobody named (``""``).

    Each file counts until it ends, whatever its reader fetches later: it may be used on another computer.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    note_holding(connection, FILE, f"{party}:{digest}", as_of, expires_at)


def reach_of(connection: Connection, ended_at: int, now: int) -> Reach:
    """Return how far what ended at ``ended_at`` has reached at ``now`` (seconds)."""
    older = select(holding).where(
        holding.c.office == PROVINCE, holding.c.as_of <= ended_at, holding.c.expires_at > max(now, ended_at)
    )
    rows = connection.execute(older.order_by(holding.c.expires_at.desc(), holding.c.holder)).all()
    names = _names(connection, rows)
    holders = tuple(
        Holding(
            row.holder_kind,
            row.holder,
            names.get((row.holder_kind, row.holder), ""),
            int(row.as_of),
            int(row.expires_at),
        )
        for row in rows
    )
    public = ended_at + LIFETIME
    return Reach(ended_at, public, max([public, *(each.expires_at for each in holders)]), holders)


def _names(connection: Connection, rows: Iterable[Any]) -> dict[tuple[str, str], str]:
    kinds = {row.holder_kind for row in rows}
    found: dict[tuple[str, str], str] = {}
    if kinds & {PARTY, FILE}:
        parties = {id: profile.name for id, profile in party_names(connection).items()}
        found |= {(PARTY, id): name for id, name in parties.items()}
        files = [row.holder for row in rows if row.holder_kind == FILE]
        found |= {(FILE, each): parties.get(each.rpartition(":")[0], "") for each in files}
    if DESK in kinds:
        device, office = tables.device, tables.office
        desks = select(device.c.device, device.c.kid, office.c.name).join(
            office, office.c.office == device.c.office
        )
        found |= {(DESK, row.device): f"{row.name} {row.kid}" for row in connection.execute(desks)}
    return found


def ended_units(
    hub: Hub, connection: Connection, office: str, unit: str | None = None
) -> list[tuple[str, int]]:
    """Return the office's units whose certificate was voided or suspended lately, and when, newest first.

    ``unit``: only this one, however long ago.
    """
    action, view = tables.action, tables.certificate_view
    query = (
        select(view.c.unit, action.c.recorded_at)
        .join(view, (view.c.office == action.c.office) & (view.c.certificate == action.c.subject))
        .where(action.c.office == office, action.c.subject_kind == "certificate", action.c.kind.in_(_ENDED))
        .order_by(action.c.recorded_at.desc())
    )
    if unit is not None:
        query = query.where(view.c.unit == unit)
    oldest = 0 if unit is not None else hub.now() - LOOK_BACK
    found: dict[str, int] = {}
    for row in connection.execute(query.limit(MOST_UNITS * 4)):
        moment = int(from_stamp(row.recorded_at).timestamp())
        if moment >= oldest:
            found.setdefault(str(row.unit), moment)
    return list(found.items())[:MOST_UNITS]


def unit_names(hub: Hub, connection: Connection, office: str, units: Iterable[str]) -> dict[str, str]:
    """Return the names of these units of an office."""
    world, wanted = LedgerWorld(connection, office, hub.sealed), list(units)
    world.read(("unit", unit) for unit in wanted)
    states = {unit: world.unit(unit) for unit in wanted}
    return {unit: state.values.get("name", "") if state else "" for unit, state in states.items()}
