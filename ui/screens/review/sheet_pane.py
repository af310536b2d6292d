"""The case beside its scan: what was filed in the order of the paper, the papers, the rules' verdict."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ui.screens.review.state import Check, SheetView
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.choices import Segments
from ui.widgets.fact_grid import FactGrid, HoldButton
from ui.widgets.labels import Picture, chip, label
from ui.widgets.notice import EmptyState, Notice
from ui.widgets.preview_view import PreviewView
from ui.widgets.refill import refill

_CHECK_ICONS = {"ok": ("circle-check", "good"), "bad": ("alert-circle", "bad"), "off": ("minus", "faint")}


def _check_line(check: Check) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(Picture(*_CHECK_ICONS[check.state]), 0, Qt.AlignmentFlag.AlignTop)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(label(check.text, "muted" if check.state == "off" else "body", wrap=True))
    words.addWidget(label(check.note, "hint", tone="bad" if check.state == "bad" else ""))
    row.addLayout(words, 1)
    return box


class SheetPane(QFrame):
    """``show_sheet`` in; ``paper_wanted`` when the printed form is to be shown."""

    paper_wanted = Signal()
    retry_requested = Signal()
    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("face", "card")
        self.setAccessibleName("申请内容")
        self.shown: SheetView | None = None
        self.facts, self.hold, self.paper = FactGrid(), HoldButton(), PreviewView()
        self.hold.held.connect(self.facts.reveal)
        self.side = Segments((("values", "填报内容"), ("paper", "打印件")), "显示")
        self.side.set_value("values")
        self.side.chosen.connect(self._on_side)
        self._title = label(role="section", wrap=True)
        self._subtitle = label(role="subtitle", wrap=True)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        self._notices, self._checks = QVBoxLayout(), QVBoxLayout()
        self._verdict = Notice()
        self._problem = Notice("", "bad")
        self._problem.add_button(Button("重试", face="quiet", on_click=self.retry_requested.emit))
        self._layers, self._sides = QStackedWidget(), QStackedWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        empty = EmptyState(
            "rubber-stamp", "从左侧选择一件", "对照签字盖章的扫描件，核对填报内容和材料，再核准或退回。"
        )
        broken = QWidget()
        column = QVBoxLayout(broken)
        column.addWidget(self._problem)
        column.addStretch(1)
        whole = QWidget()
        outer = QVBoxLayout(whole)
        outer.setContentsMargins(16, 10, 16, 12)
        outer.setSpacing(8)
        self.back = Button("返回队列", key="Esc", icon_name="arrow-left", face="quiet")
        self.back.clicked.connect(self.back_requested)
        self.back.hide()
        outer.addWidget(self.back, 0, Qt.AlignmentFlag.AlignLeft)
        outer.addWidget(self._title)
        line = QHBoxLayout()
        line.addWidget(self._subtitle, 1)
        line.addLayout(self._chips)
        outer.addLayout(line)
        outer.addLayout(self._notices)
        bar = QHBoxLayout()
        bar.addWidget(self.side)
        bar.addStretch(1)
        bar.addWidget(self.hold)
        outer.addLayout(bar)
        outer.addWidget(self._sides, 1)
        self._sides.addWidget(self._values())
        self._sides.addWidget(self.paper)
        for each in (empty, broken, whole):
            self._layers.addWidget(each)
        whole_pane = QVBoxLayout(self)
        whole_pane.setContentsMargins(0, 0, 0, 0)
        whole_pane.addWidget(self._layers)

    def _values(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        column.addWidget(self._verdict)
        column.addWidget(self.facts)
        column.addWidget(frame("line"))
        column.addWidget(label("申领材料", "section"))
        column.addLayout(self._checks)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("填报内容和申领材料")
        self._scroll.setWidget(inside)
        return self._scroll

    # -- showing ------------------------------------------------------------------------------------

    def show_nothing(self) -> None:
        """Show that no case is chosen."""
        self.shown = None
        self.paper.clear()
        self._layers.setCurrentIndex(0)

    def show_problem(self, words: str) -> None:
        """Show why a case cannot be read."""
        self.shown = None
        self._problem.set_text(words, "bad")
        self._layers.setCurrentIndex(1)

    def show_sheet(self, view: SheetView) -> None:
        """Show a case; another one begins at its top, with its values."""
        if self.shown is None or self.shown.case != view.case:
            self._scroll.verticalScrollBar().setValue(0)
            self.paper.clear()
            self.side.set_value("values")
            self._on_side("values")
        self.shown = view
        self._title.setText(view.title)
        self._subtitle.setText(view.subtitle)
        refill(self._chips, [chip(each.text, each.tone) for each in view.chips])
        refill(self._notices, [Notice(words, tone) for words, tone in view.notices])
        self._verdict.set_text(*view.verdict)
        self.facts.show_facts(view.facts)
        refill(self._checks, [_check_line(each) for each in view.checks])
        self._layers.setCurrentIndex(2)

    def _on_side(self, side: str) -> None:
        self._sides.setCurrentIndex(1 if side == "paper" else 0)
        self.hold.setVisible(side != "paper")
        if side == "paper":
            self.paper_wanted.emit()
