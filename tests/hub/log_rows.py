"""Invented action rows, written past the ledger: what a log is grown from in its own tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert

from core.canonical import canonical, digest
from core.clock import from_stamp, to_stamp
from core.tlog.entry import entry_leaf
from hub import tables

START = "2026-11-23T08:00:00.000Z"


def row(office: str, position: int) -> dict[str, Any]:
    """One row, the same every time."""
    body = canonical({"id": f"a{position}", "office": office, "remark": f"第{position}件" * 20})
    return {
        "office": office,
        "hash": digest("action/1", body).hex(),
        "id": f"a{position}",
        "position": position,
        "subject_kind": "unit",
        "subject": f"u{position}",
        "base_version": 0,
        "kind": "unit_registered",
        "body": body.decode(),
        "algorithm": "Ed25519",
        "signature": "00",
        "recorded_at": to_stamp(from_stamp(START) + timedelta(seconds=position)),
    }


def add_rows(connection: Connection, office: str, first: int, count: int) -> None:
    """Write rows from position ``first`` on."""
    rows = [row(office, position) for position in range(first, first + count)]
    if rows:
        connection.execute(insert(tables.action), rows)


def leaf(office: str, position: int) -> bytes:
    """The leaf that a row's log entry has."""
    made = row(office, position)
    return entry_leaf(made["recorded_at"], made["hash"])
