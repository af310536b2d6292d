"""Scans between desks and hub: the lane that sync runs, one scan on demand, and what still waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import EnvironmentFault, UserError
from core.services.device_certificates import certificate_or_refuse
from core.services.session import Session
from core.sync.hub import Hub
from core.sync.scans import Lane, Progress, ScanReport

__all__ = ["ScanReport", "ScansWaiting", "fetch_scan", "is_here", "run_lane", "scans_waiting"]


@dataclass(frozen=True)
class ScansWaiting:
    """How many scans wait to be sent, and how many of open cases wait to be fetched."""

    to_send: int
    to_fetch: int


def run_lane(
    session: Session,
    hub: Hub,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ScanReport:
    """Send and fetch scans until all are done or somebody does something new, which goes first.

    A hub that knows no scans yet is left in peace. Raises ``UserError('not_enrolled')``,
    ``EnvironmentFault`` hub_*, ``Cancelled``.
    """
    before = _pending(session)
    lane = _lane(session, hub, progress, cancelled, lambda: _pending(session) > before)
    try:
        return lane.run()
    except EnvironmentFault as fault:
        if _knows_no_scans(fault):
            waiting = scans_waiting(session)
            return ScanReport(waiting=waiting.to_send + waiting.to_fetch)
        raise


def fetch_scan(
    session: Session,
    hub: Hub,
    scan: str,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Fetch one scan that is not at this desk.

    Raises ``UserError`` scan_unknown, scan_not_here_yet (the hub has not got it either), scan_erased,
    scan_differs; ``EnvironmentFault`` hub_*.
    """
    with session.read() as uow:
        case = uow.scans.case_of(scan)
    if case is None:
        raise UserError("scan_unknown")
    try:
        _lane(session, hub, progress, cancelled, lambda: False).fetch(case, scan)
    except EnvironmentFault as fault:
        if _knows_no_scans(fault):
            raise UserError("scan_not_here_yet") from fault
        raise


def scans_waiting(session: Session) -> ScansWaiting:
    """Return what the lane has still to do, without any network."""
    with session.read() as uow:
        return ScansWaiting(*uow.scans.count_waiting())


def is_here(session: Session, scan: str) -> bool:
    """Tell whether this desk holds the bytes of a scan."""
    with session.read() as uow:
        return uow.find_attachment(scan) is not None


def _lane(
    session: Session,
    hub: Hub,
    progress: Progress,
    cancelled: Callable[[], bool],
    interrupted: Callable[[], bool],
) -> Lane:
    from core.services.sync import desk_of  # a cycle runs the lane, so it stands above this module

    certificate = certificate_or_refuse(session)
    folder = session.folder.attachments
    return Lane(session.store, folder, desk_of(session), hub, certificate, progress, cancelled, interrupted)


def _pending(session: Session) -> int:
    with session.read() as uow:
        return uow.outbox.count(session.device.id)


def _knows_no_scans(fault: EnvironmentFault) -> bool:
    """A hub of the release before has no such address, and refuses a protocol that it does not know."""
    refused = fault.code == "hub_refused" and fault.params.get("status") in (400, 404)
    return refused and fault.params.get("reason") in ("", "not_found", "protocol_unknown")
