"""The rail at the left: pages with icons, Alt+1 … Alt+7, and quiet entries at its foot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QVBoxLayout, QWidget

from ui.icons import icon
from ui.screen import Screen
from ui.theme import size, theme
from ui.widgets.labels import ElidedLabel, label

MOST_KEYS = 9


@dataclass(frozen=True)
class Page:
    """An entry of the rail; ``make`` is called on the first visit only."""

    key: str
    title: str
    icon: str
    make: Callable[[], Screen]
    at_foot: bool = False


class Rail(QFrame):
    """Emits ``chosen(key)`` for a click or Alt+digit; ``mark`` shows which page is in front."""

    chosen = Signal(str)

    def __init__(self, product: str, office_line: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("face", "rail")
        self.setAccessibleName("导航")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        self._icons: dict[str, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 16, 12, 14)
        column.setSpacing(3)
        column.addWidget(label(product, "section"))
        self._office = ElidedLabel(office_line, "subtitle")
        column.addWidget(self._office)
        column.addSpacing(12)
        self._top, self._foot = QVBoxLayout(), QVBoxLayout()
        for part in (self._top, self._foot):
            part.setSpacing(3)
        column.addLayout(self._top)
        column.addStretch(1)
        column.addLayout(self._foot)
        self._fit()
        theme().changed.connect(self._fit)

    def set_office_line(self, text: str) -> None:
        """Show the office and the person at work."""
        self._office.set_text(text)

    def add(self, page: Page) -> None:
        """Append an entry; the first entries not at the foot answer to Alt+1 …."""
        button = QPushButton(page.title)
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setProperty("face", "rail")
        button.setAccessibleName(page.title)
        button.clicked.connect(lambda _checked=False: self._on_clicked(page.key))
        self._group.addButton(button)
        (self._foot if page.at_foot else self._top).addWidget(button)
        self._buttons[page.key], self._icons[page.key] = button, page.icon
        number = sum(1 for key in self._buttons if self._top.indexOf(self._buttons[key]) >= 0)
        if not page.at_foot and number <= MOST_KEYS:
            shortcut = QShortcut(QKeySequence(f"Alt+{number}"), self)
            shortcut.activated.connect(lambda: self.chosen.emit(page.key))
            button.setToolTip(f"Alt+{number}")
        self._paint_icon(page.key)

    def mark(self, key: str) -> None:
        """Show ``key`` as the page in front."""
        self._buttons[key].setChecked(True)

    def set_shown(self, key: str, shown: bool) -> None:
        """Show or hide an entry (a role may lack it)."""
        self._buttons[key].setVisible(shown)

    def _on_clicked(self, key: str) -> None:
        self.chosen.emit(key)

    def _fit(self) -> None:
        self.setFixedWidth(size("rail_width"))
        for key in self._buttons:
            self._paint_icon(key)

    def _paint_icon(self, key: str) -> None:
        side = size("icon")
        self._buttons[key].setIcon(icon(self._icons[key], "muted", side, checked="accent_text"))
        self._buttons[key].setIconSize(QSize(side, side))
