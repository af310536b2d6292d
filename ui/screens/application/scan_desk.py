"""Scans on their way in: chosen, dropped or found in the watched folder, examined apart, then kept.

Parsing happens in a limited child process, waited for on the render lane, so that a bad file never holds
up the store. Previews live in memory only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.folder_eye import FolderEye
from ui.messages import sentence
from ui.navigator import Navigator
from ui.task import CancelToken, Progress, ReportProgress, Task

if TYPE_CHECKING:
    from core.intake.scan import Scan
    from core.services.session import Session

MOST_PREVIEWS = 12


@dataclass(frozen=True)
class _Wanted:
    case: str
    path: Path
    role: str


class ScanDesk(QObject):
    """``kept(case)`` after a scan was recorded, ``changed`` when previews or the offer changed."""

    kept = Signal(str)
    changed = Signal()

    def __init__(self, owner: QWidget, desk: Desk, navigator: Navigator) -> None:
        super().__init__(owner)
        self._desk, self._navigator = desk, navigator
        self._queue: list[_Wanted] = []
        self._task: Task[tuple[bytes, Scan]] | None = None
        self._asked: set[str] = set()
        self.previews: dict[str, bytes] = {}
        self.offers: list[Path] = []
        self.eye = FolderEye(self)
        self.eye.looked.connect(self._compare)
        self.eye.failed.connect(self._blind)

    # -- files ------------------------------------------------------------------------------------

    def add(self, case: str, paths: Sequence[Path], role: str) -> None:
        """Examine and keep files, one after the other."""
        self._queue += [_Wanted(case, path, role) for path in paths]
        if self._task is None:
            self._next()

    def cancel(self) -> None:
        """Stop the examination under way and forget what waits."""
        self._queue.clear()
        if self._task is not None:
            self._task.cancel()

    def _next(self) -> None:
        if not self._queue:
            self._task = None
            self._navigator.done()
            return
        wanted = self._queue.pop(0)

        def run(progress: ReportProgress, cancel: CancelToken) -> tuple[bytes, Scan]:
            from core.intake.scan import examine, read_scan

            data = read_scan(wanted.path)
            return data, examine(data, cancel=lambda: cancel.cancelled)

        task = Task(self, run, "examine scan")
        self._task = task
        left = len(self._queue)
        text = "正在检查扫描件…" if not left else f"正在检查扫描件…（还有 {left} 份）"
        self._navigator.busy(text, self.cancel)
        self._navigator.advance(Progress(0, 0))
        task.on_success(lambda found: self._keep(wanted, *found))
        task.on_failure(self._on_failure)
        task.on_cancelled(self._on_cancelled)
        task.start("render")

    def _keep(self, wanted: _Wanted, data: bytes, found: Scan) -> None:
        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> str:
            from core.services.applications import keep_scan

            return keep_scan(session, wanted.case, data, found, wanted.role)

        def done(scan: str) -> None:
            self.previews[scan] = found.preview_png
            self._asked.add(scan)
            self.kept.emit(wanted.case)
            self._next()

        self._desk.act(self, op, "keep scan").on_success(done).on_failure(self._on_failure).start("store")

    def _on_failure(self, error: BaseException) -> None:
        self._navigator.toast(f"扫描件没有添加：{sentence(error).whole()}", "bad")
        self._next()

    def _on_cancelled(self) -> None:
        self._navigator.toast("已停止检查，扫描件没有添加。", "")
        self._next()

    # -- previews ---------------------------------------------------------------------------------

    def want_previews(self, scans: Sequence[str]) -> None:
        """Fetch the previews of kept scans that are not in memory yet."""
        for scan in scans[-MOST_PREVIEWS:]:
            if scan not in self._asked and not self._desk.is_locked:
                self._asked.add(scan)
                self._fetch(scan)

    def _fetch(self, scan: str) -> None:
        def read(session: Session, progress: ReportProgress, cancel: CancelToken) -> bytes:
            from core.services.applications import read_scan

            return read_scan(session, scan)

        # A preview that fails is no loss: the tile stays a plain picture, opening the scan says why.
        quiet: Callable[[BaseException], None] = lambda error: None  # noqa: E731
        task = self._desk.ask(self, read, "read scan")
        task.on_success(lambda data: self._picture(scan, data)).on_failure(quiet).start("store")

    def _picture(self, scan: str, data: bytes) -> None:
        def run(progress: ReportProgress, cancel: CancelToken) -> Scan:
            from core.intake.scan import examine

            return examine(data, cancel=lambda: cancel.cancelled)

        def done(found: Scan) -> None:
            self.previews[scan] = found.preview_png
            self.changed.emit()

        Task(self, run, "preview scan").on_success(done).on_failure(lambda error: None).start("render")

    def stop(self) -> None:
        """The desk is locked: nothing goes on, and nothing readable stays in memory."""
        self.cancel()
        self.watch(False)
        self.forget()

    def forget(self) -> None:
        """Drop every preview (another case is on the bench)."""
        self.previews.clear()
        self._asked.clear()

    # -- the watched folder -----------------------------------------------------------------------

    def watch(self, on: bool) -> None:
        """Begin or stop looking into the watched folder of the settings."""
        folder = self._desk.settings.watched_folder if on else ""
        if folder != self.eye.folder:
            self.offers = []
            self.changed.emit()
        self.eye.watch(folder)

    def _compare(self, there: frozenset[Path], fresh: list[Path]) -> None:
        """What became ready is offered, never taken by itself."""
        kept = [path for path in self.offers if path in there and path not in fresh]
        if fresh or kept != self.offers:
            self.offers = [*kept, *fresh]
            self.changed.emit()

    def _blind(self, error: BaseException) -> None:
        self._navigator.toast(sentence(error).whole(), "warn")

    def take_offer(self) -> Path | None:
        """Return the file on offer and offer the next."""
        taken = self.offers.pop(0) if self.offers else None
        self.changed.emit()
        return taken
