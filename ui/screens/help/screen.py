"""The manual inside the window: pages at the left, text at the right, F1 opens the fitting place."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.navigator import Navigator
from ui.screen import Footer, Header, Screen
from ui.screens.help.manual import Block, ManualPage, find_topic, pages
from ui.theme import theme
from ui.widgets.cards import Card
from ui.widgets.labels import label
from ui.widgets.side_list import SideList

_ROLES = {"title": "title", "heading": "section"}


class HelpScreen(Screen):
    """Up and Down choose a page; typing above the list filters it."""

    def __init__(self, manual: tuple[ManualPage, ...] | None = None) -> None:
        super().__init__()
        self._manual = pages() if manual is None else manual
        self._shown: list[int] = []
        self._labels: list[QWidget] = []
        self.filter = QLineEdit()
        self.filter.setProperty("face", "search")
        self.filter.setPlaceholderText("在手册中查找")
        self.filter.setAccessibleName("在手册中查找")
        self.list = SideList("手册目录")
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName("手册正文")
        card = Card()
        card.body.addWidget(self.area)
        left = QVBoxLayout()
        left.addWidget(self.filter)
        left.addWidget(self.list, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 14, 18, 14)
        row.setSpacing(14)
        row.addLayout(left)
        row.addWidget(card, 1)
        self.filter.textChanged.connect(self._fill)
        self.filter.returnPressed.connect(self.list.setFocus)
        self.list.currentRowChanged.connect(self._on_row)
        self._fit()
        theme().changed.connect(self._fit)
        self._fill("")

    def header(self) -> Header:
        """Name the page."""
        return Header("操作手册", self.page_title())

    def footer(self) -> Footer:
        """Name the keys."""
        return Footer(hints=("↑ ↓ 选择章节", "F1 在任何界面打开对应的说明"))

    def on_shown(self) -> None:
        """Put the focus on the list."""
        self.list.setFocus()

    def help_topic(self) -> str:
        """F1 here stays here."""
        return ""

    def page_title(self) -> str:
        """Return the title of the page in front."""
        at = self.list.currentRow()
        return self._manual[self._shown[at]].title if 0 <= at < len(self._shown) else ""

    def open(self, topic: str) -> None:
        """Show the place for a topic (field id, page key); the first page when there is none."""
        if not self._manual:
            return
        self.filter.clear()
        page, block = find_topic(self._manual, topic)
        self.list.setCurrentRow(page)
        # After the layout has its heights.
        QTimer.singleShot(0, self, lambda: self._scroll_to(block))

    def _fit(self) -> None:
        self.filter.setFixedWidth(theme().base * 15)
        self.list.setFixedWidth(theme().base * 15)

    def _fill(self, words: str) -> None:
        self._shown = [at for at, page in enumerate(self._manual) if page.matches(words)]
        self.list.clear()
        self.list.addItems([self._manual[at].title for at in self._shown])
        if self._shown:
            self.list.setCurrentRow(0)
        else:
            self._show(())

    def _on_row(self, at: int) -> None:
        if 0 <= at < len(self._shown):
            self._show(self._manual[self._shown[at]].blocks)
            self.shell_changed.emit()

    def _show(self, blocks: tuple[Block, ...]) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(6, 4, 14, 10)
        column.setSpacing(8)
        self._labels = []
        step = 0
        for block in blocks:
            step = step + 1 if block.kind == "step" else 0
            made = self._line(block, step)
            column.addWidget(made)
            self._labels.append(made)
        if not blocks:
            column.addWidget(label("没有找到相符的章节，请换个词再查。", "muted"))
        column.addStretch(1)
        self.area.setWidget(inside)
        self.area.verticalScrollBar().setValue(0)

    def _line(self, block: Block, step: int) -> QWidget:
        if block.kind in ("point", "step"):
            holder = QWidget()
            row = QHBoxLayout(holder)
            row.setContentsMargins(8, 0, 0, 0)
            row.setSpacing(8)
            mark = label(f"{step}." if block.kind == "step" else "·", "muted")
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label(block.text, wrap=True), 1)
            return holder
        return label(block.text, _ROLES.get(block.kind, "body"), wrap=True)

    def _scroll_to(self, block: int) -> None:
        if 0 < block < len(self._labels):
            self.area.verticalScrollBar().setValue(max(0, self._labels[block].y() - 6))


def make(desk: Desk, navigator: Navigator) -> Screen:
    """Return the screen (called by the shell on the first visit)."""
    return HelpScreen()
