"""An office's log taken out of the hub's database for checking, at one moment, with no key of the hub.

Only SQLite's file has to be opened with its key; a PostgreSQL database is read as its owner reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, inspect, select, union
from sqlalchemy.exc import DBAPIError

from core.errors import EnvironmentFault, Refusal
from core.records.register import unpack
from core.tlog.audit import COLUMNS, LogCopy
from core.tlog.audit import Row as LogRow
from core.tlog.entry import entry_bytes
from core.tlog.merkle import leaf_hash
from core.tlog.tiles import WIDTH, Tile
from hub import tables
from hub.engine import Database, open_database
from hub.log_tables import log_cosignature, log_tree
from hub.log_tiles import find_tile
from hub.register_tables import register_page

_AT_ONCE = 2000


@contextmanager
def reading(db_url: str, key: bytes) -> Iterator[Connection]:
    """One look at a hub's database that stays the same however long it takes.

    Raises ``EnvironmentFault`` as :func:`hub.engine.open_database`, or log_missing for one without logs.
    """
    database = open_database(db_url, key)
    try:
        with looking(database) as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def looking(database: Database) -> Iterator[Connection]:
    """The same of a database that is open. Raises ``EnvironmentFault`` log_missing, database_unreadable."""
    try:
        options: dict[str, Any] = {"certdesk_read": True}
        if database.engine.dialect.name != "sqlite":
            options["isolation_level"] = "REPEATABLE READ"
        with database.engine.connect().execution_options(**options) as connection, connection.begin():
            if not inspect(connection).has_table(log_tree.name):
                raise EnvironmentFault("log_missing")
            yield connection
    except DBAPIError as fault:
        raise EnvironmentFault("database_unreadable") from fault


def offices_of(connection: Connection) -> list[str]:
    """Return every office that has a log, an action or a certificate."""
    places = (tables.office, tables.action, log_tree)
    found = connection.execute(union(*(select(place.c.office) for place in places)))
    return sorted(str(office) for office in found.scalars())


def copy_of(connection: Connection, office: str) -> LogCopy:
    """Return an office's log as the database has it, right or wrong."""
    table = tables.action
    said = connection.execute(
        select(table.c.recorded_at, table.c.hash).where(table.c.office == office).order_by(table.c.position)
    ).all()
    entries = [entry_bytes(row.recorded_at, row.hash) for row in said]
    note = connection.execute(select(log_tree.c.note).where(log_tree.c.office == office)).scalar()

    def tile(place: Tile) -> bytes | None:
        if place.level == 0 and place.width < WIDTH:  # the open end of level 0 is the action table itself
            first = place.index * WIDTH
            return b"".join(leaf_hash(entry) for entry in entries[first : first + place.width])
        try:
            return find_tile(connection, office, place.level, place.index)
        except ValueError:
            return None

    def page(action_hash: str) -> bytes | None:
        mine = (register_page.c.office == office, register_page.c.hash == action_hash)
        found = connection.execute(select(register_page.c.records).where(*mine)).scalar()
        try:
            return None if found is None else unpack(bytes(found))
        except Refusal:
            return None

    refused, witnessed = tables.rejection, log_cosignature
    rejected = connection.execute(select(refused.c.hash).where(refused.c.office == office)).scalars()
    cosigned = connection.execute(
        select(witnessed.c.device, witnessed.c.note)
        .where(witnessed.c.office == office)
        .order_by(witnessed.c.size, witnessed.c.device)
    )
    return LogCopy(
        office=office,
        note=str(note or ""),
        entries=entries,
        tile=tile,
        rows=_rows(connection, office),
        rejected=frozenset(str(item) for item in rejected),
        cosignatures=[(str(row.device), str(row.note)) for row in cosigned],
        page=page,
    )


def _rows(connection: Connection, office: str) -> Iterator[LogRow]:
    table = tables.action
    query = select(table).where(table.c.office == office)
    after = None
    while True:  # page by page: a province's largest office does not have to fit into memory
        page = query if after is None else query.where(table.c.position > after)
        rows = connection.execute(page.order_by(table.c.position).limit(_AT_ONCE)).all()
        yield from (_row(row) for row in rows)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].position


def _row(row: Row[Any]) -> LogRow:
    columns = {name: getattr(row, name) for name in COLUMNS}
    return LogRow(row.position, row.recorded_at, row.hash, row.body, row.algorithm, row.signature, columns)
