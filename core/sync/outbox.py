"""What this desk sends: its own actions without a receipt, and the question for what is new.

Nothing is taken from a queue: the outbox is a query, so nothing can be cleared before it has arrived. A
second desk of an office holds the first one's actions too; those are the first one's to send.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.canonical import canonical
from core.clock import to_stamp
from core.records.changes import URGENT_EFFECTS
from core.records.model import Private, SignedAction
from core.store.unit_of_work import UnitOfWork
from core.sync.desk import Desk, feed_cursor, hub_now
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import BATCH_LIMITS, PROTOCOL, action_item, seal_private
from core.sync.pages import PAGE_KIND, page_part
from core.sync.witness import cosigned

BATCH_BYTES = 4 * 1024 * 1024
"""A batch ends before this size, half of what an envelope may have."""


URGENT_AT_ONCE = 50
"""Most actions of one ``urgent`` request (hub/urgent.py)."""


@dataclass(frozen=True)
class Push:
    """A payload of type ``actions`` and what is in it: action ids by hash, in the order sent."""

    payload: dict[str, Any]
    sent: dict[str, str]


def next_push(
    uow: UnitOfWork,
    desk: Desk,
    certificate: OfficeCertificate,
    limit: int = BATCH_LIMITS[PROTOCOL],
    skip: int = 0,
) -> Push:
    """Return the oldest of this desk's own actions without a receipt, at most ``limit``; perhaps none.

    ``skip``: leave out so many of the oldest, which are on their way by stick already.
    """
    items: list[dict[str, Any]] = []
    sent: dict[str, str] = {}
    size = 0
    waiting = uow.outbox.oldest(desk.device, limit, skip)
    privates = uow.ledger.privates_of(waiting)
    for signed in waiting:
        item = _item(uow, desk, certificate, signed, privates.get(signed.hash, {}))
        size += len(canonical(item))
        if items and size > BATCH_BYTES:
            break
        items.append(item)
        sent[signed.hash] = signed.action.id
    payload = {
        **_head(desk, "actions", to_stamp(desk.clock())),
        "device_epoch": desk.epoch,
        "actions": items,
        "cosigned": cosigned(uow, desk, certificate),
    }
    return Push(payload, sent)


def next_urgent(uow: UnitOfWork, desk: Desk) -> dict[str, Any] | None:
    """Return the payload of type ``urgent``: what ends or suspends certificates, ahead of its place.

    None when nothing of that kind waits. Nothing is sent by it: the actions follow in their chain.
    """
    found = uow.outbox.oldest(desk.device, URGENT_AT_ONCE, kinds=URGENT_EFFECTS)
    if not found:
        return None
    head = _head(desk, "urgent", to_stamp(desk.clock()))
    return {**head, "actions": [action_item(signed, "") for signed in found]}


def _item(
    uow: UnitOfWork, desk: Desk, certificate: OfficeCertificate, signed: SignedAction, private: Private
) -> dict[str, Any]:
    key = bytes.fromhex(certificate.hub_exchange_key)
    if signed.action.kind == PAGE_KIND:
        return action_item(signed, "") | page_part(uow, signed, key, desk.random)
    return action_item(signed, seal_private(private, key, signed.hash, desk.random) if private else "")


def next_pull(uow: UnitOfWork, desk: Desk, limit: int = BATCH_LIMITS[PROTOCOL]) -> dict[str, Any]:
    """Return the payload of type ``feed`` that asks for what follows this desk's cursor.

    ``held`` names register pages whose records need not come again.
    """
    return {
        **_head(desk, "feed", to_stamp(hub_now(uow, desk))),
        "after": feed_cursor(uow),
        "limit": limit,
        "nonce": desk.random(16).hex(),
        "held": uow.ledger.pages.held_beyond(feed_cursor(uow)),
    }


def _head(desk: Desk, kind: str, moment: str) -> dict[str, Any]:
    head = {"type": kind, "protocol": PROTOCOL, "office": desk.office}
    return {**head, "device": desk.device, "sent_at": moment}
