"""One sync cycle: push what has no receipt, pull what is new; resumable at any point.

Nothing is taken from a queue: the outbox is "actions without a receipt", and receipts and the feed's
cursor are written in the same transaction as the data they speak of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock, from_stamp, to_stamp
from core.errors import Cancelled, EnvironmentFault, Refusal, UserError
from core.ids import RandomBytes
from core.keys.signer import Signer
from core.records.kinds import KINDS
from core.records.model import HUB, action_from_body, verify_private
from core.store.ledger import Receipt
from core.store.unit_of_work import Store, UnitOfWork
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import BATCH_ACTIONS, PROTOCOL, action_item, open_private, read_item, seal_private
from core.sync.hub import Hub

FEED_LIMIT = 500


@dataclass(frozen=True)
class Desk:
    """What a cycle needs to know of the desk it runs for."""

    office: str
    device: str
    epoch: int
    signer: Signer
    exchange_secret: bytes
    clock: Clock
    random: RandomBytes


@dataclass(frozen=True)
class CycleReport:
    """What a cycle did. ``rejected`` holds (action id, code)."""

    pushed: int
    rejected: tuple[tuple[str, str], ...]
    pulled: int
    pending: int
    hub_offset_seconds: int


Progress = Callable[[int, int], None]


def run_cycle(
    store: Store,
    desk: Desk,
    hub: Hub,
    certificate: OfficeCertificate,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> CycleReport:
    """Push, then pull, until both sides have nothing more. Raises ``EnvironmentFault``, ``Cancelled``."""
    pushed, rejected, heard = 0, [], False
    with store.read() as uow:
        total = uow.ledger.count_pending()
    while True:
        if cancelled():
            raise Cancelled()
        with store.read() as uow:
            items = _batch(uow, desk, certificate)
        # The first batch may be empty: batches are taken whatever our clock says, and the answer tells
        # the hub's time, without which a desk whose clock is wrong could not ask for the feed.
        if not items and heard:
            break
        answer = hub.ask("/api/v1/actions", _push(desk, items), desk.signer, certificate)
        with _reading_answer():
            _expect(answer, "receipts")
            sent = {_hash(item): item["action"]["id"] for item in items}
            refused = _keep_receipts(store, desk, answer, sent)
        heard = True
        if "stopped" in answer:  # our chain does not fit the hub's: a restored copy, or another desk as us
            raise EnvironmentFault("hub_refused", status=409, reason=str(answer["stopped"]["error"])[:60])
        rejected.extend(refused)
        pushed += len(items)
        progress(pushed, max(total, pushed))
    pulled = _pull(store, desk, hub, certificate, cancelled)
    with store.begin() as uow:
        uow.set_meta("last_sync", to_stamp(desk.clock()))
        pending = uow.ledger.count_pending()
        offset = hub_offset(uow)
    return CycleReport(pushed, tuple(rejected), pulled, pending, offset)


def hub_offset(uow: UnitOfWork) -> int:
    """Return by how many seconds the hub's clock was ahead of ours when last heard."""
    return int(uow.find_meta("hub_offset") or 0)


@contextmanager
def _reading_answer() -> Iterator[None]:
    """A signed answer that we cannot read is the hub's fault, never a success and never a crash."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, UserError) as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault


def _expect(answer: dict[str, Any], kind: str) -> None:
    if answer["type"] != kind:
        raise ValueError("an answer to another question")


def _hash(item: dict[str, Any]) -> str:
    return action_from_body(item["action"]).hash()


def _batch(uow: UnitOfWork, desk: Desk, certificate: OfficeCertificate) -> list[dict[str, Any]]:
    exchange_key = bytes.fromhex(certificate.hub_exchange_key)
    items = []
    for signed in uow.ledger.pending(BATCH_ACTIONS):
        private = uow.ledger.private_of(signed)
        sealed = seal_private(private, exchange_key, signed.hash, desk.random) if private else ""
        items.append(action_item(signed, sealed))
    return items


def _push(desk: Desk, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "actions",
        "protocol": PROTOCOL,
        "office": desk.office,
        "device": desk.device,
        "device_epoch": desk.epoch,
        "sent_at": to_stamp(desk.clock()),
        "actions": items,
    }


def _offset(desk: Desk, answer: dict[str, Any]) -> int:
    hub_time: datetime = from_stamp(answer["hub_time"])
    seconds = round((hub_time - desk.clock()).total_seconds())
    return 0 if abs(seconds) < 3 else seconds


def _receipt(item: dict[str, Any]) -> Receipt:
    receipt = Receipt(
        item["hash"],
        item["verdict"],
        item["position"],
        str(item["code"]),
        dict(item["params"]),
        str(item["at"]),
    )
    recorded = receipt.verdict == "recorded" and type(receipt.position) is int
    if not recorded and (receipt.verdict != "rejected" or receipt.position is not None):
        raise ValueError("verdict")
    return receipt


def _keep_receipts(
    store: Store, desk: Desk, answer: dict[str, Any], sent: dict[str, str]
) -> list[tuple[str, str]]:
    receipts = answer["receipts"]
    told = {item["hash"]: item["action"] for item in receipts}
    whole = len(told) == len(sent) or "stopped" in answer
    if not whole or len(told) != len(receipts) or not told.items() <= sent.items():
        raise EnvironmentFault("receipts_incomplete")
    refused = []
    with store.begin() as uow:
        uow.set_meta("hub_offset", str(_offset(desk, answer)))
        for item in receipts:
            uow.ledger.add_receipt(_receipt(item))
            if item["verdict"] == "rejected":
                refused.append((str(item["action"]), str(item["code"])))
        for subject_kind, subject in uow.ledger.subjects_of(item["hash"] for item in receipts):
            uow.projection.refresh(subject_kind, subject)
    return refused


def _pull(
    store: Store, desk: Desk, hub: Hub, certificate: OfficeCertificate, cancelled: Callable[[], bool]
) -> int:
    pulled = 0
    while True:
        if cancelled():
            raise Cancelled()
        with store.read() as uow:
            after = int(uow.find_meta("feed_cursor") or 0)
            now = desk.clock() + timedelta(seconds=hub_offset(uow))
        payload = {
            "type": "feed",
            "protocol": PROTOCOL,
            "office": desk.office,
            "device": desk.device,
            "after": after,
            "limit": FEED_LIMIT,
            "sent_at": to_stamp(now),
            "nonce": desk.random(16).hex(),
        }
        answer = hub.ask("/api/v1/feed", payload, desk.signer, certificate)
        with _reading_answer():
            _expect(answer, "feed")
            if answer["nonce"] != payload["nonce"]:
                raise ValueError("an answer to an earlier question")
            reached = int(answer["next"])
            with store.begin() as uow:
                uow.set_meta("hub_offset", str(_offset(desk, answer)))
                for item in answer["items"]:
                    pulled += _keep_foreign(uow, desk, certificate, item)
                uow.set_meta("feed_cursor", str(reached))
            if reached <= after:  # the hub may cut a page short by size, so only an empty one is the end
                return pulled


def _keep_foreign(uow: UnitOfWork, desk: Desk, certificate: OfficeCertificate, item: dict[str, Any]) -> int:
    signed, sealed = read_item(item)
    action = signed.action
    if uow.ledger.knows(signed.hash):
        return 0
    if action.office != desk.office or action.kind not in KINDS:
        raise Refusal("action_unknown", kind=action.kind)
    by_hub = not KINDS[action.kind].roles
    if by_hub != (action.person == HUB):
        raise EnvironmentFault("hub_answer_forged")
    if by_hub and not signed.verify(bytes.fromhex(certificate.hub_key)):
        raise EnvironmentFault("hub_answer_forged")
    private = open_private(sealed, desk.exchange_secret, signed.hash) if sealed else {}
    if private:
        verify_private(action, private)
    uow.ledger.append(signed, private, fed=True)
    uow.ledger.add_receipt(
        Receipt(signed.hash, "recorded", int(item["position"]), "", {}, to_stamp(desk.clock()))
    )
    uow.projection.refresh(signed.action.subject_kind, signed.action.subject)
    return 1
