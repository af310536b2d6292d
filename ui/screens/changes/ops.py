"""What the page of changes asks of the services, as plain functions for the store's lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.forms.spec import Finding, FormSpec
from ui.dying_words import DyingView, dying_view
from ui.record_words import unit_mark
from ui.screens.changes.state import (
    PERIOD,
    RECLAIM,
    WAITING,
    ChangeView,
    ReachView,
    ReclaimView,
    change_rows,
    change_view,
    period_rows,
    period_view,
    reach_view,
    reclaim_rows,
    reclaim_view,
)
from ui.widgets.line_list import Line

if TYPE_CHECKING:
    from core.services.session import Session
    from core.sync.hub import Hub

MOST = 200


@dataclass(frozen=True)
class Page:
    """What the list shows, how many wait, and whether this person may file."""

    rows: tuple[Line, ...]
    counts: Mapping[str, int]
    may_file: bool


@dataclass(frozen=True)
class UnitFacts:
    """The unit a change is being filed for."""

    unit: str
    name: str
    uscc: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Looked:
    """What the rules and the preview say of a change that is being filled in."""

    findings: tuple[Finding, ...]
    dying: DyingView


def record_form() -> FormSpec:
    """Return the unit record's form."""
    from core.forms.registry import latest

    return latest("unit-record")


def year_of(session: Session) -> int:
    """Return the year it is in China."""
    from core.clock import china_date

    return china_date(session.now()).year


def page(session: Session, tab: str, query: str) -> Page:
    """Return the list of a tab, narrowed by words, and the counts of what waits."""
    from core.services import changes
    from core.services.periods import period_list

    year = year_of(session)
    waiting = changes.list_changes(session, ("filed",), limit=MOST)
    reclaims = changes.reclaim_list(session, limit=MOST)
    if tab == WAITING:
        rows = change_rows(changes.list_changes(session, ("filed",), query=query, limit=MOST), year)
    elif tab == RECLAIM:
        rows = reclaim_rows(changes.reclaim_list(session, query, MOST), year)
    elif tab == PERIOD:
        rows = period_rows(period_list(session, query, MOST))
    else:
        stages = ("approved", "returned", "withdrawn")
        rows = change_rows(changes.list_changes(session, stages, query=query, limit=MOST), year)
    with session.read() as uow:
        roles = {role.value for role in session.me(uow).roles}
    return Page(rows, {WAITING: len(waiting), RECLAIM: len(reclaims)}, "clerk" in roles)


def change(session: Session, change_id: str) -> ChangeView:
    """Return a change. Raises ``UserError('change_unknown')``."""
    from core.services.changes import change_detail

    return change_view(change_detail(session, change_id), record_form(), year_of(session))


def reclaim(session: Session, unit_id: str) -> ReclaimView | None:
    """Return a waiting unit, None when it waits no more."""
    from core.services.changes import reclaim_list

    line = next((each for each in reclaim_list(session, limit=MOST) if each.unit == unit_id), None)
    if line is None:
        return None
    with session.read() as uow:
        cases = uow.lists.cases_of_unit(unit_id)
    claimed = next((each.case for each in cases if each.lifecycle in ("claimed", "approved")), "")
    return reclaim_view(line, claimed, year_of(session))


def period(session: Session, unit_id: str) -> ReclaimView | None:
    """Return a unit to be renewed, None when it is not any more."""
    from core.services.periods import period_list

    lines = period_list(session, unit=unit_id)
    return period_view(lines[0]) if lines else None


def units(session: Session, query: str) -> tuple[Line, ...]:
    """Return units to choose from."""
    from core.services.units import find_units

    return tuple(
        Line(each.unit, each.name, each.uscc, *unit_mark(each.closed, each.open_case))
        for each in find_units(session, query, MOST)
    )


def unit(session: Session, unit_id: str) -> UnitFacts:
    """Return a unit to file a change for. Raises ``UserError('unit_unknown')``."""
    from core.services.units import get_unit

    state = get_unit(session, unit_id)
    return UnitFacts(state.id, state.values.get("name", ""), state.values.get("uscc", ""), dict(state.values))


def look(session: Session, unit_id: str, kind: str, typed: Mapping[str, str]) -> Looked:
    """Return what the rules say of the typed values, and what the change would end."""
    from core.services.changes import preview_filing
    from core.services.units import check_unit, get_unit

    values = {**get_unit(session, unit_id).values, **typed}
    findings = check_unit(session, values) if typed else ()
    return Looked(findings, dying_view(preview_filing(session, unit_id, kind, typed)))


def file(
    session: Session,
    unit_id: str,
    kind: str,
    typed: Mapping[str, str],
    basis: str,
    details: Mapping[str, str],
) -> str:
    """File a change; return its id. Raises ``UserError`` and ``Refusal`` as ``file_change`` does."""
    from core.services.changes import file_change

    return file_change(session, unit_id, kind, values=typed, basis=basis, details=details)


def offices(session: Session) -> tuple[tuple[str, str], ...]:
    """Return the offices a unit may be handed to, (code, name)."""
    from core.forms.divisions import offices as every

    with session.read() as uow:
        own = session.office_state(uow).code
    return tuple((each.code, each.registrar) for each in every() if each.code != own)


def reach(session: Session, hub: Hub, unit_id: str) -> ReachView | None:
    """Ask the hub how far the end of a unit's certificate has reached. Raises ``EnvironmentFault`` hub_*."""
    from core.services.hub_questions import reach_of_unit

    found = reach_of_unit(session, hub, unit_id)
    return None if found is None else reach_view(found, int(session.now().timestamp()))


def notice(session: Session, change_id: str, phone: str, offset_mm: tuple[float, float]) -> bytes:
    """Return the printed notice of voiding (失效告知书) as PDF."""
    from core.services.void_notice import void_notice

    return void_notice(session, change_id, phone, offset_mm).pdf
