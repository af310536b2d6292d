"""An office of up to five desks and its hub on PostgreSQL, made once and put back for each history.

Everything is the real thing: SQLCipher stores, services, sync, the hub's ASGI application, a PostgreSQL
server. Only three costs are saved: Argon2 (keys are unwrapped once), SQLCipher's locking of memory, and the
making of the office (folders are copied, the hub's rows are put back). All data is invented.

A process dies here as it does in life: what lies on the disk at that moment is all that is left of it.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event, text

from core.errors import EnvironmentFault
from core.keys.keyring import Keyring, Unlocked
from core.keys.sealing import new_exchange_key
from core.services import backup, review, sync
from core.services.offices import device_record, enrol, enrolment_request
from core.services.recording import record
from core.services.session import DeviceKeys, Folder, Ports, Session
from core.store import engine as store_engine
from core.store.unit_of_work import Store
from core.sync import cycle
from hub.app import build
from hub.enrolments import accept
from hub.setup import Hub, init, open_hub
from tests.asgi import _post
from tests.contract.fake_hub import ISSUER, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom, _template, open_kit, password
from tests.core.services.test_scans import signed_scan
from tests.postgres import fresh_database

Answer = tuple[int, bytes]
KEY = b"k" * 32
MOST = 5
"""Desks of the office that are made ready."""
UNITS = 3
LIMIT = 3
"""Actions in a batch and items in a page, so that a few actions take several messages."""


class Broken(AssertionError):
    """An invariant does not hold; ``letter`` says which (tests/stateful/sync_checks.py)."""

    def __init__(self, letter: str, what: str) -> None:
        super().__init__(f"({letter}) {what}")
        self.letter = letter


_RUNNER = asyncio.Runner()
"""One event loop for all messages: making one costs as much as serving some."""


def post(app: Any, path: str, body: bytes) -> Answer:
    """Post bytes into the hub's application."""
    return _RUNNER.run(_post(app, path, body, {}))


class Died(BaseException):
    """A process is no more. No ``except Exception`` of the program may keep it alive."""


class Reseeded:
    """The randomness port, the same again after :meth:`again`."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.again()

    def again(self) -> None:
        """Begin anew."""
        self._random = SeededRandom(self.seed)

    def __call__(self, count: int) -> bytes:
        return self._random(count)


@contextmanager
def dying(engine: Engine, at: int, after: bool, last_breath: Callable[[], None]) -> Iterator[None]:
    """Let the process that uses ``engine`` die at its statement number ``at``, or at its commit ``-at``.

    ``after`` says that the statement was carried out. :class:`Died` follows ``last_breath``.
    """
    seen, committed = 0, 0

    def step(statement: str) -> None:
        nonlocal seen, committed
        seen += 1
        committed += statement == "COMMIT"
        if seen == at or (statement == "COMMIT" and committed == -at):
            last_breath()
            raise Died()

    def listen(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        step(statement)

    def commits(_connection: Connection) -> None:  # psycopg has no such statement
        if engine.dialect.name != "sqlite":
            step("COMMIT")

    name = "after_cursor_execute" if after else "before_cursor_execute"
    event.listen(engine, name, listen)
    event.listen(engine, "commit", commits)
    try:
        yield
    finally:
        event.remove(engine, name, listen)
        event.remove(engine, "commit", commits)


@dataclass(repr=False)
class Desk:
    """One copy of a desk: a folder with the program running on it. Copies of one desk share ``device``."""

    name: str
    folder: Folder
    ports: Ports
    unlocked: dict[str, Unlocked]
    _store: Store | None = None
    _keyring: Keyring | None = None
    device: str = ""

    @property
    def store(self) -> Store:
        """The open store; opened when it is not."""
        if self._store is None:
            key = self.unlocked["both"].data_key
            self._store = Store(self.folder.database, key, self.ports.clock, self.ports.random, Path())
        return self._store

    def sit(self, login: str = "both") -> Session:
        """Return the session of a person who sits down; the program goes on running."""
        self._keyring = self._keyring or Keyring.load(self.folder.keyring)
        session = Session(self.folder, self.unlocked[login], self.store, self.ports, self._keyring)
        self.device = session.device.id
        return session

    def stop(self) -> None:
        """End the program in good order."""
        if self._store is not None:
            self._store.close()
            self._store = self._keyring = None

    def image(self, target: Path) -> None:
        """Copy the disk as it lies there; what was not committed is in it as a kill leaves it."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(self.folder.root, target, ignore=shutil.ignore_patterns("*-shm"))

    def put_back(self, image: Path) -> None:
        """Put the copy of a disk in the place of the present one."""
        self.stop()
        shutil.rmtree(self.folder.root, ignore_errors=True)
        shutil.copytree(image, self.folder.root)

    def lives(self, at: int, after: bool, act: Callable[[], object]) -> bool:
        """Do something; die at statement ``at`` of it (see :func:`dying`). Tell whether it lived on."""
        left = self.folder.root.with_name(f"{self.folder.root.name}.left")
        engine = self.store._opened()
        try:
            with dying(engine, at, after, lambda: self.image(left)):
                act()
        except Died:
            self.put_back(left)
            return False
        return True


@dataclass
class Line:
    """The way from a desk to the hub. ``fates`` holds what becomes of the next messages."""

    world: World
    fates: list[str] = field(default_factory=list)
    fate_at: tuple[int, bool] = (0, False)

    def post(self, path: str, body: bytes) -> Answer:
        """Carry one message, as its fate will have it."""
        fate = self.fates.pop(0) if self.fates else "well"
        world = self.world
        world.counts["messages"] += 1
        if path.endswith("/actions"):
            world.on_their_way = [*world.on_their_way[-11:], body]
        if fate == "dead":
            self.fates.insert(0, "dead")
        if fate in ("dead", "request lost"):
            raise EnvironmentFault("hub_unreachable")
        if fate == "hub dies" and not world.hub_lives(path, body, *self.fate_at):
            raise EnvironmentFault("hub_unreachable")
        answer = world.deliver(path, body)
        if fate == "doubled":
            answer = world.deliver(path, body)
        if fate == "answer lost":
            raise EnvironmentFault("hub_unreachable")
        if fate == "answer cut":
            return answer[0], answer[1][: len(answer[1]) // 2]
        return answer


class World:
    """The office of one history: desks in ``place``, the hub of the template, and what is on its way."""

    def __init__(self, template: Template, count: int) -> None:
        self.template = template
        self.place = Path(tempfile.mkdtemp(prefix="history-", dir=template.place))
        self.counts: Counter[str] = Counter()
        self.on_their_way: list[bytes] = []
        self.copies = 0
        template.put_back()
        self.desks = [self._desk(f"desk-{at}", template.place / f"desk-{at}") for at in range(count)]
        for desk in self.desks:
            desk.sit()

    def _desk(self, name: str, root: Path) -> Desk:
        shutil.copytree(root, self.place / name)
        return self._running(name)

    def _running(self, name: str) -> Desk:
        ports = Ports(self.template.clock, SeededRandom(name))
        return Desk(name, Folder(self.place / name), ports, self.template.unlocked)

    def close(self) -> None:
        """Throw the desks away."""
        for desk in self.desks:
            desk.stop()
        shutil.rmtree(self.place, ignore_errors=True)

    # --- the hub --------------------------------------------------------------------------------

    @property
    def hub(self) -> Hub:
        """The running hub."""
        return self.template.hub

    def deliver(self, path: str, body: bytes) -> Answer:
        """Hand a message to the hub. It never fails by itself."""
        status, data = post(self.template.app, path, body)
        if status >= 500:
            raise Broken("h", f"the hub failed by itself: {status}")
        return status, data

    def hub_lives(self, path: str, body: bytes, at: int, after: bool) -> bool:
        """Hand a message to a hub that dies at statement ``at``; tell whether it was served before that."""
        try:
            with dying(self.hub.database.engine, at, after, lambda: None):
                post(self.template.app, path, body)
        except Died:
            self.counts["hub deaths"] += 1
            self.template.restart()
            return False
        return True

    # --- copies ---------------------------------------------------------------------------------

    def new_copy(self) -> Desk:
        """Return a desk without a disk yet, which may become another copy of one that there is."""
        self.copies += 1
        return self._running(f"copy-{self.copies}")

    def line(self, *fates: str, at: tuple[int, bool] = (0, False)) -> PostedHub:
        """Return a desk's way to the hub."""
        return PostedHub(Line(self, list(fates), at).post)


class Template:
    """What every history begins with."""

    def __init__(self, server: str) -> None:
        shm = Path("/dev/shm")
        base = shm if shm.is_dir() and os.access(shm, os.W_OK) else None
        self.place = Path(tempfile.mkdtemp(prefix="certdesk-machine-", dir=base))
        self._database = fresh_database(server)
        self.url = self._database.__enter__()
        kit = open_kit(self.place, "machine")
        self.clock, self.unlocked = kit.clock, kit.unlocked
        self.random = Reseeded("hub")
        self.hub = init(self.url, ISSUER, self.place / "root.pem", KEY, True, self.clock, self.random)
        self.app = build(self.hub)
        self.units: list[str] = []
        self.cases: list[str] = []
        self._fill(kit)
        kit.close()
        self.office = self._office()
        self.start: datetime = self.clock.moment
        self._rows = self._photograph()
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        """Let the database and the folders go."""
        self.hub.database.close()
        self._database.__exit__(None, None, None)
        shutil.rmtree(self.place, ignore_errors=True)

    def _fill(self, kit: OfficeKit) -> None:
        """Found, enrol, admit the further desks, and work a little; then every desk is in order."""
        wire = PostedHub(lambda path, body: post(self.app, path, body))
        others = [_new_device(f"desk-{at}") for at in range(1, MOST)]
        with kit.sit("admin") as admin:
            enrol(admin, wire)
            accept(self.hub, enrolment_request(admin), False)
            assert enrol(admin, wire) is not None
            with admin.begin() as uow:
                for device in others:
                    record(admin, uow, "office", admin.office, "device_added", device_record(device))
        with kit.sit("clerk") as clerk:
            for _ in range(UNITS):
                case = kit.submitted_case(clerk)
                signed_scan(clerk, case)
                self.cases.append(case)
            with clerk.read() as uow:
                self.units = uow.ledger.subjects("unit")
        with kit.sit("reviewer") as reviewer:
            review.approve(reviewer, self.cases[-1])
        with kit.sit("both") as session:
            sync.sync(session, wire)
        for at, device in enumerate([None, *others]):
            root = self.place / f"desk-{at}"
            shutil.copytree(kit.folder.root, root)
            desk = Desk(root.name, Folder(root), Ports(kit.clock, SeededRandom(root.name)), kit.unlocked)
            if device is not None:
                with desk.store.begin() as uow:
                    uow.set_meta("device", device.to_json())
                    uow.set_meta("device_certificate", "")
                    uow.connection.exec_driver_sql("DELETE FROM meta WHERE key = 'device_certificate'")
            sync.sync(desk.sit(), wire)
            desk.stop()

    def _office(self) -> str:
        desk = Desk("", Folder(self.place / "desk-0"), Ports(), self.unlocked)
        office = desk.sit().office
        desk.stop()
        return office

    # --- the hub's rows -------------------------------------------------------------------------

    def _photograph(self) -> list[tuple[str, bytes]]:
        with self.hub.database.engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            found = []
            for name in sorted(names.scalars()):
                with raw.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as copy:
                    found.append((name, b"".join(bytes(part) for part in copy)))
            return found

    def put_back(self) -> None:
        """Make hub, clock and randomness what they were when the office was ready."""
        empty = min(len(data) for _, data in self._rows)
        with self.hub.database.engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            raw.execute(";".join(f'DELETE FROM "{name}"' for name, _ in self._rows))
            for name, data in self._rows:
                if len(data) > empty:
                    with raw.cursor().copy(f'COPY "{name}" FROM STDIN (FORMAT binary)') as copy:
                        copy.write(data)
            raw.commit()  # SQLAlchemy knows of no transaction here
        self.hub.status_tokens.clear()
        self.clock.moment = self.start
        self.random.again()

    def restart(self) -> None:
        """Start the hub's process again."""
        self.hub.database.close()
        self.hub = open_hub(self.url, KEY, self.clock, self.random)
        self.app = build(self.hub)


def _new_device(name: str) -> DeviceKeys:
    random = SeededRandom(f"device {name}")
    secret, public = new_exchange_key(random)
    return DeviceKeys(name, 1, random(32), secret, public)


@cache
def template(server: str) -> Template:
    """Return the template of this process."""
    return Template(server)


@contextmanager
def quick() -> Iterator[None]:
    """Save what costs time and decides nothing: Argon2, locked memory; make batches small."""
    kept = (store_engine._PRAGMAS, store_engine.create_engine, Keyring.unlock, cycle.BATCH_LIMITS)
    # First: a process that has locked its memory once locks it for good, at two thirds of the time.
    store_engine._PRAGMAS = tuple(each for each in kept[0] if "memory_security" not in each)
    keys = {(login, password(login)): key for login, key in _template().unlocked.items()}
    store_engine.create_engine = lambda url, **how: kept[1](url, **{**how, "connect_args": {}})
    Keyring.unlock = lambda self, login, secret: keys[login, secret]  # type: ignore[method-assign]
    cycle.BATCH_LIMITS = {1: LIMIT, 2: LIMIT}
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        store_engine._PRAGMAS, store_engine.create_engine = kept[:2]
        Keyring.unlock, cycle.BATCH_LIMITS = kept[2:]  # type: ignore[method-assign]


def restored(file: Path, desk: Desk) -> None:
    """Restore a backup in the place of a desk's disk, whatever lies there."""
    desk.stop()
    backup.restore(file, desk.folder, "admin", password("admin"), desk.ports).close()
    for aside in desk.folder.root.parent.glob(f"{desk.folder.root.name}.before-restore-*"):
        shutil.rmtree(aside)
