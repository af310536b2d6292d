"""The register at the hub: a page is judged whole, stored as it came, and its units found like any other.

Nothing of a page that is refused stays. Its units have no action of their own: what a fold of such a unit
reads first is made from its row here (:func:`core.records.register.unit_entry`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from core.errors import Refusal
from core.ids import RandomBytes
from core.keys.sealing import seal, unseal
from core.records.model import Action, Entry
from core.records.register import Rows, page_shape, page_text, unit_entry, unpack, without_line
from core.records.rules_register import OpenPage, open_page, page_form
from core.sync.pages import open_lines, packed_records, seal_lines
from hub import register_tables, tables
from hub.bulk import copy_rows, copy_text, found_among
from hub.sealed import SealedValues, erase
from hub.setup import Hub

_PAGE, _UNIT = register_tables.register_page, register_tables.register_unit


class OfficeRegister:
    """One office's register inside one transaction; answers ``core.records.rules_register.Register``."""

    def __init__(self, connection: Connection, office: str, sealed: SealedValues) -> None:
        self._connection = connection
        self._office = office
        self._sealed = sealed

    # --- what the judge asks ------------------------------------------------------------------------

    def taken_units(self, units: Sequence[str]) -> set[str]:
        """Return which of these ids belong to units of the office, or did before they were erased."""
        found = self._among(tables.unit_view, "unit", units) | self._among(_UNIT, "unit", units)
        return found | self._among(tables.erasure, "subject", units)

    def taken_codes(self, codes: Sequence[str]) -> set[str]:
        """Return which of these credit codes a unit of the office has."""
        return self._among(tables.unit_view, "uscc", codes) | self._among(_UNIT, "uscc", codes)

    def _among(self, table: Any, column: str, values: Sequence[str]) -> set[str]:
        return found_among(self._connection, table, column, self._office, values)

    # --- units of pages -----------------------------------------------------------------------------

    def entry_of(self, unit: str) -> tuple[Entry, int] | None:
        """Return the registration of a page's unit as its fold reads it, and its place in the feed."""
        row = self._connection.execute(
            select(_UNIT).where(_UNIT.c.office == self._office, _UNIT.c.unit == unit)
        ).one_or_none()
        if row is None:
            return None
        actions = tables.action
        page = self._connection.execute(
            select(actions.c.hash, actions.c.body).where(
                actions.c.office == self._office, actions.c.position == row.page
            )
        ).one()
        line = self.private(page.hash)[row.line]
        action = Action(**json.loads(page.body))
        return unit_entry(action, page.hash, json.loads(row.record), line), int(row.page)

    def unit_with_code(self, uscc: str) -> str | None:
        """Return the page's unit that has this credit code."""
        found = self._connection.execute(
            select(_UNIT.c.unit).where(_UNIT.c.office == self._office, _UNIT.c.uscc == uscc)
        ).scalar_one_or_none()
        return None if found is None else str(found)

    def credit_codes(self) -> list[tuple[str, str]]:
        """Return (unit, credit code) of every unit that came on a page."""
        rows = self._connection.execute(
            select(_UNIT.c.unit, _UNIT.c.uscc).where(_UNIT.c.office == self._office)
        )
        return [(str(row.unit), str(row.uscc)) for row in rows]

    def note_code(self, unit: str, uscc: str) -> bool:
        """Keep the present code of a page's unit; tell whether the unit is one."""
        changed = update(_UNIT).where(_UNIT.c.office == self._office, _UNIT.c.unit == unit).values(uscc=uscc)
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

    def _seal(self, page: str, private: Rows, random: RandomBytes) -> bytes:
        key = self._sealed.subject_key(self._connection, self._office, page)
        return seal(key, page_text(private), page.encode(), random)

    def keep(
        self, page: str, blob: bytes, opened: OpenPage, position: int, action: Action, random: Any
    ) -> None:
        """Store a page that was judged: records as they came, personal lines sealed, one row a unit."""
        sealed = self._seal(page, opened.private, random)
        row = {"office": self._office, "hash": page, "records": blob, "sealed": sealed}
        self._connection.execute(insert(_PAGE).values(**row))
        shape = page_shape(page_form(action.public))
        code = 1 + len(shape.personal) + shape.public.index("uscc")
        if self._connection.dialect.name == "sqlite":
            records = _records(opened.text.decode())
            heads = ((self._office, line[0], line[code], position, at) for at, line in enumerate(opened.rows))
            copy_rows(self._connection, _UNIT, ((*h, r) for h, r in zip(heads, records, strict=True)))
            return
        # Ids and codes hold nothing that COPY would read otherwise; in the records a backslash is all.
        records = _records(opened.text.decode().replace("\\", "\\\\"))
        lines = (
            f"{self._office}\t{line[0]}\t{line[code]}\t{position}\t{at}\t{record}\n"
            for at, (line, record) in enumerate(zip(opened.rows, records, strict=True))
        )
        copy_text(self._connection, _UNIT, "".join(lines))

    def replace_private(self, page: str, private: Rows, random: RandomBytes) -> None:
        """Seal a page's personal lines anew under a fresh key; the old key and blob are gone."""
        keys = tables.subject_key
        gone = delete(keys).where(keys.c.office == self._office, keys.c.subject == page)
        self._connection.execute(gone)
        of_page = update(_PAGE).where(_PAGE.c.office == self._office, _PAGE.c.hash == page)
        self._connection.execute(of_page.values(sealed=self._seal(page, private, random)))


def _records(text: str) -> list[str]:
    """Cut a canonical page into its lines: only between two of them stands ``],["`` outside of a text."""
    return [f'["{part}]' for part in text[3:-2].split('],["')]


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
        self._register.keep(self._page, self._blob, self._opened, position, action, self._hub.random)


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
    register.replace_private(page, without_line(register.private(page), row.line), hub.random)
