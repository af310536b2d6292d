"""The tests' own PostgreSQL leaves the machine as it was: no process, folder, account or opened folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests import postgres
from tests.postgres import POSIX, binaries, fresh_database, new_server

pytestmark = pytest.mark.skipif(not POSIX, reason="modes and signals of POSIX")


def modes(path: Path) -> dict[Path, int]:
    return {each: each.stat().st_mode for each in (path, *path.parents)}


def accounts() -> list[str]:
    import pwd

    return [entry.pw_name for entry in pwd.getpwall()]


def server_process(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def test_a_server_comes_and_goes_without_a_trace() -> None:
    before = (modes(binaries()), accounts())
    server = new_server()
    process = server_process(server.folder)
    with fresh_database(server.url()) as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
        engine.dispose()
    server.stop()
    assert not server.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert (modes(binaries()), accounts()) == before


@pytest.mark.skipif(not POSIX or os.geteuid() != 0, reason="only root runs it under another account")
def test_programs_in_a_closed_folder_are_copied_instead_of_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "reachable", lambda path: path == Path("/tmp"))
    server = new_server()
    assert server.folder in server.programs.parents
    server.stop()
    assert not server.folder.exists()


def test_the_server_ends_when_the_tests_are_killed() -> None:
    script = (
        "import sys, tests.postgres as p; s = p.new_server(); print(s.folder, flush=True); sys.stdin.read()"
    )
    tests = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert tests.stdin is not None and tests.stdout is not None
    folder = Path(tests.stdout.readline().decode().strip())
    pidfd = os.pidfd_open(server_process(folder)) if hasattr(os, "pidfd_open") else None
    os.kill(tests.pid, signal.SIGKILL)
    tests.wait()
    tests.stdin.close()
    tests.stdout.close()
    if pidfd is None:
        pytest.skip("this system cannot wait for a process that is not a child")
    import select

    ended, _, _ = select.select([pidfd], [], [], 60)
    os.close(pidfd)
    assert ended, "PostgreSQL is still there"
