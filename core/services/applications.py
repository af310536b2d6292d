"""Applications (申领、变更申请): draft, file, papers, print, scan, submit, take back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.clock import china_date, to_stamp
from core.errors import UserError
from core.forms.check import CheckContext, check_form, normalise, prefill
from core.forms.papers import MissingPaper, PaperItem, checklist
from core.forms.registry import get_form, latest
from core.forms.spec import Finding, FormSpec
from core.ids import new_id
from core.records.judge import papers_still_missing
from core.records.people import OfficeState
from core.records.states import CaseState, UnitState
from core.services.recording import record
from core.services.session import Session
from core.services.units import form_reference, get_unit, split_values
from core.store.attachments import read_attachment, write_attachment
from core.store.drafts import Draft
from core.store.lists import CaseLine
from core.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from core.intake.scan import Scan as Examined

SIGNED_FORM = "signed_form"


@dataclass(frozen=True)
class CaseView:
    """A case with what screens show beside it."""

    case: CaseState
    unit: UnitState
    office: OfficeState
    checklist: tuple[PaperItem, ...]
    missing: tuple[MissingPaper, ...]

    @property
    def form(self) -> FormSpec:
        """The published form version the case was filled by."""
        return get_form(self.case.form, self.case.form_version)


# --- drafts -----------------------------------------------------------------------------------


def start_values(session: Session, form_id: str, unit_id: str) -> dict[str, str]:
    """Return what a new form already knows: the register's facts, the office, today's date."""
    unit = get_unit(session, unit_id)
    with session.read() as uow:
        office = session.office_state(uow)
    today = china_date(session.now()).isoformat()
    return {**prefill(latest(form_id), unit.values), "office_name": office.name, "filled_on": today}


def check_typed(
    session: Session, form_id: str, typed: Mapping[str, str], unit_id: str
) -> tuple[Finding, ...]:
    """Return what the rules say of values as typed."""
    spec = latest(form_id)
    with session.read() as uow:
        office = session.office_state(uow)
        unit = uow.projection.unit(unit_id) if unit_id else None
    context = CheckContext(china_date(session.now()), office.code[:6], unit.values if unit else None)
    return check_form(spec, normalise(spec, typed), context)


def save_draft(session: Session, draft_id: str, form_id: str, subject: str, values: Mapping[str, str]) -> str:
    """Keep half-typed values; return the draft's id (made when ``draft_id`` is empty)."""
    draft = Draft(
        draft_id or new_id(session.random),
        form_id,
        subject,
        session.person,
        dict(values),
        to_stamp(session.now()),
    )
    with session.begin() as uow:
        uow.drafts.save(draft)
    return draft.id


def drafts(session: Session) -> list[Draft]:
    """Return the desk's drafts, newest first."""
    with session.read() as uow:
        return uow.drafts.all()


def discard_draft(session: Session, draft_id: str) -> None:
    """Forget a draft."""
    with session.begin() as uow:
        uow.drafts.discard(draft_id)


# --- filing -----------------------------------------------------------------------------------


def file_case(
    session: Session, form_id: str, unit_id: str, typed: Mapping[str, str], draft_id: str = ""
) -> str:
    """File an application: freeze its values as version 1; return the case id.

    Raises ``Refusal`` form_incomplete (with field and finding), unit_has_open_case, unit_closed,
    role_missing.
    """
    spec = latest(form_id)
    public, personal = split_values(spec, normalise(spec, typed))
    case_id = new_id(session.random)
    with session.begin() as uow:
        unit = uow.projection.unit(unit_id)
        facts = {
            "unit": unit_id,
            "era": unit.era if unit else "",
            "case_no": CaseNumbers(session, uow).take(),
            "form": form_reference(spec),
            "values": public,
        }
        record(session, uow, "case", case_id, "case_filed", facts, personal)
        if draft_id:
            uow.drafts.discard(draft_id)
    return case_id


class CaseNumbers:
    """This desk's case numbers (受理号): year, desk, running number; unique without asking anyone."""

    def __init__(self, session: Session, uow: UnitOfWork) -> None:
        self._uow, year = uow, china_date(session.now()).year
        self._key = f"case_number_{year}"
        self._prefix = f"{year}-{session.device.id[:4].upper()}"
        self._number = int(uow.find_meta(self._key) or 0)

    def next(self) -> str:
        """Return the next number; :meth:`keep` makes it taken."""
        self._number += 1
        return f"{self._prefix}-{self._number:04d}"

    def back(self) -> None:
        """Give the newest number back: its case was refused."""
        self._number -= 1

    def keep(self) -> None:
        """Write down up to where numbers are taken."""
        self._uow.set_meta(self._key, str(self._number))

    def take(self) -> str:
        """Return the next number, taken."""
        number = self.next()
        self.keep()
        return number


def amend_case(session: Session, case_id: str, typed: Mapping[str, str], draft_id: str = "") -> None:
    """Change a filed or returned case; whatever was printed before is stale from now on."""
    case = get_case(session, case_id).case
    spec = latest(case.form)
    public, personal = split_values(spec, normalise(spec, typed))
    with session.begin() as uow:
        facts = {"form": form_reference(spec), "values": public}
        record(session, uow, "case", case_id, "case_amended", facts, personal)
        if draft_id:
            uow.drafts.discard(draft_id)


def get_case(session: Session, number_or_id: str) -> CaseView:
    """Return a case by id or case number. Raises ``UserError('case_unknown')``."""
    with session.read() as uow:
        case_id = uow.lists.case_id(number_or_id)
        case = None if case_id is None else uow.projection.case(case_id)
        unit = None if case is None else uow.projection.unit(case.unit)
        office = session.office_state(uow)
    if case is None or unit is None:
        raise UserError("case_unknown")
    items = checklist(case.form, office.checklists.get(case.form))
    return CaseView(case, unit, office, items, papers_still_missing(office, case))


def cases_of_unit(session: Session, unit_id: str) -> list[CaseLine]:
    """Return all cases of a unit, newest first."""
    with session.read() as uow:
        return uow.lists.cases_of_unit(unit_id)


# --- papers and scans -------------------------------------------------------------------------


Ticks = Mapping[str, Mapping[str, bool]]
"""Which of its ``original`` and ``copy`` were brought, by paper."""


def papers_items(ticks: Ticks) -> dict[str, dict[str, bool]]:
    """Return ticks as an action carries them."""
    return {
        item: {"original": bool(t.get("original")), "copy": bool(t.get("copy"))} for item, t in ticks.items()
    }


def tick_papers(session: Session, case_id: str, ticks: Ticks) -> None:
    """Write down which originals were seen and which stamped copies are kept."""
    with session.begin() as uow:
        record(session, uow, "case", case_id, "papers_checked", {"items": papers_items(ticks)})


def attach_scan(
    session: Session,
    case_id: str,
    data: bytes,
    role: str = SIGNED_FORM,
    cancelled: Callable[[], bool] | None = None,
) -> str:
    """Examine a scan in the limited child process, keep it encrypted, record it; return its id.

    Raises ``UserError`` scan_* for what it is not, ``Refusal('paper_stale')`` when the case changed
    after its sheet was printed, ``EnvironmentFault`` disk_*.
    """
    from core.intake.scan import examine

    return keep_scan(session, case_id, data, examine(data, cancel=cancelled), role)


def keep_scan(session: Session, case_id: str, data: bytes, found: Examined, role: str = SIGNED_FORM) -> str:
    """Keep a scan that was examined already (its preview was shown); errors as :func:`attach_scan`."""
    if hashlib.sha256(data).hexdigest() != found.sha256:
        raise UserError("scan_changed")
    case = get_case(session, case_id).case
    scan_id = new_id(session.random)
    with session.begin() as uow:
        key = uow.ledger.attachment_key(case_id)
        name = write_attachment(session.folder.attachments, key, data, scan_id, session.random)
        facts = {
            "scan": scan_id,
            "role": role,
            "media_type": found.media_type,
            "pages": found.pages,
            "content": case.content,
        }
        record(session, uow, "case", case_id, "scan_attached", facts, {"sha256": found.sha256})
        uow.add_attachment(scan_id, case_id, name, found.media_type, len(data))
    return scan_id


def read_scan(session: Session, scan_id: str) -> bytes:
    """Return a scan's original bytes.

    Raises ``UserError`` scan_unknown, or scan_not_here_yet for one that another desk attached and that
    has not been fetched (``core.services.scans``); ``EnvironmentFault``.
    """
    with session.read() as uow:
        found = uow.find_attachment(scan_id)
        key = None if found is None else uow.ledger.find_subject_key(found[0])
        if found is None and uow.scans.case_of(scan_id) is not None:
            raise UserError("scan_not_here_yet")
    if found is None or key is None:
        raise UserError("scan_unknown")
    return read_attachment(session.folder.attachments, key, found[1], scan_id)


# --- printing ---------------------------------------------------------------------------------


def note_printed(session: Session, case_id: str, content: str, copies: int) -> None:
    """Record that ``copies`` sheets of this content left the printer: the version is frozen."""
    case = get_case(session, case_id).case
    layout = f"{case.form}/{case.form_version}"
    with session.begin() as uow:
        facts = {"content": content, "copies": copies, "layout": layout}
        record(session, uow, "case", case_id, "case_printed", facts)


# --- to review and back -----------------------------------------------------------------------


def submit(session: Session, case_id: str) -> None:
    """Hand the case to the reviewer. Raises ``Refusal`` signed_scan_missing, papers_missing."""
    case = get_case(session, case_id).case
    with session.begin() as uow:
        record(session, uow, "case", case_id, "case_submitted", {"content": case.content})


def recall(session: Session, case_id: str) -> None:
    """Take a submission back while nobody has acted on it."""
    with session.begin() as uow:
        record(session, uow, "case", case_id, "submission_recalled")


def withdraw(session: Session, case_id: str, remark: str = "") -> None:
    """The unit withdraws its application: the case ends."""
    with session.begin() as uow:
        record(session, uow, "case", case_id, "case_withdrawn", {}, {"remark": remark})
