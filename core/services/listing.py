"""What the case list, the review desk and a case's detail show: read together, in one moment each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.clock import china_date, to_stamp
from core.forms.check import CheckContext, check_form
from core.forms.spec import Finding
from core.records.ladder import Approval, LegalStep, legal_ladder
from core.records.next_steps import NextStep, Scene, acts_single, next_steps
from core.records.states import CaseState, CertificateState, ClaimState, Delivery, Lifecycle
from core.services.applications import CaseView, get_case
from core.services.audit import AuditLine, logins
from core.services.dying import Dying
from core.services.review import approval_ends
from core.services.session import Session
from core.store.action_rows import Receipt
from core.store.lists import CaseLine
from core.store.record_lists import RecordFilter, RecordLists
from core.store.unit_of_work import UnitOfWork

__all__ = [
    "CaseDetail",
    "CaseLine",
    "CasePage",
    "CaseView",
    "QueueLine",
    "ReviewQueue",
    "case_detail",
    "case_page",
    "review_queue",
]

PAGE = 200
HISTORY = 500
QUEUE = 1000


@dataclass(frozen=True)
class CasePage:
    """Lines of the case list: ``counts`` by lifecycle for the same query, ``more`` if lines are left."""

    lines: tuple[CaseLine, ...]
    counts: Mapping[str, int]
    more: bool
    as_of: date


@dataclass(frozen=True)
class CaseDetail:
    """All about one case as of this moment.

    ``history`` is newest first, its claims and certificate included; ``refused`` the hub's newest
    rejection that nobody has settled, ``refusal`` the work item it belongs to; ``pending`` how many of
    its actions wait for the hub; ``findings`` what the rules say of its values today; ``mine`` whether
    this person had a hand in it; ``legal`` how far the law may rely on it; ``dying`` what the approval of a
    submitted one ends.
    """

    view: CaseView
    delivery: Delivery
    history: tuple[AuditLine, ...]
    refused: Receipt | None
    refusal: str
    pending: int
    steps: tuple[NextStep, ...]
    claims: tuple[ClaimState, ...]
    certificate: CertificateState | None
    findings: tuple[Finding, ...]
    mine: bool
    single: bool
    as_of: date
    legal: tuple[LegalStep, ...]
    dying: Dying

    @property
    def history_cut(self) -> bool:
        """Whether older actions were left out."""
        return len(self.history) >= HISTORY


@dataclass(frozen=True)
class QueueLine:
    """A case of the review desk; ``mine``: this person had a hand in it and may not approve it."""

    line: CaseLine
    mine: bool


@dataclass(frozen=True)
class ReviewQueue:
    """The reviewer's desk: 待审核, and 待领取 whose approval may still be undone."""

    waiting: tuple[QueueLine, ...]
    approved: tuple[QueueLine, ...]
    single_clerk: bool
    as_of: date


def case_page(
    session: Session, query: str = "", lifecycles: tuple[str, ...] = (), limit: int = PAGE, offset: int = 0
) -> CasePage:
    """Return a page of the case list, newest change first, with the counts beside it."""
    with session.read() as uow:
        lines = uow.lists.cases(query, lifecycles, limit + 1, offset)
        counts = uow.lists.count_cases(query)
    return CasePage(tuple(lines[:limit]), counts, len(lines) > limit, china_date(session.now()))


def case_detail(session: Session, number_or_id: str) -> CaseDetail:
    """Return a case with history, delivery and next steps. Raises ``UserError('case_unknown')``."""
    view = get_case(session, number_or_id)
    as_of = china_date(session.now())
    with session.read() as uow:
        return _detail(session, uow, view, as_of)


def _detail(session: Session, uow: UnitOfWork, view: CaseView, as_of: date) -> CaseDetail:
    case = view.case
    certificate = uow.projection.certificate_of(case.id)
    claims = tuple(uow.projection.claims_of(case.id))
    subjects = [case.id, *(claim.id for claim in claims)]
    own = (*subjects, *((certificate.id,) if certificate else ()))
    names = logins(session)
    rows = RecordLists(uow.connection).page(RecordFilter(subjects=own), 0, HISTORY)
    history = tuple(AuditLine(row.recorded, names(row.recorded), row.label, row.erased) for row in rows)
    delivery = uow.ledger.delivery([case.unit, *subjects])
    unit_rows = RecordLists(uow.connection).page(RecordFilter(subjects=(case.unit,)), 0, HISTORY)
    receipts = [row.recorded.receipt for row in (*rows, *unit_rows)]
    own_open = uow.refusals.open("case", case.id)
    others = [("unit", case.unit), *(("claim", claim.id) for claim in claims)]
    groups = [rows for rows in (own_open, *(uow.refusals.open(*other) for other in others)) if rows]
    newest = max(groups, key=lambda rows: rows[-1].position, default=None)
    unsettled = tuple(row.signed.hash for row in own_open)
    held = tuple(uow.projection.certificates_of_unit(view.unit.id))
    scene = Scene(view.office, view.unit, case, certificate, held, unsettled)
    context = CheckContext(as_of, view.office.code[:6], view.unit.values)
    return CaseDetail(
        view=view,
        delivery=delivery,
        history=history,
        refused=newest[-1].receipt if newest else None,
        refusal=newest[0].signed.action.id if newest else "",
        pending=sum(1 for receipt in receipts if receipt is None),
        steps=next_steps(scene, session.person, as_of),
        claims=claims,
        certificate=certificate,
        findings=() if case.erased else check_form(view.form, case.values, context),
        mine=session.person in case.hands,
        single=acts_single(scene, session.person),
        as_of=as_of,
        legal=legal_ladder(case, _approval(case, history), certificate, to_stamp(session.now())),
        dying=approval_ends(uow, view) if case.lifecycle is Lifecycle.SUBMITTED else Dying(),
    )


def _approval(case: CaseState, history: tuple[AuditLine, ...]) -> Approval | None:
    for line in history:
        signed, receipt = line.recorded.signed, line.recorded.receipt
        if signed.hash == case.approval:
            if receipt is None:
                return Approval(signed.action.at)
            rejected = receipt.verdict == "rejected"
            return Approval(signed.action.at, "" if rejected else receipt.at, rejected)
    return None


def legal_state(session: Session, case_id: str) -> tuple[LegalStep, ...]:
    """Return how far the law may rely on a case, for a slip. Raises ``UserError('case_unknown')``."""
    return case_detail(session, case_id).legal


def review_queue(session: Session) -> ReviewQueue:
    """Return what waits for review and what is approved but not claimed, each longest waiting first."""
    with session.read() as uow:
        single = session.office_state(uow).single_clerk
        waiting = _queue(session, uow, Lifecycle.SUBMITTED)
        approved = _queue(session, uow, Lifecycle.APPROVED)
    return ReviewQueue(waiting, approved, single, china_date(session.now()))


def _queue(session: Session, uow: UnitOfWork, lifecycle: Lifecycle) -> tuple[QueueLine, ...]:
    lines = uow.lists.cases("", (lifecycle.value,), limit=QUEUE)
    mine = RecordLists(uow.connection).touched_by(session.person, [line.case for line in lines])
    return tuple(QueueLine(line, line.case in mine) for line in reversed(lines))
