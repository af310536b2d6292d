"""The right-hand pane: where a case stands, what it says, what happened to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ui.case_words import HistoryLine, Rung
from ui.screen import Chip
from ui.screens.cases.state import DetailView
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.fact_grid import FactGrid, HoldButton
from ui.widgets.labels import Picture, chip, label
from ui.widgets.notice import EmptyState, Notice
from ui.widgets.refill import refill

_RUNG_ICONS = {
    "done": ("circle-check", "good"),
    "now": ("clock", "accent_text"),
    "later": ("minus", "faint"),
    "bad": ("alert-circle", "bad"),
}


class Ladder(QWidget):
    """The states one under the other, each with an icon and a plain sentence."""

    def __init__(self, rungs: tuple[Rung, ...]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for rung in rungs:
            icon_name, token = _RUNG_ICONS[rung.state]
            row = QHBoxLayout()
            row.setSpacing(10)
            row.addWidget(Picture(icon_name, token), 0, Qt.AlignmentFlag.AlignTop)
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addWidget(label(rung.title, "muted" if rung.state == "later" else "strong"))
            words.addWidget(label(rung.text, "hint", tone="bad" if rung.state == "bad" else "", wrap=True))
            row.addLayout(words, 1)
            column.addLayout(row)


def history_list(lines: tuple[HistoryLine, ...]) -> QWidget:
    """Return the history: who, when, what, and what the hub made of it."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(7)
    for line in lines:
        words = label(f"{line.who} 于 {line.when} {line.what}", wrap=True)
        column.addWidget(words)
        if line.note:
            column.addWidget(label(line.note, "hint", tone=line.tone, wrap=True))
    return box


class DetailPane(QFrame):
    """``show_detail`` in; ``back_requested`` out (narrow windows show the pane instead of the list)."""

    back_requested = Signal()
    retry_requested = Signal()
    refusal_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("face", "card")
        self.setAccessibleName("申请详情")
        self.shown: DetailView | None = None
        self.back = Button("返回列表", key="Esc", icon_name="arrow-left", face="quiet")
        self.back.clicked.connect(self.back_requested)
        self.facts = FactGrid()
        self.hold = HoldButton()
        self.hold.held.connect(self.facts.reveal)
        self._layers = QStackedWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(self._layers, 1)
        self.empty = EmptyState(
            "clipboard-list", "未选中申请", "用上下键在列表中选一件，这里显示它的办理情况。"
        )
        self._problem = Notice("", "bad")
        self._problem.add_button(Button("重试", face="quiet", on_click=self.retry_requested.emit))
        broken = QWidget()
        column = QVBoxLayout(broken)
        column.addWidget(self._problem)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("申请详情")
        for each in (self.empty, broken, self._scroll):
            self._layers.addWidget(each)
        self._lay_out()
        self.back.hide()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(12)
        self._title = label(role="section", wrap=True)
        self._subtitle = label(role="subtitle", wrap=True)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        self._notices, self._ladder, self._history, self._shut = (QVBoxLayout() for _ in range(4))
        column.addWidget(self._title)
        column.addWidget(self._subtitle)
        column.addLayout(self._chips)
        column.addLayout(self._notices)
        column.addLayout(self._ladder)
        column.addLayout(self._shut)
        heading = QHBoxLayout()
        heading.addWidget(label("申请内容", "section"), 1)
        heading.addWidget(self.hold)
        column.addWidget(frame("line"))
        column.addLayout(heading)
        column.addWidget(self.facts)
        column.addWidget(frame("line"))
        column.addWidget(label("办理经过", "section"))
        column.addLayout(self._history)
        column.addStretch(1)
        self._scroll.setWidget(inside)

    # -- showing ----------------------------------------------------------------------------------

    def show_nothing(self) -> None:
        """Show that no case is chosen."""
        self.shown = None
        self._layers.setCurrentIndex(0)

    def show_problem(self, words: str) -> None:
        """Show why a case cannot be read."""
        self.shown = None
        self._problem.set_text(words, "bad")
        self._layers.setCurrentIndex(1)

    def show_detail(self, view: DetailView) -> None:
        """Show a case; of the same case the place in the pane stays."""
        same = self.shown is not None and self.shown.case == view.case
        place = self._scroll.verticalScrollBar().value() if same else 0
        self.shown = view
        self._title.setText(view.title)
        self._subtitle.setText(view.subtitle)
        self._show_chips(view.chips)
        refill(self._notices, [self._notice(words, tone, view) for words, tone in view.notices])
        refill(self._ladder, [Ladder(view.rungs)])
        shut = [label("现在还不能办理：", "label")] if view.shut() else []
        refill(self._shut, [*shut, *(label(f"· {line}", "hint", wrap=True) for line in view.shut())])
        self.facts.show_facts(view.facts)
        refill(self._history, [history_list(view.history)])
        self._layers.setCurrentIndex(2)
        self._scroll.verticalScrollBar().setValue(place)

    def _notice(self, words: str, tone: str, view: DetailView) -> Notice:
        made = Notice(words, tone)
        if view.refusal and (words, tone) == view.notices[0]:
            go = Button("去处理", icon_name="arrow-right", face="quiet")
            go.clicked.connect(lambda _checked=False: self.refusal_requested.emit(view.refusal))
            made.add_button(go)
        return made

    def _show_chips(self, chips: tuple[Chip, ...]) -> None:
        refill(self._chips, [chip(each.text, each.tone) for each in chips])
        self._chips.addStretch(1)
