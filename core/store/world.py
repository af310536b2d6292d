"""The judge's view of the desk: answers :class:`core.records.judge.World` from one unit of work."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from core.records.fold_office import fold_office
from core.records.model import Action
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
from core.store import tables as t
from core.store.ledger import Ledger
from core.store.projection import Projection
from core.store.refusals import Refusals, named_by

_WITH_CODE = (
    select(t.unit_row.c.unit).where(t.unit_row.c.uscc == bindparam("uscc")).order_by(t.unit_row.c.unit)
)
_OPEN_CASE_OF = select(t.case_row.c.case).where(
    t.case_row.c.unit == bindparam("unit"),
    t.case_row.c.form == bindparam("form"),
    t.case_row.c.lifecycle.in_([state.value for state in OPEN_LIFECYCLES]),
)


class DeskWorld:
    """One office's facts. ``single_clerk`` is what the office certificate says, never a local switch."""

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        projection: Projection,
        office: str,
        single_clerk: bool,
        as_if_settled: frozenset[str] = frozenset(),
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._projection = projection
        self._office = office
        self._single_clerk = single_clerk
        self._as_if_settled = as_if_settled

    def office(self) -> OfficeState | None:
        """Fold the office."""
        state = fold_office(self._ledger.entries("office", self._office))
        return None if state is None else replace(state, single_clerk=self._single_clerk)

    def unit(self, unit_id: str) -> UnitState | None:
        """Fold a unit."""
        return self._projection.unit(unit_id)

    def unit_with_code(self, uscc: str) -> UnitState | None:
        """Find the unit that has a credit code."""
        found = self._connection.execute(_WITH_CODE, {"uscc": uscc}).scalars().all()
        return holder_of_code(self._projection.unit(str(unit)) for unit in found)

    def case(self, case_id: str) -> CaseState | None:
        """Fold a case."""
        return self._projection.case(case_id)

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """Find the unit's open case for a form."""
        found = self._connection.execute(_OPEN_CASE_OF, {"unit": unit_id, "form": form}).scalar()
        return None if found is None else str(found)

    def claim(self, claim_id: str) -> ClaimState | None:
        """Fold a claim."""
        return self._projection.claim(claim_id)

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Fold the newest certificate of a case."""
        return self._projection.certificate_of(case_id)

    def certificates_of_unit(self, unit_id: str) -> tuple[CertificateState, ...]:
        """Fold all certificates of a unit."""
        return tuple(self._projection.certificates_of_unit(unit_id))

    def change(self, change_id: str) -> ChangeState | None:
        """Fold a change."""
        return self._projection.change(change_id)

    def refused(self, action_hash: str) -> bool:
        """Tell whether the hub refused this action, or named it when it refused another, unsettled both."""
        named = named_by(Refusals(self._connection, self._ledger).open())
        return action_hash in named and action_hash not in self._ledger.settled()

    def refused_before(self, action: Action) -> tuple[str, ...]:
        """Return what of this subject was refused and is unsettled: nothing goes on before that.

        Stricter than the hub, which cannot know what a desk had seen; here a person is asked at once.
        """
        open_rows = Refusals(self._connection, self._ledger).open(action.subject_kind, action.subject)
        return tuple(row.signed.hash for row in open_rows if row.signed.hash not in self._as_if_settled)
