"""A desk that files cases and syncs them until it is killed. Run: ``python -m tests.faults.sync_worker …``.

Arguments: FOLDER RECORDER COUNT (of invented units). A nursery as in ``desk_worker``: each line
``PORT SEED TARGET MODE`` on standard input forks one desk. What the clerk saw as saved goes to RECORDER, one
action hash a line, appended and fsynced before the next step. Standard output has what happened.

MODE ``work`` files and syncs, ``heal`` only syncs until nothing waits; ``early`` is the known-bad control:
it keeps receipts for what it is about to send before the hub has answered.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from core.clock import china_date, to_stamp
from core.errors import CertDeskError
from core.keys.keyring import Keyring, Unlocked
from core.keys.signer import Signer
from core.rehearsal.units import RehearsalUnit, case_values, make_units
from core.services import applications
from core.services.register import import_units
from core.services.session import Folder, Ports, Session, open_session
from core.services.sync import status, sync
from core.store.ledger import Receipt
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import read_item
from core.sync.http_hub import HttpHub
from tests.core.services.office_kit import OFFICE

PAGE = 250
"""Units that are registered at once when none is left without a case."""
MOST_UNITS = 5000
"""As many as core.rehearsal invents."""
MOST_FILED = 15
HEALINGS = 40


class TooEarlyHub(HttpHub):
    """The control's port: what is sent counts as received as soon as it is sent."""

    session: Session

    def ask(
        self, path: str, payload: Mapping[str, Any], signer: Signer, certificate: OfficeCertificate
    ) -> dict[str, Any]:
        with self.session.begin() as uow:
            last, now = uow.ledger.count_recorded(), to_stamp(self.session.now())
            for number, item in enumerate(payload.get("actions", []), last + 1):
                uow.ledger.add_receipt(Receipt(read_item(item)[0].hash, "recorded", number, "", {}, now))
        return super().ask(path, payload, signer, certificate)


class Worker:
    """One clerk at one desk, with a line to the hub through the proxy at ``port``."""

    def __init__(
        self, folder: Folder, key: Unlocked, recorder: int, port: int, invented: tuple[RehearsalUnit, ...]
    ) -> None:
        self.session = open_session(folder, Keyring.load(folder.keyring), key, Ports())
        self.url = f"http://127.0.0.1:{port}"
        self.hub = HttpHub(self.url, plain_http=True)
        self.recorder, self.invented = recorder, invented
        self.by_code = {unit.values["uscc"]: unit for unit in invented}

    def become_early(self) -> None:
        """Turn into the control."""
        self.hub = hub = TooEarlyHub(self.url, plain_http=True)
        hub.session = self.session

    def work(self, random: Random, target: int) -> None:
        """File a batch, sync, and so on until ``target`` cases are filed."""
        free = self.free()
        with self.session.read() as uow:
            filed = len(uow.ledger.subjects("case"))
        while filed < target:
            for _ in range(min(random.randint(1, MOST_FILED), target - filed)):
                unit_id, unit = next(free)
                values = case_values(unit, "attachment-1", self.today())
                applications.file_case(self.session, "attachment-1", unit_id, values)
                self.acknowledge()
                filed += 1
            self.sync()

    def today(self) -> date:
        """The office's day."""
        return china_date(self.session.now())

    def free(self) -> Iterator[tuple[str, RehearsalUnit]]:
        """Yield units without a case for ever, registering another page when there are none."""
        while True:
            with self.session.read() as uow:
                lines = uow.lists.units(limit=10**6)
            for line in lines:
                if line.open_case is None:
                    yield line.unit, self.by_code[line.uscc]
            self.make_room()

    def make_room(self) -> None:
        """Register another page of units; when all that can be invented are there, withdraw old cases."""
        with self.session.read() as uow:
            lines = uow.lists.units(limit=10**6)
        codes = {line.uscc for line in lines}
        fresh = [unit.values for unit in self.invented if unit.values["uscc"] not in codes][:PAGE]
        if fresh:
            assert import_units(self.session, enumerate(fresh, 1)).done == len(fresh)
            self.acknowledge()
            return
        for case in [line.open_case for line in lines if line.open_case is not None][:PAGE]:
            applications.withdraw(self.session, case, "演练：腾出位置")
            self.acknowledge()

    def acknowledge(self) -> None:
        """Write down the action that was just saved: from here on it may not be lost."""
        device = self.session.device
        with self.session.read() as uow:
            last = uow.ledger.last_of_chain(device.id, device.epoch)
        assert last is not None
        os.write(self.recorder, last[1].encode() + b"\n")
        os.fsync(self.recorder)

    def sync(self) -> bool:
        """Try one cycle; tell what came of it."""
        try:
            report = sync(self.session, self.hub)
        except CertDeskError as fault:
            say({"fault": fault.code, "reason": str(fault.params.get("reason", ""))})
            return False
        say({"synced": report.pushed, "rejected": [code for _, code in report.rejected]})
        return True

    def heal(self) -> None:
        """Sync until nothing waits for the hub, with a patience that ends."""
        for _ in range(HEALINGS):
            if self.sync() and status(self.session).pending == 0:
                break
            time.sleep(0.05)
        say({"pending": status(self.session).pending})


def say(what: object) -> None:
    """Tell the test, at once and in one write."""
    os.write(1, json.dumps(what).encode() + b"\n")


def main() -> None:
    """Fork a desk for every line of standard input."""
    folder, count = Folder(Path(sys.argv[1])), int(sys.argv[3])
    recorder = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    person, data_key, seed_hex = json.loads(sys.stdin.readline()).split(" ")
    key = Unlocked(person, bytes.fromhex(data_key), bytes.fromhex(seed_hex))
    invented = make_units(OFFICE, date(2026, 11, 23), 2, min(count, MOST_UNITS))
    for line in sys.stdin:
        port, seed, target, mode = line.split()
        pid = os.fork()
        if pid == 0:
            worker = Worker(folder, key, recorder, int(port), invented)
            if mode == "early":
                worker.become_early()
            if mode == "heal":
                worker.heal()
            else:
                worker.work(Random(f"sync worker {seed}"), int(target))
            say("finished")
            os._exit(0)
        say({"pid": pid})
        _, status_code = os.waitpid(pid, 0)
        say({"dead": status_code})


if __name__ == "__main__":
    main()
