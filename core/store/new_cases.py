"""The judge's view while many new cases are taken in: what the rules ask of them is read once for all."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from core.records.fold_case import fold_case
from core.records.fold_unit import fold_unit
from core.records.model import Action, Entry
from core.records.people import OfficeState
from core.records.states import OPEN_LIFECYCLES, CaseState, CertificateState, UnitState
from core.store.unit_of_work import UnitOfWork
from core.store.world import DeskWorld

_OPEN_CASES = f"""
SELECT unit, form, "case" FROM case_row WHERE unit IN (SELECT value FROM json_each(?))
AND lifecycle IN ({", ".join(f"'{state.value}'" for state in OPEN_LIFECYCLES)})
"""


class NewCases(DeskWorld):
    """Answers for some units that were read, and for cases of which nobody knew before; for nothing else."""

    def __init__(self, uow: UnitOfWork, office: str, single_clerk: bool, units: Collection[str]) -> None:
        super().__init__(uow.connection, uow.ledger, uow.projection, office, single_clerk)
        self._office_state = super().office()
        found = uow.ledger.entries_of_units(units)
        self._units = {unit: fold_unit(entries) for unit, entries in found.items()}
        self._cases: dict[str, list[Entry]] = {}
        rows: Any = uow.connection.exec_driver_sql(_OPEN_CASES, (json.dumps(list(units)),))
        self._open = {(str(unit), str(form)): str(case) for unit, form, case in rows}

    def add(self, entry: Entry) -> None:
        """Take in an action on one of the new cases."""
        action = entry.action
        self._cases.setdefault(action.subject, []).append(entry)
        if action.kind == "case_filed":
            self._open[action.public["unit"], action.public["form"]["id"]] = action.subject

    def drop(self, case_id: str) -> None:
        """Forget a new case: one of its actions was refused."""
        self._cases.pop(case_id, None)
        self._open = {place: case for place, case in self._open.items() if case != case_id}

    def states(self) -> list[CaseState]:
        """Fold all new cases."""
        return [state for case in self._cases if (state := self.case(case)) is not None]

    def office(self) -> OfficeState | None:
        """Return the office as it stood at the beginning."""
        return self._office_state

    def unit(self, unit_id: str) -> UnitState | None:
        """Return a unit that was read."""
        return self._units.get(unit_id)

    def case(self, case_id: str) -> CaseState | None:
        """Fold one of the new cases."""
        return fold_case(self._cases.get(case_id, ()))

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """Find the unit's open case for a form, new ones among them."""
        return self._open.get((unit_id, form))

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """A new case has none."""
        return None

    def refused_before(self, action: Action) -> tuple[str, ...]:
        """Nothing was ever done to a new case."""
        return ()
