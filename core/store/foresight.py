"""A ledger that answers as if some actions had been appended, so that the judge can be asked first."""

from __future__ import annotations

from sqlalchemy import Connection

from core.ids import RandomBytes
from core.records.model import Entry
from core.store.ledger import Ledger


class Foresight(Ledger):
    """Nothing is written: what is foreseen lives as long as this object."""

    def __init__(self, connection: Connection, random: RandomBytes) -> None:
        super().__init__(connection, random)
        self._foreseen: list[Entry] = []

    def foresee(self, entry: Entry) -> None:
        """Answer from now on as if this action stood at the end of its subject."""
        self._foreseen.append(entry)

    def entries(self, subject_kind: str, subject: str) -> list[Entry]:
        """Return the subject's effective entries, the foreseen ones last."""
        here = (subject_kind, subject)
        more = [e for e in self._foreseen if (e.action.subject_kind, e.action.subject) == here]
        return [*super().entries(subject_kind, subject), *more]
