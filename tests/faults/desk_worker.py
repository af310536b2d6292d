"""A desk that works until it is killed. Run as ``python -m tests.faults.desk_worker FOLDER KEYS``.

A nursery: everything is imported once, then each line ``SEED MODE`` on standard input forks one desk, which
opens the folder, works, and says after every call that returned what it was told ("acknowledged" is what
the clerk saw as saved). The nursery says ``pid N`` before and ``dead`` after.

MODE ``well`` says so after the call; ``early`` is the known-bad control: it says so before.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from core.clock import system_clock
from core.ids import system_random
from core.keys.keyring import Keyring, Unlocked
from core.services import applications, review
from core.services.session import Folder, Ports, Session, open_session
from tests.core.services.office_kit import PNG, MovableClock, OfficeKit

STEPS = 60


class Worker:
    """One desk with a clerk and a reviewer, choosing what to do by its seed."""

    def __init__(self, folder: Folder, keys: dict[str, str], seed: int, mode: str) -> None:
        ports = Ports(system_clock, system_random)
        unlocked = {login: _key(text) for login, text in keys.items()}
        self.kit = OfficeKit(folder, MovableClock(), ports, unlocked, {})
        ring = Keyring.load(folder.keyring)
        self.clerk = open_session(folder, ring, unlocked["clerk"], ports)
        self.reviewer = open_session(folder, ring, unlocked["reviewer"], ports)
        with self.clerk.read() as uow:
            self.kit.made = len(uow.lists.units(limit=10**6))
            self.cases = [line.case for line in uow.lists.cases(limit=10**6) if line.lifecycle != "approved"]
        self.seed = seed
        self.random = Random(f"worker {seed}")
        self.early = mode == "early"

    def work(self) -> None:
        """Do things until the end or the knife."""
        for number in range(STEPS):
            step = self.random.choice(["file", "go on", "go on", "go on", "amend", "draft", "draft"])
            if step == "draft":
                self.draft(number)
            elif step == "file" or not self.cases:
                self.acknowledged(self.file, {})
            else:
                self.go_on(self.random.choice(self.cases), step == "amend")

    def acknowledged(self, act: Callable[[], dict[str, Any]], promise: dict[str, Any]) -> None:
        """Do it, then say so. (The control says so first.)"""
        if self.early and promise:
            say(promise)
            act()
        else:
            say(act())

    def draft(self, number: int) -> None:
        """Autosave what is being typed."""
        # Counts on over all workers: an unacknowledged save of this one is newer than any before.
        number += 100 * self.seed
        values = {"remark": f"{number:06d}" * 100}

        def act() -> dict[str, Any]:
            applications.save_draft(self.clerk, "the-draft", "attachment-1", "", values)
            return {"draft": number}

        self.acknowledged(act, {"draft": number})

    def file(self) -> dict[str, Any]:
        """File a case of a new unit."""
        case_id = self.kit.filed_case(self.clerk)
        self.cases.append(case_id)
        return self._state(case_id)

    def go_on(self, case_id: str, amend: bool) -> None:
        """Do what comes next in the life of a case."""
        view = applications.get_case(self.clerk, case_id)
        promise = {"case": case_id, "version": view.case.version + 1}
        if view.case.lifecycle == "submitted":
            self.cases.remove(case_id)
            self.acknowledged(lambda: self._did(review.approve, self.reviewer, case_id), promise)
        elif amend:
            typed = {**view.case.values, "remark": f"改{self.random.randrange(1000)}"}
            self.acknowledged(lambda: self._did(applications.amend_case, self.clerk, case_id, typed), promise)
        elif view.case.content not in view.case.printed:
            self.acknowledged(lambda: self._did(self.kit.print_case, self.clerk, case_id), promise)
        elif view.case.signed_scan() is None:
            data = PNG + os.urandom(self.random.choice([100, 50_000]))
            self.acknowledged(lambda: self._did(self.kit.scan_case, self.clerk, case_id, data), promise)
        elif view.missing:
            self.acknowledged(lambda: self._did(self.kit.tick_all, self.clerk, case_id), promise)
        else:
            self.acknowledged(lambda: self._did(applications.submit, self.clerk, case_id), promise)

    def _did(self, act: Callable[..., object], session: Session, case_id: str, *more: Any) -> dict[str, Any]:
        act(session, case_id, *more)
        return self._state(case_id)

    def _state(self, case_id: str) -> dict[str, Any]:
        case = applications.get_case(self.clerk, case_id).case
        told = {"case": case_id, "version": case.version, "lifecycle": case.lifecycle.value}
        return told | {"content": case.content, "scans": [scan.id for scan in case.scans]}


def _key(text: str) -> Unlocked:
    person, data_key, seed = text.split(" ")
    return Unlocked(person, bytes.fromhex(data_key), bytes.fromhex(seed))


def key_text(unlocked: Unlocked) -> str:
    """Write an unwrapped key for the pipe to a worker."""
    return f"{unlocked.person} {unlocked.data_key.hex()} {unlocked.seed.hex()}"


def say(what: object) -> None:
    """Tell the recorder, at once and in one write."""
    os.write(1, json.dumps(what).encode() + b"\n")


def main() -> None:
    """Fork a desk for every line of standard input."""
    keys = json.loads(sys.stdin.readline())
    for line in sys.stdin:
        seed, mode = line.split()
        pid = os.fork()
        if pid == 0:
            Worker(Folder(Path(sys.argv[1])), keys, int(seed), mode).work()
            say("finished")
            os._exit(0)
        say({"pid": pid})
        _, status = os.waitpid(pid, 0)
        say({"dead": status})


if __name__ == "__main__":
    main()
