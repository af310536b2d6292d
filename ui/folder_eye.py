"""Looks into the watched folder while a page is open: what a scanner or document camera has laid there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.task import CancelToken, ReportProgress, Task

if TYPE_CHECKING:
    from core.intake.folder import FolderWatch, Seen

EVERY_MS = 1500


class FolderEye(QObject):
    """``looked(there, fresh)`` after each look but the first: the files there now, and those that became
    ready with it; ``failed(error)`` once, when the folder cannot be read: it then looks no more."""

    looked = Signal(object, object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.folder, self._looking = "", False
        self._watch: FolderWatch | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(EVERY_MS)
        self._clock.timeout.connect(self.look)

    def watch(self, folder: str) -> None:
        """Begin with what lies in ``folder`` now; go on, if it is that one already; stop, if empty."""
        if folder != self.folder:
            self.folder, self._watch = folder, None
        if not folder:
            self._clock.stop()
        elif not self._clock.isActive():
            self._clock.start()
            self.look()

    def look(self) -> None:
        """Look once."""
        folder = self.folder
        if not folder or self._looking:
            return
        self._looking = True

        def run(progress: ReportProgress, cancel: CancelToken) -> dict[Path, Seen]:
            from core.intake.folder import look

            return look(Path(folder))

        def done(there: dict[Path, Seen]) -> None:
            self._looking = False
            if folder == self.folder:
                self._compare(there)

        def failed(error: BaseException) -> None:
            self._looking = False
            if folder == self.folder:
                self._clock.stop()
                self.failed.emit(error)

        Task(self, run, "look into folder").on_success(done).on_failure(failed).start("render")

    def _compare(self, there: dict[Path, Seen]) -> None:
        from core.intake.folder import FolderWatch

        if self._watch is None:
            self._watch = FolderWatch(there)
        else:
            self.looked.emit(frozenset(there), self._watch.step(there))
