"""What follows from a piece of work: what differs, what is told, which step comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.records.states import Lifecycle
from core.services import applications, paper, review
from core.services.session import Session
from tests.core.services.office_kit import OfficeKit, open_kit
from ui.screens.application import loading, words
from ui.screens.application.papers_state import papers_state
from ui.screens.application.work import SIGNED_FORM, Work, split_draft


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


@pytest.fixture
def clerk(kit: OfficeKit) -> Session:
    return kit.open("clerk")


def begun(kit: OfficeKit, clerk: Session, **typed: str) -> Work:
    unit = kit.unit(clerk)
    work = loading.begin(clerk, "attachment-1", unit)
    for id, value in (kit.typed(clerk, unit) | typed).items():
        work = work.with_value(id, value)
    return work


def test_a_new_form_knows_what_the_register_knows(kit: OfficeKit, clerk: Session) -> None:
    unit = kit.unit(clerk)
    work = loading.begin(clerk, "attachment-1", unit)
    assert work.values["unit_name"] == work.unit.values["name"]
    assert work.values["filled_on"] == kit.today().isoformat()
    assert not work.worth_keeping and words.next_step(work) == "print"


def test_unticking_by_mistake_costs_nothing(kit: OfficeKit, clerk: Session) -> None:
    work = begun(kit, clerk, other_manager="yes", manager_name="李演")
    off = work.with_value("other_manager", "")
    assert "manager_name" not in off.values
    assert off.with_value("other_manager", "yes").values["manager_name"] == "李演"


def test_a_draft_gives_back_values_and_ticks(kit: OfficeKit, clerk: Session) -> None:
    work = begun(kit, clerk).with_tick("manager_id", "copy", True)
    loading.keep_draft(clerk, work)
    again = loading.begin(clerk, "attachment-1", work.unit.id)
    assert again.restored and again.typed == work.typed
    assert again.ticks["manager_id"] == {"copy": True}
    (line,) = loading.drafts_of(clerk, "attachment-1")
    assert line.unit_name == work.unit.values["name"] and not line.amends
    assert loading.drafts_of(clerk, "attachment-3") == ()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', "null"])
def test_ticks_that_cannot_be_read_are_dropped(text: str) -> None:
    assert split_draft({"unit_name": "演", "_papers": text}) == ({"unit_name": "演"}, {})


def test_filing_takes_the_draft_away_and_freezes_the_values(kit: OfficeKit, clerk: Session) -> None:
    work = begun(kit, clerk).with_tick("manager_id", "copy", True)
    loading.keep_draft(clerk, work)
    filed = loading.freeze(clerk, work)
    assert filed.case is not None and filed.changed == () and not filed.restored
    assert loading.drafts_of(clerk, "attachment-1") == ()
    assert filed.case.papers["manager_id"]["copy"] is True
    assert loading.begin(clerk, "attachment-1", work.unit.id).case == filed.case


def test_a_late_save_becomes_a_change_of_the_case(kit: OfficeKit, clerk: Session) -> None:
    work = begun(kit, clerk)
    loading.freeze(clerk, work)
    late = work.with_value("remark", "晚到")
    loading.keep_draft(clerk, late)
    again = loading.of_draft(clerk, late.draft_id)
    assert again.case is not None and again.changed == ("remark",)


def test_stale_paper_is_named_and_submission_explained(kit: OfficeKit, clerk: Session) -> None:
    work = loading.freeze(clerk, begun(kit, clerk))
    assert work.case is not None
    assert "还没有打印" in words.why_not_submitted(work)
    kit.print_case(clerk, work.case.id)
    printed = loading.of_case(clerk, work.case.id)
    assert printed.printed and printed.paper_differs == () and "扫描" in words.why_not_submitted(printed)
    changed = printed.with_value("representative_mobile", "13800009990").with_value("address", "另一处")
    assert changed.paper_differs == ("address", "representative_mobile")
    (telling,) = words.tellings(changed)
    assert "住所、法定代表人手机" in telling.text and telling.buttons == (("print", "重新打印"),)
    # The same after the change was filed and read back: the sheet lying there is still the old one.
    amended = loading.freeze(clerk, changed)
    assert (
        amended.paper_differs == ("address", "representative_mobile") and words.next_step(amended) == "print"
    )
    # Typed back to what the sheet says, it still needs a new sheet: the record went on.
    assert amended.with_value("address", "x").paper_differs == ("address", "representative_mobile")


def test_ready_means_printed_signed_and_complete(kit: OfficeKit, clerk: Session) -> None:
    case_id = kit.ready_case(clerk)
    work = loading.of_case(clerk, case_id)
    assert work.ready and words.why_not_submitted(work) == "" and words.next_step(work) == "submit"
    paper.begin_print(clerk, case_id, work.case.content if work.case else "", 2)
    pending = loading.of_case(clerk, case_id)
    assert not pending.ready and "确认" in words.why_not_submitted(pending)
    assert words.tellings(pending)[0].buttons == (("printed", "已打印"), ("not_printed", "未打印"))


def test_returned_reasons_are_told_and_approval_opens_the_claim(kit: OfficeKit, clerk: Session) -> None:
    case_id = kit.submitted_case(clerk)
    with kit.sit("reviewer") as reviewer:
        review.return_for_correction(reviewer, case_id, ["seal_missing"], "补盖。")
    work = loading.of_case(clerk, case_id)
    text = words.tellings(work)[0].text
    assert "缺少公章" in text and "补盖。请更正" in text and work.editable
    submitted = loading.hand_over(clerk, work)
    assert not submitted.editable and not words.may_claim(submitted)
    with kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)
    approved = loading.of_case(clerk, case_id)
    assert words.may_claim(approved) and words.next_step(approved) == "claim"
    assert approved.with_value("address", "x").changed == ()


def test_every_reason_and_lifecycle_has_words() -> None:
    assert set(words.RETURN_REASONS) == set(review.RETURN_REASONS)
    assert {str(key) for key in words.LIFECYCLES} == {state.value for state in Lifecycle}


def test_attachment_3_is_offered_its_claim_like_any_other(kit: OfficeKit) -> None:
    case_id = kit.approved_case("attachment-3")
    work = loading.of_case(kit.open("clerk"), case_id)
    assert words.may_claim(work) and words.claim_tip(work) == ""


def test_the_panel_wants_the_signed_form_first(kit: OfficeKit, clerk: Session) -> None:
    work = begun(kit, clerk)
    state = papers_state(work, "", "", {})
    assert not state.can_scan and "打印之后" in state.scan_note and state.role == SIGNED_FORM
    case_id = kit.ready_case(clerk)
    full = loading.of_case(clerk, case_id)
    state = papers_state(full, "", "", {})
    assert state.can_scan and state.role != SIGNED_FORM and state.missing == 0
    row = next(row for row in state.rows if row.role == SIGNED_FORM)
    assert [tile.current for tile in row.tiles] == [True]
    edited = papers_state(full.with_value("address", "x"), "", "", {})
    row = next(row for row in edited.rows if row.role == SIGNED_FORM)
    assert [tile.current for tile in row.tiles] == [False]


def test_an_office_that_took_the_form_off_its_list_still_scans_it(kit: OfficeKit, clerk: Session) -> None:
    work = begun(kit, clerk)
    without = replace(work, checklist=work.checklist[1:])
    assert papers_state(without, "", "", {}).rows[0].role == SIGNED_FORM


def test_names_of_the_two_people_are_told_apart(kit: OfficeKit, clerk: Session) -> None:
    form = begun(kit, clerk).form
    assert (
        words.labels(form, ("representative_mobile", "manager_mobile"))
        == "法定代表人手机、第一管理责任人手机"
    )
    assert words.labels(form, [f.id for f in form.fields()]).endswith(f"等 {len(form.fields())} 项")


def test_what_cannot_be_printed_is_not_filed(kit: OfficeKit, clerk: Session) -> None:
    work = begun(kit, clerk, remark="\U0001f600")
    if not work.faulty:
        with pytest.raises(Exception, match="glyph_missing"):
            loading.freeze(clerk, work)
    assert applications.cases_of_unit(clerk, work.unit.id) == []
