"""Pages of the register in the desk's database: kept once, listed in bulk, erased by the unit.

A page's public records are stored as they travel, packed and never changed again; its personal part lies
sealed beside it under a key of its own. A unit of a page has no row of its own but the list's: its line
is found by the place of that row, and its values are read out of the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from core.errors import EnvironmentFault, Refusal, UserError
from core.ids import RandomBytes
from core.keys.sealing import seal, unseal
from core.records.model import Action, Entry, action_from_body
from core.records.register import (
    PageShape,
    Rows,
    find_line,
    page_digest,
    page_shape,
    page_text,
    read_page,
    read_text,
    unit_entry,
    unpack,
    verify_lines,
    without_line,
)
from core.records.rules_register import page_form
from core.store import tables as t

AS_ITS_PAGE = ""
"""Delivery in the list row of a unit that came on a page and on which nothing has been done since."""

_FILL, _ROW = t.register_fill, t.unit_row
_KEPT = 32
"""Pages whose list rows stay in memory between being taken in and being listed, in one unit of work."""


@dataclass(frozen=True)
class _Place:
    """Where a unit stands: its page, and its line there (from 0)."""

    page: str
    line: int


_BLOB_OF = select(t.register_page.c.records).where(t.register_page.c.hash == bindparam("page"))
_PRIVATE_OF = select(t.register_private.c.key, t.register_private.c.sealed).where(
    t.register_private.c.hash == bindparam("page")
)
_BODY_OF = select(t.action.c.body).where(t.action.c.hash == bindparam("page"))
_LAST_PLACE = t.register_fill.c.first + t.register_fill.c.count - 1
_PLACES = select(
    t.unit_row.c.unit,
    t.register_fill.c.hash,
    (t.unit_row.c.rowid - t.register_fill.c.first).label("line"),
).join(t.unit_row, t.unit_row.c.rowid.between(t.register_fill.c.first, _LAST_PLACE))
_PLACE_OF = _PLACES.where(t.unit_row.c.unit == bindparam("unit"))


class RegisterPages:
    """Reads and writes pages on one connection."""

    def __init__(self, connection: Connection, random: RandomBytes) -> None:
        self._connection = connection
        self._random = random
        self._unlisted: dict[str, list[tuple[str, ...]]] = {}
        self._last: tuple[str, bytes] = ("", b"")
        self._last_private: tuple[str, Rows] = ("", [])

    # --- writing ------------------------------------------------------------------------------

    def keep(self, page: str, blob: bytes, rows: Rows, private: Rows, shape: PageShape) -> None:
        """Store a page (named by its action's hash): records as packed, personal values sealed."""
        self._connection.execute(insert(t.register_page).values(hash=page, records=blob))
        self._seal(page, private)
        if len(self._unlisted) < _KEPT:
            self._unlisted[page] = _listed(rows, private, shape)

    def _seal(self, page: str, private: Rows) -> None:
        key = self._random(32)
        blob = seal(key, page_text(private), page.encode(), self._random)
        self._connection.execute(insert(t.register_private).values(hash=page, key=key, sealed=blob))
        self._last_private = ("", [])

    def erase(self, unit: str) -> None:
        """Destroy one unit's personal values on its page, under a fresh key; the others' stay.

        Raises ``UserError('register_unsynced')`` while the hub has not judged the page: it must see every
        value that was signed for. A unit of no page changes nothing.
        """
        place = self._place(unit)
        if place is None:
            return
        verdict = select(t.receipt.c.verdict).where(t.receipt.c.hash == place.page)
        if self._connection.execute(verdict).scalar() is None:
            raise UserError("register_unsynced")
        private = without_line(self.private(place.page), place.line)
        gone = delete(t.register_private).where(t.register_private.c.hash == place.page)
        self._connection.execute(gone)
        self._seal(place.page, private)
        self._unlisted.pop(place.page, None)

    # --- reading ------------------------------------------------------------------------------

    def blob(self, page: str) -> bytes:
        """Return a page's records as they travel. Raises ``EnvironmentFault('database_damaged')``."""
        found = self._connection.execute(_BLOB_OF, {"page": page}).scalar()
        if found is None:
            raise EnvironmentFault("database_damaged")
        return bytes(found)

    def text(self, page: str) -> bytes:
        """Return a page's records as canonical text."""
        if self._last[0] != page:
            self._last = page, unpack(self.blob(page))
        return self._last[1]

    def private(self, page: str) -> Rows:
        """Return a page's personal lines, ``["", ""]`` where destroyed."""
        if self._last_private[0] != page:
            self._last_private = page, self._private(page)
        return self._last_private[1]

    def _private(self, page: str) -> Rows:
        row = self._connection.execute(_PRIVATE_OF, {"page": page}).first()
        if row is None:
            raise EnvironmentFault("database_damaged")
        found: Rows = json.loads(unseal(bytes(row.key), bytes(row.sealed), page.encode()))
        return found

    def entry_of(self, unit: str) -> Entry | None:
        """Return the registration of a unit that stands on a listed page, as its fold reads it."""
        place = self._place(unit)
        return None if place is None else self._entry(unit, place, self._action(place.page))

    def entries_of(self, units: Sequence[str]) -> dict[str, Entry]:
        """Return what :meth:`entry_of` does of those of these units that stand on listed pages."""
        rows = self._connection.execute(_PLACES.where(t.unit_row.c.unit.in_(units)))
        places = {str(row.unit): _Place(str(row.hash), int(row.line)) for row in rows}
        pages = {place.page: self._action(place.page) for place in places.values()}
        by_page = sorted(places.items(), key=lambda item: item[1].page)  # each page is opened once
        return {unit: self._entry(unit, place, pages[place.page]) for unit, place in by_page}

    def _entry(self, unit: str, place: _Place, page: Action) -> Entry:
        row = find_line(self.text(place.page), unit)
        if row is None:
            raise EnvironmentFault("database_damaged")
        return unit_entry(page, place.page, row, self.private(place.page)[place.line])

    def column(self, field: str) -> Iterator[tuple[str, str]]:
        """Yield unit and value of one public field for every line of the listed pages, as registered."""
        for page in self._connection.execute(select(_FILL.c.hash)).scalars().all():
            shape = page_shape(page_form(self._action(str(page)).public))
            place = 1 + len(shape.personal) + shape.public.index(field)
            for row in json.loads(self.text(str(page))):
                yield row[0], row[place]

    def pages_of(self, units: Iterable[str]) -> list[str]:
        """Return the listed pages on which these units stand."""
        fill, row = t.register_fill, t.unit_row
        query = (
            select(fill.c.hash)
            .distinct()
            .join(row, row.c.rowid.between(fill.c.first, fill.c.first + fill.c.count - 1))
            .where(row.c.unit.in_(list(units)))
        )
        return [str(each.hash) for each in self._connection.execute(query)]

    def _place(self, unit: str) -> _Place | None:
        found = self._connection.execute(_PLACE_OF, {"unit": unit}).first()
        return None if found is None else _Place(str(found.hash), int(found.line))

    def _action(self, page: str) -> Action:
        body = self._connection.execute(_BODY_OF, {"page": page}).scalar_one()
        return action_from_body(json.loads(body))

    def verify(self, action: Action, page: str) -> None:
        """Hold a page's records against what was signed. Raises ``Refusal`` page_* or commitment_wrong."""
        shape = page_shape(page_form(action.public))
        text = self.text(page)
        if page_digest(text) != action.public["digest"]:
            raise Refusal("page_digest_wrong")
        rows = read_page(text, shape)
        verify_lines(
            rows, read_text(page_text(self.private(page)), 2 * len(shape.personal)), shape, whole=False
        )

    def waiting_for_words(self) -> int:
        """Return how many listed units have no search words yet."""
        fill = t.register_fill
        query = select(func.coalesce(func.sum(fill.c.count - fill.c.words), 0))
        return int(self._connection.execute(query).scalar_one())

    # --- clashes ------------------------------------------------------------------------------

    def taken_units(self, units: Sequence[str]) -> set[str]:
        """Return which of these ids a unit of this desk has (``core.records.rules_register.Register``)."""
        return self._taken("unit", units)

    def taken_codes(self, codes: Sequence[str]) -> set[str]:
        """Return which of these credit codes a unit of this desk has."""
        return self._taken("uscc", codes)

    def _taken(self, column: str, values: Sequence[str]) -> set[str]:
        found = self._connection.exec_driver_sql(
            f"SELECT {column} FROM unit_row WHERE {column} IN (SELECT value FROM json_each(?))",
            (json.dumps(list(values)),),
        )
        return {str(row[0]) for row in found}

    def held_beyond(self, position: int, limit: int = 100) -> list[str]:
        """Return pages kept here that the feed will speak of after ``position``, next ones first."""
        page, receipt = t.register_page, t.receipt
        query = (
            select(page.c.hash)
            .outerjoin(receipt, receipt.c.hash == page.c.hash)
            .where(or_(receipt.c.hash.is_(None), receipt.c.position > position))
            .order_by(receipt.c.position.is_(None), receipt.c.position)
            .limit(limit)
        )
        return [str(row.hash) for row in self._connection.execute(query)]

    # --- lists --------------------------------------------------------------------------------

    def refresh(self, effective: Sequence[Entry], deliveries: dict[str, str]) -> list[tuple[str, str]]:
        """Bring the list rows of all pages in step; return subjects (kind, id) that need a look of their own.

        ``effective`` are the register's standing entries, ``deliveries`` what the hub said, by hash.
        """
        listed = {str(row.hash): row for row in self._connection.execute(select(t.register_fill)).all()}
        standing = {entry.hash: entry.action for entry in effective}
        gone = [listed[page] for page in listed.keys() - standing.keys()]
        heard = [listed[page] for page in listed.keys() & standing.keys()]
        heard = [fill for fill in heard if fill.delivery != deliveries[fill.hash]]
        touched = self._subjects([*gone, *heard])
        for fill in gone:
            self._clear(fill)
        for fill in heard:
            self._deliver(fill, deliveries[fill.hash])
        for page, action in standing.items():
            if page not in listed:
                self._fill(page, action, deliveries[page])
        return touched

    def _fill(self, page: str, action: Action, delivery: str) -> None:
        rows = self._unlisted.pop(page, None)
        if rows is None:
            shape = page_shape(page_form(action.public))
            rows = _listed(json.loads(self.text(page)), self.private(page), shape)
        query = select(func.coalesce(func.max(t.unit_row.c.rowid), 0))
        first = int(self._connection.execute(query).scalar_one()) + 1
        self._connection.exec_driver_sql(
            "INSERT OR IGNORE INTO unit_row (rowid, unit, uscc, name, representative, changed_at, delivery)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(rowid, *row, action.at, AS_ITS_PAGE) for rowid, row in enumerate(rows, first)],
        )
        row = {"hash": page, "first": first, "count": len(rows), "words": 0, "delivery": delivery}
        self._connection.execute(insert(t.register_fill).values(**row))

    def _deliver(self, fill: Any, delivery: str) -> None:
        mark = update(t.register_fill).where(t.register_fill.c.hash == fill.hash)
        self._connection.execute(mark.values(delivery=delivery))

    def _clear(self, fill: Any) -> None:
        ends = (fill.first, fill.first + fill.count - 1)
        for table, column in (("unit_search", "rowid"), ("unit_initials", "rowid_of"), ("unit_row", "rowid")):
            self._connection.exec_driver_sql(f"DELETE FROM {table} WHERE {column} BETWEEN ? AND ?", ends)
        self._connection.execute(delete(t.register_fill).where(t.register_fill.c.hash == fill.hash))

    def _subjects(self, fills: Sequence[Any]) -> list[tuple[str, str]]:
        """Units of these pages that were acted on since, and cases of their units: their rows say more."""
        if not fills:
            return []
        acted = "SELECT DISTINCT subject FROM action WHERE subject_kind = 'unit'"
        rows = self._connection.exec_driver_sql(
            f"SELECT 'unit', u.unit, u.rowid FROM ({acted}) AS a"
            " CROSS JOIN unit_row AS u ON u.unit = a.subject"
            " UNION ALL SELECT 'case', c.\"case\", u.rowid FROM case_row AS c"
            " CROSS JOIN unit_row AS u ON u.unit = c.unit"
        ).all()
        ranges = [range(fill.first, fill.first + fill.count) for fill in fills]
        there = [(kind, subject) for kind, subject, row in rows if any(row in each for each in ranges)]
        return [(str(kind), str(subject)) for kind, subject in there]


def _listed(rows: Rows, private: Rows, shape: PageShape) -> list[tuple[str, ...]]:
    """Return what the list shows of each line: id, code, name, representative."""
    start = 1 + len(shape.personal)
    code, name = start + shape.public.index("uscc"), start + shape.public.index("name")
    lead = 1 + 2 * shape.personal.index("representative_name")
    return [(row[0], row[code], row[name], values[lead]) for row, values in zip(rows, private, strict=True)]
