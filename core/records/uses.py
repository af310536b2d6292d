"""The use list (用证清单) as hub, desk and paper know it, and the words for its codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from core.clock import CHINA, to_stamp
from core.errors import UserError

BUNDLE: Final = "bundle"
FUNCTIONS: Final[Mapping[str, str]] = {
    "authenticity": "真伪核验",
    "basic": "基础信息查询",
    "compare": "持证人信息比对",
    "matter": "办理事项授权核验",
    BUNDLE: "离线核验数据下载",
}
"""The notice's four functions (三(一)) by the word in their address, and the data for verifying offline."""

LONGEST_REASON: Final = 200
"""Characters of the reason (查验事由) for asking about a unit; the unit reads it."""

GIVEN: Final = "given"
REFUSED: Final = "refused"
ANSWERS: Final[Mapping[str, str]] = {
    "valid": "有效",
    "not valid": "无效",
    "unknown": "无法确认",
    GIVEN: "已提供",
    REFUSED: "未予受理",
}
"""What was answered; one that was given data or refused got no answer about any certificate."""


@dataclass(frozen=True)
class UseLine:
    """One verification. ``at`` is a UTC stamp, ``operator`` is masked, ``reason`` as the department wrote it.

    ``unit``, ``unit_name`` and ``uscc`` are empty where no unit was found.
    """

    use: str
    at: str
    party: str
    party_name: str
    party_kind: str
    purpose: str
    function: str
    unit: str
    unit_name: str
    uscc: str
    serial: str
    operator: str
    answer: str
    reasons: tuple[str, ...]
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the line as it travels to a desk."""
        return {**vars(self), "reasons": list(self.reasons)}

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> UseLine:
        """Return a line as it travelled. Raises ``ValueError`` for anything else."""
        names = set(cls.__dataclass_fields__)
        texts = {name: item for name, item in value.items() if name != "reasons"}
        reasons = value.get("reasons")
        if set(value) != names or not all(isinstance(item, str) for item in texts.values()):
            raise ValueError("use line")
        if not isinstance(reasons, list) or not all(isinstance(item, str) for item in reasons):
            raise ValueError("use line")
        return cls(**texts, reasons=tuple(reasons))


def days(since: str | None, until: str | None, today: date) -> tuple[date, date]:
    """Return first and last day of a list; the month until today where nothing is said.

    Raises ``UserError('period_wrong')``.
    """
    try:
        last = date.fromisoformat(until) if until else today
        first = date.fromisoformat(since) if since else last - timedelta(days=30)
    except (ValueError, OverflowError) as fault:
        raise UserError("period_wrong") from fault
    if first > last or last == date.max:
        raise UserError("period_wrong")
    return first, last


def stamps(first: date, last: date) -> tuple[str, str]:
    """Return the stamps between which days of China lie, the second not included."""
    start = datetime.combine(first, time(), CHINA)
    end = datetime.combine(last + timedelta(days=1), time(), CHINA)
    return to_stamp(start), to_stamp(end)
