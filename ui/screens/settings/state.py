"""The settings' own small sums: checklist rows, offsets in millimetres, people as lines. No Qt in here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.forms.papers import PaperItem
from ui.roles import role_words

if TYPE_CHECKING:
    from core.services.people import Member

OWN_SOURCE = "本机关增加"
LARGEST_OFFSET = 30.0


@dataclass(frozen=True)
class PaperRow:
    """One line of the checklist as edited; ``base`` is the item it came from, None for a new one."""

    label: str
    original: bool
    copy: bool
    required: bool
    base: PaperItem | None = None


def rows_of(items: Sequence[PaperItem]) -> tuple[PaperRow, ...]:
    """Return a checklist as rows to edit."""
    return tuple(PaperRow(item.label, item.original, item.copy, item.required, item) for item in items)


def rows_problem(rows: Sequence[PaperRow]) -> str:
    """Return what is wrong with the rows, or empty."""
    if not rows:
        return "清单不能为空，请至少保留一项。"
    for number, row in enumerate(rows, 1):
        if not row.label.strip():
            return f"第 {number} 项没有名称，请填写或移除。"
        if not (row.original or row.copy):
            return f"第 {number} 项既不看原件也不收复印件，请至少勾选一项。"
    return ""


def items_of(rows: Sequence[PaperRow]) -> tuple[PaperItem, ...]:
    """Return rows as a checklist: known items keep id, source and conditions, new ones get an id."""
    taken = {row.base.id for row in rows if row.base is not None}
    made: list[PaperItem] = []
    for row in rows:
        words = {"label": row.label.strip(), "original": row.original, "copy": row.copy}
        if row.base is not None:
            made.append(replace(row.base, required=row.required, **words))  # type: ignore[arg-type]
            continue
        number = 1
        while f"office_{number}" in taken:
            number += 1
        taken.add(f"office_{number}")
        made.append(
            PaperItem(f"office_{number}", row.label.strip(), OWN_SOURCE, row.original, row.copy, row.required)
        )
    return tuple(made)


def moved(rows: Sequence[PaperRow], at: int, by: int) -> tuple[PaperRow, ...]:
    """Return the rows with one of them moved; unchanged where it cannot."""
    to = at + by
    if not (0 <= at < len(rows) and 0 <= to < len(rows)):
        return tuple(rows)
    changed = list(rows)
    changed.insert(to, changed.pop(at))
    return tuple(changed)


def read_offset(text: str) -> float | None:
    """Read millimetres with one decimal as typed (“-1.5”, “１．５毫米”), None when it is no such number."""
    import unicodedata

    plain = unicodedata.normalize("NFKC", text).replace("毫米", "").replace("mm", "").strip()
    plain = plain.replace("−", "-")
    try:
        value = round(float(plain or "0"), 1)
    except ValueError:
        return None
    return value if abs(value) <= LARGEST_OFFSET else None


@dataclass(frozen=True)
class MemberLine:
    """A person as the table shows them."""

    id: str
    login: str
    name: str
    roles: tuple[str, ...]
    active: bool

    def cells(self) -> tuple[str, str, str, str]:
        """Return the texts of the row."""
        return self.login, self.name or "—", role_words(self.roles), "在用" if self.active else "已停用"


def member_line(member: Member) -> MemberLine:
    """Return a member as a line."""
    person = member.person
    roles = tuple(sorted(str(role) for role in person.roles))
    return MemberLine(person.id, member.login, person.name or "", roles, person.active)
