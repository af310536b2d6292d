"""No planted name, ID number or phone is in any byte a desk writes by itself, crash included (T01).

Searched in clear, UTF-16, GB18030, hex and base64 at every alignment. Exempt is only what a user exported on
purpose. A control plants each canary in each encoding and must be found.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.services.office_kit import OfficeKit, open_kit
from tests.faults.canary_worker import CANARIES, SCAN_MARK
from tests.faults.desk_worker import key_text

ROOT = Path(__file__).resolve().parents[2]


def spellings(canary: bytes | str) -> dict[str, bytes]:
    """Return how a canary may look in a file."""
    if isinstance(canary, bytes):
        plain = {"raw": canary}
    else:
        codecs = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
        plain = {codec: canary.encode(codec) for codec in codecs}
        plain["json"] = json.dumps(canary).strip('"').encode()
    found = dict(plain)
    for name, data in plain.items():
        found[f"{name} hex"] = data.hex().encode()
        found[f"{name} HEX"] = data.hex().upper().encode()
        for shift in range(3):  # base64 of a text that holds it at any alignment: the middle is the same
            coded = base64.b64encode(b"\0" * shift + data).rstrip(b"=")
            found[f"{name} base64+{shift}"] = coded[2 if shift else 0 : -2][(2 if shift else 0) :]
            found[f"{name} base64url+{shift}"] = found[f"{name} base64+{shift}"].translate(
                bytes.maketrans(b"+/", b"-_")
            )
    return found


def sightings(folder: Path, canaries: tuple[bytes | str, ...]) -> list[str]:
    """Return every file that holds a canary, with which and how."""
    seen = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes() + os.fsencode(str(path.relative_to(folder)))
        for number, canary in enumerate(canaries):
            seen += [
                f"{path.name}: canary {number} as {name}"
                for name, spelling in spellings(canary).items()
                if spelling in data
            ]
    return seen


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeKit]:
    """One office for this module: its day is long."""
    kit = open_kit(tmp_path_factory.mktemp("canary"))
    yield kit
    kit.close()


@pytest.fixture(scope="module")
def day(kit: OfficeKit) -> Path:
    """A day's work, killed; returns the folder that holds every file it wrote."""
    office = kit.folder.root
    place, exports, temporary = office.parent / "wire", office.parent / "exports", office / "tmp"
    for folder in (place, exports, temporary):
        folder.mkdir()
    keys = {login: key_text(kit.unlocked[login]) for login in ("clerk", "reviewer", "admin")}
    homes = dict.fromkeys(("TMPDIR", "HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"), str(temporary))
    done = subprocess.run(
        [
            sys.executable,
            "-B",
            "-m",
            "tests.faults.canary_worker",
            *map(str, (office, exports, place / "wire")),
        ],
        input=json.dumps(keys).encode() + b"\n",
        cwd=ROOT,
        env=os.environ | homes,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-3000:]
    (place / "stderr").write_bytes(done.stderr)
    (place / "stdout").write_bytes(done.stdout)
    # Looked at as the knife left it: nobody may open the database before it was searched.
    shutil.copytree(office, office.parent / "as-left")
    return office.parent


def test_a_days_work_leaves_no_canary_in_any_file(day: Path) -> None:
    office = day / "as-left"
    written = {path.name for path in office.rglob("*") if path.is_file()}
    # The places where a leak would be, all really there and not empty.
    for name in ("desk.db", "desk.db-wal", "keyring.json", "desk.log", "auto-1.certdesk"):
        assert name in written and (next(office.rglob(name))).stat().st_size > 0, name
    assert any(name.startswith("crash-") for name in written)
    assert len([path for path in (office / "attachments").rglob("*") if path.is_file()]) == 1
    assert sightings(office, (*CANARIES, SCAN_MARK)) == []


def test_nothing_on_the_wire_or_in_a_code_tells_a_canary(day: Path) -> None:
    wire = (day / "wire" / "wire").read_bytes()
    assert wire.count(b"/api/v1/actions") >= 2 and b"case_filed" in wire and b"person_added" in wire
    assert (day / "wire" / "wire.codes").read_text().startswith("http://127.0.0.1")
    assert sightings(day / "wire", (*CANARIES, SCAN_MARK)) == []


def test_the_canaries_were_really_there(day: Path, kit: OfficeKit) -> None:
    """A control on the day: the desk itself, unlocked, shows every canary."""
    from core.services import applications, people

    with kit.sit("admin") as admin:
        with admin.read() as uow:
            case = applications.get_case(admin, uow.lists.cases()[0].case).case
        texts = [*case.values.values(), *(member.person.name or "" for member in people.members(admin))]
        assert set(CANARIES) <= set(texts)
        assert SCAN_MARK in applications.read_scan(admin, case.scans[0].id)
        assert applications.drafts(admin)[0].values["manager_mobile"] in CANARIES
    assert (day / "exports" / "chosen.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("canary", [*CANARIES, SCAN_MARK], ids=lambda c: str(len(c)))
def test_a_canary_in_any_spelling_would_be_seen(tmp_path: Path, canary: str | bytes) -> None:
    for name, spelling in spellings(canary).items():
        assert len(spelling) >= 6, name
        (tmp_path / "leak").write_bytes(os.urandom(1000) + spelling + os.urandom(1000))
        assert sightings(tmp_path, (canary,)), name
    text = canary if isinstance(canary, bytes) else canary.encode()
    for shift in range(7):  # what a real leak looks like: the canary inside something larger, encoded
        (tmp_path / "leak").write_bytes(base64.b64encode(b"x" * shift + text + b"tail" * 3))
        assert sightings(tmp_path, (canary,)), shift
    (tmp_path / "leak").write_bytes(b"")
    assert sightings(tmp_path, (canary,)) == []
    if isinstance(canary, str):
        (tmp_path / f"{canary}.txt").write_bytes(b"")
        assert sightings(tmp_path, (canary,))  # a file's name counts too
