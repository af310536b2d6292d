"""What an operator has to look at: signs of a copied key, a rolled-back desk, a record told two ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from core.canonical import canonical, digest
from hub import tables
from hub.engine import insert_new


def raise_alarm(
    connection: Connection, office: str, device: str, kind: str, params: Mapping[str, Any], at: str
) -> None:
    """Leave a sign, once for the same facts however often they are met; nothing personal in ``params``."""
    facts = canonical([kind, office, device, dict(params)])
    row = {
        "office": office,
        "alarm": digest("alarm/1", facts).hex()[:32],
        "kind": kind,
        "device": device,
        "params": canonical(dict(params)).decode(),
        "at": at,
    }
    insert_new(connection, tables.alarm, row)
