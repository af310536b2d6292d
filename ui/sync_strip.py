"""The exchange with the hub as the window sees it: when a cycle runs, what is shown of it, what it says.

A cycle runs after every change, every half minute, and on demand. A hub that is gone is asked again
after 5, 10, 20 … 300 seconds, one that is busy when it said; nothing in the window ever waits for it.
While a person has paused it, only what a person asks for runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import EnvironmentFault
from ui.desk import Desk
from ui.hub_keeper import Connected, HubKeeper
from ui.messages import Message, known_codes, sentence
from ui.sync_view import ACTIONS, SCANS, SyncView, wait_after
from ui.task import CancelToken, Progress, ReportProgress, Task

if TYPE_CHECKING:
    from core.services.session import Session
    from core.services.sync import Halt, Staleness, SyncStatus

REGULAR_SECONDS = 30
_SOON_MS = 300
_WATCH_MS = 5_000

Failed = Callable[[BaseException], None]


@dataclass(frozen=True)
class Standing:
    """Where the exchange stands, as the store knows it without any network."""

    status: SyncStatus
    staleness: Staleness
    linked: bool
    embedded: bool
    admin: bool

    def shown(self, view: SyncView) -> SyncView:
        """Return ``view`` with all this."""
        status, halt = self.status, self.status.halt
        return replace(
            view,
            linked=self.linked,
            embedded=self.embedded,
            enrolled=status.enrolled,
            pending=status.pending,
            last_sync=status.last_sync,
            open_refusals=status.open_refusals,
            paused=status.paused,
            halt="" if halt is None else halt.code,
            halt_words=None if halt is None else _halt_words(halt),
            scans_waiting=status.scans_waiting,
            admin=self.admin,
            days=self.staleness.days,
            level=self.staleness.level if status.enrolled else "",
        )


@dataclass(frozen=True)
class Outcome:
    """What asking came to; not ``ran``: there was no hub, no certificate yet, or a person had paused it."""

    met: Connected
    standing: Standing
    rejected: int = 0
    pulled: int = 0
    ran: bool = False


def read_standing(session: Session) -> Standing:
    """Ask the store where the exchange stands."""
    from core.records.people import Role
    from core.services.hub_link import hub_link
    from core.services.sync import staleness, status

    with session.read() as uow:
        admin = Role.ADMIN in session.me(uow).roles
    link = hub_link(session)
    embedded = link is not None and link.embedded
    return Standing(status(session), staleness(session), link is not None, embedded, admin)


def _halt_words(halt: Halt) -> Message:
    code = f"halt_{halt.code}"
    return sentence(EnvironmentFault(code if code in known_codes() else "halt_other", **halt.params))


class SyncStrip(QObject):
    """Runs the cycles of one desk. ``changed`` carries the new :class:`SyncView`."""

    changed = Signal(object)

    def __init__(self, desk: Desk, keeper: HubKeeper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._keeper = keeper
        self.view = SyncView()
        self._task: Task[Outcome] | None = None
        self._failures = 0
        self._again = self._wanted = False
        self._telling = False
        self._soon = self._timer(_SOON_MS, self._automatic, once=True)
        self._regular = self._timer(REGULAR_SECONDS * 1000, self._automatic, once=True)
        self._watch = self._timer(_WATCH_MS, self._look_after_hub)
        desk.changed.connect(self._on_changed)
        desk.sync_wanted.connect(self.sync_now)

    @property
    def desk(self) -> Desk:
        """The desk whose records these are."""
        return self._desk

    def _timer(self, ms: int, call: Callable[[], object], *, once: bool = False) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(ms)
        timer.setSingleShot(once)
        timer.timeout.connect(call)
        return timer

    def resume(self) -> None:
        """Begin (somebody unlocked)."""
        self._failures = 0
        self._watch.start()
        self.refresh()
        self._automatic()

    def pause(self) -> None:
        """Stop asking (the desk is being locked); a cycle under way ends between two batches."""
        for timer in (self._soon, self._regular, self._watch):
            timer.stop()
        self._again = self._wanted = False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._show(replace(self.view, running=False, done=0, total=0))

    def refresh(self) -> None:
        """Count what waits, without any network."""
        if self._desk.is_locked:
            return

        task = self._desk.ask(self, lambda session, _progress, _cancel: read_standing(session), "sync status")
        task.on_success(lambda standing: self._show(standing.shown(self.view)))
        task.on_failure(lambda error: None).start("store")

    def sync_now(self) -> None:
        """Run a cycle now, paused or not; one that is asked for while one runs follows it."""
        self._run(wanted=True)

    def _automatic(self) -> None:
        self._run(wanted=False)

    def _run(self, *, wanted: bool) -> None:
        if self._desk.is_locked:
            return
        if self._task is not None:
            self._again, self._wanted = True, self._wanted or wanted
            return
        self._regular.stop()
        self._wanted = False
        self._show(replace(self.view, running=wanted or not self.view.paused, done=0, total=0, stage=""))
        task = self._desk.ask(self, lambda *given: self._cycle(*given, wanted=wanted), "sync")
        self._task = task
        task.with_progress(self._on_progress)
        task.on_success(lambda outcome: self._on_done(task, outcome))
        task.on_failure(lambda error: self._on_failed(task, error))
        task.on_cancelled(lambda: self._on_stopped(task))
        task.start("hub")

    def stop(self) -> None:
        """Stop the cycle under way on the person's wish."""
        if self._task is not None:
            self._task.cancel()

    # -- what a person decides --------------------------------------------------------------------

    def set_paused(self, paused: bool, failed: Failed) -> None:
        """Stop automatic cycles, or let them run again; remembered over the night."""

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> Standing:
            from core.services.sync import set_paused

            set_paused(session, paused)
            return read_standing(session)

        def done(standing: Standing) -> None:
            self._show(standing.shown(self.view))
            if not paused:
                self._failures = 0
                self._automatic()

        if paused:
            self.stop()
        self._desk.ask(self, op, "pause sync").on_success(done).on_failure(failed).start("store")

    def end_halt(self, done: Callable[[int], object], failed: Failed) -> None:
        """Go on after a halt; ``done`` hears how many records were given up for work items.

        A fork goes on as a new generation, what lay at the hub is asked for anew.
        """
        remedy = self.view.remedy

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> int:
            from core.services.sync import ask_again, continue_as_new_generation

            if remedy == "generation":
                return continue_as_new_generation(session)
            ask_again(session)
            return 0

        def ended(given_up: int) -> None:
            self._failures = 0
            done(given_up)
            self.sync_now()

        self._desk.act(self, op, "end halt").on_success(ended).on_failure(failed).start("hub")

    # -- a cycle ----------------------------------------------------------------------------------

    def _cycle(
        self, session: Session, progress: ReportProgress, cancel: CancelToken, *, wanted: bool
    ) -> Outcome:
        from core.services.sync import sync

        before = read_standing(session)
        idle = before.status.paused and not wanted
        if idle and not before.status.enrolled:
            return Outcome(Connected(), before)
        met = self._keeper.connect(session)  # for claims the hub is awake, whatever is paused
        cancel.check()
        if met.hub is None or not met.enrolled or idle:
            return Outcome(met, read_standing(session))
        report = sync(
            session,
            met.hub,
            lambda done, total: progress(done, total, ACTIONS),
            lambda: cancel.cancelled,
            lambda done, total: progress(done, total, SCANS),
        )
        return Outcome(met, read_standing(session), len(report.rejected), report.pulled, True)

    def _on_progress(self, progress: Progress) -> None:
        if self.view.running:
            self._show(replace(self.view, done=progress.done, total=progress.total, stage=progress.stage))

    def _on_done(self, task: Task[Outcome], outcome: Outcome) -> None:
        if task is not self._task:
            return
        met = outcome.met
        self._failures = 0
        fresh = SyncView(rejected=outcome.rejected, fingerprint=met.fingerprint)
        self._show(outcome.standing.shown(fresh))
        self._tell_desk(met, outcome.rejected or outcome.pulled)
        if outcome.ran:
            self._desk.synced.emit()
        self._finish(REGULAR_SECONDS if met.hub is not None else 0)

    def _tell_desk(self, met: Connected, news: int) -> None:
        # Our own news must not start the next cycle.
        self._telling = True
        try:
            if self._desk.hub is None and met.hub is not None and met.enrolled:
                self._desk.set_hub(met.hub)
            elif news:
                self._desk.changed.emit()
        finally:
            self._telling = False

    def _on_failed(self, task: Task[Outcome], error: BaseException) -> None:
        if task is not self._task:
            return
        self._failures += 1
        # A hub that has no turn for us says when it has: nothing went wrong, and that is when we come.
        seconds = 0
        if isinstance(error, EnvironmentFault) and error.code == "hub_busy":
            seconds = int(error.params["seconds"])
        fault = None if seconds else sentence(error)
        self._show(replace(self.view, linked=True, running=False, fault=fault, busy=seconds))
        self._finish(seconds or wait_after(self._failures))
        self.refresh()

    def _on_stopped(self, task: Task[Outcome]) -> None:
        if task is self._task:
            self._show(replace(self.view, running=False))
            self._finish(REGULAR_SECONDS)

    def _finish(self, seconds: int) -> None:
        self._task = None
        if self._again and self._wanted:
            self._again = False
            self.sync_now()
        elif self._again:
            self._again = False
            self._soon.start()
        elif seconds:
            self._regular.start(seconds * 1000)

    def _on_changed(self) -> None:
        if self._telling or self._desk.is_locked:
            return
        self.refresh()
        # While the hub is gone the back-off decides, not every key stroke.
        if not self._failures:
            self._soon.start()

    def _look_after_hub(self) -> None:
        if self._keeper.died() and self._task is None and not self._failures:
            self._automatic()

    def _show(self, view: SyncView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
