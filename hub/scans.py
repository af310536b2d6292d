"""The scans' lane at the hub: how far each scan is, the next bytes of one, bytes for another desk.

A scan's action comes first and commits to its SHA-256; the bytes follow at their own pace. Every chunk
names where it belongs, so one that comes twice, late or out of order changes nothing.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from sqlalchemy import Connection, select, update

from core.errors import EnvironmentFault, Refusal
from core.intake.limits import LIMITS
from core.keys.sealing import open_sealed, seal_to
from core.records.model import Entry
from core.records.states import CaseState
from core.sync.scan_wire import MAX_CHUNK, OFFERED, SPEAKS_SCANS, chunk_aad
from hub.alarms import raise_alarm
from hub.chain import is_name
from hub.desk_handler import Payload, Request
from hub.engine import insert_new, lock_office
from hub.ledger import Ledger
from hub.scan_store import PARTIAL, THERE, ScanRow, add_part, find, read_part, settle
from hub.scan_tables import desk_protocol
from hub.sealed import is_erased

UNKNOWN, ERASED, AWAY = "unknown", "erased", "away"


def scan_offer(request: Request) -> Payload:
    """``scan-offer``: tell of each ``{case, scan}`` how far it is here."""
    asked = request.payload.get("scans")
    if not isinstance(asked, list) or len(asked) > OFFERED:
        raise Refusal("envelope_malformed")
    pairs = [_pair(item) for item in asked]
    with request.hub.database.read() as connection:
        ledger = Ledger(request.hub, connection, request.desk.office)
        return {"scans": [_status_of(connection, ledger, request.desk.office, *pair) for pair in pairs]}


def scan_chunk(request: Request) -> Payload:
    """``scan-chunk``: take the next bytes of a scan; answers how far it is now.

    Raises ``Refusal`` scan_chunk_wrong, scan_size_differs, scan_quota. A whole scan that is not what was
    signed is dropped with an alarm, and the answer says so by the next ``attempt``.
    """
    hub, office, payload = request.hub, request.desk.office, request.payload
    case, scan = _pair(payload)
    attempt, size, start = (_whole(payload, name) for name in ("attempt", "size", "start"))
    if not 0 < size <= LIMITS.size:
        raise Refusal("scan_chunk_wrong", why="size")
    data = _opened(hub.exchange_secret, payload, chunk_aad(office, scan, start))
    if not 0 < len(data) <= min(MAX_CHUNK, size - start):
        raise Refusal("scan_chunk_wrong", why="length")
    with hub.database.write() as connection:
        lock_office(connection, office)
        ledger = Ledger(hub, connection, office)
        signed = _signed(ledger, case, scan)
        status = _status_of(connection, ledger, office, case, scan)
        row = find(connection, office, scan) or ScanRow(office, scan, case)
        if status["state"] != PARTIAL or signed is None or (attempt, start) != (row.attempt, row.have):
            return {"scan": status}
        if row.have and size != row.size:
            raise Refusal("scan_size_differs")
        row = add_part(hub, connection, row, size, data)
        if row.have == row.size:
            row = settle(hub, connection, row, signed)
            if row.state != THERE:
                _alarm(request, connection, case, scan)
        return {"scan": _status(row)}


def scan_fetch(request: Request) -> Payload:
    """``scan-fetch``: hand another desk of the same office a part of a scan, sealed to that desk."""
    hub, office, payload = request.hub, request.desk.office, request.payload
    case, scan = _pair(payload)
    start = _whole(payload, "start")
    with hub.database.read() as connection:
        row = find(connection, office, scan)
        if row is None or row.subject != case or row.state != THERE:
            gone = is_erased(connection, office, case)
            status = {"scan": scan, "state": ERASED if gone else AWAY, "attempt": 0, "have": 0}
            return {"case": case, "scan": status}
        data = read_part(hub, connection, row, start)
    if data is None:
        raise Refusal("scan_chunk_wrong", why="start")
    sealed = seal_to(request.desk.exchange_key, data, chunk_aad(office, scan, start), hub.random)
    return {
        "case": case,
        "scan": _status(row),
        "size": row.size,
        "start": start,
        "length": len(data),
        "data": base64.b64encode(sealed).decode("ascii"),
    }


# --- what a claim asks --------------------------------------------------------------------------


def signed_form_here(connection: Connection, ledger: Ledger, case: CaseState, approval: str) -> bool:
    """Tell whether the bytes of the signed form that was approved are here, or will never be sent.

    A desk that never spoke protocol 2 cannot send scans (decision 022); its word and its paper must do.
    """
    entries = ledger.world.entries("case", case.id)
    scan = next((str(e.action.public["scan"]) for e in entries if e.hash == approval), "")
    row = find(connection, case.office, scan)
    if row is not None and row.state == THERE:
        return True
    attached = _attached(entries, scan)
    return attached is not None and spoken(connection, case.office, attached.action.device) < SPEAKS_SCANS


def note_protocol(connection: Connection, office: str, device: str, protocol: int) -> None:
    """Remember the highest protocol a desk has spoken."""
    table = desk_protocol
    if not insert_new(connection, table, {"office": office, "device": device, "protocol": protocol}):
        connection.execute(
            update(table)
            .where(table.c.office == office, table.c.device == device, table.c.protocol < protocol)
            .values(protocol=protocol)
        )


def spoken(connection: Connection, office: str, device: str) -> int:
    """Return the highest protocol a desk has spoken, 1 when nothing else is known."""
    table = desk_protocol
    found = connection.execute(
        select(table.c.protocol).where(table.c.office == office, table.c.device == device)
    ).scalar_one_or_none()
    return 1 if found is None else int(found)


# --- reading a request --------------------------------------------------------------------------


def _pair(item: Any) -> tuple[str, str]:
    case, scan = (item.get("case"), item.get("scan")) if isinstance(item, dict) else (None, None)
    if not is_name(case) or not is_name(scan):
        raise Refusal("envelope_malformed")
    return str(case), str(scan)


def _whole(payload: Payload, name: str) -> int:
    value = payload.get(name)
    if type(value) is not int or not 0 <= value < 2**31:
        raise Refusal("envelope_malformed")
    return value


def _opened(secret: bytes, payload: Payload, aad: bytes) -> bytes:
    try:
        return open_sealed(secret, base64.b64decode(payload["data"], validate=True), aad)
    except (KeyError, TypeError, ValueError, binascii.Error, EnvironmentFault) as fault:
        raise Refusal("scan_chunk_wrong", why="sealed") from fault


# --- where a scan stands ------------------------------------------------------------------------


def _status(row: ScanRow) -> Payload:
    return {"scan": row.scan, "state": row.state, "attempt": row.attempt, "have": row.have}


def _status_of(connection: Connection, ledger: Ledger, office: str, case: str, scan: str) -> Payload:
    row = find(connection, office, scan)
    if row is not None and row.subject == case:
        return _status(row)
    if is_erased(connection, office, case):
        return {"scan": scan, "state": ERASED, "attempt": 0, "have": 0}
    known = row is None and _signed(ledger, case, scan) is not None
    return {"scan": scan, "state": PARTIAL if known else UNKNOWN, "attempt": 0, "have": 0}


def _signed(ledger: Ledger, case: str, scan: str) -> str | None:
    """Return the SHA-256 that the scan's recorded action commits to."""
    found = _attached(ledger.world.entries("case", case), scan)
    return None if found is None or found.private is None else found.private.get("sha256")


def _attached(entries: list[Entry], scan: str) -> Entry | None:
    found = [e for e in entries if e.action.kind == "scan_attached" and e.action.public["scan"] == scan]
    # Two papers under one id: nobody could say which of them was approved, so neither counts.
    return found[0] if len(found) == 1 else None


def _alarm(request: Request, connection: Connection, case: str, scan: str) -> None:
    desk, params = request.desk, {"case": case, "scan": scan}
    raise_alarm(connection, desk.office, desk.device, "scan_differs", params, request.hub.stamp())
