"""A whole case through the services, and every turning back on the way."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from core.errors import EnvironmentFault, Refusal, UserError
from core.records.states import Lifecycle
from core.services import applications, audit, review, units
from core.services.session import Session
from tests.core.services.office_kit import PNG, OfficeKit, examined, invented_units


def _lifecycle(session: Session, case_id: str) -> Lifecycle:
    return applications.get_case(session, case_id).case.lifecycle


@pytest.mark.parametrize("form", ["attachment-1", "attachment-3"])
def test_from_unit_to_approval(kit: OfficeKit, form: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 560), "white").save(picture, "PNG")
    with kit.sit("clerk") as clerk:
        assert units.check_unit(clerk, invented_units()[0].values) == ()
        unit = kit.unit(clerk)
        typed = kit.typed(clerk, unit, form)
        assert applications.check_typed(clerk, form, typed, unit) == ()
        draft = applications.save_draft(clerk, "", form, unit, typed)
        assert [d.id for d in applications.drafts(clerk)] == [draft]
        case_id = applications.file_case(clerk, form, unit, typed, draft)
        assert applications.drafts(clerk) == []
        view = applications.get_case(clerk, case_id)
        assert view.case.lifecycle is Lifecycle.FILED and view.form.id == form
        assert view.case.case_no == f"2026-{clerk.device.id[:4].upper()}-0001"
        assert applications.get_case(clerk, view.case.case_no) == view
        assert {item.item.id for item in view.missing} == {
            item.id for item in view.checklist if item.needed(typed)
        }
        kit.print_case(clerk, case_id)
        kit.print_case(clerk, case_id)
        assert applications.get_case(clerk, case_id).case.printed == {view.case.content: 2}
        scan = applications.attach_scan(clerk, case_id, picture.getvalue())  # through the real child
        assert applications.read_scan(clerk, scan) == picture.getvalue()
        kit.tick_all(clerk, case_id)
        applications.submit(clerk, case_id)
    with kit.sit("reviewer") as reviewer:
        approval = review.approve(reviewer, case_id)
        case = applications.get_case(reviewer, case_id).case
        assert (case.lifecycle, case.approval, case.approver) == (
            Lifecycle.APPROVED,
            approval,
            kit.person("reviewer"),
        )
        assert not case.single
        assert [line.who for line in audit.audit_lines(reviewer, case_id)] == ["reviewer"] + ["clerk"] * 6
    with kit.sit("auditor") as auditor:
        # The approval of attachment 3 for a new manager ends what the former one held: one action more.
        assert audit.verify_record(auditor) == (14 if form == "attachment-3" else 13)
        audit.check_rebuild(auditor)


def test_self_approval_is_refused_through_every_service(kit: OfficeKit) -> None:
    with kit.sit("both") as both:
        case_id = kit.submitted_case(both)
        with pytest.raises(Refusal, match="self_approval"):
            review.approve(both, case_id)
        assert _lifecycle(both, case_id) is Lifecycle.SUBMITTED
    with kit.sit("clerk") as clerk, pytest.raises(Refusal, match="role_missing"):
        review.approve(clerk, case_id)
    with kit.sit("admin") as admin, pytest.raises(Refusal, match="role_missing"):
        review.approve(admin, case_id)
    with kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)


def test_an_edit_after_printing_makes_the_paper_stale_and_approval_impossible(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.ready_case(clerk)
        typed = dict(applications.get_case(clerk, case_id).case.values) | {"remark": "改了"}
        applications.amend_case(clerk, case_id, typed)
        case = applications.get_case(clerk, case_id).case
        assert case.paper_stale() and case.signed_scan() is None and case.values["remark"] == "改了"
        with pytest.raises(Refusal, match="signed_scan_missing"):
            applications.submit(clerk, case_id)
        with pytest.raises(Refusal, match="paper_stale"):
            kit.scan_case(clerk, case_id)
        old = next(iter(case.printed))
        with pytest.raises(Refusal, match="content_stale"):
            applications.note_printed(clerk, case_id, old, 1)
        kit.print_case(clerk, case_id)
        kit.scan_case(clerk, case_id)
        applications.submit(clerk, case_id)
        with pytest.raises(Refusal, match="case_wrong_state"):
            applications.amend_case(clerk, case_id, typed)
    with kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)


def test_returned_amended_and_submitted_again(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.submitted_case(clerk)
    with kit.sit("reviewer") as reviewer:
        with pytest.raises(Refusal, match="reason_missing"):
            review.return_for_correction(reviewer, case_id, [])
        review.return_for_correction(reviewer, case_id, ["seal_missing", "other"], "公章不清")
        with pytest.raises(Refusal, match=r"signed_scan_missing|case_wrong_state"):
            review.approve(reviewer, case_id)
    with kit.sit("clerk") as clerk:
        case = applications.get_case(clerk, case_id).case
        assert (case.lifecycle, case.reasons, case.remark) == (
            Lifecycle.RETURNED,
            ("seal_missing", "other"),
            "公章不清",
        )
        applications.submit(clerk, case_id)  # nothing on the paper had to change
    with kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)
        assert applications.get_case(reviewer, case_id).case.reasons == ()


def test_recall_withdraw_and_undo(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.submitted_case(clerk)
        applications.recall(clerk, case_id)
        assert _lifecycle(clerk, case_id) is Lifecycle.FILED
        applications.submit(clerk, case_id)
    with kit.sit("reviewer") as reviewer:
        first = review.approve(reviewer, case_id)
        with pytest.raises(Refusal, match="case_wrong_state"):
            review.approve(reviewer, case_id)
        review.undo_approval(reviewer, case_id, "点错了")
        assert _lifecycle(reviewer, case_id) is Lifecycle.SUBMITTED
        assert review.approve(reviewer, case_id) != first
        review.undo_approval(reviewer, case_id)
    with kit.sit("clerk") as clerk:
        applications.withdraw(clerk, case_id, "单位不办了")
        assert _lifecycle(clerk, case_id) is Lifecycle.WITHDRAWN
        for act in (applications.recall, applications.submit, applications.withdraw):
            with pytest.raises(Refusal, match=r"case_wrong_state|signed_scan"):
                act(clerk, case_id)


def test_one_open_case_a_unit(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        unit = kit.unit(clerk)
        typed = kit.typed(clerk, unit)
        first = applications.file_case(clerk, "attachment-1", unit, typed)
        with pytest.raises(Refusal) as told:
            applications.file_case(clerk, "attachment-1", unit, typed)
        assert (told.value.code, told.value.params) == ("unit_has_open_case", {"case": first})
        assert units.find_units(clerk)[0].open_case == first
        applications.withdraw(clerk, first)
        second = applications.file_case(clerk, "attachment-1", unit, typed)
        assert applications.get_case(clerk, second).case.case_no.endswith(
            "-0002"
        )  # a refusal costs no number
        assert units.find_units(clerk)[0].open_case == second


def test_a_refused_filing_leaves_no_trace_but_the_draft(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        unit = kit.unit(clerk)
        typed = kit.typed(clerk, unit, representative_id="469023199001010000")
        draft = applications.save_draft(clerk, "", "attachment-1", unit, typed)
        with pytest.raises(Refusal) as told:
            applications.file_case(clerk, "attachment-1", unit, typed, draft)
        assert told.value.code == "form_incomplete" and told.value.params["field"] == "representative_id"
        assert "469023199001010000" not in json.dumps(told.value.params)
        assert [d.values for d in applications.drafts(clerk)] == [typed]
        with clerk.read() as uow:
            assert uow.lists.cases() == [] and uow.find_meta("case_number_2026") is None


def test_a_unit_is_corrected_found_and_never_entered_twice(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        unit = kit.unit(clerk)
        values = dict(units.get_unit(clerk, unit).values)
        with pytest.raises(Refusal) as told:
            units.register_unit(clerk, values)
        assert told.value.code == "unit_exists" and told.value.params == {"unit": unit}
        units.correct_unit(clerk, unit, values | {"second_name": "演练第二名称站"})
        assert [line.unit for line in units.find_units(clerk, "第二名称")] == [unit]
        found = units.unit_by_code(clerk, values["uscc"])
        assert found is not None and found.version == 2
        with pytest.raises(UserError, match="unit_unknown"):
            units.get_unit(clerk, "nonsense")
        with pytest.raises(UserError, match="case_unknown"):
            applications.get_case(clerk, "nonsense")


def test_a_scan_is_bound_to_its_bytes_and_readable_only_while_its_key_lives(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.filed_case(clerk)
        kit.print_case(clerk, case_id)
        with pytest.raises(UserError, match="scan_changed"):
            applications.keep_scan(clerk, case_id, PNG + b"x", examined(PNG))
        with pytest.raises(UserError, match=r"scan_type_unknown|scan_damaged"):
            applications.attach_scan(clerk, case_id, b"not a picture at all")
        assert applications.get_case(clerk, case_id).case.scans == ()
        scan = kit.scan_case(clerk, case_id)
        assert applications.read_scan(clerk, scan) == PNG
        with pytest.raises(UserError, match="scan_unknown"):
            applications.read_scan(clerk, "nonsense")
        for path in clerk.folder.attachments.rglob("*"):
            if path.is_file():
                path.unlink()
        with pytest.raises(EnvironmentFault, match="attachment_missing"):
            applications.read_scan(clerk, scan)


def test_erasure_is_for_administrators_and_breaks_no_chain(kit: OfficeKit) -> None:
    from core.services.erasure import erase

    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        scan = applications.get_case(clerk, case_id).case.scans[0].id
        with pytest.raises(UserError, match="role_missing"):
            erase(clerk, "case", case_id)
    with kit.sit("admin") as admin:
        erase(admin, "case", case_id)
        case = applications.get_case(admin, case_id).case
        assert case.erased and "representative_id" not in case.values
        assert case.lifecycle is Lifecycle.APPROVED
        with pytest.raises(UserError, match="scan_unknown"):
            applications.read_scan(admin, scan)
        assert audit.verify_record(admin) > 0
        audit.check_rebuild(admin)


def test_the_whole_record_is_for_auditors_a_subjects_own_for_everybody(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    for login in ("clerk", "reviewer"):
        with kit.sit(login) as session:
            with pytest.raises(UserError, match="role_missing"):
                audit.audit_lines(session)
            assert audit.audit_lines(session, case_id)
    for login in ("auditor", "admin"):
        with kit.sit(login) as session:
            lines = audit.audit_lines(session, limit=4)
            older = audit.audit_lines(session, after=lines[-1].recorded.position, limit=4)
            positions = [line.recorded.position for line in (*lines, *older)]
            assert positions == list(range(positions[0], positions[0] - 8, -1))
