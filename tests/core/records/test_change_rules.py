"""Life-cycle changes: each kind's own rule; what was issued before an ending change is never claimed."""

from __future__ import annotations

from typing import Any

import pytest

from core.credentials.certificate_claims import CLAIMS
from core.errors import Refusal
from core.records.changes import CHANGES, FACE_FIELDS, renewed_period
from core.records.model import Entry
from core.records.standing import Holding, unit_standing
from core.records.states import ChangeStage, Lifecycle, UnitState
from tests.core.records.office_world import OfficeWorld, make_world


def _refused(code: str, act: Any, *arguments: Any, **options: Any) -> Refusal:
    with pytest.raises(Refusal) as told:
        act(*arguments, **options)
    assert told.value.code == code
    return told.value


def _unit(here: OfficeWorld) -> UnitState:
    unit = here.world.unit("unit-1")
    assert unit is not None
    return unit


def test_the_face_is_what_the_certificate_claims() -> None:
    claims = {spec.path.removeprefix("unit.") for spec in CLAIMS if spec.path.startswith("unit.")}
    assert claims == FACE_FIELDS


# --- filing, by kind ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind.id for kind in CHANGES.values() if kind.basis])
def test_a_change_names_its_basis(kind: str) -> None:
    here = make_world()
    if kind == "resumption":
        here.change("suspension", "change-0")
    _refused("basis_missing", here.file_change, kind, basis="  ")


@pytest.mark.parametrize("kind", sorted(CHANGES))
def test_a_change_is_made_in_sight_of_the_unit_as_it_is(kind: str) -> None:
    here = make_world()
    _refused("change_stale", here.file_change, kind, unit_version=2)
    _refused("change_kind_unknown", here.file_change, kind, change="moonlight")


def test_a_new_representative_has_another_name_and_touches_no_period() -> None:
    here = make_world()
    same = {"representative_name": _unit(here).values["representative_name"]}
    _refused("representative_same", here.file_change, "representative", values=same)
    other = _refused(
        "change_other_field", here.file_change, "representative", values={"valid_to": "2031-01-01"}
    )
    assert other.params["field"] == "valid_to"


def test_registered_facts_change_without_the_representative_and_not_for_nothing() -> None:
    here = make_world()
    _refused("representative_apart", here.file_change, "details", values={"representative_name": "演另"})
    _refused("change_nothing", here.file_change, "details", values={"name": _unit(here).values["name"]})
    _refused("change_other_field", here.file_change, "details", values={"state": "deregistered"})


def test_a_renewal_opens_thirty_days_before_the_end_and_gives_five_years() -> None:
    here = make_world()
    here.end_period("2026-12-24")
    told = _refused("renewal_too_early", here.file_change, "renewal")
    assert told.params["opens"] == "2026-11-24"
    here.at = "2026-11-23T16:00:00.000Z"  # the 24th in China
    _refused("renewal_period_wrong", here.file_change, "renewal", values={"valid_to": "2032-12-24"})
    here.change("renewal")
    assert (_unit(here).values["valid_from"], _unit(here).values["valid_to"]) == ("2026-12-24", "2031-12-24")
    assert renewed_period("2028-02-29") == ("2028-02-29", "2033-02-28")


def test_after_the_end_a_period_is_renewed_from_the_end() -> None:
    here = make_world()
    here.end_period("2026-10-01")
    here.change("renewal")
    assert _unit(here).values["valid_to"] == "2031-10-01"


def test_suspension_and_lifting_take_turns_and_have_reasons() -> None:
    here = make_world()
    _refused("unit_not_suspended", here.file_change, "resumption")
    _refused("reason_unknown", here.file_change, "suspension", details={"reason": "mood"})
    here.change("suspension", "change-0")
    assert _unit(here).suspended == "dispute"
    _refused("unit_suspended", here.file_change, "suspension")
    here.change("resumption")
    assert not _unit(here).suspended


def test_a_hand_over_goes_elsewhere_and_a_loss_needs_a_checked_identity() -> None:
    here = make_world()
    _refused("handover_to_self", here.file_change, "handover", details={"office": "460108", "unit": "x"})
    _refused("identity_unchecked", here.file_change, "loss", details={"identity_checked": "no"})
    _refused("action_malformed", here.file_change, "loss", details={})


@pytest.mark.parametrize("kind", ["deregistration", "handover"])
def test_after_the_end_of_its_record_nothing_is_filed_for_a_unit(kind: str) -> None:
    here = make_world()
    here.change(kind)
    assert not _unit(here).open
    if kind == "handover":
        assert _unit(here).moved == {"office": "460107", "unit": "unit-elsewhere"}
    _refused("unit_closed", here.file)
    _refused("unit_closed", here.file_change, "suspension", "change-2")
    public, private = here.unit_payload()
    _refused("unit_closed", here.world.act, "clerk", "unit_corrected", ("unit", "unit-1"), public, private)


def test_a_correction_deregisters_nobody() -> None:
    here = make_world()
    public, private = here.unit_payload()
    public["values"]["state"] = "deregistered"
    _refused(
        "unit_state_apart", here.world.act, "clerk", "unit_corrected", ("unit", "unit-1"), public, private
    )


# --- deciding ---------------------------------------------------------------------------------------


def test_nobody_approves_their_own_change() -> None:
    here = make_world()
    public, private = here.change_payload("suspension")
    here.world.act("both", "change_filed", ("change", "change-1"), public, private)
    _refused("self_approval", here.approve_change, person="both")
    content = here.world.subjects["change", "change-1"][0].hash
    single = ("change_approved_single", ("change", "change-1"), {"content": content})
    _refused("self_approval", here.world.act, "both", *single)
    here.world.single_clerk = True
    here.world.act("both", *single)


def test_a_change_is_decided_once_and_as_it_was_seen() -> None:
    here = make_world()
    here.file_change("suspension")
    wrong = ("reviewer", "change_approved", ("change", "change-1"), {"content": "a" * 64})
    _refused("content_stale", here.world.act, *wrong)
    _refused(
        "reason_missing",
        here.world.act,
        "reviewer",
        "change_returned",
        ("change", "change-1"),
        {"reasons": []},
    )
    here.world.act("reviewer", "change_returned", ("change", "change-1"), {"reasons": ["other"]})
    change = here.world.change("change-1")
    assert change is not None and change.stage is ChangeStage.RETURNED
    _refused("change_wrong_stage", here.approve_change)


def test_a_unit_that_changed_meanwhile_makes_a_change_stale() -> None:
    here = make_world()
    here.file_change("suspension")
    here.file_change("representative", "change-2")
    here.approve_change()
    here.apply()
    _refused("change_stale", here.approve_change, "change-2")


@pytest.mark.parametrize(
    "kind", sorted({"representative", "details", "manager", "suspension", "deregistration"})
)
def test_the_effect_is_what_was_approved_by_whom_it_was_approved(kind: str) -> None:
    here = make_world()
    here.file_change(kind)
    effect, public, private = here.effect_payload()
    unit = ("unit", "unit-1")
    _refused("change_not_approved", here.world.act, "reviewer", effect, unit, public, private)
    here.approve_change()
    _refused("change_not_approved", here.world.act, "both", effect, unit, public, private)
    _refused("change_unknown", here.world.act, "reviewer", effect, unit, public | {"change": "x"}, private)
    _refused("change_differs", here.world.act, "reviewer", effect, unit, public | {"basis": "别的"}, private)
    if private:
        other = private | {"representative_name": "演别人"}
        code = "change_differs" if kind == "representative" else "representative_apart"
        _refused(code, here.world.act, "reviewer", effect, unit, public, other)
    here.world.act("reviewer", effect, unit, public, private)
    _refused("unit_closed" if kind == "deregistration" else "change_stale", here.apply)


def test_a_new_representative_is_the_next() -> None:
    here = make_world()
    here.file_change("representative")
    here.approve_change()
    effect, public, private = here.effect_payload()
    for number in (1, 3):
        wrong = public | {"representative_no": number}
        _refused(
            "representative_no_wrong", here.world.act, "reviewer", effect, ("unit", "unit-1"), wrong, private
        )
    here.apply()
    assert _unit(here).representative_no == 2


# --- what ends --------------------------------------------------------------------------------------

ENDING = ["representative", "manager", "details", "deregistration", "handover"]


@pytest.mark.parametrize("kind", ENDING)
@pytest.mark.parametrize(
    "lifecycle",
    [Lifecycle.FILED, Lifecycle.SUBMITTED, Lifecycle.RETURNED, Lifecycle.APPROVED, Lifecycle.CLAIMED],
)
def test_every_case_from_before_has_ended_and_no_code_is_minted_for_it(
    kind: str, lifecycle: Lifecycle
) -> None:
    here = make_world()
    here.bring_to(lifecycle)
    here.change(kind)
    case = here.world.case("case-1")
    assert case is not None and case.lifecycle is Lifecycle.ENDED
    for purpose in (1, 2, 3):
        payload = here.claim_payload(purpose=purpose, representative_no=_unit(here).representative_no)
        _refused("case_wrong_state", here.world.act, "clerk", "claim_minted", ("claim", "c"), payload)


@pytest.mark.parametrize("kind", ["suspension", "renewal", "loss"])
def test_other_changes_end_no_case(kind: str) -> None:
    here = make_world()
    here.end_period("2026-12-10")
    here.bring_to(Lifecycle.CLAIMED)
    here.change(kind)
    case = here.world.case("case-1")
    assert case is not None and case.lifecycle is Lifecycle.CLAIMED


def test_a_fact_that_is_not_on_the_face_ends_nothing() -> None:
    here = make_world()
    here.bring_to(Lifecycle.CLAIMED)
    here.change(
        "details",
        values={"name": _unit(here).values["name"], "former_certificate_no": "事证第146902300001号"},
    )
    case = here.world.case("case-1")
    assert case is not None and case.lifecycle is Lifecycle.CLAIMED and not _unit(here).era


def test_a_case_that_did_not_see_the_change_is_not_filed_after_it() -> None:
    here = make_world()
    here.change("representative")
    public, private = here.case_payload()
    facts = {"unit": "unit-1", "case_no": "1"} | public  # as a desk of the release before says it
    _refused(
        "unit_changed_meanwhile", here.world.act, "clerk", "case_filed", ("case", "case-1"), facts, private
    )
    here.bring_to(Lifecycle.APPROVED)
    here.world.act("clerk", "claim_minted", ("claim", "c"), here.claim_payload(representative_no=2))


def test_nothing_is_claimed_while_suspended_or_after_the_period() -> None:
    here = make_world()
    here.end_period("2026-11-23")
    here.bring_to(Lifecycle.APPROVED)
    claim = ("claim_minted", ("claim", "c"), here.claim_payload())
    _refused("unit_period_over", here.world.act, "clerk", *claim, at="2026-11-23T16:00:00.000Z")
    here.change("suspension")
    _refused("unit_suspended", here.world.act, "clerk", *claim)
    here.change("resumption", "change-2")
    here.world.act("clerk", *claim)


# --- attachment 3 -----------------------------------------------------------------------------------


def _attachment_3(here: OfficeWorld, reason: str) -> Entry:
    here.file(form="attachment-3", reason=reason)
    here.make_ready()
    here.submit()
    return here.case_act("reviewer", "case_approved", here.approval_payload())


def test_a_new_representative_claims_by_attachment_3_after_the_change() -> None:
    here = make_world()
    here.bring_to(Lifecycle.CLAIMED)
    # The very same case id is used again by these helpers, so the first one gives way.
    first = here.world.subjects.pop(("case", "case-1"))
    here.world.subjects["case", "case-0"] = first
    facts = here.world.subjects["certificate", "certificate-1"]
    facts[0].action.public["case"] = "case-0"  # type: ignore[index]
    _refused("representative_unchanged", _attachment_3, here, "representative_changed")
    del here.world.subjects["case", "case-1"]
    here.change("representative")
    _attachment_3(here, "representative_changed")
    payload = here.claim_payload(representative_no=2)
    _refused("claim_purpose_wrong", here.world.act, "clerk", "claim_minted", ("claim", "c"), payload)
    here.world.act("clerk", "claim_minted", ("claim", "c"), payload | {"purpose": 3})


def test_the_approval_of_a_new_manager_ends_the_former_before_it_can_be_claimed() -> None:
    here = make_world()
    _attachment_3(here, "manager_changed")
    payload = here.claim_payload(purpose=3)
    _refused("change_not_applied", here.world.act, "clerk", "claim_minted", ("claim", "c"), payload)
    facts = {"change": "", "case": "case-1", "basis": "1"}
    unit = ("unit", "unit-1")
    _refused("change_not_approved", here.world.act, "both", "manager_changed", unit, facts)
    here.world.act("reviewer", "manager_changed", unit, facts)
    assert _unit(here).era_case == "case-1"
    here.world.act("clerk", "claim_minted", ("claim", "c"), payload)


# --- what a unit holds ------------------------------------------------------------------------------


def _standing(here: OfficeWorld, *, told: bool = True) -> Any:
    held = [(each, here.world.case(each.case)) for each in here.world.certificates_of_unit("unit-1")]
    return unit_standing(_unit(here), held, loss_told=told)


def test_a_voided_unit_waits_to_claim_again_from_the_moment_of_the_change() -> None:
    here = make_world()
    assert _standing(here).holding is Holding.NONE
    here.bring_to(Lifecycle.CLAIMED)
    assert _standing(here).holding is Holding.IN_FORCE
    here.change("representative")
    found = _standing(here)
    assert (found.holding, found.reason, found.waits) == (Holding.VOID, "representative_changed", True)
    assert found.since == here.at


def test_a_deregistered_unit_waits_for_nothing() -> None:
    here = make_world()
    here.bring_to(Lifecycle.CLAIMED)
    here.change("deregistration")
    assert _standing(here).holding is Holding.VOID and not _standing(here).waits


def test_a_lost_phone_counts_before_the_hub_has_said_so() -> None:
    here = make_world()
    here.bring_to(Lifecycle.CLAIMED)
    here.change("loss")
    assert _standing(here).holding is Holding.IN_FORCE  # the hub has answered and left it
    found = _standing(here, told=False)
    assert (found.holding, found.reason, found.waits) == (Holding.VOID, "loss_reported", True)
    here.change("suspension", "change-2")
    assert _standing(here).holding is Holding.SUSPENDED
