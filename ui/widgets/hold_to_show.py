"""A secret that shows only while a key or the pointer is held; it is fetched then and forgotten after."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QPushButton

from ui.theme import size, theme
from ui.widgets.buttons import Button

HIDDEN = "••• •••"


class HoldToShow(Button):
    """Hold with the pointer or the space bar; letting go, losing the focus or hiding covers it again."""

    def __init__(self, fetch: Callable[[], str], caption: str = "按住显示领取验证码") -> None:
        super().__init__("")
        self._fetch = fetch
        self._caption = caption
        self._fit()
        theme().changed.connect(self._fit)
        self.pressed.connect(self._uncover)
        self.released.connect(self.cover)
        self.cover()

    def _fit(self) -> None:
        # As wide covered as shown, so that nothing beside it moves while it is held.
        self.setMinimumWidth(size("body") * 20)
        self.setStyleSheet(f"font-size: {size('title')}px; font-weight: 700;")

    def _uncover(self) -> None:
        secret = self._fetch()
        # The accessible name stays the caption: a screen reader must not speak the secret to the hall.
        QPushButton.setText(self, f"{secret[:3]} {secret[3:]}" if len(secret) == 6 else secret)

    def cover(self) -> None:
        """Show dots and the caption."""
        self.set_caption(f"{HIDDEN}　{self._caption}")
        self.setAccessibleName(self._caption)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Cover when the focus leaves."""
        self.setDown(False)
        self.cover()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Cover when hidden."""
        self.cover()
        super().hideEvent(event)
