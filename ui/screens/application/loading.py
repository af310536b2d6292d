"""What the store lane does for this screen: find, begin, resume, freeze. Plain functions of a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from core.clock import CHINA, china_date, from_stamp
from core.errors import UserError
from core.forms.check import CheckContext
from core.forms.papers import checklist
from core.forms.registry import latest
from core.ids import new_id
from core.records.states import OPEN_LIFECYCLES, UnitState
from core.services import applications, paper
from core.services.session import Session
from core.services.units import find_units, get_unit
from ui.screens.application.work import EDITABLE, PastCase, Ticks, Work, split_draft, tidy

PICK_LIMIT = 60


@dataclass(frozen=True)
class DraftLine:
    """An unfinished draft as the start page names it."""

    id: str
    unit_name: str
    saved_at: str
    amends: bool


@dataclass(frozen=True)
class UnitChoice:
    """A unit as the picker lists it: its open case and how its record was closed, empty if neither is so."""

    id: str
    name: str
    uscc: str
    open_case: str
    closed: str = ""


@dataclass(frozen=True)
class _Kept:
    """A draft, parted."""

    id: str
    typed: Mapping[str, str]
    ticks: Ticks


def _moment(stamp: str) -> str:
    return from_stamp(stamp).astimezone(CHINA).strftime("%m-%d %H:%M")


def drafts_of(session: Session, form_id: str) -> tuple[DraftLine, ...]:
    """Return the unfinished drafts of one form, newest first."""
    found = [draft for draft in applications.drafts(session) if draft.kind == form_id]
    return tuple(
        _draft_line(session, each.id, each.subject, each.values.get("unit_name", ""), each.updated_at)
        for each in found
    )


def _draft_line(session: Session, id: str, subject: str, name: str, stamp: str) -> DraftLine:
    amends = False
    try:
        name = get_unit(session, subject).values.get("name", name)
    except UserError:
        amends = True
    return DraftLine(id, name or "未填单位名称", _moment(stamp), amends)


def pick(session: Session, query: str) -> tuple[UnitChoice, ...]:
    """Return the units that fit what was typed."""
    found = find_units(session, query, PICK_LIMIT)
    return tuple(UnitChoice(u.unit, u.name, u.uscc, u.open_case or "", u.closed) for u in found)


def history_of(session: Session, unit_id: str) -> tuple[PastCase, ...]:
    """Return the unit's cases, newest first."""
    return tuple(
        PastCase(line.case, line.case_no, line.form, line.lifecycle, _moment(line.changed_at))
        for line in applications.cases_of_unit(session, unit_id)
    )


def begin(session: Session, form_id: str, unit_id: str) -> Work:
    """Begin for a unit, or go on where somebody left off: its open case first, then its draft."""
    unit = get_unit(session, unit_id)
    running = {state.value for state in OPEN_LIFECYCLES}
    open_case = next(
        (
            line.id
            for line in history_of(session, unit_id)
            if line.form == form_id and line.lifecycle in running
        ),
        "",
    )
    if open_case:
        return of_case(session, open_case)
    typed = applications.start_values(session, form_id, unit_id)
    return _fresh(session, form_id, unit, typed, _kept_about(session, form_id, unit_id))


def _kept_about(session: Session, form_id: str, subject: str) -> _Kept | None:
    found = (d for d in applications.drafts(session) if d.kind == form_id and d.subject == subject)
    return next((_Kept(each.id, *split_draft(each.values)) for each in found), None)


def _fresh(
    session: Session, form_id: str, unit: UnitState, typed: Mapping[str, str], kept: _Kept | None
) -> Work:
    with session.read() as uow:
        office = session.office_state(uow)
    return Work(
        form=latest(form_id),
        unit=unit,
        context=CheckContext(china_date(session.now()), office.code[:6], unit.values),
        rehearsal=session.rehearsal,
        draft_id=kept.id if kept else new_id(session.random),
        typed=kept.typed if kept else typed,
        checklist=checklist(form_id, office.checklists.get(form_id)),
        ticks=kept.ticks if kept else {},
        history=history_of(session, unit.id),
        restored=kept is not None,
        touched=kept is not None,
    )


def of_case(session: Session, case_id: str, kept: _Kept | None = None) -> Work:
    """Open a filed case; a draft of its correction is taken up where it was left."""
    view = applications.get_case(session, case_id)
    case = view.case
    kept = (kept or _kept_about(session, case.form, case.id)) if case.lifecycle in EDITABLE else None
    pending = paper.pending_print(session, case.id)
    work = _fresh(session, case.form, view.unit, case.values, kept)
    return replace(
        work,
        form=view.form,
        checklist=view.checklist,
        ticks=case.papers,
        case=case,
        stale=paper.stale_fields(session, case.id),
        pending=pending.copies if pending else 0,
    )


def of_draft(session: Session, draft_id: str) -> Work:
    """Take up a draft. Raises ``UserError('draft_gone')``."""
    draft = next((each for each in applications.drafts(session) if each.id == draft_id), None)
    if draft is None:
        raise UserError("draft_gone")
    kept = _Kept(draft.id, *split_draft(draft.values))
    try:
        unit = get_unit(session, draft.subject)
    except UserError:
        return of_case(session, draft.subject, kept)
    begun = begin(session, draft.kind, unit.id)
    if begun.case is None:
        return _fresh(session, draft.kind, unit, {}, kept)
    # Filed in the meantime (a save that came late): what the draft holds is a change of that case.
    return replace(begun, typed=kept.typed, draft_id=kept.id, touched=True) if begun.editable else begun


def keep_draft(session: Session, work: Work) -> str:
    """Save what is typed; return the time of day in China."""
    subject = work.case.id if work.case else work.unit.id
    applications.save_draft(session, work.draft_id, work.form.id, subject, work.draft_values())
    return session.now().astimezone(CHINA).strftime("%H:%M:%S")


def freeze(session: Session, work: Work) -> Work:
    """File the application, or its correction, and the ticks; what no printer could print is not filed.

    Raises as ``render_form``, ``file_case``, ``amend_case``.
    """
    from core.documents.pdf import render_form

    render_form(work.form, work.values, rehearsal=work.rehearsal)
    if work.case is None:
        case_id = applications.file_case(session, work.form.id, work.unit.id, work.typed, work.draft_id)
    else:
        case_id = work.case.id
        if work.changed:
            applications.amend_case(session, case_id, work.typed, work.draft_id)
    keep_ticks(session, replace(work, case=applications.get_case(session, case_id).case))
    return of_case(session, case_id)


def keep_ticks(session: Session, work: Work) -> None:
    """Write the ticks down if they differ from the record as it is now."""
    if work.case is None:
        return
    if tidy(applications.get_case(session, work.case.id).case.papers) != tidy(work.ticks):
        applications.tick_papers(session, work.case.id, work.ticks)


def hand_over(session: Session, work: Work) -> Work:
    """Submit for review. Raises ``Refusal`` papers_missing, signed_scan_missing, content_stale."""
    if work.case is None:
        raise UserError("case_unknown")
    keep_ticks(session, work)
    applications.submit(session, work.case.id)
    return of_case(session, work.case.id)


def today(session: Session) -> date:
    """Return the office's day."""
    return china_date(session.now())


def recall(session: Session, case_id: str) -> Work:
    """Take a submission back."""
    applications.recall(session, case_id)
    return of_case(session, case_id)


def discard(session: Session, draft_id: str) -> None:
    """Forget a draft."""
    applications.discard_draft(session, draft_id)
