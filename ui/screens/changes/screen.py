"""变更办理: what waits for approval, which units wait to claim again, and filing a change.

``reading`` knows what is before us, ``deciding`` acts on it, ``flow`` files a new one; the screen gives them
room.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.errors import CertDeskError
from core.records.changes import RENEWAL
from ui.desk import Desk
from ui.messages import Message, sentence
from ui.navigator import Navigator
from ui.paper_out import PaperOut
from ui.screen import Footer, Header, Screen, ScreenAction
from ui.screens.changes.deciding import Ask, Deciding
from ui.screens.changes.filing_flow import FilingFlow
from ui.screens.changes.panes import ChangePane
from ui.screens.changes.reading import Reading
from ui.theme import size
from ui.widgets.confirm import ask
from ui.widgets.count_tabs import CountTabs
from ui.widgets.line_list import SearchedList
from ui.widgets.notice import Notice

LIST = 0
NARROW_EMS = 60


class ChangesScreen(Screen):
    """``open(change_id, unit_id)`` comes from the navigator: a change to look at, or a unit to file for."""

    def __init__(self, desk: Desk, navigator: Navigator, *, ask_first: Ask = ask) -> None:
        super().__init__()
        self._desk, self._navigator = desk, navigator
        self.tabs = CountTabs("变更")
        self.list = SearchedList("变更", "名称、拼音首字母、信用代码　F3")
        self.pane = ChangePane()
        self.reading = Reading(self.tabs, self.list, self.pane, desk)
        self.deciding = Deciding(self, desk, lambda: self.pane.change, PaperOut(self, self._say), ask_first)
        self.flow = FilingFlow(self, desk, navigator, ask_first)
        self.problem = Notice("", "bad")
        self.problem.hide()
        self._layers = QStackedWidget()
        self._lay_out()
        self._connect()
        self._arrange()

    def _lay_out(self) -> None:
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(8)
        left.addWidget(self.tabs)
        left.addWidget(self.list, 1)
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self._left)
        row.addWidget(self.pane, 1)
        for each in (both, self.flow.units, self.flow.filing):
            self._layers.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 10)
        column.setSpacing(8)
        column.addWidget(self.problem)
        column.addWidget(self._layers, 1)

    def _connect(self) -> None:
        reading, deciding, flow = self.reading, self.deciding, self.flow
        reading.listed.connect(self._on_listed)
        reading.shown.connect(self._on_shown)
        deciding.settled.connect(self._on_settled)
        deciding.refused.connect(self._on_changed)
        deciding.said.connect(self._navigator.toast)
        flow.front_wanted.connect(self._front)
        flow.filed.connect(self._on_filed)
        for changed in (deciding.changed, flow.changed):
            changed.connect(self.shell_changed)
        for failed in (reading.failed, deciding.failed, flow.failed):
            failed.connect(self.fail)
        self.pane.back_requested.connect(self._on_back)
        self._desk.changed.connect(self._on_changed)
        self._desk.unlocked.connect(self._on_changed)
        QShortcut(QKeySequence("F3"), self).activated.connect(self._focus_search)

    # -- what the window asks -----------------------------------------------------------------------

    @property
    def mode(self) -> int:
        """What is in front: the list, the choice of a unit, or the filing."""
        return self._layers.currentIndex()

    def header(self) -> Header:
        """Return the heading."""
        if self.mode == LIST:
            return Header("变更办理", "变更核准后，原证书的所有授权立即失效")
        return self.flow.header()

    def footer(self) -> Footer:
        """Return the key hints."""
        if self.mode == LIST:
            return Footer(hints=("F3 查找", "↑↓ 选择", "Enter 查看"))
        return self.flow.footer()

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the acts open to this person on what is in front."""
        if self.mode != LIST:
            return self.flow.actions_offered()
        start = self.flow.start
        new = ScreenAction("new", "填报变更", start, "Ctrl+N", "plus", "", self.reading.page.may_file)
        return (new, *self._acts())

    def _acts(self) -> tuple[ScreenAction, ...]:
        reclaim, view = self.pane.reclaim, self.pane.change
        if self.pane.isHidden():
            return ()
        if reclaim is not None:
            icon = {"code": "qrcode", "case": "clipboard-list"}.get(reclaim.way, "file-plus")
            run, may = self.claim_again, self.reading.page.may_file
            return (ScreenAction("again", reclaim.button, run, "F8", icon, "primary", may),)
        return () if view is None else self.deciding.offered(view)

    def on_shown(self) -> None:
        """Read anew and put the focus where work begins."""
        self.reading.load()
        if self.mode == LIST:
            self.list.rows.setFocus()

    def may_leave(self) -> bool:
        """Ask when something was typed."""
        return self.flow.leave()

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "changes"

    def open(self, change_id: str = "", unit_id: str = "", kind: str = "") -> None:
        """Show a change, or file one (of a kind) for a unit."""
        if unit_id:
            self.flow.begin(unit_id, kind)
            return
        self.reading.open(change_id, in_front=bool(change_id))
        self._front(LIST)

    # -- what came of it ----------------------------------------------------------------------------

    def _on_listed(self) -> None:
        self.problem.hide()
        self.shell_changed.emit()

    def _on_shown(self) -> None:
        self._arrange()
        self.shell_changed.emit()

    def _on_settled(self) -> None:
        self.reading.forget()
        self.list.rows.setFocus()

    def _on_filed(self, change_id: str) -> None:
        self.reading.open(change_id, in_front=self.reading.in_front)
        self.list.rows.setFocus()

    def _on_changed(self) -> None:
        if self.isVisible() and not self._desk.is_locked:
            self.reading.load()
            if self.mode == LIST:
                self.reading.look()

    def fail(self, error: BaseException) -> None:
        """Say above everything what went wrong."""
        if not (isinstance(error, CertDeskError) and error.code == "desk_locked"):
            self.problem.set_text(sentence(error).whole(), "bad")
            self.problem.show()

    def _say(self, message: Message, tone: str) -> None:
        self._navigator.toast(message.whole(), tone)

    def claim_again(self) -> None:
        """F8 on a waiting unit: the form, the code, the case or the renewal that leads on."""
        view = self.pane.reclaim
        if view is None:
            return
        if view.way == "code":
            self._navigator.open_claim(view.case)
        elif view.way == "case":
            self._navigator.open_case(view.case)
        elif view.way == "renewal":
            self.flow.begin(view.unit, RENEWAL)
        elif view.way == "change":
            self.open(view.case)
        else:
            self._navigator.open_form(view.form, unit_id=view.unit)

    # -- room ---------------------------------------------------------------------------------------

    def _front(self, mode: int) -> None:
        self.problem.hide()
        self._layers.setCurrentIndex(mode)
        self._arrange()
        self.shell_changed.emit()

    def _focus_search(self) -> None:
        if self.mode == LIST:
            self.list.focus_search()
        else:
            self.flow.focus_search()

    def _arrange(self) -> None:
        """Side by side where there is room; else one in place of the other, Escape goes back."""
        narrow = self.width() < NARROW_EMS * size("body")
        in_front = narrow and self.reading.in_front
        self._left.setVisible(not in_front)
        self.pane.setVisible(in_front or not narrow)
        self.pane.show_back(in_front)
        share = round(self.width() * 0.3)
        if narrow:
            self._left.setMinimumWidth(0)
            self._left.setMaximumWidth(16_777_215)
        else:
            self._left.setFixedWidth(min(round(size("body") * 26), max(300, share)))

    def _on_back(self) -> None:
        self.reading.in_front = False
        self._arrange()
        self.shell_changed.emit()
        self.list.rows.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the list where it had to leave."""
        if event.key() == Qt.Key.Key_Escape and self.mode == LIST and self.reading.in_front:
            self._on_back()
        else:
            super().keyPressEvent(event)


def make(desk: Desk, navigator: Navigator) -> ChangesScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return ChangesScreen(desk, navigator)
