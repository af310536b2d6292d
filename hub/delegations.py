"""Authorisations below a certificate (授权): granted, taken back, and never outliving what they hang on.

Everything here runs in the caller's transaction, under the office's lock. The rules are
core.records.delegations; the hub writes down what they let pass, as its own signed actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from core.clock import china_date, to_stamp
from core.errors import Refusal
from core.forms.matters import offered
from core.ids import new_id
from core.records.delegations import Wanted, below, judge_grant, judge_revoke, normal
from core.records.states import DelegationState
from hub.actors import Actor
from hub.after_batch import after_batch
from hub.delegation_settings import read_limits
from hub.delegation_tables import delegation_view
from hub.engine import insert_new
from hub.ledger import Ledger
from hub.own_actions import record_own
from hub.scenarios import known_matters
from hub.setup import Hub
from hub.status_lists import INVALID, SUSPENDED, VALID, Slot, set_status

REVOKED, ABOVE_REVOKED = "revoked", "grantor_revoked"
"""Reasons in the hub's actions: taken back by a person, and ended with what it hung on."""

_FOLLOWS = {
    "certificate_voided": "delegation_voided",
    "certificate_suspended": "delegation_suspended",
    "certificate_resumed": "delegation_resumed",
}
_STATUS = {
    "delegation_revoked": INVALID,
    "delegation_voided": INVALID,
    "delegation_suspended": SUSPENDED,
    "delegation_resumed": VALID,
}


def tree_of(connection: Connection, ledger: Ledger, certificate: str) -> dict[str, DelegationState]:
    """Return all delegations below a certificate, ended ones too, by id."""
    view = delegation_view
    rows = connection.execute(
        select(view.c.delegation).where(view.c.office == ledger.office, view.c.certificate == certificate)
    )
    names = [str(row.delegation) for row in rows]
    ledger.world.read([("delegation", name) for name in names])
    states = (ledger.world.delegation(name) for name in names)
    return {state.id: state for state in states if state is not None}


def grant(hub: Hub, connection: Connection, ledger: Ledger, actor: Actor, wanted: Wanted) -> str:
    """Record that somebody is authorised; returns the delegation's id. Raises ``Refusal``."""
    wanted = normal(wanted)
    day = china_date(hub.clock())
    known = tree_of(connection, ledger, actor.certificate)
    listed = offered(known_matters(connection))
    judge_grant(wanted, actor.grantor, known.values(), read_limits(connection), day, listed)
    return record_grant(hub, connection, ledger, actor, wanted)


def record_grant(hub: Hub, connection: Connection, ledger: Ledger, actor: Actor, wanted: Wanted) -> str:
    """Record a grant that the rules let pass; returns the delegation's id."""
    delegation = new_id(hub.random)
    public = {
        "unit": actor.unit,
        "certificate": actor.certificate,
        "parent": actor.delegation,
        "role": wanted.role,
        "matters": list(wanted.matters),
        "valid_from": wanted.valid_from,
        "valid_to": wanted.valid_to,
        "representative_no": actor.representative_no,
    }
    personal = {"name": wanted.name, "id_number": wanted.id_number}
    record_own(hub, connection, ledger, delegation, "delegation_granted", public, personal)
    row = {
        "office": ledger.office,
        "delegation": delegation,
        "certificate": actor.certificate,
        "ended": False,
        "list": None,
        "slot": None,
    }
    insert_new(connection, delegation_view, row)
    after_batch(hub, connection, ledger, ledger.office)
    return delegation


def record_claimed(
    hub: Hub, connection: Connection, ledger: Ledger, delegation: str, slot: Slot, ends: datetime
) -> None:
    """Record that a phone holds the delegation, with its place in the status lists."""
    public = {"issued_at": hub.stamp(), "expires_at": to_stamp(ends), "status_index": slot.index}
    record_own(hub, connection, ledger, delegation, "delegation_claimed", public)
    view = delegation_view
    place = (view.c.office == ledger.office, view.c.delegation == delegation)
    connection.execute(update(view).where(*place).values(list=slot.list, slot=slot.slot))


def revoke(hub: Hub, connection: Connection, ledger: Ledger, actor: Actor, delegation: str) -> int:
    """Take an authorisation back and end all below it; returns how many ended. Raises ``Refusal``."""
    states = tree_of(connection, ledger, actor.certificate)
    target = states.get(delegation)
    if target is None:
        raise Refusal("delegation_unknown")
    judge_revoke(actor.delegation, target, states)
    by = actor.delegation or actor.certificate
    _change(hub, connection, ledger, [target], "delegation_revoked", {"reason": REVOKED, "by": by})
    hanging = [state for state in below(states, delegation) if not state.ended]
    _change(hub, connection, ledger, hanging, "delegation_voided", {"reason": ABOVE_REVOKED})
    after_batch(hub, connection, ledger, ledger.office)
    return 1 + len(hanging)


def follow_certificate(
    hub: Hub, connection: Connection, ledger: Ledger, certificate: str, kind: str, why: str
) -> int:
    """Do to everything below a certificate what was just done to it; returns to how many.

    ``kind`` is the certificate's action. The caller's transaction and its :func:`after_batch`.
    """
    follows = _FOLLOWS[kind]
    concerned = [
        state
        for state in _standing_below(connection, ledger, certificate)
        if follows == "delegation_voided" or state.suspended is (follows == "delegation_resumed")
    ]
    _change(hub, connection, ledger, concerned, follows, {"reason": why})
    return len(concerned)


def _standing_below(connection: Connection, ledger: Ledger, certificate: str) -> Iterable[DelegationState]:
    states = tree_of(connection, ledger, certificate)
    return [state for state in states.values() if not state.ended]


def _change(
    hub: Hub,
    connection: Connection,
    ledger: Ledger,
    states: Iterable[DelegationState],
    kind: str,
    public: Mapping[str, Any],
) -> None:
    view = delegation_view
    for state in states:
        record_own(hub, connection, ledger, state.id, kind, public)
        place = (view.c.office == ledger.office, view.c.delegation == state.id)
        if _STATUS[kind] == INVALID:
            connection.execute(update(view).where(*place).values(ended=True))
        if state.status_index is not None:
            set_status(connection, Slot.at(state.status_index), _STATUS[kind])
