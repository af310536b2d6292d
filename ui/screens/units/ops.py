"""What the register page asks of the services, as plain functions for the store's lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.forms.kinds import KINDS
from core.forms.spec import Finding, FormSpec
from core.records.changes import HANDED_OVER
from ui.record_words import unit_mark
from ui.screens.units.state import NEW, CaseEntry, HistoryEntry, UnitFacts, changed_fields
from ui.widgets.line_list import Line

if TYPE_CHECKING:
    from core.services.delegations import Tree
    from core.services.session import Session

FORM = "unit-record"
MOST_LINES = 200


@dataclass(frozen=True)
class Checked:
    """What the rules say of typed values, and the unit that has this code already (id and name).

    ``moved``: that unit was handed over to another office, and this one comes without a hand-over code.
    """

    values: Mapping[str, str]
    findings: tuple[Finding, ...]
    twin: str = ""
    twin_name: str = ""
    moved: bool = False


@dataclass(frozen=True)
class Saved:
    """How saving went: the unit's id, or no id and what stands in the way."""

    unit: str
    checked: Checked


@dataclass(frozen=True)
class Unfinished:
    """A draft of a unit's entry."""

    draft: str
    unit: str
    values: Mapping[str, str]


def spec() -> FormSpec:
    """Return the unit record's form."""
    from core.forms.registry import latest

    return latest(FORM)


def find(session: Session, query: str) -> tuple[Line, ...]:
    """Return units by name fragment, pinyin initials or code; representatives covered."""
    from core.services.units import find_units

    mask = KINDS["person_name"].mask
    return tuple(
        Line(
            each.unit,
            each.name,
            f"{each.uscc}　{mask(each.representative)}",
            *unit_mark(each.closed, each.open_case, each.delivery),
        )
        for each in find_units(session, query, MOST_LINES)
    )


def load(session: Session, unit_id: str) -> UnitFacts:
    """Return a unit with cases and history. Raises ``UserError('unit_unknown')``."""
    from core.services.audit import audit_lines
    from core.services.units import check_unit, get_unit

    unit = get_unit(session, unit_id)
    with session.read() as uow:
        cases = uow.lists.cases_of_unit(unit_id)
        roles = {role.value for role in session.me(uow).roles}
    lines = audit_lines(session, unit_id)
    actions = [each.recorded.signed.action for each in lines]
    before = [each.public for each in actions[1:]]
    history = tuple(
        HistoryEntry(
            action.kind,
            line.who,
            action.at,
            action.public,
            changed_fields(action.public, before[place]) if place < len(before) else (),
            line.recorded.delivery.value,
        )
        for place, (action, line) in enumerate(zip(actions, lines, strict=True))
    )
    return UnitFacts(
        unit=unit.id,
        values=dict(unit.values),
        findings=() if unit.erased else check_unit(session, unit.values),
        cases=tuple(
            CaseEntry(each.case, each.case_no, each.form, each.lifecycle, each.changed_at) for each in cases
        ),
        history=history,
        open_case=next((c.case for c in cases if c.lifecycle not in ("withdrawn", "claimed", "ended")), ""),
        closed=unit.closed,
        may_write="clerk" in roles,
        erased=unit.erased,
    )


def delegates(session: Session, unit_id: str) -> tuple[Tree, ...]:
    """Return who may use a unit's certificates. Raises ``UserError('unit_unknown')``."""
    from core.services.delegations import tree_of_unit

    return tree_of_unit(session, unit_id)


def may_write(session: Session) -> bool:
    """Tell whether the person at the desk may enter and correct units."""
    with session.read() as uow:
        return "clerk" in {role.value for role in session.me(uow).roles}


def fresh_values(session: Session) -> dict[str, str]:
    """Return what a new entry already knows."""
    with session.read() as uow:
        office = session.office_state(uow)
    return {"office_name": office.name, "state": "active"}


def check(session: Session, unit_id: str, typed: Mapping[str, str], handover: str = "") -> Checked:
    """Return what the rules say, and whether another unit has this code; one that comes back is none."""
    from core.services.units import check_unit, unit_by_code

    code = typed.get("uscc", "")
    twin = unit_by_code(session, code) if len(code) == 18 else None
    findings = check_unit(session, typed)
    moved = twin is not None and twin.closed == HANDED_OVER
    if twin is None or twin.id == unit_id or (moved and handover.strip()):
        return Checked(dict(typed), findings)
    return Checked(dict(typed), findings, twin.id, twin.values.get("name", ""), moved)


def save(session: Session, unit_id: str, typed: Mapping[str, str], draft: str, handover: str = "") -> Saved:
    """Register (``unit_id`` empty) or correct a unit unless the rules object; forget its draft."""
    from core.forms.check import has_errors
    from core.services.applications import discard_draft
    from core.services.units import correct_unit, register_unit

    checked = check(session, unit_id, typed, handover)
    if has_errors(checked.findings) or checked.twin:
        return Saved("", checked)
    if unit_id == NEW:
        unit_id = register_unit(session, typed, handover)
    else:
        correct_unit(session, unit_id, typed)
    if draft:
        discard_draft(session, draft)
    return Saved(unit_id, checked)


def keep_draft(session: Session, draft: str, unit_id: str, values: Mapping[str, str]) -> str:
    """Keep half-typed values; return the draft's id."""
    from core.services.applications import save_draft

    return save_draft(session, draft, FORM, unit_id, values)


def drop_draft(session: Session, draft: str) -> None:
    """Forget a draft."""
    from core.services.applications import discard_draft

    discard_draft(session, draft)


def unfinished(session: Session) -> Unfinished | None:
    """Return the newest draft of a unit's entry."""
    return draft_of(session, "")


def draft_of(session: Session, draft_id: str) -> Unfinished | None:
    """Return one draft of a unit's entry, the newest if no id is given."""
    from core.services.applications import drafts

    kept = (each for each in drafts(session) if each.kind == FORM)
    found = next((each for each in kept if draft_id in ("", each.id)), None)
    return None if found is None else Unfinished(found.id, found.subject, dict(found.values))
