"""Erasure: a person's data is destroyed on purpose; every chain, signature and proof stays whole."""

from __future__ import annotations

from core.errors import UserError
from core.records.people import Role
from core.services.session import Session


def erase(session: Session, subject_kind: str, subject: str) -> None:
    """Destroy the personal values (and scans' keys) of a unit or case. Administrators only."""
    with session.begin() as uow:
        if Role.ADMIN not in session.me(uow).roles:
            raise UserError("role_missing", roles=[Role.ADMIN.value])
        uow.ledger.erase(subject)
        uow.scans.forget(subject)
        uow.drafts.discard_of(subject)
        uow.projection.refresh(subject_kind, subject)
    session.store.settle()
