"""A signed change ahead of everything older: what stands is suspended at once, in this very request.

A desk's chain cannot be taken out of order, and an outbox may be long. So the desk sends the voiding actions
by themselves first; the hub checks whose signature, role, desk and unit they are and suspends, as for a claim
code that names a newer representative (:mod:`hub.suspensions`). When the chain has come that far, the facts
void for good, or lift what turned out unfounded. Until then nothing is issued for the unit.
"""

from __future__ import annotations

from sqlalchemy import Connection

from core.clock import from_stamp
from core.errors import Refusal
from core.records.changes import URGENT_EFFECTS
from core.records.model import SignedAction
from core.records.people import Role
from core.sync.envelope import read_item
from hub import chain
from hub.after_batch import after_batch
from hub.desk_handler import Payload, Request
from hub.desks import find_desk
from hub.engine import insert_new, lock_office
from hub.facts import suspend_certificates
from hub.ledger import FUTURE_SECONDS, Ledger
from hub.suspension_tables import suspension

MOST = 50
AHEAD = "change_announced"
"""Reason in the hub's own actions."""


def take_urgent(request: Request) -> Payload:
    """Answer ``urgent``: ``ahead`` are the hashes that the hub acts on; what has no effect is left out.

    Raises ``Refusal`` envelope_malformed, batch_too_large, device_revoked.
    """
    items = request.payload.get("actions")
    if not isinstance(items, list):
        raise Refusal("envelope_malformed")
    if len(items) > MOST:
        raise Refusal("batch_too_large", limit=MOST)
    actions = [read_item(item)[0] for item in items]
    hub, office = request.hub, request.desk.office
    with hub.database.write() as connection:
        lock_office(connection, office)
        desk = find_desk(connection, office, request.desk.device)
        if desk is None or desk.revoked_at is not None:
            raise Refusal("device_revoked")
        ledger = Ledger(hub, connection, office)
        ahead = [each for each in actions if _believed(request, connection, ledger, each)]
        for signed in ahead:
            _suspend(request, connection, ledger, signed)
        if ahead:
            after_batch(hub, connection, ledger, office)
    return {"type": "urgent", "ahead": [each.hash for each in ahead]}


def _believed(request: Request, connection: Connection, ledger: Ledger, signed: SignedAction) -> bool:
    """Tell whether an action is this desk's, not recorded yet, and signed by a reviewer of the office."""
    action = signed.action
    if (action.office, action.device) != (ledger.office, request.desk.device):
        return False
    if action.kind not in URGENT_EFFECTS or action.subject_kind != "unit":
        return False
    if not chain.is_name(action.subject) or ledger.world.unit(action.subject) is None:
        return False
    seq, _ = chain.head(connection, action.office, action.device, action.device_epoch)
    if action.seq <= seq or action.device_epoch < request.desk.epoch:
        return False
    office = ledger.world.office()
    person = office.person(action.person) if office else None
    if person is None or not person.active or Role.REVIEWER not in person.roles:
        return False
    try:
        ahead = (from_stamp(action.at) - request.hub.clock()).total_seconds()
    except (ValueError, OverflowError):
        return False
    known = signed.algorithm == person.algorithm and signed.verify(person.public_key)
    return known and ahead <= FUTURE_SECONDS


def _suspend(request: Request, connection: Connection, ledger: Ledger, signed: SignedAction) -> None:
    action = signed.action
    row = {
        "office": action.office,
        "jti": signed.hash[:24],
        "unit": action.subject,
        "device": action.device,
        "device_epoch": action.device_epoch,
        "seq": action.seq,
        "representative_no": 0,
        "ahead": True,
        "at": request.hub.stamp(),
    }
    if insert_new(connection, suspension, row):
        suspend_certificates(request.hub, connection, ledger, action.subject, AHEAD)
