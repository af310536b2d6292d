"""Sync as a use case: one cycle for the unlocked desk, and where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.services.offices import certificate_or_refuse
from core.services.session import Session
from core.sync.cycle import CycleReport, Desk, run_cycle
from core.sync.hub import Hub


@dataclass(frozen=True)
class SyncStatus:
    """What the strip shows: how many actions wait, and when the last cycle ended (UTC stamp or empty)."""

    enrolled: bool
    pending: int
    last_sync: str


def sync(
    session: Session,
    hub: Hub,
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> CycleReport:
    """Run one cycle. Raises ``UserError('not_enrolled')``, ``EnvironmentFault`` hub_*, ``Cancelled``."""
    certificate = certificate_or_refuse(session)
    desk = Desk(
        session.office,
        session.device.id,
        session.device.epoch,
        session.device.signer,
        session.device.exchange_secret,
        session.clock,
        session.random,
    )
    report = run_cycle(session.store, desk, hub, certificate, progress, cancelled)
    _heal_clock(session, report.hub_offset_seconds)
    return report


def _heal_clock(session: Session, offset: int) -> None:
    """A code minted while this machine's clock ran far ahead must not block every later one."""
    now = int(session.now().timestamp()) + offset
    with session.begin() as uow:
        if int(uow.find_meta("last_minted") or 0) > now:
            uow.set_meta("last_minted", str(now))


def status(session: Session) -> SyncStatus:
    """Return where sync stands, without any network."""
    with session.read() as uow:
        return SyncStatus(
            enrolled=session.certificate(uow) is not None,
            pending=uow.ledger.count_pending(),
            last_sync=uow.find_meta("last_sync") or "",
        )
