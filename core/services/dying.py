"""What a change will end, told before anybody confirms it: certificates, managers, users, codes, cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.records.changes import (
    DEREGISTRATION,
    DETAILS,
    EFFECTS,
    HANDOVER,
    LOSS,
    MANAGER,
    REPRESENTATIVE,
    RESUMPTION,
    SUSPENSION,
    voids,
)
from core.records.delegations import LAPSE, fold_delegation
from core.records.fold_unit import fold_unit
from core.records.states import (
    CaseState,
    CertificateState,
    ChangeState,
    ClaimState,
    DelegationState,
    UnitState,
)
from core.store.lists import CaseLine
from core.store.unit_of_work import UnitOfWork
from core.sync.desk import on_manager_change

UNHEARD = "unheard"
OPEN = ("filed", "submitted", "returned", "approved")


@dataclass(frozen=True)
class DyingCertificate:
    """A certificate in force (or suspended) and who manages it; the name is shown masked."""

    certificate: CertificateState
    case_no: str
    manager: str


@dataclass(frozen=True)
class Dying:
    """What ends with a change; all empty: nothing does.

    ``voids``: for good. ``suspends`` and ``resumes``: the certificates listed are suspended, or stand again.
    ``cases`` are those that end. ``delegations`` are the managers and users below the certificates, who end
    or are suspended with them; this desk knows of those that have come down the feed. ``afterwards`` is what
    becomes of them once a new certificate follows: ``lapse``, ``renew`` (the same people are authorised
    afresh and claim anew), or :data:`UNHEARD` where the hub has not said; empty where nothing follows.
    """

    voids: bool = False
    suspends: bool = False
    resumes: bool = False
    certificates: tuple[DyingCertificate, ...] = ()
    delegations: tuple[DelegationState, ...] = ()
    claims: tuple[ClaimState, ...] = ()
    cases: tuple[CaseLine, ...] = ()
    afterwards: str = ""

    @property
    def nothing(self) -> bool:
        """Whether nothing that was granted ends."""
        return not (self.certificates or self.claims or self.cases)


def manager_of(case: CaseState) -> str:
    """Return the name of a case's first responsible manager (第一管理责任人)."""
    appointed = case.values.get("other_manager") == "yes" or case.form == "attachment-3"
    return case.values.get("manager_name" if appointed else "representative_name", "")


def dying(
    uow: UnitOfWork, unit: UnitState, kind: str, values: Mapping[str, str] | None = None, case: str = ""
) -> Dying:
    """Return what a change of ``kind`` ends as things stand; ``values`` are the unit's as they will be.

    ``case`` is one that does not end: the attachment 3 that causes the change.
    """
    held = [each for each in uow.projection.certificates_of_unit(unit.id) if not each.void]
    found = [(each, uow.projection.case(each.case)) for each in held]
    certificates = tuple(
        DyingCertificate(each, its.case_no, manager_of(its)) for each, its in found if its is not None
    )
    if kind in (SUSPENSION, RESUMPTION):
        affected = tuple(each for each in certificates if each.certificate.suspended == (kind == RESUMPTION))
        below = _below(uow, unit, kind == RESUMPTION)
        return Dying(
            suspends=kind == SUSPENSION,
            resumes=kind == RESUMPTION,
            certificates=affected,
            delegations=below,
        )
    if not voids(kind, unit.values, values or {}):
        return Dying()
    lines = [line for line in uow.lists.cases_of_unit(unit.id) if line.case != case]
    claims = [
        claim for line in lines for claim in uow.projection.claims_of(line.case) if _live(uow, line, claim)
    ]
    ends = () if kind == LOSS else tuple(line for line in lines if line.lifecycle in OPEN)
    below = _below(uow, unit)
    after = _afterwards(uow, kind) if below else ""
    return Dying(True, False, False, certificates, below, tuple(claims), ends, after)


def _afterwards(uow: UnitOfWork, kind: str) -> str:
    """Return what becomes of delegations: below another legal representative they never come back."""
    if kind == REPRESENTATIVE:
        return LAPSE
    return on_manager_change(uow) or UNHEARD if kind in (MANAGER, DETAILS, LOSS) else ""


def has_voided(uow: UnitOfWork, change: ChangeState) -> bool:
    """Tell whether an approved change ended what was issued before it; before its approval it has not."""
    return change.approval is not None and voids(change.change, before(uow, change), change.values)


def before(uow: UnitOfWork, change: ChangeState) -> Mapping[str, str]:
    """Return the unit's values in sight of which a change was made."""
    state = fold_unit(uow.ledger.entries("unit", change.unit)[: change.unit_version])
    return state.values if state else {}


def ended_by(uow: UnitOfWork, change: ChangeState) -> list[CertificateState]:
    """Return the certificates that an approved change ended, newest first, heard of from the hub or not yet.

    Those are what was issued since the change before that ended any, except what ended otherwise meanwhile.
    The hub's own moments of voiding are no measure: its clock is not this desk's.
    """
    since, state = "", None
    for entry in uow.ledger.entries("unit", change.unit):
        if entry.action.public.get("change") == change.id:
            break
        made = fold_unit([entry], state)
        if made and state and (made.era, made.lost) != (state.era, state.lost):
            since = entry.action.at
        state = made
    return [
        each
        for each in uow.projection.certificates_of_unit(change.unit)
        if since <= each.issued_at < change.changed_at and (not each.void or each.reason in EFFECTS)
    ]


def _below(uow: UnitOfWork, unit: UnitState, suspended: bool | None = None) -> tuple[DelegationState, ...]:
    entries = (uow.ledger.entries("delegation", each) for each in uow.ledger.delegations_below(unit.id))
    folded = (fold_delegation(each) for each in entries)
    standing = [each for each in folded if each is not None and not each.ended]
    return tuple(each for each in standing if suspended is None or each.suspended == suspended)


def _live(uow: UnitOfWork, line: CaseLine, claim: ClaimState) -> bool:
    certificate = uow.projection.certificate_of(line.case)
    return not claim.voided and (certificate is None or certificate.jti != claim.jti)


CLOSING = frozenset({DEREGISTRATION, HANDOVER})
"""Changes after which nothing may be filed for the unit any more."""
