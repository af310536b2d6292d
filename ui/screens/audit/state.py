"""What the auditor's view shows, as data. No Qt in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.record_words import (
    DELIVERY_TONES,
    DELIVERY_WORDS,
    KIND_WORDS,
    SUBJECT_WORDS,
    action_words,
    exact_moment,
    who_words,
)
from ui.widgets.row_table import Cell, Column, Row

if TYPE_CHECKING:
    from core.services.audit import AuditLine

ERASED = "（个人信息已销毁）"
HUB = "hub"

COLUMNS = (
    Column("时间", 10.8),
    Column("经手人", 6.6),
    Column("窗口", 5.2, gives_way=2),
    Column("操作", 15, stretch=True),
    Column("对象", 13.5, gives_way=1),
    Column("同步情况", 6.4, pill=True),
)


@dataclass(frozen=True)
class Wish:
    """What the auditor filters by; empty wants everything."""

    kind: str = ""
    person: str = ""
    text: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.kind or self.person or self.text.strip())


def audit_rows(lines: Iterable[AuditLine]) -> tuple[Row, ...]:
    """Return the rows, keyed by their position in the record."""
    return tuple(_row(line) for line in lines)


def _row(line: AuditLine) -> Row:
    action, delivery = line.recorded.signed.action, line.recorded.delivery.value
    what = action_words(action.kind, action.public) + (ERASED if line.erased else "")
    subject = f"{SUBJECT_WORDS.get(action.subject_kind, '')}　{line.subject}".strip()
    cells = (
        Cell(exact_moment(action.at)),
        Cell(who_words(line.who)),
        Cell("平台" if action.device == HUB else action.device[:4].upper(), "muted"),
        Cell(what),
        Cell(subject, "muted"),
        Cell(DELIVERY_WORDS[delivery], DELIVERY_TONES[delivery]),
    )
    return Row(str(line.recorded.position), cells, tip=what)


def kind_choices() -> tuple[tuple[str, str], ...]:
    """Return (kind, words) of the filter, "" first."""
    return (("", "全部操作"), *KIND_WORDS.items())


def person_choices(people: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return (person id, account) of the filter, "" first, the hub last."""
    return (("", "全部人员"), *sorted(people, key=lambda pair: pair[1]), (HUB, who_words(HUB)))


def verified_words(count: int, at: str) -> str:
    """Return the good news."""
    return f"已核验 {count} 条记录：签名、次序、内容均完整，台账与记录一致（{exact_moment(at)}）。"
