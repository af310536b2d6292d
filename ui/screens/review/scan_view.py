"""The signed scan: one page as wide as the view, larger on wish, next page. It only ever shows pictures
that the limited child has drawn (``core.intake``); no foreign file is parsed in the window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme import colour
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.labels import label, restyle

ZOOMS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)


class _Sheet(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self._shown = QImage()

    def put(self, image: QImage, size: QSize) -> None:
        """Show ``image`` at ``size``. Made smaller once, here: a painter would drop every second line."""
        self.image = image
        self.resize(size)
        wanted = size * self.devicePixelRatioF()
        smooth = Qt.TransformationMode.SmoothTransformation
        shrinks = wanted.width() < image.width()
        self._shown = image.scaled(wanted, mode=smooth) if shrinks else image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect(), self._shown)
        painter.setPen(colour("line"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class _Ground(QScrollArea):
    """Drag moves the page, Ctrl and wheel enlarge it."""

    zoomed = Signal(int)
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._held: QPoint | None = None
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.position().toPoint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            return
        step = event.position().toPoint() - self._held
        self._held = event.position().toPoint()
        for bar, by in ((self.horizontalScrollBar(), step.x()), (self.verticalScrollBar(), step.y())):
            bar.setValue(bar.value() - by)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class ScanView(QWidget):
    """``show_page`` in, ``page_wanted(number from 1)`` out."""

    page_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.page, self.pages, self._zoom = 1, 0, 0
        self._sheet = _Sheet()
        self._ground = _Ground()
        self._ground.setWidget(self._sheet)
        self._ground.setAccessibleName("签字盖章的扫描件")
        self._ground.zoomed.connect(self.zoom_by)
        self._ground.resized.connect(self._fit)
        self.message = label("", "muted", wrap=True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.where = label("", "label")
        self.before = self._button("上一页", "chevron-left", lambda: self.turn(-1), "Ctrl+PgUp")
        self.after = self._button("下一页", "chevron-right", lambda: self.turn(1), "Ctrl+PgDn")
        self.smaller = self._button("缩小", "minus", lambda: self.zoom_by(-1), "Ctrl+-")
        self.larger = self._button("放大", "plus", lambda: self.zoom_by(1), "Ctrl++")
        self.fit = self._button("适合宽度", "maximize", self.fit_width, "Ctrl+0")
        self._lay_out()
        self.show_message("")

    def _button(self, name: str, icon_name: str, run: object, key: str) -> Button:
        made = Button("", icon_name=icon_name, face="quiet")
        made.clicked.connect(run)
        made.setAccessibleName(name)
        made.setToolTip(f"{name}　{key}")
        restyle(made, low=True)
        return made

    def _lay_out(self) -> None:
        ground = frame("paper_ground")
        inside = QVBoxLayout(ground)
        inside.setContentsMargins(6, 6, 6, 6)
        inside.addWidget(self.message, 1)
        inside.addWidget(self._ground, 1)
        self.tools = QWidget()
        row = QHBoxLayout(self.tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for each in (self.before, self.where, self.after, self.smaller, self.larger, self.fit):
            row.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(ground, 1)

    # -- showing ------------------------------------------------------------------------------------

    def show_message(self, words: str) -> None:
        """Show words instead of a page (nothing chosen, being read, cannot be shown)."""
        self._sheet.image = QImage()
        self._ground.hide()
        self.message.setText(words)
        self.message.show()
        self._enable()

    def show_page(self, image: QImage, page: int, pages: int) -> None:
        """Show a page drawn by the child."""
        self.page, self.pages = page, pages
        self._sheet.image = image
        self.message.hide()
        self._ground.show()
        self._fit()
        self._ground.verticalScrollBar().setValue(0)
        self._enable()

    @property
    def shows_page(self) -> bool:
        """Whether a page is in front."""
        return not self._sheet.image.isNull()

    @property
    def page_size(self) -> QSize:
        """The page's size on screen."""
        return self._sheet.size()

    def _enable(self) -> None:
        shown = self.shows_page
        self.where.setText(f"第 {self.page} / {self.pages} 页" if shown else "")
        self.before.setEnabled(shown and self.page > 1)
        self.after.setEnabled(shown and self.page < self.pages)
        self.smaller.setEnabled(shown and self._zoom > 0)
        self.larger.setEnabled(shown and self._zoom < len(ZOOMS) - 1)
        self.fit.setEnabled(shown and self._zoom > 0)

    # -- wishes -------------------------------------------------------------------------------------

    def turn(self, by: int) -> None:
        """Ask for the next page or the one before."""
        if self.shows_page and 1 <= self.page + by <= self.pages:
            self.page_wanted.emit(self.page + by)

    def zoom_by(self, steps: int) -> None:
        """Enlarge or lessen by a step; never less than the width."""
        self._zoom = min(max(self._zoom + steps, 0), len(ZOOMS) - 1)
        self._fit()
        self._enable()

    def fit_width(self) -> None:
        """Show the page as wide as the view."""
        self.zoom_by(-len(ZOOMS))

    def _fit(self) -> None:
        image = self._sheet.image
        if image.isNull():
            return
        width = round((self._ground.viewport().width() - 2) * ZOOMS[self._zoom])
        self._sheet.put(image, QSize(max(1, width), max(1, round(width * image.height() / image.width()))))
