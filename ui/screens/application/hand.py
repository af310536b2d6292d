"""The work in hand: opened, typed into, read again. Every step makes a new :class:`Work`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import UserError
from core.forms.spec import Finding
from ui.desk import Desk, SessionOperation

# Services come along with this import. The page is imported when it is first opened, after unlocking, when
# the session has brought them already.
from ui.screens.application import loading
from ui.screens.application.keeper import Keeper
from ui.screens.application.work import Work

REFRESH_PAUSE_MS = 60


class Hand(QObject):
    """``work`` is None until something was opened. Changed only by :meth:`take`."""

    opened = Signal()
    """Other work is in hand than before."""
    changed = Signal(str)
    """The work is another state of itself; the field that should have the focus, if one should."""
    failed = Signal(object)

    def __init__(
        self,
        page: QObject,
        desk: Desk,
        form_id: str,
        put_aside: Callable[[], None],
        ticks_unsaved: Callable[[], bool],
    ) -> None:
        super().__init__(page)
        self._desk, self._form_id = desk, form_id
        self._put_aside, self._ticks_unsaved = put_aside, ticks_unsaved
        self.work: Work | None = None
        self.keeper = Keeper(self, desk, lambda: self.work)
        self._loading = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(REFRESH_PAUSE_MS)
        self._pause.timeout.connect(lambda: self.refresh())

    # -- opening ----------------------------------------------------------------------------------

    def start(self, unit_id: str) -> None:
        """Begin for a unit, or go on with its open case or draft."""
        form_id = self._form_id
        self._load(lambda session, *_: loading.begin(session, form_id, unit_id))

    def resume(self, draft_id: str) -> None:
        """Take up a draft."""
        self._load(lambda session, *_: loading.of_draft(session, draft_id))

    def amend(self, case_id: str) -> None:
        """Open a filed or returned case."""
        self._load(lambda session, *_: loading.of_case(session, case_id))

    def _load(self, op: SessionOperation[Work]) -> None:
        self._put_aside()
        self._loading += 1
        ticket = self._loading
        task = self._desk.ask(self, op, "open application")
        task.on_success(lambda work: self._on_loaded(work) if ticket == self._loading else None)
        task.on_failure(self.failed.emit).start("store")

    def _on_loaded(self, work: Work) -> None:
        self.keeper.clear()
        self.work = work
        self.opened.emit()

    def let_go(self, draft_id: str) -> None:
        """A draft was given up: it must not be saved again from here."""
        if self.work is not None and self.work.draft_id == draft_id:
            self.work = None
            self.keeper.clear()
            self.changed.emit("")

    # -- changing ---------------------------------------------------------------------------------

    def take(self, work: Work, focus: str = "") -> None:
        """Put a new state of the work in place of the one before."""
        self.work = work
        self.changed.emit(focus)

    def edit(self, field: str, text: str) -> None:
        """Something was typed."""
        if self.work is not None and self.work.editable:
            self.keeper.touch()
            self.take(self.work.with_value(field, text))

    def save_draft(self, then: Callable[[], None]) -> None:
        """Save what is typed now, wanted or not by the pause."""
        if self.work is not None and self.work.editable:
            self.work = replace(self.work, touched=True)
            self.keeper.save(then)

    def point_out(self, error: object, *, reveal: bool) -> None:
        """Mark the field that an error is about, if it is about one; ``reveal`` shows all and goes there."""
        if self.work is None or not isinstance(error, UserError):
            return
        field = str(error.params.get("field", ""))
        if all(each.id != field for each in self.work.form.fields()):
            return
        found = Finding(field, str(error.params.get("finding", error.code)), params=dict(error.params))
        shown = self.work.reveal or reveal
        self.take(replace(self.work, unprintable=found, reveal=shown), field if reveal else "")

    # -- reading again ----------------------------------------------------------------------------

    def refresh_soon(self) -> None:
        """Read the case again in a moment (several wishes, one reading)."""
        self._pause.start()

    def refresh(self, then: Callable[[], None] | None = None) -> None:
        """Read the case again; what is being typed stays."""
        work = self.work
        if work is None or work.case is None or self._desk.is_locked or self.keeper.held:
            return
        case_id, ticket = work.case.id, self._loading
        task = self._desk.ask(self, lambda session, *_: loading.of_case(session, case_id), "refresh case")

        def done(fresh: Work) -> None:
            if ticket == self._loading:
                self.merge(fresh, work)
                if then is not None:
                    then()

        task.on_success(done).on_failure(lambda error: None).start("store")

    def merge(self, fresh: Work, asked: Work) -> None:
        """Take the record's newest facts; keep what the clerk changed. ``asked`` is the work asked about."""
        now = self.work
        if now is None or fresh.case is None or (now.case is not None and now.case.id != fresh.case.id):
            return
        if not fresh.editable:
            self.take(replace(fresh, touched=False))
            return
        typed = now.case is None or bool(asked.changed) or now.typed != asked.typed
        ticked = now.case is None or self._ticks_unsaved()
        self.take(
            replace(
                fresh,
                typed=now.typed if typed else fresh.case.values,
                ticks=now.ticks if ticked else fresh.ticks,
                draft_id=now.draft_id if now.case is not None else fresh.draft_id,
                touched=now.touched,
                reveal=now.reveal,
                unprintable=now.unprintable,
            )
        )

    def on_unlocked(self) -> None:
        """A night may have passed: the day of the checks is today's."""
        if self.work is None:
            return

        def done(day: date) -> None:
            if self.work is not None:
                self.take(replace(self.work, context=replace(self.work.context, as_of=day)))

        task = self._desk.ask(self, lambda session, *_: loading.today(session), "today")
        task.on_success(done).on_failure(lambda error: None).start("store")
        self.refresh()
