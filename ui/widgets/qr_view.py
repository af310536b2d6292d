"""A QR code in whole device pixels per module.

No antialiasing, four white modules around, black on white in dark mode too: smoothed fractional
scaling was measured unreadable in up to every second trial (``design/claim.md`` §5).
"""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

Matrix = tuple[tuple[bool, ...], ...]
"""Rows of modules, True = dark; square, without the quiet zone."""

QUIET = 4


class QrView(QWidget):
    """Paints a matrix as large as the widget allows; empty matrix paints nothing."""

    def __init__(
        self, matrix: Matrix = (), *, pixels_per_module: int = 4, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._matrix: Matrix = ()
        self._wanted = pixels_per_module
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("二维码")
        self.set_matrix(matrix)

    def set_matrix(self, matrix: Matrix) -> None:
        """Show ``matrix``. Raises ``ValueError`` when it is not square."""
        if any(len(row) != len(matrix) for row in matrix):
            raise ValueError("a QR matrix is square")
        self._matrix = matrix
        self.updateGeometry()
        self.update()

    def enlarge(self, pixels_per_module: int) -> None:
        """Ask the layout for another size, in logical px per module (4 at 96 dpi is about 8 cm for v13)."""
        self._wanted = max(1, pixels_per_module)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size at the wanted px per module."""
        side = (len(self._matrix) + 2 * QUIET) * self._wanted
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Never smaller than two px per module: below that no phone reads it."""
        side = (len(self._matrix) + 2 * QUIET) * 2
        return QSize(side, side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint anew: the module size depends on the widget's."""
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint in device coordinates, so that no module edge falls between two pixels."""
        if not self._matrix:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        to_device = painter.deviceTransform()
        area = to_device.mapRect(QRectF(self.rect()))
        whole, clear = to_device.inverted()
        if not clear:
            return
        painter.setWorldTransform(whole, True)
        self._paint_modules(painter, area)

    def _paint_modules(self, painter: QPainter, area: QRectF) -> None:
        left, top = math.ceil(area.left()), math.ceil(area.top())
        width, height = math.floor(area.right()) - left, math.floor(area.bottom()) - top
        count = len(self._matrix) + 2 * QUIET
        module = min(width, height) // count
        if module < 1:
            return
        side = module * count
        x0, y0 = left + (width - side) // 2, top + (height - side) // 2
        painter.fillRect(QRectF(x0, y0, side, side), QColor("white"))
        black = QColor("black")
        for row, modules in enumerate(self._matrix):
            y = y0 + (row + QUIET) * module
            start = -1
            # Runs, not single modules: a third of the calls.
            for column, dark in enumerate((*modules, False)):
                if dark and start < 0:
                    start = column
                elif not dark and start >= 0:
                    x, run = x0 + (start + QUIET) * module, (column - start) * module
                    painter.fillRect(QRectF(x, y, run, module), black)
                    start = -1
