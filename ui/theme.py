"""The theme in force: light or dark, and the letter size; both change without a restart.

Widgets that paint for themselves (icons, ticks, the preview) read :func:`colour` at paint time and
repaint on ``theme().changed``.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from ui.style_sheet import style_sheet
from ui.tokens import BASE_SIZES, THEMES, ThemeName, sizes


class Theme(QObject):
    """Holds what is in force and lays it over the application."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.name: ThemeName = "light"
        self.base = 14
        self.families: tuple[str, ...] = ()

    def colour(self, token: str) -> str:
        """Return the ``#RRGGBB`` of a token. Raises ``KeyError`` for a name not in the table."""
        return THEMES[self.name][token]

    def size(self, name: str) -> int:
        """Return a length in px (see :func:`ui.tokens.sizes`)."""
        return sizes(self.base)[name]

    def apply(
        self, name: ThemeName | None = None, base: int | None = None, families: tuple[str, ...] | None = None
    ) -> None:
        """Put a theme, a letter size (one of ``BASE_SIZES``) or font families in force everywhere."""
        if base is not None and base not in BASE_SIZES:
            raise ValueError(f"letter size {base} is not one of {BASE_SIZES}")
        self.name = name or self.name
        self.base = base or self.base
        self.families = families if families is not None else self.families
        application = QApplication.instance()
        if isinstance(application, QApplication):
            self._lay_over(application)
        self.changed.emit()

    def _lay_over(self, application: QApplication) -> None:
        font = QFont()
        if self.families:
            font.setFamilies(list(self.families))
        font.setPixelSize(self.base)
        application.setFont(font)
        application.setPalette(self._palette())
        application.setStyleSheet(style_sheet(dict(THEMES[self.name]), sizes(self.base), self.families))

    def _palette(self) -> QPalette:
        role = QPalette.ColorRole
        table = {
            role.Window: "ground", role.WindowText: "text", role.Base: "card", role.AlternateBase: "hover",
            role.Text: "text", role.Button: "card", role.ButtonText: "text", role.BrightText: "bad",
            role.ToolTipBase: "card", role.ToolTipText: "text", role.Highlight: "selection",
            role.HighlightedText: "selection_text", role.PlaceholderText: "faint", role.Link: "accent_text",
            role.Accent: "accent",
        }  # fmt: skip
        palette = QPalette()
        for where, token in table.items():
            palette.setColor(where, QColor(self.colour(token)))
        for where in (role.Text, role.WindowText, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(self.colour("faint")))
        return palette


_current: Theme | None = None


def theme() -> Theme:
    """Return the one theme of the process (made on first call)."""
    global _current
    if _current is None:
        _current = Theme()
    return _current


def colour(token: str) -> QColor:
    """Return a token's colour in the theme in force."""
    return QColor(theme().colour(token))


def size(name: str) -> int:
    """Return a length in px at the letter size in force."""
    return theme().size(name)
