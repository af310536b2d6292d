"""What the hub itself makes happen: certificates issued and voided, as signed actions down the feed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from core.ids import new_id
from core.records.model import HUB, Action, sign_action
from hub import chain, tables
from hub.after_batch import after_batch
from hub.engine import insert_new
from hub.ledger import Ledger
from hub.projections import project_case
from hub.setup import Hub
from hub.status_lists import INVALID, Slot, set_status


def _append(hub: Hub, connection: Connection, ledger: Ledger, action: Action) -> int:
    link = chain.read_link(action.body())
    assert link is not None
    signed = sign_action(action, hub.signer)
    chain.extend(connection, action.office, link, signed.hash)
    position = ledger.append(signed, {}).position
    assert position is not None
    return position


def _action(
    hub: Hub, connection: Connection, office: str, certificate: str, kind: str, public: dict[str, Any]
) -> Action:
    seq, prev = chain.head(connection, office, HUB, 0)
    return Action(
        id=new_id(hub.random),
        office=office,
        subject_kind="certificate",
        subject=certificate,
        base_version=0 if kind == "certificate_issued" else 1,
        kind=kind,
        at=hub.stamp(),
        device=HUB,
        device_epoch=0,
        seq=seq + 1,
        prev=prev,
        person=HUB,
        public=public,
        rehearsal=hub.rehearsal,
    )


def record_issued(
    hub: Hub, connection: Connection, ledger: Ledger, office: str, slot: Slot, public: dict[str, Any]
) -> str:
    """Record that a certificate was issued; returns its id. ``public`` as in core.records.kinds."""
    certificate = new_id(hub.random)
    action = _action(hub, connection, office, certificate, "certificate_issued", public)
    position = _append(hub, connection, ledger, action)
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
    hub: Hub, connection: Connection, ledger: Ledger, office: str, unit: str, why: str
) -> int:
    """Void every certificate of a unit that still stands, status list included; returns how many."""
    view = tables.certificate_view
    rows = connection.execute(
        select(view).where(view.c.office == office, view.c.unit == unit, view.c.void.is_(False))
    ).all()
    for row in rows:
        action = _action(hub, connection, office, row.certificate, "certificate_voided", {"reason": why})
        _append(hub, connection, ledger, action)
        connection.execute(
            update(view)
            .where(view.c.office == office, view.c.certificate == row.certificate)
            .values(void=True)
        )
        set_status(connection, Slot(row.list, row.slot), INVALID)
        project_case(connection, ledger.world, row.case)
    if rows:
        after_batch(hub, connection, ledger, office)
    return len(rows)
