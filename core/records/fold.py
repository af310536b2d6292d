"""Folds: a subject's state is computed from its effective actions, always whole, never stored alone.

Each fold reads what :func:`core.records.model.effective` returned. The judge
(:mod:`core.records.judge`) has already refused what may not happen; a fold only applies. Given the
``state`` that came of earlier entries, a fold goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from core.records.changes import DEREGISTERED, HANDED_OVER, face_changed
from core.records.model import Entry
from core.records.people import Device, OfficeState, Person, Role
from core.records.states import (
    CaseState,
    CertificateState,
    ChangeStage,
    ChangeState,
    ClaimState,
    Lifecycle,
    RefusalState,
    Scan,
    UnitState,
)

T = TypeVar("T")


def _with(state: T, **changes: Any) -> T:
    """Return ``dataclasses.replace``'s answer, much sooner: making a state checks and computes nothing."""
    changed = object.__new__(type(state))
    changed.__dict__.update(state.__dict__, **changes)
    return changed


# --- office -----------------------------------------------------------------------------------


def _person(data: dict[str, Any], name: str | None) -> Person:
    return Person(
        id=data["person"],
        roles=frozenset(Role(role) for role in data["roles"]),
        algorithm=data["algorithm"],
        public_key=bytes.fromhex(data["key"]),
        name=name,
    )


def _device(data: dict[str, Any]) -> Device:
    return Device(
        data["id"], data["algorithm"], bytes.fromhex(data["key"]), bytes.fromhex(data["exchange_key"])
    )


def _apply_office(state: OfficeState, entry: Entry) -> OfficeState:
    kind, public = entry.action.kind, entry.action.public
    people = dict(state.people)
    if kind == "person_added":
        people[public["person"]] = _person(dict(public), (entry.private or {}).get("name"))
    elif kind == "person_disabled":
        people[public["person"]] = replace(people[public["person"]], active=False)
    elif kind == "person_enabled":
        people[public["person"]] = replace(people[public["person"]], active=True)
    elif kind == "person_rekeyed":
        old = people[public["person"]]
        people[old.id] = replace(
            old,
            public_key=bytes.fromhex(public["key"]),
            algorithm=public["algorithm"],
            former_keys=(*old.former_keys, old.public_key),
        )
    elif kind == "person_roles_set":
        roles = frozenset(Role(role) for role in public["roles"])
        people[public["person"]] = replace(people[public["person"]], roles=roles)
    elif kind == "checklist_set":
        return replace(
            state,
            version=state.version + 1,
            checklists={**state.checklists, public["form"]: tuple(public["items"])},
        )
    elif kind == "device_added":
        device = _device(dict(public))
        return replace(state, version=state.version + 1, devices={**state.devices, device.id: device})
    return replace(state, version=state.version + 1, people=people)


def fold_office(entries: Iterable[Entry], state: OfficeState | None = None) -> OfficeState | None:
    """Fold the office subject: its name, devices, people and checklists."""
    for entry in entries:
        if state is None:
            public = entry.action.public
            founder = _person(dict(public["founder"]), (entry.private or {}).get("name"))
            device = _device(dict(public["device"]))
            state = OfficeState(
                id=entry.action.subject,
                code=public["code"],
                name=public["name"],
                level=public["level"],
                parent=public["parent"],
                rehearsal=entry.action.rehearsal,
                version=1,
                people={founder.id: founder},
                devices={device.id: device},
            )
        else:
            state = _apply_office(state, entry)
    return state


# --- unit -------------------------------------------------------------------------------------


def fold_unit(entries: Iterable[Entry], state: UnitState | None = None) -> UnitState | None:
    """Fold a unit: the newest values, and what changes of its life made of it."""
    for entry in entries:
        step = _UNIT_STEPS.get(entry.action.kind, _stated)
        made = _stated(None, entry) if state is None else step(state, entry)
        state = _with(made, version=1 if state is None else state.version + 1)
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
    return _with(state, values=entry.values(), representative_no=number, erased=erased)


def _new_era(state: UnitState, entry: Entry, **changes: Any) -> UnitState:
    """Whatever was issued or approved before is void from here on."""
    kind, at = entry.action.kind, entry.action.at
    case = entry.action.public.get("case", "")
    return _with(state, era=entry.hash, era_reason=kind, era_at=at, era_case=case, **changes)


def _details(state: UnitState, entry: Entry) -> UnitState:
    changed = _stated(state, entry)
    return _new_era(changed, entry) if face_changed(state.values, changed.values) else changed


def _handed_over(state: UnitState, entry: Entry) -> UnitState:
    target = entry.action.public["details"]
    return _new_era(state, entry, closed=HANDED_OVER, moved=dict(target))


_UNIT_STEPS: dict[str, Callable[[UnitState, Entry], UnitState]] = {
    "representative_changed": lambda s, e: _new_era(_stated(s, e), e),
    "unit_changed": _details,
    "manager_changed": lambda s, e: _new_era(s, e),
    "unit_suspended": lambda s, e: _with(s, suspended=e.action.public["details"]["reason"]),
    "unit_resumed": lambda s, e: _with(s, suspended=""),
    "unit_deregistered": lambda s, e: _new_era(s, e, closed=DEREGISTERED),
    "unit_handed_over": _handed_over,
    "loss_reported": lambda s, e: _with(s, lost=e.hash, lost_at=e.action.at),
}


# --- change -----------------------------------------------------------------------------------


def fold_change(entries: Iterable[Entry], state: ChangeState | None = None) -> ChangeState | None:
    """Fold a life-cycle change: filed, then withdrawn, returned or approved."""
    for entry in entries:
        at = entry.action.at
        made = _change_filed(entry) if state is None else _CHANGE_STEPS[entry.action.kind](state, entry)
        state = _with(made, version=1 if state is None else state.version + 1, changed_at=at)
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
    return _with(
        state,
        stage=ChangeStage.APPROVED,
        approval=entry.hash,
        approver=entry.action.person,
        single=entry.action.kind == "change_approved_single",
    )


def _change_ended(stage: ChangeStage) -> Callable[[ChangeState, Entry], ChangeState]:
    def step(state: ChangeState, entry: Entry) -> ChangeState:
        remark = (entry.private or {}).get("remark", "")
        return _with(state, stage=stage, reasons=tuple(entry.action.public.get("reasons", ())), remark=remark)

    return step


_CHANGE_STEPS: dict[str, Callable[[ChangeState, Entry], ChangeState]] = {
    "change_withdrawn": _change_ended(ChangeStage.WITHDRAWN),
    "change_returned": _change_ended(ChangeStage.RETURNED),
    "change_approved": _change_approved,
    "change_approved_single": _change_approved,
}


# --- case -------------------------------------------------------------------------------------


def _filed(state: CaseState | None, entry: Entry) -> CaseState:
    action, public = entry.action, entry.action.public
    form = public["form"]
    erased = entry.private is None and bool(action.commitments)
    if state is None:
        return CaseState(
            id=action.subject,
            office=action.office,
            unit=public["unit"],
            case_no=public["case_no"],
            form=form["id"],
            form_version=form["version"],
            form_digest=form["digest"],
            version=0,
            values=entry.values(),
            content=entry.hash,
            lifecycle=Lifecycle.FILED,
            filed_at=action.at,
            changed_at=action.at,
            era=public.get("era", ""),
            erased=erased,
        )
    return _with(
        state,
        form_version=form["version"],
        form_digest=form["digest"],
        values=entry.values(),
        content=entry.hash,
        lifecycle=Lifecycle.FILED,
        erased=erased,
    )


def _printed(state: CaseState, entry: Entry) -> CaseState:
    content, copies = entry.action.public["content"], int(entry.action.public["copies"])
    return _with(state, printed={**state.printed, content: state.printed.get(content, 0) + copies})


def _scan(state: CaseState, entry: Entry) -> CaseState:
    public = entry.action.public
    scan = Scan(
        id=public["scan"],
        role=public["role"],
        media_type=public["media_type"],
        pages=int(public["pages"]),
        content=public["content"],
        sha256=(entry.private or {}).get("sha256"),
    )
    return _with(state, scans=(*state.scans, scan))


def _approved(state: CaseState, entry: Entry) -> CaseState:
    return _with(
        state,
        lifecycle=Lifecycle.APPROVED,
        approval=entry.hash,
        approver=entry.action.person,
        single=entry.action.kind == "case_approved_single",
        reasons=(),
        remark="",
    )


def _returned(state: CaseState, entry: Entry) -> CaseState:
    return _with(
        state,
        lifecycle=Lifecycle.RETURNED,
        reasons=tuple(entry.action.public["reasons"]),
        remark=(entry.private or {}).get("remark", ""),
        approval=None,
        approver=None,
    )


_CASE_STEPS: dict[str, Callable[[CaseState, Entry], CaseState]] = {
    "case_amended": _filed,
    "papers_checked": lambda s, e: _with(s, papers=e.action.public["items"]),
    "case_printed": _printed,
    "scan_attached": _scan,
    "case_submitted": lambda s, e: _with(s, lifecycle=Lifecycle.SUBMITTED),
    "case_approved": _approved,
    "case_approved_single": _approved,
    "case_returned": _returned,
    "case_withdrawn": lambda s, e: _with(s, lifecycle=Lifecycle.WITHDRAWN, approval=None),
    "submission_recalled": lambda s, e: _with(s, lifecycle=Lifecycle.FILED),
    "approval_undone": lambda s, e: _with(
        s, lifecycle=Lifecycle.SUBMITTED, approval=None, approver=None, single=False
    ),
}

HANDS_ON = frozenset(
    {"case_filed", "case_amended", "papers_checked", "case_printed", "scan_attached", "case_submitted"}
)
"""Whoever did one of these had a hand in the case and cannot approve it."""


def fold_case(
    entries: Iterable[Entry],
    certificate: CertificateState | None = None,
    state: CaseState | None = None,
    unit: UnitState | None = None,
) -> CaseState | None:
    """Fold a case as it stands with its newest certificate and its unit (:func:`standing`)."""
    return standing(_fold_case(entries, state), certificate, unit)


def _fold_case(entries: Iterable[Entry], state: CaseState | None) -> CaseState | None:
    for entry in entries:
        state = _filed(None, entry) if state is None else _CASE_STEPS[entry.action.kind](state, entry)
        hands = state.hands | {entry.action.person} if entry.action.kind in HANDS_ON else state.hands
        state = _with(state, version=state.version + 1, changed_at=entry.action.at, hands=hands)
    return state


REPLACED = "replaced"
"""Why a certificate is void whose unit was issued a newer one."""


def standing(
    state: CaseState | None, certificate: CertificateState | None, unit: UnitState | None
) -> CaseState | None:
    """Return a folded case as it stands with its newest certificate and its unit.

    A certificate in force under its present approval makes it claimed. It has ended when its unit's record
    was closed, when the unit went into another era than it was filed in, or when another case's certificate
    took the place of its own; nothing is written for that.
    """
    if state is None or state.lifecycle is Lifecycle.WITHDRAWN:
        return state
    outlived = unit is not None and state.era != unit.era and state.id != unit.era_case
    if unit is not None and (unit.closed or outlived):
        return _with(state, lifecycle=Lifecycle.ENDED)
    if certificate is not None and certificate.approval == state.approval:
        if not certificate.void:
            return _with(state, lifecycle=Lifecycle.CLAIMED)
        if certificate.reason == REPLACED:
            return _with(state, lifecycle=Lifecycle.ENDED)
    return state


# --- claim and certificate --------------------------------------------------------------------


def fold_claim(entries: Iterable[Entry], state: ClaimState | None = None) -> ClaimState | None:
    """Fold a claim code: minted, perhaps voided."""
    for entry in entries:
        public = entry.action.public
        if state is None:
            state = ClaimState(
                id=entry.action.subject,
                office=entry.action.office,
                version=1,
                case=public["case"],
                approval=public["approval"],
                jti=public["jti"],
                purpose=public["purpose"],
                representative_no=public["representative_no"],
                issued_at=public["issued_at"],
                expires_at=public["expires_at"],
                device=entry.action.device,
                device_epoch=entry.action.device_epoch,
                seq=entry.action.seq,
            )
        else:
            state = replace(state, version=state.version + 1, voided=True)
    return state


def fold_certificate(
    entries: Iterable[Entry], state: CertificateState | None = None
) -> CertificateState | None:
    """Fold a certificate from the hub's own actions."""
    for entry in entries:
        public = entry.action.public
        if state is None:
            state = CertificateState(
                id=entry.action.subject,
                office=entry.action.office,
                version=1,
                case=public["case"],
                unit=public["unit"],
                jti=public["jti"],
                approval=public["approval"],
                representative_no=public["representative_no"],
                issued_at=public["issued_at"],
                expires_at=public["expires_at"],
                status_index=public["status_index"],
            )
        else:
            state = replace(_CERTIFICATE_STEPS[entry.action.kind](state), version=state.version + 1)
            state = replace(state, reason=public["reason"])
    return state


_CERTIFICATE_STEPS: dict[str, Callable[[CertificateState], CertificateState]] = {
    "certificate_voided": lambda s: replace(s, void=True, suspended=False),
    "certificate_suspended": lambda s: replace(s, suspended=True),
    "certificate_resumed": lambda s: replace(s, suspended=False),
}


# --- refusal ----------------------------------------------------------------------------------


def fold_refusal(entries: Iterable[Entry]) -> RefusalState | None:
    """Fold a settled refusal: one action, once."""
    for entry in entries:
        public = entry.action.public
        return RefusalState(
            id=entry.action.subject,
            office=entry.action.office,
            version=1,
            refused=tuple(public["refused"]),
            choice=public["choice"],
            redone=tuple(public["redone"]),
        )
    return None
