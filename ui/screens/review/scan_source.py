"""Where the scan's pictures come from: bytes from the store, pages drawn by the limited child."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from core.errors import UserError
from ui.desk import Desk
from ui.messages import sentence
from ui.screens.review.scan_view import ScanView
from ui.task import CancelToken, ReportProgress, Task

if TYPE_CHECKING:
    from core.records.states import CaseState
    from core.services.session import Session

NOTHING = "选择一件申请，这里显示签字盖章的扫描件。"
MISSING = "还没有当前版本的签字盖章扫描件。"
OPENING = "正在打开扫描件…"


def is_locked(error: BaseException) -> bool:
    """Tell whether the desk was locked meanwhile: what is shown stays as it is."""
    return isinstance(error, UserError) and error.code == "desk_locked"


class ScanSource(QObject):
    """Feeds a :class:`ScanView`; keeps one scan and the pages drawn of it."""

    def __init__(self, desk: Desk, view: ScanView) -> None:
        super().__init__(view)
        self._desk, self._view = desk, view
        self._scan, self._data, self._pages = "", b"", 0
        self._pictures: dict[int, QImage] = {}
        self._task: Task[Any] | None = None
        view.page_wanted.connect(self._draw)
        # A locked desk keeps no decrypted scan in memory; it is read again when the screen comes back.
        desk.locked.connect(self.clear)
        self.clear()

    def clear(self, words: str = NOTHING) -> None:
        """Forget the scan and show words instead."""
        self._drop()
        self._scan, self._data, self._pages = "", b"", 0
        self._pictures.clear()
        self._view.show_message(words)

    def show_case(self, case: CaseState) -> None:
        """Show the newest signed scan of what the case says now; the same one stays as it is."""
        found = case.signed_scan()
        if found is None:
            self.clear(MISSING)
            return
        if found.id == self._scan:
            return
        self.clear(OPENING)
        self._scan = scan_id = found.id
        self._pages = found.pages

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> bytes:
            from core.services.applications import read_scan

            return read_scan(session, scan_id)

        task = self._desk.ask(self, op, "scan")
        self._task = task
        task.on_success(self._on_bytes).on_failure(self._on_failure).start("store")

    def _drop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _on_bytes(self, data: bytes) -> None:
        self._data = data
        self._draw(1)

    def _draw(self, page: int) -> None:
        """Let the child draw a page; one that was drawn is shown at once."""
        self._drop()
        if page in self._pictures:
            self._view.show_page(self._pictures[page], page, self._pages)
            return
        data = self._data

        def op(progress: ReportProgress, cancel: CancelToken) -> QImage:
            from core.intake.scan import examine

            found = examine(data, page=page, cancel=lambda: cancel.cancelled)
            # Our own PNG, made from the child's raw pixels: the foreign file itself is never parsed here.
            return QImage.fromData(found.preview_png)

        task = Task(self, op, "scan page")
        self._task = task
        task.on_success(lambda image: self._on_page(page, image)).on_failure(self._on_failure)
        task.start("render")

    def _on_page(self, page: int, image: QImage) -> None:
        self._pictures[page] = image
        self._view.show_page(image, page, self._pages)

    def _on_failure(self, error: BaseException) -> None:
        if is_locked(error):
            self._scan = ""  # read again after unlocking
        else:
            self.clear(sentence(error).whole())
