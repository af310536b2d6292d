"""Tick box, drop-down list and segmented choice that paint their own tick and arrow.

A style sheet that touches ``::indicator`` or ``::drop-down`` loses Qt's pictures; painting them here
keeps them crisp at every scale and in the colours of the theme.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from ui.theme import colour, size


def _round_pen(token: str, width: float) -> QPen:
    pen = Qt.PenStyle.SolidLine
    return QPen(colour(token), width, pen, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


_ONE_LINE = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_BROKEN = int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWordWrap)
_FEWEST_LETTERS = 6
"""A tick's words are never broken into lines shorter than this."""


class TickBox(QCheckBox):
    """A check box: box, tick and words, with a focus ring. One line, unless :meth:`fit` sets a width."""

    _room: int | None = None

    def fit(self, room: int) -> None:
        """Break the words into lines where they are wider than ``room`` px together with the box."""
        if room != self._room:
            self._room = room
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return room for box, gap and words."""
        words, beside = self._words(), size("tick") + 8 + 4
        lowest = max(size("tick") + 6, size("field_height") - 8)
        return QSize(beside + words.width(), max(lowest, words.height()))

    def _words(self) -> QSize:
        """Return the size of the words, broken into lines or not."""
        metrics = QFontMetrics(self.font())
        whole = metrics.horizontalAdvance(self.text())
        beside = size("tick") + 8 + 4
        if self._room is None or beside + whole <= self._room:
            return QSize(whole, metrics.height())
        width = max(self._room - beside, _FEWEST_LETTERS * size("body"))
        return QSize(width, metrics.boundingRect(0, 0, width, 16777215, _BROKEN, self.text()).height())

    def minimumSizeHint(self) -> QSize:
        """Never narrower than its words."""
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        """The whole width answers the pointer."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint box, tick, ring and words."""
        side = size("tick")
        said = self._words()
        # Beside the first line: in the middle when there is only one.
        top = (self.height() - said.height() + QFontMetrics(self.font()).height() - side) / 2
        box = QRectF(1.5, top + 0.5, side - 2, side - 2)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, able = self.isChecked(), self.isEnabled()
        painter.setPen(QPen(colour(self._edge(on, able)), 2 if self.hasFocus() and not on else 1))
        painter.setBrush(colour(("accent" if able else "accent_off") if on else "field"))
        painter.drawRoundedRect(box, 5, 5)
        if self.hasFocus() and on:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour("text"), 1.5))
            painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 5, 5)
        if on:
            painter.setPen(_round_pen("on_accent" if able else "accent_off_text", side / 9))
            corners = ((0.24, 0.52), (0.43, 0.70), (0.77, 0.32))
            painter.drawPolyline(QPolygonF([QPointF(box.x() + x * box.width(), box.y() + y * box.height())
                                            for x, y in corners]))  # fmt: skip
        painter.setPen(colour("text" if able else "muted"))
        words = self.rect().adjusted(side + 8, 0, 0, 0)
        broken = said.height() > QFontMetrics(self.font()).height()
        if broken:
            words = QRect(side + 8, (self.height() - said.height()) // 2, said.width(), said.height())
        painter.drawText(words, _BROKEN if broken else _ONE_LINE, self.text())

    def _edge(self, on: bool, able: bool) -> str:
        if self.property("tone") == "bad":
            return "bad"
        if self.hasFocus():
            return "accent_text"
        if on:
            return "accent" if able else "accent_off"
        return "field_line"


class PickBox(QComboBox):
    """A drop-down list. The wheel scrolls the page, never changes an answer unnoticed."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the box, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(_round_pen("muted" if self.isEnabled() else "faint", 1.6))
        x, y, arm = self.width() - size("arrow_room") / 2 - 2, self.height() / 2 - 1, size("icon") / 4.5
        painter.drawPolyline(QPolygonF([QPointF(x - arm, y - arm / 2), QPointF(x, y + arm / 2),
                                        QPointF(x + arm, y - arm / 2)]))  # fmt: skip


class Segments(QWidget):
    """Some answers side by side, at most one chosen. Arrow keys move, space chooses."""

    chosen = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], name: str = "") -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for code, text in options:
            button = QPushButton(text.replace("&", "&&"))
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setProperty("face", "segment")
            button.setAccessibleName(f"{name}：{text}" if name else text)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button)
            self._buttons[code] = button
            row.addWidget(button)
            button.clicked.connect(lambda _checked=False, code=code: self.chosen.emit(code))

    def value(self) -> str:
        """Return the chosen code, or empty."""
        return next((code for code, button in self._buttons.items() if button.isChecked()), "")

    def set_value(self, code: str) -> None:
        """Choose ``code``; an unknown or empty one leaves nothing chosen. Emits nothing."""
        self._group.setExclusive(False)
        for each, button in self._buttons.items():
            button.setChecked(each == code)
        self._group.setExclusive(True)

    def buttons(self) -> tuple[QPushButton, ...]:
        """Return the buttons in their order."""
        return tuple(self._buttons.values())

    def focus_target(self) -> QPushButton:
        """Return the button that takes the focus: the chosen one, else the first."""
        return next((button for button in self._buttons.values() if button.isChecked()), self.buttons()[0])
