"""单位登记: the list with search as you type, a unit's whole story, and the form to enter or correct it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from core.errors import CertDeskError
from ui.desk import Desk
from ui.messages import Message, sentence
from ui.navigator import Navigator
from ui.screen import Chip, Footer, Header, Screen, ScreenAction
from ui.screens.units import ops
from ui.screens.units.delegates import DelegatesDialog
from ui.screens.units.detail import UnitDetail
from ui.screens.units.editor import UnitEditor
from ui.screens.units.state import NEW, UnitFacts, warnings_of
from ui.theme import size, theme
from ui.widgets.buttons import Button
from ui.widgets.confirm import Question, ask
from ui.widgets.line_list import Line, SearchedList
from ui.widgets.notice import EmptyState, Notice

if TYPE_CHECKING:
    from core.services.delegations import Tree
    from ui.screens.units.ops import Checked, Saved, Unfinished

Ask = Callable[[QWidget | None, Question], bool]

_LEAVE = Question(
    "登记信息还没有保存",
    "离开后，已填写的内容存为草稿，下次打开本页可以继续。",
    "存为草稿并离开",
    stay="继续填写",
)
_DROP = Question(
    "放弃填写",
    "已填写的内容将不保留，登记信息保持原样。",
    "放弃填写",
    danger=True,
    stay="继续填写",
)
_NONE_FOUND = "没有找到。可以输入名称中的几个字、拼音首字母，或信用代码的开头。"
_NONE_YET = "登记簿还是空的。按 Ctrl+N 登记第一个单位。"


class UnitsScreen(Screen):
    """``open(unit_id)`` comes from the navigator; ``save_now`` before a lock or the end."""

    def __init__(self, desk: Desk, navigator: Navigator, *, ask_first: Ask = ask) -> None:
        super().__init__()
        self._desk = desk
        self._navigator = navigator
        self._ask_first = ask_first
        self._unit = NEW
        self._facts: UnitFacts | None = None
        self._may_write = False
        self._saving = False
        self._searching = 0
        self._checking = 0
        self._unfinished: Unfinished | None = None
        self._build()
        self._connect()
        self._fit()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        spec = ops.spec()
        self.list = SearchedList("单位", "名称、拼音首字母、信用代码　F3")
        self.resume = Notice()
        self.resume_go = Button("继续", face="quiet", on_click=self._resume)
        self.resume_drop = Button("放弃", face="quiet", on_click=self._drop_unfinished)
        for button in (self.resume_go, self.resume_drop):
            self.resume.add_button(button)
        self.resume.hide()
        self.start_button = Button(
            "登记新单位", key="Ctrl+N", icon_name="plus", face="primary", on_click=self.start_new
        )
        self.empty = EmptyState(
            "building-community", "请选择一个单位", "从左边查找单位，或登记新的单位。", self.start_button
        )
        self.detail = UnitDetail(spec)
        self.editor = UnitEditor(spec)
        self._story = QScrollArea()
        self._story.setWidgetResizable(True)
        self._story.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._story.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._story.setWidget(self.detail)
        self.pages = QStackedWidget()
        for page in (self.empty, self._story, self.editor):
            self.pages.addWidget(page)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.resume)
        right.addWidget(self.pages, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 8, 18, 8)
        row.setSpacing(14)
        row.addWidget(self.list)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        self.list.searched.connect(lambda _text: self._reload())
        self.list.chosen.connect(self._on_chosen)
        self.list.entered.connect(lambda _key: self.detail.apply.setFocus())
        self.detail.apply_requested.connect(
            lambda: self._navigator.open_form("attachment-1", unit_id=self._unit)
        )
        self.detail.change_requested.connect(
            lambda: self._navigator.open_form("attachment-3", unit_id=self._unit)
        )
        self.detail.life_requested.connect(lambda: self._navigator.open_changes(unit_id=self._unit))
        self.detail.correct_requested.connect(self.correct)
        self.detail.case_requested.connect(self._open_case)
        self.detail.delegates_requested.connect(self._load_delegates)
        self.editor.check_wanted.connect(self._check)
        self.editor.keep_wanted.connect(self.save_now)
        self.editor.changed.connect(self.shell_changed)
        self.editor.submit_requested.connect(self.save)
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

    @property
    def editing(self) -> bool:
        """Whether the form is open."""
        return self.pages.currentWidget() is self.editor

    def header(self) -> Header:
        """Return the title, and what is being done."""
        if not self.editing:
            return Header("单位登记", "事业单位登记信息")
        what = "登记新单位" if self.editor.unit == NEW else "更正登记信息"
        return Header("单位登记", what, (Chip("未保存", "warn"),) if self.editor.dirty else ())

    def footer(self) -> Footer:
        """Return progress while editing, keys otherwise."""
        if self.editing:
            done, total = self.editor.progress()
            return Footer(done, total, ("Enter 下一项", "Shift+Enter 上一项", "Ctrl+Enter 保存"))
        return Footer(hints=("F3 查找", "↑↓ 选择", "Enter 到按钮"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return save and cancel while editing, else the way to a new entry."""
        if self.editing:
            return (
                ScreenAction("cancel", "取消", self.cancel, "Esc"),
                ScreenAction("save", "保存", self.save, "F2", "device-floppy", "primary", not self._saving),
            )
        tip = "" if self._may_write else "只有受理人员可以登记单位"
        return (
            ScreenAction("uses", "用证情况", self._open_uses, "F6", "list-check"),
            ScreenAction(
                "new", "登记新单位", self.start_new, "Ctrl+N", "plus", "primary", self._may_write, tip
            ),
        )

    def help_topic(self) -> str:
        """Return the field that has the focus, or the page."""
        return (self.editor.form.current_field() if self.editing else "") or "units"

    def on_shown(self) -> None:
        """Refresh; the search line takes the focus unless the form is open."""
        self._on_changed()
        if not self.editing:
            self.list.focus_search()

    def may_leave(self) -> bool:
        """Ask when something is not saved; what was typed is kept as a draft either way."""
        return self._may_drop()

    def save_now(self) -> None:
        """Keep half-typed values as a draft, on the store's lane."""
        editor = self.editor
        if not self.editing or not editor.dirty or self._desk.is_locked:
            return
        draft, unit, values = editor.draft, editor.unit, editor.kept
        task = self._desk.ask(
            self, lambda session, _p, _c: ops.keep_draft(session, draft, unit, values), "keep unit draft"
        )
        task.on_failure(self._on_failed).start("store")

    # -- list -------------------------------------------------------------------------------------

    def open(self, unit_id: str, draft_id: str = "") -> None:
        """Show a unit, or go on with a draft (deep link)."""
        if not self._may_drop():
            return
        self.list.search.clear()
        if unit_id != NEW:
            self._choose(unit_id)
        self._reload()
        if draft_id:
            task = self._desk.ask(self, lambda session, _p, _c: ops.draft_of(session, draft_id), "unit draft")
            task.on_success(self._on_draft).on_failure(self._on_failed).start("store")

    def _on_draft(self, found: Unfinished | None) -> None:
        self._unfinished = found
        self._resume()

    open_unit = open

    def _reload(self) -> None:
        self._searching += 1
        mine, query = self._searching, self.list.search.text()
        task = self._desk.ask(self, lambda session, _p, _c: ops.find(session, query), "units")
        task.on_success(lambda lines: self._on_found(lines, query) if mine == self._searching else None)
        task.on_failure(self._on_failed).start("store")

    def _on_found(self, lines: tuple[Line, ...], query: str) -> None:
        self.list.show_lines(lines, self._unit, _NONE_FOUND if query.strip() else _NONE_YET)

    def _on_chosen(self, unit_id: str) -> None:
        if unit_id == self._unit and not self.editing:
            return
        if self._may_drop():
            self._choose(unit_id)
        else:
            self.list.rows.mark(self._unit)

    def _choose(self, unit_id: str) -> None:
        self._unit = unit_id
        self.list.rows.mark(unit_id)
        self._load()

    def _load(self) -> None:
        unit = self._unit
        if unit == NEW:
            return
        task = self._desk.ask(self, lambda session, _p, _c: ops.load(session, unit), "unit")
        task.on_success(self._on_loaded).on_failure(self._on_failed).start("store")

    def _on_loaded(self, facts: UnitFacts) -> None:
        if facts.unit != self._unit:
            return
        self._facts = facts
        if not self.editing:
            self.detail.show_unit(facts)
            self._front(self._story)

    def _open_case(self, case_id: str) -> None:
        if case_id:
            self._navigator.open_case(case_id)

    def _open_uses(self) -> None:
        """F6: who verified the unit in front, or any unit where none is."""
        if self._facts is not None and self.pages.currentWidget() is self._story:
            self._navigator.open_uses(self._facts.unit, self._facts.name)
        else:
            self._navigator.open_uses()

    def _load_delegates(self) -> None:
        unit = self._unit
        task = self._desk.ask(self, lambda session, _p, _c: ops.delegates(session, unit), "delegates")
        task.on_success(lambda trees: self._show_delegates(unit, trees)).on_failure(self._on_failed)
        task.start("store")

    def _show_delegates(self, unit: str, trees: tuple[Tree, ...]) -> None:
        if unit == self._unit and self._facts is not None and not self.editing:
            self.delegates_dialog = DelegatesDialog(self, self._facts.name, trees)
            self.delegates_dialog.open()

    # -- editing ----------------------------------------------------------------------------------

    def start_new(self) -> None:
        """Open an empty form (Ctrl+N)."""
        if not self._may_write or not self._may_drop():
            return
        task = self._desk.ask(self, lambda session, _p, _c: ops.fresh_values(session), "new unit")
        task.on_success(lambda values: self._edit(NEW, values)).on_failure(self._on_failed).start("store")

    def correct(self) -> None:
        """Open the form with the unit's present facts."""
        if self._facts is not None and self._facts.may_write:
            self._edit(self._facts.unit, dict(self._facts.values))

    def _edit(
        self, unit: str, start: dict[str, str], typed: dict[str, str] | None = None, draft: str = ""
    ) -> None:
        self.resume.hide()
        if unit == NEW:
            self._unit = NEW
            self.list.rows.mark(NEW)
        self._front(self.editor)
        self.editor.begin(unit, start, typed, draft)

    def _check(self) -> None:
        if not self.editing:
            return
        self._checking += 1
        mine, unit, values = self._checking, self.editor.unit, dict(self.editor.values)
        code = self.editor.handover.text()
        task = self._desk.ask(
            self, lambda session, _p, _c: ops.check(session, unit, values, code), "check unit"
        )
        task.on_success(lambda found: self._on_checked(mine, found)).on_failure(self._on_failed)
        task.start("store")

    def _on_checked(self, number: int, checked: Checked) -> None:
        if number == self._checking and self.editing:
            self.editor.show_checked(checked)

    def save(self) -> None:
        """Save (F2); what is wrong is shown and gets the focus."""
        if not self.editing or self._saving:
            return
        self._saving = True
        self._checking += 1  # an answer to an earlier check would overwrite what saving finds
        self.editor.show_problem(None)
        self.shell_changed.emit()
        unit, values, draft = self.editor.unit, dict(self.editor.values), self.editor.draft
        code = self.editor.handover.text()
        task = self._desk.act(
            self, lambda session, _p, _c: ops.save(session, unit, values, draft, code), "save unit"
        )
        task.on_success(lambda saved: self._on_saved(unit, saved)).on_failure(self._on_not_saved)
        task.on_cancelled(self._on_stopped).start("store")

    def _on_saved(self, before: str, saved: Saved) -> None:
        self._saving = False
        if not saved.unit:
            self.editor.show_checked(saved.checked, reveal=True)
            self.shell_changed.emit()
            return
        words = "单位已登记" if before == NEW else "登记信息已更正"
        warnings = warnings_of(saved.checked.findings)
        if warnings:
            self._navigator.toast(f"{words}。请留意：{warnings[0].whole()}", "warn")
        else:
            self._navigator.toast(f"{words}。", "good")
        self._close_editor()
        self._choose(saved.unit)
        self.list.search.clear()
        self._reload()

    def _on_not_saved(self, error: BaseException) -> None:
        self._saving = False
        self.editor.show_problem(sentence(error))
        self.shell_changed.emit()

    def _on_stopped(self) -> None:
        self._saving = False
        self.shell_changed.emit()

    def cancel(self) -> None:
        """Leave the form (Esc) after asking if something was typed."""
        if not self.editing or (self.editor.dirty and not self._ask_first(self.window(), _DROP)):
            return
        draft = self.editor.draft
        self._close_editor()
        if draft:
            self._forget(draft)
        self._load()
        self.list.search.setFocus()

    def _may_drop(self) -> bool:
        """Close the form, keeping a draft of what was typed; False when the person wants to go on."""
        if not self.editing:
            return True
        if self.editor.dirty:
            if not self._ask_first(self.window(), _LEAVE):
                return False
            self.save_now()
        self._close_editor()
        return True

    def _close_editor(self) -> None:
        self.editor.end()
        known = self._facts is not None and self._facts.unit == self._unit
        self._front(self._story if known else self.empty)

    def _front(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        self.shell_changed.emit()

    # -- drafts -----------------------------------------------------------------------------------

    def _on_unfinished(self, found: Unfinished | None) -> None:
        self._unfinished = found
        self.resume.setVisible(found is not None and not self.editing)
        if found is not None:
            name = found.values.get("name") or "未填名称的单位"
            self.resume.set_text(f"上次未完成：{name}", "accent")

    def _resume(self) -> None:
        found = self._unfinished
        if found is None:
            return
        if found.unit == NEW:
            task = self._desk.ask(self, lambda session, _p, _c: ops.fresh_values(session), "resume unit")
            task.on_success(lambda start: self._edit(NEW, start, dict(found.values), found.draft))
            task.on_failure(self._on_failed).start("store")
            return
        self._unit = found.unit
        task2 = self._desk.ask(self, lambda session, _p, _c: ops.load(session, found.unit), "resume unit")
        task2.on_success(lambda facts: self._on_resumed(facts, found)).on_failure(self._on_failed)
        task2.start("store")

    def _on_resumed(self, facts: UnitFacts, found: Unfinished) -> None:
        self._facts = facts
        self.list.rows.mark(facts.unit)
        self._edit(facts.unit, dict(facts.values), dict(found.values), found.draft)

    def _drop_unfinished(self) -> None:
        if self._unfinished is not None and self._ask_first(self.window(), _DROP):
            self._forget(self._unfinished.draft)
            self._on_unfinished(None)

    def _forget(self, draft: str) -> None:
        task = self._desk.ask(self, lambda session, _p, _c: ops.drop_draft(session, draft), "drop unit draft")
        task.on_failure(self._on_failed).start("store")

    # -- desk -------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        if self._desk.is_locked:
            return
        self._reload()
        self._load()
        task = self._desk.ask(
            self, lambda session, _p, _c: (ops.may_write(session), ops.unfinished(session)), "units page"
        )
        task.on_success(self._on_page).on_failure(self._on_failed).start("store")

    def _on_page(self, found: tuple[bool, Unfinished | None]) -> None:
        self._may_write = found[0]
        self.start_button.setEnabled(found[0])
        self._on_unfinished(found[1] if found[0] else None)
        self.shell_changed.emit()

    def _say(self, message: Message, tone: str) -> None:
        self._navigator.toast(message.whole(), tone)

    def _on_failed(self, error: BaseException) -> None:
        if not (isinstance(error, CertDeskError) and error.code == "desk_locked"):
            self._say(sentence(error), "bad")


def make(desk: Desk, navigator: Navigator) -> UnitsScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return UnitsScreen(desk, navigator)
