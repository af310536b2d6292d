"""Making a certificate out of what the ledger holds: unit and case as they stood at the approval.

The signed text goes to the phone and nowhere else; the hub keeps only that it was issued, to which
place in a status list, and until when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from core.clock import CHINA, to_stamp
from core.credentials.certificate_claims import build_always, build_claims
from core.credentials.person_digest import SALT_BYTES, person_digest
from core.credentials.sdjwt import issue
from core.credentials.status import StatusReference
from core.records.fold_case import REPLACED
from core.records.states import CaseState
from hub.claim_checks import Facts
from hub.delegation_renewal import renew_below
from hub.facts import record_issued, void_certificates
from hub.ledger import Ledger
from hub.refusals import ClaimRefused
from hub.setup import Hub
from hub.status_lists import list_uri, take_slot

_YEARS = timedelta(days=5 * 365)


@dataclass(frozen=True)
class Issued:
    """A certificate on its way to the phone."""

    certificate: str
    sd_jwt: str


def ends_at(hub: Hub, valid_to: str) -> datetime:
    """Return when a certificate ends: with the paper one's last day in China, or after five years."""
    end = hub.clock() + _YEARS
    if valid_to:
        last = date.fromisoformat(valid_to)
        end = datetime.combine(last, time(23, 59, 59), CHINA)
    return min(end, hub.leaf_ends)


def check_issuable(hub: Hub, facts: Facts) -> None:
    """Refuse, before a code is spent, what could not become a certificate anyway."""
    if ends_at(hub, facts.unit.values.get("valid_to", "")) <= hub.clock():
        raise ClaimRefused("unit_expired", "certificate period has ended")
    try:
        _content(facts)
    except ValueError as fault:
        raise ClaimRefused("incomplete", "unit record") from fault


def _content(facts: Facts, salt: bytes = b"") -> dict[str, object]:
    """Return the certificate's content; with a ``salt`` the manager's ID number is in it as a digest."""
    values = facts.case.values
    appointed = values.get("other_manager") == "yes" or _appointed_anew(facts.case)
    holder = values.get("manager_name" if appointed else "representative_name", "")
    number = values.get("manager_id" if appointed else "representative_id", "")
    return build_claims(
        facts.unit.values,
        values.get("representative_name", ""),
        facts.unit.representative_no,
        holder,
        "appointed" if appointed else "representative",
        person_digest(number, salt) if salt and number else "",
    )


def _appointed_anew(case: CaseState) -> bool:
    """Attachment 3 always names the manager, who may be the legal representative in person."""
    same = case.values.get("manager_id") == case.values.get("representative_id")
    return case.form == "attachment-3" and not same


def issue_certificate(
    hub: Hub,
    connection: Connection,
    ledger: Ledger,
    facts: Facts,
    jti: str,
    holder_jwk: dict[str, str],
) -> Issued:
    """Issue, record, and first void whatever the unit held, all in the caller's transaction."""
    check_issuable(hub, facts)
    now = hub.now()
    expires = ends_at(hub, facts.unit.values.get("valid_to", ""))
    void_certificates(hub, connection, ledger, facts.case.unit, REPLACED)
    slot = take_slot(connection, hub.random)
    always = build_always(
        hub.issuer,
        now,
        now,
        int(expires.timestamp()),
        holder_jwk,
        StatusReference(list_uri(hub.issuer, slot.list), slot.slot),
        hub.rehearsal,
    )
    sd_jwt = issue(_content(facts, hub.random(SALT_BYTES)), None, always, hub.sign, hub.x5c, hub.random)
    public = {
        "case": facts.case.id,
        "unit": facts.case.unit,
        "jti": jti,
        "approval": facts.approval,
        "representative_no": facts.unit.representative_no,
        "issued_at": to_stamp(hub.clock()),
        "expires_at": to_stamp(expires),
        "status_index": slot.index,
    }
    certificate = record_issued(hub, connection, ledger, slot, public)
    renew_below(hub, connection, ledger, certificate)
    return Issued(certificate, sd_jwt)
