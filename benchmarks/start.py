"""First paint of the real window against a bare QMainWindow: whole processes, interleaved, offscreen.

Run: .venv/bin/python -m benchmarks.start
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
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType() and watched.window().isVisible():
            print(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
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


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    start = time.clock_gettime(time.CLOCK_MONOTONIC)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    painted = [line for line in done.stdout.splitlines() if line.strip()]
    if not painted:
        raise SystemExit(done.stderr)
    return float(painted[-1]) - start


def main() -> None:
    """Print the comparison."""
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
        names = f"ROOT, FOLDER = {str(root)!r}, {folder!r}\n"
        ours = [sys.executable, "-c", names + _OURS]
        bare = [sys.executable, "-c", _BARE]
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        for round_number in range(ROUNDS + 1):
            for name, command in (("ours", ours), ("bare", bare)):
                seconds = _seconds(command, environment)
                if round_number:
                    times[name].append(seconds)
    print(
        report(
            "Process start to first paint",
            Sample("certdesk window", tuple(times["ours"])),
            Sample("bare QMainWindow", tuple(times["bare"])),
            "<= 1.1x",
        )
    )


if __name__ == "__main__":
    main()
