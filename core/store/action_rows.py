"""An action as a row of the record and back: its columns, the hub's receipt beside it, its opened values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from core.keys.sealing import unseal
from core.records.model import Entry, Salted, SignedAction, action_from_body, effective
from core.records.states import Delivery
from core.store import tables as t

COLUMNS = (
    "id",
    "office",
    "subject_kind",
    "subject",
    "base_version",
    "kind",
    "at",
    "device",
    "device_epoch",
    "seq",
    "person",
)


@dataclass(frozen=True)
class Receipt:
    """The hub's verdict on one action (``hash``): recorded at ``position``, or rejected with ``code``."""

    hash: str
    verdict: str
    position: int | None
    code: str
    params: dict[str, Any]
    at: str


@dataclass(frozen=True)
class Recorded:
    """One row of the record as the auditor sees it, newest facts included."""

    position: int
    signed: SignedAction
    receipt: Receipt | None

    @property
    def delivery(self) -> Delivery:
        """What the hub said of this action."""
        if self.receipt is None:
            return Delivery.PENDING
        return Delivery.RECORDED if self.receipt.verdict == "recorded" else Delivery.REJECTED


def standing(rows: Iterable[Any], key: bytes | None, listed: Entry | None) -> list[Entry]:
    """Order what a subject's rows say; ``listed`` is a unit's registration by a page of the register."""
    rows = sorted(
        rows, key=lambda row: (2**62 if row.hub_position is None else row.hub_position, row.position)
    )
    rejected = frozenset(row.hash for row in rows if row.verdict == "rejected")
    entries = [_entry(row, key) for row in rows]
    return effective(entries if listed is None else [listed, *entries], rejected)


def portions(hashes: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    """Cut into lists that one statement may hold as parameters."""
    every = list(hashes)
    return (every[start : start + size] for start in range(0, len(every), size))


def row_of(signed: SignedAction) -> dict[str, Any]:
    """Return an action's row but for ``attempt``."""
    return {name: getattr(signed.action, name) for name in COLUMNS} | {
        "hash": signed.hash,
        "body": signed.action.encoded.decode(),
        "algorithm": signed.algorithm,
        "signature": signed.signature,
    }


def signed_of(row: Any) -> SignedAction:
    return SignedAction(action_from_body(json.loads(row.body)), row.algorithm, row.signature)


def opened(key: bytes, blob: bytes, action_hash: str) -> dict[str, Salted]:
    plain = json.loads(unseal(key, blob, action_hash.encode()))
    return {name: Salted(salt, value) for name, (salt, value) in plain.items()}


def _entry(row: Any, key: bytes | None) -> Entry:
    action = action_from_body(json.loads(row.body))
    private: dict[str, str] | None = {}
    if action.commitments:
        if key is None or row.blob is None:
            private = None
        else:
            plain = json.loads(unseal(key, bytes(row.blob), row.hash.encode()))
            private = {name: value for name, (_salt, value) in plain.items()}
    return Entry(action, row.hash, private)


def recorded_rows(
    connection: Connection, wanted: Iterable[ColumnElement[bool]], after: int, limit: int
) -> list[Recorded]:
    """Return rows of the record that meet all of ``wanted``, below position ``after``, newest first."""
    query = (
        select(
            t.action,
            t.receipt.c.verdict,
            t.receipt.c.position.label("hub_position"),
            t.receipt.c.code,
            t.receipt.c.params,
            t.receipt.c.at.label("receipt_at"),
        )
        .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
        .order_by(t.action.c.position.desc())
        .limit(limit)
        .where(*wanted)
    )
    if after:
        query = query.where(t.action.c.position < after)
    return [_recorded(row) for row in connection.execute(query)]


def _recorded(row: Any) -> Recorded:
    receipt = None
    if row.verdict is not None:
        receipt = Receipt(
            row.hash, row.verdict, row.hub_position, row.code, json.loads(row.params), row.receipt_at
        )
    return Recorded(int(row.position), signed_of(row), receipt)
