"""Keeps half-typed work: a second after the last key, when the page is left, when the desk is locked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from shiboken6 import isValid

from core.errors import UserError
from ui.desk import Desk
from ui.screen import Chip
from ui.screens.application.work import Work
from ui.task import CancelToken, ReportProgress, Task

PAUSE_MS = 1000
RETRY_MS = 5000


class Keeper(QObject):
    """``work`` is asked when a save is due.

    ``said`` comes when the chip changed, ``failed(error)`` with the first of several faults in a row.
    """

    said = Signal()
    failed = Signal(object)

    def __init__(self, owner: QObject, desk: Desk, work: Callable[[], Work | None]) -> None:
        super().__init__(owner)
        self._desk, self._work = desk, work
        self.held = False
        """True while the work is being filed: a save in between would leave a draft behind."""
        self.chip: Chip | None = None
        self._saved: Work | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(lambda: self.save())

    def touch(self) -> None:
        """Something was typed: save after a pause."""
        self._pause.start(PAUSE_MS)

    def clear(self) -> None:
        """Other work is on the desk."""
        self._pause.stop()
        self.chip, self._saved = None, None

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save now if there is anything to keep."""
        self._pause.stop()
        work = self._work()
        if work is None or self.held or not work.worth_keeping or work is self._saved:
            if then is not None and work is not None and not self.held:
                then()
            return
        self._start(work, then)

    def save_now(self) -> None:
        """As :meth:`save`, with the session as it is at this moment: it may be taken away right after."""
        self.save()

    def _start(self, work: Work, then: Callable[[], None] | None) -> None:
        try:
            session = self._desk.session
        except UserError:
            return

        def op(progress: ReportProgress, cancel: CancelToken) -> str:
            from ui.screens.application.loading import keep_draft

            return keep_draft(session, work)

        def done(moment: str) -> None:
            self._saved = work
            self._say(Chip(f"草稿 已自动保存 {moment}", "good"))
            if then is not None:
                then()

        def failed(error: BaseException) -> None:
            first = self.chip is None or self.chip.tone != "bad"
            self._say(Chip("草稿没有保存", "bad"))
            if first:
                self.failed.emit(error)
            self._pause.start(RETRY_MS)

        # The application owns the task: a window that closes must not cancel its last save.
        owner = QCoreApplication.instance() or self
        task = Task(owner, op, "keep draft")
        task.on_success(lambda moment: done(moment) if isValid(self) else None)
        task.on_failure(lambda error: failed(error) if isValid(self) else None)
        task.start("store")

    def _say(self, chip: Chip) -> None:
        if chip != self.chip:
            self.chip = chip
            self.said.emit()
