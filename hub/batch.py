"""What the hub knows of a batch's actions before the first is judged, and what it writes after the last.

Known actions, refusals and chain heads are read once; rows wait here until :meth:`Batch.flush`. The caller
holds the office's lock, so nothing that was read can change meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, bindparam, select, update

from hub import tables
from hub.bulk import among, insert_rows, put_rows
from hub.chain import Link, head

_COUNTER = tables.feed_counter
_LAST = select(_COUNTER.c.last).where(_COUNTER.c.office == bindparam("of"))
_COUNT = update(_COUNTER).where(_COUNTER.c.office == bindparam("of")).values(last=bindparam("to"))
_ORDER = (tables.subject_key, tables.action, tables.private_value, tables.rejection)


@dataclass(frozen=True)
class Known:
    """An action the hub has answered before: at ``position`` if recorded, with ``code`` if refused."""

    id: str
    position: int | None
    code: str
    params: Mapping[str, Any]
    at: str


class Batch:
    """One office's actions of one transaction: read in a few queries, written in a few statements."""

    def __init__(self, connection: Connection, office: str) -> None:
        self._connection = connection
        self._office = office
        self._known: dict[str, Known] = {}
        self._ids: set[str] = set()
        self._heads: dict[tuple[str, int], tuple[int, str]] = {}
        self._moved: set[tuple[str, int]] = set()
        self._last: int | None = None
        self._start: int | None = None
        self._rows: dict[Table, list[Mapping[str, Any]]] = {table: [] for table in _ORDER}

    # --- reading ----------------------------------------------------------------------------------

    def read(self, hashes: Iterable[str], ids: Iterable[str]) -> None:
        """Find out which of these actions were answered before, and which ids are taken."""
        # One query for each of the two keys: joined by OR, PostgreSQL reads the whole table instead.
        asked = ((list(hashes), "hash"), (list(ids), "id"))
        for values, name in asked:
            self._read_recorded(values, name)
            self._read_rejected(values, name)

    def _read_recorded(self, values: list[str], name: str) -> None:
        table = tables.action
        rows = self._connection.execute(
            select(table.c.hash, table.c.id, table.c.position, table.c.recorded_at).where(
                table.c.office == self._office, among(self._connection, table.c[name], values)
            )
        )
        for row in rows:
            self._note(row.hash, Known(row.id, row.position, "", {}, row.recorded_at))

    def _read_rejected(self, values: list[str], name: str) -> None:
        table = tables.rejection
        rows = self._connection.execute(
            select(table).where(
                table.c.office == self._office, among(self._connection, table.c[name], values)
            )
        )
        for row in rows:
            self._note(row.hash, Known(row.id, None, row.code, json.loads(row.params), row.at))

    def known(self, action_hash: str) -> Known | None:
        """Return what was answered to this very action, if it is one that was asked for in :meth:`read`."""
        return self._known.get(action_hash)

    def is_taken(self, action_id: str) -> bool:
        """Tell whether another content came under this id before."""
        return action_id in self._ids

    def head(self, link: Link) -> tuple[int, str]:
        """Return (seq, hash) of the newest action of the link's chain."""
        key = (link.device, link.epoch)
        if key not in self._heads:
            self._heads[key] = head(self._connection, self._office, *key)
        return self._heads[key]

    # --- writing ----------------------------------------------------------------------------------

    def extend(self, link: Link, action_hash: str) -> None:
        """Make this action, recorded or rejected, the newest of its chain."""
        self._heads[link.device, link.epoch] = (link.seq, action_hash)
        self._moved.add((link.device, link.epoch))

    def next_position(self) -> int:
        """Take the next number of the office's feed: no gap, none lost."""
        if self._last is None:
            found = self._connection.execute(_LAST, {"of": self._office})
            self._start = self._last = int(found.scalar_one())
        self._last += 1
        return self._last

    def add(self, table: Table, row: Mapping[str, Any]) -> None:
        """Let a row wait for :meth:`flush`."""
        self._rows[table].append(row)

    def record(self, row: Mapping[str, Any]) -> None:
        """Let an action's row wait, and know the action from now on."""
        self.add(tables.action, row)
        self._note(row["hash"], Known(row["id"], row["position"], "", {}, row["recorded_at"]))

    def reject(self, row: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        """Let a rejection's row wait, and know the action from now on."""
        self.add(tables.rejection, row)
        self._note(row["hash"], Known(row["id"], None, row["code"], params, row["at"]))

    def _note(self, action_hash: str, known: Known) -> None:
        self._known[action_hash] = known
        self._ids.add(known.id)

    def flush(self) -> None:
        """Write everything that waits. Raises the database's ``IntegrityError`` if no lock was held."""
        for table, rows in self._rows.items():
            insert_rows(self._connection, table, rows)
            rows.clear()
        heads = [
            {"office": self._office, "device": key[0], "epoch": key[1], "seq": seq, "hash": action_hash}
            for key, (seq, action_hash) in self._heads.items()
            if key in self._moved
        ]
        put_rows(self._connection, tables.chain_head, heads)
        if self._last != self._start:
            self._connection.execute(_COUNT, {"of": self._office, "to": self._last})
        self._heads.clear()
        self._moved.clear()
        self._last = self._start = None
