"""Rules of life-cycle changes: what may be filed, who approves, and that the effect is what was approved.

A change is stated in sight of one version of its unit and good for that version only. Its effect on the
unit is
an action of its own, made by whoever approved it and equal in content; nothing else changes a unit's life.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.errors import Refusal
from core.records.changes import (
    CHANGES,
    DETAILS,
    EFFECTS,
    FIXED_FIELDS,
    HANDOVER,
    LOSS,
    RENEWAL,
    REPRESENTATIVE,
    RESUMPTION,
    RESUMPTION_REASONS,
    SUSPENSION,
    SUSPENSION_REASONS,
    ChangeKind,
    renewal_opens,
    renewed_period,
)
from core.records.hearing import Hearing, Rule, Values
from core.records.rules_case import require_another_person
from core.records.rules_unit import open_unit, unit_values
from core.records.states import ChangeStage, ChangeState, Lifecycle, UnitState

# --- what a change says -------------------------------------------------------------------------


def _same_but(unit: UnitState, values: Values, *allowed: str) -> None:
    for name in sorted((unit.values.keys() | values.keys()) - set(allowed)):
        if unit.values.get(name, "") != values.get(name, ""):
            raise Refusal("change_other_field", field=name)


def _facts_only(unit: UnitState, values: Values) -> None:
    _same_but(unit, values, *((unit.values.keys() | values.keys()) - FIXED_FIELDS))


def _representative(hearing: Hearing, unit: UnitState, values: Values) -> None:
    """Another name; other facts may change with it."""
    if values.get("representative_name") == unit.values.get("representative_name"):
        raise Refusal("representative_same")
    _facts_only(unit, values)


def _registered_facts(hearing: Hearing, unit: UnitState, values: Values) -> None:
    """Something changes, and not the representative, who has an act of their own."""
    if values.get("representative_name") != unit.values.get("representative_name"):
        raise Refusal("representative_apart")
    _facts_only(unit, values)
    if dict(values) == dict(unit.values):
        raise Refusal("change_nothing")


def _renewal(hearing: Hearing, unit: UnitState, values: Values) -> None:
    """In the last 30 days of the period or after it: five years from its end, and nothing else."""
    _same_but(unit, values, "valid_from", "valid_to")
    end = unit.values.get("valid_to", "")
    if not end:
        raise Refusal("renewal_without_end")
    opens = renewal_opens(end)
    if hearing.as_of < opens:
        raise Refusal("renewal_too_early", opens=opens.isoformat())
    begin, later = renewed_period(end)
    if (values.get("valid_from"), values.get("valid_to")) != (begin, later):
        raise Refusal("renewal_period_wrong", valid_from=begin, valid_to=later)


def _reason(hearing: Hearing, known: tuple[str, ...]) -> None:
    if hearing.public["details"]["reason"] not in known:
        raise Refusal("reason_unknown", reasons=list(known))


def _suspension(hearing: Hearing, unit: UnitState, values: Values) -> None:
    _reason(hearing, SUSPENSION_REASONS)
    if unit.suspended:
        raise Refusal("unit_suspended")


def _resumption(hearing: Hearing, unit: UnitState, values: Values) -> None:
    _reason(hearing, RESUMPTION_REASONS)
    if not unit.suspended:
        raise Refusal("unit_not_suspended")


def _handover(hearing: Hearing, unit: UnitState, values: Values) -> None:
    if hearing.public["details"]["office"] == hearing.office.code:
        raise Refusal("handover_to_self")


def _loss(hearing: Hearing, unit: UnitState, values: Values) -> None:
    if hearing.public["details"]["identity_checked"] != "yes":
        raise Refusal("identity_unchecked")


_CONTENT: Mapping[str, Callable[[Hearing, UnitState, Values], None]] = {
    REPRESENTATIVE: _representative,
    DETAILS: _registered_facts,
    RENEWAL: _renewal,
    SUSPENSION: _suspension,
    RESUMPTION: _resumption,
    HANDOVER: _handover,
    LOSS: _loss,
}


def _content(hearing: Hearing, kind: ChangeKind, unit: UnitState) -> Values:
    """Check what a filing, or an effect, says; return the values it states."""
    values: Values = {}
    if kind.form:
        values = unit_values(hearing)
    elif hearing.action.commitments or hearing.public.get("values") or hearing.public.get("form"):
        raise Refusal("action_malformed", why="values")
    if kind.basis and not hearing.public["basis"].strip():
        raise Refusal("basis_missing")
    if hearing.public.get("details", {}).keys() != set(kind.details):
        raise Refusal("action_malformed", why="details")
    check = _CONTENT.get(kind.id)
    if check is not None:
        check(hearing, unit, values)
    return values


# --- the change itself --------------------------------------------------------------------------


def _change_filed(hearing: Hearing) -> None:
    kind = CHANGES.get(hearing.public["change"])
    if kind is None:
        raise Refusal("change_kind_unknown")
    unit = open_unit(hearing, hearing.public["unit"])
    if hearing.public["unit_version"] != unit.version:
        raise Refusal("change_stale")
    _content(hearing, kind, unit)


def _waiting(hearing: Hearing) -> ChangeState:
    change = hearing.world.change(hearing.action.subject)
    if change is None:
        raise Refusal("change_unknown")
    if change.stage is not ChangeStage.FILED:
        raise Refusal("change_wrong_stage", stage=change.stage.value)
    return change


def _change_withdrawn(hearing: Hearing) -> None:
    _waiting(hearing)


def _change_returned(hearing: Hearing) -> None:
    _waiting(hearing)
    if not hearing.public["reasons"]:
        raise Refusal("reason_missing")


def _approve(hearing: Hearing) -> ChangeState:
    change = _waiting(hearing)
    if hearing.public["content"] != change.content:
        raise Refusal("content_stale")
    if open_unit(hearing, change.unit).version != change.unit_version:
        raise Refusal("change_stale")
    return change


def _change_approved(hearing: Hearing) -> None:
    require_another_person(hearing, _approve(hearing).hands)


def _change_approved_single(hearing: Hearing) -> None:
    _approve(hearing)
    if not hearing.office.single_clerk:
        raise Refusal("self_approval")


# --- its effect ---------------------------------------------------------------------------------


def _effect(hearing: Hearing) -> UnitState:
    """The effect of an approved change: same unit and version, same approver, same content."""
    kind = EFFECTS[hearing.action.kind]
    unit = open_unit(hearing, hearing.action.subject)
    change = hearing.world.change(hearing.public["change"])
    if change is None or change.unit != unit.id or change.change != kind.id:
        raise Refusal("change_unknown")
    if change.stage is not ChangeStage.APPROVED or change.approver != hearing.action.person:
        raise Refusal("change_not_approved")
    if change.unit_version != unit.version:
        raise Refusal("change_stale")
    values = _content(hearing, kind, unit)
    said = (dict(values), hearing.public["basis"], hearing.public.get("details", {}))
    if said != (dict(change.values), change.basis, change.details):
        raise Refusal("change_differs")
    return unit


def _plain_effect(hearing: Hearing) -> None:
    _effect(hearing)


def _representative_changed(hearing: Hearing) -> None:
    """A new legal representative is one more than before (notice 二(三))."""
    unit = _effect(hearing)
    if hearing.public["representative_no"] != unit.representative_no + 1:
        raise Refusal("representative_no_wrong")


def _manager_changed(hearing: Hearing) -> None:
    """By a change, or by the approved attachment 3 that appoints the new manager (附件3)."""
    if not hearing.public["case"]:
        _effect(hearing)
        return
    unit = open_unit(hearing, hearing.action.subject)
    case = hearing.world.case(hearing.public["case"])
    if hearing.public["change"] or case is None or case.unit != unit.id:
        raise Refusal("case_unknown")
    if (case.form, case.values.get("reason")) != ("attachment-3", "manager_changed"):
        raise Refusal("change_not_approved")
    if case.lifecycle is not Lifecycle.APPROVED or case.approver != hearing.action.person:
        raise Refusal("change_not_approved")


RULES: Mapping[str, Rule] = {
    "change_filed": _change_filed,
    "change_withdrawn": _change_withdrawn,
    "change_returned": _change_returned,
    "change_approved": _change_approved,
    "change_approved_single": _change_approved_single,
    **{kind.effect: _plain_effect for kind in CHANGES.values()},
    "representative_changed": _representative_changed,
    "manager_changed": _manager_changed,
}
