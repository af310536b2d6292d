"""The watched folder as pages see it: what came since, once; and a folder that is gone, said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ui.folder_eye import FolderEye


def until(qtbot: QtBot, eye: FolderEye, done: Callable[[], object]) -> None:
    """Look again and again until something holds."""

    def looked() -> bool:
        eye.look()
        return bool(done())

    qtbot.waitUntil(looked, timeout=30_000)


def test_a_picture_that_came_is_told_once_and_an_old_one_never(qtbot: QtBot, tmp_path: Path) -> None:
    owner = QObject()
    (tmp_path / "old.png").write_bytes(b"1")
    eye, told = FolderEye(owner), list[Path]()
    eye.looked.connect(lambda there, fresh: told.extend(fresh))
    eye.watch(str(tmp_path))
    qtbot.waitUntil(lambda: eye._watch is not None, timeout=30_000)
    (tmp_path / "new.png").write_bytes(b"2")
    until(qtbot, eye, lambda: told)
    looks = list[int]()
    eye.looked.connect(lambda there, fresh: looks.append(len(there)))
    until(qtbot, eye, lambda: len(looks) >= 3)
    assert told == [tmp_path / "new.png"] and looks[-1] == 2
    eye.watch("")


def test_a_folder_that_is_gone_is_told_once_and_can_be_watched_again(qtbot: QtBot, tmp_path: Path) -> None:
    owner = QObject()
    eye, faults = FolderEye(owner), list[BaseException]()
    eye.failed.connect(faults.append)
    place = tmp_path / "share"
    eye.watch(str(place))
    qtbot.waitUntil(lambda: bool(faults), timeout=30_000)
    assert getattr(faults[0], "code", "") == "watched_folder_unreadable" and not eye._clock.isActive()
    place.mkdir()
    eye.watch(str(place))
    qtbot.waitUntil(lambda: eye._watch is not None, timeout=30_000)
    assert len(faults) == 1
    eye.watch("")
