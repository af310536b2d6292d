"""History is kept by the database itself: no UPDATE, no DELETE, no INSERT OR REPLACE by anybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from core.store.action_rows import Receipt
from core.store.checkpoints import Checkpoints, KeptCheckpoint
from core.store.unit_of_work import Store
from tests.core.store.store_kit import append, case_facts, open_store, unit_facts

_SEALED_COPY = "INSERT OR REPLACE INTO sealed SELECT hash, subject, x'00' FROM sealed"
_RECEIPT_COPY = (
    "INSERT OR REPLACE INTO receipt SELECT hash, 'rejected', NULL, 'x', '{}', at FROM receipt LIMIT 1"
)
_ACTION_COLUMNS = (
    "position, id, hash, office, subject_kind, subject, base_version, attempt, kind, at, device,"
    " device_epoch, seq, person, body, algorithm, signature"
)


def _replace_action(**changed: str) -> str:
    columns = [changed.get(name.strip(), name.strip()) for name in _ACTION_COLUMNS.split(",")]
    return (
        f"INSERT OR REPLACE INTO action ({_ACTION_COLUMNS})"
        f" SELECT {', '.join(columns)} FROM action WHERE position = 2"
    )


FORBIDDEN = {
    "update body": "UPDATE action SET body = '{}' WHERE position = 2",
    "update kind": "UPDATE action SET kind = 'case_approved'",
    "update or replace": "UPDATE OR REPLACE action SET position = 1 WHERE position = 2",
    "delete": "DELETE FROM action WHERE position = 2",
    "delete all": "DELETE FROM action",
    "truncate": "DELETE FROM action WHERE 1",
    "replace same": _replace_action(body="'{}'"),
    "replace by id": _replace_action(position="NULL", hash="'x'", seq="99", base_version="99"),
    "replace by hash": _replace_action(position="NULL", id="'x'", seq="99", base_version="99"),
    "replace by chain": _replace_action(position="NULL", id="'x'", hash="'x'", base_version="99"),
    "replace by version": _replace_action(position="NULL", id="'x'", hash="'x'", seq="99"),
    "replace by position": _replace_action(id="'x'", hash="'x'", seq="99", base_version="99"),
    "insert or ignore is no way in": _replace_action(body="'{}'").replace("REPLACE", "ABORT"),
    "update receipt": "UPDATE receipt SET verdict = 'rejected'",
    "delete receipt": "DELETE FROM receipt",
    "replace receipt": _RECEIPT_COPY,
    "update sealed": "UPDATE sealed SET blob = x'00'",
    "replace sealed": _SEALED_COPY,
    "update log entry": "UPDATE log_entry SET recorded_at = 'x'",
    "delete log entry": "DELETE FROM log_entry",
    "replace log entry": "INSERT OR REPLACE INTO log_entry SELECT position, 'x', hash FROM log_entry",
    "update checkpoint": "UPDATE checkpoint SET root = 'x'",
    "delete checkpoint": "DELETE FROM checkpoint",
    "replace checkpoint": "INSERT OR REPLACE INTO checkpoint SELECT size, 'x', '', '' FROM checkpoint",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with a unit, a case and a receipt."""
    store = open_store(tmp_path)
    with store.begin() as uow:
        append(uow, ("unit", "u"), "unit_registered", unit_facts("甲"), {"representative_name": "演甲"})
        signed = append(uow, ("case", "c"), "case_filed", case_facts("u", "1"), {"representative_id": "x"})
        uow.ledger.add_receipt(Receipt(signed.hash, "recorded", 2, "", {}, "2026-11-23T02:00:00.000Z"))
        kept = Checkpoints(uow.connection)
        kept.add(1, [("2026-11-23T02:00:00.000Z", signed.hash)])
        kept.keep(KeptCheckpoint(1, "root", "note", "2026-11-23T02:00:00.000Z"))
    yield store
    store.close()


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_raw_sql_cannot_change_history(store: Store, statement: str) -> None:
    with store.read() as uow:
        before = list(uow.ledger.chain()), uow.ledger.record(None, 0, 10)
    with pytest.raises(IntegrityError, match="append-only"), store.begin() as uow:
        uow.connection.exec_driver_sql(statement)
    with store.read() as uow:
        assert (list(uow.ledger.chain()), uow.ledger.record(None, 0, 10)) == before


def test_the_statements_would_work_without_the_guards(store: Store) -> None:
    """A control: each statement is real SQL that changes something once the triggers are gone."""
    for name, statement in FORBIDDEN.items():
        if "ABORT" in statement:
            continue
        with store.read() as uow:  # a read is thrown away at its end
            connection = uow.connection
            triggers = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for row in triggers.all():
                connection.exec_driver_sql(f"DROP TRIGGER {row[0]}")
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            assert connection.exec_driver_sql(statement).rowcount > 0, name


def test_erasure_may_delete_sealed_values_and_nothing_else(store: Store) -> None:
    with store.begin() as uow:
        uow.connection.exec_driver_sql("DELETE FROM sealed")
    with store.read() as uow:
        assert len(list(uow.ledger.chain())) == 2


def test_a_second_action_on_one_version_of_a_subject_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as uow:
        append(uow, ("case", "c"), "case_withdrawn", base=0)


def test_after_a_rejection_the_same_version_may_be_tried_again(store: Store) -> None:
    with store.begin() as uow:
        first = append(uow, ("case", "c"), "case_withdrawn")
        follower = append(uow, ("case", "c"), "case_printed", {"content": "x", "copies": 1})
        refusal = Receipt(first.hash, "rejected", None, "version_conflict", {}, "2026-11-23T03:00:00.000Z")
        uow.ledger.add_receipt(refusal)
        uow.ledger.add_receipt(refusal)  # a second, equal receipt changes nothing
        again = append(uow, ("case", "c"), "submission_recalled")
        after = append(uow, ("case", "c"), "case_submitted", {"content": "x"})
        kept = [entry.hash for entry in uow.ledger.entries("case", "c")]
        assert kept[1:] == [again.hash, after.hash] and follower.hash not in kept
