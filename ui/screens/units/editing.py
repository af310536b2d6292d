"""Entering a unit and correcting one: begun, checked, saved, left; and drafts, that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.messages import sentence
from ui.screens.units import ops
from ui.screens.units.editor import UnitEditor
from ui.screens.units.state import NEW, UnitFacts, warnings_of
from ui.screens.units.unfinished_bar import UnfinishedBar
from ui.widgets.confirm import Question

if TYPE_CHECKING:
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


class Editing(QObject):
    """Serves one editor, and the bar that offers what was left. ``active`` while the form is open."""

    began = Signal(str)
    """The form is open for this unit."""
    ended = Signal()
    saved = Signal(str)
    """This unit is in the register as it was typed."""
    changed = Signal()
    taken_up = Signal(object)
    """A draft leads back to this unit: its facts."""
    said = Signal(str, str)
    failed = Signal(object)

    def __init__(self, editor: UnitEditor, bar: UnfinishedBar, desk: Desk, ask_first: Ask) -> None:
        super().__init__(editor)
        self._editor, self._bar, self._desk, self._ask_first = editor, bar, desk, ask_first
        self.active = self.saving = False
        self._checking = 0
        editor.check_wanted.connect(self._check)
        editor.keep_wanted.connect(self.save_now)
        editor.changed.connect(self.changed)
        editor.submit_requested.connect(self.save)
        bar.go_on.connect(self._resume)
        bar.drop.connect(self._drop)

    # -- beginning and ending ---------------------------------------------------------------------

    def start_new(self) -> None:
        """Open an empty form."""
        if not self.may_leave():
            return
        task = self._desk.ask(self, lambda session, _p, _c: ops.fresh_values(session), "new unit")
        task.on_success(lambda values: self.begin(NEW, values)).on_failure(self.failed.emit).start("store")

    def begin(
        self, unit: str, start: dict[str, str], typed: dict[str, str] | None = None, draft: str = ""
    ) -> None:
        """Open the form for a unit, with its present facts or with what a draft kept."""
        self.active = True
        self._bar.hide()
        self.began.emit(unit)
        self._editor.begin(unit, start, typed, draft)

    def cancel(self) -> bool:
        """Leave the form, after asking if something was typed: it is not kept. Tell whether it was left."""
        if not self.active or (self._editor.dirty and not self._ask(_DROP)):
            return False
        draft = self._editor.draft
        self._end()
        if draft:
            self._forget(draft)
        return True

    def may_leave(self) -> bool:
        """Close the form, keeping a draft of what was typed; False when the person wants to go on."""
        if not self.active:
            return True
        if self._editor.dirty:
            if not self._ask(_LEAVE):
                return False
            self.save_now()
        self._end()
        return True

    def _end(self) -> None:
        self._editor.end()
        self.active = False
        self.ended.emit()

    def _ask(self, question: Question) -> bool:
        return self._ask_first(self._editor.window(), question)

    # -- checking and saving ----------------------------------------------------------------------

    def _check(self) -> None:
        if not self.active:
            return
        self._checking += 1
        mine, unit, values = self._checking, self._editor.unit, dict(self._editor.values)
        code = self._editor.handover.text()
        task = self._desk.ask(
            self, lambda session, _p, _c: ops.check(session, unit, values, code), "check unit"
        )
        task.on_success(lambda found: self._on_checked(mine, found)).on_failure(self.failed.emit)
        task.start("store")

    def _on_checked(self, number: int, checked: Checked) -> None:
        if number == self._checking and self.active:
            self._editor.show_checked(checked)

    def save(self) -> None:
        """Save; what is wrong is shown and gets the focus."""
        if not self.active or self.saving:
            return
        self.saving = True
        self._checking += 1  # an answer to an earlier check would overwrite what saving finds
        editor = self._editor
        editor.show_problem(None)
        self.changed.emit()
        unit, values, draft, code = editor.unit, dict(editor.values), editor.draft, editor.handover.text()
        task = self._desk.act(
            self, lambda session, _p, _c: ops.save(session, unit, values, draft, code), "save unit"
        )
        task.on_success(lambda saved: self._on_saved(unit, saved)).on_failure(self._on_not_saved)
        task.on_cancelled(self._on_stopped).start("store")

    def _on_saved(self, before: str, saved: Saved) -> None:
        self.saving = False
        if not saved.unit:
            self._editor.show_checked(saved.checked, reveal=True)
            self.changed.emit()
            return
        words = "单位已登记" if before == NEW else "登记信息已更正"
        warnings = warnings_of(saved.checked.findings)
        if warnings:
            self.said.emit(f"{words}。请留意：{warnings[0].whole()}", "warn")
        else:
            self.said.emit(f"{words}。", "good")
        self._end()
        self.saved.emit(saved.unit)

    def _on_not_saved(self, error: BaseException) -> None:
        self.saving = False
        self._editor.show_problem(sentence(error))
        self.changed.emit()

    def _on_stopped(self) -> None:
        self.saving = False
        self.changed.emit()

    # -- drafts -----------------------------------------------------------------------------------

    def save_now(self) -> None:
        """Keep half-typed values as a draft, on the store's lane."""
        editor = self._editor
        if not self.active or not editor.dirty or self._desk.is_locked:
            return
        draft, unit, values = editor.draft, editor.unit, editor.kept
        task = self._desk.ask(
            self, lambda session, _p, _c: ops.keep_draft(session, draft, unit, values), "keep unit draft"
        )
        task.on_failure(self.failed.emit).start("store")

    def offer(self, found: Unfinished | None) -> None:
        """Offer a draft in the bar; while something is typed it waits unseen."""
        self._bar.offer(found, visible=not self.active)

    def open_draft(self, draft_id: str) -> None:
        """Go on with a draft at once."""
        task = self._desk.ask(self, lambda session, _p, _c: ops.draft_of(session, draft_id), "unit draft")
        task.on_success(self._on_draft).on_failure(self.failed.emit).start("store")

    def _on_draft(self, found: Unfinished | None) -> None:
        self.offer(found)
        self._resume()

    def _resume(self) -> None:
        found = self._bar.draft
        if found is None:
            return
        if found.unit == NEW:
            task = self._desk.ask(self, lambda session, _p, _c: ops.fresh_values(session), "resume unit")
            task.on_success(lambda start: self.begin(NEW, start, dict(found.values), found.draft))
            task.on_failure(self.failed.emit).start("store")
            return
        read = self._desk.ask(self, lambda session, _p, _c: ops.load(session, found.unit), "resume unit")
        read.on_success(lambda facts: self._on_taken_up(facts, found)).on_failure(self.failed.emit)
        read.start("store")

    def _on_taken_up(self, facts: UnitFacts, found: Unfinished) -> None:
        self.taken_up.emit(facts)
        self.begin(facts.unit, dict(facts.values), dict(found.values), found.draft)

    def _drop(self) -> None:
        found = self._bar.draft
        if found is not None and self._ask(_DROP):
            self._forget(found.draft)
            self.offer(None)

    def _forget(self, draft: str) -> None:
        task = self._desk.ask(self, lambda session, _p, _c: ops.drop_draft(session, draft), "drop unit draft")
        task.on_failure(self.failed.emit).start("store")
