"""The data folder: where it is, who may look in, and how a file in it is replaced."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from core.errors import EnvironmentFault
from core.paths import data_paths, default_root, replacing, write_atomic

HOME = Path("/home/clerk")
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="owner-only modes are POSIX")


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, "/home/clerk/.local/share/certdesk"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/certdesk"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/clerk/.local/share/certdesk"),
        ("linux", {"LOCALAPPDATA": "/no"}, "/home/clerk/.local/share/certdesk"),
        ("win32", {"LOCALAPPDATA": "/local", "APPDATA": "/roaming"}, "/local/certdesk"),
        ("win32", {}, "/home/clerk/AppData/Local/certdesk"),
        ("darwin", {}, "/home/clerk/Library/Application Support/certdesk"),
    ],
)
def test_where_the_data_is(platform: str, environment: dict[str, str], expected: str) -> None:
    assert default_root(platform, environment, HOME) == Path(expected)


def test_data_option_wins_and_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert data_paths("desk").root == tmp_path / "desk"
    assert data_paths(tmp_path / "数据").database == tmp_path / "数据" / "desk.db"
    assert data_paths(None).root == default_root()
    assert list(tmp_path.iterdir()) == []


def test_rehearsal_shares_no_path_with_the_real_office(tmp_path: Path) -> None:
    real, rehearsal = data_paths(tmp_path), data_paths(tmp_path).rehearsal
    names = ("database", "keyring", "attachments", "backups", "hub", "logs", "settings")
    assert rehearsal.root == tmp_path / "rehearsal"
    for name in names:
        assert getattr(rehearsal, name) == tmp_path / "rehearsal" / getattr(real, name).name
    assert len({getattr(each, name) for each in (real, rehearsal) for name in names}) == 2 * len(names)


@POSIX_ONLY
def test_only_the_owner_looks_in_also_in_a_folder_that_was_open(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "desk"
    root.mkdir(parents=True, mode=0o755)
    paths = data_paths(root)
    paths.prepare()
    paths.prepare()
    for folder in (root, paths.attachments, paths.backups, paths.hub, paths.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "desk").write_text("x")
    with pytest.raises(EnvironmentFault) as fault:
        data_paths(tmp_path / "desk").prepare()
    assert fault.value.code == "data_folder_unusable"


def test_replacing_a_file(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write_atomic(target, b"one")
    write_atomic(target, b"two")
    assert target.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [target]
    assert sys.platform == "win32" or stat.S_IMODE(target.stat().st_mode) == 0o600


def test_it_is_its_owners_alone_from_the_first_byte_whatever_stood_there(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_bytes(b"open to all")
    target.chmod(0o644)
    with replacing(target) as file:
        (fresh,) = tmp_path.glob(".*.part")
        assert sys.platform == "win32" or stat.S_IMODE(fresh.stat().st_mode) == 0o600
        file.write(b"new")
        assert target.read_bytes() == b"open to all", "whole until the end"
    assert target.read_bytes() == b"new"
    assert sys.platform == "win32" or stat.S_IMODE(target.stat().st_mode) == 0o600


@POSIX_ONLY
def test_the_file_is_flushed_before_it_counts_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    flush, rename = os.fsync, os.replace

    def fsync(handle: int) -> None:
        folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        done.append("folder" if folder else f"{os.fstat(handle).st_size} bytes")
        flush(handle)

    def replace(old: str, new: Path) -> None:
        done.append("rename")
        rename(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_atomic(tmp_path / "a.json", b"12345")
    assert done == ["5 bytes", "rename", "folder"]


def test_two_writers_at_once_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    with replacing(target) as one:
        one.write(b"one")
        with replacing(target) as two:
            two.write(b"two, longer")
        assert target.read_bytes() == b"two, longer"
    assert target.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [target]


def test_a_name_as_long_as_a_name_may_be(tmp_path: Path) -> None:
    target = tmp_path / ("证" * 83 + ".pdf")  # 253 of 255 bytes
    write_atomic(target, b"x")
    assert list(tmp_path.iterdir()) == [target]


FAULTS = {errno.ENOSPC: "disk_full", errno.EROFS: "write_failed"}


@pytest.mark.parametrize("code", FAULTS)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_any_step_leaves_the_old_file_and_no_litter(
    step: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "a.json"
    write_atomic(target, b"old")

    def fail(*_: object) -> None:
        raise OSError(code, "no")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(EnvironmentFault) as fault:
        write_atomic(target, b"new")
    assert (fault.value.code, fault.value.params["why"]) == (FAULTS[code], code)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_whoever_breaks_off_in_the_middle_leaves_everything_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write_atomic(target, b"old")
    with pytest.raises(KeyboardInterrupt), replacing(target) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_no_folder_no_file(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        write_atomic(tmp_path / "gone" / "a.json", b"x")
    assert (fault.value.code, fault.value.params["file"]) == ("write_failed", "a.json")
