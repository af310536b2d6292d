"""Folds: a subject's state is computed from its effective actions, always whole, never stored alone.

Each fold reads what :func:`core.records.model.effective` returned. The judge
(:mod:`core.records.judge`) has already refused what may not happen; a fold only applies. Given the
``state`` that came of earlier entries, a fold goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from core.records.model import Entry
from core.records.people import Device, OfficeState, Person, Role
from core.records.states import (
    CaseState,
    CertificateState,
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
    """Fold a unit: the newest registered or corrected values."""
    for entry in entries:
        state = UnitState(
            id=entry.action.subject,
            office=entry.action.office,
            version=1 if state is None else state.version + 1,
            values=entry.values(),
            representative_no=int(entry.action.public["representative_no"]),
            erased=entry.private is None and bool(entry.action.commitments),
        )
    return state


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
    entries: Iterable[Entry], certificate: CertificateState | None = None, state: CaseState | None = None
) -> CaseState | None:
    """Fold a case. A certificate issued under its present approval makes it claimed."""
    return claimed(_fold_case(entries, state), certificate)


def _fold_case(entries: Iterable[Entry], state: CaseState | None) -> CaseState | None:
    for entry in entries:
        state = _filed(None, entry) if state is None else _CASE_STEPS[entry.action.kind](state, entry)
        hands = state.hands | {entry.action.person} if entry.action.kind in HANDS_ON else state.hands
        state = _with(state, version=state.version + 1, changed_at=entry.action.at, hands=hands)
    return state


def claimed(state: CaseState | None, certificate: CertificateState | None) -> CaseState | None:
    """Return a folded case as it stands with its newest certificate."""
    if state and certificate and certificate.approval == state.approval and not certificate.void:
        return _with(state, lifecycle=Lifecycle.CLAIMED)
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
