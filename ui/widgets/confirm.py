"""Our own dialogs: in Chinese, naming what will happen on the button itself, never 是/否."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.messages import Message
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.labels import Picture, label


@dataclass(frozen=True)
class Question:
    """What is asked before something that cannot simply be taken back.

    ``confirm`` is the verb on the button ("作废并换新码"), ``details`` lines name what it touches.
    """

    title: str
    text: str
    confirm: str
    details: tuple[str, ...] = ()
    danger: bool = False
    stay: str = "返回"


class ConfirmDialog(QDialog):
    """Modal. Escape and the initial focus are on the side of doing nothing when ``danger``."""

    def __init__(self, parent: QWidget | None, question: Question) -> None:
        super().__init__(parent)
        self.setWindowTitle(question.title)
        self.setAccessibleDescription(question.text)
        self.setMinimumWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addLayout(_headline(question.title, "alert-triangle" if question.danger else "help-circle",
                                   "bad" if question.danger else "accent_text"))  # fmt: skip
        column.addWidget(label(question.text, wrap=True))
        if question.details:
            box = frame("notice", "bad" if question.danger else "accent")
            lines = QVBoxLayout(box)
            lines.setSpacing(4)
            for line in question.details:
                lines.addWidget(label(line, wrap=True))
            column.addWidget(box)
        column.addSpacing(6)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        self.stay = Button(question.stay, key="Esc", on_click=self.reject)
        self.confirm = Button(
            question.confirm, face="danger" if question.danger else "primary", on_click=self.accept
        )
        buttons.addWidget(self.stay)
        buttons.addWidget(self.confirm)
        column.addLayout(buttons)
        first = self.stay if question.danger else self.confirm
        first.setDefault(True)
        first.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height that broken lines need; Qt's first guess counts a long detail as one line."""
        super().showEvent(event)
        column = self.layout()
        if column is not None:
            self.resize(self.width(), max(self.height(), column.totalHeightForWidth(self.width())))


class TellDialog(QDialog):
    """A sentence with its remedy and one button."""

    def __init__(self, parent: QWidget | None, message: Message, tone: str = "bad") -> None:
        super().__init__(parent)
        self.setWindowTitle(message.title)
        self.setAccessibleDescription(message.whole())
        self.setMinimumWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addLayout(_headline(message.title, "alert-circle", tone))
        column.addWidget(label(message.text, wrap=True))
        if message.remedy:
            column.addWidget(label(message.remedy, "muted", wrap=True))
        column.addSpacing(6)
        self.close_button = Button("知道了", face="primary", on_click=self.accept)
        self.close_button.setDefault(True)
        column.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
        self.close_button.setFocus()


def _headline(title: str, icon_name: str, token: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    row.addWidget(Picture(icon_name, token, 1.3))
    row.addWidget(label(title, "section"), 1)
    return row


def ask(parent: QWidget | None, question: Question) -> bool:
    """Ask and wait; return whether the person chose to go on."""
    return ConfirmDialog(parent, question).exec() == QDialog.DialogCode.Accepted


def tell(parent: QWidget | None, message: Message) -> None:
    """Show a sentence and wait until it is closed."""
    TellDialog(parent, message).exec()
