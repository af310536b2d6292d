"""One desk floods the hub while others sync and a phone claims (T27): how long the others wait.

    python -m benchmarks.flood [--seconds 40] [--database sqlite|postgresql] [--flood full|paced]

A real hub process on TLS, every desk with its certificate. Four desks work at the pace of a case a second:
push a case of seven actions, pull the feed, ask how a phone fares; a phone claims one certificate after
another. The flood is one more desk with fifty connections from a process of its own: ``paced``, each at
the pace of one desk, or ``full``, each as quick as it can; every request is a signed batch of 980 actions,
and a refusal is answered by trying again at once. Three runs: nobody floods; the hub as it is; and the
known-bad control, the same hub without budgets and turns. Counted as acknowledged is what a desk has its
receipt for, written down before it goes on; at the end each has to be in the record exactly once.
"""

from __future__ import annotations

import argparse
import http.client
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from benchmarks.hub_load import ACTIONS_OF_A_CASE, Load
from core.clock import system_clock
from core.ids import system_random
from core.sync.envelope import unwrap
from core.sync.identity import Identity
from hub import tables
from hub.setup import Hub, init, open_hub
from hub.tls import make_test_tls
from tests.hub.conftest import free_port
from tests.hub.wallet import Wallet
from tests.postgres import fresh_database, new_server

DESKS, CONNECTIONS, PACE = 4, 50, 1.0
BATCH_CASES = 140
HUB = """
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
import hub.turns, hub.web
from hub.serve import serve
db, port, key, cert, secret, fair = sys.argv[1:]
if fair == "no":
    hub.turns.DESK = replace(hub.turns.DESK, connections=10**6)
    hub.web.Turns = partial(hub.turns.Turns, fair=False)
serve(db, "127.0.0.1", int(port), bytes.fromhex(key), (Path(cert), Path(secret)),
      lambda address: print(address, flush=True), watch=sys.stdin.buffer)
"""


@dataclass
class Place:
    """A hub's process and what is needed to speak to it."""

    hub: Hub
    url: str
    ca: Path
    pid: int

    def peak(self) -> int:
        """Return the most memory the hub's process held, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) >> 10


@contextmanager
def hub_process(db: str, folder: Path, fair: bool) -> Iterator[Place]:
    """Run a new hub in a process of its own."""
    port, key = free_port(), system_random(32)
    cert, secret, ca = make_test_tls(folder / "tls", system_clock())
    hub = init(db, f"https://127.0.0.1:{port}", folder / "root.pem", key, True)
    hub.database.close()
    arguments = [db, str(port), key.hex(), str(cert), str(secret), "yes" if fair else "no"]
    process = subprocess.Popen(
        [sys.executable, "-c", HUB, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    url = process.stdout.readline().decode().strip()
    looking = open_hub(db, key)
    try:
        yield Place(looking, url, ca, process.pid)
    finally:
        looking.database.close()
        process.communicate(timeout=30)


class Line:
    """A desk's way to the hub: a connection for each request, as the product's desks have it."""

    def __init__(self, place: Place, load: Load) -> None:
        self.context = ssl.create_default_context(cafile=str(place.ca))
        self.port = urlsplit(place.url).port or 0
        load.office.post = self.post
        told = load.office.ask("/api/v1/device-certificate", load.office.envelope("device-certificate"))
        self.seed, self.chain = load.office.signer.seed(), str(told["x509"])
        Identity(self.chain, self.seed).show_in(self.context)

    def post(self, path: str, data: bytes) -> tuple[int, bytes]:
        """One request."""
        line = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=120, context=self.context)
        try:
            line.request("POST", path, data, {"Content-Type": "application/json"})
            answer = line.getresponse()
            body = answer.read()
            if answer.status == 503:
                time.sleep(float(answer.headers.get("Retry-After", "5")))
            return answer.status, body
        finally:
            line.close()


@dataclass
class Waits:
    """Seconds waited, by what was asked; acknowledged actions; what was refused."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def timed(self, name: str, ask: Callable[[], tuple[int, bytes]]) -> bytes | None:
        """Ask and note how long it took; None when it was refused."""
        start = time.perf_counter()
        try:
            status, body = ask()
        except OSError as fault:
            status, body = 0, type(fault).__name__.encode()
        self.seconds.setdefault(name, []).append(time.perf_counter() - start)
        if status != 200:
            self.refused[f"{name} {status}"] += 1
            return None
        return body


def work(load: Load, waits: Waits, end: float) -> None:
    """A desk at the pace of one case a second; what was not answered is sent again."""
    office, pending, after = load.office, b"", 0
    while time.perf_counter() < end:
        begun = time.perf_counter()
        pending = pending or load.batch(1)[0]
        told = waits.timed("push", lambda data=pending: office.post("/api/v1/actions", data))  # type: ignore[misc]
        if told is not None:
            receipts = unwrap(told).payload["receipts"]
            waits.acknowledged += [each["hash"] for each in receipts if each["verdict"] == "recorded"]
            pending = b""
        asked = office.envelope("feed", after=after, limit=1000)
        page = waits.timed("feed", lambda data=asked: office.post("/api/v1/feed", data))  # type: ignore[misc]
        after = after if page is None else unwrap(page).payload["next"]
        asked = office.envelope("claim-progress", jti=[])
        waits.timed("progress", lambda data=asked: office.post("/api/v1/claims/progress", data))  # type: ignore[misc]
        time.sleep(max(0.0, PACE - (time.perf_counter() - begun)))


def claim(load: Load, place: Place, waits: Waits, end: float) -> None:
    """A phone that claims one certificate after another; its office has approved them before."""
    approved = [load.case() for _ in range(60)]
    while load.office.outbox:
        now, load.office.outbox = load.office.outbox[:400], load.office.outbox[400:]
        load.office.ask("/api/v1/actions", load.office.batch(now))
    for each in approved:
        load.office.send_paper(each.case)
        minted = load.office.mint(each)
        load.office.push_all_recorded()
        if time.perf_counter() > end:
            return
        wallet = Wallet(place.url, system_clock)

        def whole(
            wallet: Wallet = wallet, text: str = minted.text, pin: str = minted.pin
        ) -> tuple[int, bytes]:
            answer = wallet.ask_token(text, pin)
            return (answer := wallet.ask_credential()).status if answer.status == 200 else answer.status, b""

        waits.timed("claim", whole)
        time.sleep(PACE)


FLOOD = """
import sys
from benchmarks.flood import flood
flood(*sys.argv[1:])
"""


def flood(folder: str, port: str, pause: str, seconds: str) -> None:
    """The flooding desk's process: a prepared batch, over and over, on fifty connections."""
    place, told, lock = Path(folder), Counter[str](), threading.Lock()
    body = (place / "batch").read_bytes()
    context = ssl.create_default_context(cafile=str(place / "tls" / "ca.pem"))
    Identity((place / "chain").read_text(), (place / "seed").read_bytes()).show_in(context)
    end = time.perf_counter() + float(seconds)

    def one() -> None:
        line: http.client.HTTPSConnection | None = None
        while time.perf_counter() < end:
            begun = time.perf_counter()
            try:
                line = line or http.client.HTTPSConnection(
                    "127.0.0.1", int(port), timeout=60, context=context
                )
                line.request("POST", "/api/v1/actions", body)
                answer = line.getresponse()
                answer.read()
                what = str(answer.status)
            except (OSError, http.client.HTTPException):
                what, line = "closed", None
            with lock:
                told[what] += 1
            time.sleep(max(0.0, float(pause) - (time.perf_counter() - begun)))

    threads = [threading.Thread(target=one) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(dict(told), flush=True)


def run(name: str, db: str, folder: Path, seconds: float, *, fair: bool, pause: float | None) -> None:
    """One run; prints its lines."""
    folder.mkdir()
    with hub_process(db, folder, fair) as place:
        os.environ["SSL_CERT_FILE"] = str(place.ca)  # the phone's urllib
        loads = [Load(place.hub, 200) for _ in range(DESKS + 2)]
        lines = [Line(place, load) for load in loads]
        for load in loads:
            load.office.push_all_recorded()
        (folder / "batch").write_bytes(loads[-1].batch(BATCH_CASES)[0])
        (folder / "chain").write_text(lines[-1].chain)
        (folder / "seed").write_bytes(lines[-1].seed)
        waits, end = Waits(), time.perf_counter() + seconds
        process = None
        if pause is not None:
            process = subprocess.Popen(
                [sys.executable, "-c", FLOOD, str(folder), str(lines[-1].port), str(pause), str(seconds)],
                stdout=subprocess.PIPE,
            )
        threads = [threading.Thread(target=work, args=(load, waits, end)) for load in loads[:DESKS]]
        threads.append(threading.Thread(target=claim, args=(loads[DESKS], place, waits, end)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        told = process.communicate()[0].decode().strip() if process else ""
        _report(name, place, waits, loads[-1], told)


def _report(name: str, place: Place, waits: Waits, flooding: Load, told: str) -> None:
    with place.hub.database.read() as connection:
        there = Counter(connection.execute(select(tables.action.c.hash)).scalars())
        own = tables.action.c.office == flooding.office.office
        by_flood = len(connection.execute(select(tables.action.c.hash).where(own)).all())
    lost = sum(each not in there for each in waits.acknowledged)
    doubled = sum(count > 1 for count in there.values())
    print(f"{name} (load {os.getloadavg()[0]:.1f})" + (f"; flood was told {told}" if told else ""))
    every = sorted(each for seconds in waits.seconds.values() for each in seconds)
    for what, seconds in [*waits.seconds.items(), ("all", every)]:
        seconds = sorted(seconds)
        p50, p99 = seconds[len(seconds) // 2], seconds[min(len(seconds) - 1, len(seconds) * 99 // 100)]
        print(
            f"  {what:9} {len(seconds):5}  p50 {p50 * 1000:7.0f} ms  p99 {p99 * 1000:7.0f} ms"
            f"  most {seconds[-1] * 1000:7.0f} ms"
        )
    print(f"  acknowledged {len(waits.acknowledged)}, lost {lost}, doubled {doubled}", end="")
    print(f", refused {dict(waits.refused)}, hub at most {place.peak()} MiB", end="")
    print(f"; of the flood recorded {by_flood} of {3 + BATCH_CASES * ACTIONS_OF_A_CASE}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--only", default="", help="part of a run's name")
    parser.add_argument("--flood", choices=("full", "paced"), default="full")
    options = parser.parse_args()
    pause = PACE if options.flood == "paced" else 0.0
    with ExitStack() as stack:
        base = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = None
        if options.database == "postgresql":
            server = new_server(durable=True)
            stack.callback(server.stop)
        runs = {
            "nobody floods": (True, None),
            "with budgets": (True, pause),
            "control, no budgets": (False, pause),
        }
        for number, (name, (fair, flooding)) in enumerate(runs.items()):
            if options.only not in name:
                continue
            db = f"sqlite:///{base / f'hub-{number}.db'}"
            with ExitStack() as database:
                if server is not None:
                    db = database.enter_context(fresh_database(server.url()))
                run(name, db, base / str(number), options.seconds, fair=fair, pause=flooding)


if __name__ == "__main__":
    main()
