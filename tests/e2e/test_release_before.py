"""A desk that still runs the release before, against this hub: its own program, in processes of its own.

The older program is taken from the repository's history; where that is not at hand the test is skipped.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from hub.turns import Busy
from hub.web import busy
from tests.e2e import desk_kit as kit
from tests.e2e.desk_kit import ROOT, Hub, app
from tests.e2e.test_verbs import _unit, _values

pytestmark = pytest.mark.slow

BEFORE = "b80e4f3"
"""The last commit of issue 2."""


class OldDesk:
    """The older program and its data folder."""

    def __init__(self, place: Path) -> None:
        done = subprocess.run(
            ["git", "archive", "--format=tar", BEFORE], cwd=ROOT, capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("the repository's history is not at hand")
        self.program, self.data, self.inputs = place / "program", place / "desk", place / "inputs"
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(self.program, filter="data")
        self.inputs.mkdir()

    def run(self, *typed: str | Path, exit: int = 0) -> dict[str, Any]:
        """Run one of the older program's verbs; return its answer."""
        command = [sys.executable, str(self.program / "app.py"), *map(str, typed), "--data", str(self.data)]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False, cwd="/")
        assert done.returncode == exit, (typed, done.stdout.decode(), done.stderr.decode())
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def as_(self, login: str, *typed: str | Path, exit: int = 0) -> dict[str, Any]:
        """Run a verb as one of the people."""
        return self.run(*typed, "--as", login, "--password-file", self.inputs / f"{login}.txt", exit=exit)

    def file(self, name: str, value: Any) -> Path:
        """Write an input file."""
        return kit.write_json(self.inputs / name, value)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """This program's hub."""
    hub = Hub(tmp_path)
    assert hub.init(tmp_path / "root.pem").exit == 0
    hub.start()
    yield hub
    hub.stop()


def test_a_desk_of_the_release_before_works_against_this_hub(tmp_path: Path, hub: Hub) -> None:
    desk = OldDesk(tmp_path)
    people = []
    for login, roles in {"boss": ["admin"], "clerk": ["clerk"], "check": ["reviewer"]}.items():
        (desk.inputs / f"{login}.txt").write_text(f"secret of {login}\n", "utf-8")
        secret = {"password_file": f"{login}.txt", "roles": roles}
        people.append({"login": login, "name": f"演练{login}", **secret})
    office = desk.file("office.json", {"office": kit.OFFICE, "people": people})
    recovery = desk.inputs / "recovery.json"
    desk.run("office", "init", office, "--rehearsal", "--recovery-out", recovery)
    asked = desk.as_("boss", "office", "enrol", hub.url)
    assert app("hub", "enrol", asked["fingerprint"], *hub.where).exit == 0
    assert desk.as_("boss", "office", "enrol", hub.url)["state"] == "enrolled"
    desk.as_("clerk", "unit", "add", desk.file("unit.json", _unit(kit.USCC, "演练第九小学")))
    case = {"form": "attachment-1", "unit": kit.USCC, "values": _values()}
    made = desk.as_("clerk", "case", "add", desk.file("case.json", case))
    report = desk.as_("clerk", "sync")
    assert report["pushed"] >= 5 and report["pending"] == 0 and report["rejected"] == []
    assert desk.as_("clerk", "sync")["pushed"] == 0
    shown = desk.as_("clerk", "case", "show", made["lines"][0]["case"])
    assert shown["delivery"] == "recorded"
    _goes_on_with_this_program(desk, hub)


def _goes_on_with_this_program(desk: OldDesk, hub: Hub) -> None:
    """The same folder, opened by this program afterwards, goes on where the older one was."""
    login = ("--data", desk.data, "--as", "clerk", "--password-file", desk.inputs / "clerk.txt")
    told = app("sync", *login)
    assert (told.exit, told.body["error"]) == (1, "hub_http_not_chosen"), told.body
    boss = ("--data", desk.data, "--as", "boss", "--password-file", desk.inputs / "boss.txt")
    assert app("office", "enrol", hub.url, "--http", *boss).body["state"] == "enrolled"
    answer = app("sync", *login)
    assert answer.exit == 0, answer.err
    assert (answer.body["pushed"], answer.body["pending"]) == (0, 0)
    assert app("sync", "--dry-run", *login).body["kinds"] == {}


TURNED_AWAY = """
import sys
sys.path.insert(0, sys.argv[1])
from core.errors import EnvironmentFault
from core.sync.http_hub import HttpHub
try:
    HttpHub(sys.argv[2]).enrol(b"{}")
except EnvironmentFault as fault:
    print(fault.code)
"""


def test_a_desk_of_the_release_before_takes_a_busy_hub_for_later(tmp_path: Path) -> None:
    """What this hub says to who is out of turn; the older program's word for it is asked again by itself."""

    class Hub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = busy(Busy("desk_busy", seconds=2))
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(told.body).encode())

        def log_message(self, *said: object) -> None:
            pass

    desk = OldDesk(tmp_path)
    with HTTPServer(("127.0.0.1", 0), Hub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        command = [sys.executable, "-c", TURNED_AWAY, str(desk.program), url]
        done = subprocess.run(command, capture_output=True, timeout=60, check=False, cwd="/")
        server.shutdown()
    assert done.stdout.strip() == b"hub_failing", done.stderr
