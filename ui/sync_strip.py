"""The exchange with the hub as the window sees it: when a cycle runs, what is shown of it, what it says.

A cycle runs after every change, every half minute, and on demand. A hub that is gone is asked again
after 5, 10, 20 … 300 seconds; nothing in the window ever waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.desk import Desk
from ui.hub_keeper import Connected, HubKeeper
from ui.messages import sentence
from ui.sync_view import SyncView, wait_after
from ui.task import CancelToken, Progress, ReportProgress, Task

if TYPE_CHECKING:
    from core.services.session import Session
    from core.services.sync import SyncStatus

REGULAR_SECONDS = 30
_SOON_MS = 300
_WATCH_MS = 5_000

Outcome = tuple[Connected, "SyncStatus", int, int]
"""How the hub was met, where the exchange stands, and how many records were refused and pulled."""


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
        self._again = False
        self._telling = False
        self._soon = self._timer(_SOON_MS, self.sync_now, once=True)
        self._regular = self._timer(REGULAR_SECONDS * 1000, self.sync_now, once=True)
        self._watch = self._timer(_WATCH_MS, self._look_after_hub)
        desk.changed.connect(self._on_changed)

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
        self.sync_now()

    def pause(self) -> None:
        """Stop asking (the desk is being locked); a cycle under way ends between two batches."""
        for timer in (self._soon, self._regular, self._watch):
            timer.stop()
        self._again = False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._show(replace(self.view, running=False, done=0, total=0))

    def refresh(self) -> None:
        """Count what waits, without any network."""
        if self._desk.is_locked:
            return

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> tuple[SyncStatus, bool]:
            from core.services.hub_link import hub_link
            from core.services.sync import status

            return status(session), hub_link(session) is not None

        self._desk.ask(self, op, "sync status").on_success(self._on_status).on_failure(
            lambda error: None
        ).start("store")

    def _on_status(self, found: tuple[SyncStatus, bool]) -> None:
        status, linked = found
        self._show(replace(self.view, enrolled=status.enrolled, pending=status.pending,
                           last_sync=status.last_sync, linked=linked,
                           open_refusals=status.open_refusals))  # fmt: skip

    def sync_now(self) -> None:
        """Run a cycle now; one that is asked for while one runs follows it."""
        if self._desk.is_locked:
            return
        if self._task is not None:
            self._again = True
            return
        self._regular.stop()
        self._show(replace(self.view, running=True, done=0, total=0))
        task = self._desk.ask(self, self._cycle, "sync")
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

    def _cycle(self, session: Session, progress: ReportProgress, cancel: CancelToken) -> Outcome:
        from core.services.sync import status, sync

        met = self._keeper.connect(session)
        rejected = pulled = 0
        cancel.check()
        if met.hub is not None and met.enrolled:
            report = sync(session, met.hub, progress, lambda: cancel.cancelled)
            rejected, pulled = len(report.rejected), report.pulled
        return met, status(session), rejected, pulled

    def _on_progress(self, progress: Progress) -> None:
        self._show(replace(self.view, done=progress.done, total=progress.total))

    def _on_done(self, task: Task[Outcome], outcome: Outcome) -> None:
        if task is not self._task:
            return
        met, status, rejected, pulled = outcome
        self._failures = 0
        self._show(
            SyncView(
                linked=met.hub is not None,
                enrolled=status.enrolled,
                pending=status.pending,
                last_sync=status.last_sync,
                rejected=rejected,
                open_refusals=status.open_refusals,
                fingerprint=met.fingerprint,
                embedded=met.embedded,
            )
        )
        self._tell_desk(met, rejected or pulled)
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
        self._show(replace(self.view, linked=True, running=False, fault=sentence(error)))
        self._finish(wait_after(self._failures))
        self.refresh()

    def _on_stopped(self, task: Task[Outcome]) -> None:
        if task is self._task:
            self._show(replace(self.view, running=False))
            self._finish(REGULAR_SECONDS)

    def _finish(self, seconds: int) -> None:
        self._task = None
        if self._again:
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
            self.sync_now()

    def _show(self, view: SyncView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
