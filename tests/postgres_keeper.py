"""Keeps one PostgreSQL server: starts it, and ends it and its folder when standard input closes.

A process of its own, so that nothing is left over even when the tests are killed. Standard library only.

    python postgres_keeper.py <folder of the programs> <folder with data>
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

POSIX = os.name == "posix"


def account() -> dict[str, Any]:
    """Return who runs the server, as ``subprocess`` takes it: PostgreSQL refuses to run as root."""
    if not POSIX or os.geteuid() != 0:
        return {}
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def run_program(programs: Path, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs under the server's account; raises with what it said."""
    done = subprocess.run(
        [str(programs / program), *arguments],
        cwd=Path(tempfile.gettempdir()).anchor,
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        **account(),
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stdout.decode(errors='replace')}")


def keep(programs: Path, folder: Path) -> None:
    """Start the server of ``folder``, say ``ready``, wait for the end of standard input, clear up."""
    server = subprocess.Popen(
        [str(programs / "postgres"), "-D", str(folder / "data")],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        **account(),
    )
    try:
        assert server.stderr is not None
        said = b""
        while not re.search(rb"ready to accept .*connections", said):
            said = server.stderr.readline()
            sys.stderr.write(said.decode(errors="replace") if b"FATAL" in said else "")
            if not said:
                raise SystemExit("PostgreSQL did not start")
        threading.Thread(target=server.stderr.read, daemon=True).start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin.buffer.read(1024):
            pass
    finally:
        server.send_signal(signal.SIGQUIT if POSIX else signal.SIGTERM)  # "immediate": its data goes too
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path(sys.argv[2]))
