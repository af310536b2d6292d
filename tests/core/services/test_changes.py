"""Life-cycle changes at the desk: filed, previewed, approved in one act, shown at once, rebuilt the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import Refusal, UserError
from core.services import applications, changes, claims, review, void_notice
from core.services.session import Session
from core.services.sync import sync
from core.services.units import get_unit
from core.store import tables as t
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.documents.samples import bare, text_of
from tests.core.services.office_kit import OfficeKit, SeededRandom, open_kit

BASIS = "演练编办〔2026〕7号"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    kit = open_kit(tmp_path)
    yield kit
    kit.close()


@pytest.fixture
def fake(kit: OfficeKit) -> FakeHub:
    return FakeHub(kit.clock, SeededRandom("hub"))


def held(kit: OfficeKit, fake: FakeHub) -> tuple[str, str]:
    """Return (unit, case) whose certificate is on a phone, as the desk has heard."""
    case = kit.approved_case()
    kit.enrol(PostedHub(fake.post))
    with kit.sit("clerk") as clerk:
        sync(clerk, PostedHub(fake.post))
        fake.issue(clerk.office, case)
        sync(clerk, PostedHub(fake.post))
        return applications.get_case(clerk, case).case.unit, case


def rows(session: Session) -> list[tuple[str, ...]]:
    with session.read() as uow:
        return [
            tuple(map(str, row))
            for table in (t.change_row, t.reclaim_row, t.case_row)
            for row in uow.connection.execute(select(table)).all()
        ]


def test_a_representative_changes_in_one_act_of_two_people(kit: OfficeKit, fake: FakeHub) -> None:
    unit, case = held(kit, fake)
    with kit.sit("clerk") as clerk:
        claims.mint_claim(clerk, case)
        told = changes.preview_filing(clerk, unit, "representative", {"representative_name": "演新任"})
        assert told.voids and len(told.certificates) == len(told.claims) == 1
        change = changes.file_change(
            clerk, unit, "representative", values={"representative_name": "演新任"}, basis=BASIS
        )
        detail = changes.change_detail(clerk, change)
        assert {step.step: step.code for step in detail.steps} == {
            "withdraw": "",
            "return": "role_missing",
            "approve": "role_missing",
        }
        assert detail.mine and detail.before["representative_name"] != "演新任"
    with kit.sit("reviewer") as reviewer:
        assert changes.preview_change(reviewer, change) == detail.dying
        with pytest.raises(Refusal, match="content_stale"):
            changes.approve_change(reviewer, change, seen="a" * 64)
        effect = changes.approve_change(reviewer, change, seen=detail.change.content)
        state = get_unit(reviewer, unit)
        assert (state.era, state.representative_no) == (effect, 2)
        assert state.values["representative_name"] == "演新任"
        assert applications.get_case(reviewer, case).case.lifecycle == "ended"
        waiting = changes.reclaim_list(reviewer)
        assert [(line.unit, line.reason) for line in waiting] == [(unit, "representative_changed")]
        assert all(claim.voided for claim in claims.claims_of(reviewer, case))
        assert changes.list_changes(reviewer, ("approved",))[0].change == change
        before = sorted(rows(reviewer))
        with reviewer.begin() as uow:
            uow.projection.rebuild()
        assert sorted(rows(reviewer)) == before
        assert not sync(reviewer, PostedHub(fake.post)).rejected


def test_own_changes_are_approved_by_others(kit: OfficeKit, fake: FakeHub) -> None:
    unit, _ = held(kit, fake)
    with kit.sit("both") as both:
        change = changes.file_change(both, unit, "suspension", basis=BASIS, details={"reason": "dispute"})
        with pytest.raises(Refusal, match="self_approval"):
            changes.approve_change(both, change)
        assert not get_unit(both, unit).suspended, "nothing of a refused approval stays"


def test_a_change_is_withdrawn_or_returned_and_then_decided(kit: OfficeKit, fake: FakeHub) -> None:
    unit, _ = held(kit, fake)
    with kit.sit("clerk") as clerk:
        one = changes.file_change(clerk, unit, "manager", basis=BASIS)
        two = changes.file_change(clerk, unit, "manager", basis=BASIS)
        changes.withdraw_change(clerk, one)
        with pytest.raises(UserError, match="change_kind_unknown"):
            changes.file_change(clerk, unit, "moonlight")
        with pytest.raises(UserError, match="unit_unknown"):
            changes.file_change(clerk, "nobody", "manager", basis=BASIS)
        with pytest.raises(UserError, match="change_states_no_values"):
            changes.file_change(clerk, unit, "manager", basis=BASIS, values={"name": "甲"})
    with kit.sit("reviewer") as reviewer:
        with pytest.raises(Refusal, match="reason_missing"):
            changes.return_change(reviewer, two, [])
        changes.return_change(reviewer, two, ["values_wrong"], "请核对")
        for change in (one, two):
            with pytest.raises(Refusal, match="change_wrong_stage"):
                changes.approve_change(reviewer, change)
        assert changes.change_detail(reviewer, two).change.remark == "请核对"


def test_a_lost_phone_claims_anew_without_a_new_application(kit: OfficeKit, fake: FakeHub) -> None:
    unit, case = held(kit, fake)
    with kit.sit("clerk") as clerk:
        change = changes.file_change(
            clerk, unit, "loss", basis="窗口核验本人身份证", details={"identity_checked": "yes"}
        )
    with kit.sit("reviewer") as reviewer:
        changes.approve_change(reviewer, change)
        assert [line.reason for line in changes.reclaim_list(reviewer)] == ["loss_reported"]
        assert applications.get_case(reviewer, case).case.lifecycle == "claimed"
        claims.mint_claim(reviewer, case)
        assert claims.claims_of(reviewer, case)[0].purpose == 2
        notice = bare(text_of(void_notice.void_notice(reviewer, change).pdf))
        assert "手机丢失" in notice and "失效告知书" in notice


def test_a_unit_without_a_certificate_has_lost_none(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        unit = applications.get_case(clerk, kit.submitted_case(clerk)).case.unit
        with pytest.raises(UserError, match="certificate_none"):
            changes.file_change(clerk, unit, "loss", basis=BASIS, details={"identity_checked": "yes"})


def test_a_new_manager_ends_the_former_by_the_approval_itself(kit: OfficeKit, fake: FakeHub) -> None:
    case = kit.approved_case("attachment-3")
    kit.enrol(PostedHub(fake.post))
    with kit.sit("clerk") as clerk:
        view = applications.get_case(clerk, case)
        if view.case.values["reason"] == "manager_changed":
            assert get_unit(clerk, view.unit.id).era_case == case
        claims.mint_claim(clerk, case)
        assert claims.claims_of(clerk, case)[0].purpose == 3
        assert review.preview_approval(clerk, case).claims == ()
        assert not sync(clerk, PostedHub(fake.post)).rejected


def test_a_notice_of_voiding_names_what_this_change_ended_and_only_where_it_ended_any(
    kit: OfficeKit, fake: FakeHub
) -> None:
    unit, first = held(kit, fake)

    def change(kind: str, **values: str) -> str:
        with kit.sit("clerk") as clerk:
            filed = changes.file_change(clerk, unit, kind, values=values, basis=BASIS)
        with kit.sit("reviewer") as reviewer:
            changes.approve_change(reviewer, filed)
            assert not sync(reviewer, PostedHub(fake.post)).rejected
        kit.clock.move(minutes=5)
        return filed

    def claimed() -> str:
        with kit.sit("clerk") as clerk:
            case = applications.file_case(clerk, "attachment-1", unit, kit.typed(clerk, unit, "attachment-1"))
            for step in (kit.print_case, kit.scan_case, kit.tick_all, applications.submit):
                step(clerk, case)
        with kit.sit("reviewer") as reviewer:
            review.approve(reviewer, case)
            sync(reviewer, PostedHub(fake.post))
            fake.issue(reviewer.office, case)
            sync(reviewer, PostedHub(fake.post))
        kit.clock.move(minutes=5)
        return case

    kit.clock.move(minutes=5)
    harmless = change("details", former_certificate_no="事证第146902300001号")
    with kit.sit("reviewer") as session:
        assert not changes.change_detail(session, harmless).voided
        with pytest.raises(UserError, match="change_voids_nothing"):
            void_notice.void_notice(session, harmless)
    one = change("details", address="新址一号")
    second = claimed()
    two = change("representative", representative_name="演新任")
    with kit.sit("reviewer") as session:
        numbers = {case: applications.get_case(session, case).case.case_no for case in (first, second)}
        for filed, its, other in ((one, first, second), (two, second, first)):
            assert changes.change_detail(session, filed).voided
            told = bare(text_of(void_notice.void_notice(session, filed).pdf))
            assert numbers[its] in told and numbers[other] not in told
