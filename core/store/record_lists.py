"""Pages of the record for reading: SQL filters and pages, and says whose actions they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, or_, select

from core.records.fold_case import HANDS_ON
from core.store import tables as t
from core.store.action_rows import Recorded, recorded_rows
from core.store.lists import unit_matches


@dataclass(frozen=True)
class RecordFilter:
    """What of the record is wanted; empty fields want everything.

    ``text`` is a piece of a unit's name, its initials or code, or of a case number; it finds the unit,
    its cases, and their claims and certificates.
    """

    kinds: tuple[str, ...] = ()
    person: str = ""
    text: str = ""
    subjects: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordRow:
    """One action; ``label`` names its subject (case number, unit name), ``erased`` its personal part gone."""

    recorded: Recorded
    label: str
    erased: bool


class RecordLists:
    """Queries on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, wanted: RecordFilter, after: int, limit: int) -> list[RecordRow]:
        """Return rows below position ``after`` (0 = from the newest), newest first."""
        rows = recorded_rows(self._connection, self._conditions(wanted), after, limit)
        labels = self._labels({row.signed.action.subject for row in rows})
        hashes = {row.signed.hash: row for row in rows if row.signed.action.commitments}
        sealed = self._sealed(hashes)
        return [
            RecordRow(
                row,
                labels.get(row.signed.action.subject, ""),
                bool(row.signed.action.commitments) and row.signed.hash not in sealed,
            )
            for row in rows
        ]

    def _conditions(self, wanted: RecordFilter) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if wanted.kinds:
            found.append(t.action.c.kind.in_(wanted.kinds))
        if wanted.person:
            found.append(t.action.c.person == wanted.person)
        if wanted.subjects:
            found.append(t.action.c.subject.in_(wanted.subjects))
        if wanted.text.strip():
            found.append(_about(wanted.text))
        return found

    def _sealed(self, hashes: Iterable[str]) -> set[str]:
        query = select(t.sealed.c.hash).where(t.sealed.c.hash.in_(list(hashes)))
        return {str(row.hash) for row in self._connection.execute(query)}

    def _labels(self, subjects: Collection[str]) -> Mapping[str, str]:
        wanted = list(subjects)
        case = t.case_row.c.case_no.label("label")
        claims = select(t.claim_row.c.claim.label("subject"), case).join(
            t.case_row, t.case_row.c.case == t.claim_row.c.case
        )
        certificates = select(t.certificate_row.c.certificate.label("subject"), case).join(
            t.case_row, t.case_row.c.case == t.certificate_row.c.case
        )
        queries = (
            select(t.case_row.c.case.label("subject"), case).where(t.case_row.c.case.in_(wanted)),
            select(t.unit_row.c.unit.label("subject"), t.unit_row.c.name.label("label")).where(
                t.unit_row.c.unit.in_(wanted)
            ),
            claims.where(t.claim_row.c.claim.in_(wanted)),
            certificates.where(t.certificate_row.c.certificate.in_(wanted)),
        )
        rows = (row for query in queries for row in self._connection.execute(query))
        return {str(row.subject): str(row.label) for row in rows}

    def touched_by(self, person: str, cases: Collection[str]) -> set[str]:
        """Return those cases in which ``person`` had a hand that the hub has not refused."""
        query = (
            select(t.action.c.subject)
            .distinct()
            .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(
                t.action.c.subject.in_(list(cases)),
                t.action.c.person == person,
                t.action.c.kind.in_(sorted(HANDS_ON)),
                or_(t.receipt.c.verdict.is_(None), t.receipt.c.verdict != "rejected"),
            )
        )
        return {str(row.subject) for row in self._connection.execute(query)}


def _about(text: str) -> ColumnElement[bool]:
    numbered: ColumnElement[bool] = t.case_row.c.case_no.contains(text.strip().upper(), autoescape=True)
    units = unit_matches(text)
    by_unit = None if units is None else select(t.unit_row.c.unit).where(units)
    case_wanted = numbered if by_unit is None else or_(numbered, t.case_row.c.unit.in_(by_unit))
    cases = select(t.case_row.c.case).where(case_wanted)
    parts = [
        t.action.c.subject.in_(cases),
        t.action.c.subject.in_(select(t.claim_row.c.claim).where(t.claim_row.c.case.in_(cases))),
        t.action.c.subject.in_(
            select(t.certificate_row.c.certificate).where(t.certificate_row.c.case.in_(cases))
        ),
    ]
    if by_unit is not None:
        parts.append(t.action.c.subject.in_(by_unit))
    return or_(*parts)
