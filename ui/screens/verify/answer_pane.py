"""The answer, large and calm: sign and word first, then as of when, why, what to do, and what was shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from ui.screens.verify.state import SHOWN, AnswerView
from ui.widgets.fact_grid import Fact, FactGrid
from ui.widgets.labels import Picture, label, restyle
from ui.widgets.notice import EmptyState

WAITING, ASKING, ANSWERED = range(3)
_SIGN = 3.2


class AnswerPane(QFrame):
    """``show_answer``, ``show_asking`` and ``clear``; keeps nothing of an earlier answer."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("face", "card")
        self.shown: AnswerView | None = None
        self.sign = Picture("help-circle", "muted", _SIGN)
        self.title, self.kind = label(role="display"), label(role="subtitle")
        self.as_of, self.why, self.todo = label(role="strong", wrap=True), label(wrap=True), label(wrap=True)
        self.facts_title = label(SHOWN, "section")
        self.facts = FactGrid()
        self.layers = QStackedWidget()
        for each in (
            EmptyState(
                "scan",
                "等待核验",
                "用扫码枪扫描对方的亮证码、证书或打印件上的二维码，也可以粘贴文本、选择文件。\n"
                "没有出示的，按信用代码查询基本信息。",
            ),
            EmptyState("clock", "正在核验…"),
            self._answer(),
        ):
            self.layers.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self.layers)
        self.clear()

    def _answer(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(28, 26, 28, 22)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(18)
        head.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.kind)
        head.addLayout(words, 1)
        column.addLayout(head)
        column.addSpacing(4)
        for each in (self.why, self.as_of, self.todo):
            column.addWidget(each)
        column.addSpacing(10)
        column.addWidget(self.facts_title)
        column.addWidget(self.facts)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        return area

    def show_answer(self, view: AnswerView) -> None:
        """Show an answer."""
        self.shown = view
        self.sign.show_icon(view.icon, view.tone)
        self.title.setText(view.title)
        restyle(self.title, tone=view.tone)
        self.kind.setText(view.kind)
        self.kind.setVisible(bool(view.kind))
        self.why.setText("；".join(view.reasons))
        self.why.setVisible(bool(view.reasons))
        self.as_of.setText(view.as_of)
        self.todo.setText(view.todo)
        self.facts_title.setText(view.facts_title)
        self.facts_title.setVisible(bool(view.facts))
        self.facts.show_facts([Fact(name, text, text) for name, text in view.facts])
        self.setAccessibleName(f"核验结果：{view.spoken}")
        self.layers.setCurrentIndex(ANSWERED)

    def show_asking(self) -> None:
        """Say that the answer is being sought."""
        self._forget()
        self.layers.setCurrentIndex(ASKING)

    def clear(self) -> None:
        """Forget the answer and wait for the next."""
        self._forget()
        self.layers.setCurrentIndex(WAITING)

    def _forget(self) -> None:
        self.shown = None
        self.facts.show_facts([])
        for each in (self.title, self.kind, self.why, self.as_of, self.todo):
            each.setText("")
        self.setAccessibleName("核验结果")
