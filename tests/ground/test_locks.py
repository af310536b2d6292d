"""The locks: every entry pinned and hashed, no address, runtime within tests, and in force here."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "requirements.txt"
TESTS = ROOT / "requirements-test.txt"
BUILD = ROOT / "requirements-build.txt"
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(text: str) -> list[tuple[Requirement, list[str]]]:
    """Return (requirement, hashes) of every entry. Raises ``ValueError`` on a line of any other kind."""
    found = []
    for entry in text.replace("\\\n", " ").splitlines():
        if not entry.strip() or entry.startswith("#"):
            continue
        words = entry.split(" --hash=")
        hashes = [f"--hash={word.strip()}" for word in words[1:]]
        requirement = Requirement(words[0].strip())
        pinned = [part.operator for part in requirement.specifier] == ["=="]
        if not pinned or requirement.url or not hashes or not all(HASH.fullmatch(one) for one in hashes):
            raise ValueError(f"not pinned and hashed: {words[0]}")
        found.append((requirement, hashes))
    return found


def in_force(path: Path) -> dict[str, str]:
    """Return name -> version of the entries whose marker holds on this machine."""
    return {
        canonicalize_name(requirement.name): next(iter(requirement.specifier)).version
        for requirement, _ in entries(path.read_text("utf-8"))
        if requirement.marker is None or requirement.marker.evaluate()
    }


@pytest.mark.parametrize("path", [RUNTIME, TESTS, BUILD], ids=lambda path: path.name)
def test_every_entry_is_pinned_and_hashed(path: Path) -> None:
    assert len(entries(path.read_text("utf-8"))) > 20


@pytest.mark.parametrize("path", [RUNTIME, TESTS, BUILD], ids=lambda path: path.name)
def test_the_lock_holds_no_address(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "://" not in text
    assert re.findall(r"^\s*-(?!-hash=)\S+", text, re.MULTILINE) == []


@pytest.mark.parametrize(
    "line",
    [
        "pillow==13.0.0",
        "pillow>=13 --hash=sha256:" + "0" * 64,
        "pillow --hash=sha256:" + "0" * 64,
        "pillow==13.0.0 --hash=sha256:00",
        "--extra-thing x",
        "pillow @ file:///tmp/pillow.whl --hash=sha256:" + "0" * 64,
    ],
)
def test_a_loose_entry_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        entries(line)


@pytest.mark.parametrize("path", [TESTS, BUILD], ids=lambda path: path.name)
def test_the_lock_holds_the_whole_runtime_lock(path: Path) -> None:
    def keyed(lock: Path) -> set[tuple[str, tuple[str, ...]]]:
        found = entries(lock.read_text("utf-8"))
        return {(str(requirement), tuple(sorted(hashes))) for requirement, hashes in found}

    assert keyed(RUNTIME) - keyed(path) == set()


def test_what_runs_is_what_is_locked() -> None:
    locked = in_force(TESTS)
    assert {name: version(name) for name in locked} == locked


def test_pyside_stays_below_the_release_that_loses_references() -> None:
    # 6.12 drops a reference of None per call on Python 3.11; the reach of each wheel is in pyproject.toml.
    found = entries(RUNTIME.read_text("utf-8"))
    pins = {str(one.specifier) for one, _ in found if canonicalize_name(one.name) == "pyside6-essentials"}
    assert pins == {"==6.9.3", "==6.8.0.2", "==6.11.3"}
