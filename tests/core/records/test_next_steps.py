"""What a button promises is what the services then do: every role in every state, tried for real."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import UserError
from core.records.next_steps import STEPS, Step
from core.records.states import Lifecycle
from core.services import applications, review
from core.services.listing import case_detail
from core.services.session import Session
from tests.core.services.office_kit import OfficeKit, open_kit

Act = Callable[[Session, str], object]


def _amend(session: Session, case_id: str) -> None:
    case = applications.get_case(session, case_id).case
    applications.amend_case(session, case_id, case.values)


def _print(session: Session, case_id: str) -> None:
    content = applications.get_case(session, case_id).case.content
    applications.note_printed(session, case_id, content, 1)


ACTS: dict[Step, Act] = {
    Step.AMEND: _amend,
    Step.PRINT: _print,
    Step.SUBMIT: applications.submit,
    Step.WITHDRAW: applications.withdraw,
    Step.APPROVE: review.approve,
    Step.RETURN: lambda s, c: review.return_for_correction(s, c, ["other"], "x"),
    Step.RECALL: applications.recall,
    Step.UNDO: review.undo_approval,
}
LOGINS = ("admin", "clerk", "reviewer", "auditor", "both")


def _filed(kit: OfficeKit) -> str:
    with kit.sit("clerk") as clerk:
        return kit.filed_case(clerk)


def _ready(kit: OfficeKit) -> str:
    with kit.sit("clerk") as clerk:
        return kit.ready_case(clerk)


def _submitted(kit: OfficeKit, login: str = "clerk") -> str:
    with kit.sit(login) as clerk:
        return kit.submitted_case(clerk)


def _returned(kit: OfficeKit) -> str:
    case_id = _submitted(kit)
    with kit.sit("reviewer") as reviewer:
        review.return_for_correction(reviewer, case_id, ["form_wrong"])
    return case_id


def _withdrawn(kit: OfficeKit) -> str:
    case_id = _submitted(kit)
    with kit.sit("clerk") as clerk:
        applications.withdraw(clerk, case_id)
    return case_id


MADE: dict[str, Callable[[OfficeKit], str]] = {
    "filed": _filed,
    "ready": _ready,
    "submitted": _submitted,
    "own": lambda kit: _submitted(kit, "both"),
    "returned": _returned,
    "approved": lambda kit: kit.approved_case(),
    "withdrawn": _withdrawn,
}


def outcome(session: Session, act: Act, case_id: str) -> str:
    """Return the code with which an act is refused, empty when it happened."""
    try:
        act(session, case_id)
    except UserError as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("made", MADE)
def test_a_promise_is_kept(tmp_path: Path, made: str, login: str) -> None:
    kit = open_kit(tmp_path)
    case_id = MADE[made](kit)
    with kit.sit(login) as session:
        steps = [step for step in case_detail(session, case_id).steps if step.step is not Step.CLAIM]
        shut = [step for step in steps if not step.open]
        said = {step.step: step.code for step in shut}
        assert {step.step: outcome(session, ACTS[step.step], case_id) for step in shut} == said
        # An open step changes the case: only the first is tried here, the others below.
        for step in [step for step in steps if step.open][:1]:
            assert outcome(session, ACTS[step.step], case_id) == ""
    kit.close()


@pytest.mark.parametrize(
    ("made", "login", "step"),
    [
        ("filed", "clerk", Step.AMEND),
        ("filed", "clerk", Step.PRINT),
        ("ready", "clerk", Step.SUBMIT),
        ("submitted", "clerk", Step.RECALL),
        ("submitted", "reviewer", Step.RETURN),
        ("submitted", "reviewer", Step.APPROVE),
        ("own", "reviewer", Step.APPROVE),
        ("own", "both", Step.RETURN),
        ("submitted", "both", Step.APPROVE),
        ("returned", "clerk", Step.AMEND),
        ("approved", "reviewer", Step.UNDO),
    ],
)
def test_what_is_open_can_be_done(tmp_path: Path, made: str, login: str, step: Step) -> None:
    kit = open_kit(tmp_path)
    case_id = MADE[made](kit)
    with kit.sit(login) as session:
        promised = {each.step: each.code for each in case_detail(session, case_id).steps}
        assert promised[step] == ""
        assert outcome(session, ACTS[step], case_id) == ""
    kit.close()


def test_own_work_is_barred_by_name(tmp_path: Path) -> None:
    kit = open_kit(tmp_path)
    case_id = _submitted(kit, "both")
    with kit.sit("both") as both:
        codes = {step.step: step.code for step in case_detail(both, case_id).steps}
    assert codes[Step.APPROVE] == "self_approval"
    kit.close()


def test_a_claim_of_the_change_form_is_open_like_any_other(tmp_path: Path) -> None:
    kit = open_kit(tmp_path)
    case_id, other = kit.approved_case(), kit.approved_case("attachment-3")
    with kit.sit("clerk") as clerk:
        for case in (case_id, other):
            assert {s.step: s.code for s in case_detail(clerk, case).steps}[Step.CLAIM] == ""
    kit.close()


def test_every_state_has_its_steps() -> None:
    assert set(STEPS) == set(Lifecycle)
    assert {step for steps in STEPS.values() for step in steps} == set(Step)
