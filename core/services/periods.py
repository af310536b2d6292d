"""Units whose period ends within 30 days, or has ended (即将到期、已过期): what a clerk has to renew.

Computed when the list is asked for, never stored: the day changes it, and no action does. Candidates come
from what was last stated of each unit; each of them is then folded, so that what is listed is what stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import china_date
from core.records.changes import RENEWAL, period_over, renewal_opens
from core.services.session import Session
from core.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class PeriodLine:
    """A unit to be renewed. ``over``: its last day, ``valid_to``, is past.

    ``renewal`` is the id of a renewal that waits for its approval, empty if none does.
    """

    unit: str
    unit_name: str
    uscc: str
    valid_to: str
    over: bool
    renewal: str


def period_list(session: Session, query: str = "", limit: int = 200, unit: str = "") -> list[PeriodLine]:
    """Return the open units whose renewal may be filed today, the first to end first; or ``unit`` alone."""
    today = china_date(session.now())
    with session.read() as uow:
        filed = uow.lists.changes(("filed",), unit, limit=10_000)
        waiting = {change.unit: change.change for change in filed if change.kind == RENEWAL}
        found = []
        for each in [unit] if unit else _candidates(uow, today.isoformat(), query):
            state = uow.projection.unit(each)
            if state is None or not state.open:
                continue
            values = state.values
            if _opens(values.get("valid_to", "")) <= today.isoformat():
                name, code = values.get("name", ""), values.get("uscc", "")
                over, renewal = period_over(values, today), waiting.get(each, "")
                found.append(PeriodLine(each, name, code, values["valid_to"], over, renewal))
                if len(found) == limit:
                    break
    return found


def _candidates(uow: UnitOfWork, today: str, query: str) -> list[str]:
    """Return units whose period may be renewed by what was last stated, the first to end first."""
    stated = uow.lists.stated_ends(dict(uow.ledger.pages.column("valid_to")))
    opened = [(ends, unit) for unit, ends in stated.items() if _opens(ends) <= today]
    if query.strip():
        named = {line.unit for line in uow.lists.units(query, len(stated) + 1)}
        opened = [each for each in opened if each[1] in named]
    return [unit for _, unit in sorted(opened)]


def _opens(ends: str) -> str:
    try:
        return renewal_opens(ends).isoformat()
    except ValueError:  # 长期, or nothing: there is no end to renew
        return "9999-12-31"
