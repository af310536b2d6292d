"""单位登记: the list with search as you type, a unit's whole story, and the form to enter or correct it.

``browsing`` knows which unit is before us, ``editing`` what is being typed; the screen shows the one or the
other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from core.errors import CertDeskError
from ui.desk import Desk
from ui.messages import sentence
from ui.navigator import Navigator
from ui.screen import Chip, Footer, Header, Screen, ScreenAction
from ui.screens.units import ops
from ui.screens.units.browsing import Browsing
from ui.screens.units.delegates import DelegatesDialog
from ui.screens.units.detail import UnitDetail
from ui.screens.units.editing import Ask, Editing
from ui.screens.units.editor import UnitEditor
from ui.screens.units.state import NEW
from ui.screens.units.unfinished_bar import UnfinishedBar
from ui.theme import size, theme
from ui.widgets.buttons import Button
from ui.widgets.confirm import ask
from ui.widgets.line_list import SearchedList
from ui.widgets.notice import EmptyState

if TYPE_CHECKING:
    from core.services.delegations import Tree
    from ui.screens.units.ops import Unfinished


class UnitsScreen(Screen):
    """``open(unit_id)`` comes from the navigator; ``save_now`` before a lock or the end."""

    def __init__(self, desk: Desk, navigator: Navigator, *, ask_first: Ask = ask) -> None:
        super().__init__()
        self._desk, self._navigator = desk, navigator
        self.may_write = False
        self._build()
        self.browsing = Browsing(self.list, desk)
        self.editing = Editing(self.editor, self.unfinished, desk, ask_first)
        self._connect()
        self._fit()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        spec = ops.spec()
        self.list = SearchedList("单位", "名称、拼音首字母、信用代码　F3")
        self.unfinished = UnfinishedBar()
        self._start = Button(
            "登记新单位", key="Ctrl+N", icon_name="plus", face="primary", on_click=self.start_new
        )
        self._empty = EmptyState(
            "building-community", "请选择一个单位", "从左边查找单位，或登记新的单位。", self._start
        )
        self.detail, self.editor = UnitDetail(spec), UnitEditor(spec)
        self.story = QScrollArea()
        self.story.setWidgetResizable(True)
        self.story.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.story.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.story.setWidget(self.detail)
        self._pages = QStackedWidget()
        for page in (self._empty, self.story, self.editor):
            self._pages.addWidget(page)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.unfinished)
        right.addWidget(self._pages, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 8, 18, 8)
        row.setSpacing(14)
        row.addWidget(self.list)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        detail, browsing, editing, open_form = self.detail, self.browsing, self.editing, self._open_form
        self.list.chosen.connect(self._on_chosen)
        self.list.entered.connect(lambda _key: detail.apply.setFocus())
        browsing.loaded.connect(self._on_loaded)
        detail.apply_requested.connect(lambda: open_form("attachment-1"))
        detail.change_requested.connect(lambda: open_form("attachment-3"))
        detail.life_requested.connect(lambda: self._navigator.open_changes(unit_id=browsing.unit))
        detail.correct_requested.connect(self.correct)
        detail.case_requested.connect(self._open_case)
        detail.delegates_requested.connect(self._load_delegates)
        editing.began.connect(self._on_began)
        editing.ended.connect(self._show_unit)
        editing.saved.connect(self._on_saved)
        editing.changed.connect(self.shell_changed)
        editing.taken_up.connect(browsing.take)
        editing.said.connect(self._navigator.toast)
        for failed in (browsing.failed, editing.failed):
            failed.connect(self._on_failed)
        self.editor.twin_requested.connect(self.open)
        self._desk.changed.connect(self._on_changed)
        self._desk.unlocked.connect(self._on_changed)
        theme().changed.connect(self._fit)
        QShortcut(QKeySequence("F3"), self).activated.connect(self.list.focus_search)

    def _fit(self) -> None:
        self.list.setFixedWidth(min(round(size("body") * 25), max(280, round(self.width() * 0.31))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the list from crowding the rest out at large letters."""
        super().resizeEvent(event)
        self._fit()

    # -- what the window shows around -------------------------------------------------------------

    def header(self) -> Header:
        """Return the title, and what is being done."""
        if not self.editing.active:
            return Header("单位登记", "事业单位登记信息")
        what = "登记新单位" if self.editor.unit == NEW else "更正登记信息"
        return Header("单位登记", what, (Chip("未保存", "warn"),) if self.editor.dirty else ())

    def footer(self) -> Footer:
        """Return progress while editing, keys otherwise."""
        if self.editing.active:
            done, total = self.editor.progress()
            return Footer(done, total, ("Enter 下一项", "Shift+Enter 上一项", "Ctrl+Enter 保存"))
        return Footer(hints=("F3 查找", "↑↓ 选择", "Enter 到按钮"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return save and cancel while editing, else the way to a new entry."""
        if self.editing.active:
            idle, save = not self.editing.saving, self.editing.save
            return (
                ScreenAction("cancel", "取消", self.cancel, "Esc"),
                ScreenAction("save", "保存", save, "F2", "device-floppy", "primary", idle),
            )
        tip = "" if self.may_write else "只有受理人员可以登记单位"
        return (
            ScreenAction("uses", "用证情况", self._open_uses, "F6", "list-check"),
            ScreenAction(
                "new", "登记新单位", self.start_new, "Ctrl+N", "plus", "primary", self.may_write, tip
            ),
        )

    def help_topic(self) -> str:
        """Return the field that has the focus, or the page."""
        return (self.editor.form.current_field() if self.editing.active else "") or "units"

    def on_shown(self) -> None:
        """Refresh; the search line takes the focus unless the form is open."""
        self._on_changed()
        if not self.editing.active:
            self.list.focus_search()

    def may_leave(self) -> bool:
        """Ask when something is not saved; what was typed is kept as a draft either way."""
        return self.editing.may_leave()

    def save_now(self) -> None:
        """Keep half-typed values as a draft."""
        self.editing.save_now()

    # -- a unit -----------------------------------------------------------------------------------

    def open(self, unit_id: str, draft_id: str = "") -> None:
        """Show a unit, or go on with a draft (deep link)."""
        if not self.may_leave():
            return
        self.list.search.clear()
        if unit_id != NEW:
            self.browsing.choose(unit_id)
        self.browsing.reload()
        if draft_id:
            self.editing.open_draft(draft_id)

    open_unit = open

    def _on_chosen(self, unit_id: str) -> None:
        if unit_id == self.browsing.unit and not self.editing.active:
            return
        if self.may_leave():
            self.browsing.choose(unit_id)
        else:
            self.list.rows.mark(self.browsing.unit)

    def _on_loaded(self) -> None:
        if not self.editing.active:
            self._show_unit()

    def _show_unit(self) -> None:
        facts = self.browsing.known
        if facts is not None:
            self.detail.show_unit(facts)
        self._front(self._empty if facts is None else self.story)

    def _open_form(self, form: str) -> None:
        self._navigator.open_form(form, unit_id=self.browsing.unit)

    def _open_case(self, case_id: str) -> None:
        if case_id:
            self._navigator.open_case(case_id)

    def _open_uses(self) -> None:
        """F6: who verified the unit in front, or any unit where none is."""
        facts = self.browsing.facts
        if facts is not None and self._pages.currentWidget() is self.story:
            self._navigator.open_uses(facts.unit, facts.name)
        else:
            self._navigator.open_uses()

    def _load_delegates(self) -> None:
        unit = self.browsing.unit
        task = self._desk.ask(self, lambda session, _p, _c: ops.delegates(session, unit), "delegates")
        task.on_success(lambda trees: self._show_delegates(unit, trees)).on_failure(self._on_failed)
        task.start("store")

    def _show_delegates(self, unit: str, trees: tuple[Tree, ...]) -> None:
        facts = self.browsing.facts
        if unit == self.browsing.unit and facts is not None and not self.editing.active:
            self.delegates_dialog = DelegatesDialog(self, facts.name, trees)
            self.delegates_dialog.open()

    # -- the form ---------------------------------------------------------------------------------

    def start_new(self) -> None:
        """Open an empty form (Ctrl+N)."""
        if self.may_write:
            self.editing.start_new()

    def correct(self) -> None:
        """Open the form with the unit's present facts."""
        facts = self.browsing.facts
        if facts is not None and facts.may_write:
            self.editing.begin(facts.unit, dict(facts.values))

    def cancel(self) -> None:
        """Leave the form (Esc)."""
        if self.editing.cancel():
            self.browsing.load()
            self.list.search.setFocus()

    def _on_began(self, unit: str) -> None:
        if unit == NEW:
            self.browsing.mark(NEW)
        self._front(self.editor)

    def _on_saved(self, unit: str) -> None:
        self.browsing.choose(unit)
        self.list.search.clear()
        self.browsing.reload()

    def _front(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)
        self.shell_changed.emit()

    # -- desk -------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        if self._desk.is_locked:
            return
        self.browsing.reload()
        self.browsing.load()
        task = self._desk.ask(
            self, lambda session, _p, _c: (ops.may_write(session), ops.unfinished(session)), "units page"
        )
        task.on_success(self._on_page).on_failure(self._on_failed).start("store")

    def _on_page(self, found: tuple[bool, Unfinished | None]) -> None:
        self.may_write, draft = found
        self._start.setEnabled(self.may_write)
        self.editing.offer(draft if self.may_write else None)
        self.shell_changed.emit()

    def _on_failed(self, error: BaseException) -> None:
        if not (isinstance(error, CertDeskError) and error.code == "desk_locked"):
            self._navigator.toast(sentence(error).whole(), "bad")


def make(desk: Desk, navigator: Navigator) -> UnitsScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return UnitsScreen(desk, navigator)
