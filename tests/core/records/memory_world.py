"""A world in memory for the judge, and people who act in it: the smallest thing that obeys ``World``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from core.clock import china_date, from_stamp
from core.records.fold_case import fold_case, standing
from core.records.fold_certificate import fold_certificate, fold_claim
from core.records.fold_office import fold_office
from core.records.fold_unit import fold_change, fold_unit
from core.records.judge import judge
from core.records.model import Action, Entry, Salted, commitments
from core.records.people import OfficeState
from core.records.states import (
    OPEN_LIFECYCLES,
    CaseState,
    CertificateState,
    ChangeState,
    ClaimState,
    UnitState,
    holder_of_code,
)


class MemoryWorld:
    """One office's effective entries by subject, answered as :class:`core.records.judge.World` asks."""

    def __init__(self, office: str, *, single_clerk: bool = False) -> None:
        self._office = office
        self.single_clerk = single_clerk
        self.subjects: dict[tuple[str, str], list[Entry]] = {}
        self.rejected: list[Action] = []
        self.settled: set[str] = set()

    def entries(self, kind: str, subject: str) -> list[Entry]:
        """Return a subject's entries in order of version."""
        return self.subjects.get((kind, subject), [])

    def add(self, entry: Entry) -> None:
        """Take an action as having happened."""
        key = (entry.action.subject_kind, entry.action.subject)
        self.subjects.setdefault(key, []).append(entry)
        if entry.action.kind == "refusal_settled":
            self.settled.update(entry.action.public["refused"])

    def reject(self, action: Action) -> None:
        """Take an action as refused; whoever made it hears of it later."""
        self.rejected.append(action)

    def copy(self) -> MemoryWorld:
        """Return a world that can go its own way."""
        other = MemoryWorld(self._office, single_clerk=self.single_clerk)
        other.subjects = {key: list(entries) for key, entries in self.subjects.items()}
        other.rejected, other.settled = list(self.rejected), set(self.settled)
        return other

    def _of_kind(self, kind: str) -> list[str]:
        return [subject for found, subject in self.subjects if found == kind]

    def office(self) -> OfficeState | None:
        """Fold the office."""
        state = fold_office(self.entries("office", self._office))
        return None if state is None else replace(state, single_clerk=self.single_clerk)

    def unit(self, unit_id: str) -> UnitState | None:
        """Fold a unit."""
        return fold_unit(self.entries("unit", unit_id))

    def unit_with_code(self, uscc: str) -> UnitState | None:
        """Find the unit that has a code."""
        units = (self.unit(unit_id) for unit_id in self._of_kind("unit"))
        return holder_of_code(unit for unit in units if unit and unit.values.get("uscc") == uscc)

    def case(self, case_id: str) -> CaseState | None:
        """Fold a case."""
        state = fold_case(self.entries("case", case_id))
        return state and standing(state, self.certificate_of(case_id), self.unit(state.unit))

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """Find the open case."""
        cases = (self.case(case_id) for case_id in self._of_kind("case"))
        fitting = (case for case in cases if case and (case.unit, case.form) == (unit_id, form))
        return next((case.id for case in fitting if case.lifecycle in OPEN_LIFECYCLES), None)

    def claim(self, claim_id: str) -> ClaimState | None:
        """Fold a claim."""
        return fold_claim(self.entries("claim", claim_id))

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Fold the newest certificate of a case."""
        folded = [fold_certificate(self.entries("certificate", c)) for c in self._of_kind("certificate")]
        found = [certificate for certificate in folded if certificate and certificate.case == case_id]
        return max(found, key=lambda c: c.issued_at, default=None)

    def certificates_of_unit(self, unit_id: str) -> tuple[CertificateState, ...]:
        """Fold all certificates of a unit."""
        folded = (fold_certificate(self.entries("certificate", c)) for c in self._of_kind("certificate"))
        return tuple(each for each in folded if each is not None and each.unit == unit_id)

    def change(self, change_id: str) -> ChangeState | None:
        """Fold a change."""
        return fold_change(self.entries("change", change_id))

    def refused(self, action_hash: str) -> bool:
        """Tell whether an action does not stand and is not settled."""
        standing = {entry.hash for entries in self.subjects.values() for entry in entries}
        return action_hash not in standing and action_hash not in self.settled

    def refused_before(self, action: Action) -> tuple[str, ...]:
        """Return the unsettled refusals that this desk's action stands on."""
        here = (action.device, action.subject_kind, action.subject)
        found = [
            made
            for made in self.rejected
            if (made.device, made.subject_kind, made.subject) == here and made.hash() not in self.settled
        ]
        entries = (entry.action for entry in self.entries(action.subject_kind, action.subject))
        own = [(made.device_epoch, made.seq) for made in entries if made.device == action.device]
        last = max(found, key=lambda made: (made.device_epoch, made.seq), default=None)
        if last is None or (last.device_epoch, last.seq) <= max(own, default=(0, 0)):
            return ()
        return tuple(made.hash() for made in found) if last.base_version < action.base_version else ()

    # --- acting ---------------------------------------------------------------------------------

    def act(
        self,
        person: str,
        kind: str,
        subject: tuple[Any, str],
        public: Mapping[str, Any] | None = None,
        private: Mapping[str, str] | None = None,
        *,
        at: str = "2026-11-23T02:00:00.000Z",
    ) -> Entry:
        """Judge an action and, if it may happen, let it happen. Raises what the judge raises."""
        entry = self.propose(person, kind, subject, public, private, at=at)
        judge(entry.action, entry.private or {}, self, day_of(entry.action))
        self.add(entry)
        return entry

    def propose(
        self,
        person: str,
        kind: str,
        subject: tuple[Any, str],
        public: Mapping[str, Any] | None = None,
        private: Mapping[str, str] | None = None,
        *,
        at: str = "2026-11-23T02:00:00.000Z",
    ) -> Entry:
        """Build an action as the desk would, unsigned and unjudged."""
        seq = 1 + sum(len(entries) for entries in self.subjects.values())
        salted = {name: Salted(f"{seq:032x}", value) for name, value in (private or {}).items()}
        action = Action(
            id=f"action-{seq}",
            office=self._office,
            subject_kind=subject[0],
            subject=subject[1],
            base_version=len(self.entries(*subject)),
            kind=kind,
            at=at,
            device="desk",
            device_epoch=1,
            seq=seq,
            prev="0" * 64,
            person=person,
            public=dict(public or {}),
            commitments=commitments(salted),
            rehearsal=True,
        )
        return Entry(action, action.hash(), dict(private or {}))


def day_of(action: Action) -> date:
    """Return the day, in China, on which an action was done."""
    return china_date(from_stamp(action.at))
