"""The lookups of one office as one transaction sees them: what stands in the views, and what waits to.

Reads may be made ahead for a whole batch; changes are seen at once by whoever asks here, and written by
:meth:`Lookups.flush`. The office's lock is held, so what was read stays true.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select, update

from core.records.states import OPEN_LIFECYCLES, CaseState
from hub import tables
from hub.bulk import among, insert_new_rows, put_rows
from hub.register import OfficeRegister

_OPEN = frozenset(state.value for state in OPEN_LIFECYCLES)


class Lookups:
    """Credit codes of units, cases of units, certificates of cases."""

    def __init__(self, connection: Connection, office: str, register: OfficeRegister) -> None:
        self._connection = connection
        self._office = office
        self._register = register
        self._forget()

    def _forget(self) -> None:
        self._units: dict[str, tuple[str, ...]] = {}  # credit code -> units: all but one were handed over
        self._codes: dict[str, str] = {}  # unit -> credit code, of those that changed here
        self._cases: dict[str, dict[str, tuple[str, str]]] = {}  # unit -> case -> (form, lifecycle)
        self._certificates: dict[str, str | None] = {}  # case -> newest certificate
        self._new_units: list[dict[str, Any]] = []
        self._changed_cases: dict[str, dict[str, Any]] = {}
        self._minted: list[dict[str, Any]] = []

    # --- reading ----------------------------------------------------------------------------------

    def read(self, codes: Iterable[str], units: Iterable[str], cases: Iterable[str]) -> list[str]:
        """Read ahead what will be asked of these credit codes, units and cases; return the certificates."""
        self._read_codes([code for code in dict.fromkeys(codes) if code not in self._units])
        self._read_cases([unit for unit in dict.fromkeys(units) if unit not in self._cases])
        self._read_certificates([case for case in dict.fromkeys(cases) if case not in self._certificates])
        return [certificate for certificate in self._certificates.values() if certificate is not None]

    def _read_codes(self, codes: list[str]) -> None:
        if not codes:
            return
        view = tables.unit_view
        found: dict[str, dict[str, None]] = {code: {} for code in codes}
        where = (view.c.office == self._office, among(self._connection, view.c.uscc, codes))
        for row in self._connection.execute(select(view.c.uscc, view.c.unit).where(*where)):
            if self._codes.get(row.unit, row.uscc) == row.uscc:
                found[row.uscc][row.unit] = None
        # A page takes no code that anybody has or had: of several units with one code, its is the oldest.
        unknown = [code for code in codes if not found[code]]
        for code, unit in self._register.units_with_codes(unknown).items():
            found[code][unit] = None
        for unit, code in self._codes.items():
            if code in found:
                found[code][unit] = None
        self._units.update({code: tuple(sorted(units)) for code, units in found.items()})

    def _read_cases(self, units: list[str]) -> None:
        if not units:
            return
        view = tables.case_view
        self._cases.update({unit: {} for unit in units})
        where = (view.c.office == self._office, among(self._connection, view.c.unit, units))
        for row in self._connection.execute(select(view).where(*where)):
            self._cases[row.unit][row.case] = (row.form, row.lifecycle)
        for case, changed in self._changed_cases.items():
            if changed["unit"] in self._cases:
                self._cases[changed["unit"]][case] = (changed["form"], changed["lifecycle"])

    def _read_certificates(self, cases: list[str]) -> None:
        if not cases:
            return
        view = tables.certificate_view
        self._certificates.update(dict.fromkeys(cases))
        query = (
            select(view.c.case, view.c.certificate)
            .where(view.c.office == self._office, among(self._connection, view.c.case, cases))
            .order_by(view.c.position)
        )
        for row in self._connection.execute(query):
            self._certificates[row.case] = row.certificate

    def units_with_code(self, uscc: str) -> tuple[str, ...]:
        """Return the unit that has this credit code, and those that had it when they were handed over."""
        self._read_codes([uscc] if uscc not in self._units else [])
        return self._units[uscc]

    def open_case_of(self, unit: str, form: str) -> str | None:
        """Return an open case of a unit for a form."""
        self._read_cases([unit] if unit not in self._cases else [])
        known = self._cases[unit].items()
        return next((case for case, place in known if place[0] == form and place[1] in _OPEN), None)

    def cases_of(self, unit: str) -> list[str]:
        """Return all cases of a unit."""
        self._read_cases([unit] if unit not in self._cases else [])
        return list(self._cases[unit])

    def certificate_of(self, case: str) -> str | None:
        """Return the newest certificate issued for a case."""
        self._read_certificates([case] if case not in self._certificates else [])
        return self._certificates[case]

    # --- writing ----------------------------------------------------------------------------------

    def put_unit(self, unit: str, uscc: str, *, fresh: bool) -> None:
        """Note a unit's credit code; ``fresh`` is its first."""
        if unit in self._units.get(uscc, ()):
            return
        row = {"office": self._office, "unit": unit, "uscc": uscc}
        if fresh:
            self._new_units.append(row)
        else:
            self._units = {code: known for code, known in self._units.items() if unit not in known}
            # Rare, and the order in which codes change hands matters: written at once, after what waits.
            self._flush_units()
            if not self._register.note_code(unit, uscc):  # else it came on a page, and is found there
                put_rows(self._connection, tables.unit_view, [row])
        if uscc in self._units:
            self._units[uscc] = (*self._units[uscc], unit)
        self._codes[unit] = uscc

    def put_case(self, case: CaseState) -> None:
        """Note where a case stands."""
        row = {
            "office": case.office,
            "case": case.id,
            "unit": case.unit,
            "form": case.form,
            "lifecycle": case.lifecycle.value,
        }
        self._changed_cases[case.id] = row
        if case.unit in self._cases:
            self._cases[case.unit][case.id] = (case.form, case.lifecycle.value)

    def put_minted(self, row: dict[str, Any]) -> None:
        """Note a claim code that was minted; if the code itself came first, only its unit is new."""
        self._minted.append(row)

    def void_code(self, office: str, jti: str) -> None:
        """Note that a code was voided: neither it nor a token it led to becomes a certificate any more."""
        self._flush_minted()
        codes, spent = tables.claim_code, tables.redemption
        self._connection.execute(
            update(codes).where(codes.c.office == office, codes.c.jti == jti).values(voided=True)
        )
        self._connection.execute(
            update(spent)
            .where(spent.c.office == office, spent.c.jti == jti, spent.c.certificate.is_(None))
            .values(dead=True)
        )

    def _flush_units(self) -> None:
        insert_new_rows(self._connection, tables.unit_view, self._new_units)
        self._new_units.clear()

    def _flush_minted(self) -> None:
        put_rows(self._connection, tables.claim_code, self._minted, changing=["unit"])
        self._minted.clear()

    def flush(self) -> None:
        """Write what waits, and read anew from then on."""
        self._flush_units()
        self._flush_minted()
        put_rows(self._connection, tables.case_view, list(self._changed_cases.values()))
        self._forget()
