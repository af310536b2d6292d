"""Sync by USB stick (U 盘同步): for an office whose line is slow, dead, or not allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.services.offices import is_enrolled
from core.services.session import Session
from core.sync.stick import StickFault, StickReport

__all__ = ["StickFault", "StickReport", "export_stick", "import_stick"]

Progress = Callable[[int, int], None]


def export_stick(
    session: Session,
    stick: Path,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> StickReport:
    """Write what this desk has for the hub to the stick mounted at ``stick``.

    The former export stays valid until this one is whole. An office without a certificate asks for one.
    Raises ``EnvironmentFault`` stick_gone, disk_full, disk_readonly, or the code of the desk's halt;
    ``Cancelled``.
    """
    from core.services.stick_export import Exporter, ask_to_enrol

    if not is_enrolled(session):
        return ask_to_enrol(session, stick)
    return Exporter(session, stick, progress, cancelled).run()


def import_stick(
    session: Session,
    stick: Path,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> StickReport:
    """Take in the hub's answers that lie on the stick for this desk; again, or late, changes nothing.

    Files that are damaged, missing or another's are named in the report, the rest is taken in; an office
    without a certificate takes that. Raises ``UserError('not_enrolled')`` while the hub has not decided,
    ``EnvironmentFault`` stick_gone, stick_empty, or the code of a halt that the answers brought;
    ``Cancelled``.
    """
    from core.services.stick_import import Importer, take_enrolment

    if not is_enrolled(session):
        return take_enrolment(session, stick)
    return Importer(session, stick, progress, cancelled).run()
