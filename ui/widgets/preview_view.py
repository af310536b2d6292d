"""The paper beside the form: page pictures made off the window's thread, the newest wish wins.

A wish waits ``pause_ms`` for the typing to pause; one that comes out of the blue (nothing drawn for a
while) starts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.messages import sentence
from ui.task import CancelToken, Lanes, ReportProgress, Task
from ui.theme import colour, theme
from ui.widgets.labels import label

PageImage = tuple[int, int, bytes]
"""Width and height in device pixels, and their RGB bytes without padding."""

RenderPages = Callable[[int], Sequence[PageImage]]
"""Called on the render lane with the page width in device pixels; must not touch Qt."""

PAUSE_MS = 80
FRESH_MS = 400


class _Page(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._keep = b""

    def set_page(self, page: PageImage, ratio: float) -> None:
        width, height, self._keep = page
        # QImage does not copy: the bytes live as long as the widget shows them.
        self._image = QImage(self._keep, width, height, width * 3, QImage.Format.Format_RGB888)
        self._image.setDevicePixelRatio(ratio)
        self.setFixedSize(QSize(round(width / ratio), round(height / ratio)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(0, 0, self._image)
        painter.setPen(colour("line"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class PreviewView(QFrame):
    """Pages one under the other, as wide as the view, no horizontal scroll bar ever."""

    shown = Signal()
    failed = Signal(object)

    def __init__(
        self, lanes: Lanes | None = None, pause_ms: int = PAUSE_MS, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("face", "paper_ground")
        self.setAccessibleName("打印预览")
        self._lanes = lanes
        self._render: RenderPages | None = None
        self._task: Task[Sequence[PageImage]] | None = None
        self._again = False
        self._pages: list[_Page] = []
        self._since = QElapsedTimer()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(pause_ms)
        self._pause.timeout.connect(self._start)
        self._lay_out()
        theme().changed.connect(self.update)

    def _lay_out(self) -> None:
        self._scroll = QScrollArea()
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(12)
        self._message = label("", "muted", wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.hide()
        self._column.addWidget(self._message)
        self._column.addStretch(1)
        self._scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)

    def request(self, render: RenderPages) -> None:
        """Ask for new pictures; of many wishes only the newest is drawn."""
        self._render = render
        fresh = not self._since.isValid() or self._since.elapsed() > FRESH_MS
        self._since.start()
        if fresh and self._task is None and self._ready():
            self._pause.stop()
            self._start()
        else:
            self._pause.start()

    def clear(self) -> None:
        """Show no page, and drop what is being drawn."""
        self._render = None
        self._pause.stop()
        self._again = False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._show_pages((), 1.0)

    @property
    def page_count(self) -> int:
        """How many pages are shown."""
        return len(self._pages)

    def _ready(self) -> bool:
        return self.isVisible() and self._page_width() > 40

    def _page_width(self) -> int:
        # The room of the scroll bar is always left free, so that it cannot come and go with the page.
        return self.width() - 24 - 12

    def _start(self) -> None:
        if self._render is None or not self._ready():
            return
        if self._task is not None:
            self._again = True
            return
        render, ratio = self._render, self.devicePixelRatioF()
        pixels = round(self._page_width() * ratio)

        def op(progress: ReportProgress, cancel: CancelToken) -> Sequence[PageImage]:
            return render(pixels)

        task: Task[Sequence[PageImage]] = Task(self, op, "preview")
        self._task = task
        task.on_success(lambda pages: self._on_pages(task, pages, ratio))
        task.on_failure(lambda error: self._on_failure(task, error))
        task.start("render", self._lanes)

    def _on_pages(self, task: Task[Sequence[PageImage]], pages: Sequence[PageImage], ratio: float) -> None:
        if task is self._task:
            self._finish()
            self._show_pages(pages, ratio)
            self.shown.emit()

    def _on_failure(self, task: Task[Sequence[PageImage]], error: BaseException) -> None:
        if task is self._task:
            self._finish()
            self._message.setText(sentence(error).whole())
            self._message.show()
            self.failed.emit(error)

    def _finish(self) -> None:
        self._task = None
        if self._again:
            self._again = False
            self._start()

    def _show_pages(self, pages: Sequence[PageImage], ratio: float) -> None:
        self._message.hide()
        while len(self._pages) > len(pages):
            page = self._pages.pop()
            self._column.removeWidget(page)
            page.deleteLater()
        while len(self._pages) < len(pages):
            page = _Page()
            self._column.insertWidget(len(self._pages) + 1, page, 0, Qt.AlignmentFlag.AlignHCenter)
            self._pages.append(page)
        for page, picture in zip(self._pages, pages, strict=True):
            page.set_page(picture, ratio)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was asked for while hidden."""
        super().showEvent(event)
        if self._render is not None:
            self._pause.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw again at the new width once the resizing pauses."""
        super().resizeEvent(event)
        if self._render is not None:
            self._pause.start()
