"""Claim codes (领取码): minted offline under the desk's key, voided, renewed, followed live."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.claims import offer
from core.claims import short_code as short_spelling
from core.claims.code import ClaimCode, mint
from core.claims.pair import pair_key, pin, unit_tag
from core.errors import EnvironmentFault, Refusal, UserError
from core.records.judge import CLAIM_SECONDS
from core.records.rules_claim import purpose_of
from core.records.states import CaseState, ClaimState
from core.services.applications import get_case
from core.services.asking import asking
from core.services.device_certificates import certificate_or_refuse, require_valid
from core.services.recording import record
from core.services.session import Session
from core.store.unit_of_work import UnitOfWork
from core.sync.desk import hub_offset
from core.sync.hub import ClaimProgress, Hub

CLOCK_TOLERANCE = timedelta(minutes=2)


@dataclass(frozen=True)
class Minted:
    """A fresh claim code. ``pin`` is for the clerk's side only; ``link`` is the QR's text."""

    claim: str
    case: str
    jti: str
    code: str
    link: str
    scheme_link: str
    by_value: str
    pin: str
    issued_at: int
    expires_at: int
    clock_warning: bool


def claim_id(jti: bytes) -> str:
    """Return the claim's subject id: made from its jti, so that desk and hub agree unasked."""
    return str(uuid.UUID(bytes=hashlib.sha256(b"claim " + jti).digest()[:16], version=4))


def mint_claim(session: Session, case_id: str) -> Minted:
    """Mint a code for an approved case; older live codes of the case are voided with it.

    Purpose is 2 (replacement) once a certificate was issued for the case, else 1, or 3 for an attachment
    3. No
    network is used. Raises ``UserError`` not_enrolled, ``Refusal`` case_wrong_state / unit_suspended /
    unit_period_over / change_not_applied / representative_unchanged / certificate_expired /
    purpose_not_granted, ``EnvironmentFault('clock_went_back')``.
    """
    certificate = certificate_or_refuse(session)
    view = get_case(session, case_id)
    moment, warning = _corrected_now(session)
    issued = int(moment.timestamp())
    jti = session.random(12)
    with session.read() as uow:
        purpose = purpose_of(view.case, uow.projection.certificate_of(view.case.id))
    if purpose not in certificate.purposes:
        raise Refusal("purpose_not_granted", purpose=purpose)
    facts = {
        "case": view.case.id,
        "approval": view.case.approval or "",
        "jti": jti.hex(),
        "purpose": purpose,
        "representative_no": view.unit.representative_no,
        "issued_at": issued,
        "expires_at": issued + CLAIM_SECONDS,
    }
    claim = claim_id(jti)
    with session.begin() as uow:
        require_valid(session, uow, moment)
        void_live_claims(session, uow, view.case.id, "renewed")
        signed = record(session, uow, "claim", claim, "claim_minted", facts)
        uow.set_meta("last_minted", str(issued))
    shared = pair_key(session.device.exchange_secret, bytes.fromhex(certificate.hub_exchange_key))
    code = ClaimCode(
        office=certificate.code,
        issued_at=issued,
        expires_at=issued + CLAIM_SECONDS,
        jti=jti,
        unit_tag=unit_tag(shared, jti, view.unit.values["uscc"]),
        purpose=purpose,
        representative_no=view.unit.representative_no,
        facts=bytes.fromhex(view.case.approval or "")[:16],
        device_epoch=session.device.epoch,
        seq=signed.action.seq,
    )
    text = mint(code, session.device.signer, certificate.issuer)
    return _offered(certificate.issuer, claim, view.case.id, code, text, pin(shared, jti), warning)


def _offered(
    issuer: str, claim: str, case: str, code: ClaimCode, text: str, digits: str, warning: bool
) -> Minted:
    return Minted(
        claim=claim,
        case=case,
        jti=code.jti.hex(),
        code=text,
        link=offer.link_offer(issuer, text),
        scheme_link=offer.scheme_offer(issuer, text),
        by_value=offer.offer_by_value(issuer, text),
        pin=digits,
        issued_at=code.issued_at,
        expires_at=code.expires_at,
        clock_warning=warning,
    )


def _corrected_now(session: Session) -> tuple[datetime, bool]:
    """Return the moment by the hub's clock as last seen, and whether ours is off by minutes."""
    with session.read() as uow:
        offset = timedelta(seconds=hub_offset(uow))
        last = int(uow.find_meta("last_minted") or 0)
    moment = session.now() + offset
    if moment < datetime.fromtimestamp(last, UTC) - CLOCK_TOLERANCE:
        raise EnvironmentFault("clock_went_back")
    return max(moment, datetime.fromtimestamp(last, UTC)), abs(offset) > CLOCK_TOLERANCE


def void_live_claims(session: Session, uow: UnitOfWork, case_id: str, reason: str) -> int:
    """Void every code of a case that has not been voided or used; return how many."""
    certificate = uow.projection.certificate_of(case_id)
    spent = None if certificate is None else certificate.jti
    live = [item for item in uow.projection.claims_of(case_id) if not item.voided and item.jti != spent]
    for item in live:
        record(session, uow, "claim", item.id, "claim_voided", {"reason": reason})
    return len(live)


def void_claims(session: Session, case_id: str, reason: str = "cancelled") -> int:
    """Void a case's live codes at the counter. Raises ``UserError('no_live_claim')``."""
    case = get_case(session, case_id).case
    with session.begin() as uow:
        count = void_live_claims(session, uow, case.id, reason)
    if not count:
        raise UserError("no_live_claim")
    return count


def claims_of(session: Session, case_id: str) -> list[ClaimState]:
    """Return a case's codes, newest first."""
    with session.read() as uow:
        return uow.projection.claims_of(case_id)


def follow(session: Session, hub: Hub, jti: str) -> ClaimProgress:
    """Ask the hub how far the phone has come. Raises ``EnvironmentFault('hub_unreachable')``."""
    payload = asking(session, "claim-progress", {"jti": [jti]})
    answer = hub.ask(
        "/api/v1/claims/progress", payload, session.device.signer, certificate_or_refuse(session)
    )
    try:
        return ClaimProgress.read(answer["claims"][0])
    except (LookupError, TypeError, ValueError) as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault


def short_code(session: Session, hub: Hub, minted: Minted) -> str:
    """Register and return the eight-character code to type where scanning fails."""
    payload = asking(session, "claim-short", {"code": minted.code})
    answer = hub.ask("/api/v1/claims/short", payload, session.device.signer, certificate_or_refuse(session))
    if not isinstance(answer.get("short"), str):
        raise EnvironmentFault("hub_answer_damaged")
    return str(answer["short"])


def send_to_phone(session: Session, hub: Hub, code: str, typed: str) -> None:
    """Send a claim code to the phone that shows the short code ``typed`` (反向领取).

    The hub judges the code as at its offer. Raises ``UserError('reverse_wrong')`` before anything is
    asked, ``EnvironmentFault`` hub_unreachable, or hub_refused with reason claim_refused,
    reverse_unknown, reverse_used, device_foreign or too_many.
    """
    try:
        short = short_spelling.parse(typed)
    except UserError as fault:
        raise UserError("reverse_wrong") from fault
    payload = asking(session, "claim-reverse", {"code": code, "short": short})
    answer = hub.ask("/api/v1/claims/reverse", payload, session.device.signer, certificate_or_refuse(session))
    if answer.get("sent") is not True:
        raise EnvironmentFault("hub_answer_damaged")


def masked_holder(case: CaseState) -> str:
    """Return the claimant's name as the customer may see it: surname and two stars."""
    appointed = case.values.get("other_manager") == "yes" or case.form == "attachment-3"
    name = case.values.get("manager_name" if appointed else "representative_name", "")
    return f"{name[:1]}**" if name else ""
