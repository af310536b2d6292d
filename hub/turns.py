"""Fair turns: who asks, how much of the hub they may hold at once, and whose work is next.

A desk is known by its key, which its TLS certificate proves before a byte of a body is read; anybody else by
the address they come from, behind which may be many phones, or a balancer with a whole province.

What is under way is bounded by number and bytes, for each one and for all. What waits is served in turn, one
job for each who waits, and nobody holds more threads than their share even while the others are silent: the
next to come must not wait for the end of somebody's flood. A desk waits for each answer before it asks anew,
so one that catches up after a quarter, or registers 20,000 units, never has two bodies on the way.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from starlette.types import Scope

from core.errors import UserError
from hub.limits import Buckets
from hub.shown import shown_by

J = TypeVar("J")
_MIB = 1 << 20

THREADS, PLACES, OCTETS = 12, 300, 256 * _MIB
"""For all together: jobs at once, requests under way, bytes of their bodies."""

BURST, PER_MINUTE = 5_000, 6_000
"""Requests of one desk at once and ever after: more than one that waits for each answer gets done."""

INSIDE = 4
"""Requests of one desk that are served at once where nothing but its signature tells who it is."""

PAUSE_SECONDS = 1.0
"""Between a refusal and its answer, or a connection too many and its end: who floods waits for it."""

WAIT_SECONDS = 2
"""What is told to come again after, for want of a place; of the rate, one second gives a hundred."""


@dataclass(frozen=True)
class Share:
    """What one may hold at once: jobs in threads, requests under way, bytes of bodies, open connections."""

    running: int
    places: int
    octets: int
    connections: int


DESK = Share(running=1, places=8, octets=24 * _MIB, connections=16)
"""A desk asks one thing after another; how a phone fares, asked meanwhile, waits for the end of one batch."""
ADDRESS = Share(running=9, places=200, octets=128 * _MIB, connections=300)
"""All that comes from one address and shows no desk's certificate; the rest is kept for desks."""


@dataclass(frozen=True)
class Who:
    """Somebody who asks."""

    name: str
    share: Share

    @property
    def is_desk(self) -> bool:
        """Tell whether a desk's key was proven, so that the name stands for it alone."""
        return self.share is DESK


def desk(key: bytes) -> Who:
    """Return the desk with this key."""
    return Who(f"desk {key.hex()}", DESK)


def who_asks(scope: Scope) -> Who:
    """Return who stands behind a request: the desk whose certificate was shown, or an address."""
    shown = shown_by(scope)
    if shown is not None and shown.key is not None:
        return desk(shown.key)
    client = scope.get("client")
    return Who(f"address {client[0] if client else ''}", ADDRESS)


_NOBODY = Who("address ", ADDRESS)
ASKING: ContextVar[Who] = ContextVar("asking", default=_NOBODY)
"""Who asks what is being served; set once a request, by :class:`hub.web.Guard`."""


class Busy(UserError):
    """Not now: ``desk_busy`` (this one holds its share) or ``hub_busy``; ``seconds`` until it is worth it."""


class Turns(Generic[J]):
    """The places of one hub and the jobs that wait for a thread. Any thread may call.

    ``fair=False`` takes whoever comes first and bounds only the whole: what the hub did before, kept as the
    control of ``benchmarks/flood.py``.
    """

    def __init__(
        self,
        threads: int = THREADS,
        places: int = PLACES,
        octets: int = OCTETS,
        *,
        now: Callable[[], float] = time.monotonic,
        fair: bool = True,
    ) -> None:
        self._threads, self._places, self._octets, self._fair = threads, places, octets, fair
        self._rate = Buckets(BURST, PER_MINUTE, now)
        self._held, self._bytes, self._running = Counter[str](), Counter[str](), Counter[str]()
        self._inside = Counter[str]()
        self._waiting: dict[str, deque[tuple[Who, J]]] = {}
        self._lock = Lock()

    @contextmanager
    def place(self, who: Who, size: int) -> Iterator[None]:
        """Hold a place, and room for a body of ``size`` bytes, while this is open. Raises :class:`Busy`."""
        self._enter(who, size)
        try:
            yield
        finally:
            with self._lock:
                _less(self._held, who.name, 1)
                _less(self._bytes, who.name, size)

    def _enter(self, who: Who, size: int) -> None:
        self._spend(who)
        with self._lock:
            held, share = self._held[who.name] + 1, who.share
            if self._fair and (held > share.places or self._bytes[who.name] + size > share.octets):
                raise Busy("desk_busy" if who.is_desk else "hub_busy", seconds=WAIT_SECONDS)
            if self._held.total() >= self._places or self._bytes.total() + size > self._octets:
                raise Busy("hub_busy", seconds=WAIT_SECONDS)
            self._held[who.name] = held
            self._bytes[who.name] += size

    @contextmanager
    def known(self, asking: Who, key: bytes) -> Iterator[None]:
        """Count what an address asks for the desk whose signature was just verified. Raises :class:`Busy`.

        A desk that showed its certificate was counted before.
        """
        if asking.is_desk or not self._fair:
            yield
            return
        who = desk(key)
        self._spend(who)
        with self._lock:
            # Not queued again: what is in memory here is a parsed body, several times as large.
            if self._inside[who.name] >= INSIDE:
                raise Busy("desk_busy", seconds=WAIT_SECONDS)
            self._inside[who.name] += 1
        try:
            yield
        finally:
            with self._lock:
                _less(self._inside, who.name, 1)

    def _spend(self, who: Who) -> None:
        if self._fair and who.is_desk and not self._rate.take(who.name):
            raise Busy("desk_busy", seconds=1)

    def put(self, who: Who, job: J) -> None:
        """Let a job wait for its turn."""
        name = who.name if self._fair else ""
        with self._lock:
            self._waiting.setdefault(name, deque()).append((who, job))

    def next(self) -> tuple[Who, J] | None:
        """Return the next job that may run now; :meth:`done` has to follow it. None if there is none."""
        with self._lock:
            if self._running.total() >= self._threads:
                return None
            for name, jobs in self._waiting.items():
                if self._fair and self._running[name] >= jobs[0][0].share.running:
                    continue
                who, job = jobs.popleft()
                self._running[who.name] += 1
                del self._waiting[name]  # to the end of the round
                if jobs:
                    self._waiting[name] = jobs
                return who, job
            return None

    def done(self, who: Who) -> None:
        """Give back the thread of a job."""
        with self._lock:
            _less(self._running, who.name, 1)


def _less(counter: Counter[str], name: str, by: int) -> None:
    """Take away; a name that holds nothing is not kept."""
    counter[name] -= by
    if counter[name] <= 0:
        del counter[name]
