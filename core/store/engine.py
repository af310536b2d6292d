"""Opening the encrypted file: raw key, WAL, FULL; checked, migrated, and every fault named.

SQLCipher takes a raw 256-bit key (no passphrase derivation per connection). ``synchronous=FULL``
because NORMAL may roll back, after a power cut, what the clerk was told is saved.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from core.clock import Clock
from core.errors import EnvironmentFault

HEAD = "0011"
"""Revision that this program reads and writes; a test holds it against the migrations."""

_PRAGMAS = (
    "PRAGMA cipher_memory_security = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA synchronous = FULL",
)

_FAULTS = (
    ("disk is full", "disk_full"),
    ("readonly database", "disk_readonly"),
    ("unable to open", "disk_readonly"),
    ("file is not a database", "database_key_wrong"),
    ("malformed", "database_damaged"),
    ("disk I/O error", "disk_fault"),
    ("database is locked", "database_busy"),
)


def named_fault(fault: Exception) -> EnvironmentFault | None:
    """Return the environment fault behind a driver's exception, or None if it is a bug of ours."""
    text = str(getattr(fault, "orig", fault))
    for words, code in _FAULTS:
        if words in text:
            return EnvironmentFault(code)
    return None


@contextmanager
def naming_faults() -> Iterator[None]:
    """Turn what the disk or the file does to us into :class:`EnvironmentFault`."""
    try:
        yield
    except (DBAPIError, sqlcipher3.DatabaseError) as fault:
        named = named_fault(fault)
        if named is None:
            raise
        raise named from fault


def make_engine(path: Path, key: bytes) -> Engine:
    """Return an engine on ``path`` under a 32-byte key. The key never stands in a URL."""
    # Statements kept prepared hold the connection's small-memory slots; then every value bound is an
    # allocation that SQLCipher locks into memory, and a bulk insert is seven times slower. Preparing anew
    # costs less than it saves (docs/benchmarks.md).
    kept = {"cached_statements": 0}
    # hide_parameters: a fault's text may be logged, and parameters are what people typed.
    engine = create_engine(f"sqlite:///{path}", module=sqlcipher3, connect_args=kept, hide_parameters=True)

    @event.listens_for(engine, "connect", insert=True)
    def _unlock(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        # SQLCipher would write its own English to standard error beside our answer.
        cursor.execute("PRAGMA cipher_log_level = NONE")
        cursor.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    return engine


def _verify_durable(connection: Connection) -> None:
    mode = connection.exec_driver_sql("PRAGMA journal_mode = WAL").scalar()
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar()
    if mode != "wal" or synchronous != 2:
        raise EnvironmentFault("database_not_durable", mode=str(mode))


def _revision(connection: Connection) -> str | None:
    found = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").scalar()
    if not found:
        return None
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    # A table that is made anew is dropped for a moment while others refer to it.
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # all of it or nothing, also when killed half-way
    command.upgrade(config, HEAD)
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise EnvironmentFault("database_damaged")
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def open_database(path: Path, key: bytes, clock: Clock, backups: Path) -> Engine:
    """Open, check and, when it is older than :data:`HEAD`, migrate the database.

    The file is copied aside before it is migrated. Raises ``EnvironmentFault``:
    database_key_wrong, database_damaged, database_newer, database_not_durable, disk_*.
    """
    engine = make_engine(path, key)
    try:
        with naming_faults(), engine.connect() as connection:
            _verify_durable(connection)
            revision = _revision(connection)
            if revision is not None and revision > HEAD:
                raise EnvironmentFault("database_newer", revision=revision)
            if revision != HEAD:
                if revision is not None:
                    _copy_aside(connection, path, revision, clock, backups)
                _migrate(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _copy_aside(connection: Connection, path: Path, revision: str, clock: Clock, backups: Path) -> None:
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    backups.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, backups / f"before-migration-{revision}-{clock():%Y%m%d%H%M%S}.db")


def verify_integrity(engine: Engine) -> None:
    """Read every page. Raises ``EnvironmentFault('database_damaged')``."""
    with naming_faults(), engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA cipher_integrity_check").first() is not None:
            raise EnvironmentFault("database_damaged")
        if connection.exec_driver_sql("PRAGMA quick_check").scalar() != "ok":
            raise EnvironmentFault("database_damaged")
