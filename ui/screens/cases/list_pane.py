"""The list: states with counts above, rows, and "show more" below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.screens.cases.state import COLUMNS
from ui.widgets.buttons import Button
from ui.widgets.count_tabs import CountTabs
from ui.widgets.labels import label, restyle
from ui.widgets.notice import EmptyState, Notice
from ui.widgets.row_table import Row, RowTable

LOADING, EMPTY, NO_MATCH, ROWS = range(4)


@dataclass(frozen=True)
class ListView:
    """What the list shows. ``problem`` stands above rows that may be out of date."""

    rows: tuple[Row, ...] = ()
    segments: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    query: str = ""
    total: int = 0
    more: bool = False
    loaded: bool = False
    problem: str = ""


class ListPane(QWidget):
    """``show_list`` in; the rest are wishes of the person."""

    state_chosen = Signal(str)
    case_chosen = Signal(str)
    case_opened = Signal(str)
    more_requested = Signal()
    clear_requested = Signal()
    retry_requested = Signal()
    start_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tabs = CountTabs("办理状态")
        self.tabs.chosen.connect(self.state_chosen)
        self.clear = Button("", icon_name="x", face="quiet", on_click=self.clear_requested.emit)
        restyle(self.clear, low=True)
        self.problem = Notice("", "bad")
        self.problem.add_button(Button("重试", face="quiet", on_click=self.retry_requested.emit))
        self.table = RowTable(COLUMNS, "受理台账")
        self.table.chosen.connect(self.case_chosen)
        self.table.opened.connect(self.case_opened)
        self.count = label("", "hint")
        self.more = Button("继续显示", icon_name="chevron-down", face="quiet")
        self.more.clicked.connect(self.more_requested)
        restyle(self.more, low=True)
        self._lay_out()
        self.show_list(ListView())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.tabs)
        head.addStretch(1)
        head.addWidget(self.clear)
        foot = QHBoxLayout()
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.more)
        start = Button("开始登记", face="primary", on_click=self.start_requested.emit)
        self.start = start
        clear = Button("清除筛选", on_click=self.clear_requested.emit)
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(self.table, 1)
        inside.addLayout(foot)
        self._layers = QStackedWidget()
        for each in (
            EmptyState("clock", "正在读取台账…"),
            EmptyState(
                "inbox", "还没有受理记录", "申领从“申领登记”开始；填报之后，每一件都会出现在这里。", start
            ),
            EmptyState(
                "search",
                "没有符合条件的申请",
                "可按单位名称、拼音首字母、信用代码、受理号或责任人查找。",
                clear,
            ),
            shown,
        ):
            self._layers.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.problem)
        column.addWidget(self._layers, 1)

    def show_list(self, view: ListView, current: str = "") -> None:
        """Show the list; the row ``current`` (or the one that was) stays current."""
        self.tabs.show_segments(view.segments, view.chosen)
        self.clear.setVisible(bool(view.query))
        self.clear.set_caption(f"筛选：{view.query[:12]}")
        self.clear.setToolTip(f"清除筛选“{view.query}”")
        self.problem.setVisible(bool(view.problem))
        self.problem.set_text(view.problem, "bad")
        self.table.show_rows(view.rows, current)
        self.count.setText(f"已显示 {len(view.rows)} 件" if view.more else f"共 {len(view.rows)} 件")
        self.more.setVisible(view.more)
        self._layers.setCurrentIndex(_layer(view))

    @property
    def layer(self) -> int:
        """Which of LOADING, EMPTY, NO_MATCH, ROWS is in front."""
        return self._layers.currentIndex()


def _layer(view: ListView) -> int:
    if view.rows:
        return ROWS
    if not view.loaded:
        return LOADING
    return NO_MATCH if view.query or view.chosen or view.total else EMPTY
