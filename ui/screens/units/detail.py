"""A unit as the register has it: facts with the representative covered, its applications, its history."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.forms.spec import FormSpec
from ui.record_words import CLOSED_WORDS
from ui.screens.units.state import UnitFacts, case_lines, fact_rows, history_lines
from ui.theme import size
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.fact_grid import FactGrid, HoldButton
from ui.widgets.labels import chip, label, restyle
from ui.widgets.line_list import Line, LineList
from ui.widgets.notice import Notice


class UnitDetail(QWidget):
    """Dumb: ``show_unit`` in, named wishes out."""

    apply_requested = Signal()
    change_requested = Signal()
    life_requested = Signal()
    correct_requested = Signal()
    case_requested = Signal(str)
    delegates_requested = Signal()

    def __init__(self, spec: FormSpec) -> None:
        super().__init__()
        self._spec = spec
        self._open = ""
        self._name = label(role="title", wrap=True)
        self._state = chip("", "")
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._state, 0, Qt.AlignmentFlag.AlignTop)
        self.apply = Button("开始申领", icon_name="file-plus", face="primary")
        self.change = Button("变更责任人", icon_name="user-edit")
        self.life = Button("办理变更", icon_name="rotate")
        self.correct = Button("更正登记信息", icon_name="edit")
        self.open_case = Button("打开在办件", icon_name="clipboard-list")
        self.delegates = Button("授权情况", icon_name="users")
        self.delegates.clicked.connect(self.delegates_requested)
        self.apply.clicked.connect(self.apply_requested)
        self.change.clicked.connect(self.change_requested)
        self.life.clicked.connect(self.life_requested)
        self.correct.clicked.connect(self.correct_requested)
        self.open_case.clicked.connect(self._on_open_case)
        self._buttons, self._more = QHBoxLayout(), QHBoxLayout()
        for row in (self._buttons, self._more):
            row.setSpacing(8)
            row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        for button in (self.apply, self.open_case, self.change, self.life, self.correct, self.delegates):
            self._buttons.addWidget(button)
        self.note = Notice()
        top = Card()
        top.setAccessibleName("单位")
        for line in (head, self._buttons, self._more):
            top.body.addLayout(line)
        top.body.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(top)
        column.addLayout(self._build_below(), 1)

    def _build_below(self) -> QBoxLayout:
        self.facts = FactGrid()
        hold = HoldButton()
        hold.held.connect(self.facts.reveal)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self.facts)
        column.addStretch(1)
        scroll = self._facts_room = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        facts = Card("登记信息")
        facts.add_to_heading(hold)
        facts.body.addWidget(scroll)
        self.cases = LineList("本单位的申请")
        self.cases.entered_key.connect(self.case_requested)
        self.cases.clicked.connect(lambda _index: self.case_requested.emit(self.cases.current_key()))
        self.history = LineList("操作历史")
        side = QVBoxLayout()
        side.setSpacing(6)
        for title, rows, share in (("本单位的申请", self.cases, 2), ("操作历史", self.history, 3)):
            side.addWidget(label(title, "section", buddy=rows))
            side.addWidget(rows, share)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._below.setSpacing(10)
        self._below.addWidget(facts, 6)
        self._below.addLayout(side, 5)
        return self._below

    def _on_open_case(self) -> None:
        self.case_requested.emit(self._open)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put history under the facts where two columns would be too narrow."""
        super().resizeEvent(event)
        wide = self.width() >= size("body") * 40
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._below.direction() != way:
            self._below.setDirection(way)
        # One above the other they need heights of their own; the page scrolls then.
        self._facts_room.setMinimumHeight(0 if wide else size("body") * 15)
        for rows in (self.cases, self.history):
            rows.setMinimumHeight(size("body") * (6 if wide else 8))

        self._share_buttons()

    def _share_buttons(self) -> None:
        """Put the last two buttons below the others where all of them would be wider than the page."""
        page, every = self.parentWidget(), (self.apply, self.open_case, self.change, self.life)
        last = (self.correct, self.delegates)
        shown = [button.sizeHint().width() + 8 for button in (*every, *last) if not button.isHidden()]
        crowded = page is not None and sum(shown) + 2 * 18 > page.width()
        row = self._more if crowded else self._buttons
        if row.indexOf(self.correct) < 0:
            for button in last:
                row.addWidget(button)

    def show_unit(self, facts: UnitFacts) -> None:
        """Show a unit, covered."""
        self._name.setText(facts.name or "（信息已销毁）")
        self._state.setText(CLOSED_WORDS.get(facts.ended, "正常"))
        restyle(self._state, tone="bad" if facts.ended else "good")
        self._open = facts.open_case
        obstacle = facts.obstacle()
        for button in (self.apply, self.change):
            button.setEnabled(not obstacle and not facts.erased)
            button.setToolTip(obstacle)
        self.apply.setVisible(not facts.open_case)
        self.open_case.setVisible(bool(facts.open_case))
        self._share_buttons()
        self.life.setEnabled(facts.may_write and not facts.erased and not facts.ended)
        self.correct.setEnabled(facts.may_write and not facts.erased and not facts.closed)
        self.note.setVisible(bool(obstacle))
        if obstacle:
            self.note.set_text(obstacle, "accent" if facts.open_case else "warn")
        self.facts.show_facts(fact_rows(self._spec, facts))
        self._fill(self.cases, case_lines(facts.cases), "还没有申请")
        self._fill(self.history, history_lines(self._spec, facts.history), "还没有记录")

    @staticmethod
    def _fill(rows: LineList, lines: tuple[Line, ...], nothing: str) -> None:
        rows.show_lines(lines or (Line("", "", nothing),))
        rows.setEnabled(bool(lines))
