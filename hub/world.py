"""The judge's world over the hub's tables: one office, read inside one transaction.

States are folded from the recorded actions, never stored; within a transaction each subject is read
once and kept, so that a batch of hundreds stays quick.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, select

from core.records.fold import (
    fold_case,
    fold_certificate,
    fold_claim,
    fold_office,
    fold_unit,
)
from core.records.model import Action, Entry
from core.records.people import OfficeState
from core.records.states import OPEN_LIFECYCLES, CaseState, CertificateState, ClaimState, UnitState
from hub import tables
from hub.refused import RefusedActions
from hub.register import OfficeRegister
from hub.sealed import SealedValues, plain


@dataclass(frozen=True)
class Recorded:
    """An accepted action as the hub keeps it."""

    entry: Entry
    position: int


class LedgerWorld:
    """Answers :class:`core.records.judge.World` for one office."""

    def __init__(self, connection: Connection, office: str, sealed: SealedValues) -> None:
        self._connection = connection
        self._office = office
        self._sealed = sealed
        self._subjects: dict[tuple[str, str], list[Recorded]] = {}
        self.refusals = RefusedActions(connection, office)
        self.register = OfficeRegister(connection, office, sealed)
        self._office_state: OfficeState | None = None
        self._changed_units: set[str] = set()

    def recorded(self, kind: str, subject: str) -> list[Recorded]:
        """Return a subject's accepted actions in order of version."""
        key = (kind, subject)
        if key not in self._subjects:
            table = tables.action
            rows = self._connection.execute(
                select(table)
                .where(
                    table.c.office == self._office,
                    table.c.subject_kind == kind,
                    table.c.subject == subject,
                )
                .order_by(table.c.base_version)
            )
            found = [self._read(row) for row in rows.all()]
            if kind == "unit" and not (found and found[0].entry.action.base_version == 0):
                found = [*self._on_page(subject), *found]
            self._subjects[key] = found
        return self._subjects[key]

    def _on_page(self, unit: str) -> list[Recorded]:
        found = self.register.entry_of(unit)
        return [Recorded(*found)] if found else []

    def _read(self, row: Row[tuple[object, ...]]) -> Recorded:
        action = Action(**json.loads(row.body))
        private: dict[str, str] | None = {}
        if action.commitments:
            private = plain(self._sealed.get(self._connection, self._office, row.hash))
        return Recorded(Entry(action, row.hash, private), row.position)

    def entries(self, kind: str, subject: str) -> list[Entry]:
        """Return what a fold of this subject reads."""
        return [recorded.entry for recorded in self.recorded(kind, subject)]

    def add(self, entry: Entry, position: int) -> None:
        """Take in an action that this transaction has just recorded."""
        action = entry.action
        known = self._subjects.get((action.subject_kind, action.subject))
        if known is not None:  # else its row is read from the table, where it already lies
            known.append(Recorded(entry, position))
        if action.subject_kind == "office":
            self._office_state = None
        if action.subject_kind == "unit":
            self.register.forget()
        if action.kind == "representative_changed":
            self._changed_units.add(action.subject)

    def take_changed_units(self) -> list[str]:
        """Return, once, the units whose legal representative changed in this transaction."""
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
        if kind == "office":
            self._office_state = None

    def office(self) -> OfficeState | None:
        """Fold the office; whether it may work with a single clerk is what its enrolment says."""
        if self._office_state is None:
            state = fold_office(self.entries("office", self._office))
            row = self._connection.execute(
                select(tables.office.c.single_clerk).where(tables.office.c.office == self._office)
            ).one_or_none()
            if state is None or row is None:
                return None
            self._office_state = replace(state, single_clerk=bool(row.single_clerk))
        return self._office_state

    def unit(self, unit_id: str) -> UnitState | None:
        """Fold a unit."""
        return fold_unit(self.entries("unit", unit_id))

    def unit_before(self, unit_id: str, position: int) -> UnitState | None:
        """Fold a unit as it stood when the feed had reached ``position``."""
        known = (item for item in self.recorded("unit", unit_id) if item.position < position)
        return fold_unit([item.entry for item in known])

    def unit_with_code(self, uscc: str) -> UnitState | None:
        """Find the unit with this credit code."""
        view = tables.unit_view
        found = self._connection.execute(
            select(view.c.unit).where(view.c.office == self._office, view.c.uscc == uscc)
        ).scalar_one_or_none()
        found = found or self.register.unit_with_code(uscc)
        return self.unit(found) if found else None

    def case(self, case_id: str) -> CaseState | None:
        """Fold a case with its newest certificate."""
        entries = self.entries("case", case_id)
        return fold_case(entries, self.certificate_of(case_id)) if entries else None

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """Find the unit's open case for a form."""
        view = tables.case_view
        found = self._connection.execute(
            select(view.c.case)
            .where(
                view.c.office == self._office,
                view.c.unit == unit_id,
                view.c.form == form,
                view.c.lifecycle.in_([state.value for state in OPEN_LIFECYCLES]),
            )
            .limit(1)
        ).scalar_one_or_none()
        return str(found) if found else None

    def claim(self, claim_id: str) -> ClaimState | None:
        """Fold a claim."""
        return fold_claim(self.entries("claim", claim_id))

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Fold the newest certificate issued for a case."""
        view = tables.certificate_view
        found = self._connection.execute(
            select(view.c.certificate)
            .where(view.c.office == self._office, view.c.case == case_id)
            .order_by(view.c.position.desc())
            .limit(1)
        ).scalar_one_or_none()
        return fold_certificate(self.entries("certificate", found)) if found else None

    def refused(self, action_hash: str) -> bool:
        """Tell whether an action does not stand here and nobody has settled that yet.

        One that never came here counts, too: the end of a chain that was given up (chain_forked) is
        known to its desk alone, and saying that it is settled changes nothing that stands.
        """
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
