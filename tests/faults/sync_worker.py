"""A desk that files cases and syncs them until it is killed. Run: ``python -m tests.faults.sync_worker …``.

Arguments: FOLDER RECORDER. A nursery as in ``desk_worker``: each line
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
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from core.clock import china_date, to_stamp
from core.errors import CertDeskError
from core.keys.keyring import Keyring, Unlocked
from core.keys.signer import Signer
from core.rehearsal.units import RehearsalUnit, case_values, invented_uscc, make_units
from core.services import applications
from core.services.many_cases import Filing, file_cases
from core.services.register import import_units
from core.services.session import Folder, Ports, Session, open_session
from core.services.sync import status, sync
from core.store.action_rows import Receipt
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import read_item
from core.sync.http_hub import HttpHub
from tests.core.services.office_kit import OFFICE

PAGE, LARGE_PAGE = 250, 1000
"""Units that are registered at once when none is left without a case."""
MOST_FILED, MANY_FILED, FEW = 15, 150, 5000
"""Most cases between two cycles, up to so many cases altogether, and beyond."""
UNITS = 1000
HEALINGS = 40


def nth_unit(invented: tuple[RehearsalUnit, ...], number: int) -> RehearsalUnit:
    """Return invented units without end: names and codes of a further round are others."""
    unit, round_ = invented[number % len(invented)], number // len(invented)
    name = unit.values["name"] + (f"（演练第{round_}轮）" if round_ else "")
    code = invented_uscc(OFFICE.area_code, number)
    return replace(unit, values={**unit.values, "uscc": code, "name": name})


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
        with self.session.read() as uow:
            last = uow.ledger.last_of_chain(self.session.device.id, self.session.device.epoch)
        self.seq = 0 if last is None else last[0]

    def become_early(self) -> None:
        """Turn into the control."""
        self.hub = hub = TooEarlyHub(self.url, plain_http=True)
        hub.session = self.session

    def work(self, random: Random, target: int) -> None:
        """File a batch, sync, and so on until ``target`` cases are filed."""
        most = MOST_FILED if target <= FEW else MANY_FILED
        filed = self.count("case_row")
        while filed < target:
            count = min(random.randint(1, most), target - filed)
            while self.count("unit_row") < filed + count:
                self.make_room(PAGE if most == MOST_FILED else LARGE_PAGE)
            # Units get their cases in the order in which they are listed, each one case.
            filings = [self.filing(unit, uscc) for unit, uscc in self.units(filed, count)]
            alone = random.randint(0, min(count, 3))
            for each in filings[:alone]:
                applications.file_case(self.session, each.form, each.unit, each.typed)
                self.acknowledge()
            made = file_cases(self.session, filings[alone:])
            assert all(isinstance(each, str) for each in made), made
            self.acknowledge()
            filed += count
            self.sync()

    def count(self, table: str) -> int:
        """Return how many rows a list has."""
        with self.session.read() as uow:
            return int(uow.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())

    def units(self, skip: int, count: int) -> list[tuple[str, str]]:
        """Return (id, credit code) of units in the order in which they were registered."""
        query = "SELECT unit, uscc FROM unit_row WHERE rowid > ? ORDER BY rowid LIMIT ?"
        with self.session.read() as uow:
            rows = uow.connection.exec_driver_sql(query, (skip, count)).all()
        return [(str(unit), str(uscc)) for unit, uscc in rows]

    def filing(self, unit: str, uscc: str) -> Filing:
        """Return what a unit applies with."""
        invented = nth_unit(self.invented, int(uscc[10:16]))
        today = china_date(self.session.now())
        return Filing("attachment-1", unit, case_values(invented, "attachment-1", today))

    def make_room(self, page: int) -> None:
        """Register a page of further units."""
        have = self.count("unit_row")
        fresh = [nth_unit(self.invented, have + number).values for number in range(page)]
        assert import_units(self.session, enumerate(fresh, 1)).done == page
        self.acknowledge()

    def acknowledge(self) -> None:
        """Write down what was saved since the last time: from here on it may not be lost."""
        device = self.session.device
        query = "SELECT seq, hash FROM action WHERE device = ? AND device_epoch = ? AND seq > ? ORDER BY seq"
        with self.session.read() as uow:
            rows = uow.connection.exec_driver_sql(query, (device.id, device.epoch, self.seq)).all()
        if rows:
            os.write(self.recorder, "".join(f"{row[1]}\n" for row in rows).encode())
            os.fsync(self.recorder)
            self.seq = int(rows[-1][0])

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
    folder = Folder(Path(sys.argv[1]))
    recorder = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    person, data_key, seed_hex = json.loads(sys.stdin.readline()).split(" ")
    key = Unlocked(person, bytes.fromhex(data_key), bytes.fromhex(seed_hex))
    invented = make_units(OFFICE, date(2026, 11, 23), 2, UNITS)
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
