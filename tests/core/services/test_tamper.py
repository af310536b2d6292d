"""Somebody with the password and an SQL prompt: ways to change history, all found, and controls (T20).

The tamperer has the database's key, so may drop the guards and put them back. What they do not have is
other people's signing keys.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from core.canonical import canonical
from core.errors import EnvironmentFault
from core.keys.signer import SoftwareSigner
from core.records.model import action_from_body, sign_action
from core.services import audit
from core.services.session import Session
from core.store import statements as sql
from core.store import tables as t
from core.store.unit_of_work import UnitOfWork
from tests.core.services.office_kit import OfficeKit

Row = Any


def _sql(statement: str, *values: Any) -> Callable[[UnitOfWork], None]:
    def act(uow: UnitOfWork) -> None:
        done = uow.connection.exec_driver_sql(statement, values)
        assert done.rowcount > 0, statement

    return act


def _rows(connection: Connection) -> list[Row]:
    return list(connection.exec_driver_sql("SELECT * FROM action ORDER BY position").all())


def _rewrite(uow: UnitOfWork, position: int, change: Callable[[dict[str, Any]], None], seed: bytes) -> None:
    """Change a body and make hash, columns and signature fit it, by a key the tamperer owns."""
    row = _rows(uow.connection)[position - 1]
    body = json.loads(row.body)
    change(body)
    action = action_from_body(body)
    signed = sign_action(action, SoftwareSigner.from_seed(seed, 16))
    uow.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    uow.connection.exec_driver_sql("UPDATE sealed SET hash = ? WHERE hash = ?", (signed.hash, row.hash))
    uow.connection.exec_driver_sql(
        "UPDATE action SET hash = ?, body = ?, signature = ? WHERE position = ?",
        (signed.hash, canonical(body).decode(), signed.signature, position),
    )


def _edit_body(uow: UnitOfWork) -> None:
    row = _rows(uow.connection)[7]
    body = row.body.replace('"copies":1', '"copies":2')
    assert body != row.body
    _sql("UPDATE action SET body = ? WHERE position = 8", body)(uow)


def _resign_by_other(uow: UnitOfWork) -> None:
    _rewrite(uow, 8, lambda body: body["public"].update(copies=9), b"t" * 32)


def _swap(uow: UnitOfWork) -> None:
    for old, new in ((8, -1), (9, 8), (-1, 9)):
        _sql("UPDATE action SET position = ? WHERE position = ?", new, old)(uow)


def _respell(uow: UnitOfWork) -> None:
    body = json.loads(_rows(uow.connection)[7].body)
    _sql("UPDATE action SET body = ? WHERE position = 8", json.dumps(body, indent=1))(uow)


def _forge_end(uow: UnitOfWork) -> None:
    """Append a well-linked action in a reviewer's name, signed by a key of one's own."""
    last = _rows(uow.connection)[-1]
    body = json.loads(last.body) | {"id": "forged", "seq": last.seq + 1, "prev": last.hash}
    body["base_version"] += 1
    signed = sign_action(action_from_body(body), SoftwareSigner.from_seed(b"t" * 32, 16))
    uow.ledger.append(signed, {})


def _swap_values(uow: UnitOfWork) -> None:
    """Reseal another phone number under the subject's real key: the commitment does not fit."""
    row = next(r for r in _rows(uow.connection) if r.kind == "case_filed")
    signed = next(r.signed for r in uow.ledger.record(None, 0, 100) if r.signed.hash == row.hash)
    private = uow.ledger.private_of(signed)
    name = "representative_mobile"
    private[name] = type(private[name])(private[name].salt, "13800000009")
    uow.connection.exec_driver_sql("DELETE FROM sealed WHERE hash = ?", (row.hash,))
    key = uow.ledger.attachment_key(signed.action.subject)
    uow.connection.execute(sql.SEAL, uow.ledger._sealed_row(signed, private, key))


TAMPERINGS: dict[str, Callable[[UnitOfWork], None]] = {
    "edit a body": _edit_body,
    "edit a body and its hash, signed by one's own key": _resign_by_other,
    "delete one in the middle": _sql("DELETE FROM action WHERE position = 8"),
    "delete the last": _sql("DELETE FROM action WHERE position = 12"),
    "delete all of a person": _sql("DELETE FROM action WHERE kind = 'case_approved'"),
    "reorder": _swap,
    "another's name in the column": _sql("UPDATE action SET person = 'x' WHERE position = 8"),
    "hide from its subject": _sql("UPDATE action SET subject = 'x' WHERE kind = 'case_approved'"),
    "hide by version": _sql("UPDATE action SET base_version = 99 WHERE kind = 'case_approved'"),
    "another moment": _sql("UPDATE action SET at = '2020-01-01T00:00:00.000Z' WHERE position = 8"),
    "another hash": _sql("UPDATE action SET hash = ? WHERE kind = 'case_printed'", "0" * 64),
    "another signature": _sql("UPDATE action SET signature = ? WHERE position = 8", "00" * 64),
    "another algorithm": _sql("UPDATE action SET algorithm = 'none' WHERE position = 8"),
    "another spelling of the same body": _respell,
    "no body at all": _sql("UPDATE action SET body = 'x' WHERE position = 8"),
    "append in somebody's name": _forge_end,
    "swap a personal value": _swap_values,
    "leave a guard off": lambda uow: None,
}


def _guards_off(connection: Connection) -> None:
    for name in t.guard_names():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _guards_on(connection: Connection) -> None:
    for statement in t.guard_ddl():
        connection.exec_driver_sql(statement)


def _tamper(session: Session, act: Callable[[UnitOfWork], None], *, leave_off: bool = False) -> None:
    with session.begin() as uow:
        uow.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        _guards_off(uow.connection)
        act(uow)
        orphans = "DELETE FROM sealed WHERE hash NOT IN (SELECT hash FROM action)"
        uow.connection.exec_driver_sql(orphans)
        if not leave_off:
            _guards_on(uow.connection)


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_is_found(kit: OfficeKit, how: str) -> None:
    kit.approved_case()
    with kit.sit("auditor") as auditor:
        assert audit.verify_record(auditor) == 12
        _tamper(auditor, TAMPERINGS[how], leave_off=how == "leave a guard off")
        with pytest.raises(EnvironmentFault) as told:
            audit.verify_record(auditor)
        assert told.value.code == "record_tampered"


def test_taking_the_guards_off_and_putting_them_back_is_no_tampering(kit: OfficeKit) -> None:
    """The control: the tools of the tests above, used to change nothing, raise no alarm."""
    kit.approved_case()
    with kit.sit("auditor") as auditor:
        _tamper(auditor, lambda uow: None)
        assert audit.verify_record(auditor) == 12


def test_erasure_is_no_tampering(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    with kit.sit("admin") as admin:
        from core.services.erasure import erase

        erase(admin, "case", case_id)
        assert audit.verify_record(admin) == 12


def test_a_row_changed_in_a_list_is_found_by_rebuilding(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    with kit.sit("auditor") as auditor:
        audit.check_rebuild(auditor)
        with auditor.begin() as uow:
            uow.connection.exec_driver_sql(
                "UPDATE case_row SET lifecycle = 'claimed' WHERE \"case\" = ?", (case_id,)
            )
        with pytest.raises(EnvironmentFault, match="lists_differ"):
            audit.check_rebuild(auditor)
        with auditor.read() as uow:  # looking did not mend it behind anybody's back
            assert uow.lists.cases()[0].lifecycle == "claimed"
