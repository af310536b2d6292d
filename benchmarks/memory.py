"""Memory of a desk's process and of the hub's, after the start and after a day's work (resident, MiB).

The desk is a process with the real window (offscreen) and the embedded hub beside it, as a rehearsal office
has them. A day is CASES cases from the form to the approval: paper rendered, signed form scanned and
examined, ticked, submitted, approved, two pages looked at after each, and whatever the window syncs by itself
meanwhile. The floor is a process with a bare QMainWindow. The provincial hub is the real process on
PostgreSQL; its day is 10 batches of about 1,000 actions.

Run: .venv/bin/python -m benchmarks.memory [CASES]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.request import Request, urlopen

CASES, BATCHES, CASES_A_BATCH = 40, 10, 142

_BARE = """
import os, sys
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication(sys.argv)
window = QMainWindow()
window.resize(1366, 768)
window.show()
window.grab()
print(int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
"""


def resident(pid: int) -> int:
    """Return a process's resident memory in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak(pid: int) -> int:
    """Return the most that a process has had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def hub_beside() -> int:
    """Return the embedded hub's process id, a child of this process."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            status, typed = (place / "stat").read_text(), (place / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has just ended
        if int(status.rpartition(")")[2].split()[1]) == os.getpid() and b"hub" in typed:
            return int(place.name)
    return 0


def be_the_desk(cases: int) -> None:
    """Live a day in the window; say what memory there is at every stage, a line of JSON each."""
    from core.services import review
    from tests.e2e.window_story import CLERK, Story, settle, until
    from ui.application import make_application

    def say(stage: str) -> None:
        hub = hub_beside()
        told = {"desk": resident(os.getpid()), "peak": peak(os.getpid()), "hub": resident(hub) if hub else 0}
        print(json.dumps({"stage": stage, **told}), flush=True)

    make_application(catch_faults=False)
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), units=300)
        until(story.window.isVisible)
        story.window.grab()
        say("window painted, locked")
        story.sign_in(CLERK)
        story.page("apply")
        story.window.grab()
        until(hub_beside)
        say("unlocked, 300 units listed")
        for done in range(cases):
            case = story.submitted_case()
            with story.kit.sit("reviewer") as reviewer:
                review.approve(reviewer, case)
            for page in ("cases", "apply"):
                story.page(page)
                story.window.grab()
                settle(50)
            if done in (0, cases // 2):
                say(f"{done + 1} case(s) approved")
        say(f"after a day of {cases} cases")
        story.close()


def desk(cases: int) -> None:
    """Run a desk's day in a process of its own and print it beside a bare window."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    bare = subprocess.run([sys.executable, "-c", _BARE], env=environment, check=True, capture_output=True)
    floor = int(bare.stdout)
    print(f"bare QMainWindow: {floor / 2**20:.0f} MiB")
    typed = [sys.executable, "-m", "benchmarks.memory", "desk", str(cases)]
    with subprocess.Popen(typed, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            sizes = {name: told[name] / 2**20 for name in ("desk", "peak", "hub")}
            print(
                f"desk, {told['stage']}: {sizes['desk']:.0f} MiB (peak {sizes['peak']:.0f}),"
                f" {told['desk'] / floor:.1f} x bare; embedded hub {sizes['hub']:.0f}",
                flush=True,
            )
    if process.returncode:
        raise SystemExit("the desk's day went wrong")


def _post(url: str) -> Callable[[str, bytes], tuple[int, bytes]]:
    def post(path: str, data: bytes) -> tuple[int, bytes]:
        with urlopen(Request(url + path, data, {"Content-Type": "application/json"})) as answer:
            return int(answer.status), answer.read()

    return post


def hub() -> None:
    """Run the provincial hub's process, fill it, and print what it takes."""
    from benchmarks.hub_load import Load
    from benchmarks.postgres import server
    from benchmarks.register_desks import HubUnderTest

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        station = HubUnderTest(stack.enter_context(server()).url, folder)
        stack.callback(station.close)
        print(f"hub on PostgreSQL, started: {resident(station.process.pid) / 2**20:.0f} MiB", flush=True)
        load = Load(station.hub, BATCHES * CASES_A_BATCH)
        load.office.post = _post(station.url)
        for _ in range(BATCHES):
            for _ in range(CASES_A_BATCH):
                load.case()
            load.office.push_all_recorded()
        pid = station.process.pid
        print(f"hub after {BATCHES} batches: {resident(pid) / 2**20:.0f} MiB (peak {peak(pid) / 2**20:.0f})")


def main() -> None:
    """Print the figures."""
    if sys.argv[1:2] == ["desk"]:
        be_the_desk(int(sys.argv[2]))
        return
    hub()
    desk(int(sys.argv[1]) if len(sys.argv) > 1 else CASES)


if __name__ == "__main__":
    main()
