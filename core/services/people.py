"""People of the office: add, disable, new password, roles; each act is a signed action."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import UserError
from core.ids import new_id
from core.keys.keyring import Unlocked
from core.keys.passwords import check_new_password
from core.keys.signer import SoftwareSigner
from core.records.people import Person, Role
from core.services.recording import record
from core.services.session import PERSON_KID, Session


@dataclass(frozen=True)
class NewPerson:
    """A person to be added: ``login`` is an account label (never a real name), ``name`` the person's."""

    login: str
    name: str
    password: str
    roles: frozenset[Role]


@dataclass(frozen=True)
class Member:
    """A person with their account label, for the settings screen."""

    person: Person
    login: str


def members(session: Session) -> tuple[Member, ...]:
    """Return everybody, active first."""
    with session.read() as uow:
        office = session.office_state(uow)
    logins = {entry.person: entry.login for entry in session.keyring.entries}
    people = sorted(office.people.values(), key=lambda person: (not person.active, logins.get(person.id, "")))
    return tuple(Member(person, logins.get(person.id, "")) for person in people)


def my_roles(session: Session) -> frozenset[Role]:
    """Return what the person at the desk may do."""
    with session.read() as uow:
        return session.me(uow).roles


def add_person(session: Session, person: NewPerson) -> str:
    """Add a person with a key of their own; return the recovery code, to be printed once.

    Raises ``UserError`` login_taken, password_too_short, name_missing; ``Refusal`` role_missing.
    """
    if not person.name.strip() or not person.login.strip():
        raise UserError("name_missing")
    if not person.roles:
        raise UserError("roles_missing")
    check_new_password(person.password)
    person_id, seed = _id_for(session, person.login), session.random(32)
    signer = SoftwareSigner.from_seed(seed, PERSON_KID)
    facts = {
        "person": person_id,
        "key": signer.public_bytes().hex(),
        "algorithm": signer.algorithm,
        "roles": sorted(person.roles),
    }
    unlocked = Unlocked(person_id, session.unlocked.data_key, seed)
    with session.begin() as uow:
        record(session, uow, "office", session.office, "person_added", facts, {"name": person.name})
        return session.keyring.put(unlocked, person.login, person.password, session.random)


def _id_for(session: Session, login: str) -> str:
    """Return an id for a new person; that of the same login's if adding it was once cut off half-way."""
    entry = session.keyring.find(login)
    if entry is None:
        return new_id(session.random)
    with session.read() as uow:
        if session.office_state(uow).person(entry.person) is not None:
            raise UserError("login_taken")
    return entry.person


def set_active(session: Session, person_id: str, active: bool) -> None:
    """Disable a person at once, or let them in again. Raises ``Refusal`` last_admin, role_missing."""
    kind = "person_enabled" if active else "person_disabled"
    with session.begin() as uow:
        record(session, uow, "office", session.office, kind, {"person": person_id})
        session.keyring.set_active(person_id, active)


def set_roles(session: Session, person_id: str, roles: frozenset[Role]) -> None:
    """Change what a person may do."""
    if not roles:
        raise UserError("roles_missing")
    facts = {"person": person_id, "roles": sorted(roles)}
    with session.begin() as uow:
        record(session, uow, "office", session.office, "person_roles_set", facts)


def change_password(session: Session, old: str, new: str) -> str:
    """Change one's own password; the signing key stays. Returns the new recovery code."""
    entry = next(item for item in session.keyring.entries if item.person == session.person)
    unlocked = session.keyring.unlock(entry.login, old)
    return session.keyring.put(unlocked, entry.login, new, session.random)


def reset_password(session: Session, person_id: str, new: str) -> str:
    """Give somebody who forgot theirs a new password and, as nobody else holds it, a new key.

    Returns the new recovery code. Raises ``Refusal`` role_missing, ``UserError`` password_too_short.
    """
    check_new_password(new)
    entry = next((item for item in session.keyring.entries if item.person == person_id), None)
    if entry is None:
        raise UserError("person_unknown")
    seed = session.random(32)
    signer = SoftwareSigner.from_seed(seed, PERSON_KID)
    facts = {"person": person_id, "key": signer.public_bytes().hex(), "algorithm": signer.algorithm}
    with session.begin() as uow:
        record(session, uow, "office", session.office, "person_rekeyed", facts)
        unlocked = Unlocked(person_id, session.unlocked.data_key, seed)
        return session.keyring.put(unlocked, entry.login, new, session.random)
