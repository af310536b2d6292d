"""Sending a case back: reasons to tick, a remark, and the verb on the button."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.record_words import RETURN_REASON_WORDS
from ui.screens.review.state import REMARK_LIMIT, remark_state
from ui.theme import size
from ui.widgets.buttons import Button
from ui.widgets.choices import TickBox
from ui.widgets.labels import Picture, label


class ReturnDialog(QDialog):
    """Modal; after acceptance read ``reasons`` and ``remark_text``."""

    def __init__(self, parent: QWidget | None, touches: tuple[str, ...]) -> None:
        super().__init__(parent)
        self.setWindowTitle("退回")
        self.setMinimumWidth(size("body") * 36)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(8)
        headline = QHBoxLayout()
        headline.setSpacing(10)
        headline.addWidget(Picture("arrow-back-up", "warn", 1.3))
        headline.addWidget(label("退回改正", "section"), 1)
        column.addLayout(headline)
        for words in touches:
            column.addWidget(label(words, "muted"))
        column.addWidget(label("退回原因（可多选）", "strong"))
        self.ticks: dict[str, TickBox] = {}
        for code, words in RETURN_REASON_WORDS.items():
            tick = TickBox(words)
            tick.toggled.connect(self._check)
            column.addWidget(tick)
            self.ticks[code] = tick
        column.addWidget(label("说明", "strong"))
        self.remark = QPlainTextEdit()
        self.remark.setAccessibleName("说明")
        self.remark.setPlaceholderText(
            f"告诉窗口人员怎样改正，最多 {REMARK_LIMIT} 字；不要填写身份证号码、手机号码"
        )
        self.remark.setTabChangesFocus(True)
        self.remark.setFixedHeight(size("body") * 5)
        self.remark.textChanged.connect(self._check)
        column.addWidget(self.remark)
        self.count, self.why = label("", "hint"), label("", "hint", tone="warn")
        line = QHBoxLayout()
        line.addWidget(self.why, 1)
        line.addWidget(self.count)
        column.addLayout(line)
        self._add_buttons(column)
        self._check()
        next(iter(self.ticks.values())).setFocus()

    def _add_buttons(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.addStretch(1)
        self.stay = Button("返回", key="Esc", on_click=self.reject)
        self.confirm = Button("退回", key="Ctrl+Enter", face="primary", on_click=self.accept)
        self.confirm.setShortcut("Ctrl+Return")
        row.addWidget(self.stay)
        row.addWidget(self.confirm)
        column.addLayout(row)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes ticked, in the order of the list."""
        return tuple(code for code, tick in self.ticks.items() if tick.isChecked())

    @property
    def remark_text(self) -> str:
        """The remark, tidied at its ends."""
        return self.remark.toPlainText().strip()

    def _check(self) -> None:
        why = remark_state(self.reasons, self.remark_text)
        self.why.setText(why)
        self.count.setText(f"{len(self.remark_text)} / {REMARK_LIMIT}")
        self.confirm.setEnabled(not why)
        self.confirm.setToolTip(why)
