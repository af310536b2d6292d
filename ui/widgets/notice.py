"""A quiet bar inside a screen ("上次未完成：… 继续 / 放弃"), and the empty state of a list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.buttons import Button
from ui.widgets.labels import Picture, label, restyle

_ICONS = {"accent": "info-circle", "good": "circle-check", "warn": "alert-triangle", "bad": "alert-circle"}


class Notice(QFrame):
    """A bar with icon, words and buttons. ``tone``: accent, good, warn or bad."""

    def __init__(self, text: str = "", tone: str = "accent", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("face", "notice")
        self._picture = Picture(_ICONS[tone])
        self._text = label(wrap=True)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 8, 8, 8)
        self._row.setSpacing(10)
        self._row.addWidget(self._picture)
        self._row.addWidget(self._text, 1)
        self.set_text(text, tone)

    def set_text(self, text: str, tone: str = "accent") -> None:
        """Show other words in another tone."""
        token = "accent_text" if tone == "accent" else tone
        restyle(self, tone=tone)
        self._picture.show_icon(_ICONS[tone], token)
        self._text.setText(text)
        self.setAccessibleName(text)

    def add_button(self, button: Button) -> None:
        """Put a button at the right end."""
        self._row.addWidget(button)


class EmptyState(QWidget):
    """What stands where a list has nothing to show: icon, what it means, what to do."""

    def __init__(self, icon_name: str, title: str, text: str = "", button: Button | None = None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(Picture(icon_name, "faint", 2.4), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(label(title, "section"), 0, Qt.AlignmentFlag.AlignHCenter)
        if text:
            words = label(text, "muted", wrap=True)
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(words)
        if button is not None:
            column.addSpacing(8)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.setAccessibleName(f"{title} {text}".strip())
