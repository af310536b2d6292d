"""What a change of a unit's life ends at the hub, in the transaction that records it.

Certificates of cases that have ended are void, with all that stands below them (:mod:`hub.facts`); codes and
tokens that could still become a certificate are dead. Codes that arrive later are refused by the same folds.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from core.clock import from_stamp
from core.records.model import Action
from core.records.states import CertificateState, Lifecycle, UnitState
from hub import tables
from hub.facts import void_certificates
from hub.ledger import Ledger
from hub.projections import project_case
from hub.setup import Hub

LOSS = "loss_reported"


def end_former(hub: Hub, connection: Connection, ledger: Ledger, unit: str) -> None:
    """Void what a unit's present era, or the report of a lost phone, has ended; once more changes nothing."""
    state = ledger.world.unit(unit)
    if state is None:
        return
    loss = _fresh_loss(ledger, state)
    if state.era:
        why = state.era_reason
        void_certificates(hub, connection, ledger, unit, why, lambda held: _ended(ledger, held.case))
    if loss is not None:
        found = loss

        def former(held: CertificateState) -> bool:
            return not _made_after(connection, ledger.office, held.jti, found)

        void_certificates(hub, connection, ledger, unit, LOSS, former)
    if not state.era and loss is None:
        return
    ledger.world.lookups.flush()
    view = tables.case_view
    rows = connection.execute(
        select(view.c.case).where(view.c.office == ledger.office, view.c.unit == unit)
    ).all()
    for row in rows:
        project_case(connection, ledger.world, row.case)
        _end_codes(connection, ledger, row.case, loss)


def _ended(ledger: Ledger, case_id: str) -> bool:
    case = ledger.world.case(case_id)
    return case is None or case.lifecycle is Lifecycle.ENDED


def _fresh_loss(ledger: Ledger, state: UnitState) -> Action | None:
    """Return the newest report of a lost phone if this transaction recorded it."""
    if not state.lost or not ledger.world.added(state.lost):
        return None
    entries = ledger.world.entries("unit", state.id)
    return next(entry.action for entry in entries if entry.hash == state.lost)


def _made_after(connection: Connection, office: str, jti: str, loss: Action) -> bool:
    """Tell whether a code was minted after the loss was reported: then the phone is the new one.

    On one desk its numbers say so; between desks only their clocks can.
    """
    codes = tables.claim_code
    row = connection.execute(select(codes).where(codes.c.office == office, codes.c.jti == jti)).one_or_none()
    if row is None:
        return False
    if (row.device, row.device_epoch) == (loss.device, loss.device_epoch):
        return bool(row.seq > loss.seq)
    return bool(row.issued_at > from_stamp(loss.at).timestamp())


def _end_codes(connection: Connection, ledger: Ledger, case_id: str, loss: Action | None) -> None:
    """Kill the open codes of a case that ended, or that were minted before a phone was lost."""
    case = ledger.world.case(case_id)
    if case is None or (case.lifecycle is not Lifecycle.ENDED and loss is None):
        return
    codes, office = tables.claim_code, ledger.office
    approvals = [
        entry.hash[:32]
        for entry in ledger.world.entries("case", case_id)
        if entry.action.kind.startswith("case_approved")
    ]
    rows = connection.execute(
        select(codes.c.jti).where(codes.c.office == office, codes.c.facts.in_(approvals))
    ).all()
    for row in rows:
        if case.lifecycle is not Lifecycle.ENDED and loss and _made_after(connection, office, row.jti, loss):
            continue
        ledger.world.lookups.void_code(office, row.jti)
        short = tables.short_code
        connection.execute(delete(short).where(short.c.office == office, short.c.jti == row.jti))
