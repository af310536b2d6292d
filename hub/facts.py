"""What the hub itself makes happen to certificates, as signed actions down the feed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select, update

from core.ids import new_id
from core.records.fold_certificate import fold_certificate
from core.records.states import CertificateState
from hub import tables
from hub.after_batch import after_batch
from hub.delegations import follow_certificate
from hub.engine import insert_new
from hub.ledger import Ledger
from hub.own_actions import record_own
from hub.projections import project_case
from hub.setup import Hub
from hub.status_lists import INVALID, SUSPENDED, VALID, Slot, set_status


def record_issued(
    hub: Hub, connection: Connection, ledger: Ledger, slot: Slot, public: dict[str, Any]
) -> str:
    """Record that a certificate was issued; returns its id. ``public`` as in core.records.kinds."""
    office = ledger.office
    certificate = new_id(hub.random)
    position = record_own(hub, connection, ledger, certificate, "certificate_issued", public)
    row = {
        "office": office,
        "certificate": certificate,
        "case": public["case"],
        "unit": public["unit"],
        "jti": public["jti"],
        "void": False,
        "position": position,
        "list": slot.list,
        "slot": slot.slot,
    }
    insert_new(connection, tables.certificate_view, row)
    project_case(connection, ledger.world, public["case"])
    after_batch(hub, connection, ledger, office)
    return certificate


def void_certificates(
    hub: Hub,
    connection: Connection,
    ledger: Ledger,
    unit: str,
    why: str,
    only: Callable[[CertificateState], bool] = lambda state: True,
) -> int:
    """Void the certificates of a unit that still stand, or ``only`` some of them; returns how many."""
    rows = [row for row, state in _standing(connection, ledger, unit, None) if only(state)]
    for row in rows:
        _change(hub, connection, ledger, row, "certificate_voided", why)
    if rows:
        after_batch(hub, connection, ledger, ledger.office)
    return len(rows)


def suspend_certificates(
    hub: Hub, connection: Connection, ledger: Ledger, unit: str, why: str, below: int | None = None
) -> int:
    """Suspend what stands, or only that of an earlier representative than ``below``; returns how many."""
    rows = [row for row, state in _standing(connection, ledger, unit, below) if not state.suspended]
    for row in rows:
        _change(hub, connection, ledger, row, "certificate_suspended", why)
    return len(rows)


def resume_certificates(hub: Hub, connection: Connection, ledger: Ledger, unit: str, why: str) -> int:
    """Lift the suspension of a unit's certificates; returns how many."""
    rows = [row for row, state in _standing(connection, ledger, unit, None) if state.suspended]
    for row in rows:
        _change(hub, connection, ledger, row, "certificate_resumed", why)
    return len(rows)


def _standing(
    connection: Connection, ledger: Ledger, unit: str, below: int | None
) -> list[tuple[Any, CertificateState]]:
    view = tables.certificate_view
    rows = connection.execute(
        select(view).where(view.c.office == ledger.office, view.c.unit == unit, view.c.void.is_(False))
    ).all()
    folded = [(row, fold_certificate(ledger.world.entries("certificate", row.certificate))) for row in rows]
    return [
        (row, state)
        for row, state in folded
        if state is not None and (below is None or state.representative_no < below)
    ]


_STATUS = {
    "certificate_voided": INVALID,
    "certificate_suspended": SUSPENDED,
    "certificate_resumed": VALID,
}


def _change(hub: Hub, connection: Connection, ledger: Ledger, row: Any, kind: str, why: str) -> None:
    record_own(hub, connection, ledger, row.certificate, kind, {"reason": why})
    if kind == "certificate_voided":
        view = tables.certificate_view
        connection.execute(
            update(view)
            .where(view.c.office == ledger.office, view.c.certificate == row.certificate)
            .values(void=True)
        )
    set_status(connection, Slot(row.list, row.slot), _STATUS[kind])
    follow_certificate(hub, connection, ledger, row.certificate, kind, why)
    project_case(connection, ledger.world, row.case)
