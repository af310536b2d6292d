"""Which steps a case is waiting for, which of them are open to this person, and why the others are not.

Nothing is decided here a second time: each step is tried on the judge as a made-up action, so that what
a button promises is what the desk and the hub will say when it is pressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from core.errors import Refusal
from core.records.judge import CLAIM_SECONDS, judge
from core.records.model import GENESIS, Action, SubjectKind
from core.records.people import OfficeState
from core.records.rules_claim import purpose_of
from core.records.states import CaseState, CertificateState, ChangeState, ClaimState, Lifecycle, UnitState

RETURN_PROBE = "other"


class Step(StrEnum):
    """What can be done next with a case."""

    AMEND = "amend"  # 继续填报、改正
    PRINT = "print"  # 打印
    SUBMIT = "submit"  # 提交审核
    WITHDRAW = "withdraw"  # 撤回申请
    APPROVE = "approve"  # 核准
    RETURN = "return"  # 退回
    RECALL = "recall"  # 撤回提交
    CLAIM = "claim"  # 生成领取码
    UNDO = "undo"  # 撤销核准


STEPS: Mapping[Lifecycle, tuple[Step, ...]] = {
    Lifecycle.FILED: (Step.WITHDRAW, Step.AMEND, Step.PRINT, Step.SUBMIT),
    Lifecycle.RETURNED: (Step.WITHDRAW, Step.AMEND, Step.PRINT, Step.SUBMIT),
    Lifecycle.SUBMITTED: (Step.WITHDRAW, Step.RECALL, Step.RETURN, Step.APPROVE),
    Lifecycle.APPROVED: (Step.UNDO, Step.CLAIM),
    Lifecycle.CLAIMED: (Step.CLAIM,),
    Lifecycle.WITHDRAWN: (),
    Lifecycle.ENDED: (),
}
"""What makes sense in each state, the main step last."""


@dataclass(frozen=True)
class NextStep:
    """A step; ``code`` is empty when it is open, else the code of the rule against it."""

    step: Step
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether the judge would let it pass."""
        return not self.code


@dataclass(frozen=True)
class Scene:
    """A case with all that its next step may depend on; answers as :class:`core.records.judge.World`."""

    office_state: OfficeState
    unit_state: UnitState
    case_state: CaseState
    certificate: CertificateState | None = None
    unit_certificates: tuple[CertificateState, ...] = ()
    unsettled: tuple[str, ...] = ()
    """What this desk did to the case that was refused and waits to be settled."""

    def office(self) -> OfficeState | None:
        """Return the office."""
        return self.office_state

    def unit(self, unit_id: str) -> UnitState | None:
        """Return the case's unit."""
        return self.unit_state if unit_id == self.unit_state.id else None

    def unit_with_code(self, uscc: str) -> UnitState | None:
        """Return the case's unit if the code is its own."""
        return self.unit_state if uscc == self.unit_state.values.get("uscc") else None

    def case(self, case_id: str) -> CaseState | None:
        """Return the case."""
        return self.case_state if case_id == self.case_state.id else None

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """No step asks for another case."""
        return None

    def claim(self, claim_id: str) -> ClaimState | None:
        """No step asks for a code."""
        return None

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Return the case's certificate."""
        return self.certificate

    def certificates_of_unit(self, unit_id: str) -> tuple[CertificateState, ...]:
        """Return the unit's certificates."""
        return self.unit_certificates

    def change(self, change_id: str) -> ChangeState | None:
        """No step asks for a change."""
        return None

    def refused(self, action_hash: str) -> bool:
        """No step settles anything."""
        return False

    def refused_before(self, action: Action) -> tuple[str, ...]:
        """Nothing goes on before what was refused is settled."""
        return self.unsettled if action.subject_kind == "case" else ()


def next_steps(scene: Scene, person: str, as_of: date) -> tuple[NextStep, ...]:
    """Return the steps of the case's state, each open to ``person`` or with the reason why not."""
    steps = STEPS[scene.case_state.lifecycle]
    return tuple(_tried(scene, person, as_of, step) for step in steps)


def acts_single(scene: Scene, person: str) -> bool:
    """Tell whether this person's approval would be a single-clerk one (独任审核)."""
    return scene.office_state.single_clerk and person in scene.case_state.hands


def _tried(scene: Scene, person: str, as_of: date, step: Step) -> NextStep:
    kind, public = _probe(scene, person, step)
    subject_kind: SubjectKind = "claim" if step is Step.CLAIM else "case"
    case = scene.case_state
    action = Action(
        id="probe",
        office=case.office,
        subject_kind=subject_kind,
        subject="probe" if step is Step.CLAIM else case.id,
        base_version=0 if step is Step.CLAIM else case.version,
        kind=kind,
        at="",
        device="probe",
        device_epoch=1,
        seq=1,
        prev=GENESIS,
        person=person,
        public=public,
        rehearsal=scene.office_state.rehearsal,
    )
    try:
        judge(action, {}, scene, as_of)
    except Refusal as refusal:
        return NextStep(step, refusal.code, refusal.params)
    return NextStep(step)


def _probe(scene: Scene, person: str, step: Step) -> tuple[str, dict[str, Any]]:
    case = scene.case_state
    scan = case.signed_scan()
    if step is Step.AMEND:
        # Same roles and states as case_amended, without values to be checked.
        return "papers_checked", {"items": {}}
    if step is Step.PRINT:
        return "case_printed", {"content": case.content, "copies": 1, "layout": ""}
    if step is Step.SUBMIT:
        return "case_submitted", {"content": case.content}
    if step is Step.APPROVE:
        kind = "case_approved_single" if acts_single(scene, person) else "case_approved"
        return kind, {"content": case.content, "scan": scan.id if scan else ""}
    if step is Step.RETURN:
        return "case_returned", {"reasons": [RETURN_PROBE]}
    if step is Step.UNDO:
        return "approval_undone", {"approval": case.approval or ""}
    if step is Step.CLAIM:
        return "claim_minted", _claim_facts(scene)
    return ("submission_recalled" if step is Step.RECALL else "case_withdrawn"), {}


def _claim_facts(scene: Scene) -> dict[str, Any]:
    case = scene.case_state
    return {
        "case": case.id,
        "approval": case.approval or "",
        "jti": "00" * 12,
        "purpose": purpose_of(case, scene.certificate),
        "representative_no": scene.unit_state.representative_no,
        "issued_at": 1,
        "expires_at": 1 + CLAIM_SECONDS,
    }
