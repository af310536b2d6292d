"""Showing (亮证): a phone leaves its presentation here for two minutes and shows where it lies.

The code on the phone's screen holds a random reference and nothing of the person. The presentation is sealed
under a key derived from that reference, of which only a hash stands here: who reads the database reads
nothing, and what is past its time cannot be had and is cleared away. A presentation holds the fields that
the holder chose, bound to the phone's key, a nonce of ours and the audience ``{issuer}/v``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

from sqlalchemy import Connection, select

from core.errors import Refusal
from core.keys.sealing import seal, subkey, unseal
from hub.actors import PROOF_SECONDS, prove
from hub.clearing import clear_old
from hub.delegation_tables import shown_presentation
from hub.engine import insert_new
from hub.setup import Hub
from hub.tables import PROVINCE

KEPT_SECONDS: Final = PROOF_SECONDS
_BYTES: Final = 18
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{24}")


def audience(hub: Hub) -> str:
    """Return what a presentation that is shown must be made for."""
    return f"{hub.issuer}/v"


def keep(hub: Hub, connection: Connection, presentation: str) -> str:
    """Check a presentation and keep it sealed for :data:`KEPT_SECONDS`; returns its reference.

    Raises what :func:`hub.actors.prove` raises: only what stands this moment can be shown.
    """
    prove(hub, connection, presentation, audience(hub))
    table, now = shown_presentation, hub.now()
    clear_old(connection, table.c.ref, table.c.expires_at <= now, table.c.office == PROVINCE)
    ref = base64.urlsafe_b64encode(hub.random(_BYTES)).decode()
    sealed = seal(_key(ref), presentation.encode(), _name(ref).encode(), hub.random)
    row = {"office": PROVINCE, "ref": _name(ref), "sealed": sealed, "expires_at": now + KEPT_SECONDS}
    insert_new(connection, table, row)
    return ref


def take(hub: Hub, connection: Connection, ref: str) -> str:
    """Return the presentation behind a reference; it stays until its time is over.

    Raises ``Refusal('shown_expired')`` for one that is unknown or past its two minutes.
    """
    table = shown_presentation
    if not isinstance(ref, str) or not _REFERENCE.fullmatch(ref):
        raise Refusal("shown_expired")
    place = (table.c.office == PROVINCE, table.c.ref == _name(ref))
    row = connection.execute(select(table).where(*place)).one_or_none()
    if row is None or hub.now() >= row.expires_at:
        raise Refusal("shown_expired")
    return unseal(_key(ref), bytes(row.sealed), _name(ref).encode()).decode()


def _name(ref: str) -> str:
    return hashlib.sha256(b"shown/1 " + ref.encode()).hexdigest()


def _key(ref: str) -> bytes:
    return subkey(hashlib.sha256(b"shown key/1 " + ref.encode()).digest(), "shown presentation")
