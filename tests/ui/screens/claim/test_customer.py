"""The customer's side: a second monitor when there is one, else a full window with the PIN held back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.settings import Settings
from tests.qr_reader import read_qr
from tests.ui.screens.claim.room import Room
from tests.ui.screens.claim.test_screen import close_full, minted, opened
from tests.ui.test_qr_view import shot


def on_two_monitors(folder: Path, ratio: float, look: str) -> dict[str, object]:
    def monitor(name: str, x: float, width: float, height: float) -> dict[str, object]:
        place = {
            "x": round(x * ratio),
            "y": 0,
            "width": round(width * ratio),
            "height": round(height * ratio),
        }
        return {"name": name, **place, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}

    config = folder / "monitors.json"
    config.write_text(
        json.dumps({"screens": [monitor("clerk", 0, 1366, 768), monitor("hall", 1366, 1280, 800)]})
    )
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
        "QT_SCALE_FACTOR": str(ratio),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.screens.claim.two_screens", str(folder), look],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        cwd=Path(__file__).parents[4],
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return seen


@pytest.mark.parametrize(
    ("ratio", "look"),
    [
        (1, "light"),
        pytest.param(1.5, "dark", marks=pytest.mark.slow),
        pytest.param(2, "light", marks=pytest.mark.slow),
    ],
)
def test_the_code_on_the_second_monitor_is_the_minted_link(tmp_path: Path, ratio: float, look: str) -> None:
    seen = on_two_monitors(tmp_path, ratio, look)
    assert seen["ratio"] == ratio
    assert seen["read"] == [seen["link"]]
    left, width = seen["at"]  # type: ignore[misc]
    assert left >= 1366 and width == 1280, "not on the customer's monitor"
    assert seen["black_on_white"] == [[0, 0, 0], [255, 255, 255]]
    pin = str(seen["pin"])
    assert seen["pin_shown"] == f"{pin[:3]} {pin[3:]}", "the clerk has the digits large"
    assert not any(pin[:3] in word and pin[3:] in word for word in seen["words"])  # type: ignore[attr-defined]
    assert any("**" in word for word in seen["words"])  # type: ignore[attr-defined]
    assert any("演练" in word for word in seen["words"])  # type: ignore[attr-defined]
    assert not seen["full"] and seen["focus_in_clerk"]
    assert str(seen["remembered"]).startswith("hall|")


def test_on_one_monitor_the_pin_shows_only_while_held(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    window, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    full = screen.display.full
    assert full is not None and full.isVisible() and not screen.display.beside.isVisible()
    kept = screen.codes.of(case)
    assert kept is not None
    pin = kept.minted.pin
    words = [each.text() for each in full.findChildren(QLabel)]
    assert not any(pin in word.replace(" ", "") for word in words)
    for ratio in (1.0, 1.5, 2.0):
        assert [x.text for x in read_qr(shot(full, ratio))] == [kept.minted.link]
    QTest.mousePress(full.pin, Qt.MouseButton.LeftButton)
    assert full.pin.text().replace(" ", "") == pin
    QTest.mouseRelease(full.pin, Qt.MouseButton.LeftButton)
    assert pin not in full.pin.text().replace(" ", "")
    QTest.keyClick(full, Qt.Key.Key_Escape)
    assert screen.display.full is None
    pin = screen.front.code.pin
    assert pin.currentWidget() is pin.held and pin.large.text() == ""
    with qtbot.waitActive(window):
        window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert screen.display.full is not None
    close_full(screen)


def test_an_office_may_keep_the_pin_off_this_screen(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    room.desk.change_settings(Settings(pin_on_same_screen=False))
    _, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    assert screen.display.full is not None and not screen.display.full.pin.isVisible()
    close_full(screen)
    assert screen.front.code.pin.currentWidget() is screen.front.code.pin.slip
    assert "打印验证码条" in screen.front.code.pin.slip.text()


def test_the_full_window_closes_when_the_phone_has_it(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    _, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    assert screen.display.full is not None
    room.phone().claim(room.code(), room.pin())
    qtbot.waitUntil(lambda: screen.display.full is None)
    assert screen.front.pages.currentWidget() is screen.front.done
