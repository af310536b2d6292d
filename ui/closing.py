"""The end of a session, behind its drafts: the day's backup if there is none, then session and keys go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from ui.desk import Desk
from ui.messages import Message, sentence
from ui.screens.unlock.screen import UnlockCover
from ui.task import CancelToken, ReportProgress, Task

if TYPE_CHECKING:
    from core.services.session import Session


class Closing(QObject):
    """One session at a time. A backup that fails or is hurried past keeps no session open."""

    progressed = Signal(object)
    closed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._task: Task[None] | None = None

    def begin(self, desk: Desk, cover: UnlockCover | None = None) -> None:
        """Close a desk's session once the store lane has written what was typed.

        ``cover`` says when the backup failed.
        """
        settings = desk.settings

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services.daily_backup import back_up_daily

            back_up_daily(
                session, settings.backup_folder, settings.keep_backups, progress, lambda: cancel.cancelled
            )

        self._task = desk.ask(self, op, "lock")
        self._task.with_progress(self.progressed.emit)
        self._task.on_success(lambda _none: self._end(desk)).on_cancelled(lambda: self._end(desk))
        self._task.on_failure(lambda error: self._on_no_backup(desk, cover, error)).start("store")

    def hurry(self) -> None:
        """Nobody waits for a backup: it is made at the next lock."""
        if self._task is not None:
            self._task.cancel()

    def _on_no_backup(self, desk: Desk, cover: UnlockCover | None, error: BaseException) -> None:
        said = sentence(error)
        if cover is not None and isValid(cover):
            cover.note(Message("", f"今天的自动备份没有完成：{said.text}", said.remedy))
        self._end(desk)

    def _end(self, desk: Desk) -> None:
        self._task = None
        if not desk.is_locked:
            desk.lock()
            self.closed.emit()
