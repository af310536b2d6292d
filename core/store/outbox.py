"""What a desk has done and the hub has not answered yet: its outbox, read off the record itself."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from core.records.model import Action, SignedAction
from core.store import statements as sql
from core.store import tables as t
from core.store.action_rows import signed_of


class Outbox:
    """The actions without a receipt. Nothing is marked as sent: a receipt is what takes an action out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def oldest(
        self, device: str, limit: int, skip: int = 0, kinds: Collection[str] = ()
    ) -> list[SignedAction]:
        """Return the oldest actions of a device without a receipt, but the first ``skip``: its outbox.

        ``kinds``: only of these.
        """
        query = select(t.action).where(*self._waiting(device)).order_by(t.action.c.position)
        if kinds:
            query = query.where(t.action.c.kind.in_(sorted(kinds)))
        return [signed_of(row) for row in self._connection.execute(query.limit(limit).offset(skip))]

    def _waiting(self, device: str) -> list[ColumnElement[bool]]:
        heard = select(t.receipt.c.hash).where(t.receipt.c.hash == t.action.c.hash).exists()
        # The plus keeps SQLite from the device's index, by which it would read all that this desk ever did.
        mine = literal_column("+action.device") == device
        return [t.action.c.position > self._heard_up_to(), ~heard, mine]

    def _heard_up_to(self) -> int:
        """Return a position up to which every action has its receipt. Receipts are never taken back."""
        return int(self._connection.exec_driver_sql(sql.HEARD).scalar() or 0)

    def note_heard(self) -> None:
        """Remember up to where every action has its receipt now: the outbox is looked for beyond it only."""
        before = self._heard_up_to()
        first = self._connection.exec_driver_sql(sql.FIRST_UNHEARD, (before,)).scalar()
        last = self._connection.exec_driver_sql("SELECT max(position) FROM action").scalar() or 0
        up_to = int(last) if first is None else int(first) - 1
        if up_to > before:
            self._connection.exec_driver_sql(sql.NOTE_HEARD, (str(up_to),))

    def waits_at(self, action: Action) -> bool:
        """Tell whether an action without a receipt has this action's place in its chain."""
        query = (
            select(t.action.c.hash)
            .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(
                t.action.c.device == action.device,
                t.action.c.device_epoch == action.device_epoch,
                t.action.c.seq == action.seq,
                t.receipt.c.hash.is_(None),
            )
        )
        return self._connection.execute(query).first() is not None

    def kinds(self, device: str) -> dict[str, int]:
        """Return how many actions of a device wait for the hub, by kind."""
        query = (
            select(t.action.c.kind, func.count().label("waiting"))
            .where(*self._waiting(device))
            .group_by(t.action.c.kind)
        )
        return {str(row.kind): int(row.waiting) for row in self._connection.execute(query)}

    def count(self, device: str) -> int:
        """Return how many actions of a device wait for the hub."""
        return sum(self.kinds(device).values())
