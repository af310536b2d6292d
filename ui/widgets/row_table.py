"""A plain list with columns: arrows move, Enter opens, narrow windows drop the columns that matter least.

Rows are shown, never edited or sorted here: order and filter are SQL's affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui.theme import colour, size, theme

Index = QModelIndex | QPersistentModelIndex
EDGE = 12


@dataclass(frozen=True)
class Column:
    """``ems`` is the width in letters; ``gives_way`` > 0: hidden where room is short, the highest first.

    One column stretches; ``ems`` is then the least it needs. ``pill``: a state, shown as a pill.
    """

    title: str
    ems: float
    gives_way: int = 0
    stretch: bool = False
    pill: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in one place; ``tone`` as in ``ui.widgets.labels`` or "faint"."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Row:
    """A line under its key; ``quiet`` greys all of it."""

    key: str
    cells: tuple[Cell, ...]
    quiet: bool = False
    tip: str = ""


class _Model(QAbstractTableModel):
    def __init__(self, columns: Sequence[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: tuple[Row, ...] = ()

    def put(self, rows: tuple[Row, ...]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        cell = row.cells[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.columns[index.column()].title} {cell.text}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or cell.text
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class _Painter(QStyledItemDelegate):
    def __init__(self, model: _Model) -> None:
        super().__init__(model)
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area: Any = option.rect  # type: ignore[attr-defined]  # untyped in the stubs
        state: Any = option.state  # type: ignore[attr-defined]
        row = self._model.rows[index.row()]
        cell = row.cells[index.column()]
        painter.save()
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(area, colour("accent_soft"))
        painter.fillRect(area.left(), area.bottom(), area.width(), 1, colour("line"))
        if self._model.columns[index.column()].pill:
            _paint_pill(painter, QRectF(area), cell, row.quiet, chosen)
        else:
            painter.setPen(colour("faint" if row.quiet else _ink(cell.tone)))
            room = area.adjusted(EDGE, 0, -4, 0)
            words = painter.fontMetrics().elidedText(cell.text, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        painter.restore()


def _ink(tone: str) -> str:
    return {"": "text", "accent": "accent_text"}.get(tone, tone)


def _paint_pill(painter: QPainter, area: QRectF, cell: Cell, quiet: bool, chosen: bool) -> None:
    if not cell.text:
        return
    tone = "" if quiet else cell.tone
    font = QFont(painter.font())
    font.setPixelSize(size("label"))
    painter.setFont(font)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    height = size("label") * 1.7
    width = min(QFontMetrics(font).horizontalAdvance(cell.text) + size("label") * 1.4, area.width() - EDGE)
    pill = QRectF(area.left() + EDGE - 4, area.center().y() - height / 2, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    ground = f"{tone}_soft" if tone else "hover"
    # The row's own ground is accent_soft when it is chosen.
    painter.setBrush(colour("card" if chosen and tone in ("", "accent") else ground))
    painter.drawRoundedRect(pill, height / 2, height / 2)
    painter.setPen(colour("faint" if quiet else {"": "muted", "accent": "accent_text"}.get(tone, tone)))
    words = QFontMetrics(font).elidedText(cell.text, Qt.TextElideMode.ElideRight, round(width - 8))
    painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), words)


class RowTable(QTableView):
    """``chosen(key)`` when another row becomes current, ``opened(key)`` for Enter and double click."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, columns: Sequence[Column], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(columns, self)
        self._quiet = False
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self._model))
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setTextElideMode(Qt.TextElideMode.ElideRight)
        head.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.doubleClicked.connect(lambda index: self.opened.emit(self._model.rows[index.row()].key))
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self._fit()
        theme().changed.connect(self._fit)

    def show_rows(self, rows: Sequence[Row], current: str = "") -> None:
        """Show rows; the row ``current`` (or the one that was) stays current, silently. Scroll stays."""
        before = self.current_key()
        place = self.verticalScrollBar().value()
        self._quiet = True
        self._model.put(tuple(rows))
        # A row that became current elsewhere is scrolled to; else nothing moves under the eyes.
        if not self.select(current or before) or current in ("", before):
            self.verticalScrollBar().setValue(place)

    def select(self, key: str) -> bool:
        """Make the row with ``key`` current without emitting; return whether there is one."""
        at = next((at for at, row in enumerate(self._model.rows) if row.key == key), -1)
        self._quiet = True
        if at < 0:
            self.clearSelection()
        else:
            self.setCurrentIndex(self._model.index(at, 0))
        self._quiet = False
        return at >= 0

    def clear_current(self) -> None:
        """Let no row be current."""
        self._quiet = True
        self.setCurrentIndex(QModelIndex())
        self.clearSelection()
        self._quiet = False

    def current_key(self) -> str:
        """Return the current row's key, or empty."""
        at = self.currentIndex().row()
        return self._model.rows[at].key if 0 <= at < len(self._model.rows) else ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._model.rows

    def _on_current(self, index: QModelIndex) -> None:
        if not self._quiet and index.isValid():
            self.chosen.emit(self._model.rows[index.row()].key)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the focus without choosing: Qt would make the first row current, and a record would open."""
        nothing = not self.currentIndex().isValid()
        self._quiet = True
        super().focusInEvent(event)
        self._quiet = False
        if nothing:
            self.clear_current()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current row; Home and End go to the first and the last."""
        last = len(self._model.rows) - 1
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if key := self.current_key():
                self.opened.emit(key)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and last >= 0:
            self.setCurrentIndex(self._model.index(0 if event.key() == Qt.Key.Key_Home else last, 0))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out anew."""
        super().resizeEvent(event)
        self._share()

    def _fit(self) -> None:
        self.verticalHeader().setDefaultSectionSize(size("row_height"))
        self._share()
        self.viewport().update()

    def _share(self) -> None:
        em, room = size("body"), self.viewport().width()
        columns = self._model.columns
        shown = set(range(len(columns)))
        for at in sorted(shown, key=lambda at: -columns[at].gives_way):
            if columns[at].gives_way and sum(columns[i].ems * em for i in shown) > room:
                shown.discard(at)
        fixed = sum(round(columns[at].ems * em) for at in shown if not columns[at].stretch)
        for at, column in enumerate(columns):
            self.setColumnHidden(at, at not in shown)
            self.setColumnWidth(at, max(0, room - fixed) if column.stretch else round(column.ems * em))
