"""One unit of work: a transaction that lives and dies here; only frozen values come out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from weakref import WeakValueDictionary

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from core.errors import UserError
from core.ids import RandomBytes
from core.store import tables as t
from core.store.drafts import Drafts
from core.store.engine import naming_faults, open_database, verify_integrity
from core.store.foresight import Foresight
from core.store.ledger import Ledger
from core.store.lists import Lists
from core.store.outbox import Outbox
from core.store.projection import Projection
from core.store.refusals import Refusals
from core.store.scan_rows import ScanRows
from core.store.world import DeskWorld

_META_OF = select(t.meta.c.value).where(t.meta.c.key == bindparam("of"))
_FORGET_META, _ADD_META = delete(t.meta).where(t.meta.c.key == bindparam("of")), insert(t.meta)


class UnitOfWork:
    """Everything the desk may do with its database inside one transaction."""

    def __init__(self, connection: Connection, random: RandomBytes, ledger: Ledger | None = None) -> None:
        self.connection = connection
        self._random = random
        self.ledger = ledger or Ledger(connection, random)
        self.projection = Projection(connection, self.ledger)
        self.outbox = Outbox(connection)
        self.drafts = Drafts(connection)
        self.lists = Lists(connection)
        self.refusals = Refusals(connection, self.ledger)
        self.scans = ScanRows(connection, random)

    def foreseeing(self) -> tuple[UnitOfWork, Foresight]:
        """Return the same transaction seen as if some actions had been appended."""
        ledger = Foresight(self.connection, self._random)
        return UnitOfWork(self.connection, self._random, ledger), ledger

    def world(
        self, office: str, single_clerk: bool, as_if_settled: frozenset[str] = frozenset()
    ) -> DeskWorld:
        """Return the judge's view; ``as_if_settled`` are refusals about to be settled."""
        return DeskWorld(self.connection, self.ledger, self.projection, office, single_clerk, as_if_settled)

    def find_meta(self, key: str) -> str | None:
        """Return a fact about this database itself."""
        found = self.connection.execute(_META_OF, {"of": key}).scalar()
        return None if found is None else str(found)

    def set_meta(self, key: str, value: str) -> None:
        """Write a fact about this database itself."""
        self.connection.execute(_FORGET_META, {"of": key})
        self.connection.execute(_ADD_META, {"key": key, "value": value})

    def add_attachment(self, scan: str, subject: str, name: str, media_type: str, size: int) -> None:
        """Note where an attachment's encrypted bytes lie; it waits to be sent from now on."""
        self.connection.execute(
            insert(t.attachment).values(
                scan=scan, subject=subject, name=name, media_type=media_type, size=size
            )
        )
        self.scans.begin(scan, subject, size)

    def find_attachment(self, scan: str) -> tuple[str, str] | None:
        """Return (subject, file name) of an attachment."""
        row = self.connection.execute(
            select(t.attachment.c.subject, t.attachment.c.name).where(t.attachment.c.scan == scan)
        ).first()
        return None if row is None else (str(row.subject), str(row.name))


class _Turn:
    """Whose turn it is to write to a database; the same for every store of it in this process."""

    def __init__(self) -> None:
        # One thread that begins twice is told so by SQLite, as ever, rather than wait for itself.
        self.lock = RLock()


_WRITERS: WeakValueDictionary[Path, _Turn] = WeakValueDictionary()


class Store:
    """The opened database. Threads may share it; each unit of work has its own connection.

    Writers of one process take turns, however long one of them takes; only another process's can make one
    fail (``database_busy``), after SQLite's own five seconds.
    """

    def __init__(self, path: Path, key: bytes, clock: Clock, random: RandomBytes, backups: Path) -> None:
        self.path = path
        self._turn = _WRITERS.setdefault(path.resolve(), _Turn())
        self._random = random
        self._engine: Engine | None = open_database(path, key, clock, backups)

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Write: waits for its turn, commits at the end, rolls back on any exception."""
        with self._turn.lock, naming_faults(), self._opened().connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield UnitOfWork(connection, self._random)
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                # A full disk has often rolled back by itself; that must not hide why.
                with suppress(SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """Read one consistent moment; whatever is written inside is thrown away."""
        with naming_faults(), self._opened().connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield UnitOfWork(connection, self._random)
            finally:
                with suppress(SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")

    def verify(self) -> None:
        """Read every page. Raises ``EnvironmentFault('database_damaged')``."""
        verify_integrity(self._opened())

    def copy_to(self, target: Path) -> None:
        """Write a consistent, still encrypted copy (VACUUM INTO keeps cipher and key)."""
        with naming_faults(), self._opened().connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(target),))

    def settle(self) -> None:
        """Write the log back into the file and empty it, so that what was erased is nowhere any more."""
        with naming_faults(), self._opened().connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _opened(self) -> Engine:
        if self._engine is None:
            # Work that outlived the lock must not read another record.
            raise UserError("desk_locked")
        return self._engine

    def close(self) -> None:
        """Close every connection and let the engine go, which alone still holds the key."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()
