"""List queries: SQL does filter, order and paging; screens only show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    RowMapping,
    Select,
    TextClause,
    case,
    func,
    or_,
    select,
    text,
)

from core.records.changes import DEREGISTERED, DEREGISTRATION, HANDED_OVER, HANDOVER
from core.records.states import ChangeStage
from core.store import tables as t
from core.store.register import AS_ITS_PAGE
from core.words import fold, match_expression

PAGE = 200


@dataclass(frozen=True)
class UnitLine:
    """A line of the register: ``open_case`` is the id of an open case, if any.

    ``closed`` is how its record was closed (:mod:`core.records.changes`), empty while it goes on.
    """

    unit: str
    uscc: str
    name: str
    representative: str
    changed_at: str
    delivery: str
    open_case: str | None
    closed: str = ""


@dataclass(frozen=True)
class CaseLine:
    """A line of the case list (受理台账): lifecycle and delivery are two columns."""

    case: str
    case_no: str
    unit: str
    unit_name: str
    uscc: str
    form: str
    holder: str
    lifecycle: str
    delivery: str
    changed_at: str


@dataclass(frozen=True)
class ChangeLine:
    """A line of the list of life-cycle changes; ``kind`` and ``stage`` are codes."""

    change: str
    unit: str
    unit_name: str
    uscc: str
    kind: str
    stage: str
    filed_at: str
    changed_at: str
    delivery: str


@dataclass(frozen=True)
class ReclaimLine:
    """A unit whose certificate waits to be claimed again: why the former one ended, and since when.

    ``open_case`` is the application that is under way, if any.
    """

    unit: str
    unit_name: str
    uscc: str
    reason: str
    since: str
    open_case: str | None


_STATED_ENDS = text(
    "SELECT subject, json_extract(body, '$.public.values.valid_to') AS ends, max(position) FROM action"
    " WHERE subject_kind = 'unit' AND json_type(body, '$.public.values') = 'object'"
    " AND hash NOT IN (SELECT hash FROM receipt WHERE verdict = 'rejected') GROUP BY subject"
)


def _range(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Prefix test that uses the index (LIKE folds case and does not)."""
    return (column >= prefix) & (column < prefix + "\U0010ffff")


def _delivery() -> Label[str]:
    """A unit's delivery: its own, or that of the page it stands on."""
    fill = t.register_fill
    page = select(fill.c.delivery).where(fill.c.first <= t.unit_row.c.rowid)
    of_page = page.order_by(fill.c.first.desc()).limit(1).scalar_subquery()
    said = t.unit_row.c.delivery
    return case((said == AS_ITS_PAGE, of_page), else_=said).label("delivery")


def _open_case() -> Label[Any]:
    """The id of a unit's open case, if any."""
    return (
        select(t.case_row.c.case)
        .where(t.case_row.c.unit == t.unit_row.c.unit)
        .where(t.case_row.c.lifecycle.in_(["filed", "submitted", "returned", "approved"]))
        .order_by(t.case_row.c.case_no.desc(), t.case_row.c.case)
        .limit(1)
        .scalar_subquery()
        .label("open_case")
    )


def _closed() -> Label[str]:
    """How a unit's record was closed, empty while it goes on: told by the approved change that closed it."""
    row = t.change_row
    ended = select(case((row.c.kind == HANDOVER, HANDED_OVER), else_=DEREGISTERED))
    ended = ended.where(row.c.unit == t.unit_row.c.unit, row.c.stage == ChangeStage.APPROVED.value)
    ended = ended.where(row.c.kind.in_([HANDOVER, DEREGISTRATION])).limit(1)
    return func.coalesce(ended.scalar_subquery(), "").label("closed")


def _without_words(query: str) -> ColumnElement[bool]:
    """Units of a page that was just listed and has no words yet: found by pieces of the name, slowly."""
    row, fill = t.unit_row.alias("waiting"), t.register_fill
    place = row.c.rowid.between(fill.c.first + fill.c.words, fill.c.first + fill.c.count - 1)
    named = [func.instr(row.c.name, part) > 0 for part in query.split()]
    waiting = select(row.c.rowid).join(fill, place).where(fill.c.words < fill.c.count, *named)
    return t.unit_row.c.rowid.in_(waiting)


def unit_matches(query: str) -> ColumnElement[bool] | None:
    """Return the condition for a typed query: name fragment, pinyin initials or credit code."""
    wanted = fold(query)
    if not wanted:
        return None
    conditions: list[ColumnElement[bool] | TextClause] = []
    if wanted.isascii():
        upper, lower = wanted.upper(), wanted.lower()
        conditions.append(_range(t.unit_row.c.uscc, upper))
        initials = select(t.unit_initials.c.rowid_of).where(_range(t.unit_initials.c.initials, lower))
        conditions.append(t.unit_row.c.rowid.in_(initials))
    match = match_expression(query)
    if match is not None:
        found = text("unit_row.rowid IN (SELECT rowid FROM unit_search WHERE unit_search MATCH :match)")
        conditions.append(found.bindparams(match=match))
        conditions.append(_without_words(query))
    return or_(*conditions)


class Lists:
    """Queries on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def units(self, query: str = "", limit: int = PAGE) -> list[UnitLine]:
        """Find units, by name, all when nothing is typed; of one name, closed records come last."""
        own = [column for column in t.unit_row.columns if column.name not in ("rowid", "delivery")]
        closed = _closed()
        statement = select(*own, _delivery(), _open_case(), closed).order_by(t.unit_row.c.name, closed != "")
        condition = unit_matches(query)
        if condition is not None:
            statement = statement.where(condition)
        statement = statement.order_by(t.unit_row.c.unit).limit(limit)
        return [_unit_line(row._mapping) for row in self._connection.execute(statement)]

    def cases(
        self,
        query: str = "",
        lifecycles: tuple[str, ...] = (),
        limit: int = PAGE,
        offset: int = 0,
    ) -> list[CaseLine]:
        """Find cases by unit, case number or holder; newest change first."""
        statement = (
            select(t.case_row, t.unit_row.c.name.label("unit_name"), t.unit_row.c.uscc.label("uscc"))
            .join(t.unit_row, t.unit_row.c.unit == t.case_row.c.unit)
            .order_by(t.case_row.c.changed_at.desc(), t.case_row.c.case)
            .limit(limit)
            .offset(offset)
        )
        statement = self._narrow(statement, query, lifecycles)
        return [_case_line(row._mapping) for row in self._connection.execute(statement)]

    def _narrow(self, statement: Select[Any], query: str, lifecycles: tuple[str, ...]) -> Select[Any]:
        if lifecycles:
            statement = statement.where(t.case_row.c.lifecycle.in_(lifecycles))
        wanted = query.strip()
        if wanted:
            by_unit = unit_matches(query)
            own = (t.case_row.c.case_no.contains(wanted.upper(), autoescape=True)) | (
                t.case_row.c.holder.contains(wanted, autoescape=True)
            )
            statement = statement.where(own if by_unit is None else or_(by_unit, own))
        return statement

    def count_cases(self, query: str = "") -> dict[str, int]:
        """Return how many cases stand in each lifecycle, of those that ``query`` finds."""
        statement = (
            select(t.case_row.c.lifecycle, func.count())
            .join(t.unit_row, t.unit_row.c.unit == t.case_row.c.unit)
            .group_by(t.case_row.c.lifecycle)
        )
        found = self._connection.execute(self._narrow(statement, query, ()))
        return {str(row[0]): int(row[1]) for row in found}

    def cases_of_unit(self, unit_id: str) -> list[CaseLine]:
        """Return all cases of a unit, newest first."""
        statement = (
            select(t.case_row, t.unit_row.c.name.label("unit_name"), t.unit_row.c.uscc.label("uscc"))
            .join(t.unit_row, t.unit_row.c.unit == t.case_row.c.unit)
            .where(t.case_row.c.unit == unit_id)
            .order_by(t.case_row.c.changed_at.desc())
        )
        return [_case_line(row._mapping) for row in self._connection.execute(statement)]

    def changes(
        self, stages: tuple[str, ...] = (), unit: str = "", query: str = "", limit: int = PAGE
    ) -> list[ChangeLine]:
        """Return life-cycle changes, newest first."""
        row, its = t.change_row, t.unit_row
        statement = (
            select(row, its.c.name.label("unit_name"), its.c.uscc.label("uscc"))
            .join(its, its.c.unit == row.c.unit)
            .order_by(row.c.changed_at.desc(), row.c.change)
            .limit(limit)
        )
        if stages:
            statement = statement.where(row.c.stage.in_(stages))
        if unit:
            statement = statement.where(row.c.unit == unit)
        found = unit_matches(query)
        if found is not None:
            statement = statement.where(found)
        names = ("change", "unit", "unit_name", "uscc", "kind", "stage", "filed_at", "changed_at", "delivery")
        rows = self._connection.execute(statement)
        return [ChangeLine(*(str(each._mapping[name]) for name in names)) for each in rows]

    def reclaims(self, query: str = "", limit: int = PAGE) -> list[ReclaimLine]:
        """Return units that wait to claim again, longest waiting first."""
        row, its = t.reclaim_row, t.unit_row
        statement = (
            select(row, its.c.name.label("unit_name"), its.c.uscc.label("uscc"), _open_case())
            .select_from(row.join(its, its.c.unit == row.c.unit))
            .order_by(row.c.since, row.c.unit)
            .limit(limit)
        )
        found = unit_matches(query)
        if found is not None:
            statement = statement.where(found)
        return [
            ReclaimLine(each.unit, each.unit_name, each.uscc, each.reason, each.since, each.open_case or None)
            for each in self._connection.execute(statement)
        ]

    def stated_ends(self, listed: dict[str, str]) -> dict[str, str]:
        """Return each unit's end of period by what was last stated of it: ``listed`` on a page, or since."""
        rows = self._connection.execute(_STATED_ENDS)
        return listed | {str(row.subject): str(row.ends or "") for row in rows}

    def case_id(self, number_or_id: str) -> str | None:
        """Return the case with this id or case number."""
        query = select(t.case_row.c.case).where(
            or_(t.case_row.c.case == number_or_id, t.case_row.c.case_no == number_or_id)
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else str(found)


def _unit_line(row: RowMapping) -> UnitLine:
    open_case = row["open_case"]
    return UnitLine(
        unit=row["unit"],
        uscc=row["uscc"],
        name=row["name"],
        representative=row["representative"],
        changed_at=row["changed_at"],
        delivery=row["delivery"],
        open_case=None if open_case is None else str(open_case),
        closed=row["closed"],
    )


def _case_line(row: RowMapping) -> CaseLine:
    names = (
        "case",
        "case_no",
        "unit",
        "unit_name",
        "uscc",
        "form",
        "holder",
        "lifecycle",
        "delivery",
        "changed_at",
    )
    return CaseLine(*(str(row[name]) for name in names))
