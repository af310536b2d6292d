"""List rows computed from folded states: quick to read, safe to drop, equal when rebuilt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, text, update

from core.records.delegations import fold_delegation
from core.records.fold_case import fold_case, standing
from core.records.fold_certificate import fold_certificate, fold_claim
from core.records.fold_unit import fold_change, fold_unit
from core.records.model import SUBJECT_KINDS
from core.records.register import REGISTER
from core.records.standing import Standing, unit_standing
from core.records.states import (
    CaseState,
    CertificateState,
    ChangeState,
    ClaimState,
    DelegationState,
    Delivery,
    UnitState,
)
from core.store import tables as t
from core.store.ledger import Ledger
from core.store.refusals import Refusals
from core.store.unit_words import add_words, names_of, write_words

_NEWEST_CERTIFICATE = (
    select(t.certificate_row.c.certificate)
    .where(t.certificate_row.c.case == bindparam("case"))
    .order_by(t.certificate_row.c.issued_at.desc(), t.certificate_row.c.certificate.desc())
    .limit(1)
)
_CLAIMS_OF = select(t.claim_row.c.claim).where(t.claim_row.c.case == bindparam("case"))
_CASE_OF = select(t.claim_row.c.case).where(t.claim_row.c.claim == bindparam("claim"))
_CASES_OF = select(t.case_row.c.case).where(t.case_row.c.unit == bindparam("unit"))
_ROWID_OF = select(t.unit_row.c.rowid).where(t.unit_row.c.unit == bindparam("unit"))
_FORGET = {
    table: delete(table).where(table.primary_key.columns[0] == bindparam("subject"))
    for table in (t.case_row, t.claim_row, t.certificate_row, t.change_row, t.reclaim_row, t.delegation_row)
}
_ADD = {table: insert(table) for table in _FORGET}

_WAITS = "NOT EXISTS (SELECT 1 FROM receipt AS r WHERE r.hash = {}.hash)"
_DELIVER = f"""
UPDATE case_row SET delivery = CASE WHEN EXISTS (
    SELECT 1 FROM (
        SELECT case_row."case" AS subject UNION ALL SELECT case_row.unit
        UNION ALL SELECT claim FROM claim_row WHERE claim_row."case" = case_row."case"
    ) AS part CROSS JOIN action AS a
        ON a.subject_kind IN ({", ".join(f"'{kind}'" for kind in SUBJECT_KINDS)}) AND a.subject = part.subject
    WHERE {_WAITS.format("a")}
) OR EXISTS (
    SELECT 1 FROM unit_row AS u CROSS JOIN register_fill AS f
        ON u.rowid BETWEEN f.first AND f.first + f.count - 1
    WHERE u.unit = case_row.unit AND {_WAITS.format("f")}
) THEN 'pending' ELSE 'recorded' END
WHERE "case" IN (SELECT value FROM json_each(?))
"""


class Projection:
    """Keeps the ``*_row`` tables in step with the record, within the same unit of work."""

    def __init__(self, connection: Connection, ledger: Ledger) -> None:
        self._connection = connection
        self._ledger = ledger

    # --- states -------------------------------------------------------------------------------

    def unit(self, unit_id: str) -> UnitState | None:
        """Fold a unit."""
        return fold_unit(self._ledger.entries("unit", unit_id))

    def claim(self, claim_id: str) -> ClaimState | None:
        """Fold a claim."""
        return fold_claim(self._ledger.entries("claim", claim_id))

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Fold the newest certificate of a case."""
        newest = self._connection.execute(_NEWEST_CERTIFICATE, {"case": case_id}).scalar()
        return None if newest is None else fold_certificate(self._ledger.entries("certificate", str(newest)))

    def case(self, case_id: str) -> CaseState | None:
        """Fold a case as it stands: claimed, ended, or what people did last."""
        state = fold_case(self._ledger.entries("case", case_id))
        return state and standing(state, self.certificate_of(case_id), self.unit(state.unit))

    def certificates_of_unit(self, unit_id: str) -> list[CertificateState]:
        """Fold every certificate that was issued for a unit, newest first."""
        row, case = t.certificate_row, t.case_row
        query = (
            select(row.c.certificate)
            .join(case, case.c.case == row.c.case)
            .where(case.c.unit == unit_id)
            .order_by(row.c.issued_at.desc(), row.c.certificate.desc())
        )
        found = [str(each.certificate) for each in self._connection.execute(query).all()]
        folded = (fold_certificate(self._ledger.entries("certificate", each)) for each in found)
        return [each for each in folded if each is not None]

    def change(self, change_id: str) -> ChangeState | None:
        """Fold a life-cycle change."""
        return fold_change(self._ledger.entries("change", change_id))

    def standing_of(self, unit_id: str) -> Standing | None:
        """Return whether a unit has a certificate in force, as far as is known here."""
        unit = self.unit(unit_id)
        if unit is None:
            return None
        held = [(each, self.case(each.case)) for each in self.certificates_of_unit(unit_id)]
        told = not unit.lost or bool(self._ledger.receipts_of([unit.lost]))
        return unit_standing(unit, held, loss_told=told)

    def delegation(self, delegation_id: str) -> DelegationState | None:
        """Fold a delegation."""
        return fold_delegation(self._ledger.entries("delegation", delegation_id))

    def delegations_of(self, unit_id: str) -> list[DelegationState]:
        """Fold all delegations below a unit's certificates, in the order in which they were granted."""
        row = t.delegation_row.c
        found = self._connection.execute(select(row.delegation).where(row.unit == unit_id)).all()
        states = (self.delegation(str(each.delegation)) for each in found)
        return sorted((s for s in states if s is not None), key=lambda s: (s.granted_at, s.id))

    def claims_of(self, case_id: str) -> list[ClaimState]:
        """Fold all claim codes of a case, newest first."""
        rows = self._connection.execute(_CLAIMS_OF, {"case": case_id}).all()
        found = (self.claim(str(row.claim)) for row in rows)
        claims = [claim for claim in found if claim is not None]
        return sorted(claims, key=lambda c: (c.issued_at, c.device_epoch, c.seq, c.id), reverse=True)

    # --- rows ---------------------------------------------------------------------------------

    def refresh(self, subject_kind: str, subject: str) -> None:
        """Recompute the rows of one subject (and of the case that a certificate belongs to)."""
        if subject_kind == "unit":
            self._refresh_unit(subject)
        elif subject_kind == REGISTER:
            self._refresh_register(subject)
        elif subject_kind == "case":
            self._refresh_case(subject)
        elif subject_kind == "claim":
            self._refresh_claim(subject)
        elif subject_kind == "certificate":
            self._refresh_certificate(subject)
        elif subject_kind == "change":
            self._refresh_change(subject)
        elif subject_kind == "delegation":
            self._refresh_delegation(subject)
        elif subject_kind == "refusal":
            for kind, settled in Refusals(self._connection, self._ledger).subjects_settled(subject):
                self.refresh(kind, settled)

    def _replace(self, table: Table, values: dict[str, Any] | None, subject: str) -> None:
        self._connection.execute(_FORGET[table], {"subject": subject})
        if values is not None:
            self._connection.execute(_ADD[table], values)

    def _refresh_unit(self, unit_id: str) -> None:
        self._refresh_unit_row(unit_id)
        cases = self._connection.execute(_CASES_OF, {"unit": unit_id}).all()
        for row in cases:  # a case is delivered when its unit is
            self._refresh_case(str(row.case))
        changes = select(t.change_row.c.change).where(t.change_row.c.unit == unit_id)
        for row in self._connection.execute(changes).all():
            self._refresh_change(str(row.change))
        self._refresh_reclaim(unit_id)

    def _refresh_register(self, register: str) -> None:
        standing = self._ledger.entries(REGISTER, register)
        receipts = self._ledger.receipts_of(entry.hash for entry in standing)
        heard = {entry.hash: receipts.get(entry.hash) for entry in standing}
        said = {
            page: (Delivery.RECORDED if receipt else Delivery.PENDING).value
            for page, receipt in heard.items()
        }
        for kind, subject in self._ledger.pages.refresh(standing, said):
            self.refresh(kind, subject)

    def _refresh_unit_row(self, unit_id: str) -> None:
        state = self.unit(unit_id)
        rowid = self._connection.execute(_ROWID_OF, {"unit": unit_id}).scalar()
        if rowid is not None:
            self._connection.execute(text("DELETE FROM unit_search WHERE rowid = :r"), {"r": rowid})
            self._connection.execute(delete(t.unit_initials).where(t.unit_initials.c.rowid_of == rowid))
        if state is None:
            self._connection.execute(delete(t.unit_row).where(t.unit_row.c.unit == unit_id))
            return
        values = {
            "unit": unit_id,
            "uscc": state.values.get("uscc", ""),
            "name": state.values.get("name", ""),
            "representative": state.values.get("representative_name", ""),
            "changed_at": self._ledger.entries("unit", unit_id)[-1].action.at,
            "delivery": self._ledger.delivery([unit_id]).value,
        }
        if rowid is None:
            highest = self._connection.execute(
                select(func.coalesce(func.max(t.unit_row.c.rowid), 0))
            ).scalar_one()
            rowid = int(highest) + 1
            self._connection.execute(insert(t.unit_row).values(rowid=rowid, **values))
        else:
            self._connection.execute(update(t.unit_row).where(t.unit_row.c.rowid == rowid).values(**values))
        write_words(self._connection, [(int(rowid), names_of(state.values))])

    def _refresh_case(self, case_id: str) -> None:
        state = self.case(case_id)
        values = None
        if state is not None:
            claims = [claim.id for claim in self.claims_of(case_id)]
            values = _case_row(state, self._ledger.delivery([case_id, state.unit, *claims]))
        self._replace(t.case_row, values, case_id)

    def add_new_cases(self, states: Sequence[CaseState]) -> None:
        """Add the rows of cases that nobody knew before and the hub has not heard of."""
        refused = self._ledger.any_rejected()
        rows = []
        for state in states:
            of_unit = self._ledger.delivery([state.unit]) if refused else Delivery.PENDING
            rows.append(_case_row(state, max(of_unit, Delivery.PENDING, key=_WORST.index)))
        if rows:
            self._connection.execute(_ADD[t.case_row], rows)

    def deliver_cases(self, cases: Sequence[str]) -> None:
        """Bring up to date what the hub said of these cases, nothing of which it has ever refused."""
        if cases:
            self._connection.exec_driver_sql(_DELIVER, (json.dumps(cases),))

    def _refresh_claim(self, claim_id: str) -> None:
        state = self.claim(claim_id)
        values = None
        if state is not None:
            values = {"claim": claim_id, "case": state.case, "jti": state.jti, "issued_at": state.issued_at}
        # A code that the hub refused is no state any more; its case waited for the hub's word on it.
        known = self._connection.execute(_CASE_OF, {"claim": claim_id}).scalar()
        self._replace(t.claim_row, values, claim_id)
        if state is not None or known is not None:
            self._refresh_case(str(known) if state is None else state.case)

    def _refresh_certificate(self, certificate_id: str) -> None:
        state = fold_certificate(self._ledger.entries("certificate", certificate_id))
        values = None
        if state is not None:
            values = {"certificate": certificate_id, "case": state.case, "issued_at": state.issued_at}
        self._replace(t.certificate_row, values, certificate_id)
        if state is not None:
            self._refresh_case(state.case)
            self._refresh_reclaim(state.unit)

    def _refresh_change(self, change_id: str) -> None:
        state = self.change(change_id)
        values = None
        if state is not None:
            values = {
                "change": change_id,
                "unit": state.unit,
                "kind": state.change,
                "stage": state.stage.value,
                "filed_at": state.filed_at,
                "changed_at": state.changed_at,
                "delivery": self._ledger.delivery([change_id, state.unit]).value,
            }
        self._replace(t.change_row, values, change_id)

    def _refresh_reclaim(self, unit_id: str) -> None:
        """List a unit whose certificate was ended by a change and that has none in force."""
        found = self.standing_of(unit_id)
        values = None
        if found is not None and found.waits:
            values = {"unit": unit_id, "reason": found.reason, "since": found.since}
        self._replace(t.reclaim_row, values, unit_id)

    def _refresh_delegation(self, delegation: str) -> None:
        state = self.delegation(delegation)
        values = None if state is None else {"delegation": delegation, "unit": state.unit}
        self._replace(t.delegation_row, values, delegation)

    def rebuild(self) -> None:
        """Drop every row and compute all again from the record."""
        for table in t.PROJECTIONS:
            self._connection.execute(delete(table))
        self._connection.execute(text("DELETE FROM unit_search"))
        for kind in (REGISTER, "unit", "case", "certificate", "claim", "change", "delegation"):
            for subject in self._ledger.subjects(kind):
                self.refresh(kind, subject)
        while add_words(self._connection, self._ledger.pages):
            pass


_WORST = (Delivery.RECORDED, Delivery.PENDING, Delivery.REJECTED)


def _case_row(state: CaseState, delivery: Delivery) -> dict[str, Any]:
    appointed = state.values.get("other_manager") == "yes" or state.form == "attachment-3"
    return {
        "case": state.id,
        "case_no": state.case_no,
        "unit": state.unit,
        "form": state.form,
        "holder": state.values.get("manager_name" if appointed else "representative_name", ""),
        "lifecycle": state.lifecycle.value,
        "delivery": delivery.value,
        "changed_at": state.changed_at,
    }
