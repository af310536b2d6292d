"""The backup nobody has to think of: once a day, when the desk is locked or closed, the oldest go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.clock import china_date
from core.paths import private_folder
from core.services.backup import Progress, back_up
from core.services.session import Session

_PATTERN = "auto-*.certdesk"


def backup_folder(session: Session, wanted: str) -> Path:
    """Return the folder of the settings, or the one beside the data."""
    return Path(wanted) if wanted else session.folder.backups


def newest_backup(directory: Path) -> Path | None:
    """Return the newest automatic backup, None when there is none."""
    return max(directory.glob(_PATTERN), default=None)


def back_up_daily(
    session: Session,
    wanted: str,
    keep: int,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path | None:
    """Write today's backup unless there is one; keep the newest ``keep``. None: nothing to do.

    Raises ``EnvironmentFault`` disk_* / data_folder_unusable, ``Cancelled``.
    """
    directory = backup_folder(session, wanted)
    target = directory / f"auto-{china_date(session.now()):%Y%m%d}-{session.device.id[:8]}.certdesk"
    if target.exists():
        return None
    # A folder the office named (a share, a stick) keeps the rights it has.
    if not wanted or not directory.exists():
        private_folder(directory)
    back_up(session, target, progress, cancelled)
    found = sorted(directory.glob(f"auto-*-{session.device.id[:8]}.certdesk"))
    for path in found[: max(0, len(found) - keep)]:
        path.unlink(missing_ok=True)
    return target
