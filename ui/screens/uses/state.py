"""What 用证清单 shows, as data: periods, the rows, a line in full. No Qt in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.records.uses import ANSWERS, FUNCTIONS, REFUSED, days
from ui.messages import reason_words
from ui.record_words import exact_moment, moment
from ui.widgets.row_table import Cell, Column, Row

if TYPE_CHECKING:
    from core.records.uses import UseLine
    from core.services.hub_questions import UseList

TONES = {"valid": "good", "not valid": "bad", "unknown": "warn"}
NO_UNIT = "（未查到单位）"
OWN = "own"
PERIODS = (
    ("7", "最近 7 天"),
    ("30", "最近 30 天"),
    ("90", "最近 90 天"),
    ("365", "最近一年"),
    (OWN, "自选日期"),
)
FIRST_PERIOD = "30"

COLUMNS = (
    Column("查验时间", 9.8),
    Column("用证部门", 16),
    Column("单位", 14, stretch=True),
    Column("用途", 8, gives_way=1),
    Column("查验事由", 10.5, gives_way=2),
    Column("经办人", 10.3, gives_way=3),
    Column("结论", 6.4, pill=True),
)


@dataclass(frozen=True)
class Wish:
    """Which lines are shown: of a unit (id), of a department (id), of units that ``words`` name."""

    unit: str = ""
    party: str = ""
    words: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.unit or self.party or self.words)


def period(code: str, since: str, until: str, today: date) -> tuple[date, date]:
    """Return first and last day of a period; ``since`` and ``until`` are the days of a chosen one.

    Raises ``UserError('period_wrong')``.
    """
    if code == OWN:
        return days(since or until or None, until or None, today)
    return today - timedelta(days=int(code) - 1), today


def use_rows(lines: Iterable[UseLine]) -> tuple[Row, ...]:
    """Return the rows, keyed by their number in the use list."""
    return tuple(_row(line) for line in lines)


def _row(line: UseLine) -> Row:
    cells = (
        Cell(exact_moment(line.at)[:16]),
        Cell(line.party_name or line.party),
        Cell(line.unit_name or NO_UNIT, "" if line.unit_name else "muted"),
        Cell(line.purpose),
        Cell(line.reason, "muted"),
        Cell(line.operator, "muted"),
        Cell(ANSWERS.get(line.answer, line.answer), TONES.get(line.answer, "")),
    )
    return Row(line.use, cells)


def line_facts(line: UseLine) -> tuple[tuple[str, str], ...]:
    """Return a line in full, (name, words)."""
    # A refused request has the hub's own code, which says nothing about a certificate.
    told = () if line.answer == REFUSED else line.reasons
    why = "；".join(dict.fromkeys(reason_words(code).text for code in told))
    party = line.party_name or line.party
    said = ANSWERS.get(line.answer, line.answer)
    return (
        ("单位", f"{line.unit_name or NO_UNIT}　{line.uscc}".strip()),
        ("用证部门", f"{party}（{line.party_kind}）" if line.party_kind else party),
        ("用途", f"{line.purpose}　{FUNCTIONS.get(line.function, line.function)}".strip()),
        ("查验事由", line.reason or "（未写明）"),
        ("结论", f"{said}：{why}" if why else said),
        ("经办", f"{line.operator or '—'}　业务流水号 {line.serial or '—'}　编号 {line.use}"),
    )


def party_choices(lines: Iterable[UseLine]) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the departments in a list, "" first."""
    found = {line.party: line.party_name or line.party for line in lines}
    return (("", "全部部门"), *sorted(found.items(), key=lambda pair: pair[1]))


def count_words(found: UseList, shown: int, of: int) -> str:
    """Return what stands below the list: how many lines, and as of when the hub told them."""
    part = f"已显示 {shown} / {of} 条" if shown < of else f"共 {of} 条"
    all_of = "" if of == len(found.lines) else f"（所选日期共 {len(found.lines)} 条）"
    return f"{part}{all_of}　{found.first} 至 {found.last}　{moment(found.at)} 取自省级平台"


def chosen_words(unit_name: str, party_name: str, words: str) -> str:
    """Return on paper what the lines were narrowed by."""
    parts = (("单位", unit_name), ("用证部门", party_name), ("查找", words))
    return "；".join(f"{name}：{text}" for name, text in parts if text)


KINDS = {".csv": "表格 (*.csv)", ".pdf": "PDF (*.pdf)"}


def file_name(found: UseList, suffix: str) -> str:
    """Return the name that is proposed for a file; nothing personal in it."""
    return f"用证清单 {found.first} 至 {found.last}{suffix}"
