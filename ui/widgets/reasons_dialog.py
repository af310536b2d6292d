"""Sending something back: reasons to tick, a remark, and the verb on the button."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.theme import size
from ui.widgets.buttons import Button
from ui.widgets.choices import TickBox
from ui.widgets.labels import Picture, label

REMARK_LIMIT = 200


def remark_state(ticked: Iterable[str], remark: str) -> str:
    """Return why nothing can be returned yet, or empty."""
    reasons = list(ticked)
    if not reasons:
        return "请至少勾选一项退回原因。"
    if "other" in reasons and not remark.strip():
        return "勾选了“其他”，请写明说明。"
    if len(remark.strip()) > REMARK_LIMIT:
        return f"说明最多 {REMARK_LIMIT} 个字，现在 {len(remark.strip())} 个。"
    return ""


class ReasonsDialog(QDialog):
    """Modal; ``words`` are the reasons by code. After acceptance read ``reasons`` and ``remark_text``."""

    def __init__(self, parent: QWidget | None, touches: tuple[str, ...], words: Mapping[str, str]) -> None:
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
        for line in touches:
            column.addWidget(label(line, "muted"))
        column.addWidget(label("退回原因（可多选）", "strong"))
        self.ticks: dict[str, TickBox] = {}
        for code, said in words.items():
            tick = TickBox(said)
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
        below = QHBoxLayout()
        below.addWidget(self.why, 1)
        below.addWidget(self.count)
        column.addLayout(below)
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
