"""What the hub refused of this desk's own actions, and which of that a person has settled.

Only the desk that made an action hears that it was refused; nothing of it goes down the feed. So every
rejected receipt in this database is this desk's own affair.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, literal_column, select

from core.records.model import Action
from core.store import tables as t
from core.store.action_rows import Recorded, recorded_rows
from core.store.ledger import Ledger

MOST = 100_000
SETTLES = "refusal"
"""The subject kind of settlements; a refused one is no item of its own: what it settled is open again."""


_REJECTED = t.receipt.c.verdict == literal_column("'rejected'")
"""Spelled out: a partial index serves no parameter."""

_ANY_OF = (
    select(t.action.c.hash)
    .join(t.receipt, t.receipt.c.hash == t.action.c.hash)
    .where(
        t.action.c.subject_kind == bindparam("kind"),
        t.action.c.subject == bindparam("subject"),
        _REJECTED,
    )
    .limit(1)
)


class Refusals:
    """Queries on one connection."""

    def __init__(self, connection: Connection, ledger: Ledger) -> None:
        self._connection = connection
        self._ledger = ledger

    def open(self, subject_kind: str = "", subject: str = "") -> list[Recorded]:
        """Return refused actions that nobody has settled (of one subject, if given), oldest first."""
        if subject:
            asked = {"kind": subject_kind, "subject": subject}
            if self._connection.execute(_ANY_OF, asked).first() is None:
                return []
            rows = self.of(subject_kind, subject)
        else:
            rejected = select(t.receipt.c.hash).where(_REJECTED)
            wanted = (t.action.c.hash.in_(rejected), t.action.c.subject_kind != SETTLES)
            rows = list(reversed(recorded_rows(self._connection, wanted, 0, MOST)))
        settled = self._ledger.settled() if rows else frozenset()
        return [row for row in rows if row.signed.hash not in settled]

    def of(self, subject_kind: str, subject: str) -> list[Recorded]:
        """Return everything ever refused on one subject, settled or not, oldest first."""
        wanted = (
            t.action.c.subject_kind == subject_kind,
            t.action.c.subject == subject,
            _REJECTED,
        )
        return list(reversed(recorded_rows(self._connection, wanted, 0, MOST)))

    def count(self) -> int:
        """Return on how many subjects something waits to be settled."""
        query = (
            select(t.action.c.subject_kind, t.action.c.subject, t.action.c.hash)
            .join(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(_REJECTED, t.action.c.subject_kind != SETTLES)
        )
        rows = self._connection.execute(query).all()
        settled = self._ledger.settled() if rows else frozenset()
        return len({(row.subject_kind, row.subject) for row in rows if row.hash not in settled})

    def stands_beside(self, action: Action) -> bool:
        """Tell whether an action has the place of a refused one, or the next, on a predecessor that fits.

        So it is where another copy of a desk wrote at the hub under numbers that this copy gave up. The next
        it has when what that copy did before it was refused, too: such a predecessor comes down no feed.
        """
        before = select(t.action.c.seq, *(t.action.c[name] for name in ("device", "device_epoch")))
        prev = self._connection.execute(before.where(t.action.c.hash == action.prev)).first()
        place = (action.seq - 1, action.device, action.device_epoch)
        if prev is None:
            return self._refused_at(action, action.seq) or self._refused_at(action, action.seq - 1)
        return tuple(prev) == place and self._refused_at(action, action.seq)

    def _refused_at(self, action: Action, seq: int) -> bool:
        here = (t.action.c.device == action.device, t.action.c.device_epoch == action.device_epoch)
        twin = (
            select(t.action.c.hash)
            .join(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(*here, t.action.c.seq == seq, _REJECTED)
        )
        return self._connection.execute(twin).first() is not None

    def subjects_settled(self, settlement: str) -> list[tuple[str, str]]:
        """Return the (kind, id) of the subjects that a settlement, whatever became of it, speaks of."""
        bodies = self._connection.execute(
            select(t.action.c.body).where(
                t.action.c.subject_kind == SETTLES, t.action.c.subject == settlement
            )
        )
        hashes = {item for row in bodies for item in json.loads(row.body)["public"]["refused"]}
        query = select(t.action.c.subject_kind, t.action.c.subject).where(t.action.c.hash.in_(hashes))
        return sorted({(str(row.subject_kind), str(row.subject)) for row in self._connection.execute(query)})


def named_by(rows: Iterable[Recorded]) -> frozenset[str]:
    """Return these refused actions and those that the hub named when it refused them.

    A desk restored from an older copy does not hold what its lost generation was refused; the hub says
    so with ``refusal_unsettled``, and settling the one settles the other.
    """
    found: set[str] = set()
    for row in rows:
        found.add(row.signed.hash)
        named: Any = row.receipt.params.get("refused", ()) if row.receipt else ()
        if isinstance(named, Collection) and not isinstance(named, str):
            found.update(item for item in named if isinstance(item, str))
    return frozenset(found)
