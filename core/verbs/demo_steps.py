"""What the demo did and how long it took: ids and milliseconds, nothing about anybody."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any


class Steps:
    """The steps so far, in order; each is told as it ends."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._began = time.perf_counter()
        self.rows: list[dict[str, Any]] = []

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Time one step; what is put into the dict (ids only) stands beside it in the report."""
        row: dict[str, Any] = {"step": name}
        began = time.perf_counter()
        yield row
        row["ms"] = round((time.perf_counter() - began) * 1000)
        self.rows.append(row)
        self._tell(f"[demo] {name:14} {row['ms']:6} ms")

    def total(self) -> int:
        """Return the milliseconds since the beginning."""
        return round((time.perf_counter() - self._began) * 1000)
