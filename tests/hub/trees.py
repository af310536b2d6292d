"""Certificates and what hangs below them, made by the hub's own functions: no phones, many at once."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sqlalchemy import Connection

from core.clock import to_stamp
from core.ids import new_id
from core.records.delegations import Grantor, Wanted
from core.rehearsal.people import Person
from hub.actors import Actor
from hub.delegations import record_claimed, record_grant
from hub.facts import record_issued
from hub.ledger import Ledger
from hub.setup import Hub
from hub.status_lists import Slot, take_slot


def issue(
    hub: Hub, connection: Connection, ledger: Ledger, unit: str, case: str = "", approval: str = "a" * 64
) -> tuple[Actor, Slot]:
    """Record a certificate of a unit; returns who holds it."""
    slot = take_slot(connection, hub.random)
    public = {
        "case": case or new_id(hub.random),
        "unit": unit,
        "jti": hub.random(12).hex(),
        "approval": approval,
        "representative_no": 1,
        "issued_at": to_stamp(hub.clock()),
        "expires_at": to_stamp(hub.clock() + timedelta(days=1800)),
        "status_index": slot.index,
    }
    certificate = record_issued(hub, connection, ledger, slot, public)
    return Actor(ledger.office, unit, certificate, "", 1, Grantor("", "", ("*",), "", "")), slot


def under(actor: Actor, delegation: str) -> Actor:
    """The same for somebody authorised."""
    grantor = Grantor("manager", delegation, ("*",), "", "")
    return Actor(actor.office, actor.unit, actor.certificate, delegation, 1, grantor)


def authorise(
    hub: Hub,
    connection: Connection,
    ledger: Ledger,
    actor: Actor,
    person: Person,
    role: str,
    *,
    claimed: bool = True,
    matters: tuple[str, ...] = ("*",),
) -> tuple[str, Slot | None]:
    """Record a grant for a year and, if wished, its claim; the rules are tested elsewhere."""
    day = hub.clock().date()
    period = (day.isoformat(), (day + timedelta(days=364)).isoformat())
    wanted = Wanted(role, person.name, person.id_number, matters, *period)
    delegation = record_grant(hub, connection, ledger, actor, wanted)
    if not claimed:
        return delegation, None
    slot = take_slot(connection, hub.random)
    record_claimed(hub, connection, ledger, delegation, slot, hub.clock() + timedelta(days=364))
    return delegation, slot


def grow(
    hub: Hub, connection: Connection, ledger: Ledger, unit: str, people: list[Person], random: Random
) -> dict[Slot, Slot]:
    """Issue a certificate with one delegation a person, in a random tree; returns own place → place above."""
    holder, top = issue(hub, connection, ledger, unit)
    managers: list[tuple[Actor, Slot]] = [(holder, top)]
    places: dict[Slot, Slot] = {}
    for person in people:
        actor, above = random.choice(managers)
        role = "manager" if random.random() < 0.3 else "user"
        delegation, slot = authorise(
            hub, connection, ledger, actor, person, role, claimed=random.random() < 0.9
        )
        if slot is not None:
            places[slot] = above
            if role == "manager":
                managers.append((under(holder, delegation), slot))
    return places
