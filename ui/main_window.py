"""The shell: rail, heading, the screen in front, bottom bar, lock. Screens are made on their first visit.

The first paint waits for this module (:mod:`ui.first_paint`), so it imports nothing of ours, and of Qt only
what an empty window needs; ``furnish`` imports the parts of the shell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QByteArray, QSize, Signal
from PySide6.QtWidgets import QMainWindow

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent
    from PySide6.QtWidgets import QWidget

    from ui.navigation import Page
    from ui.screen import Chip, Screen
    from ui.shell_bars import ActionBar
    from ui.widgets.busy import BusyStrip

SMALLEST = QSize(1024, 640)
FIRST = QSize(1366, 768)


class GeometryMemory(Protocol):
    """Where the window's place is kept between two starts (the settings)."""

    def load(self) -> str:
        """Return what was saved, or empty."""

    def save(self, geometry: str) -> None:
        """Keep ``geometry`` (hex text)."""


class MainWindow(QMainWindow):
    """The clerk's window. ``furnished=False`` leaves it empty for a first paint; then call ``furnish``."""

    page_changed = Signal(str)
    search_edited = Signal(str)
    search_submitted = Signal(str)
    help_requested = Signal(str)
    lock_requested = Signal()

    def __init__(
        self,
        product: str = "证窗",
        office_line: str = "",
        *,
        rehearsal: bool = False,
        memory: GeometryMemory | None = None,
        furnished: bool = True,
    ) -> None:
        super().__init__()
        self.setWindowTitle(product)
        self._memory = memory
        self._pages: dict[str, Page] = {}
        self._screens: dict[str, Screen] = {}
        self._current = ""
        self._own_chips: tuple[Chip, ...] = ()
        self.before_close: Callable[[], bool] | None = None
        """Asked before the window closes; False keeps it open."""
        self.setMinimumSize(SMALLEST)
        self.resize(FIRST)
        self._restore()
        if furnished:
            self.furnish(product, office_line, rehearsal=rehearsal)

    def furnish(self, product: str, office_line: str = "", *, rehearsal: bool = False) -> None:
        """Build the shell into the empty window, shown or not; its place and size stay as they are."""
        from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

        from ui.navigation import Rail
        from ui.shell_bars import ActionBar, HeaderBar, Keys
        from ui.widgets.labels import rehearsal_band
        from ui.widgets.toast import Toast

        self.setWindowTitle(f"{product}（演练）" if rehearsal else product)
        self._layers = QStackedWidget()
        self._shell = QWidget()
        self._layers.addWidget(self._shell)
        outer = QVBoxLayout()
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        middle = QWidget()
        middle.setLayout(outer)
        if rehearsal:
            # Above the layers: the lock and every screen carry it.
            outer.addWidget(rehearsal_band())
        outer.addWidget(self._layers, 1)
        self.setCentralWidget(middle)
        self.rail = Rail(product, office_line)
        self.rail.chosen.connect(self.open)
        self._header = HeaderBar()
        self._stack = QStackedWidget()
        self._bar = ActionBar(self._shell)
        row = QHBoxLayout(self._shell)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        column = QVBoxLayout()
        column.setSpacing(0)
        for widget, stretch in ((self._header, 0), (self._stack, 1), (self._bar, 0)):
            column.addWidget(widget, stretch)
        row.addLayout(column, 1)
        self._bar.hide()
        self.toast = Toast(middle)
        keys = Keys(self._shell)
        keys.search.connect(self._on_search_key)
        keys.help.connect(self._on_help)
        self._header.search.textEdited.connect(self.search_edited)
        self._header.search.returnPressed.connect(
            lambda: self.search_submitted.emit(self._header.search.text())
        )

    # -- pages ------------------------------------------------------------------------------------

    def add_page(self, page: Page) -> None:
        """Append a page, to the rail too if it has an entry; its screen is made when it is first opened."""
        self._pages[page.key] = page
        if page.on_rail:
            self.rail.add(page)

    def open(self, key: str) -> Screen:
        """Bring a page to the front, unless the screen in front says it may not be left.

        Returns the screen that is in front afterwards. Raises ``KeyError`` for an unknown page.
        """
        page = self._pages[key]
        front = self._screens.get(self._current)
        if front is not None and key != self._current and not front.may_leave():
            self.rail.mark(self._current)
            return front
        screen = self._screens.get(key)
        if screen is None:
            screen = page.make()
            screen.shell_changed.connect(lambda: self._on_shell_changed(key))
            self._screens[key] = screen
            self._stack.addWidget(screen)
        self._current = key
        self._stack.setCurrentWidget(screen)
        self.rail.mark(key)
        self._refresh()
        screen.on_shown()
        self.page_changed.emit(key)
        return screen

    def screen_of(self, key: str) -> Screen | None:
        """Return a page's screen if it was made."""
        return self._screens.get(key)

    @property
    def current_page(self) -> str:
        """The key of the page in front, or empty."""
        return self._current

    def set_chips(self, chips: tuple[Chip, ...]) -> None:
        """Set the window's own chips (state of the exchange with the hub), shown after the screen's."""
        self._own_chips = chips
        self._refresh()

    @property
    def busy(self) -> BusyStrip:
        """The strip in the bottom bar."""
        return self._bar.busy

    @property
    def action_bar(self) -> ActionBar:
        """The bottom bar (its buttons by action id)."""
        return self._bar

    def _on_shell_changed(self, key: str) -> None:
        if key == self._current:
            self._refresh()

    def _refresh(self) -> None:
        from ui.screen import Footer, Header

        screen = self._screens.get(self._current)
        header, footer = (screen.header(), screen.footer()) if screen else (Header(""), Footer())
        self._header.show_header(header, self._own_chips)
        self._bar.show_bar(footer, screen.actions_offered() if screen else ())

    def _on_search_key(self) -> None:
        self._header.search.setFocus()
        self._header.search.selectAll()

    def _on_help(self) -> None:
        screen = self._screens.get(self._current)
        self.help_requested.emit((screen.help_topic() if screen else "") or self._current)

    # -- lock -------------------------------------------------------------------------------------

    def lock(self, cover: QWidget) -> None:
        """Lay ``cover`` (the unlock screen) over everything; screens and drafts stay as they are.

        The hidden shell answers to no key.
        """
        if self.locked:
            return
        self.toast.hide()
        self._layers.addWidget(cover)
        self._layers.setCurrentWidget(cover)
        cover.setFocus()

    def unlock(self) -> None:
        """Take the cover away and give the focus back to the screen."""
        cover = self._layers.currentWidget()
        if not self.locked or cover is None:
            return
        self._layers.setCurrentWidget(self._shell)
        self._layers.removeWidget(cover)
        cover.deleteLater()
        if (screen := self._screens.get(self._current)) is not None:
            screen.on_shown()

    @property
    def locked(self) -> bool:
        """Whether a cover lies over the window."""
        return self._layers.currentWidget() is not self._shell

    # -- place ------------------------------------------------------------------------------------

    def _restore(self) -> None:
        kept = self._memory.load() if self._memory else ""
        if kept:
            # What cannot be read (a damaged setting) simply leaves the first size.
            self.restoreGeometry(QByteArray.fromHex(kept.encode("ascii", "ignore")))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask, then remember the place."""
        if self.before_close is not None and not self.before_close():
            event.ignore()
            return
        if self._memory is not None:
            self._memory.save(bytes(self.saveGeometry().toHex().data()).decode("ascii"))
        super().closeEvent(event)
