"""Buttons with the key in the caption and an icon that follows the theme."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from ui.icons import icon
from ui.theme import size, theme
from ui.widgets.labels import label

_ICON_TOKEN = {"primary": "on_accent", "quiet": "accent_text", "danger": "bad"}


class Button(QPushButton):
    """A push button. ``face``: "" (plain), "primary", "quiet" (no frame) or "danger"."""

    def __init__(
        self,
        caption: str,
        *,
        key: str = "",
        icon_name: str = "",
        face: str = "",
        on_click: Callable[[], object] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._face = face
        self.setProperty("face", face)
        self.setAutoDefault(False)
        self.set_caption(caption, key)
        self._repaint_icon()
        theme().changed.connect(self._repaint_icon)
        if on_click is not None:
            self.clicked.connect(lambda _checked=False: on_click())

    def set_caption(self, caption: str, key: str = "") -> None:
        """Show ``caption`` with its key after it; the accessible name is the caption alone."""
        # Qt reads "&" as a mnemonic; captions may hold a unit's name.
        shown = caption.replace("&", "&&")
        if self._icon_name:
            # Qt leaves four px between icon and words at every size; a blank grows with the letters.
            shown = f" {shown}"
        self.setText(f"{shown}  {key}" if key else shown)
        self.setAccessibleName(caption)
        self.setAccessibleDescription(f"快捷键 {key}" if key else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press the button too: outside dialogs Qt gives that to the space bar alone."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

    def set_icon(self, icon_name: str) -> None:
        """Show another icon."""
        self._icon_name = icon_name
        self._repaint_icon()

    def _repaint_icon(self) -> None:
        if self._icon_name:
            side = size("icon")
            self.setIcon(icon(self._icon_name, _ICON_TOKEN.get(self._face, "muted"), side))
            self.setIconSize(QSize(side, side))


def key_hint(text: str) -> QLabel:
    """Return a quiet line such as "Enter 下一项　Shift+Enter 上一项"."""
    return label(text, "hint")
