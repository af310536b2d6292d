"""What to verify: what a scanner types, matter and person; or the code of a unit that shows nothing."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

from core.credentials.verifier import LIMIT
from core.forms.matters import Matter, seed_matters
from core.forms.number_kinds import IdNumber, Uscc
from core.records.uses import LONGEST_REASON
from ui.forms.line_edits import LatinEdit
from ui.screens.verify.state import matter_choices
from ui.widgets.cards import Card
from ui.widgets.choices import PickBox
from ui.widgets.labels import label

ASKS_HUB = "由省级平台回答，需要联网；每次查询都记入用证清单，持证单位能看到本机关和查验事由。"
NO_HUB = "基本信息由省级平台回答，本机还没有接入。请管理员在“设置”里接入省级平台。"


class AskPane(QWidget):
    """``wanted`` when the scanner, or a person, ends a line; ``basic_wanted`` when a code and a reason do."""

    wanted = Signal()
    basic_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.code = LatinEdit(str.strip)
        self.code.setMaxLength(LIMIT)
        self.code.setAccessibleName("扫码枪输入处")
        self.code.setPlaceholderText("光标在此，请扫码")
        self.code.setClearButtonEnabled(True)
        self.code.returnPressed.connect(self.wanted)
        self.matter = PickBox()
        self.matter.setAccessibleName("要办的事项")
        self.show_matters(seed_matters())
        self.name, self.number = QLineEdit(), LatinEdit(IdNumber().parse)
        for field, words in ((self.name, "在场人员姓名"), (self.number, "在场人员身份证号码")):
            field.setAccessibleName(words)
            field.setMaxLength(64)
        self.name.setPlaceholderText("不比对人员可不填")
        self.number.setPlaceholderText("18 位，核验后立即清除")
        self.uscc, self.reason = LatinEdit(Uscc().parse), QLineEdit()
        self.uscc.setMaxLength(32)
        self.reason.setMaxLength(LONGEST_REASON)
        self.uscc.setAccessibleName("被查询单位的统一社会信用代码")
        self.reason.setAccessibleName("查验事由")
        self.reason.setPlaceholderText("必填，持证单位能够看到")
        self.uscc.returnPressed.connect(self._on_code)
        self.reason.returnPressed.connect(self.basic_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._shown_card())
        column.addWidget(self._question_card())
        column.addWidget(self._basic_card())
        column.addStretch(1)

    def _shown_card(self) -> Card:
        card = Card("对方出示的", 1)
        card.body.addWidget(self.code)
        card.body.addWidget(
            label("也可以粘贴文本（F6），或选择图片、PDF、文本文件（F7）。", "hint", wrap=True)
        )
        self.folder_line = label("", "hint", wrap=True)
        card.body.addWidget(self.folder_line)
        return card

    def _question_card(self) -> Card:
        card = Card("还要核验（可不填）", 2)
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        form.addRow(label("要办的事项", "label"), self.matter)
        form.addRow(label("在场人员姓名", "label"), self.name)
        form.addRow(label("身份证号码", "label"), self.number)
        card.body.addLayout(form)
        card.body.addWidget(
            label(
                "先填好再扫码；核验事项要填写人员。姓名和号码只用于这一次比对，不保存，也不发送给平台。",
                "hint",
                wrap=True,
            )
        )
        return card

    def _basic_card(self) -> Card:
        card = Card("没有出示的：按信用代码查询基本信息")
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(8)
        form.addRow(label("信用代码", "label"), self.uscc)
        form.addRow(label("查验事由", "label"), self.reason)
        card.body.addLayout(form)
        self.basic_hint = label("", "hint", wrap=True)
        card.body.addWidget(self.basic_hint)
        self.basic_card = card
        return card

    def _on_code(self) -> None:
        """A code without its reason is half a question."""
        if self.reason.text().strip():
            self.basic_wanted.emit()
        else:
            self.reason.setFocus()

    def show_linked(self, linked: bool) -> None:
        """Allow the question by code, which the hub alone answers, or say why it cannot be asked."""
        for field in (self.uscc, self.reason):
            field.setEnabled(linked)
        self.basic_hint.setText(ASKS_HUB if linked else NO_HUB)

    def question(self) -> tuple[str, str, str]:
        """Return matter code, name and number as they are now."""
        return str(self.matter.currentData() or ""), self.name.text().strip(), self.number.text().strip()

    def show_matters(self, matters: Mapping[str, Matter]) -> None:
        """Offer the matters of the list; what is chosen stays."""
        chosen = str(self.matter.currentData() or "")
        self.matter.clear()
        for code, words in matter_choices(matters, chosen):
            self.matter.addItem(words, code)
        self.matter.setCurrentIndex(max(0, self.matter.findData(chosen)))

    def forget(self) -> None:
        """Clear what was shown and who stood there; the matter stays for the next one."""
        for field in (self.code, self.name, self.number):
            field.clear()

    def forget_basic(self) -> None:
        """Clear the question by code."""
        self.uscc.clear()
        self.reason.clear()

    def show_folder(self, folder: str) -> None:
        """Say that pictures of a watched folder are verified by themselves."""
        self.folder_line.setText("监视文件夹中新到的图片会自动核验" if folder else "")
        self.folder_line.setVisible(bool(folder))
