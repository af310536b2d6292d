"""First paint of the real window against a bare QMainWindow: whole processes, interleaved, offscreen.

Run: .venv/bin/python -m benchmarks.start
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Sample, report

ROUNDS = 11

_BARE = """
import sys, time
from PySide6.QtWidgets import QApplication, QMainWindow
from PySide6.QtCore import QEvent, QObject
class Seen(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(time.clock_gettime(time.CLOCK_MONOTONIC), flush=True)
            import os; os._exit(0)
        return False
application = QApplication(sys.argv)
window, seen = QMainWindow(), Seen()
window.installEventFilter(seen)
window.resize(1366, 768)
window.show()
application.exec()
"""


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    import time

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
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "CERTDESK_PAINT_PROBE": "1"}
        ours = [sys.executable, str(root / "app.py"), "--data", folder]
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
