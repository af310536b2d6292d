"""Refused actions as work for a person: both sides, what can be chosen, and the choice recorded.

Nothing is merged and nothing is decided by a clock. What the hub refused is shown beside what stands
there instead; a person keeps what stands (``drop``) or does the refused thing again on it (``redo``).
Either is an action of its own, ``refusal_settled``, and goes the way of every action.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.clock import to_stamp
from core.errors import Refusal, UserError
from core.forms.registry import latest
from core.ids import new_id
from core.records.changes import HANDOVER_CODE
from core.records.payload import SETTLED_AT_ONCE
from core.records.states import DROPPED, REDONE, Delivery
from core.services.audit import logins
from core.services.claims import void_live_claims
from core.services.conflict_options import (
    AGAIN,
    DROP,
    NEW_CASE,
    OTHER_CASE,
    REDO,
    SAME_CASE,
    UNIT_WAYS,
    Option,
    drop_option,
    redo_option,
)
from core.services.conflict_sides import Deed, Obstacle, Pair, Sides, last_form
from core.services.handover import Handover, written
from core.services.recording import record
from core.services.session import Session
from core.store.action_rows import Receipt, Recorded
from core.store.drafts import Draft
from core.store.refusals import named_by
from core.store.unit_of_work import UnitOfWork

__all__ = ["Deed", "Obstacle", "Option", "Pair", "Settled", "WorkItem", "open_count", "open_items", "settle"]


@dataclass(frozen=True)
class WorkItem:
    """What was refused on one subject: ``mine[0]`` first, then what depended on it.

    ``code``/``params`` say why, ``refused_at`` when (hub's stamp). ``standing`` is what the hub has
    instead, ``obstacle`` the case or unit in the way; ``label`` names the subject (case number, unit name),
    ``form`` is the form it was filled by, if it is a case or unit.
    """

    id: str
    subject_kind: str
    subject: str
    label: str
    unit_name: str
    lifecycle: str
    form: str
    mine: tuple[Deed, ...]
    code: str
    params: Mapping[str, Any]
    refused_at: str
    standing: tuple[Deed, ...]
    obstacle: Obstacle | None
    pairs: tuple[Pair, ...]
    drop: Option
    redo: Option

    def option(self, choice: str) -> Option:
        """Return what stands behind a choice. Raises ``UserError('choice_unknown')``."""
        if choice not in (DROP, REDO):
            raise UserError("choice_unknown")
        return self.drop if choice == DROP else self.redo


@dataclass(frozen=True)
class Settled:
    """What came of it: the draft that waits to be filled in, or the case or unit that was acted on."""

    choice: str
    way: str
    form: str = ""
    unit: str = ""
    case: str = ""
    draft: str = ""
    redone: int = 0


def open_count(session: Session) -> int:
    """Return on how many subjects something refused waits for a person."""
    with session.read() as uow:
        return uow.refusals.count()


def open_items(session: Session) -> tuple[WorkItem, ...]:
    """Return what waits for a person, one item a subject, newest first."""
    with session.read() as uow:
        sides = Sides(session, uow, logins(session))
        groups = _groups(uow.refusals.open())
        newest = sorted(groups.values(), key=lambda rows: rows[-1].position, reverse=True)
        return tuple(_item(sides, rows) for rows in newest)


def settle(session: Session, item_id: str, choice: str) -> Settled:
    """Settle an item: record the choice and do what it asks, in one transaction.

    Raises ``UserError('refusal_gone')`` when it is settled already, ``Refusal`` with the reason why the
    choice is shut.
    """
    with session.begin() as uow:
        sides = Sides(session, uow, logins(session))
        groups = _groups(uow.refusals.open()).values()
        rows = next((rows for rows in groups if rows[0].signed.action.id == item_id), None)
        if rows is None:
            raise UserError("refusal_gone")
        option = _item(sides, rows).option(choice)
        if not option.open:
            raise Refusal(option.code, **option.params)
        again = [row for row in rows if row.signed.hash in option.again]
        ids = [new_id(session.random) for _ in again]
        facts = {
            "refused": sorted(named_by(rows))[:SETTLED_AT_ONCE],
            "choice": DROPPED if choice == DROP else REDONE,
            "redone": ids,
        }
        record(session, uow, "refusal", item_id, "refusal_settled", facts)
        for row, action_id in zip(again, ids, strict=True):
            _do_again(session, uow, row, action_id)
        if choice == DROP:
            _follow_record(session, uow, rows)
        if option.way in ("", AGAIN):
            return _settled_at_once(option, rows[0], len(again))
        return _lay_out(sides, rows, option)


# --- reading --------------------------------------------------------------------------------------


def _groups(rows: Sequence[Recorded]) -> dict[tuple[str, str], list[Recorded]]:
    groups: dict[tuple[str, str], list[Recorded]] = {}
    for row in rows:
        action = row.signed.action
        groups.setdefault((action.subject_kind, action.subject), []).append(row)
    return groups


def _item(sides: Sides, group: Sequence[Recorded]) -> WorkItem:
    first, action = group[0], group[0].signed.action
    receipt = _receipt(first)
    rows = sides.rows_of(action.subject_kind, action.subject)
    standing, obstacle = sides.standing(first, rows), sides.obstacle(group)
    if obstacle is not None and not standing:
        standing = sides.beginning(obstacle)
    names = _names(sides, group)
    waits = any(row.delivery is Delivery.PENDING and row.position > first.position for row in rows)
    unheard = receipt.code == "version_conflict" and not standing
    return WorkItem(
        id=action.id,
        subject_kind=action.subject_kind,
        subject=action.subject,
        label=names.label,
        unit_name=names.unit,
        lifecycle=names.lifecycle,
        form=names.form,
        mine=tuple(sides.deed(row) for row in group),
        code=receipt.code,
        params=receipt.params,
        refused_at=receipt.at,
        standing=standing,
        obstacle=obstacle,
        pairs=sides.pairs(group, sides.present(action.subject_kind, action.subject, obstacle)),
        drop=drop_option(sides, waits),
        redo=redo_option(sides, group, obstacle, waits or unheard),
    )


def _receipt(row: Recorded) -> Receipt:
    assert row.receipt is not None  # only what has been refused comes here
    return row.receipt


@dataclass(frozen=True)
class _Names:
    label: str = ""
    unit: str = ""
    lifecycle: str = ""
    form: str = ""


def _names(sides: Sides, group: Sequence[Recorded]) -> _Names:
    """Name a subject as it stands, or by what was refused if nothing else stands."""
    action, form = group[0].signed.action, last_form(group)
    values = sides.values_of(form) if form else {}
    form_id = str(form.signed.action.public["form"]["id"]) if form else ""
    if action.subject_kind == "unit":
        unit = sides.uow.projection.unit(action.subject)
        name = (unit.values if unit else values).get("name", "")
        return _Names(name, name, form=form_id)
    if action.subject_kind == "change":
        change = sides.uow.projection.change(action.subject)
        named = change.unit if change else str(action.public.get("unit", ""))
        owner = sides.uow.projection.unit(named)
        name = owner.values.get("name", "") if owner else ""
        return _Names(name, name, form=form_id)
    case_id = action.subject
    if action.subject_kind == "claim":
        case_id = str(action.public.get("case", "")) or _case_of_claim(sides, action.subject)
    elif action.subject_kind != "case":
        return _Names()
    case = sides.uow.projection.case(case_id)
    if case is None:
        return _Names(str(action.public.get("case_no", "")), values.get("unit_name", ""), form=form_id)
    owner = sides.uow.projection.unit(case.unit)
    name = owner.values.get("name", "") if owner else ""
    return _Names(case.case_no, name, case.lifecycle.value, case.form)


def _case_of_claim(sides: Sides, claim_id: str) -> str:
    claim = sides.uow.projection.claim(claim_id)
    return "" if claim is None else claim.case


# --- doing it -------------------------------------------------------------------------------------


def _do_again(session: Session, uow: UnitOfWork, row: Recorded, action_id: str) -> None:
    action = row.signed.action
    if action.kind == "approval_undone":
        void_live_claims(session, uow, action.subject, "approval_undone")
    private = {name: item.value for name, item in uow.ledger.private_of(row.signed).items()}
    record(
        session,
        uow,
        action.subject_kind,
        action.subject,
        action.kind,
        action.public,
        private,
        action_id=action_id,
    )


def _follow_record(session: Session, uow: UnitOfWork, rows: Sequence[Recorded]) -> None:
    """Whom this desk let in or out is what the record says again; the keyring had run ahead of it."""
    people = session.office_state(uow).people
    for row in rows:
        if row.signed.action.kind in ("person_disabled", "person_enabled"):
            person = people.get(str(row.signed.action.public["person"]))
            if person is not None:
                session.keyring.set_active(person.id, person.active)


def _settled_at_once(option: Option, first: Recorded, redone: int) -> Settled:
    action = first.signed.action
    unit = action.subject if action.subject_kind == "unit" else ""
    case = action.subject if action.subject_kind == "case" else ""
    return Settled(option.choice, option.way, unit=unit, case=case, redone=redone)


def _lay_out(sides: Sides, group: Sequence[Recorded], option: Option) -> Settled:
    """Keep a draft with what was refused, for the unit or case as it stands now."""
    form = last_form(group)
    assert form is not None  # only forms are laid out
    spec = latest(form.signed.action.public["form"]["id"])
    known = {each.id for each in spec.fields()}
    values = {name: value for name, value in sides.values_of(form).items() if name in known}
    action, session = form.signed.action, sides.session
    former = action.public.get("former")
    if former:
        values[HANDOVER_CODE] = written(Handover(former["office"], former["unit"], action.subject))
    draft = Draft(
        new_id(session.random), spec.id, option.target, session.person, values, to_stamp(session.now())
    )
    sides.uow.drafts.save(draft)
    unit = option.target if option.way in UNIT_WAYS or option.way == NEW_CASE else ""
    case = option.target if option.way in (SAME_CASE, OTHER_CASE) else ""
    return Settled(option.choice, option.way, spec.id, unit, case, draft.id)
