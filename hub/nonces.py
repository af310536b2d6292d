"""Nonces for the phone's key proof: signed by the hub, so that asking for one stores nothing.

Only a used nonce is written down, until it would have expired anyway; a flood of requests fills nothing.
"""

from __future__ import annotations

import base64
import binascii
import hmac

from sqlalchemy import Connection, delete, select

from hub import tables
from hub.engine import insert_new
from hub.setup import Hub
from hub.tables import PROVINCE

LIFETIME = 300
CLEARED = 100
"""Expired nonces that one claim clears away: more than one comes, so they never pile up."""


def make_nonce(hub: Hub) -> str:
    """Return a fresh nonce, good for five minutes and one use."""
    body = hub.random(16) + (hub.now() + LIFETIME).to_bytes(8, "big")
    return base64.urlsafe_b64encode(body + _mac(hub, body)).decode().rstrip("=")


def _mac(hub: Hub, body: bytes) -> bytes:
    return hmac.digest(hub.nonce_key, b"c_nonce/1" + body, "sha256")[:16]


def take_nonce(hub: Hub, connection: Connection, nonce: str) -> bool:
    """Use a nonce up; False if it is not ours, expired or used before."""
    try:
        raw = base64.urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 40 or base64.urlsafe_b64encode(raw).decode().rstrip("=") != nonce:
        return False
    body, mac, now = raw[:24], raw[24:], hub.now()
    expires = int.from_bytes(body[16:], "big")
    if not hmac.compare_digest(mac, _mac(hub, body)) or now >= expires:
        return False
    table = tables.used_nonce
    # These rows are the whole province's: what another transaction is clearing away already is left to it.
    old = select(table.c.nonce).where(table.c.office == PROVINCE, table.c.expires_at < now)
    gone = old.limit(CLEARED).with_for_update(skip_locked=True)
    connection.execute(delete(table).where(table.c.office == PROVINCE, table.c.nonce.in_(gone)))
    row = {"office": PROVINCE, "nonce": nonce, "expires_at": expires}
    return insert_new(connection, table, row)
