"""The queue at the left: what waits, longest first; what this person handled is greyed with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Signal
from PySide6.QtGui import QFocusEvent, QPainter
from PySide6.QtWidgets import QStackedWidget, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from ui.screens.review.state import TABS, QueueRow
from ui.widgets.buttons import Button
from ui.widgets.count_tabs import CountTabs
from ui.widgets.line_list import LineList
from ui.widgets.notice import EmptyState, Notice

QUIET = 0.62


class _Greying(QStyledItemDelegate):
    """Paints quiet rows paler, everything else as the list does."""

    def __init__(self, rows: LineList) -> None:
        super().__init__(rows)
        self._rows, self._inner = rows, rows.itemDelegate()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return self._inner.sizeHint(option, index)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line: Any = self._rows.lines[index.row()]
        painter.save()
        painter.setOpacity(QUIET if getattr(line, "quiet", False) else 1.0)
        self._inner.paint(painter, option, index)
        painter.restore()


class _QueueList(LineList):
    """Takes the focus without choosing: Qt would make the first row current, and a record would open."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        nothing = not self.current_key()
        self._quiet = True
        super().focusInEvent(event)
        self._quiet = False
        if nothing:
            self.mark("")


class QueuePane(QWidget):
    """``show_queue`` in; ``tab_chosen(lifecycle)`` and ``case_chosen(case)`` out."""

    tab_chosen = Signal(str)
    case_chosen = Signal(str)
    case_opened = Signal(str)
    retry_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tabs = CountTabs("队列")
        self.tabs.chosen.connect(self.tab_chosen)
        self.rows = _QueueList("待审核的申请")
        self.rows.setItemDelegate(_Greying(self.rows))
        self.rows.chosen.connect(self.case_chosen)
        self.rows.entered_key.connect(self.case_opened)
        self.problem = Notice("", "bad")
        self.problem.add_button(Button("重试", face="quiet", on_click=self.retry_requested.emit))
        self.problem.hide()
        self._layers = QStackedWidget()
        for each in (
            EmptyState("clock", "正在读取…"),
            EmptyState("circle-check", "没有待审核的申请", "提交审核后的申请会出现在这里。"),
            EmptyState("inbox", "没有待领取的申请", "核准之后、手机领取之前，可以在这里撤销核准。"),
            self.rows,
        ):
            self._layers.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.tabs)
        column.addWidget(self.problem)
        column.addWidget(self._layers, 1)

    def show_queue(self, rows: Sequence[QueueRow], tab: str, counts: dict[str, int], current: str) -> None:
        """Show one of the two queues."""
        words = tuple((code, f"{name} {counts.get(code, 0)}") for code, name in TABS)
        self.tabs.show_segments(words, tab)
        self.problem.hide()
        self.rows.show_lines(rows, current)
        self._layers.setCurrentIndex(3 if rows else 1 if tab == "submitted" else 2)

    def show_problem(self, words: str) -> None:
        """Say why the queue could not be read; the rows stay."""
        self.problem.set_text(words, "bad")
        self.problem.show()
