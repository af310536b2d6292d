"""Rules of claim codes: what may be minted for which case, and what may be voided."""

from __future__ import annotations

from collections.abc import Mapping

from core.clock import from_stamp
from core.errors import Refusal
from core.records.changes import period_over
from core.records.hearing import Hearing, Rule
from core.records.rules_case import require_representative_changed
from core.records.rules_unit import unit_of
from core.records.states import CaseState, CertificateState, Lifecycle, UnitState

FIRST_CLAIM, REPLACEMENT, REPRESENTATIVE_CHANGE = 1, 2, 3
"""Purposes of a claim code (claim.md §6)."""

CLAIM_SECONDS = 600


def _claim_minted(hearing: Hearing) -> None:
    public = hearing.public
    case = hearing.world.case(public["case"])
    if case is None:
        raise Refusal("case_unknown")
    if case.lifecycle not in (Lifecycle.APPROVED, Lifecycle.CLAIMED):
        raise Refusal("case_wrong_state", lifecycle=case.lifecycle.value)
    if public["approval"] != case.approval:
        raise Refusal("content_stale")
    if public["purpose"] not in (first_purpose(case.form), REPLACEMENT):
        raise Refusal("claim_purpose_wrong")
    unit = unit_of(hearing, case.unit)
    _claimable(hearing, case, unit)
    if public["purpose"] != REPLACEMENT and _minted_too_late(hearing, case):
        raise Refusal("already_claimed")
    if public["representative_no"] != unit.representative_no:
        raise Refusal("representative_no_wrong")
    if public["expires_at"] - public["issued_at"] != CLAIM_SECONDS:
        raise Refusal("claim_lifetime_wrong")


def first_purpose(form: str) -> int:
    """Return the purpose of a case's first code: attachment 3 follows a change (附件3)."""
    return REPRESENTATIVE_CHANGE if form == "attachment-3" else FIRST_CLAIM


def purpose_of(case: CaseState, certificate: CertificateState | None) -> int:
    """Return what the next code of a case is for: a replacement once a certificate was issued for it.

    That certificate may be void by now: so it is after a lost phone, which needs no new application.
    """
    issued = certificate is not None and certificate.approval == case.approval
    return REPLACEMENT if issued else first_purpose(case.form)


def _claimable(hearing: Hearing, case: CaseState, unit: UnitState) -> None:
    """Nothing is claimed while the unit is suspended, after its period, or ahead of the change it follows."""
    if unit.suspended:
        raise Refusal("unit_suspended")
    if period_over(unit.values, hearing.as_of):
        raise Refusal("unit_period_over", valid_to=unit.values["valid_to"])
    require_representative_changed(hearing, case)
    if change_awaited(case, unit):
        raise Refusal("change_not_applied")


def change_awaited(case: CaseState, unit: UnitState) -> bool:
    """Tell whether an attachment 3 that appoints a new manager has yet to end the former one's certificate.

    So it is with those approved before such approvals voided anything: they have to be approved anew.
    """
    appoints = case.form == "attachment-3" and case.values.get("reason") == "manager_changed"
    return appoints and unit.era_case != case.id


def _minted_too_late(hearing: Hearing, case: CaseState) -> bool:
    """Tell whether a first code was made although the certificate had been issued already.

    Codes are minted without network, so at the hub the phone usually comes before the desk's own
    record of the code it used, and of codes that were voided before that one.
    """
    certificate = hearing.world.certificate_of(case.id)
    if case.lifecycle is not Lifecycle.CLAIMED or certificate is None:
        return case.lifecycle is Lifecycle.CLAIMED
    if certificate.jti == hearing.public["jti"]:
        return False
    return int(hearing.public["issued_at"]) > from_stamp(certificate.issued_at).timestamp()


def _claim_voided(hearing: Hearing) -> None:
    claim = hearing.world.claim(hearing.action.subject)
    if claim is None:
        raise Refusal("claim_unknown")
    if claim.voided:
        raise Refusal("claim_already_void")


RULES: Mapping[str, Rule] = {
    "claim_minted": _claim_minted,
    "claim_voided": _claim_voided,
}
