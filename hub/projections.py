"""What the hub looks things up by, brought up to date in the transaction that records an action.

Rebuildable from the actions; nothing here is a fact of its own, and nothing personal is in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, update

from core.records.model import Action
from core.records.states import CaseState, UnitState
from hub import tables
from hub.desks import add_device
from hub.engine import insert_new
from hub.world import LedgerWorld


def put(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert a row, or change the one that has this key."""
    if not insert_new(connection, table, {**key, **values}):
        where = and_(*(table.c[name] == value for name, value in key.items()))
        connection.execute(update(table).where(where).values(**values))


def project(connection: Connection, world: LedgerWorld, action: Action) -> None:
    """Bring the lookups of an action's subject up to date."""
    if action.subject_kind == "unit":
        unit = world.unit(action.subject)
        if unit is not None:
            _unit(connection, world, unit)
    elif action.subject_kind == "case":
        project_case(connection, world, action.subject)
    elif action.kind == "claim_minted":
        _minted(connection, world, action)
    elif action.kind == "claim_voided":
        _voided(connection, world, action)
    elif action.kind == "device_added":
        add_device(connection, action)
    elif action.kind == "refusal_settled":
        world.refusals.settle(action.public["refused"])


def _unit(connection: Connection, world: LedgerWorld, unit: UnitState) -> None:
    if world.register.note_code(unit.id, unit.values["uscc"]):
        return  # it came on a page of the register, and is found there
    key = {"office": unit.office, "unit": unit.id}
    put(connection, tables.unit_view, key, {"uscc": unit.values["uscc"]})


def project_case(connection: Connection, world: LedgerWorld, case_id: str) -> None:
    """Bring one case's row up to date."""
    case: CaseState | None = world.case(case_id)
    if case is None:
        return
    key = {"office": case.office, "case": case.id}
    put(
        connection,
        tables.case_view,
        key,
        {"unit": case.unit, "form": case.form, "lifecycle": case.lifecycle.value},
    )


def _minted(connection: Connection, world: LedgerWorld, action: Action) -> None:
    """A synced minting counts as having seen the code: it makes older unspent ones refused."""
    public = action.public
    case = world.case(public["case"])
    row = {
        "office": action.office,
        "jti": public["jti"],
        "device": action.device,
        "device_epoch": action.device_epoch,
        "seq": action.seq,
        "unit": case.unit if case else None,
        "purpose": public["purpose"],
        "representative_no": public["representative_no"],
        "facts": public["approval"][:32],
        "issued_at": public["issued_at"],
        "expires_at": public["expires_at"],
        "tries": 0,
        "voided": False,
        "state": "waiting",
        "code": "",
        "at": "",
    }
    if not insert_new(connection, tables.claim_code, row) and case is not None:
        table = tables.claim_code
        connection.execute(
            update(table)
            .where(table.c.office == action.office, table.c.jti == public["jti"])
            .values(unit=case.unit)
        )


def _voided(connection: Connection, world: LedgerWorld, action: Action) -> None:
    claim = world.claim(action.subject)
    if claim is None:
        return
    codes, spent = tables.claim_code, tables.redemption
    connection.execute(
        update(codes).where(codes.c.office == action.office, codes.c.jti == claim.jti).values(voided=True)
    )
    # A token that has not led to a certificate yet must not lead to one any more.
    connection.execute(
        update(spent)
        .where(spent.c.office == action.office, spent.c.jti == claim.jti, spent.c.certificate.is_(None))
        .values(dead=True)
    )
