"""The auditor's view: every action in order, who, when, what, and whether the chain holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.errors import EnvironmentFault, UserError
from core.records.model import HUB
from core.records.people import Role
from core.services.recording import verify_chain
from core.services.session import Session
from core.store.action_rows import Recorded
from core.store.record_lists import RecordFilter, RecordLists
from core.store.unit_of_work import UnitOfWork

__all__ = [
    "AuditLine",
    "RecordFilter",
    "Recorded",
    "audit_lines",
    "audit_page",
    "check_rebuild",
    "logins",
    "people_on_record",
    "verify_record",
]


@dataclass(frozen=True)
class AuditLine:
    """One action for reading: ``who`` is the account label, never more than the office knows itself.

    ``subject`` names what it is about (case number, unit name) where known; ``erased``: its personal
    values were destroyed.
    """

    recorded: Recorded
    who: str
    subject: str = ""
    erased: bool = False


def audit_lines(
    session: Session, subject: str | None = None, after: int = 0, limit: int = 200
) -> list[AuditLine]:
    """Return the record, newest first; the whole of it only to auditors and administrators.

    A subject's own history is open to everybody in the office. Raises ``UserError('role_missing')``.
    """
    names = logins(session)
    with session.read() as uow:
        if subject is None:
            _only_auditors(session, uow)
        rows = uow.ledger.record(subject, after, limit)
    return [AuditLine(row, names(row)) for row in rows]


def audit_page(session: Session, wanted: RecordFilter, after: int = 0, limit: int = 200) -> list[AuditLine]:
    """Return what ``wanted`` finds of the whole record below position ``after``, newest first.

    Raises ``UserError('role_missing')`` for anybody but auditors and administrators.
    """
    names = logins(session)
    with session.read() as uow:
        _only_auditors(session, uow)
        rows = RecordLists(uow.connection).page(wanted, after, limit)
    return [AuditLine(row.recorded, names(row.recorded), row.label, row.erased) for row in rows]


def people_on_record(session: Session) -> tuple[tuple[str, str], ...]:
    """Return (person id, account label) of everybody in the office, for the filter."""
    labels = {entry.person: entry.login for entry in session.keyring.entries}
    with session.read() as uow:
        people = session.office_state(uow).people
    return tuple((person, labels.get(person, person)) for person in people)


def logins(session: Session) -> Callable[[Recorded], str]:
    """Return what names the account behind an action; an unknown one keeps its id."""
    labels = {entry.person: entry.login for entry in session.keyring.entries}
    return lambda row: labels.get(row.signed.action.person, row.signed.action.person)


def _only_auditors(session: Session, uow: UnitOfWork) -> None:
    if not session.me(uow).roles & {Role.AUDITOR, Role.ADMIN}:
        raise UserError("role_missing", roles=[Role.AUDITOR.value])


def verify_record(session: Session, seen: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Check every hash, link, signature and commitment; return how many actions stand.

    ``seen(done, total)`` is called for each action and may raise to stop. Raises
    ``EnvironmentFault('record_tampered')`` naming the first action that does not stand.
    """
    with session.read() as uow:
        own = (session.device.id, session.device.epoch)
        newest = uow.ledger.record(None, 0, 1)
        total = newest[0].position if newest else 0
        return verify_chain(uow, _keys(session, uow), own, lambda done: seen(done, total))


def _keys(session: Session, uow: UnitOfWork) -> dict[str, tuple[bytes, ...]]:
    people = session.office_state(uow).people.values()
    keys = {person.id: (person.public_key, *person.former_keys) for person in people}
    certificate = session.certificate(uow)
    if certificate is not None:
        keys[HUB] = (bytes.fromhex(certificate.hub_key),)
    return keys


def check_rebuild(session: Session) -> None:
    """Rebuild every list from the record and compare. Raises ``EnvironmentFault('lists_differ')``."""
    with session.read() as uow:
        before = (uow.lists.cases(limit=10**6), uow.lists.units(limit=10**6))
        uow.projection.rebuild()
        if before != (uow.lists.cases(limit=10**6), uow.lists.units(limit=10**6)):
            raise EnvironmentFault("lists_differ")
