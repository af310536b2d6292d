"""The frozen bundle's start against ``python app.py``: whole processes, interleaved, on their own screen.

Nothing is put into either program: the screen's memory (Xvfb keeps it in a file) is watched from outside.
First paint is the first change after the process was started, ready the last one before the picture stands
still. Both begin with an empty data folder, so ready is the welcome of a first run. The processor time until
then is the steadier figure on a loaded machine. One round before is not counted: it warms the disk's cache
and writes the source's byte code.

Run: .venv/bin/python -m benchmarks.bundle_start [BUNDLE]    (build/bundle/certdesk, by installer/build.py)
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import Sample, report

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 12
STILL = 2.5
"""Seconds without a change after which the picture is called ready; more than any pause seen on the way."""
LONGEST = 90.0
LOOK = 0.003


class Screen:
    """Xvfb at 1366x768 without a window manager; ``picture`` is what it shows now."""

    def __init__(self, folder: Path) -> None:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
        self._server = subprocess.Popen(
            [*command, "-noreset", "-fbdir", str(folder)], pass_fds=(write,), stderr=subprocess.DEVNULL
        )
        os.close(write)
        with os.fdopen(read) as answer:
            self.name = ":" + answer.readline().strip()
        self._file = (folder / "Xvfb_screen0").open("rb", buffering=0)

    def picture(self) -> bytes:
        """Return the screen's memory."""
        self._file.seek(0)
        return self._file.read()

    def clear(self, shown: bytes) -> None:
        """Wait until the server has taken the window of a program that ended away, and stands still."""
        before = shown
        while (now := self.picture()) == shown or now != before:
            before = now
            time.sleep(0.2)

    def close(self) -> None:
        """End the server."""
        self._file.close()
        self._server.terminate()
        self._server.wait()


def once(command: list[str], screen: Screen, environment: dict[str, str]) -> tuple[float, float, float]:
    """Start, watch until it stands still, end.

    Return the seconds to the first and to the last change, and those of processor time.
    """
    with tempfile.TemporaryDirectory() as data:
        shown = screen.picture()
        start = time.monotonic()
        first = last = 0.0
        place = str(Path(data) / "data")
        program = subprocess.Popen([*command, "--data", place], env=environment, stderr=subprocess.DEVNULL)
        try:
            while not first or time.monotonic() - start - last < STILL:
                now, seen = time.monotonic() - start, screen.picture()
                if seen != shown:
                    shown, first, last = seen, first or now, now
                if now > LONGEST:
                    raise SystemExit(f"{command[0]}: no window, or none that stands still")
                time.sleep(LOOK)
        finally:
            program.kill()
            _, program.returncode, used = os.wait4(program.pid, 0)
        screen.clear(shown)
    return first, last, used.ru_utime + used.ru_stime


def main(words: list[str]) -> None:
    """Print both comparisons and the machine's load before and after."""
    bundle = Path(words[0] if words else ROOT / "build" / "bundle" / "certdesk").resolve() / "certdesk"
    commands = {"bundle": [str(bundle)], "source": [sys.executable, str(ROOT / "app.py")]}
    times: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen(Path(folder))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "PYTHON"))}
        environment = {**kept, "DISPLAY": screen.name, "QT_QPA_PLATFORM": "xcb", "HOME": folder}
        environment["PYTHONPYCACHEPREFIX"] = f"{folder}/bytecode"
        try:
            for round_number in range(ROUNDS + 1):
                for name, command in commands.items():
                    took = once(command, screen, environment)
                    if round_number:
                        times[name].append(took)
        finally:
            screen.close()
    for at, title in enumerate(("first paint", "the welcome", "the welcome, processor time")):
        ours, source = (Sample(name, tuple(each[at] for each in times[name])) for name in commands)
        print(report(f"Process start to {title}", ours, source, "<= 1.2x"))
    print(f"load (1 min) before {before:.1f}, after {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
