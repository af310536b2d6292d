"""The rail at the left: pages with icons, Alt+1 … Alt+7, and quiet entries at its foot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.icons import icon
from ui.screen import Screen
from ui.theme import size, theme
from ui.widgets.labels import ElidedLabel, label

MOST_KEYS = 9


@dataclass(frozen=True)
class Page:
    """A page; ``make`` is called on the first visit only.

    One without an entry of its own (``on_rail`` false) is opened from another page, whose entry stays marked.
    """

    key: str
    title: str
    icon: str
    make: Callable[[], Screen]
    at_foot: bool = False
    on_rail: bool = True


class RailButton(QPushButton):
    """An entry of the rail; ``show_count`` puts a number of things that wait at its right end."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._title = title
        self._count = label("", "count")
        self._count.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._count.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.addStretch(1)
        row.addWidget(self._count, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """Show how many wait; nothing for none."""
        self._count.setText("99+" if count > 99 else str(count))
        self._count.setVisible(count > 0)
        self.setAccessibleName(f"{self._title}，{count} 件待处理" if count else self._title)


class Rail(QFrame):
    """Emits ``chosen(key)`` for a click or Alt+digit; ``mark`` shows which page is in front."""

    chosen = Signal(str)

    def __init__(self, product: str, office_line: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("face", "rail")
        self.setAccessibleName("导航")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, RailButton] = {}
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
        column.addWidget(self._scrolled(), 1)
        column.addLayout(self._foot)
        self._fit()
        theme().changed.connect(self._fit)

    def _scrolled(self) -> QScrollArea:
        """Return the pages in a frame of their own: large letters in a low window must not widen it."""
        self._pages = QScrollArea()
        self._pages.setWidgetResizable(True)
        self._pages.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._top)
        column.addStretch(1)
        self._pages.setWidget(inside)
        return self._pages

    def set_office_line(self, text: str) -> None:
        """Show the office and the person at work."""
        self._office.set_text(text)

    def add(self, page: Page) -> None:
        """Append an entry; the first entries not at the foot answer to Alt+1 …."""
        button = RailButton(page.title)
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setProperty("face", "rail")
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
        """Show ``key`` as the page in front; for a page without an entry the mark stays."""
        if key not in self._buttons:
            return
        self._buttons[key].setChecked(True)
        self._pages.ensureWidgetVisible(self._buttons[key], 0, 0)

    def show_count(self, key: str, count: int) -> None:
        """Show how many things wait on a page; a page that is not there is no fault."""
        if key in self._buttons:
            self._buttons[key].show_count(count)

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
