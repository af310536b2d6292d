"""Where the hub keeps scans: parts sealed under the subject's key, counted against the office's share.

Whoever moves the bytes to another store changes this module; the lane (``hub.scans``) stays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, delete, select, update

from core.errors import Refusal
from core.keys.sealing import seal, unseal
from hub.engine import insert_new
from hub.scan_tables import scan, scan_part, scan_usage

if TYPE_CHECKING:
    from hub.setup import Hub

MIB = 1 << 20
PARTIAL_LIMIT = 512 * MIB
"""Bytes of scans that are not whole yet, for one office: a broken desk fills no disk."""
HELD_LIMIT = 64 * 1024 * MIB
"""Bytes of scans that the hub holds for one office; ten thousand units of six megabytes."""
ATTEMPTS = 3
"""So many times a whole scan may be wrong before it is refused for good."""

_FIND = select(scan).where(scan.c.office == bindparam("office"), scan.c.scan == bindparam("scan"))

PARTIAL, THERE, REFUSED = "partial", "there", "refused"


@dataclass(frozen=True)
class ScanRow:
    """How far a scan has come: ``have`` of ``size`` bytes, in its ``attempt`` (from 0)."""

    office: str
    scan: str
    subject: str
    state: str = PARTIAL
    attempt: int = 0
    size: int = 0
    have: int = 0


def find(connection: Connection, office: str, scan_id: str) -> ScanRow | None:
    """Return a scan's row, None before its first chunk."""
    row = connection.execute(_FIND, {"office": office, "scan": scan_id}).one_or_none()
    if row is None:
        return None
    return ScanRow(row.office, row.scan, row.subject, row.state, row.attempt, row.size, row.have)


def add_part(hub: Hub, connection: Connection, row: ScanRow, size: int, data: bytes) -> ScanRow:
    """Keep the next bytes of a scan; the caller holds the office's lock. Raises ``Refusal('scan_quota')``."""
    _count(connection, row.office, len(data), len(data))
    key = hub.sealed.subject_key(connection, row.office, row.subject)
    part = {
        "office": row.office,
        "scan": row.scan,
        "start": row.have,
        "size": len(data),
        "sealed": seal(key, data, _aad(row, row.have), hub.random),
    }
    if not insert_new(connection, scan_part, part):
        raise RuntimeError("the office's lock was not held")
    return _put(hub, connection, row, PARTIAL, row.attempt, size, row.have + len(data))


def settle(hub: Hub, connection: Connection, row: ScanRow, sha256: str) -> ScanRow:
    """Judge a scan whose bytes are all there: ``there``, or its parts are dropped and it begins anew."""
    if _sha256(hub, connection, row) == sha256:
        _count(connection, row.office, 0, -row.size)
        return _put(hub, connection, row, THERE, row.attempt, row.size, row.have)
    _drop_parts(connection, row.office, row.scan)
    _count(connection, row.office, -row.have, -row.have)
    attempt = row.attempt + 1
    return _put(hub, connection, row, REFUSED if attempt >= ATTEMPTS else PARTIAL, attempt, 0, 0)


def read_part(hub: Hub, connection: Connection, row: ScanRow, start: int) -> bytes | None:
    """Return the part that begins at ``start``, None if no part begins there or its key is destroyed."""
    found = connection.execute(
        select(scan_part.c.sealed).where(
            scan_part.c.office == row.office, scan_part.c.scan == row.scan, scan_part.c.start == start
        )
    ).scalar_one_or_none()
    key = hub.sealed.find_key(connection, row.office, row.subject)
    return None if found is None or key is None else unseal(key, bytes(found), _aad(row, start))


def drop_scans(connection: Connection, office: str, subject: str) -> None:
    """Forget every scan of a subject: part of its erasure."""
    rows = connection.execute(
        select(scan.c.scan, scan.c.state, scan.c.have).where(
            scan.c.office == office, scan.c.subject == subject
        )
    ).all()
    for row in rows:
        _drop_parts(connection, office, row.scan)
        connection.execute(delete(scan).where(scan.c.office == office, scan.c.scan == row.scan))
        _count(connection, office, -row.have, 0 if row.state == THERE else -row.have)


def _aad(row: ScanRow, start: int) -> bytes:
    return f"scan {row.office} {row.scan} {row.attempt} {start}".encode()


def _sha256(hub: Hub, connection: Connection, row: ScanRow) -> str:
    """Hash part by part: never a whole scan in memory."""
    running, start = hashlib.sha256(), 0
    while start < row.size and (data := read_part(hub, connection, row, start)):
        running.update(data)
        start += len(data)
    return running.hexdigest()


def _drop_parts(connection: Connection, office: str, scan_id: str) -> None:
    connection.execute(delete(scan_part).where(scan_part.c.office == office, scan_part.c.scan == scan_id))


def _put(
    hub: Hub, connection: Connection, row: ScanRow, state: str, attempt: int, size: int, have: int
) -> ScanRow:
    values = {"state": state, "attempt": attempt, "size": size, "have": have, "at": hub.stamp()}
    key = {"office": row.office, "scan": row.scan, "subject": row.subject}
    if not insert_new(connection, scan, {**key, **values}):
        connection.execute(
            update(scan).where(scan.c.office == row.office, scan.c.scan == row.scan).values(**values)
        )
    return ScanRow(row.office, row.scan, row.subject, state, attempt, size, have)


def _count(connection: Connection, office: str, held: int, partial: int) -> None:
    table = scan_usage
    insert_new(connection, table, {"office": office, "held": 0, "partial": 0})
    now = connection.execute(select(table).where(table.c.office == office)).one()
    if held > 0 and (now.held + held > HELD_LIMIT or now.partial + partial > PARTIAL_LIMIT):
        raise Refusal("scan_quota", limit=HELD_LIMIT if now.held + held > HELD_LIMIT else PARTIAL_LIMIT)
    connection.execute(
        update(table)
        .where(table.c.office == office)
        .values(held=table.c.held + held, partial=table.c.partial + partial)
    )
