"""Sync as a use case: one cycle for the unlocked desk, where it stands, and what a person may decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from core.clock import from_stamp, to_stamp
from core.errors import UserError
from core.records.people import Role
from core.services.device_certificates import certificate_or_refuse, prepare
from core.services.register import finish_words
from core.services.scans import ScanReport, run_lane, scans_waiting
from core.services.session import Session
from core.services.verification import refresh_if_old
from core.store.action_rows import Receipt
from core.store.unit_of_work import UnitOfWork
from core.sync.comparing import start_over
from core.sync.cycle import CycleReport, run_cycle
from core.sync.desk import FORKS, Desk, Halt, clear_halt, feed_cursor, find_halt
from core.sync.hub import Hub

__all__ = [
    "CycleReport",
    "Halt",
    "Staleness",
    "SyncPreview",
    "SyncStatus",
    "ask_again",
    "continue_as_new_generation",
    "desk_of",
    "preview",
    "set_paused",
    "staleness",
    "status",
    "sync",
]

PAUSED = "sync_paused"
OLD_DAYS, STALE_DAYS = 1, 3


@dataclass(frozen=True)
class SyncStatus:
    """What the strip shows. ``last_sync`` is a UTC stamp or empty.

    ``pending`` actions of this desk wait for the hub, ``scans_waiting`` scans; ``open_refusals`` were
    refused and nobody has settled them; ``paused`` on a person's wish; ``halt`` says why nothing goes.
    """

    enrolled: bool
    pending: int
    last_sync: str
    paused: bool = False
    halt: Halt | None = None
    open_refusals: int = 0
    scans_waiting: int = 0


@dataclass(frozen=True)
class Staleness:
    """How old this desk's knowledge is: whole days since the last cycle, None if there never was one."""

    days: int | None
    level: Literal["fresh", "old", "stale"]


@dataclass(frozen=True)
class SyncPreview:
    """What a cycle would send, without any network: actions by kind, scans, and where the feed goes on."""

    pending: dict[str, int]
    scans: int
    after: int


def desk_of(session: Session) -> Desk:
    """Return the desk as sync sees it."""
    device = session.device
    return Desk(
        session.office,
        device.id,
        device.epoch,
        device.signer,
        device.exchange_secret,
        session.clock,
        session.random,
    )


def sync(
    session: Session,
    hub: Hub,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
    scan_progress: Callable[[int, int], None] = lambda done, total: None,
) -> CycleReport:
    """Run one cycle, then the scans' lane; also while paused: whoever calls this means it.

    What is done while scans travel goes first: the lane gives way to another cycle. ``progress`` counts
    actions, ``scan_progress`` bytes.

    Raises ``UserError('not_enrolled')``, ``EnvironmentFault`` hub_* or the code of the desk's halt,
    ``Cancelled``.
    """
    report = _cycle(session, hub, progress, cancelled)
    while True:
        lane = run_lane(session, hub, scan_progress, cancelled)
        done = ScanReport() if report.scans is None else report.scans
        report = replace(report, scans=done.joined(lane))
        if not lane.interrupted:
            return report
        more = _cycle(session, hub, progress, cancelled)
        report = replace(
            more,
            pushed=report.pushed + more.pushed,
            rejected=report.rejected + more.rejected,
            pulled=report.pulled + more.pulled,
            scans=report.scans,
        )


def _cycle(
    session: Session, hub: Hub, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
) -> CycleReport:
    certificate_or_refuse(session)
    with session.read() as uow:
        halted = find_halt(uow) is not None
    if not halted:
        prepare(session, hub)
    certificate = certificate_or_refuse(session)
    report = run_cycle(session.store, desk_of(session), hub, certificate, progress, cancelled)
    with session.begin() as uow:
        _heal_clock(session, uow, report.hub_offset_seconds)
        leave_taken_generation(session, uow)
    finish_words(session, cancelled)
    refresh_if_old(session, hub)
    return report


def leave_taken_generation(session: Session, uow: UnitOfWork) -> None:
    """Begin a new generation if the feed held actions of ours that this copy of the desk never did."""
    taken = int(uow.find_meta("generation_taken") or 0)
    if taken >= session.device.epoch:
        _begin_generation(session, uow, taken + 1)


def _heal_clock(session: Session, uow: UnitOfWork, offset: int) -> None:
    """A code minted while this machine's clock ran far ahead must not block every later one."""
    now = int(session.now().timestamp()) + offset
    if int(uow.find_meta("last_minted") or 0) > now:
        uow.set_meta("last_minted", str(now))


def _begin_generation(session: Session, uow: UnitOfWork, epoch: int) -> None:
    device = replace(session.device, epoch=epoch)
    uow.set_meta("device", device.to_json())
    session.device = device


def status(session: Session) -> SyncStatus:
    """Return where sync stands, without any network."""
    with session.read() as uow:
        return SyncStatus(
            enrolled=session.certificate(uow) is not None,
            pending=uow.outbox.count(session.device.id),
            last_sync=uow.find_meta("last_sync") or "",
            paused=uow.find_meta(PAUSED) == "yes",
            halt=find_halt(uow),
            open_refusals=uow.refusals.count(),
            scans_waiting=sum(uow.scans.count_waiting()),
        )


def set_paused(session: Session, paused: bool) -> None:
    """Note a person's wish that cycles run by themselves, or do not."""
    with session.begin() as uow:
        uow.set_meta(PAUSED, "yes" if paused else "")


def staleness(session: Session) -> Staleness:
    """Return how old this desk's knowledge is: fresh below a day, stale from the fourth on or never."""
    with session.read() as uow:
        last = uow.find_meta("last_sync")
    if not last:
        return Staleness(None, "stale")
    days = max(0, (session.now() - from_stamp(last)).days)
    return Staleness(days, "fresh" if days < OLD_DAYS else "old" if days <= STALE_DAYS else "stale")


def preview(session: Session) -> SyncPreview:
    """Return what a cycle would send. Raises ``UserError('not_enrolled')``."""
    certificate_or_refuse(session)
    scans = scans_waiting(session).to_send
    with session.read() as uow:
        return SyncPreview(uow.outbox.kinds(session.device.id), scans, feed_cursor(uow))


def _require_admin(session: Session, uow: UnitOfWork) -> None:
    if Role.ADMIN not in session.me(uow).roles:
        raise UserError("role_missing", roles=[Role.ADMIN.value])


def continue_as_new_generation(session: Session) -> int:
    """Go on after another copy of this desk was seen; return how many actions have to be done again.

    The desk gets a generation above every one the hub has seen. What this copy did after the two parted
    cannot stand at the hub (its place in the chain is taken), so it gets a rejected receipt and becomes
    a work item. After ``epoch_old`` nothing is given up: what was not sent yet is sent from the new
    generation, and the hub says whether it fits. An administrator decides. Raises ``UserError``
    nothing_to_continue, role_missing.
    """
    with session.begin() as uow:
        halt = find_halt(uow)
        if halt is None or halt.code not in FORKS:
            raise UserError("nothing_to_continue")
        _require_admin(session, uow)
        dead = _give_up(session, uow, halt) if halt.code != "epoch_old" else 0
        _begin_generation(session, uow, max(session.device.epoch, int(halt.params.get("epoch", 0))) + 1)
        clear_halt(uow)
    return dead


def _give_up(session: Session, uow: UnitOfWork, halt: Halt) -> int:
    """Give every waiting action of the generation that broke off its rejected receipt.

    Which one that is, and from which number on, the feed has said (``generation``, ``seq``); a push breaks
    off at the oldest that waits.
    """
    waiting = uow.outbox.oldest(session.device.id, _ALL)
    broken, first = halt.params.get("generation"), int(halt.params.get("seq", 0))
    if broken is None:
        broken, first = waiting[0].action.device_epoch, 0
    dead = [item.hash for item in waiting if item.action.device_epoch == broken and item.action.seq >= first]
    for action_hash in dead:
        uow.ledger.add_receipt(Receipt(action_hash, "rejected", None, halt.code, {}, to_stamp(session.now())))
    for kind, subject in uow.ledger.subjects_of(dead):
        uow.projection.refresh(kind, subject)
    return len(dead)


_ALL = 10**9


def ask_again(session: Session) -> None:
    """End a halt whose cause was at the hub: the next cycle fetches the whole feed and compares it anew.

    An administrator decides. Raises ``UserError`` nothing_to_continue, role_missing, or halt_is_a_fork for
    :func:`continue_as_new_generation`.
    """
    with session.begin() as uow:
        halt = find_halt(uow)
        if halt is None:
            raise UserError("nothing_to_continue")
        if halt.code in FORKS:
            raise UserError("halt_is_a_fork")
        _require_admin(session, uow)
        start_over(uow)
        clear_halt(uow)
