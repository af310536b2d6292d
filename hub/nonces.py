"""Nonces for the phone's key proof: signed by the hub, so that asking for one stores nothing.

Only a used nonce is written down, until it would have expired anyway; a flood of requests fills nothing.
"""

from __future__ import annotations

import base64
import binascii
import hmac

from sqlalchemy import Connection

from hub import tables
from hub.clearing import clear_old
from hub.engine import insert_new
from hub.setup import Hub
from hub.tables import PROVINCE

LIFETIME = 300


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
    clear_old(connection, table.c.nonce, table.c.expires_at < now, table.c.office == PROVINCE)
    row = {"office": PROVINCE, "nonce": nonce, "expires_at": expires}
    return insert_new(connection, table, row)
