"""The judge's world over the hub's tables: one office, read inside one transaction.

States are folded from the recorded actions, never stored; within a transaction each subject is read and
folded once and kept, and what the transaction records is folded onto that, so that a batch stays quick.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from core.records.changes import EFFECTS
from core.records.delegations import fold_delegation
from core.records.fold_case import fold_case, standing
from core.records.fold_certificate import fold_certificate, fold_claim
from core.records.fold_office import fold_office
from core.records.fold_refusal import fold_refusal
from core.records.fold_unit import fold_change, fold_unit
from core.records.model import Action, Entry
from core.records.people import OfficeState
from core.records.register import fold_register
from core.records.states import (
    CaseState,
    CertificateState,
    ChangeState,
    ClaimState,
    DelegationState,
    UnitState,
    holder_of_code,
)
from hub import tables
from hub.bulk import among
from hub.lookups import Lookups
from hub.refused import RefusedActions
from hub.register import OfficeRegister
from hub.sealed import SealedValues, plain, require_committed

Subject = tuple[str, str]
"""Kind and id."""

_FOLDS: Mapping[str, Callable[[Iterable[Entry], Any], Any]] = {
    "office": lambda entries, state: fold_office(entries, state),
    "unit": lambda entries, state: fold_unit(entries, state),
    "case": lambda entries, state: fold_case(entries, None, state),
    "claim": lambda entries, state: fold_claim(entries, state),
    "certificate": lambda entries, state: fold_certificate(entries, state),
    "delegation": lambda entries, state: fold_delegation(entries, state),
    "refusal": lambda entries, state: state or fold_refusal(entries),
    "register": lambda entries, state: fold_register(entries, state),
    "change": lambda entries, state: fold_change(entries, state),
}


def _recorded_actions() -> Select[Any]:
    table, value, keys = tables.action, tables.private_value, tables.subject_key
    mine = (value.c.office == table.c.office) & (value.c.action_hash == table.c.hash)
    its = (keys.c.office == value.c.office) & (keys.c.subject == value.c.subject)
    columns = (table.c.hash, table.c.position, table.c.body, value.c.subject.label("sealed_for"))
    query = select(*columns, value.c.sealed, keys.c.sealed.label("key")).outerjoin(value, mine)
    query = query.outerjoin(keys, its).where(table.c.office == bindparam("office"))
    return query.order_by(table.c.base_version)


# The kind is named although an id is enough: without it no index leads to a subject, and every reading of one
# would go through all that its office ever did.
_OF_KINDS = _recorded_actions().where(tables.action.c.subject_kind.in_(bindparam("kinds", expanding=True)))
_OF_ONE = _recorded_actions().where(
    tables.action.c.subject_kind == bindparam("kind"), tables.action.c.subject == bindparam("subject")
)


@dataclass(frozen=True)
class Recorded:
    """An accepted action as the hub keeps it."""

    entry: Entry
    position: int


def _headless(found: list[Recorded]) -> bool:
    """Tell whether a unit's registration is not among its own actions."""
    return not found or found[0].entry.action.base_version != 0


class LedgerWorld:
    """Answers :class:`core.records.judge.World` for one office."""

    def __init__(self, connection: Connection, office: str, sealed: SealedValues) -> None:
        self._connection = connection
        self._office = office
        self._sealed = sealed
        self._subjects: dict[Subject, list[Recorded]] = {}
        self._states: dict[Subject, Any] = {}
        self._tried: tuple[Entry, Any] | None = None
        self._office_state: OfficeState | None = None
        self._changed_units: set[str] = set()
        self._added: set[str] = set()
        self.refusals = RefusedActions(connection, office)
        self.register = OfficeRegister(connection, office, sealed)
        self.lookups = Lookups(connection, office, self.register)

    # --- entries ----------------------------------------------------------------------------------

    def read(self, subjects: Iterable[Subject]) -> None:
        """Read the accepted actions of these subjects, in one query."""
        wanted = [subject for subject in dict.fromkeys(subjects) if subject not in self._subjects]
        if not wanted:
            return
        asked: dict[Subject, list[Recorded]] = {subject: [] for subject in wanted}
        self._subjects.update(asked)
        kind, subject = wanted[0]
        asked_for: dict[str, Any] = {"office": self._office, "kind": kind, "subject": subject}
        query = _OF_ONE
        if len(wanted) > 1 or "\x00" in subject:
            named = list(dict.fromkeys(subject for _, subject in wanted))
            query = _OF_KINDS.where(among(self._connection, tables.action.c.subject, named))
            asked_for = {"office": self._office, "kinds": list(dict.fromkeys(kind for kind, _ in wanted))}
        opened: dict[str, bytes] = {}
        for row in self._connection.execute(query, asked_for):
            action = Action(**json.loads(row.body))
            place = (str(action.subject_kind), action.subject)
            if place in asked:
                recorded = Recorded(Entry(action, row.hash, self._private(action, row, opened)), row.position)
                asked[place].append(recorded)
        self._read_pages(
            [unit for (kind, unit), found in asked.items() if kind == "unit" and _headless(found)]
        )

    def _read_pages(self, units: list[str]) -> None:
        """Put before these units' actions what the register's pages say of them."""
        for unit, found in self.register.entries_of(units).items():
            self._subjects["unit", unit].insert(0, Recorded(*found))

    def _private(self, action: Action, row: Any, opened: dict[str, bytes]) -> dict[str, str] | None:
        """Return an action's personal values, None when they were destroyed or never disclosed.

        Raises ``EnvironmentFault('record_damaged')`` for others than those that were committed to.
        """
        if not action.commitments:
            return {}
        if row.key is None:
            return None
        if row.sealed_for not in opened:
            opened[row.sealed_for] = self._sealed.unwrap(self._office, row.sealed_for, row.key)
        private = self._sealed.unseal(opened[row.sealed_for], row.hash, row.sealed)
        require_committed(action, private)
        return plain(private)

    def recorded(self, kind: str, subject: str) -> list[Recorded]:
        """Return a subject's accepted actions in order of version."""
        if (kind, subject) not in self._subjects:
            self.read([(kind, subject)])
        return self._subjects[kind, subject]

    def entries(self, kind: str, subject: str) -> list[Entry]:
        """Return what a fold of this subject reads."""
        return [recorded.entry for recorded in self.recorded(kind, subject)]

    def try_on(self, entry: Entry) -> Any:
        """Return the state of an entry's subject as this entry would make it; :meth:`add` then takes it."""
        kind, subject = entry.action.subject_kind, entry.action.subject
        if self._tried is None or self._tried[0] is not entry:
            self._tried = (entry, _FOLDS[kind]([entry], self._state(kind, subject)))
        return self._tried[1]

    def _state(self, kind: str, subject: str) -> Any:
        if (kind, subject) not in self._states:
            self._states[kind, subject] = _FOLDS[kind](self.entries(kind, subject), None)
        return self._states[kind, subject]

    def add(self, entry: Entry, position: int) -> None:
        """Take in an action that this transaction records."""
        action = entry.action
        place = (str(action.subject_kind), action.subject)
        state = self.try_on(entry)
        self.recorded(*place).append(Recorded(entry, position))
        self._added.add(entry.hash)
        self._states[place], self._tried = state, None
        if action.subject_kind == "office":
            self._office_state = None
        if action.subject_kind == "unit":
            self.register.forget()
        if action.kind in EFFECTS:
            self._changed_units.add(action.subject)

    def units_of(self, cases: Iterable[str]) -> list[str]:
        """Return the units of those of these cases that are on record."""
        states = (self._state("case", case) for case in cases)
        return [state.unit for state in states if state is not None]

    def take_changed_units(self) -> list[str]:
        """Return, once, the units whose life changed in this transaction."""
        changed, self._changed_units = sorted(self._changed_units), set()
        return changed

    def credit_codes(self) -> list[tuple[str, str]]:
        """Return (unit, credit code) of every unit of the office."""
        view = tables.unit_view
        rows = self._connection.execute(select(view.c.unit, view.c.uscc).where(view.c.office == self._office))
        return [*((str(row.unit), str(row.uscc)) for row in rows), *self.register.credit_codes()]

    def forget(self, kind: str, subject: str) -> None:
        """Read a subject anew next time."""
        self._subjects.pop((kind, subject), None)
        self._states.pop((kind, subject), None)
        if kind == "office":
            self._office_state = None

    def forget_units(self) -> None:
        """Read units anew next time: pages of the register may have brought them."""
        for kind, subject in [place for place in self._subjects if place[0] == "unit"]:
            self.forget(kind, subject)

    # --- states -----------------------------------------------------------------------------------

    def office(self) -> OfficeState | None:
        """Fold the office; whether it may work with a single clerk is what its enrolment says."""
        if self._office_state is None:
            state: OfficeState | None = self._state("office", self._office)
            row = self._connection.execute(
                select(tables.office.c.single_clerk).where(tables.office.c.office == self._office)
            ).one_or_none()
            if state is None or row is None:
                return None
            self._office_state = replace(state, single_clerk=bool(row.single_clerk))
        return self._office_state

    def unit(self, unit_id: str) -> UnitState | None:
        """Fold a unit."""
        state: UnitState | None = self._state("unit", unit_id)
        return state

    def unit_before(self, unit_id: str, position: int) -> UnitState | None:
        """Fold a unit as it stood when the feed had reached ``position``."""
        known = (item for item in self.recorded("unit", unit_id) if item.position < position)
        return fold_unit([item.entry for item in known])

    def unit_with_code(self, uscc: str) -> UnitState | None:
        """Find the unit that has a credit code."""
        return holder_of_code(map(self.unit, self.lookups.units_with_code(uscc)))

    def case(self, case_id: str) -> CaseState | None:
        """Fold a case as it stands with its newest certificate and its unit."""
        state: CaseState | None = self._state("case", case_id)
        return standing(state, self.certificate_of(case_id), self.unit(state.unit)) if state else None

    def certificates_of_unit(self, unit_id: str) -> tuple[CertificateState, ...]:
        """Fold every certificate that was issued for a unit, oldest first."""
        view = tables.certificate_view
        rows = self._connection.execute(
            select(view.c.certificate)
            .where(view.c.office == self._office, view.c.unit == unit_id)
            .order_by(view.c.position)
        )
        folded = (self._state("certificate", str(row.certificate)) for row in rows.all())
        return tuple(each for each in folded if each is not None)

    def change(self, change_id: str) -> ChangeState | None:
        """Fold a life-cycle change."""
        state: ChangeState | None = self._state("change", change_id)
        return state

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """Find the unit's open case for a form."""
        return self.lookups.open_case_of(unit_id, form)

    def claim(self, claim_id: str) -> ClaimState | None:
        """Fold a claim."""
        state: ClaimState | None = self._state("claim", claim_id)
        return state

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Fold the newest certificate issued for a case."""
        found = self.lookups.certificate_of(case_id)
        state: CertificateState | None = self._state("certificate", found) if found else None
        return state

    def certificate(self, certificate_id: str) -> CertificateState | None:
        """Fold a certificate."""
        state: CertificateState | None = self._state("certificate", certificate_id)
        return state

    def delegation(self, delegation_id: str) -> DelegationState | None:
        """Fold a delegation."""
        state: DelegationState | None = self._state("delegation", delegation_id)
        return state

    def added(self, action_hash: str) -> bool:
        """Tell whether this transaction recorded an action."""
        return action_hash in self._added

    def refused(self, action_hash: str) -> bool:
        """Tell whether an action does not stand here and nobody has settled that yet.

        One that never came here counts, too: the end of a chain that was given up (chain_forked) is
        known to its desk alone, and saying that it is settled changes nothing that stands.
        """
        if action_hash in self._added:
            return False
        table = tables.action
        query = select(table.c.hash).where(table.c.office == self._office, table.c.hash == action_hash)
        stands = self._connection.execute(query).one_or_none() is not None
        return not stands and not self.refusals.is_settled(action_hash)

    def refused_before(self, action: Action) -> tuple[str, ...]:
        """Return what of this desk's was refused on the subject below the action, and is unsettled."""
        if not self.refusals.any_of(action):
            return ()
        entries = (entry.action for entry in self.entries(action.subject_kind, action.subject))
        own = [(made.device_epoch, made.seq) for made in entries if made.device == action.device]
        return self.refusals.before(action, max(own, default=(0, 0)))
