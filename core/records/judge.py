"""The judge: may this action happen? The same pure rules at the desk and again at the hub.

The desk asks before it appends, so that a clerk hears at once; the hub asks before it accepts, and
only the hub's verdict counts (architecture.md, "One idea"). Nothing here reads a clock or a store:
the state of the world comes through :class:`World`, the day through ``as_of``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from core.errors import Refusal, UserError
from core.records import (
    rules_case,
    rules_change,
    rules_claim,
    rules_office,
    rules_refusal,
    rules_register,
    rules_unit,
)
from core.records.fold_office import fold_office
from core.records.hearing import Hearing, Rule, Values, World
from core.records.kinds import KINDS, ActionKind
from core.records.model import Action, Entry
from core.records.payload import check_payload
from core.records.people import OfficeState, Person
from core.records.rules_case import papers_still_missing
from core.records.rules_claim import CLAIM_SECONDS, FIRST_CLAIM, REPLACEMENT, REPRESENTATIVE_CHANGE
from core.records.rules_register import OpenPage

__all__ = [
    "CLAIM_SECONDS",
    "FIRST_CLAIM",
    "REPLACEMENT",
    "REPRESENTATIVE_CHANGE",
    "Values",
    "World",
    "judge",
    "papers_still_missing",
]

_RULES: Mapping[str, Rule] = {
    **rules_office.RULES,
    **rules_unit.RULES,
    **rules_case.RULES,
    **rules_claim.RULES,
    **rules_refusal.RULES,
    **rules_register.RULES,
    **rules_change.RULES,
}


def judge(action: Action, private: Values, world: World, as_of: date, page: OpenPage | None = None) -> None:
    """Let an action pass or raise :class:`Refusal` with the code of the rule it breaks.

    ``private`` are its personal values in clear (already checked against the commitments);
    ``as_of`` is the day, in China, on which the thing was done; ``page`` are a register page's records.
    """
    kind = KINDS.get(action.kind)
    if kind is None or kind.subject_kind != action.subject_kind:
        raise Refusal("action_unknown", kind=action.kind)
    if not kind.roles:
        raise Refusal("action_hub_only", kind=action.kind)
    if not kind.series and kind.first != (action.base_version == 0):
        raise Refusal("action_out_of_order", kind=action.kind)
    _fields(action, kind)
    office = _founding(action) if action.kind == "office_founded" else world.office()
    if office is None:
        raise Refusal("office_unknown")
    if office.id != action.office or office.rehearsal != action.rehearsal:
        raise Refusal("office_foreign")
    _role(action, kind, office)
    unsettled = () if action.subject_kind == "refusal" else world.refused_before(action)
    if unsettled:
        raise Refusal("refusal_unsettled", refused=list(unsettled))
    try:
        _RULES[action.kind](Hearing(action, private, world, office, as_of, page))
    except Refusal:
        raise
    except UserError as fault:
        raise Refusal(fault.code, **fault.params) from fault
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as fault:
        raise Refusal("action_malformed", why="payload") from fault


def _fields(action: Action, kind: ActionKind) -> None:
    more = action.public.keys() - kind.public.keys()
    if not action.public.keys() >= kind.public.keys() or not more <= kind.public_optional.keys():
        raise Refusal("action_malformed", why="public")
    for name, value in action.public.items():
        if type(value) is not (kind.public.get(name) or kind.public_optional[name]):
            raise Refusal("action_malformed", why="type")
    check_payload(kind.id, action.public)
    if kind.form:
        return
    given = set(action.commitments)
    if not kind.personal <= given or not given <= kind.personal | kind.optional:
        raise Refusal("action_malformed", why="personal")


def _founding(action: Action) -> OfficeState:
    try:
        state = fold_office([Entry(action, action.hash(), {})])
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        raise Refusal("action_malformed", why="founding") from fault
    assert state is not None
    return state


def _role(action: Action, kind: ActionKind, office: OfficeState) -> Person:
    person = office.person(action.person)
    if person is None or not person.active:
        raise Refusal("person_unknown")
    if not person.roles & kind.roles:
        raise Refusal("role_missing", kind=action.kind, roles=sorted(kind.roles))
    return person
