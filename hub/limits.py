"""How often something may be tried: small counters in memory, one process, the hub's own clock."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class Bucket:
    """Lets ``burst`` tries through at once and ``per_minute`` for ever after."""

    def __init__(self, burst: int, per_minute: float, now: Callable[[], float]) -> None:
        self._burst = float(burst)
        self._rate = per_minute / 60
        self._now = now
        self._level = self._burst
        self._at = now()
        self._lock = Lock()

    def has_room(self) -> bool:
        """Tell whether a try may be made; takes nothing."""
        with self._lock:
            self._fill()
            return self._level >= 1

    def take(self) -> bool:
        """Take one try; False when there is none."""
        with self._lock:
            self._fill()
            if self._level < 1:
                return False
            self._level -= 1
            return True

    def _fill(self) -> None:
        now = self._now()
        self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._rate)
        self._at = now


class Buckets:
    """One bucket for each name; the oldest are forgotten when there are too many."""

    def __init__(self, burst: int, per_minute: float, now: Callable[[], float], keep: int = 10_000) -> None:
        self._burst, self._per_minute, self._now = burst, per_minute, now
        self._keep = keep
        self._known: dict[str, Bucket] = {}
        self._lock = Lock()

    def _make(self) -> Bucket:
        return Bucket(self._burst, self._per_minute, self._now)

    def of(self, name: str) -> Bucket:
        """Return this name's bucket."""
        with self._lock:
            bucket = self._known.setdefault(name, self._make())
            while len(self._known) > self._keep:
                self._known.pop(next(iter(self._known)))
        return bucket

    def take(self, name: str) -> bool:
        """Take one try of this name."""
        return self.of(name).take()
