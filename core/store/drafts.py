"""Drafts: what is being typed. Not actions; saved after every pause, gone when filed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, delete, insert, select

from core.store import tables as t


@dataclass(frozen=True)
class Draft:
    """Half-typed values of a form. ``subject`` is the unit, or the case being amended, or empty."""

    id: str
    kind: str
    subject: str
    person: str
    values: Mapping[str, str]
    updated_at: str


class Drafts:
    """Drafts on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, draft: Draft) -> None:
        """Write a draft over its former state."""
        self._connection.execute(delete(t.draft).where(t.draft.c.id == draft.id))
        fields = {**draft.__dict__, "body": json.dumps(dict(draft.values), ensure_ascii=False)}
        fields.pop("values")
        self._connection.execute(insert(t.draft).values(**fields))

    def discard(self, draft_id: str) -> None:
        """Forget a draft."""
        self._connection.execute(delete(t.draft).where(t.draft.c.id == draft_id))

    def discard_of(self, subject: str) -> None:
        """Forget every draft about a unit or case (its erasure)."""
        self._connection.execute(delete(t.draft).where(t.draft.c.subject == subject))

    def find(self, draft_id: str) -> Draft | None:
        """Return a draft."""
        row = self._connection.execute(select(t.draft).where(t.draft.c.id == draft_id)).first()
        return None if row is None else _draft(row._mapping)

    def all(self) -> list[Draft]:
        """Return all drafts of the desk, newest first."""
        rows = self._connection.execute(select(t.draft).order_by(t.draft.c.updated_at.desc()))
        return [_draft(row._mapping) for row in rows]


def _draft(row: RowMapping) -> Draft:
    return Draft(
        id=str(row["id"]),
        kind=str(row["kind"]),
        subject=str(row["subject"]),
        person=str(row["person"]),
        values=json.loads(str(row["body"])),
        updated_at=str(row["updated_at"]),
    )
