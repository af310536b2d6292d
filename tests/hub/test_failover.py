"""R10: the hub's PostgreSQL fails over to its standby under load, and the hub goes on by itself.

One hub process with an address that names both machines. Desks push cases as fast as they get their receipts;
what a desk was told is recorded goes to a recorder of its own, fsynced, before the desk's next step. The
primary is ended as a crash ends it, the standby promoted, and from it a new standby made.

The control is the same with an asynchronous standby that has fallen behind: it has to lose.
``CERTDESK_FAILOVERS`` sets how many (3); the servers are this test's own.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from core.clock import china_date, system_clock
from core.forms.divisions import get_office
from core.ids import system_random
from core.rehearsal.units import invented_uscc, make_units
from core.sync.envelope import unwrap
from hub import tables
from hub.engine import VANISHED, Database, open_database
from hub.enrolments import accept
from hub.setup import init, open_hub
from tests.hub.conftest import free_port
from tests.hub.sample_office import OFFICE_CODE, SampleOffice
from tests.postgres import Server, clone, new_server
from tests.postgres_keeper import POSIX

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not POSIX, reason="two servers behind names that stay need sockets in folders"),
    pytest.mark.timeout(3600),
]

FAILOVERS = int(os.environ.get("CERTDESK_FAILOVERS", "3"))
DESKS, BETWEEN = 3, 30
"""Desks that push, and receipts between one failover and the next."""
HUB = """
import sys
from hub.serve import serve
serve(sys.argv[1], "127.0.0.1", int(sys.argv[2]), bytes.fromhex(sys.argv[3]), None,
      lambda address: print(address, flush=True), http=True, watch=sys.stdin.buffer)
"""


@dataclass
class Machines:
    """Two places with names that stay, a primary in one of them and its standby in the other."""

    folder: Path
    primary: Server
    standby: Server | None = None
    names: dict[str, Server] = field(default_factory=dict)

    def stand_in(self, server: Server) -> None:
        """Give a server the name that is free."""
        taken = {name for name, each in self.names.items() if each in (self.primary, self.standby)}
        name = next(each for each in ("a", "b") if each not in taken)
        link = self.folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(server.folder)
        self.names[name] = server

    @property
    def url(self) -> str:
        """The address of whichever of the two takes writes."""
        hosts = ",".join(str(self.folder / name) for name in ("a", "b"))
        port = self.primary.port
        return f"postgresql+psycopg://postgres@/postgres?host={hosts}&port={port},{port}&target_session_attrs=read-write"

    def follow(self, *, synchronous: bool) -> None:
        """Make a standby of the primary; synchronous: no commit is answered before the standby has it."""
        self.standby = None
        standby = clone(self.primary)
        self.stand_in(standby)
        self.standby = standby
        # Its own setting, before it is needed: a promoted standby has nobody to wait for yet.
        setting(standby, "synchronous_standby_names", "")
        setting(self.primary, "synchronous_commit", "on")
        setting(self.primary, "synchronous_standby_names", "*" if synchronous else "")
        state = "sync" if synchronous else "async"
        until(lambda: asked(self.primary, "SELECT sync_state FROM pg_stat_replication") == [state])

    def fail_over(self) -> None:
        """Lose the primary with everything on it, and promote the standby."""
        assert self.standby is not None
        self.primary.stop()
        self.standby.run("pg_ctl", "promote", "-w", "-s", "-D", str(self.standby.folder / "data"))
        self.primary, self.standby = self.standby, None

    def fall_behind(self) -> None:
        """Cut the standby's line to the primary: lag without end."""
        assert self.standby is not None
        setting(self.standby, "primary_conninfo", "")
        until(lambda: asked(self.primary, "SELECT sync_state FROM pg_stat_replication") == [])

    def stop(self) -> None:
        """End both."""
        for server in (self.primary, self.standby):
            if server is not None:
                server.stop()


def asked(server: Server, query: str) -> list[object]:
    engine = create_engine(server.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def setting(server: Server, name: str, value: str) -> None:
    """Change a server's setting and wait until new connections have it."""
    engine = create_engine(server.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER SYSTEM SET {name} = '{value}'"))
        connection.execute(text("SELECT pg_reload_conf()"))
    until(lambda: asked(server, f"SHOW {name}") == [value])


def until(true: Callable[[], object]) -> None:
    """Wait; what never comes true ends with the test's own time."""
    while not true():
        time.sleep(0.02)


@dataclass
class Clerk:
    """A desk that pushes until it is told to end. ``told`` is what it has receipts for."""

    office: SampleOffice
    recorder: int
    ended: threading.Event
    told: int = 0
    refused: int = 0
    stopped: str = ""

    def run(self) -> None:
        place, number = get_office(OFFICE_CODE), 0
        [pattern] = make_units(place, china_date(system_clock()), count=1)
        while not self.ended.is_set():
            uscc = invented_uscc(place.area_code, number)
            unit = replace(pattern, values={**pattern.values, "uscc": uscc, "name": f"演练第{number}小学"})
            self.office.file(self.office.register(unit), unit)
            items, self.office.outbox = self.office.outbox, []
            if not self.push(self.office.batch(items)):
                return
            number += 1

    def push(self, batch: bytes) -> bool:
        """Send until there is an answer; False when the hub does not want to hear any more of this."""
        while True:
            status, body = self.office.post("/api/v1/actions", batch)
            if status == 200:
                receipts = unwrap(body).payload["receipts"]
                hashes = [each["hash"] for each in receipts if each["verdict"] == "recorded"]
                if len(hashes) < len(receipts):
                    self.stopped = "rejected"
                    return False
                os.write(self.recorder, "".join(f"{each}\n" for each in hashes).encode())
                os.fsync(self.recorder)
                self.told += 1
                return True
            if status not in (0, 503):
                self.stopped = f"{status} {body[:80]!r}"
                return False
            self.refused += 1
            if self.ended.is_set():
                return False
            time.sleep(0.02)


class Drill:
    """A hub process on two machines, and desks that push."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.machines = Machines(folder, new_server())
        stack.callback(self.machines.stop)
        self.machines.stand_in(self.machines.primary)
        port, key = free_port(), system_random(32)
        url = self.machines.primary.url()
        init(url, f"http://127.0.0.1:{port}", folder / "root.pem", key, True).database.close()
        self.log = folder / "acknowledged"
        self.recorder = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        stack.callback(os.close, self.recorder)
        self.ended = threading.Event()
        hub = open_hub(url, key)
        self.clerks = []
        for _ in range(DESKS):
            office = SampleOffice(self.post, system_clock, rehearsal=True)
            office.enrolled(accept(hub, office.enrolment(), False))
            self.clerks.append(Clerk(office, self.recorder, self.ended))
        hub.database.close()
        self.where = urlsplit(f"http://127.0.0.1:{port}")
        self.key = key
        self.arguments = [str(port), key.hex()]

    def start(self, stack: ExitStack) -> None:
        """Start the hub, once, and the desks."""
        process = subprocess.Popen(
            [sys.executable, "-c", HUB, self.machines.url, *self.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(process.communicate, timeout=60)
        assert process.stdout is not None and process.stdout.readline()
        self.process = process
        threads = [threading.Thread(target=clerk.run) for clerk in self.clerks]
        for thread in threads:
            thread.start()

        def end() -> None:
            self.ended.set()
            for thread in threads:
                thread.join()

        self.end = end
        stack.callback(end)

    def post(self, path: str, data: bytes) -> tuple[int, bytes]:
        line = http.client.HTTPConnection(self.where.hostname or "", self.where.port, timeout=60)
        try:
            line.request("POST", path, data)
            answer = line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as fault:
            return 0, repr(fault).encode()
        finally:
            line.close()

    def told(self) -> int:
        return sum(clerk.told for clerk in self.clerks)

    def work(self, receipts: int) -> None:
        """Let the desks get so many more receipts."""
        goal = self.told() + receipts
        until(lambda: self.told() >= goal or any(clerk.stopped for clerk in self.clerks))

    def outcome(self) -> tuple[int, int, int]:
        """Return how much was acknowledged, lost, and doubled in what is left of the database."""
        acknowledged = self.log.read_text().split()
        engine = create_engine(self.machines.primary.url(), poolclass=NullPool)
        table = tables.action
        with engine.connect() as connection:
            rows = connection.execute(select(table.c.office, table.c.position, table.c.hash)).all()
        there = {row.hash for row in rows}
        for office in {row.office for row in rows}:
            places = sorted(row.position for row in rows if row.office == office)
            assert places == list(range(1, len(places) + 1)), "the feed has no gap and no place twice"
        lost = len(set(acknowledged) - there)
        return len(acknowledged), lost, len(rows) - len(there) + len(acknowledged) - len(set(acknowledged))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as made:
        yield made


def test_failovers_under_load_lose_and_double_nothing(
    tmp_path: Path, stack: ExitStack, capsys: pytest.CaptureFixture[str]
) -> None:
    drill = Drill(tmp_path, stack)
    drill.machines.follow(synchronous=True)
    drill.start(stack)
    seconds = []
    for number in range(FAILOVERS):
        drill.work(BETWEEN)
        begun = time.monotonic()
        drill.machines.fail_over()
        drill.work(DESKS + 1)  # at most one answer a desk was on its way
        seconds.append(time.monotonic() - begun)
        if number + 1 < FAILOVERS:
            drill.machines.follow(synchronous=True)
    drill.end()
    assert not [clerk.stopped for clerk in drill.clerks if clerk.stopped]
    assert drill.process.poll() is None, "the same hub process all along"
    acknowledged, lost, doubled = drill.outcome()
    assert (lost, doubled) == (0, 0) and acknowledged > FAILOVERS * BETWEEN
    refused = sum(clerk.refused for clerk in drill.clerks)
    with capsys.disabled():
        back = f"service back {sorted(seconds)[len(seconds) // 2]:.1f} s (at most {max(seconds):.1f})"
        print(
            f"\nR10 failover: failovers {FAILOVERS}, acknowledged {acknowledged}, lost 0, doubled 0, {back}"
        )
        print(f"  requests refused or cut meanwhile {refused}, load {os.getloadavg()[0]:.1f}")


def test_the_control_an_asynchronous_standby_that_lags_loses_what_was_acknowledged(
    tmp_path: Path, stack: ExitStack, capsys: pytest.CaptureFixture[str]
) -> None:
    drill = Drill(tmp_path, stack)
    drill.machines.follow(synchronous=False)
    drill.start(stack)
    drill.work(BETWEEN)
    drill.machines.fall_behind()
    drill.work(BETWEEN)
    drill.machines.fail_over()
    until(lambda: any(clerk.stopped for clerk in drill.clerks))
    drill.end()
    acknowledged, lost, _ = drill.outcome()
    assert lost > 0
    assert all("chain_gap" in clerk.stopped for clerk in drill.clerks if clerk.stopped), "and a desk notices"
    with capsys.disabled():
        print(f"\nR10 control (asynchronous, behind): acknowledged {acknowledged}, lost {lost}")


def test_a_lost_machine_is_given_up_soon_and_the_address_may_say_otherwise() -> None:
    """What libpq is told; a machine that vanishes cannot be had here."""
    server = new_server()
    try:
        for url, timeout in ((server.url(), 5), (f"{server.url()}&connect_timeout=9", 9)):
            database: Database = open_database(url, bytes(32))
            with database.read() as connection:
                raw = connection.connection.dbapi_connection
                assert raw is not None
                told = raw.info.get_parameters()
            database.close()
            wanted = {name: str(value) for name, value in {**VANISHED, "connect_timeout": timeout}.items()}
            assert {name: told.get(name) for name in wanted} == wanted
    finally:
        server.stop()
