"""Sync by USB stick (U 盘同步): for an office whose line is slow, dead, or not allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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

    The former export stays valid until this one is whole. Raises ``UserError('not_enrolled')``,
    ``EnvironmentFault`` stick_gone, disk_full, disk_readonly, or the code of the desk's halt;
    ``Cancelled``.
    """
    from core.services.stick_export import Exporter

    return Exporter(session, stick, progress, cancelled).run()


def import_stick(
    session: Session,
    stick: Path,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> StickReport:
    """Take in the hub's answers that lie on the stick for this desk; again, or late, changes nothing.

    Files that are damaged, missing or another's are named in the report, the rest is taken in. Raises
    ``UserError('not_enrolled')``, ``EnvironmentFault`` stick_gone, stick_empty, or the code of a halt that
    the answers brought; ``Cancelled``.
    """
    from core.services.stick_import import Importer

    return Importer(session, stick, progress, cancelled).run()
