"""The watched folder offers finished scans once, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import EnvironmentFault
from core.intake.folder import FolderWatch, Seen, look, settled, wanted

SMALL, GROWN = Seen(10, 1_000), Seen(20, 2_000)
A, B = Path("/in/a.pdf"), Path("/in/b.jpg")

SNAPSHOTS = st.dictionaries(
    st.sampled_from(
        [Path(f"/in/{name}") for name in ("a.pdf", "b.JPG", ".c.png", "~d.pdf", "e.tmp", "f.txt")]
    ),
    st.builds(Seen, st.integers(0, 2), st.integers(0, 2)),
)


def test_a_file_that_still_grows_waits() -> None:
    assert settled({A: SMALL}, {A: GROWN}) == []
    assert settled({A: GROWN}, {A: GROWN}) == [A]
    assert settled({}, {A: GROWN}) == []
    assert settled({A: GROWN}, {}) == []


def test_a_file_changed_in_place_with_equal_size_waits() -> None:
    assert settled({A: Seen(10, 1)}, {A: Seen(10, 2)}) == []


def test_empty_files_are_not_scans() -> None:
    assert settled({A: Seen(0, 1)}, {A: Seen(0, 1)}) == []


def test_oldest_first() -> None:
    now = {A: Seen(1, 9), B: Seen(1, 3)}
    assert settled(now, now) == [B, A]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("证书.PDF", True), ("a.jpeg", True), ("a.Png", True), ("a.jpg.tmp", False), (".a.jpg", False),
        ("~$a.pdf", False), ("a.pdf.part", False), ("a.tif", False), ("pdf", False),
        ("a.pdf.crdownload", False),
    ],
)  # fmt: skip
def test_names(name: str, expected: bool) -> None:
    assert wanted(Path("/in") / name) is expected


@given(SNAPSHOTS, SNAPSHOTS)
def test_only_unchanged_wanted_files_ever_come(before: dict[Path, Seen], now: dict[Path, Seen]) -> None:
    found = settled(before, now)
    assert len(found) == len(set(found))
    for path in found:
        assert before[path] == now[path] and now[path].size > 0 and wanted(path)
    missed = {path for path in now if before.get(path) == now[path] and now[path].size and wanted(path)}
    assert missed == set(found)


@given(st.lists(SNAPSHOTS, max_size=8))
def test_each_version_of_a_file_is_offered_once_while_it_lies_there(looks: list[dict[Path, Seen]]) -> None:
    watch = FolderWatch({})
    offered: dict[Path, Seen] = {}
    for now in looks:
        offered = {path: seen for path, seen in offered.items() if path in now}
        for path in watch.step(now):
            assert offered.get(path) != now[path]
            offered[path] = now[path]


def test_a_scan_comes_once_and_again_when_scanned_again() -> None:
    watch = FolderWatch({})
    steps = [{A: SMALL}, {A: SMALL}, {A: SMALL}, {A: GROWN}, {A: GROWN}, {}, {A: GROWN}, {A: GROWN}]
    assert [watch.step(now) for now in steps] == [[], [A], [], [], [A], [], [], [A]]


def test_what_lay_there_before_is_somebody_elses() -> None:
    watch = FolderWatch({A: SMALL})
    assert [watch.step(now) for now in ({A: SMALL}, {A: SMALL, B: SMALL}, {A: SMALL, B: SMALL})] == [
        [],
        [],
        [B],
    ]


def test_looking_at_a_real_folder(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"12345")
    (tmp_path / "sub.pdf").mkdir()
    os.symlink("/etc/passwd", tmp_path / "link.pdf")
    found = look(tmp_path)
    assert {path.name: seen.size for path, seen in found.items()} == {"a.pdf": 5}
    assert settled(found, look(tmp_path)) == [tmp_path / "a.pdf"]


def test_a_folder_that_went_away_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        look(tmp_path / "gone")
    assert fault.value.code == "watched_folder_unreadable"
