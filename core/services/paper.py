"""Sheets out of the desk: a case on paper, printed and counted, and the slips that go with it.

Whether paper came out is known only after the printer answered. An intent is kept (with the drafts, so it
survives a power cut) from before the printer is asked until somebody knows: the printer took it, it
refused, or the clerk looked. Only then is the printing recorded, and with it the version frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.clock import china_date, to_stamp
from core.documents import notices
from core.documents.pdf import NO_OFFSET, Rendered, render_form
from core.documents.printing import Printer
from core.errors import EnvironmentFault, Refusal
from core.forms.papers import MissingPaper, required_papers
from core.forms.registry import get_form
from core.forms.spec import FormSpec
from core.records.ladder import Standing
from core.records.states import CaseState
from core.services.applications import get_case
from core.services.listing import case_detail
from core.services.recording import record
from core.services.session import Session
from core.store.drafts import Draft

PRINT = "print"
"""Kind under which an intent to print lies among the drafts; no form has this name."""

NOTHING_PRINTED = frozenset({"print_system_missing", "printer_missing", "printer_failed"})
"""Faults of a printer after which it is certain that no paper came out."""

Offset = tuple[float, float]


@dataclass(frozen=True)
class Sheet:
    """A case on paper: ``content`` says which version, ``title`` names no person (spoolers show it)."""

    case: str
    content: str
    title: str
    rendered: Rendered


@dataclass(frozen=True)
class PendingPrint:
    """Sheets of which nobody knows yet whether they came out."""

    case: str
    content: str
    copies: int


def case_sheet(session: Session, case_id: str, offset_mm: Offset = NO_OFFSET) -> Sheet:
    """Render a case as it stands. Raises as ``render_form``, ``UserError('case_unknown')``."""
    view = get_case(session, case_id)
    rendered = render_form(view.form, view.case.values, rehearsal=session.rehearsal, offset_mm=offset_mm)
    return Sheet(view.case.id, view.case.content, view.case.case_no, rendered)


def print_case(
    session: Session,
    printer: Printer,
    case_id: str,
    *,
    name: str = "",
    copies: int = 1,
    offset_mm: Offset = NO_OFFSET,
) -> str:
    """Print a case on printer ``name`` (empty: the default one), record it, return the job id.

    Raises as :func:`case_sheet` and ``Printer.print_pdf``; after ``printer_timeout`` the intent stays until
    :func:`confirm_print` or :func:`forget_print`.
    """
    sheet = case_sheet(session, case_id, offset_mm)
    begin_print(session, sheet.case, sheet.content, copies)
    try:
        job = printer.print_pdf(name, sheet.rendered.pdf, copies, sheet.title)
    except EnvironmentFault as fault:
        if fault.code in NOTHING_PRINTED:
            forget_print(session, sheet.case)
        raise
    confirm_print(session, sheet.case)
    return job


# --- what nobody knows yet ----------------------------------------------------------------------


def _intent_id(case_id: str) -> str:
    return f"{PRINT}:{case_id}"


def begin_print(session: Session, case_id: str, content: str, copies: int) -> None:
    """Keep the intent to print ``copies`` sheets of ``content``, before any printer is asked."""
    values = {"content": content, "copies": str(copies)}
    stamp = to_stamp(session.now())
    with session.begin() as uow:
        uow.drafts.save(Draft(_intent_id(case_id), PRINT, case_id, session.person, values, stamp))


def pending_print(session: Session, case_id: str) -> PendingPrint | None:
    """Return the sheets of a case of which nobody knows yet whether they came out."""
    with session.read() as uow:
        found = uow.drafts.find(_intent_id(case_id))
    if found is None:
        return None
    return PendingPrint(case_id, found.values["content"], int(found.values["copies"]))


def confirm_print(session: Session, case_id: str) -> None:
    """The sheets came out: record them, in one act with forgetting the intent.

    Without an intent nothing happens. Raises ``Refusal('content_stale')`` when the case has changed since:
    that paper is of no use, and the intent is forgotten.
    """
    pending = pending_print(session, case_id)
    if pending is None:
        return
    case = get_case(session, case_id).case
    facts = {
        "content": pending.content,
        "copies": pending.copies,
        "layout": f"{case.form}/{case.form_version}",
    }
    try:
        with session.begin() as uow:
            record(session, uow, "case", case_id, "case_printed", facts)
            uow.drafts.discard(_intent_id(case_id))
    except Refusal as refusal:
        if refusal.code == "content_stale":
            forget_print(session, case_id)
        raise


def forget_print(session: Session, case_id: str) -> None:
    """No paper came out, or none that counts."""
    with session.begin() as uow:
        uow.drafts.discard(_intent_id(case_id))


def stale_fields(session: Session, case_id: str) -> tuple[str, ...]:
    """Return the fields in which the case differs from the sheet printed last, in paper order.

    Empty when nothing was printed or the newest sheet shows what the case says.
    """
    with session.read() as uow:
        entries = uow.ledger.entries("case", case_id)
        case = uow.projection.case(case_id)
    printed = [e.action.public["content"] for e in entries if e.action.kind == "case_printed"]
    if case is None or not printed or printed[-1] == case.content:
        return ()
    on_paper = next((entry.values() for entry in entries if entry.hash == printed[-1]), {})
    form = get_form(case.form, case.form_version)
    return tuple(f.id for f in form.fields() if on_paper.get(f.id, "") != case.values.get(f.id, ""))


# --- slips ----------------------------------------------------------------------------------------


def missing_notice(
    session: Session,
    form: FormSpec,
    unit_name: str,
    missing: tuple[MissingPaper, ...],
    faulty_fields: tuple[str, ...] = (),
    *,
    phone: str = "",
    offset_mm: Offset = NO_OFFSET,
) -> Rendered:
    """Print the 一次性告知书: papers still missing, and fields of the form that are empty or wrong."""
    lines = [notices.Missing(line.item.label, _remedy(line)) for line in missing]
    if faulty_fields:
        labels = "、".join(dict.fromkeys(form.field(id).label for id in faulty_fields))
        lines.append(notices.Missing(f"《{form.title}》未填全或者填写有误：{labels}", "请核对后补填、更正"))
    return notices.render_missing_notice(
        _office(session, phone), unit_name, form.title, _today(session), lines,
        rehearsal=session.rehearsal, offset_mm=offset_mm,
    )  # fmt: skip


def receipt_slip(
    session: Session, case_id: str, *, phone: str = "", offset_mm: Offset = NO_OFFSET
) -> Rendered:
    """Print the 受理回执 of a case: what was brought and when."""
    view = get_case(session, case_id)
    asked = required_papers(view.checklist, view.case.values)
    received = [item.label for item in asked if _brought(view.case, item.id)]
    reached = [step.rung for step in case_detail(session, case_id).legal if step.standing is Standing.DONE]
    return notices.render_receipt_slip(
        _office(session, phone), view.unit.values.get("name", ""), view.form.title, view.case.case_no,
        _today(session), received, reached=reached, rehearsal=session.rehearsal, offset_mm=offset_mm,
    )  # fmt: skip


def _brought(case: CaseState, item: str) -> bool:
    ticks: Mapping[str, bool] = case.papers.get(item, {})
    return any(ticks.values())


def _remedy(line: MissingPaper) -> str:
    if line.original and line.copy:
        return "请带原件核对，并交加盖单位公章的复印件"
    return "请带原件核对" if line.original else "请交加盖单位公章的复印件"


def _office(session: Session, phone: str) -> notices.Office:
    with session.read() as uow:
        return notices.Office(session.office_state(uow).name, phone)


def _today(session: Session) -> str:
    return china_date(session.now()).isoformat()
