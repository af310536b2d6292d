"""A rehearsal office in one go: invented people with known passwords, 300 invented units.

It lives in a folder of its own; a wish to stop or a fault leaves that folder without an office.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from core.clock import china_date
from core.errors import Cancelled, EnvironmentFault, UserError
from core.forms.check import normalise
from core.forms.divisions import Office, get_office
from core.forms.registry import latest
from core.ids import RandomBytes, new_id
from core.records.people import Role
from core.rehearsal import make_units
from core.services.hub_link import choose_embedded
from core.services.offices import found_office
from core.services.people import NewPerson
from core.services.recording import record
from core.services.session import Folder, Ports, Session, unlock
from core.services.units import UNIT_FORM, form_reference, split_values

OFFICE_CODE = "469023"
REHEARSAL_FOLDER = "rehearsal"
UNITS = 300
_BATCH = 25
_TRAINEES = (
    ("演练受理", "陈演", Role.CLERK),
    ("演练审核", "李练", Role.REVIEWER),
    ("演练管理员", "王拟", Role.ADMIN),
    ("演练审计", "吴样", Role.AUDITOR),
)
_LETTERS = "abcdefghjkmnpqrstuvwxyz"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trainee:
    """One invented person; the password is shown once and kept nowhere."""

    login: str
    name: str
    role: Role
    password: str


@dataclass(frozen=True)
class Rehearsal:
    """A ready rehearsal office: the clerk's open session, and everybody's way in."""

    session: Session
    people: tuple[Trainee, ...]


def found_rehearsal(
    folder: Folder,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    units: int = UNITS,
    ports: Ports | None = None,
) -> Rehearsal:
    """Found the rehearsal office in ``folder`` and enter ``units`` invented units.

    ``progress(done, total)`` counts units. Raises ``UserError('data_folder_in_use')``, ``Cancelled``,
    ``EnvironmentFault`` disk_*; on any of the latter two nothing of the office is left.
    """
    ports = ports or Ports()
    office = get_office(OFFICE_CODE)
    people = tuple(Trainee(login, name, role, _password(ports.random)) for login, name, role in _TRAINEES)
    founder = next(person for person in people if person.role is Role.ADMIN)
    others = [_new(person) for person in people if person is not founder]
    founded = found_office(
        folder, office, office.registrar, _new(founder), others, rehearsal=True, ports=ports
    )
    founded.session.close()
    clerk = next(person for person in people if person.role is Role.CLERK)
    try:
        session = unlock(folder, clerk.login, clerk.password, ports)
        try:
            choose_embedded(session)
            enter_units(session, office, units, progress, cancelled)
        except BaseException:
            session.close()
            raise
    except BaseException:
        for path in (folder.keyring, *folder.root.glob("desk.db*")):
            path.unlink(missing_ok=True)
        raise
    return Rehearsal(session, people)


def forget_rehearsal(folder: Folder) -> None:
    """Delete a rehearsal with all its invented data, so that another can begin.

    Only a folder named as the desk names its rehearsals is touched. Raises ``UserError('not_a_rehearsal')``,
    ``EnvironmentFault('disk_readonly')``.
    """
    if folder.root.name != REHEARSAL_FOLDER:
        raise UserError("not_a_rehearsal")
    try:
        shutil.rmtree(folder.root)
    except FileNotFoundError:
        return
    except OSError as fault:
        raise EnvironmentFault("disk_readonly") from fault


def enter_units(
    session: Session, office: Office, count: int, progress: Progress, cancelled: Callable[[], bool]
) -> None:
    """Enter ``count`` invented units, a batch a transaction. Raises ``Cancelled`` between two of them."""
    spec = latest(UNIT_FORM)
    reference = form_reference(spec)
    made = make_units(office, china_date(session.now()), count=count)
    for start in range(0, count, _BATCH):
        with session.begin() as uow:
            for unit in made[start : start + _BATCH]:
                if cancelled():
                    raise Cancelled()
                public, personal = split_values(spec, normalise(spec, unit.values))
                facts = {"form": reference, "values": public, "representative_no": 1}
                record(session, uow, "unit", new_id(session.random), "unit_registered", facts, personal)
        progress(min(start + _BATCH, count), count)


def _new(person: Trainee) -> NewPerson:
    return NewPerson(person.login, person.name, person.password, frozenset({person.role}))


def _password(random: RandomBytes) -> str:
    """Return eight letters and digits that are easy to type: this guards invented data only."""
    data = random(8)
    word = "".join(_LETTERS[byte % len(_LETTERS)] for byte in data[:4])
    return word + "".join(str(byte % 10) for byte in data[4:])
