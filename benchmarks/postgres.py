"""A PostgreSQL of our own for a benchmark: every safety on, PostgreSQL's own settings, gone afterwards.

``CERTDESK_TEST_PG`` names a server to use instead; a database is made in it for the run and dropped again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.postgres import HANDED, binaries, fresh_database, new_server

SETTINGS = ("shared_buffers=128MB", "jit=on")
"""PostgreSQL's defaults again, where the tests' server is kept small."""


@dataclass(frozen=True)
class Server:
    """One empty database: ``url`` for SQLAlchemy, ``dsn`` for libpq; PostgreSQL's ``programs``."""

    url: str
    dsn: str
    programs: Path


@contextmanager
def server() -> Iterator[Server]:
    """Yield an empty database and drop it at the end."""
    if HANDED:
        with _database(HANDED) as made:
            yield made
        return
    own = new_server(durable=True, settings=SETTINGS)
    try:
        with _database(own.url()) as made:
            yield made
    finally:
        own.stop()


@contextmanager
def _database(base: str) -> Iterator[Server]:
    with fresh_database(base) as url:
        dsn = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        yield Server(url, dsn, binaries())
