"""Review (审核、核准): another person, with another key, approves or returns with reasons."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import Refusal, UserError
from core.records.changes import MANAGER
from core.records.states import CaseState
from core.services.applications import CaseView, get_case
from core.services.dying import Dying, dying
from core.services.recording import record
from core.services.scans import is_here
from core.services.session import Session
from core.store.unit_of_work import UnitOfWork

RETURN_REASONS = (
    "form_wrong",
    "signature_missing",
    "seal_missing",
    "scan_unreadable",
    "papers_differ",
    "person_wrong",
    "other",
)
"""Codes of the reasons a reviewer may tick; sentences in ui/messages.py."""


def approve(session: Session, case_id: str, seen: str | None = None) -> str:
    """Approve the case as it is now; return the hash of the approving action.

    ``seen`` is the content the reviewer looked at; a case that says something else by now is refused
    with ``Refusal('content_stale')``.

    In an office enrolled as single-clerk the act is recorded as ``case_approved_single`` when the
    approver had a hand in the case. Raises ``Refusal`` self_approval, role_missing, papers_missing,
    signed_scan_missing, case_wrong_state, ``UserError('scan_not_here_yet')``: nobody approves what this
    desk cannot show.
    """
    view = get_case(session, case_id)
    if seen is not None and seen != view.case.content:
        raise Refusal("content_stale")
    scan = view.case.signed_scan()
    if scan is None:
        raise Refusal("signed_scan_missing")
    if not is_here(session, scan.id):
        raise UserError("scan_not_here_yet")
    facts = {"content": view.case.content, "scan": scan.id}
    own = session.person in view.case.hands
    kind = "case_approved_single" if own and view.office.single_clerk else "case_approved"
    with session.begin() as uow:
        approval = record(session, uow, "case", case_id, kind, facts).hash
        if appoints_manager(view.case):
            _end_former(session, uow, view)
        return approval


def appoints_manager(case: CaseState) -> bool:
    """Tell whether the approval of a case itself ends the former manager's certificate (附件3)."""
    return case.form == "attachment-3" and case.values.get("reason") == "manager_changed"


def preview_approval(session: Session, case_id: str) -> Dying:
    """Return exactly what the approval of a case will end: nothing, but for a new manager."""
    view = get_case(session, case_id)
    with session.read() as uow:
        return approval_ends(uow, view)


def approval_ends(uow: UnitOfWork, view: CaseView) -> Dying:
    """Return the same for a case that was read."""
    return dying(uow, view.unit, MANAGER, case=view.case.id) if appoints_manager(view.case) else Dying()


def _end_former(session: Session, uow: UnitOfWork, view: CaseView) -> None:
    """The new manager stands from the approval on, and nothing of the former one."""
    from core.services.changes import void_claims_of_unit

    void_claims_of_unit(session, uow, view.unit.id, "manager_changed")
    facts = {"change": "", "case": view.case.id, "basis": view.case.case_no}
    record(session, uow, "unit", view.unit.id, "manager_changed", facts)


def return_for_correction(session: Session, case_id: str, reasons: Sequence[str], remark: str = "") -> None:
    """Send the case back with reasons. Raises ``Refusal`` reason_missing, case_wrong_state."""
    with session.begin() as uow:
        facts = {"reasons": list(reasons)}
        record(session, uow, "case", case_id, "case_returned", facts, {"remark": remark})


def undo_approval(session: Session, case_id: str, remark: str = "") -> None:
    """Take an approval back before it is claimed; its live claim codes are voided in the same act."""
    from core.services.claims import void_live_claims

    view: CaseView = get_case(session, case_id)
    with session.begin() as uow:
        void_live_claims(session, uow, case_id, "approval_undone")
        facts = {"approval": view.case.approval or ""}
        record(session, uow, "case", case_id, "approval_undone", facts, {"remark": remark})
