"""Rules one by one: two people, papers, one open case, people who cannot lock themselves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.errors import Refusal
from core.records.judge import judge
from core.records.people import Role
from core.records.states import Lifecycle
from tests.core.records.memory_world import MemoryWorld, day_of
from tests.core.records.office_world import (
    CLAIMED_AT,
    OFFICE,
    OfficeWorld,
    Payload,
    founding_facts,
    key_of,
    make_world,
    person_facts,
)

HANDS = ("case_filed", "case_amended", "papers_checked", "case_printed", "scan_attached", "case_submitted")


def _refused(code: str, here: OfficeWorld, *arguments: Any, **options: Any) -> None:
    with pytest.raises(Refusal) as told:
        here.world.act(*arguments, **options)
    assert told.value.code == code


def _approve(here: OfficeWorld, person: str, kind: str = "case_approved") -> tuple[Any, ...]:
    return person, kind, ("case", "case-1"), here.approval_payload()


# --- two people -----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", HANDS)
def test_one_step_on_the_case_is_enough_to_be_no_reviewer_of_it(step: str) -> None:
    def doer(kind: str) -> str:
        return "both" if kind == step else "clerk"

    here = make_world()
    here.file(doer("case_filed"))
    public, private = here.case_payload(remark="改")
    here.case_act(doer("case_amended"), "case_amended", public, **private)
    printed = {"content": here.content(), "copies": 1, "layout": "a"}
    here.case_act(doer("case_printed"), "case_printed", printed)
    here.case_act(doer("scan_attached"), "scan_attached", here.scan_payload(), sha256="f" * 64)
    here.case_act(doer("papers_checked"), "papers_checked", here.ticks())
    here.submit(doer("case_submitted"))
    _refused("self_approval", here, *_approve(here, "both"))
    here.world.act(*_approve(here, "reviewer"))


def test_a_second_account_on_the_same_key_is_refused_where_it_is_made_and_again_where_it_approves() -> None:
    here = make_world()
    twin = person_facts("reviewer") | {"person": "twin", "key": key_of("clerk")}
    _refused("key_in_use", here, "admin", "person_added", ("office", OFFICE), twin, {"name": "演双"})
    # Written past that rule, straight into the record, the fold shows it and the judge still refuses.
    here.world.add(here.world.propose("admin", "person_added", ("office", OFFICE), twin, {"name": "演双"}))
    here.bring_to(Lifecycle.SUBMITTED)
    _refused("self_approval", here, *_approve(here, "twin"))


def test_a_key_that_somebody_used_before_comes_back_to_nobody() -> None:
    here, office = make_world(), ("office", OFFICE)
    fresh = {"person": "clerk", "key": key_of("clerk-2"), "algorithm": "Ed25519"}
    here.world.act("admin", "person_rekeyed", office, fresh)
    back = {"person": "reviewer", "key": key_of("clerk"), "algorithm": "Ed25519"}
    _refused("key_in_use", here, "admin", "person_rekeyed", office, back)
    here.world.add(here.world.propose("admin", "person_rekeyed", office, back))
    here.bring_to(Lifecycle.SUBMITTED)
    _refused("self_approval", here, *_approve(here, "reviewer"))


def test_only_the_certificate_makes_a_single_clerk_office() -> None:
    here = make_world()
    here.bring_to(Lifecycle.SUBMITTED, "both")
    _refused("self_approval", here, *_approve(here, "both", "case_approved_single"))
    _refused("self_approval", here, *_approve(here, "reviewer", "case_approved_single"))
    here.world.single_clerk = True
    _refused("self_approval", here, *_approve(here, "both"))
    here.world.act(*_approve(here, "both", "case_approved_single"))
    case = here.world.case("case-1")
    assert case is not None and case.single and case.lifecycle is Lifecycle.APPROVED
    claim = here.world.copy()
    assert claim.act("both", "claim_minted", ("claim", "c"), here.claim_payload())


def test_no_payload_of_a_founding_says_single_clerk() -> None:
    facts = founding_facts() | {"single_clerk": True}
    _refused(
        "action_malformed",
        OfficeWorld(MemoryWorld(OFFICE)),
        "admin",
        "office_founded",
        ("office", OFFICE),
        facts,
        {"name": "甲"},
    )


# --- papers and content -----------------------------------------------------------------------------


def test_an_edit_after_printing_makes_paper_and_scan_stale() -> None:
    here = make_world()
    here.bring_to(Lifecycle.FILED)
    public, private = here.case_payload(remark="改")
    here.case_act("clerk", "case_amended", public, **private)
    case = here.world.case("case-1")
    assert case is not None and case.paper_stale() and case.signed_scan() is None
    submit = ("clerk", "case_submitted", ("case", "case-1"))
    _refused("signed_scan_missing", here, *submit, {"content": here.content()})
    attach = ("clerk", "scan_attached", ("case", "case-1"))
    _refused("paper_stale", here, *attach, here.scan_payload(), {"sha256": "f" * 64})
    here.make_ready()
    here.submit()
    case = here.world.case("case-1")
    assert case is not None and case.lifecycle is Lifecycle.SUBMITTED


def test_an_approval_names_the_content_and_scan_that_it_saw() -> None:
    here = make_world()
    here.bring_to(Lifecycle.SUBMITTED)
    good = here.approval_payload()
    case = ("case", "case-1")
    _refused("content_stale", here, "reviewer", "case_approved", case, good | {"content": "a" * 64})
    _refused("signed_scan_missing", here, "reviewer", "case_approved", case, good | {"scan": "other"})


def test_a_missing_paper_stops_submission_and_is_named() -> None:
    here = make_world()
    here.bring_to(Lifecycle.FILED)
    items = here.ticks()["items"]
    items["manager_id"]["copy"] = False
    here.case_act("clerk", "papers_checked", {"items": items})
    with pytest.raises(Refusal) as told:
        here.submit()
    assert (told.value.code, told.value.params) == ("papers_missing", {"count": 1, "items": ["manager_id"]})


def test_an_offices_own_checklist_counts() -> None:
    here = make_world()
    item = {
        "id": "letter",
        "label": "介绍信",
        "source": "本机关",
        "original": True,
        "copy": False,
        "required": True,
    }
    checklist = {"form": "attachment-1", "items": [item]}
    here.world.act("admin", "checklist_set", ("office", OFFICE), checklist)
    here.bring_to(Lifecycle.FILED)
    with pytest.raises(Refusal, match="papers_missing"):
        here.submit()
    here.case_act("clerk", "papers_checked", {"items": {"letter": {"original": True, "copy": False}}})
    here.submit()


# --- units and cases ------------------------------------------------------------------------------


def test_one_open_case_a_unit_and_the_next_only_when_it_ended() -> None:
    here = make_world()
    here.bring_to(Lifecycle.SUBMITTED)
    public, private = here.case_payload()
    facts = {"unit": "unit-1", "case_no": "2"} | public
    _refused("unit_has_open_case", here, "clerk", "case_filed", ("case", "case-2"), facts, private)
    here.case_act("clerk", "case_withdrawn")
    here.world.act("clerk", "case_filed", ("case", "case-2"), facts, private)


def test_a_credit_code_stands_once_in_an_office() -> None:
    here = make_world()
    public, private = here.unit_payload()
    _refused("unit_exists", here, "clerk", "unit_registered", ("unit", "unit-2"), public, private)
    here.world.act("clerk", "unit_corrected", ("unit", "unit-1"), public, private)


FORMER = {"former": {"office": "office-elsewhere", "unit": "unit-elsewhere"}}


def test_a_unit_that_was_handed_over_comes_back_with_its_hand_over_and_then_stands_once() -> None:
    here = make_world()
    public, private = here.unit_payload()
    _refused("unit_exists", here, "clerk", "unit_registered", ("unit", "unit-2"), public | FORMER, private)
    here.change("handover")
    _refused("unit_handed_over", here, "clerk", "unit_registered", ("unit", "unit-2"), public, private)
    here.world.act("clerk", "unit_registered", ("unit", "unit-2"), public | FORMER, private)
    for code in (public, public | FORMER):
        _refused("unit_exists", here, "clerk", "unit_registered", ("unit", "unit-3"), code, private)
    here.world.act("clerk", "unit_corrected", ("unit", "unit-2"), public, private)
    found = here.world.unit_with_code(public["values"]["uscc"])
    assert found is not None and found.id == "unit-2"


def test_a_deregistered_unit_does_not_come_back_by_a_hand_over() -> None:
    here = make_world()
    here.change("deregistration")
    public, private = here.unit_payload()
    _refused("unit_exists", here, "clerk", "unit_registered", ("unit", "unit-2"), public | FORMER, private)


def test_a_correction_takes_no_code_of_a_unit_that_was_handed_over() -> None:
    here = make_world()
    other, private = here.unit_payload(1)
    here.world.act("clerk", "unit_registered", ("unit", "unit-2"), other, private)
    here.change("handover")
    public, private = here.unit_payload()
    _refused("unit_handed_over", here, "clerk", "unit_corrected", ("unit", "unit-2"), public, private)


@pytest.mark.parametrize("number", [0, 2, -1])
def test_the_number_of_representatives_is_not_for_the_desk_to_choose(number: int) -> None:
    here = make_world()
    public, private = here.unit_payload(1)
    wrong = public | {"representative_no": number}
    code = "representative_no_wrong"
    _refused(code, here, "clerk", "unit_registered", ("unit", "unit-2"), wrong, private)
    public, private = here.unit_payload(0)
    wrong = public | {"representative_no": number}
    _refused(code, here, "clerk", "unit_corrected", ("unit", "unit-1"), wrong, private)


def test_a_personal_field_in_clear_is_refused_and_so_is_a_public_one_committed() -> None:
    here = make_world()
    public, private = here.case_payload()
    facts: Payload = {"unit": "unit-1", "case_no": "1"} | public
    leak = facts | {"values": {**facts["values"], "representative_id": private["representative_id"]}}
    rest = {name: value for name, value in private.items() if name != "representative_id"}
    _refused("action_malformed", here, "clerk", "case_filed", ("case", "case-1"), leak, rest)
    hidden = {name: value for name, value in facts["values"].items() if name != "address"}
    over = private | {"address": facts["values"]["address"]}
    odd = facts | {"values": hidden}
    _refused("action_malformed", here, "clerk", "case_filed", ("case", "case-1"), odd, over)


def test_an_incomplete_form_is_refused_with_the_field() -> None:
    here = make_world()
    public, private = here.case_payload()
    private["representative_mobile"] = "12345"
    with pytest.raises(Refusal) as told:
        here.world.act(
            "clerk", "case_filed", ("case", "case-1"), {"unit": "unit-1", "case_no": "1"} | public, private
        )
    assert told.value.code == "form_incomplete"
    assert told.value.params["field"] == "representative_mobile"
    assert "12345" not in str(told.value)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"approval": "1" * 64}, "content_stale"),
        ({"purpose": 3}, "claim_purpose_wrong"),
        ({"purpose": 0}, "claim_purpose_wrong"),
        ({"representative_no": 2}, "representative_no_wrong"),
        ({"expires_at": CLAIMED_AT + 901}, "claim_lifetime_wrong"),
        ({"case": "case-9"}, "case_unknown"),
        ({"jti": "zz" * 12}, "action_malformed"),
        ({"jti": ""}, "action_malformed"),
        ({"issued_at": -5, "expires_at": 595}, "action_malformed"),
    ],
)
def test_a_claim_says_nothing_but_what_its_case_says(other: Payload, code: str) -> None:
    here = make_world()
    here.bring_to(Lifecycle.APPROVED)
    _refused(code, here, "clerk", "claim_minted", ("claim", "c"), here.claim_payload(**other))


def test_after_the_claim_only_a_replacement_code_is_minted_and_nothing_undone() -> None:
    here = make_world()
    here.bring_to(Lifecycle.CLAIMED)
    _refused("already_claimed", here, "clerk", "claim_minted", ("claim", "c"), here.claim_payload())
    here.world.act("clerk", "claim_minted", ("claim", "c"), here.claim_payload(purpose=2))
    # What was minted before the certificate, or became it, reaches the hub later and is the truth.
    before = {"issued_at": CLAIMED_AT - 700, "expires_at": CLAIMED_AT - 100}
    here.world.act("clerk", "claim_minted", ("claim", "d"), here.claim_payload(**before))
    here.world.act("clerk", "claim_minted", ("claim", "e"), here.claim_payload(jti="ab" * 12))
    case = here.world.case("case-1")
    assert case is not None
    undo = ("reviewer", "approval_undone", ("case", "case-1"), {"approval": case.approval})
    _refused("already_claimed", here, *undo)


# --- people ---------------------------------------------------------------------------------------


def test_the_last_administrator_stays() -> None:
    here, office = make_world(), ("office", OFFICE)
    _refused("last_admin", here, "admin", "person_disabled", office, {"person": "admin"})
    _refused("last_admin", here, "admin", "person_roles_set", office, {"person": "admin", "roles": ["clerk"]})
    here.world.act("admin", "person_roles_set", office, {"person": "auditor", "roles": ["admin", "auditor"]})
    here.world.act("admin", "person_disabled", office, {"person": "admin"})
    state = here.world.office()
    assert state is not None and [p.id for p in state.active_with(Role.ADMIN)] == ["auditor"]
    _refused("last_admin", here, "auditor", "person_disabled", office, {"person": "auditor"})


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("person_disabled", {"person": "ghost"}),
        ("person_enabled", {"person": "ghost"}),
        ("person_rekeyed", {"person": "ghost", "key": key_of("g"), "algorithm": "Ed25519"}),
        ("person_roles_set", {"person": "ghost", "roles": ["admin"]}),
        ("person_roles_set", {"person": "ghost", "roles": ["clerk"]}),
    ],
)
def test_nobody_is_changed_who_is_not_there(kind: str, facts: Payload) -> None:
    _refused("person_unknown", make_world(), "admin", kind, ("office", OFFICE), facts)


def test_the_name_of_the_hub_is_nobodys() -> None:
    facts = person_facts("clerk") | {"person": "hub", "key": key_of("h")}
    _refused(
        "person_exists", make_world(), "admin", "person_added", ("office", OFFICE), facts, {"name": "甲"}
    )


def test_an_action_of_another_office_or_of_a_rehearsal_is_foreign() -> None:
    here = make_world()
    entry = here.world.propose("admin", "person_disabled", ("office", OFFICE), {"person": "clerk"})
    for change in ({"office": "office-2"}, {"rehearsal": False}):
        action = replace(entry.action, **change)  # type: ignore[arg-type]
        with pytest.raises(Refusal, match="office_foreign"):
            judge(action, {}, here.world, day_of(action))


def test_an_office_is_founded_once_and_by_its_own_administrator() -> None:
    here, office = make_world(), ("office", OFFICE)
    _refused("action_out_of_order", here, "admin", "office_founded", office, founding_facts(), {"name": "甲"})
    empty = OfficeWorld(MemoryWorld(OFFICE))
    facts = founding_facts()
    facts["founder"]["roles"] = ["clerk"]
    _refused("role_missing", empty, "admin", "office_founded", office, facts, {"name": "甲"})
    _refused("person_unknown", empty, "clerk", "office_founded", office, founding_facts(), {"name": "甲"})
    entry = empty.world.propose("clerk", "unit_registered", ("unit", "u"), *make_world().unit_payload())
    with pytest.raises(Refusal, match="office_unknown"):
        judge(entry.action, entry.private or {}, empty.world, day_of(entry.action))
