"""A real hub on the loopback for these tests, with a clock that the tests move."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from core.clock import system_clock
from core.ids import system_random
from hub.enrolments import accept
from hub.serve import serve
from hub.setup import Hub, init, open_hub
from hub.tls import make_test_tls
from tests.hub.department import Department
from tests.hub.sample_office import SampleOffice
from tests.hub.wallet import Wallet, http
from tests.postgres import fresh_database
from tests.servers import let_go


@dataclass
class Hands:
    """The hands of the clock that hub, office and phone read in these tests."""

    start: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.start + self.ahead

    def forward(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@dataclass
class Station:
    """A running hub: its own object for looking inside, and the ways of speaking to it."""

    hub: Hub
    url: str
    folder: Path
    hands: Hands
    root: bytes
    db_url: str
    key: bytes

    def post(self, path: str, data: bytes) -> tuple[int, bytes]:
        reply = http(self.hub.issuer + path, data, Content_Type="application/json")
        return reply.status, reply.body

    def new_office(self, single_clerk: bool = False) -> SampleOffice:
        """An enrolled office whose people are recorded."""
        office = SampleOffice(self.post, self.hands, self.hub.rehearsal)
        request = office.enrolment(single_clerk)
        office.enrolled(accept(self.hub, request, single_clerk))
        office.push_all_recorded()
        return office

    def wallet(self) -> Wallet:
        return Wallet(self.hub.issuer, self.hands)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_station(
    folder: Path, *, rehearsal: bool = False, path: str = "", db: str = "", tls: bool = False
) -> Iterator[Station]:
    hands, key, port = Hands(), system_random(32), free_port()
    db_url = db or f"sqlite:///{folder / 'hub.db'}"
    root = folder / "root.pem"
    files = make_test_tls(folder / "tls", system_clock())[:2] if tls else None
    address = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    own = init(db_url, f"{address}{path}", root, key, rehearsal, hands)
    own.database.close()
    hub = open_hub(db_url, key, hands)
    ready, fault = threading.Event(), []
    reading, writing = os.pipe()

    def run() -> None:
        try:
            with os.fdopen(reading, "rb") as watch:
                serve(
                    db_url,
                    "127.0.0.1",
                    port,
                    key,
                    files,
                    lambda _: ready.set(),
                    http=not tls,
                    watch=watch,
                    clock=hands,
                )
        except BaseException as error:  # a test has to see it, whatever it is
            fault.append(error)
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(30)
    if fault:
        raise fault[0]
    try:
        yield Station(hub, address, folder, hands, root.read_bytes(), db_url, key)
    finally:
        os.close(writing)
        thread.join(20)
        hub.database.close()
        let_go()
    assert not thread.is_alive()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def shared_station(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Station]:
    folder = tmp_path_factory.mktemp("hub")
    if request.param == "sqlite":
        yield from run_station(folder)
        return
    with fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield from run_station(folder, db=url)


@pytest.fixture
def station(shared_station: Station) -> Iterator[Station]:
    """The session's hub; its clock stands right again after each test."""
    yield shared_station
    shared_station.hands.ahead = timedelta()


@pytest.fixture(params=["sqlite", "postgresql"])
def make_station(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Station]]:
    """Hubs with settings of their own."""
    with ExitStack() as stack:

        def make(**settings: object) -> Station:
            folder = tmp_path / f"hub-{uuid4().hex}"
            folder.mkdir()
            if request.param == "postgresql":
                settings["db"] = request.getfixturevalue("make_postgres")()
            return stack.enter_context(contextmanager(run_station)(folder, **settings))  # type: ignore[arg-type]

        yield make


@pytest.fixture
def office(station: Station) -> SampleOffice:
    return station.new_office()


@pytest.fixture(autouse=True)
def no_rule_failed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A rule or an endpoint that breaks down on input is a fault."""
    yield
    broken = [r for r in caplog.records if r.name.startswith("certdesk.hub") and r.levelno >= logging.ERROR]
    assert not broken, [record.getMessage() for record in broken]


@pytest.fixture
def department(station: Station) -> Department:
    """A relying department, registered."""
    made = Department(station.hub)
    made.register()
    return made
