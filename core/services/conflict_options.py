"""What a person can choose of a refused action: keep what stands, or do it again, and in which way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.clock import china_date, from_stamp
from core.errors import Refusal
from core.records.changes import EFFECTS
from core.records.judge import judge
from core.records.kinds import KINDS
from core.records.model import Entry
from core.records.states import Lifecycle
from core.services.conflict_sides import Obstacle, Sides, last_form
from core.services.recording import propose
from core.store.action_rows import Recorded
from core.store.refusals import named_by

DROP, REDO = "drop", "redo"
NEW_CASE, OTHER_CASE, SAME_CASE = "new_case", "other_case", "same_case"
NEW_UNIT, OTHER_UNIT, SAME_UNIT = "new_unit", "other_unit", "same_unit"
AGAIN = "again"
"""Ways of doing it again: a draft for a case or a unit, or the same actions at once."""

UNIT_WAYS = frozenset({NEW_UNIT, OTHER_UNIT, SAME_UNIT})
_ONCE_ONLY = {"claim_minted": "refusal_once_only", "register_page": "refusal_import_anew"}
"""What is never made again as it was, and the code of what to do instead."""
_CASE_OPEN = (Lifecycle.FILED.value, Lifecycle.RETURNED.value)


@dataclass(frozen=True)
class Option:
    """A choice: ``code`` says why it is shut (empty = open).

    ``way`` tells how ``redo`` would go; ``target`` is the unit or case it would be laid out for; ``again``
    are the hashes of the actions that would be made again at once, in order.
    """

    choice: str
    way: str = ""
    target: str = ""
    again: tuple[str, ...] = ()
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether it can be chosen now."""
        return not self.code


def _shut(choice: str, code: str, **params: Any) -> Option:
    return Option(choice, code=code, params=params)


def _role(sides: Sides, kind: str) -> str:
    roles = sides.session.me(sides.uow).roles
    return "" if roles & KINDS[kind].roles else "role_missing"


def drop_option(sides: Sides, waits: bool) -> Option:
    """Return whether what stands can be kept now; ``waits``: more of it may still be refused."""
    return Option(DROP, code="refusal_sync_first" if waits else _role(sides, "refusal_settled"))


def redo_option(sides: Sides, group: Sequence[Recorded], obstacle: Obstacle | None, waits: bool) -> Option:
    """Return how the refused actions could be done again on what stands now, or why they cannot."""
    if waits:
        return _shut(REDO, "refusal_sync_first")
    form = last_form(group)
    if form is None or form.signed.action.kind in EFFECTS or group[0].signed.action.subject_kind == "change":
        return _again(sides, group)
    if code := _role(sides, form.signed.action.kind):
        return _shut(REDO, code)
    action = group[0].signed.action
    if action.subject_kind == "unit":
        return _redo_unit(sides, action.subject, obstacle)
    filing = next((row for row in group if row.signed.action.kind == "case_filed"), None)
    if filing is not None:
        return _redo_filing(sides, filing, obstacle)
    case = sides.uow.projection.case(action.subject)
    if case is None:
        return _shut(REDO, "case_unknown")
    if case.lifecycle.value not in _CASE_OPEN:
        return _shut(REDO, "case_wrong_state", lifecycle=case.lifecycle.value)
    return Option(REDO, SAME_CASE, case.id)


def _redo_unit(sides: Sides, unit_id: str, obstacle: Obstacle | None) -> Option:
    if obstacle is not None:
        return Option(REDO, OTHER_UNIT, obstacle.id)
    stands = sides.uow.projection.unit(unit_id) is not None
    return Option(REDO, SAME_UNIT if stands else NEW_UNIT, unit_id if stands else "")


def _redo_filing(sides: Sides, filing: Recorded, obstacle: Obstacle | None) -> Option:
    public = filing.signed.action.public
    unit = sides.unit_of_filing(str(public["unit"]))
    if unit is None:
        return _shut(REDO, "unit_unknown")
    if obstacle is None:
        return Option(REDO, NEW_CASE, unit.id)
    other = sides.uow.projection.case(obstacle.id)
    if other is None or other.form != public["form"]["id"] or other.lifecycle.value not in _CASE_OPEN:
        return _shut(REDO, "unit_has_open_case", case=obstacle.label)
    return Option(REDO, OTHER_CASE, other.id)


def _again(sides: Sides, group: Sequence[Recorded]) -> Option:
    """Ask the judge for one after the other; what he refuses, and what follows it, has to be done by hand."""
    foreseen, ledger = sides.uow.foreseeing()
    session = sides.session
    done: list[str] = []
    world = foreseen.world(session.office, sides.office.single_clerk, named_by(group))
    for row in group:
        action = row.signed.action
        private = sides.uow.ledger.private_of(row.signed)
        values = {name: item.value for name, item in private.items()}
        proposed, _, _ = propose(
            session, foreseen, action.subject_kind, action.subject, action.kind, action.public, values
        )
        try:
            if action.kind in _ONCE_ONLY:
                raise Refusal(_ONCE_ONLY[action.kind])
            if action.commitments and not private:
                raise Refusal("subject_erased")
            judge(proposed, values, world, china_date(from_stamp(proposed.at)))
        except Refusal as refusal:
            if not done:
                return Option(REDO, code=refusal.code, params=refusal.params)
            break
        ledger.foresee(Entry(proposed, proposed.hash(), values))
        done.append(row.signed.hash)
    return Option(REDO, AGAIN, again=tuple(done))
