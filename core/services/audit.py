"""The auditor's view: every action in order, who, when, what, and whether the chain holds."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import EnvironmentFault, UserError
from core.records.model import HUB
from core.records.people import Role
from core.services.recording import verify_chain
from core.services.session import Session
from core.store.ledger import Recorded
from core.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class AuditLine:
    """One action for reading: ``who`` is the account label, never more than the office knows itself."""

    recorded: Recorded
    who: str


def audit_lines(
    session: Session, subject: str | None = None, after: int = 0, limit: int = 200
) -> list[AuditLine]:
    """Return the record, newest first; the whole of it only to auditors and administrators.

    A subject's own history is open to everybody in the office. Raises ``UserError('role_missing')``.
    """
    labels = {entry.person: entry.login for entry in session.keyring.entries}
    with session.read() as uow:
        if subject is None and not session.me(uow).roles & {Role.AUDITOR, Role.ADMIN}:
            raise UserError("role_missing", roles=[Role.AUDITOR.value])
        rows = uow.ledger.record(subject, after, limit)
    return [AuditLine(row, labels.get(row.signed.action.person, row.signed.action.person)) for row in rows]


def verify_record(session: Session) -> int:
    """Check every hash, link, signature and commitment; return how many actions stand.

    Raises ``EnvironmentFault('record_tampered')`` naming the first action that does not.
    """
    with session.read() as uow:
        own = (session.device.id, session.device.epoch)
        return verify_chain(uow, _keys(session, uow), own)


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
