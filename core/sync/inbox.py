"""What this desk takes in: receipts for what it sent, and pages of the office's feed.

An answer is kept in pieces, each one transaction together with the marks that say how far we are (cursor,
log edge): a crash leaves some whole pieces, and the rest is asked for again. Between two of them somebody
at this desk may save. Everything is safe to take in twice and in any order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core.clock import from_stamp
from core.errors import EnvironmentFault, Refusal, UserError
from core.records.kinds import KINDS
from core.records.model import HUB, Action, Private, SignedAction, verify_private
from core.store.action_rows import Receipt
from core.store.unit_of_work import Store, UnitOfWork
from core.sync.comparing import extend_edge, foresee_page, hear_checkpoint
from core.sync.desk import Desk, Halt, feed_cursor, keep_halt, note_offset, note_on_manager_change
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import open_private, read_item
from core.sync.pages import PAGE_KIND, keep_page
from core.sync.witness import verify_batch

PIECE, PAGE_WEIGHT = 100, 5
"""Most receipts or items kept in one transaction, and for how many of them a page of a register stands: it
takes some 30 ms, and pages kept one by one would write the lists' index pages anew for each."""


Item = tuple[dict[str, Any], SignedAction, str]
"""An item of the feed as told, its action, and its personal values sealed to this desk."""


@dataclass(frozen=True)
class Taken:
    """What a push brought: (action id, code) of the refused, and why the hub read no further, if so."""

    rejected: tuple[tuple[str, str], ...]
    stopped: Halt | None


@contextmanager
def reading_answer() -> Iterator[None]:
    """A signed answer that we cannot read is the hub's fault, never a success and never a crash."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, UserError) as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault


def take_receipts(
    store: Store,
    desk: Desk,
    certificate: OfficeCertificate,
    sent: Mapping[str, str],
    answer: dict[str, Any],
    *,
    live: bool = True,
    old: bool = False,
) -> Taken:
    """Keep the receipts for what was ``sent`` (action ids by hash); halt the desk if its chain does not fit.

    ``live``: a network carried the answer, so the hub's clock is known from it; a stick is always late.
    ``old``: a later answer was taken in already, so the log may have been shorter then.
    Raises ``EnvironmentFault`` hub_answer_damaged, receipts_incomplete, or log_diverged when the hub
    contradicts a receipt that it gave before; no receipt is kept then.
    """
    with reading_answer():
        if answer["type"] != "receipts":
            raise ValueError("an answer to another question")
        receipts = [_receipt(item) for item in answer["receipts"]]
        told = {item["hash"]: item["action"] for item in answer["receipts"]}
        whole = len(told) == len(sent) or "stopped" in answer
        if not whole or len(told) != len(receipts) or not told.items() <= sent.items():
            raise EnvironmentFault("receipts_incomplete")
        with store.begin() as uow:
            if live:
                note_offset(uow, desk, from_stamp(answer["hub_time"]))
            _new(uow, receipts)
            _note_revoked(uow, answer)
            if answer.get("log"):
                verify_batch(uow, certificate, receipts, answer["log"])
            hear_checkpoint(uow, certificate, answer, old)
        for start in range(0, len(receipts), PIECE):
            with store.begin() as uow:
                _take(uow, _new(uow, receipts[start : start + PIECE]), [])
        stopped = None
        if "stopped" in answer:
            with store.begin() as uow:
                stopped = keep_halt(uow, desk, str(answer["stopped"]["error"]), answer["stopped"]["params"])
        refused = ((told[item.hash], item.code) for item in receipts if item.verdict == "rejected")
        return Taken(tuple(refused), stopped)


def _receipt(item: dict[str, Any]) -> Receipt:
    receipt = Receipt(
        str(item["hash"]),
        str(item["verdict"]),
        item["position"],
        str(item["code"]),
        dict(item["params"]),
        str(item["at"]),
    )
    recorded = receipt.verdict == "recorded" and type(receipt.position) is int
    if not recorded and (receipt.verdict != "rejected" or receipt.position is not None):
        raise ValueError("verdict")
    return receipt


def _new(uow: UnitOfWork, receipts: list[Receipt]) -> list[Receipt]:
    """Return those not known yet, each once; a contradiction raises ``EnvironmentFault('log_diverged')``."""
    known = uow.ledger.receipts_of([item.hash for item in receipts])
    for item in receipts:
        before = known.get(item.hash)
        if before is not None and (before.verdict, before.position) != (item.verdict, item.position):
            raise EnvironmentFault("log_diverged", position=item.position or before.position or 0)
    return list({item.hash: item for item in receipts if item.hash not in known}.values())


def _take(uow: UnitOfWork, receipts: list[Receipt], appended: list[str]) -> None:
    """Keep new receipts and bring the lists up to date; ``appended`` are actions that came with theirs."""
    uow.ledger.add_receipts(receipts)
    uow.outbox.note_heard()
    changed = dict.fromkeys(uow.ledger.subjects_of(appended))
    heard = [
        place for place in uow.ledger.subjects_of(each.hash for each in receipts) if place not in changed
    ]
    if not uow.ledger.any_rejected():
        # A case that was filed here and is now recorded reads as before, but for that.
        uow.projection.deliver_cases([subject for kind, subject in heard if kind == "case"])
        heard = [place for place in heard if place[0] != "case"]
    for kind, subject in uow.ledger.in_order([*changed, *heard]):
        uow.projection.refresh(kind, subject)


def take_feed(
    store: Store,
    desk: Desk,
    certificate: OfficeCertificate,
    answer: dict[str, Any],
    after: int,
    *,
    live: bool = True,
    old: bool = False,
) -> int:
    """Keep a page of the feed that follows position ``after``; return how many actions were new.

    ``live`` and ``old`` as for :func:`take_receipts`.
    What is known already is compared and gets its receipt if it has none. Raises ``EnvironmentFault``:
    hub_answer_damaged, hub_answer_forged, feed_gap when the page begins beyond our cursor, log_diverged
    when the hub contradicts what it said before, and chain_forked when something of ours that still waits
    has the place of what another copy of this desk did.
    """
    with reading_answer():
        if answer["type"] != "feed":
            raise ValueError("an answer to another question")
        items = list(answer["items"])
        places = [item["position"] for item in items]
        if places != list(range(after + 1, after + 1 + len(items))) or answer["next"] != after + len(items):
            raise ValueError("the feed has no gaps")
        read = [(item, *read_item(item)) for item in items]
        for _, signed, _ in read:
            _require_genuine(desk, certificate, signed)
        with store.read() as uow:
            cursor = feed_cursor(uow)
            if after > cursor:
                raise EnvironmentFault("feed_gap", have=cursor, after=after)
            foresee_page(uow, certificate, answer, _told(read)[cursor - after :], old)
        new = 0
        for piece in _pieces(read):
            with store.begin() as uow:
                new += _take_piece(uow, desk, piece, after)
            after += len(piece)
        with store.begin() as uow:
            if live:
                note_offset(uow, desk, from_stamp(answer["hub_time"]))
            _note_revoked(uow, answer)
            if "on_manager_change" in answer:
                note_on_manager_change(uow, answer["on_manager_change"])
            hear_checkpoint(uow, certificate, answer, old)
    return new


def _told(items: list[Item]) -> list[tuple[Any, str]]:
    return [(item.get("recorded_at"), signed.hash) for item, signed, _ in items]


def _pieces(items: list[Item]) -> Iterator[list[Item]]:
    piece: list[Item] = []
    weight = 0
    for item in items:
        piece.append(item)
        weight += PAGE_WEIGHT if _is_page(item[1]) else 1
        if weight >= PIECE:
            yield piece
            piece, weight = [], 0
    if piece:
        yield piece


def _take_piece(uow: UnitOfWork, desk: Desk, items: list[Item], after: int) -> int:
    cursor = feed_cursor(uow)
    new = _keep_items(uow, desk, items)
    extend_edge(uow, _told(items)[cursor - after :])
    uow.set_meta("feed_cursor", str(max(cursor, after + len(items))))
    return new


def _keep_items(uow: UnitOfWork, desk: Desk, items: list[Item]) -> int:
    hashes = [signed.hash for _, signed, _ in items]
    held, receipts = uow.ledger.known(hashes), uow.ledger.receipts_of(hashes)
    new: list[Receipt] = []
    made: list[tuple[SignedAction, Private]] = []
    pages: list[tuple[SignedAction, dict[str, Any]]] = []
    for (item, signed, sealed), name in zip(items, hashes, strict=True):
        receipt = receipts.get(name)
        if receipt is not None:
            if (receipt.verdict, receipt.position) != ("recorded", item["position"]):
                raise EnvironmentFault("log_diverged", position=item["position"])
            continue
        if name not in held:
            _note_own(uow, desk, signed.action)
            made.append((signed, {} if _is_page(signed) else _opened(desk, signed, sealed)))
            pages += [(signed, item)] if _is_page(signed) else []
        at = str(item.get("recorded_at") or item["action"]["at"])
        new.append(Receipt(name, "recorded", item["position"], "", {}, at))
    if made:
        uow.ledger.append_many(made)
    for signed, item in pages:
        keep_page(uow, signed, item, desk.exchange_secret)
    _take(uow, new, [signed.hash for signed, _ in made])
    return len(made)


def _is_page(signed: SignedAction) -> bool:
    return signed.action.kind == PAGE_KIND


def _require_genuine(desk: Desk, certificate: OfficeCertificate, signed: SignedAction) -> None:
    """Before the log is asked: an item that is not the hub's to tell says nothing about the log."""
    action = signed.action
    if action.office != desk.office or action.kind not in KINDS:
        raise Refusal("action_unknown", kind=action.kind)
    by_hub = not KINDS[action.kind].roles
    if by_hub != (action.person == HUB):
        raise EnvironmentFault("hub_answer_forged")
    if by_hub and not signed.verify(bytes.fromhex(certificate.hub_key)):
        raise EnvironmentFault("hub_answer_forged")


def _opened(desk: Desk, signed: SignedAction, sealed: str) -> Private:
    """Return an item's personal values, once they are what was signed for."""
    private = open_private(sealed, desk.exchange_secret, signed.hash) if sealed else {}
    if private:
        verify_private(signed.action, private)
    return private


def _note_own(uow: UnitOfWork, desk: Desk, action: Action) -> None:
    """Notice what another copy of this desk did: where ours waits it is a fork, above it we start anew."""
    if action.device != desk.device:
        return
    if uow.outbox.waits_at(action):
        # Another copy of this desk has our number at the hub; a push would be told the same.
        fork = {"seq": action.seq, "generation": action.device_epoch, "epoch": action.device_epoch}
        raise EnvironmentFault("chain_forked", **fork)
    if action.device_epoch >= desk.epoch:
        # Somebody else writes as us: a second restore of one backup. Our next action starts anew above it.
        uow.set_meta("generation_taken", str(action.device_epoch))


def _note_revoked(uow: UnitOfWork, answer: dict[str, Any]) -> None:
    """Keep which desks of the office were withdrawn, as the hub last told it (protocol 2)."""
    if "revoked" in answer:
        names = ("device", "kid", "at")
        told = [{name: str(item[name])[:64] for name in names} for item in answer["revoked"]]
        uow.set_meta("revoked_devices", json.dumps(told))
