"""One sync cycle: push what has no receipt, pull what is new, compare; resumable at any point.

Only the loop is here. What is sent is :mod:`core.sync.outbox`, what is taken in :mod:`core.sync.inbox`,
and both work the same when a stick carries the envelopes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.clock import to_stamp
from core.errors import Cancelled, EnvironmentFault
from core.store.unit_of_work import Store
from core.sync.comparing import start_over, told_size, whole
from core.sync.desk import (
    ASKED_AGAIN,
    FORKS,
    HUB_FAULTS,
    Desk,
    clear_halt,
    feed_cursor,
    find_halt,
    hub_offset,
    keep_halt,
)
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import BATCH_LIMITS
from core.sync.hub import Hub
from core.sync.inbox import reading_answer, take_feed, take_receipts
from core.sync.outbox import next_pull, next_push, next_urgent
from core.sync.scans import ScanReport

_HALTING = FORKS | HUB_FAULTS
_NAMED = ("device_unknown", "client_certificate_missing", "client_certificate_differs")
"""Refusals that have a sentence of their own and end by themselves once somebody has done their part."""
_PATIENCE = 3
"""How often an empty page is believed to have crossed with somebody else's batch."""


@dataclass(frozen=True)
class CycleReport:
    """What a cycle did. ``rejected`` holds (action id, code); ``scans`` what the lane did after it."""

    pushed: int
    rejected: tuple[tuple[str, str], ...]
    pulled: int
    pending: int
    hub_offset_seconds: int
    scans: ScanReport | None = None


Progress = Callable[[int, int], None]


@dataclass
class _Talk:
    """One desk speaking with one hub; ``limit`` is what the hub's protocol allows in a batch."""

    store: Store
    desk: Desk
    hub: Hub
    certificate: OfficeCertificate
    cancelled: Callable[[], bool]
    limit: int = field(default_factory=lambda: min(BATCH_LIMITS.values()))

    def ask(self, path: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        if self.cancelled():
            raise Cancelled()
        answer = self.hub.ask(path, payload, self.desk.signer, self.certificate)
        with reading_answer():
            self.limit = BATCH_LIMITS[answer["protocol"]]
        return answer


def run_cycle(
    store: Store,
    desk: Desk,
    hub: Hub,
    certificate: OfficeCertificate,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> CycleReport:
    """Push, pull and compare, until both sides hold the same. Raises ``EnvironmentFault``, ``Cancelled``.

    A fault that only a person can end is kept as the desk's halt, and raised again at once, without any
    network, until somebody has decided (:mod:`core.sync.desk`).
    """
    with store.read() as uow:
        halt = find_halt(uow)
    if halt is not None and halt.code not in ASKED_AGAIN:
        raise EnvironmentFault(halt.code, **halt.params)
    talk = _Talk(store, desk, hub, certificate, cancelled)
    try:
        _send_ahead(talk)
        pushed, rejected = _push(talk, progress)
        pulled = _compared(talk)
    except EnvironmentFault as fault:
        raise _halted(store, desk, fault) from fault
    with store.begin() as uow:
        clear_halt(uow)
        uow.set_meta("last_sync", to_stamp(desk.clock()))
        pending = uow.outbox.count(desk.device)
        return CycleReport(pushed, tuple(rejected), pulled, pending, hub_offset(uow))


def _send_ahead(talk: _Talk) -> None:
    """Tell the hub first of what voids or suspends; a hub that does not know how hears it in its turn."""
    with talk.store.read() as uow:
        payload = next_urgent(uow, talk.desk)
    if payload is None:
        return
    try:
        talk.ask("/api/v1/urgent", payload)
    except EnvironmentFault as fault:
        if fault.code != "hub_refused":
            raise


def _push(talk: _Talk, progress: Progress) -> tuple[int, list[tuple[str, str]]]:
    pushed, rejected, heard = 0, list[tuple[str, str]](), False
    with talk.store.read() as uow:
        total = uow.outbox.count(talk.desk.device)
    while True:
        with talk.store.read() as uow:
            push = next_push(uow, talk.desk, talk.certificate, talk.limit)
        # The first batch may be empty: batches are taken whatever our clock says, and the answer tells
        # the hub's time, without which a desk whose clock is wrong could not ask for the feed.
        if not push.sent and heard:
            return pushed, rejected
        answer = talk.ask("/api/v1/actions", push.payload)
        taken = take_receipts(talk.store, talk.desk, talk.certificate, push.sent, answer)
        heard = True
        if taken.stopped is not None:
            raise EnvironmentFault(taken.stopped.code, **taken.stopped.params)
        rejected.extend(taken.rejected)
        pushed += len(push.sent)
        progress(pushed, max(total, pushed))


def _pull(talk: _Talk) -> tuple[int, dict[str, Any]]:
    """Return how many actions were new, and the answer that ended it."""
    pulled, late = 0, 0
    while True:
        with talk.store.read() as uow:
            payload = next_pull(uow, talk.desk, talk.limit)
            # What this desk did up to its newest recorded action it holds, values and all. A stick's question
            # does not say so: its answer may reach a copy of the desk that was restored meanwhile.
            payload["own"] = uow.ledger.newest_recorded(talk.desk.device, talk.desk.epoch)
        answer = talk.ask("/api/v1/feed", payload)
        with reading_answer():
            if answer["nonce"] != payload["nonce"]:
                raise ValueError("an answer to an earlier question")
            pulled += take_feed(talk.store, talk.desk, talk.certificate, answer, payload["after"])
        with talk.store.read() as uow:
            cursor, size = feed_cursor(uow), told_size(answer)
        if answer["items"] and size != cursor:
            continue  # the hub may cut a page short by size; without a log only an empty page is the end
        late += 1  # another desk may have been heard while an empty page was read
        if late == _PATIENCE or size <= cursor:
            return pulled, answer


def _compared(talk: _Talk) -> int:
    """Pull; hold counts and log against the hub's, once more from the first entry if they differ."""
    pulled, answer = _pull(talk)
    with talk.store.begin() as uow:
        if whole(uow, answer):
            return pulled
        start_over(uow)
    more, answer = _pull(talk)
    with talk.store.read() as uow:
        if not whole(uow, answer):
            have, cursor = uow.ledger.count_recorded(), feed_cursor(uow)
            raise EnvironmentFault("log_diverged", size=told_size(answer), have=have, cursor=cursor)
    return pulled + more


def _halted(store: Store, desk: Desk, fault: EnvironmentFault) -> EnvironmentFault:
    """Return the fault as it is told, after keeping it if only a person can end it."""
    code, params = fault.code, fault.params
    if code == "hub_refused" and params.get("reason") in _HALTING:
        code, params = params["reason"], params.get("told", {})
    elif code == "hub_refused" and params.get("reason") in _NAMED:
        return EnvironmentFault(params["reason"])
    if code not in _HALTING:
        return fault
    with store.begin() as uow:
        halt = keep_halt(uow, desk, code, params)
    return EnvironmentFault(halt.code, **halt.params)
