"""The office's own affairs on paper and as record: checklists, recovery slips, 附件2, the ruler page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import china_date
from core.documents import notices
from core.forms.papers import PaperItem, checklist, to_data
from core.records.people import Role
from core.services.recording import record
from core.services.session import Session


@dataclass(frozen=True)
class OfficeFace:
    """What the window's frame says of the office and of who sits there."""

    office: str
    code: str
    level: str
    rehearsal: bool
    login: str
    name: str
    person: str
    roles: frozenset[Role]
    single_clerk: bool


def office_face(session: Session) -> OfficeFace:
    """Return office and person at the desk."""
    with session.read() as uow:
        office = session.office_state(uow)
        me = session.me(uow)
    login = next((entry.login for entry in session.keyring.entries if entry.person == session.person), "")
    return OfficeFace(
        office.name,
        office.code,
        office.level,
        session.rehearsal,
        login,
        me.name or "",
        session.person,
        me.roles,
        office.single_clerk,
    )


def papers_of(session: Session, form_id: str) -> tuple[PaperItem, ...]:
    """Return the office's checklist for a form: its own, or the notice's."""
    with session.read() as uow:
        office = session.office_state(uow)
    return checklist(form_id, office.checklists.get(form_id))


def set_papers(session: Session, form_id: str, items: Sequence[PaperItem]) -> None:
    """Keep an edited checklist. Raises ``Refusal`` role_missing, checklist_malformed."""
    with session.begin() as uow:
        facts = {"form": form_id, "items": list(to_data(items))}
        record(session, uow, "office", session.office, "checklist_set", facts)


def recovery_slip(session: Session, person: str, code: str, phone: str = "") -> bytes:
    """Return the PDF of a person's recovery slip; it is made in memory only."""
    face = office_face(session)
    office = notices.Office(face.office, phone)
    today = china_date(session.now()).isoformat()
    return notices.render_recovery_slip(office, person, code, today, rehearsal=face.rehearsal).pdf


def phone_program_page(session: Session, program: str, phones: str, url: str, phone: str = "") -> bytes:
    """Return the PDF of 附件2 with the download code. Raises ``UserError('qr_too_long')``."""
    face = office_face(session)
    office = notices.Office(face.office, phone)
    return notices.render_phone_program(office, program, phones, url, rehearsal=face.rehearsal).pdf


def ruler_page(session: Session, printer: str, offset_mm: tuple[float, float]) -> bytes:
    """Return the PDF with rulers and crosses for one printer."""
    return notices.render_ruler_page(printer, rehearsal=session.rehearsal, offset_mm=offset_mm).pdf
