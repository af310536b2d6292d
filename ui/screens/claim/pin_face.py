"""The six digits on the clerk's side: large where the customer has a screen of their own, held where not."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from ui.screens.claim.state import PinMode, spoken_pin
from ui.theme import size, theme
from ui.widgets.hold_to_show import HoldToShow
from ui.widgets.labels import label


class PinFace(QStackedWidget):
    """Shows the PIN in one of three ways; empty digits show dots."""

    def __init__(self, fetch: Callable[[], str]) -> None:
        super().__init__()
        self.large = label()
        self.large.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        # The digits are for the clerk's eyes: a screen reader must not speak them to the hall.
        self.large.setAccessibleName("领取验证码")
        self.held = HoldToShow(fetch, "按住显示验证码")
        self.slip = label("本屏不显示验证码，请打印验证码条。", "muted", wrap=True)
        for face in (self.large, self.held, self.slip):
            self.addWidget(face)
        self._fit()
        theme().changed.connect(self._fit)

    def show_pin(self, pin: str, mode: PinMode) -> None:
        """Show ``pin``; where it is held or on a slip the digits do not even reach the label."""
        self.large.setText(spoken_pin(pin) if mode == "shown" and pin else "")
        self.setCurrentWidget({"shown": self.large, "held": self.held, "slip": self.slip}[mode])

    def _fit(self) -> None:
        px = round(size("display") * 1.7)
        self.large.setStyleSheet(
            f"font-size: {px}px; font-weight: 700; letter-spacing: 3px;"
            f" color: {theme().colour('accent_text')};"
        )
        self.setFixedHeight(round(px * 1.35))
