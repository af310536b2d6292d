"""The hub's schema as a whole: every table module in one place, and the way from an older database to it.

A database of the first release carries no revision; it is known by its tables and counts as 0001.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Final

from sqlalchemy import Connection, inspect, select, text

from core.errors import EnvironmentFault
from hub import (
    columns,
    delegation_tables,
    log_tables,
    party_tables,
    refused_tables,
    register_tables,
    reverse_tables,
    scan_tables,
    suspension_tables,
    tables,
    trust_tables,
)

_MODULES = (
    delegation_tables,
    refused_tables,
    register_tables,
    log_tables,
    scan_tables,
    suspension_tables,
    trust_tables,
    party_tables,
    reverse_tables,
)
metadata = columns.metadata
"""Whole once this module is imported: a module of tables that is missing above is missing in the schema."""

HEAD: Final = "0014"
"""Revision that this program reads and writes; a test holds it against the migrations."""

FIRST: Final = "0001"
VERSION_TABLE: Final = "alembic_version"

_ALEMBIC = Lock()
"""Alembic hands its environment over in module globals: one thread at a time."""


def revision(connection: Connection) -> str | None:
    """Return the database's revision, None for an empty one. Raises ``EnvironmentFault`` database_newer."""
    look = inspect(connection)
    if not look.has_table(VERSION_TABLE):
        return FIRST if look.has_table("hub_setting") else None
    found = str(connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one())
    if found > HEAD:
        raise EnvironmentFault("database_newer", revision=found)
    return found


def migrate(connection: Connection) -> None:
    """Bring the database to :data:`HEAD` inside the caller's transaction: all of it or nothing."""
    from alembic import command
    from alembic.config import Config

    before = revision(connection)
    if before is not None and connection.dialect.name != "sqlite":
        # Several programs may find an older database at once: the first migrates, the others then see it.
        connection.execute(select(tables.hub_setting.c.name).with_for_update()).all()
        before = revision(connection)
    if before == HEAD:
        return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    with _ALEMBIC:
        if before == FIRST and not inspect(connection).has_table(VERSION_TABLE):
            command.stamp(config, FIRST)
        command.upgrade(config, HEAD)
