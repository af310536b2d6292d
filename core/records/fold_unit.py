"""A unit and the changes of its life, folded: the newest values, and what each change made of the unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from core.records.changes import DEREGISTERED, HANDED_OVER, face_changed
from core.records.model import Entry
from core.records.states import ChangeStage, ChangeState, UnitState, changed

# --- unit -------------------------------------------------------------------------------------


def fold_unit(entries: Iterable[Entry], state: UnitState | None = None) -> UnitState | None:
    """Fold a unit: the newest values, and what changes of its life made of it."""
    for entry in entries:
        step = _UNIT_STEPS.get(entry.action.kind, _stated)
        made = _stated(None, entry) if state is None else step(state, entry)
        state = changed(made, version=1 if state is None else state.version + 1)
    return state


def _stated(state: UnitState | None, entry: Entry) -> UnitState:
    action, public = entry.action, entry.action.public
    erased = entry.private is None and bool(action.commitments)
    if state is None:
        return UnitState(
            id=action.subject,
            office=action.office,
            version=0,
            values=entry.values(),
            representative_no=int(public["representative_no"]),
            erased=erased,
            former=public.get("former", {}),
        )
    number = int(public.get("representative_no", state.representative_no))
    return changed(state, values=entry.values(), representative_no=number, erased=erased)


def _new_era(state: UnitState, entry: Entry, **changes: Any) -> UnitState:
    """Whatever was issued or approved before is void from here on."""
    kind, at = entry.action.kind, entry.action.at
    case = entry.action.public.get("case", "")
    return changed(state, era=entry.hash, era_reason=kind, era_at=at, era_case=case, **changes)


def _details(state: UnitState, entry: Entry) -> UnitState:
    made = _stated(state, entry)
    return _new_era(made, entry) if face_changed(state.values, made.values) else made


def _handed_over(state: UnitState, entry: Entry) -> UnitState:
    target = entry.action.public["details"]
    return _new_era(state, entry, closed=HANDED_OVER, moved=dict(target))


_UNIT_STEPS: dict[str, Callable[[UnitState, Entry], UnitState]] = {
    "representative_changed": lambda s, e: _new_era(_stated(s, e), e),
    "unit_changed": _details,
    "manager_changed": lambda s, e: _new_era(s, e),
    "unit_suspended": lambda s, e: changed(s, suspended=e.action.public["details"]["reason"]),
    "unit_resumed": lambda s, e: changed(s, suspended=""),
    "unit_deregistered": lambda s, e: _new_era(s, e, closed=DEREGISTERED),
    "unit_handed_over": _handed_over,
    "loss_reported": lambda s, e: changed(s, lost=e.hash, lost_at=e.action.at),
}


# --- change -----------------------------------------------------------------------------------


def fold_change(entries: Iterable[Entry], state: ChangeState | None = None) -> ChangeState | None:
    """Fold a life-cycle change: filed, then withdrawn, returned or approved."""
    for entry in entries:
        at = entry.action.at
        made = _change_filed(entry) if state is None else _CHANGE_STEPS[entry.action.kind](state, entry)
        state = changed(made, version=1 if state is None else state.version + 1, changed_at=at)
    return state


def _change_filed(entry: Entry) -> ChangeState:
    action, public = entry.action, entry.action.public
    return ChangeState(
        id=action.subject,
        office=action.office,
        unit=public["unit"],
        change=public["change"],
        version=0,
        unit_version=int(public["unit_version"]),
        values=entry.values(),
        basis=public["basis"],
        details=public["details"],
        content=entry.hash,
        stage=ChangeStage.FILED,
        filed_at=action.at,
        changed_at=action.at,
        hands=frozenset({action.person}),
        erased=entry.private is None and bool(action.commitments),
    )


def _change_approved(state: ChangeState, entry: Entry) -> ChangeState:
    return changed(
        state,
        stage=ChangeStage.APPROVED,
        approval=entry.hash,
        approver=entry.action.person,
        single=entry.action.kind == "change_approved_single",
    )


def _change_ended(stage: ChangeStage) -> Callable[[ChangeState, Entry], ChangeState]:
    def step(state: ChangeState, entry: Entry) -> ChangeState:
        remark = (entry.private or {}).get("remark", "")
        return changed(
            state, stage=stage, reasons=tuple(entry.action.public.get("reasons", ())), remark=remark
        )

    return step


_CHANGE_STEPS: dict[str, Callable[[ChangeState, Entry], ChangeState]] = {
    "change_withdrawn": _change_ended(ChangeStage.WITHDRAWN),
    "change_returned": _change_ended(ChangeStage.RETURNED),
    "change_approved": _change_approved,
    "change_approved_single": _change_approved,
}
