"""What the review desk says, without a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services import review
from core.services.applications import file_case, get_case, submit
from core.services.listing import CaseDetail, case_detail, review_queue
from core.services.sync import sync
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom, open_kit
from ui.screens.review.state import (
    NOT_YOURS,
    SheetView,
    approve_question,
    queue_rows,
    sheet_view,
    undo_question,
)
from ui.widgets.reasons_dialog import REMARK_LIMIT, remark_state


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


def submitted(kit: OfficeKit, login: str, form: str = "attachment-1") -> str:
    with kit.sit(login) as clerk:
        return kit.submitted_case(clerk, form)


def detail(kit: OfficeKit, login: str, case_id: str) -> CaseDetail:
    with kit.sit(login) as session:
        return case_detail(session, case_id)


def sheet(kit: OfficeKit, login: str, case_id: str) -> SheetView:
    return sheet_view(detail(kit, login, case_id))


def alone(kit: OfficeKit) -> None:
    """Enrol the office as a single-clerk one (独任审核)."""
    kit.enrol(PostedHub(FakeHub(kit.clock, SeededRandom("hub")).post), single_clerk=True)


def test_own_work_is_greyed_with_the_reason(kit: OfficeKit) -> None:
    own, other = submitted(kit, "both"), submitted(kit, "clerk")
    with kit.sit("both") as both:
        queue = review_queue(both)
    rows = queue_rows(queue.waiting, 2026, queue.single_clerk)
    assert [(row.key, row.quiet) for row in rows] == [(own, True), (other, False)]
    assert rows[0].note == NOT_YOURS
    assert NOT_YOURS not in rows[1].spoken() and "11-23 10:01" in rows[1].spoken()


@pytest.mark.parametrize(
    ("login", "approve", "send_back", "said"),
    [
        ("reviewer", True, True, ""),
        ("clerk", False, False, "您的角色不能办理此项"),
        ("admin", False, False, "您的角色不能办理此项"),
        ("auditor", False, False, "您的角色不能办理此项"),
    ],
)
def test_a_role_that_is_missing_is_said_first(
    kit: OfficeKit, login: str, approve: bool, send_back: bool, said: str
) -> None:
    view = sheet(kit, login, submitted(kit, "clerk"))
    assert (view.may_approve, view.may_return) == (approve, send_back)
    assert said in view.why_not
    assert any(said in words for words, _ in view.notices) or not said


def test_own_work_cannot_be_approved_but_sent_back(kit: OfficeKit) -> None:
    view = sheet(kit, "both", submitted(kit, "both"))
    assert not view.may_approve and view.may_return
    assert view.why_not == f"{NOT_YOURS}。" and view.notices[0] == (view.why_not, "warn")


def test_an_office_of_one_says_what_it_does(kit: OfficeKit) -> None:
    alone(kit)
    own, other = submitted(kit, "both"), submitted(kit, "clerk")
    found = detail(kit, "both", own)
    view = sheet_view(found)
    assert view.may_approve and view.approve_words == "独任审核核准"
    assert any("独任审核" in words for words, _ in view.notices)
    assert "独任审核" in approve_question(found).text
    assert sheet(kit, "both", other).approve_words == "核准", "another's work is an ordinary approval"
    with kit.sit("both") as both:
        queue = review_queue(both)
        assert not any(row.quiet for row in queue_rows(queue.waiting, 2026, queue.single_clerk))
        review.approve(both, own)
        assert case_detail(both, own).view.case.single


def test_the_checklist_says_what_was_seen_and_what_is_not_needed(kit: OfficeKit) -> None:
    view = sheet(kit, "reviewer", submitted(kit, "clerk"))
    states = {check.text[:8]: check for check in view.checks}
    assert {check.state for check in view.checks} == {"ok", "off"}
    assert any(check.note == "此件不需要" for check in view.checks if check.state == "off")
    assert any(check.note == "原件已核、复印件已收" for check in view.checks), states


def test_the_rules_are_asked_again_today(kit: OfficeKit) -> None:
    case_id = submitted(kit, "clerk")
    assert sheet(kit, "reviewer", case_id).verdict[1] == "good"
    kit.clock.move(days=-3)  # the day of filing now lies in the future
    view = sheet(kit, "reviewer", case_id)
    assert view.verdict[1] in ("bad", "warn")
    assert any(fact.note for fact in view.facts if fact.label == "填表日期")


def test_approved_cases_may_be_undone_until_claimed(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    view = sheet(kit, "reviewer", case_id)
    assert view.may_undo and not view.may_approve and view.lifecycle == "approved"
    assert not sheet(kit, "clerk", case_id).may_undo


@pytest.mark.parametrize("form", ["attachment-1", "attachment-3"])
def test_questions_name_the_unit_and_cover_the_holder(kit: OfficeKit, form: str) -> None:
    found = detail(kit, "reviewer", submitted(kit, "clerk", form))
    case = found.view.case
    names = {case.values.get("manager_name"), case.values.get("representative_name")} - {None, ""}
    for asked in (approve_question(found), undo_question(found)):
        words = "".join((asked.title, asked.text, *asked.details))
        assert found.view.unit.values["name"] in words and "**" in words
        assert not any(str(name) in words for name in names)


def test_a_new_manager_is_approved_in_sight_of_what_ends(kit: OfficeKit) -> None:
    hub = FakeHub(kit.clock, SeededRandom("hub"))
    port = PostedHub(hub.post)
    kit.enrol(port)
    former = kit.approved_case()
    with kit.sit("clerk") as clerk:
        sync(clerk, port)
        hub.issue(clerk.office, former)
        sync(clerk, port)
        unit = get_case(clerk, former).case.unit
        typed = kit.typed(clerk, unit, "attachment-3", reason="manager_changed")
        case_id = file_case(clerk, "attachment-3", unit, typed)
        kit.print_case(clerk, case_id)
        kit.scan_case(clerk, case_id)
        kit.tick_all(clerk, case_id)
        submit(clerk, case_id)
        number = get_case(clerk, former).case.case_no
    asked = approve_question(detail(kit, "reviewer", case_id))
    assert asked.danger and any("电子证书" in line and number in line for line in asked.details)
    with kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)
        assert case_detail(reviewer, case_id).dying.nothing, "it has ended"


@pytest.mark.parametrize(
    ("ticked", "remark", "allowed"),
    [
        ((), "", False),
        ((), "说明", False),
        (("form_wrong",), "", True),
        (("other",), "  ", False),
        (("other",), "缺页", True),
        (("form_wrong",), "字" * REMARK_LIMIT, True),
        (("form_wrong",), "字" * (REMARK_LIMIT + 1), False),
        (("form_wrong",), " " * 300 + "字", True),
    ],
)
def test_a_return_needs_its_reasons(ticked: tuple[str, ...], remark: str, allowed: bool) -> None:
    assert (remark_state(ticked, remark) == "") is allowed
