"""Two real desks and a real hub process for the register's benchmark, with a register of invented units."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from core.clock import china_date, system_clock
from core.forms.divisions import Office, get_office
from core.ids import new_id, system_random
from core.keys.keyring import Keyring
from core.keys.sealing import new_exchange_key
from core.records.people import Role
from core.rehearsal.units import invented_uscc, make_units
from core.services import sync
from core.services.offices import device_record, enrol, enrolment_request, found_office
from core.services.people import NewPerson
from core.services.recording import record
from core.services.session import DeviceKeys, Folder, Ports, Session, open_session
from core.store.unit_of_work import Store
from core.sync.compress import compress
from core.sync.http_hub import HttpHub
from core.verbs.hub_process import HubProcess, free_port
from hub.enrolments import accept
from hub.keyfile import make_key
from hub.setup import init, open_hub

OFFICE: Office = get_office("469023")


def invented_register(count: int) -> list[dict[str, str]]:
    """Return ``count`` units, shaped like real ones, all different: names, codes and addresses."""
    base = make_units(OFFICE, china_date(system_clock()), count=min(count, 5000))
    made = []
    for number in range(count):
        values = dict(base[number % len(base)].values)
        if number >= len(base):
            round_ = number // len(base)
            values["uscc"] = invented_uscc(OFFICE.area_code, number)
            values["address"] = f"{values['address']}之{round_}"
            names = ("name", "second_name", "third_name")
            values |= {name: f"{values[name]}第{round_}分部" for name in names if values[name]}
        made.append(values)
    return made


class TimedHub(HttpHub):
    """The desk's real port, which notes how long it waited for the hub and what went over the wire."""

    seconds: float = 0.0
    sent: int = 0
    received: int = 0

    def _exchange(self, path: str, body: bytes, packed: bool) -> tuple[int, bytes, str]:
        start = time.perf_counter()
        answer = super()._exchange(path, body, packed)
        self.seconds += time.perf_counter() - start
        self.sent += len(body)
        self.received += len(compress(answer[1]))  # as the hub packed it: same library, same level
        return answer

    def take(self) -> tuple[float, int, int]:
        """Return seconds waited, bytes sent and received since the last time."""
        taken = self.seconds, self.sent, self.received
        self.seconds, self.sent, self.received = 0.0, 0, 0
        return taken


@dataclass(frozen=True)
class Pair:
    """Two desks of one office, both synced; nothing is in the register yet."""

    importer: Session
    other: Session

    def close(self) -> None:
        """Lock both."""
        self.importer.close()
        self.other.close()


class HubUnderTest:
    """A hub process on a database, and this process's own look into it for what an operator does."""

    def __init__(self, db_url: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        key_file = folder / "hub.key"
        key = make_key(db_url, key_file)
        init(db_url, self.url, folder / "root.pem", key, rehearsal=True).database.close()
        self.hub = open_hub(db_url, key)
        listen = ("--listen", f"127.0.0.1:{self.port}", "--http", "--key-file", str(key_file))
        self.process = HubProcess(("--db", db_url, *listen))
        self.process.start()

    def peak(self) -> int:
        """Return the most memory, in bytes, that the hub's process has had."""
        return _peak(self.process.pid)

    def close(self) -> None:
        """Stop the process."""
        self.process.stop()
        self.hub.database.close()


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def own_peak() -> int:
    """Return the most memory, in bytes, that this process (the desks) has had."""
    return _peak(os.getpid())


def pair_at(hub: HubUnderTest, place: Path) -> Pair:
    """Found and enrol an office in ``place``, and add a second desk to it."""
    person = NewPerson("founder", "演甲", "password-founder", frozenset({Role.ADMIN, Role.CLERK}))
    folder = Folder(place / "here")
    founded = found_office(folder, OFFICE, OFFICE.registrar, person, [], rehearsal=True, ports=Ports())
    importer, wire = founded.session, HttpHub(hub.url, plain_http=True)
    enrol(importer, wire)
    accept(hub.hub, enrolment_request(importer), single_clerk=False)
    assert enrol(importer, wire) is not None
    secret, public = new_exchange_key()
    device = DeviceKeys(new_id(), 1, system_random(32), secret, public)
    with importer.begin() as uow:
        record(importer, uow, "office", importer.office, "device_added", device_record(device))
    sync.sync(importer, wire)
    importer.store.settle()
    shutil.copytree(folder.root, place / "there")
    there = Folder(place / "there")
    store = Store(there.database, importer.unlocked.data_key, system_clock, system_random, there.backups)
    with store.begin() as uow:
        uow.set_meta("device", device.to_json())
    store.close()
    other = open_session(there, Keyring.load(there.keyring), importer.unlocked, Ports())
    sync.sync(other, wire)
    return Pair(importer, other)
