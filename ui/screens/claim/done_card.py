"""The end everybody waits for: the certificate is on the phone."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.screens.claim.state import CaseFacts
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.labels import Picture, label


class DoneCard(QWidget):
    """The certificate is on the phone: a large tick, whose it is, and the next case."""

    next_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = label("电子证书已领取", "display", tone="good")
        self._who = label("", "section", wrap=True)
        self._text = label("", "muted", wrap=True)
        self.next = Button("下一件", icon_name="arrow-right", face="primary")
        self.next.setAutoDefault(True)  # Enter presses it, too
        self.next.clicked.connect(self.next_requested)
        card = frame("card")
        column = QVBoxLayout(card)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(Picture("circle-check", "good", 5.5), 0, Qt.AlignmentFlag.AlignHCenter)
        # Wrapped words must have the whole width, or their height is guessed wrong.
        for each in (self._title, self._who, self._text):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(each)
        column.addSpacing(10)
        column.addWidget(self.next, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)

    def show_done(self, facts: CaseFacts, waiting: int) -> None:
        """Show whose certificate it is and how many cases still wait."""
        self._who.setText(f"{facts.unit}　{facts.masked_name}")
        rest = f"还有 {waiting} 件待领取。" if waiting else "没有其他待领取的申请了。"
        self._text.setText(f"证书已在申请人的手机上。请收回验证码条销毁。{rest}")
        self.next.setVisible(waiting > 0)
        self.setAccessibleName(f"电子证书已领取 {facts.unit}")
