"""The office's log as this desk has seen it: every entry it was told, and the signed heads it found right.

Append-only like the record itself. What is kept here is what the hub cannot take back: a later answer
that does not continue it is a contradiction between two things the hub signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from core.errors import EnvironmentFault
from core.store import tables as t


@dataclass(frozen=True)
class KeptCheckpoint:
    """A signed head that agreed with our own log. ``root`` is hex, ``hub_time`` the answer's UTC stamp."""

    size: int
    root: str
    note: str
    hub_time: str


class Checkpoints:
    """Reads and appends on one connection; what may be appended is the witness's business."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # --- heads --------------------------------------------------------------------------------

    def newest(self) -> KeptCheckpoint | None:
        """Return the largest head we keep."""
        row = self._connection.execute(
            select(t.checkpoint).order_by(t.checkpoint.c.size.desc()).limit(1)
        ).first()
        return None if row is None else KeptCheckpoint(*row)

    def kept(self) -> list[KeptCheckpoint]:
        """Return every head we keep, the smallest first."""
        return [
            KeptCheckpoint(*row)
            for row in self._connection.execute(select(t.checkpoint).order_by(t.checkpoint.c.size))
        ]

    def keep(self, head: KeptCheckpoint) -> None:
        """Keep a verified head; the same one again changes nothing.

        Raises ``EnvironmentFault('log_diverged')`` when it is smaller than one we keep, or says something
        else of the same size.
        """
        newest = self.newest()
        if newest is None or newest.size < head.size:
            self._connection.execute(insert(t.checkpoint).values(**head.__dict__))
        elif (newest.size, newest.root) != (head.size, head.root):
            raise EnvironmentFault(
                "log_diverged", size=head.size, root=head.root, have=newest.size, ours=newest.root
            )

    # --- heads of what was pushed and not pulled yet ------------------------------------------

    def promise(self, size: int, root: str) -> None:
        """Remember a head that our own log will have to pass through."""
        known = select(t.log_promise.c.size).where(t.log_promise.c.size == size, t.log_promise.c.root == root)
        if self._connection.execute(known).first() is None:
            self._connection.execute(insert(t.log_promise).values(size=size, root=root))

    def promised(self) -> dict[int, set[str]]:
        """Return the roots we were promised, by size."""
        found: dict[int, set[str]] = {}
        for row in self._connection.execute(select(t.log_promise)):
            found.setdefault(int(row.size), set()).add(str(row.root))
        return found

    def keep_promises(self, up_to: int) -> None:
        """Forget the promises that were found kept."""
        self._connection.execute(delete(t.log_promise).where(t.log_promise.c.size <= up_to))

    # --- entries ------------------------------------------------------------------------------

    def size(self) -> int:
        """Return how many entries of the log we hold, from the first on without a gap."""
        return int(
            self._connection.execute(select(func.coalesce(func.max(t.log_entry.c.position), 0))).scalar_one()
        )

    def add(self, first: int, entries: Sequence[tuple[str, str]]) -> None:
        """Add (recorded_at, action hash) from position ``first`` on; what we hold already is compared.

        Raises ``EnvironmentFault('log_diverged')`` when the hub now says something else of a position, and
        ``ValueError`` when one would be left out.
        """
        have = self.size()
        if first > have + 1:
            raise ValueError("an entry would be left out")
        told = dict(enumerate(entries, first))
        for position, entry in self._known(first, min(have, first + len(entries) - 1)):
            if told.pop(position) != entry:
                raise EnvironmentFault("log_diverged", position=position)
        if told:
            rows = [{"position": at, "recorded_at": entry[0], "hash": entry[1]} for at, entry in told.items()]
            self._connection.execute(insert(t.log_entry), rows)

    def _known(self, first: int, last: int) -> Iterable[tuple[int, tuple[str, str]]]:
        rows = self._connection.execute(
            select(t.log_entry)
            .where(t.log_entry.c.position >= first, t.log_entry.c.position <= last)
            .order_by(t.log_entry.c.position)
        )
        return ((int(row.position), (str(row.recorded_at), str(row.hash))) for row in rows)

    def entries(self, count: int) -> list[tuple[str, str]]:
        """Return the first ``count`` entries as (recorded_at, action hash)."""
        return [entry for _, entry in self._known(1, count)]

    def find(self, action_hash: str) -> tuple[int, str] | None:
        """Return (position, recorded_at) of an action's entry."""
        row = self._connection.execute(
            select(t.log_entry.c.position, t.log_entry.c.recorded_at)
            .join(t.receipt, t.receipt.c.position == t.log_entry.c.position)
            .where(t.receipt.c.hash == action_hash, t.log_entry.c.hash == action_hash)
        ).first()
        return None if row is None else (int(row.position), str(row.recorded_at))
