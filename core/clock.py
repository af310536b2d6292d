"""The clock port. Office time is evidence only; the hub's time is the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

Clock = Callable[[], datetime]
"""Returns the present moment, timezone-aware, in UTC."""

CHINA = timezone(timedelta(hours=8), "CST")
"""Wall-clock zone of every date printed or shown (no daylight saving)."""


def system_clock() -> datetime:
    """Return the machine's present moment in UTC."""
    return datetime.now(UTC)


def to_stamp(moment: datetime) -> str:
    """Write a moment as RFC 3339 UTC with milliseconds, ``2026-11-23T08:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_stamp(text: str) -> datetime:
    """Read what :func:`to_stamp` wrote. Raises ``ValueError`` on anything else."""
    if not text.endswith("Z"):
        raise ValueError("not a UTC stamp")
    return datetime.fromisoformat(text[:-1] + "+00:00")


def china_date(moment: datetime) -> date:
    """Return the calendar date in China at ``moment``."""
    return moment.astimezone(CHINA).date()
