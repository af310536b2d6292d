"""A log's signatures, checked by threads while the log is read on: the arithmetic runs outside Python's lock.

What is found is the first wrong signature, as if they had been checked one by one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from core.records.model import SignedAction

PART = 500
"""Signatures that a thread takes at once."""

Asked = tuple[int, SignedAction, bytes]
"""A position, the action there, and the key that must have made its signature."""


class Signatures:
    """Collects what has to be verified; as a context manager it leaves no thread behind."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="signatures")
        self._waiting: list[Asked] = []
        self._running: deque[Future[int]] = deque()

    def __enter__(self) -> Signatures:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def ask(self, position: int, signed: SignedAction, key: bytes) -> int:
        """Let a signature be checked; return the first position that is known to be wrong by now, or 0."""
        self._waiting.append((position, signed, key))
        if len(self._waiting) < PART:
            return 0
        self._send()
        return self._hear(2 * self._threads)

    def settle(self) -> int:
        """Wait for everything asked so far; return the first wrong position, or 0."""
        self._send()
        return self._hear(0)

    def _send(self) -> None:
        if self._waiting:
            self._running.append(self._pool.submit(first_wrong, self._waiting))
            self._waiting = []

    def _hear(self, most: int) -> int:
        while len(self._running) > most:
            wrong = self._running.popleft().result()
            if wrong:
                return wrong
        return 0


def first_wrong(asked: Sequence[Asked]) -> int:
    """Return the first position whose signature is not by its key, 0 when all are."""
    return next((position for position, signed, key in asked if not signed.verify(key)), 0)
