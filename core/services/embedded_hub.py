"""The embedded hub: a process of its own, started and watched by the desk, on this machine only.

One machine then holds office, hub and root keys, which voids the two-key protection: for rehearsal
and stand-alone offices (architecture.md, "Settled", point 10). Its key reaches it through a pipe.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from core.errors import EnvironmentFault
from core.services.offices import enrol, enrolment_request
from core.services.session import Session
from core.sync.http_hub import HttpHub

START_SECONDS = 30
STOP_SECONDS = 5


@dataclass(frozen=True)
class HubPlan:
    """Where the embedded hub lives, fixed at set-up: its issuer URL is inside codes and certificates."""

    issuer: str
    port: int
    key: str


def _command(*arguments: str) -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, str(Path(__file__).resolve().parents[2] / "app.py"), *arguments]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def plan(session: Session) -> HubPlan | None:
    """Return the plan of a ready embedded hub; None if there is none or its set-up was cut short."""
    with session.read() as uow:
        text, ready = uow.find_meta("embedded_hub"), uow.find_meta("embedded_hub_ready")
    return None if text is None or ready is None else HubPlan(**json.loads(text))


def database_url(session: Session) -> str:
    """Return the embedded hub's database URL."""
    return f"sqlite:///{session.folder.hub / 'hub.db'}"


def set_up(session: Session, *, single_clerk: bool = False) -> HubPlan:
    """Make the embedded hub's keys and database and enrol this office there.

    The key is kept before anything is made with it, and what a cut-short attempt left is made anew: a
    lock or a kill in the middle costs nothing. Raises ``EnvironmentFault('hub_setup_failed')``.
    """
    known = plan(session)
    if known is None:
        known = _decide(session)
        for half_made in (*session.folder.hub.glob("hub.db*"), *session.folder.hub.glob("root.pem")):
            half_made.unlink()
        rehearsal = ["--rehearsal"] if session.rehearsal else []
        root = session.folder.hub / "root.pem"
        where = (*_db(session), "--url", known.issuer, "--http", "--root-out", str(root))
        _run(known, "hub", "init", *where, *rehearsal)
    request = session.folder.hub / "enrolment.json"
    request.write_bytes(enrolment_request(session, single_clerk=single_clerk))
    wish = ["--single-clerk"] if single_clerk else []
    _run(known, "hub", "enrol", str(request), *_db(session), *wish)
    with session.begin() as uow:
        uow.set_meta("embedded_hub_ready", "yes")
    return known


def _decide(session: Session) -> HubPlan:
    session.folder.hub.mkdir(parents=True, exist_ok=True, mode=0o700)
    port = _free_port()
    decided = HubPlan(f"http://127.0.0.1:{port}", port, session.random(32).hex())
    with session.begin() as uow:
        uow.set_meta("embedded_hub", json.dumps(decided.__dict__))
    return decided


def _db(session: Session) -> list[str]:
    return ["--db", database_url(session), "--key-stdin"]


def _run(known: HubPlan, *arguments: str) -> None:
    done = subprocess.run(
        _command(*arguments), input=known.key.encode() + b"\n", capture_output=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise EnvironmentFault("hub_setup_failed", exit=done.returncode)


class EmbeddedHub:
    """The running process. ``start`` waits until it answers; ``stop`` asks, then insists."""

    def __init__(self, session: Session, known: HubPlan) -> None:
        self._plan = known
        self._db = _db(session)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def hub(self) -> HttpHub:
        """The port to speak to it."""
        return HttpHub(self._plan.issuer, plain_http=True)

    def running(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it. Raises ``EnvironmentFault`` port_taken / hub_start_failed."""
        if self.running():
            return
        listen = f"127.0.0.1:{self._plan.port}"
        self._process = subprocess.Popen(
            _command("hub", *self._db, "--listen", listen, "--http", "--stop-with-stdin"),
            stdin=subprocess.PIPE,  # held open: when the desk is gone, however that came, so is its hub
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(self._plan.key.encode() + b"\n")
        self._process.stdin.flush()
        line = _first_line(self._process)
        if b'"ready"' not in line:
            code = "port_taken" if b"port_taken" in line else "hub_start_failed"
            self.stop()
            raise EnvironmentFault(code, port=self._plan.port)

    def stop(self) -> None:
        """Stop it, by force after five seconds."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process = None


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    found: list[bytes] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: found.append(process.stdout.readline()), daemon=True)  # type: ignore[union-attr]
    reader.start()
    reader.join(START_SECONDS)
    return found[0] if found else b""


def start_embedded(session: Session, *, single_clerk: bool = False) -> EmbeddedHub:
    """Set up if need be, start, and enrol; return the running hub."""
    running = EmbeddedHub(session, plan(session) or set_up(session, single_clerk=single_clerk))
    running.start()
    enrol(session, running.hub)
    return running
