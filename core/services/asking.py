"""The payload of a question that a desk asks its hub outside a sync cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from core.clock import to_stamp
from core.services.session import Session
from core.sync.desk import hub_offset
from core.sync.envelope import OLDEST_PROTOCOL


def asking(session: Session, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return head and ``fields`` of a request of type ``kind``, at the hub's time as last seen."""
    with session.read() as uow:
        offset = timedelta(seconds=hub_offset(uow))
    return {
        "type": kind,
        "protocol": OLDEST_PROTOCOL,
        "office": session.office,
        "device": session.device.id,
        "sent_at": to_stamp(session.now() + offset),
        "nonce": session.random(16).hex(),
        **fields,
    }
