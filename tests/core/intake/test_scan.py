"""Scans: told by content, shown as pictures, and never a danger to the desk."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.errors import Cancelled, CertDeskError, EnvironmentFault, UserError
from core.intake import LIMITS, Limits, examine, read_scan
from core.intake.scan import REFUSALS, child_command
from tests.core.intake import samples

ROOT = Path(__file__).parents[3]


def outcome(data: bytes, limits: Limits = LIMITS) -> str:
    """Return the code that refused the file, or KEPT. Any other exception is a crash of the parent."""
    try:
        examine(data, limits=limits)
    except CertDeskError as error:
        return error.code
    return samples.KEPT


def chunks(png: bytes) -> set[bytes]:
    found, at = set(), 8
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        found.add(png[at + 4 : at + 8])
        at += size + 12
    return found


_BEFORE: set[int] = set()


@pytest.fixture(autouse=True)
def _whose_children() -> None:
    """The worker may keep a database server for other tests; only what is born here is ours."""
    _BEFORE.clear()
    if sys.platform == "linux":
        _BEFORE.update(children())


def children() -> list[int]:
    """Return the processes this one has started and not yet buried (Linux)."""
    found: list[int] = []
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread of an earlier test may end just now
            found += map(int, (task / "children").read_text().split())
    return [pid for pid in found if pid not in _BEFORE]


# --- honest scans ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_of_every_kind(mode: str) -> None:
    data = samples.picture("PNG", mode)
    scan = examine(data, "anything.pdf")
    assert (scan.media_type, scan.pages, scan.width, scan.height) == ("image/png", 1, 120, 90)
    assert (scan.sha256, scan.size) == (hashlib.sha256(data).hexdigest(), len(data))
    with Image.open(io.BytesIO(scan.preview_png)) as shown:
        assert shown.size == (120, 90)
        top, bottom = shown.convert("L").getpixel((60, 2)), shown.convert("L").getpixel((60, 87))
    assert top < 60 < 190 < bottom  # it is the picture, not a blank


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_of_every_kind(mode: str) -> None:
    scan = examine(samples.picture("JPEG", mode, size=(4000, 1000)))
    assert (scan.media_type, scan.width, scan.height) == ("image/jpeg", 4000, 1000)
    with Image.open(io.BytesIO(scan.preview_png)) as shown:
        assert shown.size == (1600, 400)


def test_a_photo_taken_sideways_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    scan = examine(samples.picture("JPEG", size=(200, 100), exif=exif.tobytes()))
    with Image.open(io.BytesIO(scan.preview_png)) as shown:
        assert shown.size == (100, 200)


def test_transparent_parts_are_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(examine(out.getvalue()).preview_png)) as shown:
        assert shown.getpixel((5, 5)) == (255, 255, 255)


def test_every_page_of_a_pdf_can_be_shown() -> None:
    data = samples.pages(3)
    scans = [examine(data, page=page) for page in (1, 3)]
    assert [(scan.pages, scan.page, scan.width, scan.height) for scan in scans] == [
        (3, 1, 595, 842),
        (3, 3, 595, 842),
    ]
    with Image.open(io.BytesIO(scans[0].preview_png)) as shown:
        assert shown.size[1] <= 1600 and shown.getpixel((3, shown.size[1] - 3)) == (0, 0, 0)
        assert shown.getpixel((900, 300)) == (255, 255, 255)
    with pytest.raises(UserError) as refused:
        examine(data, page=4)
    assert refused.value.params == {"why": "page_missing"}


def test_the_largest_scan_allowed_fits_into_the_child() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (7745, 7745), (9, 9, 9, 200)).save(out, "PNG", compress_level=1)
    assert examine(out.getvalue()).width == 7745


def test_nothing_but_pixels_is_shown() -> None:
    info = PngInfo()
    info.add_text("Author", samples.CANARY.decode())
    exif = Image.Exif()
    exif[0x010E] = samples.CANARY.decode()
    for data in (
        samples.picture("PNG", pnginfo=info, dpi=(300, 300), icc_profile=samples.CANARY),
        samples.picture("JPEG", exif=exif.tobytes(), comment=samples.CANARY),
    ):
        assert samples.CANARY in data
        shown = examine(data).preview_png
        assert samples.CANARY not in shown
        assert chunks(shown) == {b"IHDR", b"IDAT", b"IEND"}


# --- hostile files -----------------------------------------------------------------------------


def _listing(*folders: Path) -> set[tuple[str, int, int]]:
    return {
        (str(path), path.lstat().st_size, path.lstat().st_mtime_ns)
        for folder in folders
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


def _run_corpus(corpus: list[samples.Sample], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.chdir(folder)
    before = _listing(folder, ROOT / "core" / "intake")
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda sample: outcome(sample[1]), corpus))
    wrong = [
        (name, found)
        for (name, _, allowed), found in zip(corpus, outcomes, strict=True)
        if found not in allowed
    ]
    assert wrong == []
    assert set(outcomes) <= REFUSALS | {samples.KEPT}
    assert _listing(folder, ROOT / "core" / "intake") == before
    assert sys.platform != "linux" or children() == []
    print(f"T12 intake: files {len(corpus)}, parent crashes 0, files written 0")


def test_hostile_files_made_to_a_purpose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = samples.hostile(noise=0)
    assert len(corpus) >= 75  # with the eighty at random: more than 150
    _run_corpus(corpus, tmp_path, monkeypatch)


@pytest.mark.slow
def test_hostile_files_at_random(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = samples.hostile(noise=80)[-80:]
    _run_corpus(corpus, tmp_path, monkeypatch)


def test_size_is_refused_before_a_child_is_started() -> None:
    with pytest.raises(UserError) as refused:
        examine(bytes(LIMITS.size + 1))
    assert refused.value.code == "scan_too_large"
    assert outcome(samples.picture(), replace(LIMITS, size=99)) == "scan_too_large"


def test_a_picture_above_the_memory_limit_fails_in_the_child_only() -> None:
    large = samples.png(30_000, 20_000, samples.deflated_zeros(30_001 * 20_000))
    generous = replace(LIMITS, pixels=10**9)
    with pytest.raises(UserError) as refused:
        examine(large, limits=generous)
    assert refused.value.code == "scan_damaged"
    assert refused.value.params["why"] in ("memory", "crashed")
    # Control: the same file without the memory limit takes what the limit forbids.
    assert _peak_of_unlimited(large, replace(generous, memory=None)) > LIMITS.memory


def test_the_control_shows_that_a_pdf_bomb_would_have_hurt_the_desk() -> None:
    bomb = samples.pdf_content_bomb(700 << 20)
    assert len(bomb) < 4 << 20
    assert outcome(bomb) in samples.ANY_WAY
    assert _peak_of_unlimited(bomb, replace(LIMITS, memory=None)) > LIMITS.memory


def _peak_of_unlimited(data: bytes, limits: Limits) -> int:
    """Parse ``data`` with the same code in a process without limits; return its peak memory in bytes."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from core.intake.decode import media_type_of, prepare\n"
        "from core.intake.limits import Limits\n"
        "data = sys.stdin.buffer.read()\n"
        "prepare(media_type_of(data))(data, 1, Limits.from_json(sys.argv[2]))\n"
        "print([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])\n"
    )
    command = [sys.executable, "-I", "-c", program, str(ROOT), limits.to_json()]
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)
    return int(done.stdout) * 1024


def test_a_file_that_takes_for_ever_is_stopped_by_its_processor_time() -> None:
    assert outcome(samples.pdf_slow(), replace(LIMITS, cpu_seconds=1)) == "scan_timeout"
    assert children() == []


def test_a_file_that_takes_for_ever_is_stopped_by_the_parents_clock() -> None:
    assert outcome(samples.pdf_slow(), replace(LIMITS, wall_seconds=0.4)) == "scan_timeout"
    assert children() == []


def test_control_the_slow_file_is_slow_because_of_its_content() -> None:
    assert outcome(samples.pdf_slow(steps=1), replace(LIMITS, cpu_seconds=5)) == samples.KEPT


def test_a_person_can_stop_it() -> None:
    asked: Iterator[bool] = iter([False, False, True])
    with pytest.raises(Cancelled):
        examine(samples.pdf_slow(), cancel=lambda: next(asked))
    assert children() == []


# --- a child that has been taken over ----------------------------------------------------------

DEEDS = {
    "write a file": "open(sys.argv[2] + '/loot', 'wb').write(b'x')",
    "read a file": "open('/etc/hostname').read()",
    "open a socket": "import _socket; _socket.socket()",
    "make a pipe": "os.pipe()",
    "list a folder": "os.listdir('/')",
    "start a program": "import _posixsubprocess, subprocess; subprocess.run(['/bin/true'], check=True)",
    "take much memory": "bytearray(600 << 20)",
}


def _attempt(deed: str, folder: Path, *, sealed: bool) -> int:
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "import _socket, subprocess\n"
        "from core.intake.child import close_the_doors, limit_resources\n"
        "from core.intake.limits import LIMITS\n"
        + ("limit_resources(LIMITS); close_the_doors()\n" if sealed else "")
        + f"try:\n    {deed}\nexcept (OSError, MemoryError):\n    sys.exit(7)\n"
    )
    command = [sys.executable, "-I", "-B", "-c", program, str(ROOT), str(folder)]
    return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there; said in core/intake/child.py")
@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
def test_a_sealed_child_can_do_nothing_and_an_unsealed_one_could(deed: str, tmp_path: Path) -> None:
    assert _attempt(deed, tmp_path, sealed=True) == 7
    assert not list(tmp_path.iterdir())
    assert _attempt(deed, tmp_path, sealed=False) == 0


GOOD = {"media_type": "image/png", "pages": 1, "width": 2, "height": 1, "mode": "L", "preview": [2, 1]}
LIES = {
    "nothing": b"",
    "no json": b"hello\n",
    "a list": b"[]\n",
    "no line end": json.dumps(GOOD).encode(),
    "deep json": b"[" * 4000 + b"\n",
    "too few pixels": json.dumps(GOOD).encode() + b"\n1",
    "too many pixels": json.dumps(GOOD).encode() + b"\n123",
    "huge preview": json.dumps(GOOD | {"preview": [40000, 40000]}).encode() + b"\n12",
    "negative preview": json.dumps(GOOD | {"preview": [-2, -1]}).encode() + b"\n12",
    "odd mode": json.dumps(GOOD | {"mode": "P"}).encode() + b"\n12",
    "odd type": json.dumps(GOOD | {"media_type": "text/html"}).encode() + b"\n12",
    "list as mode": json.dumps(GOOD | {"mode": []}).encode() + b"\n12",
    "list as type": json.dumps(GOOD | {"media_type": []}).encode() + b"\n12",
    "pages as text": json.dumps(GOOD | {"pages": "1"}).encode() + b"\n12",
    "pages as truth": json.dumps(GOOD | {"pages": True}).encode() + b"\n12",
    "a thousand pages": json.dumps(GOOD | {"pages": 1000}).encode() + b"\n12",
    "invented code": json.dumps({"refused": "<b>x</b>", "params": {"why": "<b>"}}).encode() + b"\n",
    "code as list": json.dumps({"refused": [], "params": []}).encode() + b"\n",
}


def _answering(answer: bytes, monkeypatch: pytest.MonkeyPatch, folder: Path, code: int = 0) -> None:
    """Put a child in place that answers what a taken-over parser might."""
    file = folder / "answer"
    file.write_bytes(answer)
    program = (
        "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read()); sys.exit(int(sys.argv[2]))"
    )
    command = [sys.executable, "-I", "-c", program, str(file), str(code)]
    monkeypatch.setattr("core.intake.scan.child_command", lambda page, limits: command)


@pytest.mark.parametrize("answer", LIES.values(), ids=LIES.keys())
def test_a_lying_child_is_not_believed(
    answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answering(answer, monkeypatch, tmp_path)
    with pytest.raises(UserError) as refused:
        examine(samples.picture())
    assert refused.value.code == "scan_damaged"
    assert set(refused.value.params.values()) <= {"answer"}


def test_an_honest_answer_of_the_same_shape_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answering(json.dumps(GOOD).encode() + b"\n12", monkeypatch, tmp_path)
    assert examine(samples.picture()).width == 2
    _answering(json.dumps(GOOD).encode() + b"\n12", monkeypatch, tmp_path, code=3)
    assert outcome(samples.picture()) == "scan_damaged"


def test_an_endless_answer_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import sys\nwhile True: sys.stdout.buffer.write(bytes(1 << 20))"
    command = [sys.executable, "-I", "-c", program]
    monkeypatch.setattr("core.intake.scan.child_command", lambda page, limits: command)
    assert outcome(samples.picture()) in ("scan_damaged", "scan_timeout")
    assert children() == []


def test_no_child_no_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.intake.scan.child_command", lambda page, limits: ["/nonexistent/python"])
    with pytest.raises(EnvironmentFault) as fault:
        examine(samples.picture())
    assert fault.value.code == "intake_unavailable"


def test_a_frozen_bundle_calls_itself_with_the_hidden_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    command = child_command(2, LIMITS)
    assert command == [sys.executable, "--intake-child", LIMITS.to_json(), "2"]


def test_no_secret_of_the_environment_reaches_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERTDESK_TEST_SECRET", "x")
    head = json.dumps(GOOD)
    program = f"import os\nprint({head!r} if 'CERTDESK_TEST_SECRET' not in os.environ else '', flush=True)"
    command = [sys.executable, "-I", "-c", program + "\nprint('1', end='\\n')"]
    monkeypatch.setattr("core.intake.scan.child_command", lambda page, limits: command)
    assert examine(samples.picture()).width == 2


# --- reading the file --------------------------------------------------------------------------


def test_reading_a_chosen_file(tmp_path: Path) -> None:
    file = tmp_path / "扫描 1.png"
    file.write_bytes(b"abc")
    assert read_scan(file) == b"abc"
    with pytest.raises(UserError) as refused:
        read_scan(file, replace(LIMITS, size=2))
    assert refused.value.code == "scan_too_large"


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "endless"])
def test_what_is_no_file_is_not_read(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "scan.pdf"
    if kind == "folder":
        target.mkdir()
    elif kind == "pipe":
        os.mkfifo(target)
    elif kind == "endless":
        target.symlink_to("/dev/zero")
    with pytest.raises(EnvironmentFault) as fault:
        read_scan(target)
    assert fault.value.code == "scan_unreadable"
