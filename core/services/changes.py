"""Life-cycle changes (变更、到期换领、暂停、注销、移交、挂失): filed, previewed, approved in one act.

The approval, its effect on the unit and the voiding of open claim codes are one unit of work; what the
hub then voids follows from the effect (docs/decisions/014-life-cycle.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.clock import china_date
from core.errors import Refusal, UserError
from core.forms.check import normalise
from core.forms.registry import latest
from core.ids import new_id
from core.records.changes import CHANGES, HANDOVER, LOSS, REPRESENTATIVE, ChangeKind, renewed_period
from core.records.judge import judge
from core.records.states import ChangeStage, ChangeState, Delivery, UnitState
from core.services.claims import void_live_claims
from core.services.dying import Dying, before, dying, has_voided
from core.services.recording import propose, record
from core.services.session import Session
from core.services.units import UNIT_FORM, form_reference, get_unit, split_values
from core.store.lists import ChangeLine, ReclaimLine
from core.store.unit_of_work import UnitOfWork

__all__ = [
    "ChangeDetail",
    "ChangeLine",
    "ReclaimLine",
    "approve_change",
    "change_detail",
    "file_change",
    "list_changes",
    "preview_change",
    "preview_filing",
    "reclaim_list",
    "return_change",
    "withdraw_change",
]

CHANGE_RETURN_REASONS = ("basis_insufficient", "values_wrong", "papers_missing", "unit_wrong", "other")
"""Codes of the reasons a reviewer may tick; sentences in ui/record_words.py."""

APPROVE, RETURN, WITHDRAW = "approve", "return", "withdraw"


@dataclass(frozen=True)
class ChangeStep:
    """What may be done with a change now; ``code`` is empty when it is open, else the rule against it."""

    step: str
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ChangeDetail:
    """A change with what is shown beside it.

    ``before`` are the unit's values in sight of which it was made, ``dying`` what its approval will end (or
    nothing, once it is decided); ``mine``: this person filed it; ``single``: an approval by them would be a
    single-clerk one (独任审核); ``voided``: its approval ended what was issued before.
    """

    change: ChangeState
    unit: UnitState
    before: Mapping[str, str]
    delivery: Delivery
    dying: Dying
    steps: tuple[ChangeStep, ...]
    mine: bool
    single: bool
    voided: bool
    as_of: date


# --- filing -----------------------------------------------------------------------------------


def file_change(
    session: Session,
    unit_id: str,
    kind: str,
    *,
    values: Mapping[str, str] | None = None,
    basis: str = "",
    details: Mapping[str, str] | None = None,
) -> str:
    """File a change of a unit as it is now; return the change's id.

    ``values`` are laid over the unit's own; a renewal computes its period, a hand-over draws the id of
    the new
    record. Raises ``UserError`` unit_unknown, change_kind_unknown, certificate_none (a lost phone of a unit
    that has none); ``Refusal`` with the code of the rule that it breaks.
    """
    spec = _kind(kind)
    unit = get_unit(session, unit_id)
    change_id = new_id(session.random)
    said = dict(details or {})
    if kind == HANDOVER:
        said.setdefault("unit", new_id(session.random))
    public, personal = _stated(spec, unit, values or {})
    facts = {
        "unit": unit_id,
        "unit_version": unit.version,
        "change": kind,
        "basis": basis.strip(),
        "details": said,
        **public,
    }
    with session.begin() as uow:
        if kind == LOSS and not dying(uow, unit, kind).certificates:
            raise UserError("certificate_none")
        record(session, uow, "change", change_id, "change_filed", facts, personal)
    return change_id


def _kind(kind: str) -> ChangeKind:
    if kind not in CHANGES:
        raise UserError("change_kind_unknown")
    return CHANGES[kind]


def _stated(
    spec: ChangeKind, unit: UnitState, typed: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the form part of a filing: the unit's values as they will be, where any change."""
    if not spec.form:
        if typed:
            raise UserError("change_states_no_values")
        return {"form": {}, "values": {}}, {}
    form = latest(UNIT_FORM)
    values = {**unit.values, **typed}
    if spec.id == "renewal" and unit.values.get("valid_to"):
        values["valid_from"], values["valid_to"] = renewed_period(unit.values["valid_to"])
    public, personal = split_values(form, normalise(form, values))
    return {"form": form_reference(form), "values": public}, personal


# --- looking ----------------------------------------------------------------------------------


def change_detail(session: Session, change_id: str) -> ChangeDetail:
    """Return a change. Raises ``UserError('change_unknown')``."""
    with session.read() as uow:
        change, unit = _found(uow, change_id)
        office = session.office_state(uow)
        single = office.single_clerk and session.person in change.hands
        waiting = change.stage is ChangeStage.FILED
        return ChangeDetail(
            change=change,
            unit=unit,
            before=before(uow, change),
            delivery=uow.ledger.delivery([change_id, unit.id]),
            dying=dying(uow, unit, change.change, change.values) if waiting else Dying(),
            steps=_steps(session, uow, change, single) if waiting else (),
            mine=session.person in change.hands,
            single=single,
            voided=has_voided(uow, change),
            as_of=china_date(session.now()),
        )


def _found(uow: UnitOfWork, change_id: str) -> tuple[ChangeState, UnitState]:
    change = uow.projection.change(change_id)
    unit = None if change is None else uow.projection.unit(change.unit)
    if change is None or unit is None:
        raise UserError("change_unknown")
    return change, unit


def _steps(session: Session, uow: UnitOfWork, change: ChangeState, single: bool) -> tuple[ChangeStep, ...]:
    """Ask the judge with probe actions, so that a button promises what core and hub will say."""
    approval = "change_approved_single" if single else "change_approved"
    probes: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (WITHDRAW, "change_withdrawn", {}),
        (RETURN, "change_returned", {"reasons": ["other"]}),
        (APPROVE, approval, {"content": change.content}),
    )
    certificate = session.certificate(uow)
    world = uow.world(session.office, bool(certificate and certificate.single_clerk))
    found = []
    for step, kind, public in probes:
        action, values, _ = propose(session, uow, "change", change.id, kind, public)
        try:
            judge(action, values, world, china_date(session.now()))
            found.append(ChangeStep(step))
        except Refusal as refusal:
            found.append(ChangeStep(step, refusal.code, refusal.params))
    return tuple(found)


def preview_change(session: Session, change_id: str) -> Dying:
    """Return exactly what the approval of a change will end. Raises ``UserError('change_unknown')``."""
    with session.read() as uow:
        change, unit = _found(uow, change_id)
        return dying(uow, unit, change.change, change.values)


def preview_filing(
    session: Session, unit_id: str, kind: str, values: Mapping[str, str] | None = None
) -> Dying:
    """Return what such a change of a unit would end, before it is filed."""
    spec, unit = _kind(kind), get_unit(session, unit_id)
    public, personal = _stated(spec, unit, values or {})
    with session.read() as uow:
        return dying(uow, unit, kind, {**public["values"], **personal})


def list_changes(
    session: Session, stages: Sequence[str] = (), unit: str = "", query: str = "", limit: int = 200
) -> list[ChangeLine]:
    """Return changes, newest first; of these stages, of this unit, of units that ``query`` finds."""
    with session.read() as uow:
        return uow.lists.changes(tuple(stages), unit, query, limit)


def reclaim_list(session: Session, query: str = "", limit: int = 200) -> list[ReclaimLine]:
    """Return the units whose certificate was ended by a change and that have none in force (已失效待重领).

    The longest waiting first.
    """
    with session.read() as uow:
        return uow.lists.reclaims(query, limit)


# --- deciding ---------------------------------------------------------------------------------


def approve_change(session: Session, change_id: str, seen: str | None = None) -> str:
    """Approve a change and record its effect, in one act; return the hash of the effect.

    ``seen`` is the content (hash) that the reviewer looked at. Raises ``UserError('change_unknown')``,
    ``Refusal`` content_stale, self_approval, change_stale, change_wrong_stage and what the effect's rule
    says.
    """
    with session.begin() as uow:
        change, unit = _found(uow, change_id)
        if seen is not None and seen != change.content:
            raise Refusal("content_stale")
        ending = dying(uow, unit, change.change, change.values)
        own = session.person in change.hands and session.office_state(uow).single_clerk
        kind = "change_approved_single" if own else "change_approved"
        record(session, uow, "change", change_id, kind, {"content": change.content})
        if ending.voids:
            void_claims_of_unit(session, uow, unit.id, CHANGES[change.change].effect)
        public, personal = _effect(change, unit)
        spec = CHANGES[change.change]
        return record(session, uow, "unit", unit.id, spec.effect, public, personal).hash


def void_claims_of_unit(session: Session, uow: UnitOfWork, unit_id: str, reason: str) -> int:
    """Void every open code of a unit's cases; return how many."""
    cases = uow.lists.cases_of_unit(unit_id)
    return sum(void_live_claims(session, uow, line.case, reason) for line in cases)


def _effect(change: ChangeState, unit: UnitState) -> tuple[dict[str, Any], dict[str, str]]:
    spec, form = CHANGES[change.change], latest(UNIT_FORM)
    facts: dict[str, Any] = {"change": change.id, "basis": change.basis}
    public, personal = split_values(form, change.values)
    if spec.form:
        facts |= {"form": form_reference(form), "values": public}
    if spec.details:
        facts["details"] = dict(change.details)
    if spec.id == REPRESENTATIVE:
        facts["representative_no"] = unit.representative_no + 1
    if spec.effect == "manager_changed":
        facts["case"] = ""
    return facts, personal if spec.form else {}


def return_change(session: Session, change_id: str, reasons: Sequence[str], remark: str = "") -> None:
    """Send a change back with reasons: it ends, and a new one is filed. Raises ``Refusal`` reason_missing."""
    with session.begin() as uow:
        facts = {"reasons": list(reasons)}
        record(session, uow, "change", change_id, "change_returned", facts, {"remark": remark})


def withdraw_change(session: Session, change_id: str, remark: str = "") -> None:
    """Take a change back while nobody has decided it."""
    with session.begin() as uow:
        record(session, uow, "change", change_id, "change_withdrawn", {}, {"remark": remark})
