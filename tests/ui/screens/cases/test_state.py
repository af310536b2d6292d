"""What list and detail say, without a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services import applications, erasure, review
from core.services.listing import CaseDetail, case_detail, case_page
from core.store.action_rows import Receipt
from tests.core.services.office_kit import OfficeKit, open_kit
from ui.case_words import ERASED
from ui.screens.cases.state import COLUMNS, DetailView, detail_view, question, rows, segments


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


def seen(kit: OfficeKit, login: str, case_id: str) -> DetailView:
    return detail_view(detail(kit, login, case_id))


def detail(kit: OfficeKit, login: str, case_id: str) -> CaseDetail:
    with kit.sit(login) as session:
        return case_detail(session, case_id)


def rungs(view: DetailView) -> list[tuple[str, str]]:
    return [(rung.title, rung.state) for rung in view.rungs]


def buttons(view: DetailView) -> dict[str, bool]:
    return {each.id: each.enabled for each in view.buttons}


def test_rows_mask_the_holder_and_show_both_axes(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.submitted_case(clerk)
        page = case_page(clerk)
        values = applications.get_case(clerk, case_id).case.values
    (row,) = rows(page.lines, 2026)
    texts = [cell.text for cell in row.cells]
    assert len(texts) == len(COLUMNS)
    assert values["representative_name"] not in "".join(texts) + row.tip
    assert texts[3] == values["representative_name"][0] + "**"
    assert texts[4:6] == ["待审核", "待同步"]
    assert texts[6] == "11-23 10:01"


def test_segments_count_and_total() -> None:
    shown = dict(segments({"filed": 2, "approved": 3}))
    assert shown[""] == "全部 5" and shown["filed"] == "已填报 2" and shown["claimed"] == "已领取 0"


def test_personal_values_are_covered_until_asked_for(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.filed_case(clerk)
        values = applications.get_case(clerk, case_id).case.values
    facts = seen(kit, "clerk", case_id).facts
    shown, clear = "".join(f.shown for f in facts), "".join(f.clear for f in facts)
    for field in ("representative_name", "representative_id", "representative_mobile"):
        assert values[field] not in shown
        assert values[field] in clear
    assert values["unit_name"] in shown


def test_the_ladder_goes_up_step_by_step(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.filed_case(clerk)
    assert rungs(seen(kit, "clerk", case_id))[:2] == [("本机已填报", "now"), ("已提交审核", "later")]
    with kit.sit("clerk") as clerk:
        kit.print_case(clerk, case_id)
        kit.scan_case(clerk, case_id)
        kit.tick_all(clerk, case_id)
        applications.submit(clerk, case_id)
    assert rungs(seen(kit, "clerk", case_id))[:3] == [
        ("本机已填报", "done"),
        ("已提交审核", "now"),
        ("本机已核准", "later"),
    ]
    with kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)
    assert rungs(seen(kit, "clerk", case_id)) == [
        ("本机已填报", "done"),
        ("已提交审核", "done"),
        ("本机已核准", "done"),
        ("省级未收到", "now"),
        ("手机已领取", "now"),
        ("证书生效", "later"),
    ]


def test_a_stale_paper_and_missing_scan_are_said(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.ready_case(clerk)
        case = applications.get_case(clerk, case_id).case
        applications.amend_case(clerk, case_id, {**case.values, "remark": "改过"})
    view = seen(kit, "clerk", case_id)
    assert any("纸质表已不是最新" in words for words, _ in view.notices)
    assert any(line.startswith("提交审核：还没有当前版本的签字盖章扫描件") for line in view.shut())


def test_what_the_hub_refused_is_said_and_where_it_is_settled(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    with kit.sit("admin") as admin, admin.begin() as uow:
        row = uow.ledger.record(case_id, 0, 1)[0]
        receipt = Receipt(row.signed.hash, "rejected", None, "self_approval", {}, row.signed.action.at)
        uow.ledger.add_receipt(receipt)
        uow.projection.refresh("case", case_id)
    view = seen(kit, "clerk", case_id)
    words, tone = view.notices[0]
    assert tone == "bad" and words == "被省级退回：不能审核自己受理的业务"
    assert view.refusal == row.signed.action.id, "the notice leads to the item"
    assert not any(each.enabled for each in view.buttons if each.id != "review")
    assert ("省级平台退回", "bad") in rungs(view)
    assert view.history[0].note.startswith("被退：") and view.history[0].tone == "bad"


def test_a_returned_case_gives_reasons_and_remark(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.submitted_case(clerk)
    with kit.sit("reviewer") as reviewer:
        review.return_for_correction(reviewer, case_id, ["seal_missing"], "盖在签名处")
    view = seen(kit, "clerk", case_id)
    assert view.notices == (("审核退回：未加盖单位公章或公章不清。　说明：盖在签名处", "warn"),)
    assert [each.caption for each in view.buttons] == ["撤回申请", "改正", "打印", "提交审核"]
    assert view.history[0].who == "reviewer" and view.history[0].when == "11-23 10:01"


@pytest.mark.parametrize(
    ("login", "open_ids"),
    [("clerk", {"withdraw", "recall"}), ("reviewer", {"review"}), ("auditor", set()), ("both", None)],
)
def test_buttons_by_role_on_a_submitted_case(kit: OfficeKit, login: str, open_ids: set[str] | None) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.submitted_case(clerk)
    offered = buttons(seen(kit, login, case_id))
    assert set(offered) == {"withdraw", "recall", "review"}
    wanted = set(offered) if open_ids is None else open_ids
    assert {id for id, able in offered.items() if able} == wanted


def test_own_work_says_who_must_review_it(kit: OfficeKit) -> None:
    with kit.sit("both") as both:
        case_id = kit.submitted_case(both)
    view = seen(kit, "both", case_id)
    assert buttons(view)["review"] is False
    assert "去审核：您经手过此件，须由他人审核。" in view.shut()


def test_an_erased_case_says_so_and_shows_nothing(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    with kit.sit("admin") as admin:
        erasure.erase(admin, "case", case_id)
    view = seen(kit, "admin", case_id)
    assert any(ERASED in words for words, _ in view.notices) or any("销毁" in w for w, _ in view.notices)
    named = {fact.label: fact for fact in view.facts}
    assert named["身份证号码"].clear == named["身份证号码"].shown == ERASED


@pytest.mark.parametrize("step", ["submit", "recall", "withdraw", "undo"])
def test_every_question_names_the_case_and_covers_the_name(kit: OfficeKit, step: str) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.submitted_case(clerk)
    found = detail(kit, "clerk", case_id)
    asked = question(step, found.view)
    case = found.view.case
    assert asked.details[0] == found.view.unit.values["name"]
    assert case.case_no in "".join(asked.details)
    assert case.values["representative_name"] not in "".join((asked.text, *asked.details))
    assert asked.danger is (step in ("withdraw", "undo"))
