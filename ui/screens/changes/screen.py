"""变更办理: what waits for approval, which units wait to claim again, and filing a change.

Approving voids in one act; so the pane lists what will end before the button can be pressed, and the
question repeats it (product.md D1; notice 二(三)).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.errors import CertDeskError
from core.records.changes import RENEWAL
from ui.desk import Desk, SessionOperation
from ui.messages import Message, sentence
from ui.navigator import Navigator
from ui.paper_out import PaperOut
from ui.record_words import CHANGE_RETURN_WORDS
from ui.screen import Footer, Header, Screen, ScreenAction
from ui.screens.changes import ops
from ui.screens.changes.filing_flow import FilingFlow
from ui.screens.changes.panes import ChangePane
from ui.screens.changes.state import (
    NOT_FOUND,
    NOTHING,
    PERIOD,
    RECLAIM,
    TABS,
    WAITING,
    ChangeView,
    ReachView,
    ReclaimView,
    approve_question,
    withdraw_question,
)
from ui.task import Task
from ui.theme import size
from ui.widgets.confirm import Question, ask
from ui.widgets.count_tabs import CountTabs
from ui.widgets.line_list import SearchedList
from ui.widgets.notice import Notice
from ui.widgets.reasons_dialog import ReasonsDialog

Ask = Callable[[QWidget | None, Question], bool]
LIST = 0
NARROW_EMS = 60


class ChangesScreen(Screen):
    """``open(change_id, unit_id)`` comes from the navigator: a change to look at, or a unit to file for."""

    def __init__(self, desk: Desk, navigator: Navigator, *, ask_first: Ask = ask) -> None:
        super().__init__()
        self._desk, self._navigator, self._ask = desk, navigator, ask_first
        self._tab, self._chosen, self._page = WAITING, "", ops.Page((), {}, False)
        self._in_front = self._working = False
        self.out = PaperOut(self, self._say)
        self._tasks: dict[str, Task[Any]] = {}
        self.tabs = CountTabs("变更")
        self.list = SearchedList("变更", "名称、拼音首字母、信用代码　F3")
        self.pane = ChangePane()
        self.flow = FilingFlow(self, desk, navigator, self._ask)
        self.problem = Notice("", "bad")
        self.problem.hide()
        self._layers = QStackedWidget()
        self._lay_out()
        self._connect()
        self._show_tabs()
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
        self.tabs.chosen.connect(self._on_tab)
        self.list.searched.connect(lambda _text: self.load())
        self.list.chosen.connect(self._on_chosen)
        self.list.entered.connect(self._on_entered)
        self.pane.back_requested.connect(self._on_back)
        self.flow.front_wanted.connect(self._front)
        self.flow.filed.connect(self._on_filed)
        self.flow.changed.connect(self.shell_changed)
        self.flow.failed.connect(self.fail)
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
        new = ScreenAction("new", "填报变更", start, "Ctrl+N", "plus", "", self._page.may_file)
        return (new, *self._acts())

    def _acts(self) -> tuple[ScreenAction, ...]:
        reclaim, view, idle = self.pane.reclaim, self.pane.change, not self._working
        if self.pane.isHidden():
            return ()
        if reclaim is not None:
            icon = {"code": "qrcode", "case": "clipboard-list"}.get(reclaim.way, "file-plus")
            run = self.claim_again
            return (ScreenAction("again", reclaim.button, run, "F8", icon, "primary", self._page.may_file),)
        if view is not None and view.voided:
            return (ScreenAction("notice", "打印失效告知书", self.print_notice, "F9", "printer"),)
        if view is None or not view.waiting:
            return ()
        found = []
        if view.may_withdraw:
            found.append(ScreenAction("withdraw", "撤回", self.withdraw, "F6", "arrow-back-up", "", idle))
        if not view.decides:
            return tuple(found)
        why = "" if view.may_return else view.why_not
        able = view.may_return and idle
        found.append(ScreenAction("return", "退回", self.send_back, "F7", "arrow-back-up", "", able, why))
        able = view.may_approve and idle
        stamp = "rubber-stamp"
        words, why = view.approve_words, view.why_not
        found.append(ScreenAction("approve", words, self.approve, "F8", stamp, "primary", able, why))
        return tuple(found)

    def on_shown(self) -> None:
        """Read anew and put the focus where work begins."""
        self.load()
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
        self._tab, self._chosen, self._in_front = WAITING, change_id, bool(change_id)
        self.list.search.clear()
        self._front(LIST)
        self.load()
        self._read()

    # -- reading ------------------------------------------------------------------------------------

    def _run(self, slot: str, op: SessionOperation[Any], done: Callable[[Any], None]) -> None:
        """Read something; what was under way for the same purpose is dropped."""
        before = self._tasks.get(slot)
        if before is not None:
            before.cancel()
        task = self._desk.ask(self, op, slot)
        self._tasks[slot] = task
        task.on_success(done).on_failure(self.fail).start("store")

    def load(self) -> None:
        """Read the list of the tab."""
        tab, query = self._tab, self.list.search.text()
        self._run("changes", lambda session, _p, _c: ops.page(session, tab, query), self._on_page)

    def _on_page(self, page: ops.Page) -> None:
        self._page = page
        self.problem.hide()
        self._show_tabs()
        keys = [line.key for line in page.rows]
        if self._chosen not in keys and not self._in_front:
            self._chosen = keys[0] if keys else ""
            self._read()
        nothing = NOT_FOUND if self.list.search.text().strip() else NOTHING[self._tab]
        self.list.show_lines(page.rows, self._chosen, nothing)
        self.shell_changed.emit()

    def _show_tabs(self) -> None:
        segments = tuple(
            (code, f"{words} {self._page.counts[code]}" if code in self._page.counts else words)
            for code, words in TABS
        )
        self.tabs.show_segments(segments, self._tab)

    def _read(self) -> None:
        key = self._chosen
        if not key:
            self.pane.show_nothing()
            self._arrange()
            self.shell_changed.emit()
        elif self._tab in (RECLAIM, PERIOD):
            look = ops.reclaim if self._tab == RECLAIM else ops.period
            self._run("one", lambda session, _p, _c: look(session, key), self._on_reclaim)
        else:
            self._run("one", lambda session, _p, _c: ops.change(session, key), self._on_change)

    def _on_change(self, view: ChangeView) -> None:
        self.pane.show_change(view)
        self._arrange()
        self.shell_changed.emit()

        if view.voided:
            self._ask_reach(view)

    def _ask_reach(self, view: ChangeView) -> None:
        """Fill the reach meter; without a line to the hub it stays away."""
        hub = self._desk.hub
        if hub is None:
            return

        def told(found: ReachView | None) -> None:
            if found is not None:
                self.pane.show_reach(view.id, found)

        task = self._desk.ask(self, lambda session, _p, _c: ops.reach(session, hub, view.unit), "reach")
        task.on_success(told).on_failure(lambda _error: None).start("hub")

    def _on_reclaim(self, view: ReclaimView | None) -> None:
        if view is None:
            self.pane.show_nothing()
        else:
            self.pane.show_reclaim(view)
        self._arrange()
        self.shell_changed.emit()

    def fail(self, error: BaseException) -> None:
        """Say above everything what went wrong."""
        if not (isinstance(error, CertDeskError) and error.code == "desk_locked"):
            self.problem.set_text(sentence(error).whole(), "bad")
            self.problem.show()

    def _on_changed(self) -> None:
        if self.isVisible() and not self._desk.is_locked:
            self.load()
            if self.mode == LIST:
                self._read()

    def _on_tab(self, tab: str) -> None:
        self._tab, self._chosen, self._in_front = tab, "", False
        self._show_tabs()
        self.load()

    def _on_chosen(self, key: str) -> None:
        self._chosen = key
        self._read()

    def _on_entered(self, key: str) -> None:
        self._chosen, self._in_front = key, True
        self._read()

    def print_notice(self) -> None:
        """F9: the notice of voiding for the unit, on the printer of the settings."""
        view = self.pane.change
        if view is None or not view.voided:
            return
        change_id, settings = view.id, self._desk.settings
        offset = settings.offset_of(settings.printer)

        def made(pdf: bytes) -> None:
            self.out.print(lambda: pdf, "失效告知书", name=settings.printer)

        self._run(
            "notice",
            lambda session, _p, _c: ops.notice(session, change_id, settings.office_phone, offset),
            made,
        )

    def _say(self, message: Message, tone: str) -> None:
        self._navigator.toast(message.whole(), tone)

    # -- deciding -----------------------------------------------------------------------------------

    def approve(self) -> None:
        """F8: show once more what ends, then approve what was looked at."""
        view = self.pane.change
        if view is None or not view.may_approve or self._working:
            return
        if not self._ask(self.window(), approve_question(view)):
            return
        change_id, content = view.id, view.content

        def op(session: Any, _progress: object, _cancel: object) -> None:
            from core.services.changes import approve_change

            approve_change(session, change_id, content)

        self._act(op, f"已核准：{view.title}。正在送达省级平台。", sync=True)

    def send_back(self) -> None:
        """F7: reasons and a remark, then return."""
        view = self.pane.change
        if view is None or not view.may_return or self._working:
            return
        dialog = ReasonsDialog(self, (view.title, view.subtitle), CHANGE_RETURN_WORDS)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        change_id, reasons, remark = view.id, dialog.reasons, dialog.remark_text

        def op(session: Any, _progress: object, _cancel: object) -> None:
            from core.services.changes import return_change

            return_change(session, change_id, reasons, remark)

        self._act(op, f"已退回：{view.title}。")

    def withdraw(self) -> None:
        """F6: ask, then take the change back."""
        view = self.pane.change
        if view is None or self._working or not self._ask(self.window(), withdraw_question(view)):
            return
        change_id = view.id

        def op(session: Any, _progress: object, _cancel: object) -> None:
            from core.services.changes import withdraw_change

            withdraw_change(session, change_id)

        self._act(op, f"已撤回：{view.title}。")

    def _act(self, op: SessionOperation[None], said: str, *, sync: bool = False) -> None:
        def done(_nothing: None) -> None:
            self._working, self._chosen, self._in_front = False, "", False
            self._navigator.toast(said)
            self.load()
            self.list.rows.setFocus()
            if sync:
                self._desk.sync_wanted.emit()

        self._working = True
        self.shell_changed.emit()
        task = self._desk.act(self, op, "change")
        task.on_success(done).on_failure(self._on_refused).on_cancelled(self._on_stopped).start("store")

    def _on_refused(self, error: BaseException) -> None:
        self._on_stopped()
        self._navigator.toast(sentence(error).whole(), "bad")
        self._on_changed()

    def _on_filed(self, change_id: str) -> None:
        self._tab, self._chosen = WAITING, change_id
        self.list.search.clear()
        self.load()
        self._read()
        self.list.rows.setFocus()

    def _on_stopped(self) -> None:
        self._working = False
        self.shell_changed.emit()

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
        in_front = narrow and self._in_front
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
        self._in_front = False
        self._arrange()
        self.shell_changed.emit()
        self.list.rows.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the list where it had to leave."""
        if event.key() == Qt.Key.Key_Escape and self.mode == LIST and self._in_front:
            self._on_back()
        else:
            super().keyPressEvent(event)


def make(desk: Desk, navigator: Navigator) -> ChangesScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return ChangesScreen(desk, navigator)
