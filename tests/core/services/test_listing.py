"""Lists and details as the screens read them: filtered, counted, paged, honest about the hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EnvironmentFault, Refusal, UserError
from core.records.states import Delivery
from core.services import applications, audit, erasure, review
from core.services.audit import RecordFilter
from core.services.conflicts import settle
from core.services.listing import case_detail, case_page, review_queue
from core.store.action_rows import Receipt
from tests.core.services.office_kit import OfficeKit, open_kit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


def reject(kit: OfficeKit, subject: str, kind: str, code: str) -> None:
    """Let the hub refuse the newest action of this kind."""
    with kit.sit("admin") as admin, admin.begin() as uow:
        row = next(r for r in uow.ledger.record(subject, 0, 100) if r.signed.action.kind == kind)
        uow.ledger.add_receipt(Receipt(row.signed.hash, "rejected", None, code, {}, row.signed.action.at))
        uow.projection.refresh(row.signed.action.subject_kind, subject)


def test_pages_are_newest_first_and_say_whether_more_is_left(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        cases = [kit.filed_case(clerk) for _ in range(5)]
        first = case_page(clerk, limit=3)
        assert [line.case for line in first.lines] == cases[::-1][:3]
        assert first.more
        rest = case_page(clerk, limit=3, offset=3)
        assert [line.case for line in rest.lines] == cases[::-1][3:]
        assert not rest.more
        assert not case_page(clerk, limit=5).more


def test_counts_follow_the_query_not_the_state(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        kit.filed_case(clerk)
        wanted = kit.submitted_case(clerk)
        number = applications.get_case(clerk, wanted).case.case_no
        assert case_page(clerk).counts == {"filed": 1, "submitted": 1}
        found = case_page(clerk, number, ("filed",))
        assert found.lines == ()
        assert found.counts == {"submitted": 1}
        assert [line.case for line in case_page(clerk, number.lower()).lines] == [wanted]


def test_history_names_accounts_and_holds_the_claims_too(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    with kit.sit("auditor") as auditor:
        detail = case_detail(auditor, case_id)
    kinds = [line.recorded.signed.action.kind for line in detail.history]
    assert kinds[0] == "case_approved" and kinds[-1] == "case_filed"
    assert {line.who for line in detail.history} == {"clerk", "reviewer"}
    assert detail.delivery is Delivery.PENDING and detail.refused is None
    assert detail.pending == len(kinds) + 1, "the unit waits for the hub as well"


def test_a_refusal_of_the_hub_is_in_the_detail_until_it_is_settled(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    reject(kit, case_id, "case_approved", "self_approval")
    with kit.sit("reviewer") as reviewer:
        detail = case_detail(reviewer, case_id)
        assert detail.refused is not None and detail.refused.code == "self_approval"
        assert detail.view.case.lifecycle.value == "submitted", "a refused approval approves nothing"
        codes = {step.step.value: step.code for step in detail.steps}
        assert codes["approve"] == codes["return"] == "refusal_unsettled"
        with pytest.raises(Refusal, match="refusal_unsettled"):
            review.approve(reviewer, case_id)
        settle(reviewer, detail.refusal, "drop")
        review.approve(reviewer, case_id)
        detail = case_detail(reviewer, case_id)
        assert (detail.refused, detail.refusal) == (None, "")


def test_the_queue_is_oldest_first_and_knows_whose_hands(kit: OfficeKit) -> None:
    with kit.sit("both") as both:
        own = kit.submitted_case(both)
    with kit.sit("clerk") as clerk:
        other = kit.submitted_case(clerk)
    done = kit.approved_case()
    with kit.sit("both") as both:
        queue = review_queue(both)
    assert [(each.line.case, each.mine) for each in queue.waiting] == [(own, True), (other, False)]
    assert [each.line.case for each in queue.approved] == [done]
    assert not queue.single_clerk


def test_what_was_looked_at_is_what_is_approved(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.submitted_case(clerk)
        seen = applications.get_case(clerk, case_id).case.content
        applications.recall(clerk, case_id)
        case = applications.get_case(clerk, case_id).case
        applications.amend_case(clerk, case_id, {**case.values, "remark": "改过"})
        kit.print_case(clerk, case_id)
        kit.scan_case(clerk, case_id)
        applications.submit(clerk, case_id)
    with kit.sit("reviewer") as reviewer:
        with pytest.raises(Refusal) as refused:
            review.approve(reviewer, case_id, seen=seen)
        assert refused.value.code == "content_stale"
        review.approve(reviewer, case_id, seen=applications.get_case(reviewer, case_id).case.content)


# --- the auditor ------------------------------------------------------------------------------


def test_the_record_is_filtered_by_kind_person_and_text(kit: OfficeKit) -> None:
    first, second = kit.approved_case(), kit.approved_case()
    with kit.sit("auditor") as auditor:
        approvals = audit.audit_page(auditor, RecordFilter(kinds=("case_approved",)))
        assert [line.recorded.signed.action.subject for line in approvals] == [second, first]
        number = applications.get_case(auditor, first).case.case_no
        assert [line.subject for line in approvals][1] == number
        by_number = audit.audit_page(auditor, RecordFilter(text=number))
        assert {line.recorded.signed.action.subject for line in by_number} == {first}
        unit = applications.get_case(auditor, first).unit
        by_name = audit.audit_page(auditor, RecordFilter(text=unit.values["name"]))
        assert {line.recorded.signed.action.subject for line in by_name} == {first, unit.id}
        mine = audit.audit_page(auditor, RecordFilter(person=kit.person("reviewer")))
        assert {line.who for line in mine} == {"reviewer"} and len(mine) == 2
        both = RecordFilter(kinds=("case_filed",), person=kit.person("reviewer"))
        assert audit.audit_page(auditor, both) == []


def test_the_record_is_paged_without_gap_or_repeat(kit: OfficeKit) -> None:
    kit.approved_case()
    with kit.sit("auditor") as auditor:
        whole = [line.recorded.position for line in audit.audit_page(auditor, RecordFilter())]
        pages: list[int] = []
        while True:
            after = pages[-1] if pages else 0
            page = audit.audit_page(auditor, RecordFilter(), after, 3)
            if not page:
                break
            pages += [line.recorded.position for line in page]
    assert pages == whole == sorted(whole, reverse=True)


@pytest.mark.parametrize("login", ["clerk", "reviewer", "both"])
def test_only_auditors_and_administrators_read_all_of_it(kit: OfficeKit, login: str) -> None:
    with kit.sit(login) as session, pytest.raises(UserError) as refused:
        audit.audit_page(session, RecordFilter())
    assert refused.value.code == "role_missing"


def test_what_was_erased_is_marked_and_only_that(kit: OfficeKit) -> None:
    gone, kept = kit.approved_case(), kit.approved_case()
    with kit.sit("admin") as admin:
        erasure.erase(admin, "case", gone)
        lines = audit.audit_page(admin, RecordFilter())
        erased = {line.recorded.signed.action.subject for line in lines if line.erased}
        assert erased == {gone} and kept not in erased
        assert case_detail(admin, gone).view.case.erased
        assert case_detail(admin, gone).findings == ()


def test_verifying_reports_each_action_and_can_be_stopped(kit: OfficeKit) -> None:
    kit.approved_case()
    with kit.sit("auditor") as auditor:
        seen: list[tuple[int, int]] = []
        count = audit.verify_record(auditor, lambda done, total: seen.append((done, total)))
        assert seen == [(at + 1, count) for at in range(count)]

        def stop(done: int, total: int) -> None:
            raise EnvironmentFault("stopped")

        with pytest.raises(EnvironmentFault, match="stopped"):
            audit.verify_record(auditor, stop)
