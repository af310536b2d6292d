"""Desk and hub are killed again and again over a line that cuts: no case is lost, none arrives twice.

Real processes: a hub (``app.py hub``) on PostgreSQL, SQLite where there is none; a desk that files invented
cases through the services and syncs after every batch; between them a proxy that resets, delays and cuts.
What the desk acknowledged stands in a file it fsyncs. The known-bad control, a desk that takes what it sends
for received, must lose. ``CERTDESK_KILL_CASES`` sets the size; ``CERTDESK_KILL_SECONDS``, if given, ends the
filing earlier.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select as query

from core.clock import system_clock
from core.ids import system_random
from core.services.offices import enrol, enrolment_request
from core.services.session import Ports
from core.store.checkpoints import Checkpoints
from core.sync.comparing import edge_of
from core.sync.http_hub import HttpHub
from core.sync.witness import root_at
from core.tlog.merkle import CompactRange
from hub import tables
from hub.engine import open_database
from hub.enrolments import accept
from hub.keyfile import key_for, make_key
from hub.log_tables import log_tree
from hub.setup import init
from tests.core.services.office_kit import OfficeKit
from tests.e2e.desk_kit import APP, Hub
from tests.faults.cutting_proxy import Weather, cutting
from tests.faults.desk_worker import key_text
from tests.postgres import binaries, fresh_database

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is a Unix thing")
ROOT = Path(__file__).resolve().parents[2]
CASES = int(os.environ.get("CERTDESK_KILL_CASES", "1000"))
SECONDS = float(os.environ.get("CERTDESK_KILL_SECONDS", "inf"))
LINE_FAULTS = {"hub_unreachable", "hub_answer_damaged", "hub_failing"}
"""What a cut line and a dying hub may look like to the desk; anything else is a finding."""


class MortalHub(Hub):
    """A hub process that is killed and started again without anybody waiting for it."""

    kills = 0
    waited = True

    def launch(self) -> None:
        """Start the process; :meth:`await_ready` says when it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*APP, "hub", *self.where, "--listen", f"127.0.0.1:{self.port}", "--http"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        self.waited = False

    def await_ready(self) -> None:
        """Return when it listens."""
        if not self.waited:
            assert self.process is not None and self.process.stdout is not None
            assert json.loads(self.process.stdout.readline()) == {"ready": True, "url": self.url}
            self.waited = True

    def die(self) -> None:
        """SIGKILL, whatever it is doing, its own start excepted."""
        self.await_ready()
        assert self.process is not None and self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process = None
        self.kills += 1


class SyncNursery:
    """Starts desks on one folder and kills them; counts what they said."""

    def __init__(self, kit: OfficeKit, recorder: Path) -> None:
        self.recorder = recorder
        command = [sys.executable, "-m", "tests.faults.sync_worker", str(kit.folder.root), str(recorder)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.buffer = b""
        self.kills, self.synced, self.rejected = 0, 0, 0
        self.faults: Counter[str] = Counter()
        self.pending = -1
        self.pace, self._last = 2.0, time.monotonic()
        self._write(json.dumps(key_text(kit.unlocked["clerk"])))

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def line(self, seconds: float | None = None) -> Any:
        """Return the next line said, or None when nothing was said in time."""
        assert self.process.stdout is not None
        while b"\n" not in self.buffer:
            if seconds is not None and not select.select([self.process.stdout], [], [], seconds)[0]:
                return None
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the nursery died"
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    def start(self, port: int, seed: int, target: int, mode: str) -> int:
        """Start a desk; return its process id."""
        self._write(f"{port} {seed} {target} {mode}")
        return int(self.line()["pid"])

    def listen(self, seconds: float | None, *, one_cycle: bool = False) -> bool:
        """Take down what is said for ``seconds``, None for all its life; return whether the desk ended.

        ``one_cycle``: only until a cycle has ended, well or not.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            line = self.line(None if end is None else max(0.0, end - time.monotonic()))
            if line is None:
                return False
            if isinstance(line, dict) and "dead" in line:
                killed = os.WIFSIGNALED(line["dead"]) and os.WTERMSIG(line["dead"]) == signal.SIGKILL
                self.kills += killed
                assert killed or line["dead"] == 0, "the desk fell over by itself"
                return True
            self._note(line)
            if isinstance(line, dict) and line.keys() & {"synced", "fault"}:
                # How long a batch takes with its cycle: the knife has to reach all of it.
                now = time.monotonic()
                self.pace, self._last = min(now - self._last, 60.0), now
                if one_cycle:
                    return False

    def _note(self, line: Any) -> None:
        if isinstance(line, dict) and "fault" in line:
            known = line["fault"] in LINE_FAULTS
            self.faults[line["fault"] if known else f"{line['fault']} {line['reason']}"] += 1
        elif isinstance(line, dict) and "synced" in line:
            self.synced += 1
            self.rejected += len(line["rejected"])
        elif isinstance(line, dict) and "pending" in line:
            self.pending = line["pending"]

    def acknowledged(self) -> list[str]:
        """Return the action hashes in the recorder. A last line cut by the knife was never said."""
        text = self.recorder.read_text("ascii") if self.recorder.exists() else ""
        return [line for line in text.splitlines() if len(line) == 64]

    def count_acknowledged(self) -> int:
        """Return about how many actions those are, without reading them."""
        return self.recorder.stat().st_size // 65 if self.recorder.exists() else 0

    def close(self) -> None:
        """Send everybody home."""
        self.process.kill()
        self.process.communicate()


@dataclass(frozen=True)
class Verdict:
    """What hub and desk hold in the end, held against the recorder."""

    lost: int
    doubled: int
    cases: int
    positions: list[int]
    same_actions: bool
    same_count: bool
    roots: set[bytes]


def judge(kit: OfficeKit, hub: MortalHub, told: list[str]) -> Verdict:
    """Read both databases themselves. The hub's log root is compared with two of the desk's own."""
    with kit.sit("auditor") as desk, desk.read() as uow:
        ours = {str(row[0]) for row in uow.connection.exec_driver_sql("SELECT hash FROM action")}
        count, edge, office = uow.ledger.count_recorded(), edge_of(uow), desk.office
        size = Checkpoints(uow.connection).newest()
        roots = {root_at(uow, count)} | (set() if edge is None else {edge.root()})
        assert size is not None
    database = open_database(hub.db, key_for(hub.db, hub.folder / "hub.key"))
    try:
        with database.read() as connection:
            held = query(tables.action).where(tables.action.c.office == office)
            rows = connection.execute(held.order_by(tables.action.c.position)).all()
            tree = connection.execute(query(log_tree).where(log_tree.c.office == office)).one()
    finally:
        database.close()
    hashes = Counter(str(row.hash) for row in rows)
    bodies = [json.loads(row.body) for row in rows]
    # Twice in any sense: an action, its id, its number in the desk's chain, a case's number.
    numbers = Counter((body["device"], body["device_epoch"], body["seq"]) for body in bodies)
    filed = Counter(body["public"]["case_no"] for body in bodies if body["kind"] == "case_filed")
    seen: tuple[Counter[Any], ...] = (hashes, Counter(str(row.id) for row in rows), numbers, filed)
    return Verdict(
        lost=len(set(told) - set(hashes)),
        doubled=sum(each.total() - len(each) for each in seen),
        cases=filed.total(),
        positions=[int(row.position) for row in rows],
        same_actions=ours == set(hashes),
        same_count=len(rows) == count == int(tree.size),
        roots=roots | {CompactRange.from_text(tree.edge).root()},
    )


@contextmanager
def enrolled_hub(kit: OfficeKit, place: Path, db: str = "") -> Iterator[MortalHub]:
    """A running hub that knows the kit's office; both by this machine's clock."""
    hub = MortalHub(place, db)
    key = make_key(hub.db, place / "hub.key")
    made = init(hub.db, hub.url, place / "root.pem", key, True)
    kit.ports = Ports(system_clock, system_random)
    try:
        with kit.sit("admin") as admin:
            accept(made, enrolment_request(admin), False)
    finally:
        made.database.close()
    hub.launch()
    try:
        hub.await_ready()
        with kit.sit("admin") as admin:
            assert enrol(admin, HttpHub(hub.url, plain_http=True)) is not None
        yield hub
    finally:
        if hub.process is not None:
            hub.process.kill()
            hub.process.communicate()


def ordeal(hub: MortalHub, nursery: SyncNursery, port: int, cases: int) -> None:
    """Kill desk and hub at random moments until all cases are filed, or the time is over."""
    random, end = Random(f"ordeal {cases}"), time.monotonic() + SECONDS
    for seed in range(10**6):
        if time.monotonic() > end:
            return
        if seed % 20 == 0:  # seen with -s: a run of hours should say how far it is
            said = f"desk kills {nursery.kills}, hub kills {hub.kills}, cycles whole {nursery.synced}"
            print(f"acknowledged {nursery.count_acknowledged()}, {said}", flush=True)
        pid = nursery.start(port, seed, cases, "work")
        # Lives are counted in cycles, not seconds: on a slow machine a desk would die before its first.
        for _ in range(random.randint(0, 4)):
            if nursery.listen(None, one_cycle=True):
                return
            if random.random() < 0.15:
                if nursery.listen(random.uniform(0.0, 3.0)):
                    return
                hub.die()
                hub.launch()
                hub.await_ready()  # the desk goes on meanwhile
        if nursery.listen(random.uniform(0.1, max(2.0, nursery.pace))):
            return
        os.kill(pid, signal.SIGKILL)
        nursery.listen(None)


def a_server(request: pytest.FixtureRequest, stack: ExitStack) -> str:
    """Return an empty database's address; empty, for SQLite, where there is no PostgreSQL."""
    try:
        if not os.environ.get("CERTDESK_TEST_PG"):
            binaries()
    except pytest.skip.Exception:
        return ""
    return stack.enter_context(fresh_database(request.getfixturevalue("postgres_server")))


@pytest.mark.slow
@pytest.mark.timeout(300 + CASES)
def test_kills_and_cuts_lose_and_double_nothing(
    kit: OfficeKit, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    weather = Weather("sync kills")
    with ExitStack() as stack:
        hub = stack.enter_context(enrolled_hub(kit, tmp_path, a_server(request, stack)))
        nursery = SyncNursery(kit, tmp_path / "acknowledged")
        stack.callback(nursery.close)
        port = stack.enter_context(cutting(("127.0.0.1", hub.port), weather))
        began = time.monotonic()
        ordeal(hub, nursery, port, CASES)
        suffered = time.monotonic() - began
        weather.heal()
        hub.await_ready()
        nursery.start(port, 0, 0, "heal")
        nursery.listen(None)
        told = nursery.acknowledged()
        found = judge(kit, hub, told)
        print(
            f"R08/R11 sync kills: cases {found.cases}, desk kills {nursery.kills}, hub kills {hub.kills}, "
            f"cuts {weather.cuts}, lost {found.lost}, doubled {found.doubled}\n"
            f"  hub {urlsplit(hub.db).scheme}, acknowledged {len(told)}, at the hub {len(found.positions)}, "
            f"delays {weather.done['delay']}, cycles whole {nursery.synced}, faults {dict(nursery.faults)}, "
            f"rejected {nursery.rejected}, seconds {suffered:.0f}"
        )
    assert nursery.pending == 0
    assert (found.lost, found.doubled, nursery.rejected) == (0, 0, 0)
    assert len(set(told)) == len(told)
    assert found.cases == CASES or suffered > SECONDS
    assert found.positions == list(range(1, len(found.positions) + 1))
    assert found.same_actions and found.same_count and len(found.roots) == 1
    assert set(nursery.faults) <= LINE_FAULTS
    # Else this proved little: without whole cycles on the way everything arrived while healing.
    assert min(nursery.kills, hub.kills, weather.cuts, nursery.synced - 1) > 0


def test_a_desk_that_takes_the_sent_for_received_loses_and_is_caught(kit: OfficeKit, tmp_path: Path) -> None:
    """The control (known bad): without it, a check that sees nothing would pass the test above."""
    weather = Weather("control", share=0.0, only_up=True)
    with ExitStack() as stack:
        hub = stack.enter_context(enrolled_hub(kit, tmp_path))
        nursery = SyncNursery(kit, tmp_path / "acknowledged")
        stack.callback(nursery.close)
        port = stack.enter_context(cutting(("127.0.0.1", hub.port), weather))
        nursery.start(port, 0, 0, "heal")  # office and people arrive; what follows is the control's own loss
        nursery.listen(None)
        weather.share = 0.6
        nursery.start(port, 1, 60, "early")
        nursery.listen(None)
        weather.heal()
        nursery.start(port, 0, 0, "heal")
        nursery.listen(None)
        told = nursery.acknowledged()
        found = judge(kit, hub, told)
    print(f"R08/R11 sync kills: control lost {found.lost} of {len(told)}, cuts {weather.cuts}")
    assert found.lost > 0
    assert not found.same_actions
