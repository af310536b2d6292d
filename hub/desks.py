"""The register of desks: their keys, their restore generation, whether they may still speak."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from core.claims.pair import pair_key
from core.clock import from_stamp, to_stamp
from core.errors import EnvironmentFault, Refusal
from core.keys.signer import key_id
from core.records.model import HUB, Action
from core.sync.device_certificate import VALID
from hub import tables
from hub.chain import is_name
from hub.engine import insert_new

_HEX = re.compile("[0-9a-f]*")
_CERTIFICATE = select(tables.office.c.certificate).where(tables.office.c.office == bindparam("office"))
_BY_KID = (
    select(tables.device)
    .join(tables.office, tables.office.c.office == tables.device.c.office)
    .where(
        tables.device.c.kid == bindparam("kid"),
        tables.office.c.code.startswith(bindparam("area"), autoescape=False),
    )
)


@dataclass(frozen=True)
class Desk:
    """A registered desk. Moments in seconds since 1970 UTC; ``clock_offset`` is its clock minus ours."""

    office: str
    device: str
    kid: str
    algorithm: str
    key: bytes
    exchange_key: bytes
    epoch: int
    not_before: int
    not_after: int
    revoked_at: int | None
    clock_offset: int


def _desk(row: Any) -> Desk:
    return Desk(**{name: getattr(row, name) for name in Desk.__dataclass_fields__})


def find_desk(connection: Connection, office: str, device: str) -> Desk | None:
    """Find a desk by its id."""
    table = tables.device
    row = connection.execute(
        select(table).where(table.c.office == office, table.c.device == device)
    ).one_or_none()
    return _desk(row) if row else None


def find_by_kid(connection: Connection, area: str, kid: str) -> list[Desk]:
    """Find the desks a claim code may come from: offices of that six-digit code, desks of that key id."""
    if not area.isascii() or not area.isdigit():
        return []  # no pattern of anybody's making reaches the database
    return [_desk(row) for row in connection.execute(_BY_KID, {"kid": kid, "area": area})]


def purposes_of(connection: Connection, office: str) -> tuple[int, ...]:
    """Return for which purposes an office's certificate lets its desks make claim codes."""
    text = connection.execute(_CERTIFICATE, {"office": office}).scalar_one_or_none()
    return () if text is None else tuple(json.loads(text)["body"]["purposes"])


def set_epoch(connection: Connection, desk: Desk, epoch: int) -> None:
    """Note that a desk was restored: its chain begins anew in a later generation."""
    table = tables.device
    connection.execute(
        update(table)
        .where(table.c.office == desk.office, table.c.device == desk.device, table.c.epoch < epoch)
        .values(epoch=epoch)
    )


def set_clock_offset(connection: Connection, desk: Desk, seconds: int) -> None:
    """Remember how far a desk's clock is off, for the sentence an expired code is refused with."""
    table = tables.device
    connection.execute(
        update(table)
        .where(table.c.office == desk.office, table.c.device == desk.device)
        .values(clock_offset=seconds)
    )


def revoke_desk(connection: Connection, office: str, device: str, now: int) -> bool:
    """Withdraw a desk: from now on it neither syncs nor are its codes honoured."""
    table = tables.device
    done = connection.execute(
        update(table)
        .where(table.c.office == office, table.c.device == device, table.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount == 1


def revoked_of(connection: Connection, office: str) -> list[dict[str, str]]:
    """Return the withdrawn desks of an office as every answer tells them: device, kid, at (UTC stamp)."""
    table = tables.device
    rows = connection.execute(
        select(table.c.device, table.c.kid, table.c.revoked_at)
        .where(table.c.office == office, table.c.revoked_at.is_not(None))
        .order_by(table.c.revoked_at, table.c.device)
    )
    return [
        {"device": row.device, "kid": row.kid, "at": to_stamp(datetime.fromtimestamp(row.revoked_at, UTC))}
        for row in rows
    ]


def device_row(office: str, data: Mapping[str, Any], start: int, end: int) -> dict[str, Any]:
    """Return the row of a desk from its {id, algorithm, key, exchange_key}."""
    key = bytes.fromhex(data["key"])
    return {
        "office": office,
        "device": data["id"],
        "kid": key_id(key),
        "algorithm": data["algorithm"],
        "key": key,
        "exchange_key": bytes.fromhex(data["exchange_key"]),
        "epoch": 0,
        "not_before": start,
        "not_after": end,
        "revoked_at": None,
        "clock_offset": 0,
    }


def add_device(connection: Connection, action: Action) -> None:
    """Register a desk that an administrator of an enrolled office added; its codes count from then on.

    It lives as long as a device certificate does, and never longer than its office's certificate.
    """
    certificate = connection.execute(
        select(tables.office.c.certificate).where(tables.office.c.office == action.office)
    ).scalar_one_or_none()
    start = int(from_stamp(action.at).timestamp())
    last = start + int(VALID.total_seconds())
    if certificate is not None:
        ends = from_stamp(json.loads(certificate)["body"]["not_after"])
        last = min(last, int(ends.timestamp()))
    insert_new(connection, tables.device, device_row(action.office, dict(action.public), start, last))


def check_device(data: Any) -> None:
    """Refuse a desk whose id or keys are none (``Refusal`` action_malformed, algorithm_unknown)."""
    try:
        if not is_name(data["id"]) or data["id"] == HUB:
            raise Refusal("action_malformed", why="name")
        require_signing_key(data["key"], data["algorithm"])
        require_hex(data["exchange_key"], 32)
        # A point of small order would make every PIN predictable; the exchange refuses those.
        pair_key(b"\x01" * 32, bytes.fromhex(data["exchange_key"]))
    except (KeyError, TypeError, EnvironmentFault) as fault:
        raise Refusal("action_malformed", why="device") from fault


def check_new_device(connection: Connection, office: str, data: Mapping[str, Any]) -> None:
    """Refuse a further desk of an office whose short key id is taken there."""
    check_device(data)
    table, kid = tables.device, key_id(bytes.fromhex(data["key"]))
    taken = connection.execute(
        select(table.c.kid).where(table.c.office == office, table.c.kid == kid)
    ).one_or_none()
    if taken is not None:
        raise Refusal("key_in_use")


def require_hex(text: Any, size: int) -> None:
    """Refuse what is not ``size`` bytes in lower-case hex."""
    if not isinstance(text, str) or len(text) != 2 * size or not _HEX.fullmatch(text):
        raise Refusal("action_malformed", why="hex")


def require_signing_key(text: Any, algorithm: Any) -> None:
    """Refuse what is not an Ed25519 public key."""
    require_hex(text, 32)
    if algorithm != "Ed25519":
        raise Refusal("algorithm_unknown")
