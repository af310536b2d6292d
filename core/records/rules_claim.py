"""Rules of claim codes: what may be minted for which case, and what may be voided."""

from __future__ import annotations

from collections.abc import Mapping

from core.clock import from_stamp
from core.errors import Refusal
from core.records.hearing import Hearing, Rule
from core.records.rules_unit import unit_of
from core.records.states import CaseState, Lifecycle

FIRST_CLAIM, REPLACEMENT, REPRESENTATIVE_CHANGE = 1, 2, 3
"""Purposes of a claim code (claim.md §6)."""

CLAIM_SECONDS = 600


def _claim_minted(hearing: Hearing) -> None:
    public = hearing.public
    case = hearing.world.case(public["case"])
    if case is None:
        raise Refusal("case_unknown")
    if case.form != "attachment-1":
        raise Refusal("claim_waits_for_change")
    if case.lifecycle not in (Lifecycle.APPROVED, Lifecycle.CLAIMED):
        raise Refusal("case_wrong_state", lifecycle=case.lifecycle.value)
    if public["approval"] != case.approval:
        raise Refusal("content_stale")
    if public["purpose"] not in (FIRST_CLAIM, REPLACEMENT):
        raise Refusal("claim_purpose_wrong")
    if public["purpose"] != REPLACEMENT and _minted_too_late(hearing, case):
        raise Refusal("already_claimed")
    if public["representative_no"] != unit_of(hearing, case.unit).representative_no:
        raise Refusal("representative_no_wrong")
    if public["expires_at"] - public["issued_at"] != CLAIM_SECONDS:
        raise Refusal("claim_lifetime_wrong")


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
