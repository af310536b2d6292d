"""The hub's database behind two doors: ``read`` and ``write``.

SQLite means SQLCipher with a raw 256-bit key, WAL and full synchronisation; every write transaction
begins ``IMMEDIATE``, so two writers never deadlock over an upgrade. On PostgreSQL the same code runs;
there the office's counter row (:func:`lock_office`) puts writers in order.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import sqlcipher3
from sqlalchemy import Connection, Engine, Executable, Table, bindparam, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from core.clock import Clock, system_clock
from core.errors import EnvironmentFault
from hub import schema, tables

_READ = "certdesk_read"
BUSY_MILLISECONDS = 10_000
LOCK_SECONDS = 30
"""How long a transaction waits for a row on PostgreSQL; then the request fails and the desk comes again."""

GIVEN_UP = frozenset({"40001", "40P01"})
"""SQLSTATE serialization_failure and deadlock_detected."""
TRIES, PAUSE_SECONDS = 5, 0.02
VANISHED = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}
"""A database's machine that is gone without a word is given up after 20 s, not after the kernel's quarter of
an hour; what the address says itself counts before this."""
T = TypeVar("T")
_COUNTER = tables.feed_counter
_LOCK_OFFICE = _COUNTER.update().where(_COUNTER.c.office == bindparam("of")).values(last=_COUNTER.c.last)


class Database:
    """An engine and its transactions. Raises ``EnvironmentFault`` database_unreadable / database_failed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._readers = engine
        if engine.dialect.name != "sqlite":
            # A look of several statements is one look, as on SQLite; and it can be served by a replica.
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            self._readers = engine.execution_options(**options)
        # SQLite has one writer at a time anyway; queueing here is fair and needs no polling.
        own = engine.dialect.name == "sqlite"
        self._turn: AbstractContextManager[Any] = Lock() if own else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look, in which nothing can be written."""
        with self._readers.connect().execution_options(**{_READ: True}) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: commits at the end, rolls back when anything is raised."""
        with self._turn, self.engine.connect() as connection, connection.begin():
            yield connection

    def create(self, clock: Clock = system_clock) -> None:
        """Make the tables, or bring those of an older program up to date, in one transaction.

        SQLite's file is copied aside before it is changed (``hub.db`` to ``hub.db.schema-0001-…``); of a
        PostgreSQL database the operator makes a dump first (docs/hub.md). Raises ``EnvironmentFault``
        database_newer or database_failed.
        """
        with self.read() as connection:
            before = schema.revision(connection)
        if before == schema.HEAD:
            return
        try:
            if before is not None and self.engine.dialect.name == "sqlite":
                self._copy_aside(before, clock)
            with self.write() as connection:
                schema.migrate(connection)
        except DBAPIError as fault:
            raise EnvironmentFault("database_failed") from fault

    def _copy_aside(self, before: str, clock: Clock) -> None:
        place = f"{self.engine.url.database}.schema-{before}-{clock():%Y%m%d%H%M%S%f}"
        with self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.execute("VACUUM INTO ?", (place,))  # one consistent look, under the same key

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def retrying(job: Callable[[], T], pause: Callable[[float], None] = time.sleep) -> T:
    """Run ``job`` again when the database gave it up to another transaction; the last time it raises.

    ``job`` holds whole transactions: what was given up left nothing behind. On PostgreSQL this happens to
    the loser of a deadlock only (rows that belong to the province as a whole are taken by all offices);
    databases that run everything serialisably do it more often.
    """
    for attempt in range(1, TRIES):
        try:
            return job()
        except DBAPIError as fault:
            if getattr(fault.orig, "sqlstate", None) not in GIVEN_UP:
                raise
        pause(random.uniform(0, PAUSE_SECONDS) * attempt)
    return job()


def is_sqlite(url: str) -> bool:
    """Tell whether the address names a file of our own."""
    return url.startswith("sqlite:")


def open_database(url: str, key: bytes) -> Database:
    """Open ``sqlite:///file`` (SQLCipher, ``key`` of 32 bytes) or ``postgresql+psycopg://…``.

    Raises ``EnvironmentFault`` database_url_unknown, or database_unreadable for a wrong key or a
    damaged file.
    """
    if is_sqlite(url):
        # No statement is kept prepared: core.store.engine says why.
        kept = {"cached_statements": 0}
        engine = create_engine(url, module=sqlcipher3, pool_size=16, connect_args=kept, hide_parameters=True)
        _prepare_sqlite(engine, key)
    elif url.startswith("postgresql+psycopg:"):
        said = make_url(url).query
        kept = {name: value for name, value in VANISHED.items() if name not in said}
        # A connection is asked for a sign of life before it is used, and a lost one takes all of its age with
        # it: after a failover the hub finds the new primary by itself (docs/scale.md).
        engine = create_engine(url, pool_size=16, pool_pre_ping=True, connect_args=kept, hide_parameters=True)
        event.listen(engine, "connect", _wait_for_locks)
    else:
        raise EnvironmentFault("database_url_unknown")
    database = Database(engine)
    try:
        with database.read() as connection:
            connection.execute(text("select 1"))
            if is_sqlite(url):
                connection.execute(text("select count(*) from sqlite_master"))
    except DBAPIError as fault:
        engine.dispose()
        raise EnvironmentFault("database_unreadable") from fault
    return database


def _prepare_sqlite(engine: Engine, key: bytes) -> None:
    if len(key) != 32:
        raise ValueError("a database key has 32 bytes")

    def connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, never by the driver
        cursor = raw.cursor()
        try:
            cursor.execute("PRAGMA cipher_log_level = NONE")  # else it writes English to standard error
            cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA secure_delete = ON")
            cursor.execute("PRAGMA temp_store = MEMORY")
        finally:
            cursor.close()

    def began(connection: Connection) -> None:
        read = connection.get_execution_options().get(_READ)
        connection.exec_driver_sql("BEGIN" if read else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected, insert=True)
    event.listen(engine, "begin", began)


def _wait_for_locks(raw: Any, _record: Any) -> None:
    raw.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    raw.commit()


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one of its keys is taken; tell whether it was inserted."""
    statement = _insert_new(connection.dialect.name == "sqlite", table)
    # An insert's row count is not kept unless asked for, and psycopg then says -1.
    result = connection.execute(statement, dict(values), execution_options={"preserve_rowcount": True})
    return result.rowcount == 1


@cache
def _insert_new(into_sqlite: bool, table: Table) -> Executable:
    made: Executable = (sqlite if into_sqlite else postgresql).insert(table).on_conflict_do_nothing()
    return made


def lock_office(connection: Connection, office: str) -> None:
    """Queue up behind whoever writes about this office (a row lock on PostgreSQL)."""
    connection.execute(_LOCK_OFFICE, {"of": office})


def next_position(connection: Connection, office: str) -> int:
    """Take the next number of the office's feed, inside the writing transaction: no gap, none lost."""
    counter = tables.feed_counter
    connection.execute(counter.update().where(counter.c.office == office).values(last=counter.c.last + 1))
    last = connection.execute(counter.select().where(counter.c.office == office)).one().last
    return int(last)
