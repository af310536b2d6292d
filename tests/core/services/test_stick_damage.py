"""What a stick suffers: every file cut, flipped, gone; full; pulled out; killed half way; made by a stranger.

Whatever happens, each file counts whole or not at all, what is wrong is named, and one more way mends it.
"""

from __future__ import annotations

import base64
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import EnvironmentFault, Refusal
from core.keys.sealing import new_exchange_key
from core.services import stick_export
from core.sync import envelope
from core.sync import scans as lane
from core.sync.compress import decompress
from core.sync.stick import MAGIC, TO_DESK, TO_HUB, Lane, Place, StickReport
from hub.setup import open_hub
from tests.core.services.office_kit import PNG, SeededRandom, password
from tests.core.services.real_hub import KEY, RealHub, lost
from tests.core.services.stick_kit import World, make_world, personal_values

ROOT = Path(__file__).resolve().parents[3]
Damage = Callable[[Path], None]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 4
    path.write_bytes(data)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _gone(path: Path) -> None:
    path.unlink()


DAMAGES: dict[str, tuple[Damage, str]] = {
    "cut": (_cut, "stick_damaged"),
    "flipped": (_flip, "stick_damaged"),
    "empty": (_empty, "stick_damaged"),
    "gone": (_gone, "stick_gap"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A case of eleven small files on the stick, and beside it the stick with the hub's answers."""
    patch = pytest.MonkeyPatch()
    patch.setitem(envelope.BATCH_LIMITS, 2, 4)
    for module in (lane, stick_export):
        patch.setattr(module, "CHUNK", len(PNG) // 3 + 1)
    world = make_world(tmp_path_factory.mktemp("made") / "world")
    world.kit.approved_case()
    world.export()
    yield world
    world.close()
    patch.undo()


@pytest.fixture
def world(made: World, tmp_path: Path) -> Iterator[World]:
    """The made world, for one test."""
    world = made.copy(tmp_path / "world")
    yield world
    world.close()


def _chain_is_whole(world: World) -> None:
    """What the hub holds of the desk is its chain from the first action on, without a gap."""
    holds = world.hub_holds()
    heads = {row[1]: row[3] for row in holds["chain_head"]}
    recorded = len(holds["action"]) + len(holds["rejection"])
    assert sum(heads.values()) == recorded
    for row in holds["scan"]:
        assert row[3] in ("partial", "there") and (row[3] == "partial" or row[6] == row[5] == len(PNG))


def _mended(world: World) -> None:
    sent, there, back = world.carry()
    assert (sent.faults, there.faults, back.faults, back.pending) == ((), (), (), 0)
    world.assert_same()


@pytest.mark.parametrize("how", DAMAGES)
def test_each_file_to_the_hub_damaged_in_turn(made: World, tmp_path: Path, how: str) -> None:
    damage, code = DAMAGES[how]
    names = [path.name for path in made.files(TO_HUB)]
    assert len(names) == 9
    for number, name in enumerate(names):
        world = made.copy(tmp_path / f"{number}")
        damage(world.files(TO_HUB)[number])
        report = world.at_hub()
        faults = {fault.file.rpartition("/")[2]: fault.code for fault in report.faults}
        assert faults.pop(name) == code
        # What hangs on the damaged one is named, too: the batches after a batch that is missing.
        assert set(faults.values()) <= {"stick_gap"}, faults
        assert report.files + len(report.faults) == len(names) + (how == "gone" and not report.faults)
        _chain_is_whole(world)
        assert {fault.code for fault in world.take().faults} <= {"stick_gap"}
        _mended(world)
        world.close()


@pytest.mark.parametrize("how", DAMAGES)
def test_each_answer_damaged_in_turn(made: World, tmp_path: Path, how: str) -> None:
    damage, code = DAMAGES[how]
    answered = made.copy(tmp_path / "answered")
    answered.at_hub()
    names = [path.name for path in answered.files(TO_DESK)]
    assert len(names) > 8
    for number, name in enumerate(names):
        world = answered.copy(tmp_path / f"{number}")
        damage(world.files(TO_DESK)[number])
        before = world.desk_holds()
        report = world.take()
        faults = {fault.file.rpartition("/")[2]: fault.code for fault in report.faults}
        assert faults.pop(name) == code
        assert set(faults.values()) <= {"stick_gap"}, faults
        after = world.desk_holds()
        assert set(before["receipts"]) <= set(after["receipts"])
        assert int(after["feed_cursor"] or 0) <= 12 and not after["halt"]
        _mended(world)
        world.close()
    answered.close()


def test_every_byte_of_a_file_counts(world: World) -> None:
    """One file, each byte flipped: damaged, never taken for something else."""
    path = world.files(TO_HUB)[0]
    own = Lane(world.usb, world.office, path.parent.parent.name, TO_HUB)
    whole = path.read_bytes()
    place, secret = own.places()[0], world.real.hub.exchange_secret
    assert own.read(place, secret)
    step = max(1, len(whole) // 150)
    for at in [*range(0, 60), *range(60, len(whole), step)]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Refusal, match="stick_damaged"):
            own.read(place, secret)
    path.write_bytes(whole)
    with pytest.raises(Refusal, match="stick_foreign"):
        own.read(place, new_exchange_key()[0])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=300), magic=st.booleans(), digest=st.booleans())
def test_junk_is_damaged_or_for_somebody_else(tmp_path: Path, junk: bytes, magic: bool, digest: bool) -> None:
    import hashlib

    body = (MAGIC if magic else b"") + junk
    own = Lane(tmp_path, "office", "desk", TO_HUB)
    own.folder.mkdir(parents=True, exist_ok=True)
    (own.folder / "000001.cds").write_bytes(body + (hashlib.sha256(body).digest() if digest else b""))
    with pytest.raises(Refusal) as told:
        own.read(Place(1), b"s" * 32)
    assert told.value.code in ("stick_damaged", "stick_foreign")


# --- made by a stranger -------------------------------------------------------------------------


def test_odd_things_on_the_stick_are_not_looked_at(world: World, tmp_path: Path) -> None:
    """Links, folders, devices, long numbers, other suffixes: none is opened, and the rest goes on."""
    folder = world.files(TO_HUB)[0].parent
    secret = tmp_path / "outside.cds"
    secret.write_bytes(b"not on the stick")
    (folder / "000900.cds").symlink_to(secret)
    (folder / "000901.cds").mkdir()
    os.mkfifo(folder / "000902.cds")
    odd = ("1.cds", "0000001.cds", "9999999999999.cds", "000001.CDS", "000001.cds.bak", "a.cds", ".part")
    for name in odd:
        (folder / name).write_bytes(b"x")
    (world.usb / "certdesk" / "..hidden").mkdir()
    (world.usb / "certdesk" / "a file").write_bytes(b"x")
    (folder.parent.parent / "名").mkdir()
    os.symlink(folder.parent, folder.parent.parent / "linked")
    report = world.at_hub()
    assert (report.faults, report.foreign) == ((), 0)
    _mended(world)


def test_a_file_of_gigabytes_is_not_read(world: World) -> None:
    path = world.files(TO_HUB)[1]
    with open(path, "r+b") as file:
        file.truncate(3 << 30)  # a hole: it takes no room here
    report = world.at_hub()
    assert ("stick_damaged", path.name) in {(f.code, f.file.rpartition("/")[2]) for f in report.faults}


def test_a_stranger_who_knows_the_hubs_key_gets_nothing_in(world: World) -> None:
    """Everybody may seal to the hub; who signed decides."""
    from core.keys.signer import SoftwareSigner

    office, device = world.office, world.files(TO_HUB)[0].parent.parent.name
    own = Lane(world.usb, office, device, TO_HUB)
    mark = {"first": 1, "number": 50, "end": True}
    payload = {
        "type": "actions", "protocol": 2, "office": office, "device": device, "device_epoch": 9,
        "sent_at": world.real.hub.stamp(), "actions": [], "stick": mark,
    }  # fmt: skip
    forged = envelope.wrap(payload, SoftwareSigner.generate())
    before = world.hub_holds()
    own.write(Place(50), forged, world.real.hub.exchange_public, SeededRandom("x"))
    report = world.at_hub()
    assert ("signature_wrong", "000050.cds") in {(f.code, f.file.rpartition("/")[2]) for f in report.faults}
    assert world.hub_holds()["device"] == before["device"]
    assert not [path for path in world.files(TO_DESK) if path.name.startswith("000050")]


def test_what_only_concerns_this_moment_is_not_taken_from_a_stick(world: World) -> None:
    """Live questions (a claim's progress, a short code) have no place there."""
    with world.kit.sit("clerk") as clerk:
        own = Lane(world.usb, clerk.office, clerk.device.id, TO_HUB)
        payload = {
            "type": "claim-progress", "protocol": 2, "office": clerk.office, "device": clerk.device.id,
            "sent_at": world.real.hub.stamp(), "jti": [], "stick": {"first": 60, "number": 60, "end": True},
        }  # fmt: skip
        sealed = envelope.wrap(payload, clerk.device.signer)
    own.write(Place(60), sealed, world.real.hub.exchange_public, SeededRandom("y"))
    assert "stick_damaged" in {fault.code for fault in world.at_hub().faults}


# --- full, pulled out, killed -------------------------------------------------------------------


class _Disk:
    """``os.fsync`` on a stick that has room for so many files."""

    def __init__(self, room: int, code: int) -> None:
        self.room, self.code = room, code

    def __call__(self, handle: int) -> None:
        if self.room <= 0:
            raise OSError(self.code, os.strerror(self.code))
        self.room -= 1


FAULTS = {errno.ENOSPC: "disk_full", errno.EROFS: "disk_readonly", errno.EIO: "stick_gone"}


@pytest.mark.parametrize("code", FAULTS)
def test_a_full_stick_leaves_the_export_before(
    world: World, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    before = {path: path.read_bytes() for path in world.files()}
    world.kit.approved_case()
    for room in (0, 1, 5):
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", _Disk(room, code))
            with pytest.raises(EnvironmentFault, match=FAULTS[code]):
                world.export()
        assert {path: path.read_bytes() for path in world.files()} == before
        assert not list(world.usb.rglob("*.part"))
    assert world.at_hub().actions == 12
    _mended(world)


def test_a_stick_full_of_answers_costs_a_second_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", _Disk(3, errno.ENOSPC))
        with pytest.raises(EnvironmentFault, match="disk_full"):
            world.at_hub()
    _chain_is_whole(world)
    assert {fault.code for fault in world.take().faults} <= {"stick_gap"}
    assert world.at_hub().faults == ()
    assert world.take().faults == ()
    world.assert_same()


_KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    act, place, wanted, moment = sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    from core.sync import envelope, scans, stick as on
    from core.services import stick, stick_export
    envelope.BATCH_LIMITS[2] = 4
    scans.CHUNK = stick_export.CHUNK = int(sys.argv[6])
    seen = 0
    def killing(real):
        def call(*arguments, **named):
            global seen
            seen += 1
            if seen == wanted:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)
        return call
    def at(name, module):
        setattr(module, name, killing(getattr(module, name)))
    if act == "hub":
        from hub import stick as at_hub
        from hub.setup import open_hub
        hub = open_hub(f"sqlite:///{place / 'hub.db'}", bytes.fromhex(sys.argv[7]))
        at("write_durably", on)
        at_hub.import_stick(hub, place / "usb")
    else:
        from datetime import UTC, datetime
        from core.services.session import Folder, Ports, unlock
        clock = lambda: datetime.fromisoformat(moment)
        session = unlock(Folder(place / "office"), "clerk", sys.argv[7], Ports(clock=clock))
        if act == "export":
            at("fsync", os)
            stick.export_stick(session, place / "usb")
        else:
            from core.services import stick_import
            at("take_feed", stick_import)
            stick.import_stick(session, place / "usb")
    """
)


def _killed(world: World, act: str, wanted: int, secret: str) -> None:
    moment = world.kit.clock.moment.isoformat()
    told = [act, str(world.place), str(wanted), moment, str(len(PNG) // 3 + 1), secret]
    command = [sys.executable, "-c", _KILLED, str(ROOT), *told]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.slow
@pytest.mark.parametrize("wanted", (1, 6, 15))
def test_killed_while_exporting(world: World, wanted: int) -> None:
    before = {path: path.read_bytes() for path in world.files()}
    world.kit.approved_case()
    _killed(world, "export", wanted, password("clerk"))
    assert before.items() <= {path: path.read_bytes() for path in world.files()}.items()
    report = world.at_hub()  # somebody carries it off as it is
    assert report.actions >= 12 and {fault.code for fault in report.faults} <= {"stick_gap"}
    assert {fault.code for fault in world.take().faults} <= {"stick_gap"}
    _mended(world)
    assert not list(world.usb.rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("wanted", (1, 3, 7))
def test_killed_while_the_hub_answers(made: World, tmp_path: Path, wanted: int) -> None:
    world = made.copy(tmp_path / "world")
    world.real.close()
    _killed(world, "hub", wanted, KEY.hex())
    hub = open_hub(world.real.url, KEY, world.kit.clock, SeededRandom("again"))
    again = World(world.place, world.kit, RealHub(hub, world.real.url, lost), world.usb)
    _chain_is_whole(again)
    assert again.at_hub().faults == ()
    assert again.take().faults == ()
    again.assert_same()
    again.close()


@pytest.mark.slow
@pytest.mark.parametrize("wanted", (1, 3))
def test_killed_while_taking_answers_in(world: World, wanted: int) -> None:
    world.at_hub()
    _killed(world, "take", wanted, password("clerk"))
    assert world.take().faults == ()
    world.assert_same()


# --- what a finder reads ------------------------------------------------------------------------


def _spellings(value: str) -> Iterator[bytes]:
    for encoding in ("utf-8", "gb18030", "utf-16-le", "utf-16-be"):
        yield value.encode(encoding)
    yield base64.b64encode(value.encode())[:-4] or b"?"


def _found(data: bytes, values: list[str]) -> list[str]:
    return [value for value in values for spelt in _spellings(value) if spelt in data]


def _whatever_opens(data: bytes) -> Iterator[bytes]:
    """The bytes, and what opens without a key: every zstd frame, every stretch of base64."""
    yield data
    for found in re.finditer(re.escape(b"\x28\xb5\x2f\xfd"), data):
        try:
            yield decompress(data[found.start() :], 8 << 20)
        except Refusal:
            continue
    for found in re.finditer(rb"[A-Za-z0-9+/]{24,}={0,2}", data):
        text = found[0]
        yield base64.b64decode(text[: len(text) // 4 * 4])


def test_whoever_finds_the_stick_reads_nothing_of_anybody(world: World) -> None:
    """No name, number, phone or credit code, in any spelling, in any byte or file name, either way."""
    values = personal_values(world.kit)
    assert len(values) > 8
    world.at_hub()
    files = world.files()
    assert len(files) > 16
    for path in files:
        for data in (str(path.relative_to(world.usb)).encode(), *_whatever_opens(path.read_bytes())):
            assert _found(data, values) == [], path.name
    # A control: with the keys the credit code is there to be read, so these eyes are not blind.
    secret = world.real.hub.exchange_secret
    own = Lane(world.usb, world.office, files[0].parent.parent.name, TO_HUB)
    opened = b"".join(own.read(place, secret) for place in own.places())
    assert _found(opened, values)
    # And what is personal is sealed once more inside.
    numbers = [value for value in values if value.isdigit()]
    assert numbers and not _found(opened, numbers)


def test_the_report_names_nobody(world: World) -> None:
    for path in world.files(TO_HUB)[:3]:
        _flip(path)
    values = personal_values(world.kit)
    report: StickReport = world.at_hub()
    assert report.faults and not _found(repr(report).encode(), values)


def test_copies_of_a_world_are_apart(made: World, tmp_path: Path) -> None:
    """The kit of these tests: a copy has a hub and a desk of its own."""
    world = made.copy(tmp_path / "a")
    world.carry()
    assert made.hub_holds()["action"] != world.hub_holds()["action"]
    shutil.rmtree(tmp_path / "a", ignore_errors=True)
    world.close()
