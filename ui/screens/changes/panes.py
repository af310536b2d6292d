"""The right-hand side: a change with what it ends, or a unit that waits to claim again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ui.screens.changes.dying_card import DyingCard
from ui.screens.changes.state import ChangeView, ReachView, ReclaimView
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.fact_grid import Fact, FactGrid, HoldButton
from ui.widgets.labels import chip, label
from ui.widgets.notice import EmptyState, Notice
from ui.widgets.refill import refill

NOTHING, CHANGE, RECLAIM = range(3)


class ChangePane(QStackedWidget):
    """``show_change`` and ``show_reclaim`` in; ``back_requested`` out."""

    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.change: ChangeView | None = None
        self.reclaim: ReclaimView | None = None
        self.facts, self.hold, self.dying = FactGrid(), HoldButton(), DyingCard()
        self.hold.held.connect(self.facts.reveal)
        self.waiting_facts = FactGrid()
        self._title, self._subtitle = label(role="title", wrap=True), label(role="subtitle", wrap=True)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(6)
        self._notices = QVBoxLayout()
        self._wait_title, self._wait_words = label(role="title", wrap=True), Notice("", "warn")
        self._backs: list[Button] = []
        self.addWidget(
            EmptyState(
                "rotate",
                "从左侧选择一项",
                "核准变更之前，这里逐项列出将要失效的证书、授权、领取码和在办申请。",
            )
        )
        self.addWidget(self._build_change())
        self.addWidget(self._build_reclaim())

    def _back(self) -> Button:
        back = Button("返回列表", key="Esc", icon_name="arrow-left", face="quiet")
        back.clicked.connect(self.back_requested)
        back.hide()
        self._backs.append(back)
        return back

    def _build_change(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        top = Card()
        top.setAccessibleName("变更")
        top.body.addWidget(self._back(), 0, Qt.AlignmentFlag.AlignLeft)
        top.body.addWidget(self._title)
        line = QHBoxLayout()
        line.addWidget(self._subtitle, 1)
        line.addLayout(self._chips)
        top.body.addLayout(line)
        top.body.addLayout(self._notices)
        content = Card("变更内容")
        content.add_to_heading(self.hold)
        content.body.addWidget(self.facts)
        self.reach = DyingCard("失效到达")
        self.reach.hide()
        for card in (top, content, self.dying, self.reach):
            column.addWidget(card)
        column.addStretch(1)
        self.room = QScrollArea()
        self.room.setWidgetResizable(True)
        self.room.setFrameShape(QFrame.Shape.NoFrame)
        self.room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.room.setAccessibleName("变更内容和失效内容")
        self.room.setWidget(inside)
        return self.room

    def _build_reclaim(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        card = Card()
        card.setAccessibleName("待办的单位")
        card.body.addWidget(self._back(), 0, Qt.AlignmentFlag.AlignLeft)
        card.body.addWidget(self._wait_title)
        card.body.addWidget(self.waiting_facts)
        card.body.addWidget(self._wait_words)
        column.addWidget(card)
        column.addStretch(1)
        return page

    def show_nothing(self) -> None:
        """Show that nothing is chosen."""
        self.change = self.reclaim = None
        self.setCurrentIndex(NOTHING)

    def show_change(self, view: ChangeView) -> None:
        """Show a change; another one begins at its top."""
        if self.change is None or self.change.id != view.id:
            self.room.verticalScrollBar().setValue(0)
            self.reach.hide()
        self.change, self.reclaim = view, None
        self._title.setText(view.title)
        self._subtitle.setText(view.subtitle)
        refill(self._chips, [chip(each.text, each.tone) for each in view.chips])
        refill(self._notices, [Notice(words, tone) for words, tone in view.notices])
        self.facts.show_facts(view.facts)
        self.hold.setVisible(any(fact.covered for fact in view.facts))
        self.dying.show_dying(view.dying)
        self.setCurrentIndex(CHANGE)

    def show_reach(self, change: str, view: ReachView) -> None:
        """Show how far the end of a change in front has reached."""
        if self.change is not None and self.change.id == change:
            self.reach.show_dying(view)
            self.reach.show()

    def show_reclaim(self, view: ReclaimView) -> None:
        """Show a unit that waits."""
        self.change, self.reclaim = None, view
        self._wait_title.setText(view.title)
        self.waiting_facts.show_facts([Fact(name, words, words) for name, words in view.facts])
        self._wait_words.set_text(view.words, "accent" if view.way in ("case", "change") else "warn")
        self.setCurrentIndex(RECLAIM)

    def show_back(self, shown: bool) -> None:
        """Offer the way back to the list, where the list had to leave."""
        for back in self._backs:
            back.setVisible(shown)
