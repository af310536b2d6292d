"""``demo``: the whole way from the form to the phone on a rehearsal office, by the verbs themselves.

Everything is invented. The hub runs as its own process; with ``--hold`` it goes on serving approved,
unclaimed cases to any conformant wallet on this machine until it is told to stop.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from core.errors import Cancelled, EnvironmentFault, UserError
from core.verbs.demo_claim import claim_and_check
from core.verbs.demo_office import DemoOffice, Member, found
from core.verbs.demo_steps import Steps
from core.verbs.files import make_folder, write_json, write_private
from core.verbs.hub_process import HubProcess, free_port
from core.verbs.outcome import DONE, Outcome
from core.verbs.running import ServerFiles, Surroundings

_LOOK_SECONDS = 0.5


def run_demo(options: argparse.Namespace, around: Surroundings) -> Outcome:
    """Run the demo; with ``--hold`` answer when ready and return when stopped by SIGTERM or SIGINT.

    Raises ``UserError('data_folder_in_use')``, ``Cancelled`` when stopped before it was ready, and
    whatever a verb raises.
    """
    out = make_folder(options.out.resolve())
    if any((out / name).exists() for name in ("desk", "hub", "report.json", "ready.json")):
        raise UserError("data_folder_in_use")
    with _stopping() as stop:
        demo = _Demo(out, around, http=options.http)
        try:
            demo.walk()
            if not options.hold:
                return Outcome(
                    DONE, {"out": str(out), "report": str(out / "report.json"), "ms": demo.steps.total()}
                )
            demo.hold(options.cases)
            stop.hold()
            while not stop.wait(_LOOK_SECONDS):
                if not demo.hub.running():
                    raise EnvironmentFault("hub_gone")
            return Outcome(DONE, {})
        finally:
            demo.hub.stop()


class _Stop:
    """SIGTERM and SIGINT: while work is done they break it off, while we serve they end it calmly."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._breaking = True

    def hold(self) -> None:
        self._breaking = False

    def arrived(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if not self._event.is_set():
            self._event.set()
            if self._breaking:
                raise Cancelled

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds)


@contextlib.contextmanager
def _stopping() -> Iterator[_Stop]:
    stop = _Stop()
    former = {number: signal.signal(number, stop.arrived) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


class _Demo:
    """One run: its folder, its hub, its office."""

    def __init__(self, out: Path, around: Surroundings, *, http: bool) -> None:
        self.out = out
        self.around = around
        self.steps = Steps(around.tell)
        self.secrets = make_folder(out / "secrets")
        self.files: ServerFiles | None = None if http else around.make_server_files(make_folder(out / "hub"))
        port = free_port()
        self.issuer = f"{'http' if http else 'https'}://127.0.0.1:{port}"
        self.listen = f"127.0.0.1:{port}"
        self.hub = HubProcess(self._serving())
        self.office: DemoOffice | None = None
        self.ca: Path | None = None
        if self.files is not None:
            self.ca = write_private(out / "ca.pem", self.files.ca.read_bytes())

    @property
    def _db(self) -> list[str]:
        database = self.out / "hub" / "hub.db"
        return ["--db", f"sqlite:///{database}", "--key-file", str(self.secrets / "hub.key")]

    def _serving(self) -> list[str]:
        if self.files is None:
            protection = ["--http"]
        else:
            protection = ["--tls-cert", str(self.files.certificate), "--tls-key", str(self.files.key)]
        return [*self._db, "--listen", self.listen, *protection]

    def _hub_verb(self, name: str, *arguments: str) -> None:
        with self.steps.step(name):
            outcome = self.around.hub([*name.split(), *arguments, *self._db])
            if outcome.exit != DONE:
                raise EnvironmentFault("hub_setup_failed", reason=str(outcome.body.get("error", "")))

    def walk(self) -> None:
        """Everything once: two forms, one claimed certificate, the report."""
        make_folder(self.out / "hub")
        root = self.out / "root.pem"
        plain = ["--http"] if self.ca is None else []
        self._hub_verb("hub init", "--url", self.issuer, *plain, "--root-out", str(root), "--rehearsal")
        with self.steps.step("hub"):
            self.hub.start()
        office = self.office = found(self.out, self.secrets, self.issuer, self.ca, self.steps)
        self._enrol(office)
        first, second = office.forms_on_paper()
        office.sync()
        claim = office.mint(first.case, self.out / "claim")
        claimed = claim_and_check(self.out / "claim", root, self.ca, first.claims, self.steps)
        write_private(self.out / "certificate.sdjwt", claimed.certificate)
        office.sync()
        about = {first.form: first.printed, second.form: second.printed, "claims": first.claims}
        write_json(self.out / "case.json", about)
        report = {
            "rehearsal": True,
            "office": office.id,
            "issuer": self.issuer,
            "cases": {first.form: first.case, second.form: second.case},
            "claim": {"claim": claim["claim"], "jti": claim["jti"], "certificate_state": claimed.state},
            "steps": self.steps.rows,
            "ms": self.steps.total(),
        }
        write_json(self.out / "report.json", report)

    def _enrol(self, office: DemoOffice) -> None:
        asked = office.enrol()
        if asked["state"] != "pending":
            raise EnvironmentFault("hub_setup_failed", reason=str(asked["state"]))
        self._hub_verb("hub enrol", str(asked["request"]))
        if office.enrol()["state"] != "enrolled":
            raise EnvironmentFault("hub_setup_failed", reason="pending")

    def hold(self, count: int) -> None:
        """Make the held cases, mint their codes last, close the desk, and say that all is ready."""
        office = self.office
        assert office is not None
        cases = office.held_cases(count)
        office.sync()
        opened = [self._open(office, number, case) for number, case in enumerate(cases, 1)]
        office.close()
        ready: dict[str, Any] = {
            "hub": self.issuer,
            "issuer": self.issuer,
            "desk": str(self.out / "desk"),
            "people": [_told(member) for member in office.members],
            "ca": None if self.ca is None else str(self.ca),
            "root": str(self.out / "root.pem"),
            "open": opened,
            "pid": os.getpid(),
            "made_at": int(time.time()),
        }
        write_json(self.out / "ready.json", ready)
        self.around.answer(Outcome(DONE, ready).line())

    def _open(self, office: DemoOffice, number: int, case: str) -> dict[str, Any]:
        place = self.out / f"open-{number:02d}"
        minted = office.mint(case, place)
        return {"case": case, "dir": str(place), "expires_at": minted["expires_at"]}


def _told(member: Member) -> dict[str, Any]:
    return {
        "login": member.login,
        "roles": [role.value for role in member.roles],
        "password_file": str(member.password_file),
    }
