"""The empty window comes first: what is imported by then, how it looks, and that the program moves into it.

The order of a start can only be seen in a process of its own; those tests run the program for real.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from core.paths import DataPaths
from core.services.rehearsal import found_rehearsal
from core.services.session import Folder
from tests.ui.desktop_kit import Clock, no_hub, plain_or_real
from ui import first_paint
from ui.desktop import Desktop
from ui.first_paint import Look, after_first_paint, first_look, first_window
from ui.hub_keeper import HubKeeper
from ui.main_window import MainWindow
from ui.screens.first_run.screen import FirstRun
from ui.screens.unlock.screen import UnlockCover
from ui.task import lanes
from ui.theme import theme
from ui.tokens import THEMES

OURS_AT_FIRST = {
    "core", "core.errors", "core.paths",
    "ui", "ui.first_paint", "ui.main_window", "ui.start", "ui.tokens", "ui.window_memory",
}  # fmt: skip
HEAVY = (
    "core.store", "sqlalchemy", "sqlcipher3", "reportlab", "PIL", "qrcode", "cryptography", "pypdfium2",
    "PySide6.QtSvg", "PySide6.QtNetwork", "ui.desktop", "ui.theme", "json", "resources",
)  # fmt: skip

# Watches a real start. A line at the first paint; END runs when a widget inside the window was painted.
WATCH = """
import json, sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

class Watch(QObject):
    windows, inside = [], False
    def eventFilter(self, watched, event):
        if event.type() != QEvent.Type.Paint or not watched.isWidgetType():
            return False
        if watched.isWindow() and watched not in self.windows:
            self.windows.append(watched)
            print(json.dumps({
                "modules": sorted(set(sys.modules) - before),
                "ground": watched.palette().color(QPalette.ColorRole.Window).name(),
                "place": [watched.width(), watched.height()],
                "title": watched.windowTitle(),
                "children": len(watched.children()),
            }), flush=True)
            AT_FIRST
        elif not watched.isWindow() and not self.inside:
            self.inside = True
            END
        return False

watch, run = Watch(), QApplication.exec
def watched_run(*_):
    QApplication.instance().installEventFilter(watch)
    return run()
QApplication.exec = watched_run
loaded_by_the_watch = {"json", "json.decoder", "json.scanner", "json.encoder"}
before = set(sys.modules) - loaded_by_the_watch
for name in loaded_by_the_watch:
    sys.modules.pop(name, None)
from ui.start import open_window
code = open_window(sys.argv[1])
print(json.dumps({"code": code, "windows": len(watch.windows), "built": "ui.desktop" in sys.modules}))
sys.stdout.flush()
"""
CLOSE = "QTimer.singleShot(0, watched.window().close)"


def run(root: Path, at_first: str = "pass", end: str = CLOSE, before: str = "") -> list[dict[str, Any]]:
    """Run the program on ``root``; return what it told: one entry per window painted, then the end."""
    program = before + WATCH.replace("AT_FIRST", at_first).replace("END", end)
    done = subprocess.run(
        [sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True, timeout=120
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def shown_bare(qtbot: QtBot, root: Path) -> MainWindow:
    """Return the empty window of a data folder, on the screen."""
    window = first_window(DataPaths(root), Look())
    with qtbot.waitActive(window):
        window.show()
    return window


def moved_in(root: Path, window: MainWindow) -> Desktop:
    """Return a desktop built into ``window``."""
    made = Desktop(root, keeper=HubKeeper(no_hub), now=Clock(), units=1, make=plain_or_real, window=window)
    made.show()
    return made


def test_nothing_else_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    first, end = run(tmp_path / "data")
    here = set(first["modules"])
    assert {name for name in here if name.split(".")[0] in ("core", "ui", "hub")} == OURS_AT_FIRST
    assert [name for name in HEAVY if name in here] == []
    assert (first["title"], first["place"]) == ("证窗", [1366, 768])
    assert end == {"code": 0, "windows": 1, "built": True}, "the program must be built into that one window"


def test_the_window_comes_where_it_stood_in_the_theme_that_was_set(tmp_path: Path) -> None:
    root = tmp_path / "data"
    run(root, before="", at_first="watched.resize(1100, 650)")
    (root / "settings.json").write_text(json.dumps({"theme": "dark", "font_size": 18}))
    (root / "keyring.json").write_text("{}")
    first, end = run(root)
    assert (first["ground"], first["place"][1]) == (THEMES["dark"]["ground"].lower(), 650)
    assert end["code"] == 0


def test_closed_before_anything_is_built(tmp_path: Path) -> None:
    root = tmp_path / "data"
    _, end = run(root, at_first="watched.close()")
    assert end == {"code": 0, "windows": 1, "built": False}
    assert (root / "window.txt").exists(), "its place is remembered all the same"


def test_a_start_that_cannot_be_finished_says_so_and_ends_as_a_fault(tmp_path: Path) -> None:
    broken = (
        "import ui.desktop\n"
        "def stop(self, *a, **k): raise RuntimeError('broken installation')\n"
        "ui.desktop.Desktop.__init__ = stop\n"
        "def close_all(): [window.close() for window in watch.windows[::-1]]\n"
    )
    # Two windows: the empty one and the message, closed one after the other.
    told = run(
        tmp_path / "data",
        at_first="len(self.windows) > 1 and QTimer.singleShot(0, close_all)",
        end="pass",
        before=broken,
    )
    assert [told[-1]["code"], told[-1]["windows"]] == [3, 2]


def test_the_program_moves_into_the_window_on_the_screen(qtbot: QtBot, tmp_path: Path) -> None:
    window = shown_bare(qtbot, tmp_path)
    window.resize(1100, 650)
    desktop = moved_in(tmp_path, window)
    assert desktop.window is window and window.isVisible() and window.locked
    wizard = window.findChildren(FirstRun)[0]
    qtbot.waitUntil(lambda: wizard.welcome.rehearse.isVisible())
    focus = QApplication.focusWidget()
    assert focus is not None and wizard.isAncestorOf(focus), "the keyboard must work at once"
    assert (window.height(), window.minimumWidth()) == (650, 1024)
    with qtbot.waitSignal(desktop.closed):
        window.close()
    assert (tmp_path / "window.txt").read_text()
    assert lanes().shutdown(10) == ()


def test_the_rehearsal_is_marked_in_the_window_on_the_screen(qtbot: QtBot, tmp_path: Path) -> None:
    with contextlib.closing(found_rehearsal(Folder(tmp_path / "rehearsal"), units=1).session):
        pass
    window = shown_bare(qtbot, tmp_path)
    desktop = moved_in(tmp_path, window)
    assert desktop.window is window and window.windowTitle().endswith("（演练）")
    bands = [each for each in window.findChildren(QLabel) if each.property("role") == "band"]
    qtbot.waitUntil(lambda: bool(bands) and bands[0].isVisible())
    cover = window.findChildren(UnlockCover)[0]
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    assert QApplication.focusWidget() is cover.sign_in.password
    with qtbot.waitSignal(desktop.closed):
        window.close()
    assert lanes().shutdown(10) == ()


def test_going_on_waits_for_the_exposure_and_happens_once(qtbot: QtBot, tmp_path: Path) -> None:
    window = first_window(DataPaths(tmp_path), Look())
    qtbot.addWidget(window)
    seen: list[bool] = []
    after_first_paint(window, lambda: seen.append(window.windowHandle().isExposed()))
    assert seen == []
    window.show()
    qtbot.waitUntil(lambda: bool(seen))
    window.hide()
    window.show()
    QApplication.processEvents()
    assert seen == [True]


def test_a_window_nobody_sees_does_not_hold_up_the_program(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_paint, "LONGEST_WAIT_MS", 20)
    window = first_window(DataPaths(tmp_path), Look())
    qtbot.addWidget(window)
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    seen: list[bool] = []
    after_first_paint(window, lambda: seen.append(True))
    window.show()
    qtbot.waitUntil(lambda: bool(seen))


def test_nothing_is_begun_in_a_window_that_was_closed(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_paint, "LONGEST_WAIT_MS", first_paint.LOOK_MS)
    seen: list[str] = []
    for name in ("closed", "open"):
        window = first_window(DataPaths(tmp_path), Look())
        qtbot.addWidget(window)
        window.show()
        if name == "closed":
            window.close()
        after_first_paint(window, lambda name=name: seen.append(name))  # type: ignore[misc]
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["open"], "the closed one was looked at first"


@pytest.mark.parametrize(
    ("written", "look"),
    [
        ("{broken", Look()),
        ("[]", Look()),
        ('{"theme": 1, "font_size": "big"}', Look()),
        ('{"font_size": [16]}', Look()),
        ('{"theme": "dark", "font_size": 20}', Look("dark", 20)),
    ],
)
def test_a_glance_at_settings_takes_what_it_can_and_touches_nothing(
    tmp_path: Path, written: str, look: Look
) -> None:
    place = DataPaths(tmp_path).settings
    place.write_text(written)
    assert first_look(DataPaths(tmp_path)) == look
    assert place.read_text() == written, "a damaged file is moved aside, and said so, after unlocking"


def test_the_first_ground_leaves_no_trace_in_the_theme(
    qtbot: QtBot, tmp_path: Path, restored_theme: None
) -> None:
    window = first_window(DataPaths(tmp_path), Look("dark"))
    qtbot.addWidget(window)
    assert window.palette().color(QPalette.ColorRole.Window).name() == THEMES["dark"]["ground"].lower()
    theme().apply("light", 14)
    assert window.palette().color(QPalette.ColorRole.Window).name() == THEMES["light"]["ground"].lower()


def test_an_empty_window_holds_nothing_and_furnishing_keeps_its_place(qtbot: QtBot) -> None:
    window = MainWindow(furnished=False)
    qtbot.addWidget(window)
    assert window.centralWidget() is None and window.findChildren(QPushButton) == []
    window.resize(1100, 650)
    window.furnish("证窗", "海口市", rehearsal=True)
    assert window.centralWidget() is not None and not window.locked
    assert (window.height(), window.windowTitle()) == (650, "证窗（演练）")


def test_the_application_looks_as_it_should_before_any_style_is_set(tmp_path: Path) -> None:
    program = (
        "from PySide6.QtWidgets import QApplication; from ui.first_paint import bare_application\n"
        "made = bare_application(['certdesk', '--data', 'x'])\n"
        "print(made.style().objectName(), made.highDpiScaleFactorRoundingPolicy().name, made.arguments()[1:])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["fusion", "PassThrough", "['--data',", "'x']"]
    assert QGuiApplication.applicationDisplayName() == "证窗"
