"""A whole office in a folder, quickly: people, invented units, a clock that moves only when told.

Argon2 costs a tenth of a second and is wanted at that; so the office is founded once per test process
into a template folder, copied per test, and people sit down with their key already unwrapped. Nothing
else is faked: same store, same services, same rules. All data is invented (core.rehearsal).

    kit = office_kit.open_kit(tmp_path)          # or the fixture `kit`
    with kit.sit("clerk") as clerk: case = kit.submitted_case(clerk)
"""

from __future__ import annotations

import atexit
import hashlib
import random as seeding
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from core.clock import china_date
from core.forms.divisions import Office, get_office
from core.intake.scan import Scan as Examined
from core.keys.keyring import Keyring, Unlocked
from core.records.people import Role
from core.rehearsal.units import RehearsalUnit, make_units
from core.services import applications, review, units
from core.services.offices import enrol, found_office
from core.services.people import NewPerson
from core.services.session import Folder, Ports, Session, open_session

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OFFICE: Office = get_office("460108")
ROLES = {
    "admin": {Role.ADMIN},
    "clerk": {Role.CLERK},
    "reviewer": {Role.REVIEWER},
    "auditor": {Role.AUDITOR},
    "both": {Role.CLERK, Role.REVIEWER},
}
"""Logins of the template office and what they may do; the password of ``x`` is ``password-x``."""


def password(login: str) -> str:
    """Return the password of one of the template's people."""
    return f"password-{login}"


class MovableClock:
    """The clock port held in the hand. Every reading is a millisecond after the one before."""

    def __init__(self, now: datetime = START) -> None:
        self.moment = now

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def move(self, **parts: float) -> None:
        """Move by ``timedelta(**parts)``, backwards too."""
        self.moment += timedelta(**parts)


class SeededRandom:
    """The randomness port, the same for the same seed. Not for keys that guard anything."""

    def __init__(self, seed: int | str) -> None:
        self._random = seeding.Random(f"office-kit {seed}")
        self._lock = threading.Lock()

    def __call__(self, count: int) -> bytes:
        with self._lock:
            return self._random.randbytes(count)


@dataclass(frozen=True)
class _Template:
    root: Path
    unlocked: dict[str, Unlocked]
    recovery: dict[str, str]


@cache
def _template() -> _Template:
    place = Path(tempfile.mkdtemp(prefix="certdesk-office-kit-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    folder = Folder(place / "office")
    people = [NewPerson(x, f"演{x}", password(x), frozenset(roles)) for x, roles in ROLES.items()]
    ports = Ports(MovableClock(), SeededRandom("template"))
    founded = found_office(
        folder, OFFICE, OFFICE.registrar, people[0], people[1:], rehearsal=True, ports=ports
    )
    founded.session.close()
    keyring = Keyring.load(folder.keyring)
    unlocked = {login: keyring.unlock(login, password(login)) for login in ROLES}
    return _Template(folder.root, unlocked, founded.recovery)


@cache
def invented_units() -> tuple[RehearsalUnit, ...]:
    """Return the invented units of the template's office."""
    return make_units(OFFICE, date(2026, 11, 23), 2, 300)


def examined(data: bytes) -> Examined:
    """Return what the limited child would say of a one-page PNG, without starting one (0.3 s)."""
    return Examined("image/png", 1, 1, 8, 8, len(data), hashlib.sha256(data).hexdigest(), b"")


PNG = b"\x89PNG\r\n\x1a\n" + b"invented scan" * 20
"""Bytes kept as a scan where nobody parses them."""


@dataclass
class OfficeKit:
    """An office of one test. ``sit`` opens the desk; the other methods are what people do there."""

    folder: Folder
    clock: MovableClock
    ports: Ports
    unlocked: dict[str, Unlocked]
    recovery: dict[str, str]
    made: int = 0
    sessions: list[Session] = field(default_factory=list)

    # --- people -------------------------------------------------------------------------------

    def open(self, login: str) -> Session:
        """Open the desk as ``login``; closed with the kit at the latest."""
        session = open_session(
            self.folder, Keyring.load(self.folder.keyring), self.unlocked[login], self.ports
        )
        self.sessions.append(session)
        return session

    @contextmanager
    def sit(self, login: str) -> Iterator[Session]:
        """Sit at the desk for a while."""
        session = self.open(login)
        try:
            yield session
        finally:
            session.close()

    def person(self, login: str) -> str:
        """Return the person's id."""
        return self.unlocked[login].person

    def close(self) -> None:
        """Lock every session that is still open."""
        while self.sessions:
            self.sessions.pop().close()

    def enrol(self, hub: Any, *, single_clerk: bool = False) -> None:
        """Enrol at a hub that accepts at once (the fake does) and keep its certificate."""
        with self.sit("admin") as admin:
            assert enrol(admin, hub, single_clerk=single_clerk) is not None

    # --- what a clerk does --------------------------------------------------------------------

    def unit(self, clerk: Session) -> str:
        """Enter the next invented unit; return its id."""
        invented = invented_units()[self.made]
        self.made += 1
        return units.register_unit(clerk, invented.values)

    def typed(self, clerk: Session, unit_id: str, form: str = "attachment-1", **other: str) -> dict[str, str]:
        """Return complete, right values for a form of a unit entered by :meth:`unit`."""
        code = units.get_unit(clerk, unit_id).values["uscc"]
        invented = next(item for item in invented_units() if item.values["uscc"] == code)
        person = invented.representative
        values = applications.start_values(clerk, form, unit_id) | {
            "representative_id": person.id_number,
            "representative_mobile": person.mobile,
            "handset_confirmed": "yes",
            "attendant": "representative",
            "identity_checked": "yes",
        }
        if form == "attachment-1":
            values["occasion"] = "alone"
        else:
            person = invented_units()[invented.index + 100].representative
            values |= {
                "reason": "manager_changed",
                "manager_name": person.name,
                "manager_id": person.id_number,
                "manager_mobile": person.mobile,
            }
        return values | other

    def filed_case(self, clerk: Session, form: str = "attachment-1", **other: str) -> str:
        """File an application of a new unit; return the case id."""
        unit_id = self.unit(clerk)
        return applications.file_case(clerk, form, unit_id, self.typed(clerk, unit_id, form, **other))

    def print_case(self, clerk: Session, case_id: str) -> None:
        """Print one sheet of what the case says now."""
        content = applications.get_case(clerk, case_id).case.content
        applications.note_printed(clerk, case_id, content, 1)

    def scan_case(self, clerk: Session, case_id: str, data: bytes = PNG) -> str:
        """Keep a signed scan; return its id."""
        return applications.keep_scan(clerk, case_id, data, examined(data))

    def tick_all(self, clerk: Session, case_id: str) -> None:
        """Tick every paper that is asked for."""
        items = applications.get_case(clerk, case_id).checklist
        ticks = {item.id: {"original": item.original, "copy": item.copy} for item in items}
        applications.tick_papers(clerk, case_id, ticks)

    def ready_case(self, clerk: Session, form: str = "attachment-1", **other: str) -> str:
        """File, print, scan and tick: all but submitted."""
        case_id = self.filed_case(clerk, form, **other)
        self.print_case(clerk, case_id)
        self.scan_case(clerk, case_id)
        self.tick_all(clerk, case_id)
        return case_id

    def submitted_case(self, clerk: Session, form: str = "attachment-1", **other: str) -> str:
        """A case that waits for review."""
        case_id = self.ready_case(clerk, form, **other)
        applications.submit(clerk, case_id)
        return case_id

    def approved_case(self, form: str = "attachment-1", **other: str) -> str:
        """A case entered by ``clerk`` and approved by ``reviewer``."""
        with self.sit("clerk") as clerk:
            case_id = self.submitted_case(clerk, form, **other)
        with self.sit("reviewer") as reviewer:
            review.approve(reviewer, case_id)
        return case_id

    def today(self) -> date:
        """The office's day."""
        return china_date(self.clock.moment)


def open_kit(place: Path, seed: int | str = 1) -> OfficeKit:
    """Copy the template office into ``place``/office and return it; ``close()`` it at the end."""
    template = _template()
    root = place / "office"
    shutil.copytree(template.root, root)
    clock = MovableClock(START + timedelta(minutes=1))
    ports = Ports(clock, SeededRandom(seed))
    return OfficeKit(Folder(root), clock, ports, dict(template.unlocked), dict(template.recovery))
