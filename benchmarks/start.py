"""First paint of the real window against a bare QMainWindow: whole processes, interleaved, offscreen.

The window is painted empty first and the program built into it (``ui.first_paint``); so the second
comparison tells when the cover, the first thing to work with, is painted. Both sides run from byte code, as
an installed program does.

Run: .venv/bin/python -m benchmarks.start    (with QT_QPA_PLATFORM=xcb DISPLAY=:n on a display)
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import Sample, report

ROUNDS = 11

_PROBE = """
import os, sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

class Seen(QObject):
    times = []
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType() and watched.window().isVisible():
            # The window itself comes first, then (in ours) the first widget in it.
            if watched.isWindow() == (not self.times):
                self.times.append(time.clock_gettime(time.CLOCK_MONOTONIC))
            if len(self.times) == WANTED:
                print(*self.times, flush=True)
                os._exit(0)
        return False

seen, run = Seen(), QApplication.exec
def watched_run(*_):
    QApplication.instance().installEventFilter(seen)
    return run()
QApplication.exec = watched_run
"""

_BARE = (
    _PROBE
    + """
from PySide6.QtWidgets import QMainWindow
application = QApplication(sys.argv)
window = QMainWindow()
window.resize(1366, 768)
window.show()
QApplication.exec()
"""
)

_OURS = (
    _PROBE
    + """
sys.path.insert(0, ROOT)
from ui.start import open_window
open_window(FOLDER)
"""
)


def _seconds(command: list[str], environment: dict[str, str]) -> list[float]:
    start = time.clock_gettime(time.CLOCK_MONOTONIC)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    painted = done.stdout.split()
    if not painted:
        raise SystemExit(done.stderr)
    return [float(each) - start for each in painted]


def _environment(folder: str) -> dict[str, str]:
    """Return one where byte code is written (the round that is not counted does it) and read."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    platform = os.environ.get("QT_QPA_PLATFORM", "offscreen")
    return {**kept, "QT_QPA_PLATFORM": platform, "PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}


def main() -> None:
    """Print the comparisons."""
    root = Path(__file__).resolve().parents[1]
    window, cover, bare = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        names = f"ROOT, FOLDER, WANTED = {str(root)!r}, {folder + '/data'!r}, "
        environment = _environment(folder)
        for round_number in range(ROUNDS + 1):
            ours = _seconds([sys.executable, "-c", f"{names} 2\n{_OURS}"], environment)
            peer = _seconds([sys.executable, "-c", f"{names} 1\n{_BARE}"], environment)
            if round_number:
                window.append(ours[0])
                cover.append(ours[1])
                bare.append(peer[0])
    peers = Sample("bare QMainWindow", tuple(bare))
    print(report("Process start to first paint", Sample("certdesk window", tuple(window)), peers, "<= 1.1x"))
    aim = "none of its own; 2.5x when it was painted with the window"
    print(report("Process start to the cover's paint", Sample("certdesk cover", tuple(cover)), peers, aim))


if __name__ == "__main__":
    main()
