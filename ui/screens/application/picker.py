"""The start page: which unit has come. Found while typing; up, down and Enter are enough."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.record_words import unit_mark
from ui.widgets.buttons import Button, key_hint
from ui.widgets.cards import Card
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.line_list import Line, SearchedList
from ui.widgets.notice import EmptyState, Notice

if TYPE_CHECKING:
    from ui.screens.application.loading import DraftLine, UnitChoice

MOST_DRAFTS = 6
_HINT = "单位名称中的几个字、拼音首字母，或信用代码"


class UnitPicker(QWidget):
    """Emits ``searched(text)`` while typing, ``chosen(unit id)``, ``resumed`` and ``discarded(draft id)``."""

    searched = Signal(str)
    chosen = Signal(str)
    resumed = Signal(str)
    discarded = Signal(str)
    new_unit = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown_for: str | None = None
        self._enter_waits = False
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(18, 8, 18, 10)
        column.setSpacing(8)
        self._bars = QVBoxLayout()
        self._bars.setSpacing(6)
        column.addLayout(self._bars)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self._search_card(), 11)
        self._side = QVBoxLayout()
        self._side.setSpacing(8)
        row.addLayout(self._side, 9)
        column.addLayout(row, 1)
        self._side.addWidget(_hints())
        self._side.addStretch(1)

    def add_bar(self, bar: Notice) -> None:
        """Put a bar on top that outlives the drafts' bars."""
        self._column.insertWidget(0, bar)

    def _search_card(self) -> Card:
        card = Card("选择单位", 1)
        card.add_to_heading(Button("新登记单位", icon_name="plus", face="quiet", on_click=self.new_unit.emit))
        self.list = SearchedList("单位", _HINT)
        self.list.searched.connect(self.searched)
        self.list.entered.connect(self._on_entered)
        self.list.rows.clicked.connect(lambda _index: self.chosen.emit(self.list.rows.current_key()))
        back = QShortcut(QKeySequence(Qt.Key.Key_Escape), self.list.search, self.left.emit)
        back.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        nothing = Button("新登记单位", icon_name="plus", face="primary", on_click=self.new_unit.emit)
        self._stack.addWidget(
            EmptyState("building-community", "还没有登记过单位", "请先把来办事的单位登记进来。", nothing)
        )
        card.body.addWidget(self._stack, 1)
        return card

    # -- showing ----------------------------------------------------------------------------------

    def show_units(self, query: str, units: tuple[UnitChoice, ...]) -> None:
        """Show what was found for ``query``; the first is current, so that Enter takes it."""
        self._shown_for = query
        lines = [Line(u.id, u.name, u.uscc, *unit_mark(u.closed, u.open_case)) for u in units]
        self.list.show_lines(
            lines, lines[0].key if lines else "", "没有找到。换几个字再找，或者先“新登记单位”。"
        )
        self._stack.setCurrentIndex(1 if not units and not query else 0)
        if self._enter_waits and query == self.list.search.text():
            self._enter_waits = False
            if lines:
                self.chosen.emit(lines[0].key)

    def show_drafts(self, drafts: tuple[DraftLine, ...]) -> None:
        """Show the newest unfinished draft as a quiet bar, the others as lines."""
        for place in (self._bars, self._side):
            _clear(place)
        if drafts:
            self._bars.addWidget(self._bar(drafts[0]))
        if len(drafts) > 1:
            self._side.addWidget(self._draft_card(drafts[1:]))
        self._side.addWidget(_hints())
        self._side.addStretch(1)

    def _bar(self, draft: DraftLine) -> Notice:
        what = "更正" if draft.amends else "填表"
        bar = Notice(f"上次未完成：{draft.unit_name}（{what}，{draft.saved_at} 保存）")
        bar.add_button(Button("继续", face="primary", on_click=lambda: self.resumed.emit(draft.id)))
        bar.add_button(Button("放弃", face="quiet", on_click=lambda: self.discarded.emit(draft.id)))
        return bar

    def _draft_card(self, drafts: tuple[DraftLine, ...]) -> Card:
        card = Card("其他未完成的草稿")
        for draft in drafts[:MOST_DRAFTS]:
            row = QHBoxLayout()
            row.setSpacing(6)
            row.addWidget(ElidedLabel(draft.unit_name), 1)
            row.addWidget(label(draft.saved_at, "hint"))
            for caption, signal in (("继续", self.resumed), ("放弃", self.discarded)):
                button = Button(caption, face="quiet", on_click=partial(signal.emit, draft.id))
                button.setAccessibleName(f"{caption} {draft.unit_name}")
                row.addWidget(button)
            card.body.addLayout(row)
        if len(drafts) > MOST_DRAFTS:
            card.body.addWidget(label(f"另有 {len(drafts) - MOST_DRAFTS} 份，完成或放弃后依次显示。", "hint"))
        return card

    # -- keys -------------------------------------------------------------------------------------

    def take_focus(self) -> None:
        """Put the caret into the search."""
        self.list.focus_search()

    def _on_entered(self, key: str) -> None:
        query = self.list.search.text()
        if query == self._shown_for:
            self.chosen.emit(key)
            return
        # The rows still answer an older question: the unit is chosen when the new answer is here.
        self._enter_waits = True
        self.searched.emit(query)


def _hints() -> Card:
    card = Card("怎样开始")
    for line in (
        "输入单位名称中的几个字、拼音首字母（如“hkyy”）或信用代码开头，用 ↑ ↓ 选择，Enter 开始。",
        "登记册里的信息会自动带入，来人只需补充手机和身份证号码。",
        "标“在办”的单位会打开那一件接着办。",
        "没有登记过的单位，请先“新登记单位”。",
    ):
        card.body.addWidget(label(line, "muted", wrap=True))
    card.body.addWidget(key_hint("F3 另选单位　F2 存草稿　F9 打印　F8 提交审核"))
    return card


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
