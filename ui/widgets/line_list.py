"""A list of two-line rows under a search line: words narrow it, arrows move in it from the line itself.

The database does the searching; this only shows what it found. Rows are painted, not made of widgets: 200
of them cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui.theme import colour, size, theme
from ui.widgets.labels import label

PAUSE_MS = 60
"""Pause in typing after which a search is wished for."""

_Index = QModelIndex | QPersistentModelIndex
_KEYS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}


@dataclass(frozen=True)
class Line:
    """One row: what it is about, a quiet second line, and a word at its right in a tone of the theme."""

    key: str
    title: str
    note: str = ""
    mark: str = ""
    tone: str = ""

    def spoken(self) -> str:
        """Return the row as a screen reader says it."""
        return "，".join(part for part in (self.title, self.note, self.mark) if part)


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[Line, ...] = ()

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return line.title
        return line.spoken() if role == Qt.ItemDataRole.AccessibleTextRole else None


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, round(size("body") * 4.0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        line = cast(_Model, index.model()).lines[index.row()]
        area = cast(QRect, option.rect)  # type: ignore[attr-defined]
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.fillRect(area, colour("accent_soft"))
            painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), colour("accent_text"))
        painter.fillRect(QRect(area.left() + 12, area.bottom(), area.width() - 24, 1), colour("line"))
        inside = area.adjusted(14, round(size("body") * 0.55), -14, -round(size("body") * 0.55))
        upper = QRect(inside.left(), inside.top(), inside.width(), inside.height() // 2)
        lower = QRect(inside.left(), upper.bottom(), inside.width(), inside.height() // 2)
        taken = self._mark(painter, lower, line)
        self._words(painter, upper, line.title, "text", size("body"), bold=True)
        self._words(painter, lower.adjusted(0, 0, -taken, 0), line.note, "muted", size("hint"))
        painter.restore()

    def _mark(self, painter: QPainter, row: QRect, line: Line) -> int:
        """Paint the word at the right; return the width it took."""
        if not line.mark:
            return 0
        font = QFont(painter.font())
        font.setPixelSize(size("hint"))
        painter.setFont(font)
        painter.setPen(colour({"": "muted", "accent": "accent_text"}.get(line.tone, line.tone)))
        painter.drawText(row, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), line.mark)
        return QFontMetrics(font).horizontalAdvance(line.mark) + 12

    def _words(
        self, painter: QPainter, row: QRect, text: str, token: str, px: int, *, bold: bool = False
    ) -> None:
        font = QFont(painter.font())
        font.setPixelSize(px)
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(colour(token))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, row.width())
        painter.drawText(row, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


class LineList(QListView):
    """The rows. ``chosen`` tells the key of the row that became current by the person's hand."""

    chosen = Signal(str)
    entered_key = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._model = _Model()
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self))
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.activated.connect(lambda index: self.entered_key.emit(self._key(index)))
        self._quiet = False
        theme().changed.connect(self.scheduleDelayedItemsLayout)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The rows shown."""
        return self._model.lines

    def show_lines(self, lines: Sequence[Line], keep: str = "") -> None:
        """Show rows; the one with key ``keep`` stays current if it is there. Emits nothing."""
        self._quiet = True
        place = self.verticalScrollBar().value()
        self._model.show_lines(tuple(lines))
        self._quiet = False
        self.mark(keep)
        self.verticalScrollBar().setValue(place)
        if keep:
            self.scrollTo(self.currentIndex())

    def mark(self, key: str) -> None:
        """Make the row with ``key`` current, or none. Emits nothing."""
        self._quiet = True
        row = next((row for row, line in enumerate(self.lines) if key and line.key == key), -1)
        index = self._model.index(row, 0) if row >= 0 else QModelIndex()
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._quiet = False

    def current_key(self) -> str:
        """Return the key of the current row, or empty."""
        return self._key(self.currentIndex())

    def move_by(self, step: int) -> None:
        """Make another row current, as the arrow keys do."""
        if self.lines:
            row = min(max(self.currentIndex().row() + step, 0), len(self.lines) - 1)
            self.setCurrentIndex(self._model.index(row, 0))

    def _key(self, index: _Index) -> str:
        return self.lines[index.row()].key if index.isValid() else ""

    def _on_current(self, index: QModelIndex, before: QModelIndex) -> None:
        if not self._quiet and index.isValid():
            self.chosen.emit(self._key(index))


class SearchedList(QWidget):
    """Search line over rows. ``searched`` comes after a pause in typing, ``entered`` with Enter."""

    searched = Signal(str)
    chosen = Signal(str)
    entered = Signal(str)

    def __init__(self, name: str, hint: str) -> None:
        super().__init__()
        self.search = QLineEdit()
        self.search.setPlaceholderText(hint)
        self.search.setAccessibleName(hint)
        self.search.setClearButtonEnabled(True)
        self.rows = LineList(name)
        self.nothing = label("", "muted", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.rows, 1)
        column.addWidget(self.nothing, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(lambda: self.searched.emit(self.search.text()))
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self.search.installEventFilter(self)
        self.rows.chosen.connect(self.chosen)
        self.rows.entered_key.connect(self.entered)

    def show_lines(self, lines: Sequence[Line], keep: str = "", nothing: str = "") -> None:
        """Show rows, or the sentence ``nothing`` when there are none."""
        self.rows.show_lines(lines, keep)
        self.rows.setVisible(bool(lines))
        self.nothing.setVisible(not lines)
        self.nothing.setText(nothing)

    def focus_search(self) -> None:
        """Go to the search line (F3)."""
        self.search.setFocus()
        self.search.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows and Enter in the search line act on the rows."""
        if event.type() != QEvent.Type.KeyPress:
            return False
        key = Qt.Key(cast(QKeyEvent, event).key())
        if key in _KEYS:
            self.rows.move_by(_KEYS[key])
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self.rows.current_key():
                self.rows.move_by(1)
            if self.rows.current_key():
                self.entered.emit(self.rows.current_key())
            return True
        return False
