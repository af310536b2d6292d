"""The right half: notices over the paper; on low windows the papers and the unit lie behind the same card.

On high windows (1920x1080) papers and unit stand below the form instead, and only the paper stays here.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.screens.application.words import Telling
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.choices import Segments
from ui.widgets.labels import chip, label
from ui.widgets.notice import Notice
from ui.widgets.preview_view import PreviewView

PAGES = (("paper", "打印预览"), ("papers", "材料与扫描"), ("unit", "单位"))


class Side(QWidget):
    """``told(key, button)`` for a notice's button, ``page_changed(page)``, ``print_wanted``."""

    told = Signal(str, str)
    page_changed = Signal(str)
    print_wanted = Signal()

    def __init__(self, papers: QWidget, unit: QWidget) -> None:
        super().__init__()
        self._papers, self._unit = papers, unit
        self.preview = PreviewView()
        self._shown: tuple[Telling, ...] | None = None
        self._split = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._bars = QVBoxLayout()
        self._bars.setSpacing(6)
        column.addLayout(self._bars)
        column.addWidget(self._card(), 1)

    def _card(self) -> Card:
        card = Card(" ")
        card.setAccessibleName("打印预览和材料")
        card.title.hide()
        self.tabs = Segments(PAGES, "右侧")
        for button in self.tabs.buttons():
            button.setProperty("low", True)
        self.tabs.chosen.connect(self.show_page)
        card.heading.insertWidget(0, self.tabs)
        self._title = label("打印预览", "section")
        self._live = chip("随填随显")
        card.heading.insertWidget(1, self._title)
        card.heading.insertWidget(2, self._live)
        self.print_button = Button(
            "打印", key="F9", icon_name="printer", face="quiet", on_click=self.print_wanted.emit
        )
        card.add_to_heading(self.print_button)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.preview)
        self._places: dict[str, QVBoxLayout] = {}
        for page in ("papers", "unit"):
            place = QWidget()
            self._places[page] = QVBoxLayout(place)
            self._places[page].setContentsMargins(0, 4, 0, 0)
            self._stack.addWidget(place)
        card.body.addWidget(self._stack, 1)
        self.set_split(False, force=True)
        return card

    # -- pages ------------------------------------------------------------------------------------

    @property
    def page(self) -> str:
        """Which page is in front: paper, papers or unit."""
        return PAGES[self._stack.currentIndex()][0]

    def show_page(self, page: str) -> None:
        """Bring a page to the front (on high windows there is only the paper)."""
        wanted = "paper" if self._split else page
        self.tabs.set_value(wanted)
        self._stack.setCurrentIndex([key for key, _ in PAGES].index(wanted))
        # Beside the tabs it would squeeze the form at 20 px; the bottom bar has the same button.
        self.print_button.setVisible(self._split)
        self.page_changed.emit(wanted)

    def set_split(self, split: bool, *, force: bool = False) -> bool:
        """Say whether papers and unit stand elsewhere; take them in if not. Return whether that changed."""
        if split == self._split and not force:
            return False
        page = self.page
        self._split = split
        if not split:
            self._places["papers"].addWidget(self._papers)
            self._places["unit"].addWidget(self._unit)
        self.tabs.setVisible(not split)
        self._title.setVisible(split)
        self._live.setVisible(split)
        self.show_page(page)
        return True

    def show_counts(self, missing: int, scans: int) -> None:
        """Say on the tab how many papers are missing."""
        button = self.tabs.buttons()[1]
        words = f"材料与扫描 · 缺 {missing}" if missing else "材料与扫描 ✓"
        if button.text() != words:
            button.setText(words)

    # -- notices ----------------------------------------------------------------------------------

    def show_tellings(self, told: tuple[Telling, ...]) -> None:
        """Show the notices, top first."""
        if told == self._shown:
            return
        self._shown = told
        while (item := self._bars.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for each in told:
            self._bars.addWidget(self._bar(each))

    def _bar(self, each: Telling) -> Notice:
        bar = Notice(each.text, each.tone)
        for id, caption in each.buttons:
            button = Button(caption, on_click=partial(self.told.emit, each.key, id))
            button.setProperty("low", True)
            button.setObjectName(f"{each.key}-{id}")
            bar.add_button(button)
        return bar


class LowerLeft(QWidget):
    """Where papers and unit stand on high windows: side by side below the form."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        self.papers_card = Card("材料与扫描", 4)
        self.unit_card = Card("单位与办理记录")
        row.addWidget(self.papers_card, 5)
        row.addWidget(self.unit_card, 4)

    def take(self, papers: QWidget, unit: QWidget) -> None:
        """Take the two panels in."""
        self.papers_card.body.addWidget(papers, 1)
        self.unit_card.body.addWidget(unit, 1)
        papers.show()
        unit.show()
