"""Both sides of a refused action in codes and values: what was done here, what stands at the hub instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.forms.kinds import display, masked
from core.forms.papers import checklist
from core.forms.registry import by_digest, latest
from core.forms.spec import FormSpec
from core.records.changes import HANDED_OVER
from core.records.kinds import KINDS
from core.records.model import HUB
from core.records.people import OfficeState
from core.records.states import CaseState, Delivery, UnitState
from core.services.session import Session
from core.store.action_rows import Recorded
from core.store.unit_of_work import UnitOfWork

STANDING = 20
"""How many of the hub's actions an item shows."""


@dataclass(frozen=True)
class Deed:
    """One action as a history names it; ``own``: made at this very desk. ``device`` is the desk's id."""

    hash: str
    kind: str
    public: Mapping[str, Any]
    at: str
    who: str
    device: str
    own: bool


@dataclass(frozen=True)
class Pair:
    """One value on both sides. ``kind`` is field or paper; papers are told in codes (original, copy).

    ``section`` is the form's part it stands in. ``mine`` and ``theirs`` are covered as lists show them,
    the ``clear`` ones are for a held button.
    """

    kind: str
    section: str
    label: str
    mine: str
    theirs: str
    mine_clear: str = field(repr=False)
    theirs_clear: str = field(repr=False)

    @property
    def differs(self) -> bool:
        """Whether the two sides say different things."""
        return self.mine_clear != self.theirs_clear


@dataclass(frozen=True)
class Obstacle:
    """What is in the way when nothing else was done to the same subject: a case or a unit."""

    kind: str
    id: str
    label: str
    lifecycle: str = ""


class Sides:
    """Reads both sides in one unit of work."""

    def __init__(self, session: Session, uow: UnitOfWork, who: Callable[[Recorded], str]) -> None:
        self.session = session
        self.uow = uow
        self.office: OfficeState = session.office_state(uow)
        self._who = who

    def deed(self, row: Recorded) -> Deed:
        """Return how a history names this action."""
        action = row.signed.action
        own = action.device == self.session.device.id
        who = HUB if action.person == HUB else self._who(row)
        return Deed(row.signed.hash, action.kind, action.public, action.at, who, action.device, own)

    def rows_of(self, subject_kind: str, subject: str) -> list[Recorded]:
        """Return a subject's actions, oldest first."""
        rows = self.uow.ledger.record(subject, 0, 10_000)
        return [row for row in reversed(rows) if row.signed.action.subject_kind == subject_kind]

    def standing(self, first: Recorded, rows: Sequence[Recorded]) -> tuple[Deed, ...]:
        """Return what the hub has recorded from the version of the ``first`` refused action on."""
        base = first.signed.action.base_version
        recorded = [
            row
            for row in rows
            if row.delivery is Delivery.RECORDED and row.signed.action.base_version >= base
        ]
        return tuple(self.deed(row) for row in recorded[:STANDING])

    def beginning(self, obstacle: Obstacle) -> tuple[Deed, ...]:
        """Return the first action of what is in the way."""
        rows = [row for row in self.rows_of(obstacle.kind, obstacle.id) if row.delivery is Delivery.RECORDED]
        return tuple(self.deed(row) for row in rows[:1])

    # --- what is in the way -----------------------------------------------------------------------

    def obstacle(self, group: Sequence[Recorded]) -> Obstacle | None:
        """Return the open case that keeps a filing out, or the unit that has the code already."""
        for row in group:
            public = row.signed.action.public
            if row.signed.action.kind == "unit_registered":
                twin = self.twin(row)
                return None if twin is None else Obstacle("unit", twin.id, twin.values.get("name", ""))
            if row.signed.action.kind == "case_filed":
                unit = self.unit_of_filing(str(public["unit"]))
                return None if unit is None else self.open_case(unit.id, str(public["form"]["id"]))
        return None

    def twin(self, row: Recorded) -> UnitState | None:
        """Return the unit that has the code of a refused registration; one handed over is in nobody's way."""
        code = str(row.signed.action.public.get("values", {}).get("uscc", ""))
        found: UnitState | None = self._world().unit_with_code(code)
        if found is None or found.id == row.signed.action.subject or found.closed == HANDED_OVER:
            return None
        return found

    def unit_of_filing(self, unit_id: str) -> UnitState | None:
        """Return the unit a refused filing was for; the one in its place if its registration was refused."""
        unit = self.uow.projection.unit(unit_id)
        refused = () if unit else self.uow.refusals.of("unit", unit_id)
        return unit or next((twin for twin in map(self.twin, refused) if twin is not None), None)

    def open_case(self, unit_id: str, form: str) -> Obstacle | None:
        """Return the unit's open case, that of the same form first."""
        world = self._world()
        for wanted in sorted(("attachment-1", "attachment-3"), key=lambda each: each != form):
            case_id = world.open_case_of(unit_id, wanted)
            case = None if case_id is None else self.uow.projection.case(case_id)
            if case is not None:
                return Obstacle("case", case.id, case.case_no, case.lifecycle.value)
        return None

    def _world(self) -> Any:
        return self.uow.world(self.session.office, self.office.single_clerk)

    # --- values -----------------------------------------------------------------------------------

    def values_of(self, row: Recorded) -> dict[str, str]:
        """Return what a form-bearing action says, personal values included unless destroyed."""
        private = self.uow.ledger.private_of(row.signed)
        public = row.signed.action.public.get("values", {})
        return {**public, **{name: item.value for name, item in private.items()}}

    def present(self, subject_kind: str, subject: str, obstacle: Obstacle | None) -> Mapping[str, str]:
        """Return the values that stand now where the refused ones would have stood."""
        kind, found = (obstacle.kind, obstacle.id) if obstacle else (subject_kind, subject)
        state: UnitState | CaseState | None = None
        if kind == "unit":
            state = self.uow.projection.unit(found)
        elif kind == "case":
            state = self.uow.projection.case(found)
        return {} if state is None else state.values

    def pairs(self, group: Sequence[Recorded], theirs: Mapping[str, str]) -> tuple[Pair, ...]:
        """Return the values of the last form and of the last ticking of papers, each beside what stands."""
        found: list[Pair] = []
        form = last_form(group)
        if form is not None:
            reference = form.signed.action.public["form"]
            spec = by_digest(reference["digest"]) or latest(reference["id"])
            found += field_pairs(spec, self.values_of(form), theirs)
        ticks = [row for row in group if row.signed.action.kind == "papers_checked"]
        if ticks:
            found += self._paper_pairs(ticks[-1])
        return tuple(found)

    def _paper_pairs(self, row: Recorded) -> list[Pair]:
        action = row.signed.action
        case = self.uow.projection.case(action.subject)
        if case is None:
            return []
        labels = {item.id: item.label for item in checklist(case.form, self.office.checklists.get(case.form))}
        mine, theirs = action.public["items"], case.papers
        names = [*labels, *(name for name in {**mine, **theirs} if name not in labels)]
        told = ((name, _ticked(mine.get(name)), _ticked(theirs.get(name))) for name in names)
        return [Pair("paper", "", labels.get(name, name), a, b, a, b) for name, a, b in told]


def last_form(group: Sequence[Recorded]) -> Recorded | None:
    """Return the last of these actions that was filled by a form."""
    forms = [
        row
        for row in group
        if KINDS[row.signed.action.kind].form and row.signed.action.public["form"]  # a change may state none
    ]
    return forms[-1] if forms else None


def field_pairs(spec: FormSpec, mine: Mapping[str, str], theirs: Mapping[str, str]) -> list[Pair]:
    """Return the fields that hold something on either side, in the order of the paper."""
    pairs = []
    for section in spec.sections:
        for each in section.fields:
            a, b = mine.get(each.id, ""), theirs.get(each.id, "")
            if a or b:
                shown = [masked(each, value) if value else "" for value in (a, b)]
                clear = [display(each, value) if value else "" for value in (a, b)]
                pairs.append(Pair("field", section.title, each.label, *shown, *clear))
    return pairs


def _ticked(ticks: Mapping[str, bool] | None) -> str:
    return " ".join(name for name in ("original", "copy") if ticks and ticks.get(name))
