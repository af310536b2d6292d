"""The judge's view of the desk: answers :class:`core.records.judge.World` from one unit of work."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from core.records.fold import fold_office
from core.records.people import OfficeState
from core.records.states import (
    OPEN_LIFECYCLES,
    CaseState,
    CertificateState,
    ClaimState,
    UnitState,
)
from core.store import tables as t
from core.store.ledger import Ledger
from core.store.projection import Projection


class DeskWorld:
    """One office's facts. ``single_clerk`` is what the office certificate says, never a local switch."""

    def __init__(
        self, connection: Connection, ledger: Ledger, projection: Projection, office: str, single_clerk: bool
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._projection = projection
        self._office = office
        self._single_clerk = single_clerk

    def office(self) -> OfficeState | None:
        """Fold the office."""
        state = fold_office(self._ledger.entries("office", self._office))
        return None if state is None else replace(state, single_clerk=self._single_clerk)

    def unit(self, unit_id: str) -> UnitState | None:
        """Fold a unit."""
        return self._projection.unit(unit_id)

    def unit_with_code(self, uscc: str) -> UnitState | None:
        """Find a unit by its credit code."""
        found = self._connection.execute(select(t.unit_row.c.unit).where(t.unit_row.c.uscc == uscc)).scalar()
        return None if found is None else self._projection.unit(str(found))

    def case(self, case_id: str) -> CaseState | None:
        """Fold a case."""
        return self._projection.case(case_id)

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """Find the unit's open case for a form."""
        query = select(t.case_row.c.case).where(
            t.case_row.c.unit == unit_id,
            t.case_row.c.form == form,
            t.case_row.c.lifecycle.in_([state.value for state in OPEN_LIFECYCLES]),
        )
        found = self._connection.execute(query).scalar()
        return None if found is None else str(found)

    def claim(self, claim_id: str) -> ClaimState | None:
        """Fold a claim."""
        return self._projection.claim(claim_id)

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Fold the newest certificate of a case."""
        return self._projection.certificate_of(case_id)
