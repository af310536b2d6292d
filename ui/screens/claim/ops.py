"""What the claim page asks of the services, as plain functions for a lane; services are imported in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.forms.kinds import KINDS
from ui.customer_view import Matrix
from ui.screens.claim.state import CaseFacts, Progress
from ui.widgets.line_list import Line

if TYPE_CHECKING:
    from core.services.claims import Minted
    from core.services.session import Session
    from core.sync.hub import Hub

MOST_LINES = 100


@dataclass(frozen=True)
class Choices:
    """Cases to choose from: rows for the list, and which of them are still unclaimed, in their order."""

    lines: tuple[Line, ...]
    unclaimed: tuple[str, ...]


@dataclass(frozen=True)
class Fresh:
    """A code as minted, and its QR."""

    minted: Minted
    matrix: Matrix


def find_cases(session: Session, query: str) -> Choices:
    """Return approved cases, unclaimed first, then claimed ones (for 补发)."""
    with session.read() as uow:
        waiting = uow.lists.cases(query, ("approved",), MOST_LINES)
        claimed = uow.lists.cases(query, ("claimed",), MOST_LINES)
    lines = []
    for each in (*waiting, *claimed):
        name = KINDS["person_name"].mask(each.holder)
        mark, tone = ("已领取", "") if each.lifecycle == "claimed" else ("待领取", "accent")
        if each.form != "attachment-1":
            mark, tone = "变更", ""
        elif each.delivery == "rejected":
            mark, tone = f"{mark} · 被退", "bad"
        lines.append(Line(each.case, each.unit_name, f"{each.case_no}　{name}", mark, tone))
    return Choices(tuple(lines), tuple(each.case for each in waiting if each.form == "attachment-1"))


def load_case(session: Session, case_id: str) -> CaseFacts:
    """Return what the page shows of a case. Raises ``UserError('case_unknown')``."""
    from urllib.parse import urlsplit

    from core.services.applications import get_case
    from core.services.claims import masked_holder
    from core.sync.desk import hub_offset
    from core.sync.http_hub import is_loopback

    view = get_case(session, case_id)
    case = view.case
    with session.read() as uow:
        certificate = session.certificate(uow)
        # The approval's own receipt: the case's list entry also waits for codes that were just minted.
        record = uow.ledger.record(case.id, 0, 1000)
        issued = uow.projection.certificate_of(case.id)
        now = int(session.now().timestamp()) + hub_offset(uow)
        spent = None if issued is None else issued.jti
        live = [
            each
            for each in uow.projection.claims_of(case.id)
            if not each.voided and each.expires_at > now and each.jti != spent
        ]
    issuer = "" if certificate is None else certificate.issuer
    return CaseFacts(
        case=case.id,
        case_no=case.case_no,
        unit=view.unit.values.get("name", ""),
        masked_name=masked_holder(case),
        appointed=case.values.get("other_manager") == "yes" or case.form == "attachment-3",
        claimed=case.lifecycle.value == "claimed",
        sent=next((each.delivery.value for each in record if each.signed.hash == case.approval), "pending"),
        rehearsal=session.rehearsal,
        office=view.office.name,
        issuer=issuer,
        loopback=bool(issuer) and is_loopback(urlsplit(issuer).hostname or ""),
        live_jti=live[0].jti if live else "",
        live_until=live[0].expires_at if live else 0,
    )


def mint(session: Session, case_id: str) -> Fresh:
    """Mint a code and draw its QR. No network."""
    from core.documents.qr import matrix
    from core.services.claims import mint_claim

    minted = mint_claim(session, case_id)
    return Fresh(minted, matrix(minted.link))


def void(session: Session, case_id: str) -> int:
    """Void the case's live codes; one that is void already is no fault."""
    from core.errors import UserError
    from core.services.claims import void_claims

    try:
        return void_claims(session, case_id)
    except UserError as fault:
        if fault.code != "no_live_claim":
            raise
        return 0


def follow(session: Session, hub: Hub, jti: str) -> Progress:
    """Ask the hub how far the phone has come. Raises ``EnvironmentFault`` hub_*."""
    from core.services.claims import follow as ask

    found = ask(session, hub, jti)
    return Progress(found.state, found.tries_left, found.code)


def short_code(session: Session, hub: Hub, minted: Minted) -> str:
    """Register the typed code. Raises ``EnvironmentFault`` hub_*."""
    from core.services.claims import short_code as register

    return register(session, hub, minted)


def send_to_phone(session: Session, hub: Hub, minted: Minted, short: str) -> None:
    """Send the code to the phone that shows ``short``. Raises ``UserError``, ``EnvironmentFault`` hub_*."""
    from core.services.claims import send_to_phone as send

    send(session, hub, minted.code, short)


def push(session: Session, hub: Hub) -> int:
    """Send what the hub does not know yet and take its news; return how many records moved.

    Nothing while somebody has paused what goes by itself: then F5 sends it.
    """
    from core.services.sync import status, sync

    if status(session).paused:
        return 0
    report = sync(session, hub)
    return report.pushed + report.pulled


def draw(text: str) -> Matrix:
    """Return a QR. Raises ``UserError('qr_too_long')``."""
    from core.documents.qr import matrix

    return matrix(text)


def program_page(office: str, phone: str, program: str, phones: str, url: str, rehearsal: bool) -> bytes:
    """Return 附件2 as a PDF."""
    from core.documents.notices import Office, render_phone_program

    return render_phone_program(Office(office, phone), program, phones, url, rehearsal=rehearsal).pdf


def pin_page(facts: CaseFacts, phone: str, pin: str, expires_at: int) -> bytes:
    """Return the slip with the six digits as a PDF."""
    from datetime import UTC, datetime

    from core.clock import CHINA
    from core.documents.notices import Office, render_pin_slip
    from core.records.ladder import Rung

    end = datetime.fromtimestamp(expires_at, UTC).astimezone(CHINA)
    until = f"{end.year}年{end.month}月{end.day}日 {end:%H:%M}"
    reached = [Rung.APPROVED]
    reached += [Rung.RECEIVED] if facts.sent == "recorded" else []
    office = Office(facts.office, phone)
    return render_pin_slip(office, facts.unit, pin, until, reached=reached, rehearsal=facts.rehearsal).pdf
