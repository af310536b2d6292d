"""The register at the hub: a page is judged whole, stored as it came, and its units found like any other.

Nothing of a page that is refused stays. Its units have no action of their own: what a fold of such a unit
reads first is made from its row here (:func:`core.records.register.unit_entry`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from core.errors import EnvironmentFault, Refusal
from core.keys.sealing import unseal
from core.records.model import Action, Entry
from core.records.register import (
    Rows,
    find_line,
    open_text,
    page_shape,
    page_text,
    unit_entry,
    unpack,
    verify_lines,
    without_line,
)
from core.records.rules_register import OpenPage, open_page, page_form
from core.sync.pages import open_lines, packed_records, seal_lines
from hub import register_tables, tables
from hub.bulk import among, copy_rows, copy_text, found_among
from hub.sealed import SealedValues, erase
from hub.setup import Hub

_PAGE, _UNIT = register_tables.register_page, register_tables.register_unit


_opened = lru_cache(maxsize=16)(open_text)
"""Texts of pages found right, by their bytes and digest: what lies here is held against them every time."""


@dataclass(frozen=True)
class _Page:
    """A page as it was signed: its action, its text, its personal lines."""

    action: Action
    hash: str
    text: bytes
    private: Rows


@dataclass(frozen=True)
class _Waiting:
    """A page whose rows are not written yet; ``code`` is where its lines have the credit code."""

    page: str
    blob: bytes
    opened: OpenPage
    position: int
    code: int


class OfficeRegister:
    """One office's register inside one transaction; answers ``core.records.rules_register.Register``."""

    def __init__(self, connection: Connection, office: str, sealed: SealedValues) -> None:
        self._connection = connection
        self._office = office
        self._sealed = sealed
        self._kept = 0
        self._known: dict[tuple[str, str], set[str]] = {}
        self._waiting: list[_Waiting] = []
        self._pages: dict[int, _Page] = {}

    # --- what the judge asks ------------------------------------------------------------------------

    def taken_units(self, units: Sequence[str]) -> set[str]:
        """Return which of these ids belong to units of the office, or did before they were erased."""
        return self._taken(units, ((tables.unit_view, "unit"), (_UNIT, "unit"), (tables.erasure, "subject")))

    def taken_codes(self, codes: Sequence[str]) -> set[str]:
        """Return which of these credit codes a unit of the office has."""
        return self._taken(codes, ((tables.unit_view, "uscc"), (_UNIT, "uscc")))

    def _taken(self, values: Sequence[str], places: Sequence[tuple[Table, str]]) -> set[str]:
        """Ask the tables for a batch's first page; where more follow, their content is read once and kept."""
        if not self._kept:
            asked = (found_among(self._connection, *place, self._office, values) for place in places)
            return set().union(*asked)
        return set().union(*(self._held(*place).intersection(values) for place in places))

    def _held(self, table: Table, column: str) -> set[str]:
        key = (table.name, column)
        if key not in self._known:
            self.write()
            query = select(table.c[column]).where(table.c.office == self._office)
            self._known[key] = set(self._connection.execute(query).scalars())
        return self._known[key]

    def forget(self) -> None:
        """Read anew what the tables hold: something else than a page was recorded."""
        self.write()
        self._kept, self._known = 0, {}

    # --- units of pages -----------------------------------------------------------------------------

    def entries_of(self, units: Sequence[str]) -> dict[str, tuple[Entry, int]]:
        """Return the registrations of those of these units that came on a page, by unit.

        Each is as its fold reads it, with its place in the feed. Raises
        ``EnvironmentFault('record_damaged')`` when page, row or personal values are not what was signed.
        """
        if not units:
            return {}
        self.write()
        where = (_UNIT.c.office == self._office, among(self._connection, _UNIT.c.unit, units))
        found: dict[str, tuple[Entry, int]] = {}
        for row in self._connection.execute(select(_UNIT).where(*where)):
            try:
                entry = self._entry_of(row)
            except (Refusal, LookupError, ValueError) as fault:
                raise EnvironmentFault("record_damaged", office=self._office, why="page") from fault
            found[str(row.unit)] = entry, int(row.page)
        return found

    def _entry_of(self, row: Any) -> Entry:
        page = self._page_at(int(row.page))
        line, private = find_line(page.text, row.unit), page.private[row.line]
        if line is None:
            raise LookupError(row.unit)
        verify_lines([line], [private], page_shape(page_form(page.action.public)), whole=False)
        return unit_entry(page.action, page.hash, line, private)

    def _page_at(self, position: int) -> _Page:
        """Return a page, its text held against what was signed; read once for all its units."""
        if position not in self._pages:
            actions = tables.action
            its = (_PAGE.c.office == actions.c.office) & (_PAGE.c.hash == actions.c.hash)
            row = self._connection.execute(
                select(actions.c.hash, actions.c.body, _PAGE.c.records)
                .join(_PAGE, its)
                .where(actions.c.office == self._office, actions.c.position == position)
            ).one_or_none()
            if row is None:
                raise LookupError(position)
            action = Action(**json.loads(row.body))
            text = _opened(bytes(row.records), action.public["digest"])
            self._pages[position] = _Page(action, row.hash, text, self.private(row.hash))
        return self._pages[position]

    def units_with_codes(self, codes: Sequence[str]) -> dict[str, str]:
        """Return the pages' units that have these credit codes, by code."""
        if not codes:
            return {}
        self.write()
        where = (_UNIT.c.office == self._office, among(self._connection, _UNIT.c.uscc, codes))
        rows = self._connection.execute(select(_UNIT.c.uscc, _UNIT.c.unit).where(*where))
        return {str(row.uscc): str(row.unit) for row in rows}

    def credit_codes(self) -> list[tuple[str, str]]:
        """Return (unit, credit code) of every unit that came on a page."""
        self.write()
        rows = self._connection.execute(
            select(_UNIT.c.unit, _UNIT.c.uscc).where(_UNIT.c.office == self._office)
        )
        return [(str(row.unit), str(row.uscc)) for row in rows]

    def note_code(self, unit: str, uscc: str) -> bool:
        """Keep the present code of a page's unit; tell whether the unit is one."""
        changed = update(_UNIT).where(_UNIT.c.office == self._office, _UNIT.c.unit == unit).values(uscc=uscc)
        self.forget()
        done = self._connection.execute(changed, execution_options={"preserve_rowcount": True})
        return done.rowcount == 1

    # --- personal lines -----------------------------------------------------------------------------

    def private(self, page: str) -> Rows:
        """Return a page's personal lines, ``["", ""]`` where destroyed."""
        sealed = self._connection.execute(
            select(_PAGE.c.sealed).where(_PAGE.c.office == self._office, _PAGE.c.hash == page)
        ).scalar_one()
        key = self._sealed.find_key(self._connection, self._office, page)
        if key is None:
            raise RuntimeError("a page's key is only ever replaced")
        found: Rows = json.loads(unseal(key, bytes(sealed), page.encode()))
        return found

    def keep(self, page: str, blob: bytes, opened: OpenPage, position: int, action: Action) -> None:
        """Store a page that was judged; its rows are written with those of the batch's other pages."""
        shape = page_shape(page_form(action.public))
        code = 1 + len(shape.personal) + shape.public.index("uscc")
        self._kept += 1
        for column, at in (("unit", 0), ("uscc", code)):
            if (known := self._known.get((_UNIT.name, column))) is not None:
                known.update(line[at] for line in opened.rows)
        self._waiting.append(_Waiting(page, blob, opened, position, code))

    def write(self) -> None:
        """Write what was kept: records as they came, personal lines sealed, one row a unit."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        keys = {each.page: self._sealed.new_key(self._office, each.page) for each in waiting}
        self._connection.execute(insert(tables.subject_key), [row for _, row in keys.values()])
        pages: list[dict[str, Any]] = []

        def sealing() -> Iterator[_Waiting]:
            """A page's personal lines are sealed while the database takes in the rows of the former."""
            for each in waiting:
                sealed = self._sealed.seal(keys[each.page][0], page_text(each.opened.private), each.page)
                pages.append(
                    {"office": self._office, "hash": each.page, "records": each.blob, "sealed": sealed}
                )
                yield each

        if self._connection.dialect.name == "sqlite":
            copy_rows(self._connection, _UNIT, (row for each in sealing() for row in self._rows(each)))
        else:
            copy_text(self._connection, _UNIT, map(self._lines, sealing()))
        self._connection.execute(insert(_PAGE), pages)

    def _rows(self, kept: _Waiting) -> Iterator[tuple[Any, ...]]:
        for at, line in enumerate(kept.opened.rows):
            yield self._office, line[0], line[kept.code], kept.position, at

    def _lines(self, kept: _Waiting) -> str:
        # Ids and codes hold nothing that COPY would read otherwise.
        rows = enumerate(kept.opened.rows)
        return "".join(
            f"{self._office}\t{line[0]}\t{line[kept.code]}\t{kept.position}\t{at}\n" for at, line in rows
        )

    def replace_private(self, page: str, private: Rows) -> None:
        """Seal a page's personal lines anew under a fresh key; the old key and blob are gone."""
        keys = tables.subject_key
        gone = delete(keys).where(keys.c.office == self._office, keys.c.subject == page)
        self._connection.execute(gone)
        self._pages.clear()
        key = self._sealed.subject_key(self._connection, self._office, page)
        of_page = update(_PAGE).where(_PAGE.c.office == self._office, _PAGE.c.hash == page)
        self._connection.execute(of_page.values(sealed=self._sealed.seal(key, page_text(private), page)))


class IncomingPage:
    """A page in a desk's batch: read before it is judged, stored once it is recorded."""

    def __init__(self, hub: Hub, register: OfficeRegister, item: Mapping[str, Any], page: str) -> None:
        self._hub = hub
        self._register = register
        self._item = item
        self._page = page
        self._blob = b""
        self._opened: OpenPage | None = None

    def read(self, action: Action) -> OpenPage:
        """Return the records, held against what was signed. Raises ``Refusal`` page_*, commitment_wrong."""
        public = action.public
        try:
            shape = page_shape(page_form(public))
        except (LookupError, TypeError) as fault:
            raise Refusal("action_malformed", why="payload") from fault
        self._blob = packed_records(self._item)
        private = open_lines(str(self._item["sealed"]), self._hub.exchange_secret, self._page, shape)
        self._opened = open_page(public, unpack(self._blob), private, self._register)
        return self._opened

    def keep(self, action: Action, position: int) -> None:
        """Store what was read, in the transaction that recorded the action."""
        assert self._opened is not None
        self._register.keep(self._page, self._blob, self._opened, position, action)


def feed_part(
    hub: Hub, connection: Connection, office: str, page: str, exchange_key: bytes
) -> dict[str, str]:
    """Return what a feed item of a page carries: its records as stored, personal lines sealed to the desk."""
    register = OfficeRegister(connection, office, hub.sealed)
    blob = connection.execute(
        select(_PAGE.c.records).where(_PAGE.c.office == office, _PAGE.c.hash == page)
    ).scalar_one()
    return {
        "records": base64.b64encode(bytes(blob)).decode(),
        "sealed": seal_lines(register.private(page), exchange_key, page, hub.random),
    }


def erase_unit(hub: Hub, connection: Connection, office: str, unit: str) -> None:
    """Destroy a unit's personal values, those on its page too; digests and proofs stay whole."""
    erase(connection, office, unit, hub.stamp())
    row = connection.execute(
        select(_UNIT.c.page, _UNIT.c.line).where(_UNIT.c.office == office, _UNIT.c.unit == unit)
    ).one_or_none()
    if row is None:
        return
    actions = tables.action
    page = connection.execute(
        select(actions.c.hash).where(actions.c.office == office, actions.c.position == row.page)
    ).scalar_one()
    register = OfficeRegister(connection, office, hub.sealed)
    register.replace_private(page, without_line(register.private(page), row.line))
