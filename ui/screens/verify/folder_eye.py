"""Looks into the watched folder while the page is open: a document camera's picture verifies by itself."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from core.intake.folder import FolderWatch, look
from ui.task import CancelToken, ReportProgress, Task

EVERY_MS = 1000


class FolderEye(QObject):
    """``arrived(str)`` for each picture that came since :meth:`watch`."""

    arrived = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folder, self._looking = "", False
        self._watch: FolderWatch | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(EVERY_MS)
        self._clock.timeout.connect(self.look)

    def watch(self, folder: str) -> None:
        """Begin with what lies in ``folder`` now, or stop (empty)."""
        self._folder, self._watch = folder, None
        if folder:
            self._clock.start()
            self.look()
        else:
            self._clock.stop()

    def look(self) -> None:
        """Look once."""
        folder = self._folder
        if not folder or self._looking:
            return
        self._looking = True

        def run(progress: ReportProgress, cancel: CancelToken) -> dict[Path, object]:
            return dict(look(Path(folder)))

        def done(now: dict[Path, object]) -> None:
            self._looking = False
            if folder == self._folder:
                self._compare(now)

        def failed(error: BaseException) -> None:
            self._looking = False
            self._clock.stop()

        Task(self, run, "look for a picture").on_success(done).on_failure(failed).start("render")

    def _compare(self, now: dict[Path, object]) -> None:
        if self._watch is None:
            self._watch = FolderWatch(now)  # type: ignore[arg-type]
            return
        for path in self._watch.step(now):  # type: ignore[arg-type]
            self.arrived.emit(str(path))
