"""kill -9 in the middle of work: nothing acknowledged is lost, and there is never half a case.

Each run kills a working desk a random moment after a random acknowledgement (the seeds are the test ids).
The recorder is this process. The known-bad control acknowledges before it writes, and must lose.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from core.services import applications, audit
from core.store.drafts import Draft
from tests.core.services.office_kit import OfficeKit
from tests.faults.desk_worker import key_text

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is a Unix thing")
ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """Starts desks on one folder and kills them; ``told`` is everything they ever acknowledged."""

    def __init__(self, kit: OfficeKit, wrapper: tuple[str, ...] = ()) -> None:
        keys = {login: key_text(kit.unlocked[login]) for login in ("clerk", "reviewer")}
        command = [*wrapper, sys.executable, "-m", "tests.faults.desk_worker", str(kit.folder.root)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.buffer = b""
        self.told: list[dict[str, Any]] = []
        self._write(json.dumps(keys))

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def _line(self, seconds: float | None = None) -> Any:
        """Return the next line said, or None when nothing was said in time."""
        assert self.process.stdout is not None
        while b"\n" not in self.buffer:
            if seconds is not None and not select.select([self.process.stdout], [], [], seconds)[0]:
                return None
            data = os.read(self.process.stdout.fileno(), 65536)
            assert data, "the nursery died"
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    def run_and_kill(self, seed: int, mode: str = "well", *, at_once: bool = False) -> bool:
        """Let a desk work and kill it; return whether the knife came before its work was finished."""
        random = Random(f"kill {seed}")
        after, delay = random.randrange(1, 14), 0.0 if at_once else random.random() * 0.03
        self._write(f"{seed} {mode}")
        pid = int(self._line()["pid"])
        count = 0
        while count < after:
            line = self._line()
            if line == "finished" or "dead" in line:
                break
            self.told.append(line)
            count += 1
        else:
            select.select([], [], [], delay)
            os.kill(pid, signal.SIGKILL)
        return self._rest()

    def _rest(self) -> bool:
        """Take down what was said before death; return whether it was by the knife."""
        while True:
            line = self._line()
            if isinstance(line, dict) and "dead" in line:
                return bool(os.WIFSIGNALED(line["dead"]) and os.WTERMSIG(line["dead"]) == signal.SIGKILL)
            if isinstance(line, dict):
                self.told.append(line)

    def close(self) -> None:
        """Send everybody home."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def nursery(kit: OfficeKit) -> Iterator[Nursery]:
    """Desks on the kit's folder."""
    nursery = Nursery(kit)
    yield nursery
    nursery.close()


def losses(kit: OfficeKit, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was acknowledged and is not there."""
    lost = []
    with kit.sit("auditor") as session:
        drafts = {draft.id: draft for draft in applications.drafts(session)}
        newest: dict[str, dict[str, Any]] = {}
        for fact in told:
            if "draft" in fact:
                newest["draft"] = fact
            else:
                newest[fact["case"]] = fact
        for fact in newest.values():
            if not (_draft_kept(drafts, fact) if "draft" in fact else _case_kept(session, fact)):
                lost.append(fact)
    return lost


def _draft_kept(drafts: dict[str, Draft], fact: dict[str, Any]) -> bool:
    draft = drafts.get("the-draft")
    if draft is None:
        return False
    text = draft.values["remark"]
    assert text == text[:6] * 100  # never half a draft
    # A later save may have been committed and not yet acknowledged; an earlier one means a loss.
    return int(text[:6]) >= fact["draft"]


def _case_kept(session: Any, fact: dict[str, Any]) -> bool:
    try:
        case = applications.get_case(session, fact["case"]).case
    except applications.UserError:
        return False
    if case.version < fact["version"]:
        return False
    if case.version == fact["version"] and "lifecycle" in fact:
        assert (case.lifecycle.value, case.content) == (fact["lifecycle"], fact["content"])
    return all(applications.read_scan(session, scan) for scan in fact.get("scans", []))


def whole(kit: OfficeKit) -> None:
    """Check that the desk is in order: file, chain, lists, and every case and scan whole."""
    with kit.sit("auditor") as session:
        session.store.verify()
        audit.verify_record(session)
        audit.check_rebuild(session)
        with session.read() as uow:
            lines = uow.lists.cases(limit=10**6)
            numbers = [line.case_no for line in lines]
            assert len(set(numbers)) == len(numbers)
        for line in lines:
            view = applications.get_case(session, line.case)
            assert view.case.values["representative_id"] and view.unit.values["uscc"]
            for scan in view.case.scans:
                assert applications.read_scan(session, scan.id)


def _kill_often(kit: OfficeKit, nursery: Nursery, seeds: range) -> None:
    killed = 0
    for seed in seeds:
        killed += nursery.run_and_kill(seed)
        whole(kit)
        assert losses(kit, nursery.told) == [], f"seed {seed}"
    assert killed > len(seeds) * 0.8  # else this proved little
    assert len(nursery.told) > 3 * len(seeds)
    print(f"kills: {killed}, acknowledged {len(nursery.told)}, lost 0")


def test_a_few_kills_lose_nothing(kit: OfficeKit, nursery: Nursery) -> None:
    _kill_often(kit, nursery, range(5))


@pytest.mark.slow
def test_fifty_kills_lose_nothing(kit: OfficeKit, nursery: Nursery) -> None:
    _kill_often(kit, nursery, range(100, 150))


def test_a_desk_that_acknowledges_too_early_loses_and_is_caught(kit: OfficeKit, nursery: Nursery) -> None:
    """The control (known bad): without it, a recorder that sees nothing would pass everything above."""
    for seed in range(1000, 1025):
        nursery.run_and_kill(seed, "early", at_once=True)
        if losses(kit, nursery.told):
            return
    pytest.fail("the control lost nothing: the kills never hit the moment that matters")


CALLS = "pwrite64,fdatasync,fsync,rename,ftruncate,unlink"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here; the timed kills cover the same")
def test_kills_at_the_nth_write_call_lose_nothing(kit: OfficeKit) -> None:
    """At any depth of a write: strace kills the desk as it enters its N-th write, sync or rename."""
    if subprocess.run(["strace", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("strace may not trace here")
    told: list[dict[str, Any]] = []
    killed = 0
    for number in range(1, 400, 25):
        inject = f"inject={CALLS}:signal=KILL:when={number}"
        wrapper = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={CALLS}", "-e", inject)
        nursery = Nursery(kit, wrapper)
        nursery._write(f"{2000 + number} well")
        assert "pid" in nursery._line()
        killed += nursery._rest()
        told += nursery.told
        nursery.close()
        whole(kit)
        assert losses(kit, told) == [], f"call {number}"
    assert killed > 10


def test_a_draft_survives_a_kill_and_a_lock(kit: OfficeKit, nursery: Nursery) -> None:
    for seed in range(3000, 3003):
        nursery.run_and_kill(seed)
    drafts = [fact for fact in nursery.told if "draft" in fact]
    assert drafts, "no draft was saved in these seeds"
    with kit.sit("clerk") as clerk:
        kept = {draft.id: draft for draft in applications.drafts(clerk)}
        assert _draft_kept(kept, drafts[-1])
        applications.save_draft(clerk, "mine", "attachment-1", "", {"remark": "半句"})
    with kit.sit("clerk") as clerk:  # locked, unlocked
        assert {d.id: d for d in applications.drafts(clerk)}["mine"].values == {"remark": "半句"}
