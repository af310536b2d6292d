"""A case folded: what people did to it, and how it stands with its certificate and its unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.records.model import Entry
from core.records.states import CaseState, CertificateState, Lifecycle, Scan, UnitState, changed


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
    return changed(
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
    return changed(state, printed={**state.printed, content: state.printed.get(content, 0) + copies})


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
    return changed(state, scans=(*state.scans, scan))


def _approved(state: CaseState, entry: Entry) -> CaseState:
    return changed(
        state,
        lifecycle=Lifecycle.APPROVED,
        approval=entry.hash,
        approver=entry.action.person,
        single=entry.action.kind == "case_approved_single",
        reasons=(),
        remark="",
    )


def _returned(state: CaseState, entry: Entry) -> CaseState:
    return changed(
        state,
        lifecycle=Lifecycle.RETURNED,
        reasons=tuple(entry.action.public["reasons"]),
        remark=(entry.private or {}).get("remark", ""),
        approval=None,
        approver=None,
    )


_CASE_STEPS: dict[str, Callable[[CaseState, Entry], CaseState]] = {
    "case_amended": _filed,
    "papers_checked": lambda s, e: changed(s, papers=e.action.public["items"]),
    "case_printed": _printed,
    "scan_attached": _scan,
    "case_submitted": lambda s, e: changed(s, lifecycle=Lifecycle.SUBMITTED),
    "case_approved": _approved,
    "case_approved_single": _approved,
    "case_returned": _returned,
    "case_withdrawn": lambda s, e: changed(s, lifecycle=Lifecycle.WITHDRAWN, approval=None),
    "submission_recalled": lambda s, e: changed(s, lifecycle=Lifecycle.FILED),
    "approval_undone": lambda s, e: changed(
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
        state = changed(state, version=state.version + 1, changed_at=entry.action.at, hands=hands)
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
        return changed(state, lifecycle=Lifecycle.ENDED)
    if certificate is not None and certificate.approval == state.approval:
        if not certificate.void:
            return changed(state, lifecycle=Lifecycle.CLAIMED)
        if certificate.reason == REPLACED:
            return changed(state, lifecycle=Lifecycle.ENDED)
    return state
