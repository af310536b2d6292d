"""The demo as operators run it: once over http, and held open over https for any wallet on this machine."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.clock import system_clock
from core.credentials.certificate_claims import VCT
from core.credentials.sdjwt import leaves, verify
from core.verbs.wallet import claim
from tests.e2e import desk_kit as kit
from tests.e2e.desk_kit import APP, app

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc"),
]

EXPORTS = ("attachment-1.pdf", "attachment-3.pdf", "case.json", "certificate.sdjwt")


def held_by(text: str) -> set[int]:
    """Return the processes whose command line holds ``text``."""
    found = set()
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if text.encode() in place.read_bytes():
                found.add(int(place.parent.name))
        except OSError:
            continue
    return found


def said_by(certificate: str, root: Path) -> dict[str, Any]:
    found = verify(certificate, [root.read_bytes()], system_clock(), VCT, rehearsal=True)
    return leaves(found.claims)


def read_json(path: Path) -> dict[str, Any]:
    value = json.loads(path.read_text("utf-8"))
    assert isinstance(value, dict)
    return value


def people_in(out: Path) -> tuple[str, ...]:
    """Return the names, ID numbers and phones that the demo printed."""
    about = read_json(out / "case.json")
    printed = [*about["attachment-1"]["printed"], *about["attachment-3"]["printed"]]
    numbers = [text for text in printed if text.isascii() and len(text) >= 11]
    return (*numbers, about["claims"]["manager.name"], about["claims"]["representative.name"])


@dataclass(frozen=True)
class Held:
    """A demo that serves."""

    out: Path
    ready: dict[str, Any]
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    out = tmp_path_factory.mktemp("held") / "demo"
    with subprocess.Popen(
        [*APP, "demo", "--out", str(out), "--hold", "--cases", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else b""
            yield Held(out, json.loads(line), process)
        finally:
            process.kill()


def test_the_demo_leaves_what_it_promises(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    answer = app("demo", "--out", out, "--http")
    assert answer.exit == 0, answer.err
    expected = {*EXPORTS, "root.pem", "report.json", "desk", "hub", "secrets", "claim"}
    assert {path.name for path in out.iterdir()} == expected
    about, report = read_json(out / "case.json"), read_json(out / "report.json")
    said = said_by((out / "certificate.sdjwt").read_text("ascii"), out / "root.pem")
    assert about["claims"].items() <= said.items()
    assert max(map(ord, about["claims"]["manager.name"])) > 0xFFFF
    assert about["claims"]["manager.name"] in about["attachment-1"]["printed"]
    assert said["iss"].startswith("http://127.0.0.1:") and said["rehearsal"] is True
    assert report["claim"]["certificate_state"] == "valid"
    assert [row["step"] for row in report["steps"]][-4:] == ["claim mint", "wallet claim", "verify", "sync"]
    assert held_by(str(out)) == set()
    again = app("demo", "--out", out, "--http")
    assert (again.exit, again.body["error"]) == (1, "data_folder_in_use")


def test_a_held_demo_tells_where_everything_is(held: Held) -> None:
    assert read_json(held.out / "ready.json") == held.ready
    assert held.ready["issuer"].startswith("https://127.0.0.1:")
    assert held.ready["pid"] == held.process.pid
    assert len(held.ready["open"]) == 2
    roles = {role for person in held.ready["people"] for role in person["roles"]}
    assert roles == {"admin", "auditor", "clerk", "reviewer"}
    for person in held.ready["people"]:
        assert stat.S_IMODE(Path(person["password_file"]).stat().st_mode) == 0o600
    units = {read_json(Path(each["dir"]) / "case.json")["claims"]["unit.uscc"] for each in held.ready["open"]}
    assert len(units) == 2


def test_any_wallet_claims_an_open_case(held: Held) -> None:
    place = Path(held.ready["open"][0]["dir"])
    offer, pin = (place / "offer.txt").read_text(), (place / "pin.txt").read_text()
    certificate = claim(offer, pin, Path(held.ready["ca"])).certificate
    said = said_by(certificate, Path(held.ready["root"]))
    assert read_json(place / "case.json")["claims"].items() <= said.items()
    assert said["iss"] == held.ready["issuer"]


def test_the_closed_desk_mints_a_fresh_code_by_a_batch_verb(held: Held, tmp_path: Path) -> None:
    person = next(each for each in held.ready["people"] if "clerk" in each["roles"])
    who = ("--data", held.ready["desk"], "--as", person["login"], "--password-file", person["password_file"])
    case, fresh = held.ready["open"][1]["case"], tmp_path / "fresh"
    assert app("claim", "mint", case, "--out", fresh, *who).exit == 0
    pin = (fresh / "pin.txt").read_text()
    certificate = claim((fresh / "offer-by-value.txt").read_text(), pin, Path(held.ready["ca"])).certificate
    said = said_by(certificate, Path(held.ready["root"]))
    assert read_json(fresh / "case.json")["claims"].items() <= said.items()
    assert app("sync", "--ca", held.ready["ca"], *who).body["rejected"] == []


def test_nobody_stands_in_a_file_that_is_no_export(held: Held) -> None:
    people = people_in(held.out)
    assert len(people) >= 8
    opened = [held.out / f"open-{number:02d}" for number in (1, 2)]
    chosen = [held.out / name for name in EXPORTS]
    chosen += [place / name for place in (*opened, held.out / "claim") for name in ("case.json", EXPORTS[0])]
    assert kit.places_of(people, held.out, exempt=tuple(chosen)) == []
    assert kit.places_of(people, held.out) != [], "the search finds what is there"


def test_it_ends_within_four_seconds_and_leaves_nothing_running(held: Held) -> None:
    """Last: it ends the held demo. The patience is the promise itself, not a measurement."""
    assert len(held_by(str(held.out))) == 2, "the demo and its hub"
    os.kill(held.process.pid, signal.SIGTERM)
    assert held.process.wait(timeout=4) == 0
    assert held_by(str(held.out)) == set()
    assert held.process.stdout is not None and held.process.stdout.read() == b""


def test_stopped_before_it_is_ready_it_leaves_nothing_running(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    with subprocess.Popen(
        [*APP, "demo", "--out", str(out), "--hold", "--http"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd="/",
    ) as process:  # fmt: skip
        assert process.stderr is not None and process.stdout is not None
        while b"office init" not in process.stderr.readline():
            pass
        process.terminate()
        assert process.wait(timeout=4) == 1
        assert json.loads(process.stdout.read())["error"] == "cancelled"
    assert held_by(str(out)) == set()
    assert not (out / "ready.json").exists()


def test_a_killed_demo_takes_its_hub_with_it(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    with subprocess.Popen(
        [*APP, "demo", "--out", str(out), "--hold", "--http"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        while b"office init" not in process.stderr.readline():
            pass
        hub = held_by(str(out)) - {process.pid}
        process.kill()
    assert len(hub) == 1
    while held_by(str(out)):  # ends with the pipe; pytest's own patience is the limit
        os.sched_yield()
