"""The face of the customer's screen; every size is a share of the short edge."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ui.customer_view import CustomerView
from ui.theme import theme
from ui.widgets.cards import frame
from ui.widgets.labels import label, rehearsal_band
from ui.widgets.qr_view import QrView

_SHARES = {"heading": 0.044, "who": 0.034, "clock": 0.027, "note": 0.021, "band": 0.022}
"""Letter sizes as shares of the short edge."""
QR_SHARE = 0.56


class CustomerPanel(QWidget):
    """Heading, QR, whose it is, how long it lasts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self._band = rehearsal_band("演练　·　此码不能领取真实证书")
        self._lines: dict[str, QLabel] = {name: _centred() for name in ("heading", "who", "clock", "note")}
        self._qr = QrView()
        self._over = _centred()
        self._qr_card = frame("card")
        self._qr_card.setStyleSheet("QFrame { background: white; border: none; border-radius: 16px; }")
        inside = QVBoxLayout(self._qr_card)
        inside.setContentsMargins(6, 6, 6, 6)
        inside.addWidget(self._qr)
        inside.addWidget(self._over)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._band)
        column.addStretch(3)
        column.addWidget(self._lines["heading"])
        column.addStretch(2)
        column.addWidget(self._qr_card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        for name in ("who", "clock", "note"):
            column.addWidget(self._lines[name])
            column.addStretch(1)
        self.footer = QVBoxLayout()
        column.addLayout(self.footer)
        column.addStretch(1)
        theme().changed.connect(self._scale)

    def show_view(self, view: CustomerView) -> None:
        """Show a claim; call again every second with the time left."""
        self._band.setVisible(view.rehearsal)
        self._lines["heading"].setText(view.heading)
        self._lines["who"].setText(f"领取人　{view.masked_name}　　{view.unit}")
        self._lines["clock"].setText(
            "本码已失效，请等候工作人员更换"
            if view.expired
            else f"请核对姓名后扫码　·　{view.clock()} 后失效　·　只能领取一次"
        )
        self._lines["note"].setText(view.phones_note)
        self._lines["note"].setVisible(bool(view.phones_note))
        self._qr.setVisible(not view.expired)
        self._over.setVisible(view.expired)
        self._over.setText("已失效")
        if not view.expired:
            self._qr.set_matrix(view.qr_matrix)
        self._scale()

    @property
    def qr(self) -> QrView:
        """The code's painter."""
        return self._qr

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale everything to the new short edge."""
        super().resizeEvent(event)
        self._scale()

    def _scale(self) -> None:
        edge = min(self.width(), self.height())
        tones = {"heading": "text", "who": "text", "clock": "muted", "note": "faint"}
        for name, words in self._lines.items():
            weight = 700 if name in ("heading", "who") else 400
            px = self._fitting(words, max(11, round(edge * _SHARES[name])))
            tone = theme().colour(tones[name])
            words.setStyleSheet(f"font-size: {px}px; font-weight: {weight}; color: {tone};")
        self._band.setStyleSheet(f"font-size: {max(12, round(edge * _SHARES['band']))}px;")
        self._over.setStyleSheet(f"font-size: {round(edge * 0.06)}px; font-weight: 700; color: #5E6B7D;")
        side = round(edge * QR_SHARE)
        self._qr_card.setFixedSize(side, side)

    def _fitting(self, words: QLabel, px: int) -> int:
        """Return a letter size at which the longest line (a long unit name) still fits the width."""
        room = self.width() * 0.94
        ems = max(1, sum(0.56 if ord(letter) < 0x2E80 else 1.0 for letter in words.text()))
        return max(11, min(px, int(room / ems)))


def _centred() -> QLabel:
    made = label()
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made
