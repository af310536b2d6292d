"""Who may use a unit's certificate: the tree that the hub wrote, as frozen values. Read only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.clock import china_date
from core.errors import UserError
from core.forms.matters import ALL_MATTERS, Matter
from core.records.delegations import Stage, stage
from core.records.states import CertificateState, DelegationState
from core.services.matters import matters_of
from core.services.session import Session
from core.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Delegate:
    """One authorised person at a ``depth`` below the certificate; name and number are None once destroyed.

    ``matters`` are names, empty for all of them; days are ``yyyy-mm-dd``.
    """

    id: str
    depth: int
    role: str
    name: str | None
    id_number: str | None
    matters: tuple[str, ...]
    valid_from: str
    valid_to: str
    stage: Stage
    reason: str


@dataclass(frozen=True)
class Tree:
    """One certificate of a unit with everybody below it, each right after who authorised them."""

    certificate: str
    holder: str
    representative_no: int
    issued_at: str
    expires_at: str
    void: bool
    suspended: bool
    people: tuple[Delegate, ...]


def tree_of_unit(session: Session, unit_id: str) -> tuple[Tree, ...]:
    """Return a unit's certificates with what hangs below them, the newest first.

    Raises ``UserError('unit_unknown')``.
    """
    with session.read() as uow:
        if uow.projection.unit(unit_id) is None:
            raise UserError("unit_unknown")
        found = uow.projection.delegations_of(unit_id)
        held = uow.projection.certificates_of_unit(unit_id)
        return tuple(_tree(session, uow, each, found) for each in held)


def _tree(
    session: Session, uow: UnitOfWork, certificate: CertificateState, found: list[DelegationState]
) -> Tree:
    own = [each for each in found if each.certificate == certificate.id]
    case = uow.projection.case(certificate.case)
    values = case.values if case else {}
    appointed = values.get("other_manager") == "yes" or (case is not None and case.form == "attachment-3")
    day, names = china_date(session.now()), matters_of(uow)

    def under(parent: str, depth: int) -> list[Delegate]:
        people: list[Delegate] = []
        for each in own:
            if each.parent == parent:
                people += [_delegate(each, depth, stage(each, day), names), *under(each.id, depth + 1)]
        return people

    return Tree(
        certificate=certificate.id,
        holder=values.get("manager_name" if appointed else "representative_name", ""),
        representative_no=certificate.representative_no,
        issued_at=certificate.issued_at,
        expires_at=certificate.expires_at,
        void=certificate.void,
        suspended=certificate.suspended,
        people=tuple(under("", 0)),
    )


def _delegate(state: DelegationState, depth: int, how: Stage, names: Mapping[str, Matter]) -> Delegate:
    matters = [] if ALL_MATTERS in state.matters else list(state.matters)
    return Delegate(
        id=state.id,
        depth=depth,
        role=state.role,
        name=state.name,
        id_number=state.id_number,
        matters=tuple(names[code].name if code in names else code for code in matters),
        valid_from=state.valid_from,
        valid_to=state.valid_to,
        stage=how,
        reason=state.reason,
    )
