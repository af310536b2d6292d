"""Work off the window's thread: a plain function on a lane, its outcome back on the window's thread.

``store`` is one thread (it owns all writes), ``hub`` one, ``render`` two. Nothing precious lives in a
queue. ``Task`` connects first and starts last, so that the first progress value is never lost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Literal, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from core.errors import Cancelled, CertDeskError
from ui import faults

Lane = Literal["store", "hub", "render"]
T = TypeVar("T")

PROGRESS_EVERY = 0.05
"""Seconds between two progress values delivered for one task."""


@dataclass(frozen=True)
class Progress:
    """How far a task is: ``done`` of ``total`` (0 = unknown) at a named ``stage``."""

    done: int
    total: int = 0
    stage: str = ""


class ReportProgress(Protocol):
    """What an operation calls to say how far it is; cheap, may be called per record."""

    def __call__(self, done: int, total: int = 0, stage: str = "") -> None: ...


class CancelToken:
    """Set by the window, asked by the operation between records."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self, *_: object) -> None:
        """Ask the operation to stop (any thread; also usable as a slot)."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether stopping was asked."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise ``Cancelled`` when stopping was asked."""
        if self.cancelled:
            raise Cancelled()

    def wait(self, seconds: float) -> bool:
        """Sleep up to ``seconds``, waking at once when stopping is asked; return whether it was."""
        return self._event.wait(seconds)


Operation = Callable[[ReportProgress, CancelToken], T]


class _Bridge(QObject):
    """Lives on the window's thread; whatever is posted from elsewhere runs there."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def _run(self, call: Callable[[], None]) -> None:
        call()


class Lanes:
    """The threads, and the one way back. Make it on the window's thread."""

    def __init__(self) -> None:
        self._bridge = _Bridge()
        self._executors = {
            "store": ThreadPoolExecutor(1, "store"),
            "hub": ThreadPoolExecutor(1, "hub"),
            "render": ThreadPoolExecutor(2, "render"),
        }
        self._running: dict[Future[None], tuple[str, CancelToken]] = {}
        self._closed = False
        self.on_unhandled: Callable[[BaseException], None] | None = None
        """Called on the window's thread with the failure of a task that has no failure handler."""

    def submit(self, lane: Lane, name: str, token: CancelToken, work: Callable[[], None]) -> None:
        """Queue ``work`` on a lane; silently dropped after :meth:`shutdown`."""
        if self._closed:
            return
        future: Future[None] = self._executors[lane].submit(work)
        self._running[future] = (name, token)
        future.add_done_callback(lambda done: self._running.pop(done, None))

    def post(self, call: Callable[[], None]) -> None:
        """Run ``call`` on the window's thread, soon. Any thread may post; dropped after shutdown."""
        if not self._closed and isValid(self._bridge):
            self._bridge.posted.emit(call)

    def shutdown(self, seconds: float = 3.0) -> tuple[str, ...]:
        """Cancel everything, wait at most ``seconds``, return the names of what did not stop."""
        self._closed = True
        left = dict(self._running)
        for _, token in left.values():
            token.cancel()
        for executor in self._executors.values():
            executor.shutdown(wait=False, cancel_futures=True)
        # A task cancelled in the queue never runs, and wait() would sit out its whole time for it.
        unfinished = wait([one for one in left if not one.cancelled()], timeout=seconds).not_done
        return tuple(sorted(left[future][0] for future in unfinished))


_lanes: Lanes | None = None


def lanes() -> Lanes:
    """Return the process's lanes (made on first call, on the window's thread)."""
    global _lanes
    if _lanes is None or _lanes._closed:
        _lanes = Lanes()
    return _lanes


class Task(Generic[T]):
    """One operation for one owner.

    ``Task(owner, op).on_success(f).on_failure(g).with_progress(h).start("store")`` where
    ``op(progress, cancel) -> result``. When the owner is destroyed the operation is cancelled and
    whatever it still brings is dropped. Handlers run on the window's thread, never later than owner.
    """

    def __init__(self, owner: QObject, op: Operation[T], name: str = "") -> None:
        self._owner = owner
        self._op = op
        self._name = name or getattr(op, "__qualname__", type(op).__name__)
        self._success: Callable[[T], None] | None = None
        self._failure: Callable[[BaseException], None] | None = None
        self._cancelled: Callable[[], None] | None = None
        self._progress: Callable[[Progress], None] | None = None
        self._token = CancelToken()
        self._latest: Progress | None = None
        self._last_post = float("-inf")
        self._lanes: Lanes | None = None

    def on_success(self, handler: Callable[[T], None]) -> Task[T]:
        """Call ``handler(result)`` when the operation returned."""
        self._success = handler
        return self

    def on_failure(self, handler: Callable[[BaseException], None]) -> Task[T]:
        """Call ``handler(error)`` when it raised anything but ``Cancelled``."""
        self._failure = handler
        return self

    def on_cancelled(self, handler: Callable[[], None]) -> Task[T]:
        """Call ``handler()`` when it stopped because it was asked to."""
        self._cancelled = handler
        return self

    def with_progress(self, handler: Callable[[Progress], None]) -> Task[T]:
        """Call ``handler(Progress)``, at most once per ``PROGRESS_EVERY`` and always for the last value."""
        self._progress = handler
        return self

    def start(self, lane: Lane, on: Lanes | None = None) -> Task[T]:
        """Queue the operation. Connect the handlers first."""
        self._lanes = on or lanes()
        # The token, not the task, is connected: a bound method of the task would keep its handlers alive.
        self._owner.destroyed.connect(self._token.cancel)
        self._lanes.submit(lane, self._name, self._token, self._work)
        return self

    def cancel(self) -> None:
        """Ask the operation to stop; a result that comes anyway is dropped."""
        self._token.cancel()

    def _work(self) -> None:
        try:
            self._token.check()
            result = self._op(self._report, self._token)
            self._token.check()
        except Cancelled:
            self._deliver(self._hand_cancelled)
        except BaseException as error:
            self._deliver(partial(self._hand_failure, error))
        else:
            self._deliver(lambda: self._hand_success(result))

    def _report(self, done: int, total: int = 0, stage: str = "") -> None:
        self._latest = Progress(done, total, stage)
        now = time.monotonic()
        if self._progress is not None and now - self._last_post >= PROGRESS_EVERY:
            self._last_post = now
            self._deliver(self._hand_progress)

    def _deliver(self, call: Callable[[], None]) -> None:
        if self._lanes is not None:
            self._lanes.post(lambda: call() if isValid(self._owner) else None)

    def _hand_progress(self) -> None:
        # The newest value may have been handed over already by an earlier post.
        latest, self._latest = self._latest, None
        if latest is not None and self._progress is not None and not self._token.cancelled:
            self._progress(latest)

    def _hand_success(self, result: T) -> None:
        self._hand_progress()
        if self._token.cancelled:
            self._hand_cancelled()
        elif self._success is not None:
            self._success(result)

    def _hand_cancelled(self) -> None:
        if self._cancelled is not None:
            self._cancelled()

    def _hand_failure(self, error: BaseException) -> None:
        if self._token.cancelled:
            if not isinstance(error, CertDeskError):
                faults.reference(error)
            self._hand_cancelled()
        elif self._failure is not None:
            self._failure(error)
        elif self._lanes is not None and self._lanes.on_unhandled is not None:
            self._lanes.on_unhandled(error)
        else:
            faults.reference(error)


def start(owner: QObject, lane: Lane, op: Operation[Any]) -> Task[Any]:
    """Start ``op`` for its effect alone; a failure goes to the lanes' ``on_unhandled``."""
    return Task(owner, op).start(lane)


class Newest:
    """Starts tasks on the store lane; of those for one purpose only the newest is wanted."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task[Any]] = {}

    def start(self, purpose: str, task: Task[Any], on: Lanes | None = None) -> None:
        """Start a task and drop the one that is under way for the same purpose."""
        self.drop(purpose)
        self._tasks[purpose] = task.start("store", on)

    def drop(self, purpose: str) -> None:
        """Nothing is wanted any more for this purpose."""
        before = self._tasks.pop(purpose, None)
        if before is not None:
            before.cancel()
