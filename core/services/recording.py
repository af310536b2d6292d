"""The one way in: build an action, let the judge hear it, sign it, append it, refresh the lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.clock import china_date, from_stamp, to_stamp
from core.errors import EnvironmentFault, Refusal
from core.ids import new_id
from core.records.judge import judge
from core.records.model import (
    GENESIS,
    Action,
    Entry,
    Private,
    Salted,
    SignedAction,
    SubjectKind,
    commitments,
    salted,
    sign_action,
    verify_private,
)
from core.records.people import OfficeState
from core.records.register import PAGE_KIND
from core.services.session import Session
from core.store.unit_of_work import UnitOfWork

PACKAGED = "packaged_actions"
"""How many actions at the beginning of this desk's record came in the package it joined with."""


def record(
    session: Session,
    uow: UnitOfWork,
    subject_kind: SubjectKind,
    subject: str,
    kind: str,
    public: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    *,
    action_id: str = "",
) -> SignedAction:
    """Append one action in the open unit of work, or raise the ``Refusal`` of the rule it breaks.

    ``personal`` values are committed to and sealed; empty ones are left out. ``action_id`` is given when
    an earlier action has announced this one.
    """
    action, values, private = propose(
        session, uow, subject_kind, subject, kind, public, personal, action_id=action_id
    )
    certificate = session.certificate(uow)
    world = uow.world(session.office, bool(certificate and certificate.single_clerk))
    require_own_key(session, world.office())
    judge(action, values, world, china_date(from_stamp(action.at)))
    signed = sign_action(action, session.signer)
    uow.ledger.append(signed, private)
    uow.projection.refresh(subject_kind, subject)
    return signed


def propose(
    session: Session,
    uow: UnitOfWork,
    subject_kind: SubjectKind,
    subject: str,
    kind: str,
    public: Mapping[str, Any] | None = None,
    personal: Mapping[str, str] | None = None,
    *,
    action_id: str = "",
) -> tuple[Action, dict[str, str], dict[str, Salted]]:
    """Build what :func:`record` would judge and sign: the action, its personal values, and their salts."""
    values = {name: value for name, value in (personal or {}).items() if value}
    private = salted(values, session.random)
    last = uow.ledger.last_of_chain(session.device.id, session.device.epoch)
    version = len(uow.ledger.entries(subject_kind, subject))
    action = build(session, subject_kind, subject, kind, public or {}, private, version, last, action_id)
    return action, values, private


def build(
    session: Session,
    subject_kind: SubjectKind,
    subject: str,
    kind: str,
    public: Mapping[str, Any],
    private: Private,
    version: int,
    last: tuple[int, str] | None,
    action_id: str = "",
) -> Action:
    """Build the action that follows ``last`` (seq and hash) in this desk's chain, on version ``version``."""
    return Action(
        id=action_id or new_id(session.random),
        office=session.office,
        subject_kind=subject_kind,
        subject=subject,
        base_version=version,
        kind=kind,
        at=to_stamp(session.now()),
        device=session.device.id,
        device_epoch=session.device.epoch,
        seq=1 if last is None else last[0] + 1,
        prev=GENESIS if last is None else last[1],
        person=session.person,
        public=dict(public),
        commitments=commitments(private),
        rehearsal=session.rehearsal,
    )


def require_own_key(session: Session, office: OfficeState | None) -> None:
    """Refuse to sign with a key that the record does not know: nobody would ever accept it."""
    person = None if office is None else office.person(session.person)
    if person is not None and person.public_key != session.signer.public_bytes():
        raise EnvironmentFault("person_key_differs")


def verify_chain(
    uow: UnitOfWork,
    public_keys: Mapping[str, tuple[bytes, ...]],
    own: tuple[str, int] | None = None,
    seen: Callable[[int], None] = lambda done: None,
) -> int:
    """Check every hash, link, signature and commitment of the local record; return how many stand.

    ``public_keys`` maps a person's id to the keys that were theirs; ``own`` is this desk's (device,
    epoch), whose chain has no gap. Other chains come down the feed without their rejected actions,
    so gaps are lawful there, and so is what the hub has beside the refused end of a forked chain.
    What a joining desk was given of the office comes before its place in such a chain.
    ``seen`` hears how many stand so far and may raise to stop. Raises
    ``EnvironmentFault('record_tampered')`` naming the first bad action.
    """
    links: dict[tuple[str, int], tuple[int, str]] = {}
    given: dict[tuple[str, int, int], SignedAction] = {}
    first, count = int(uow.find_meta(PACKAGED) or 0), 0
    for signed in uow.ledger.chain():
        action = signed.action
        chain = (action.device, action.device_epoch)
        seq, prev = links.get(chain, (0, GENESIS))
        if count < first and chain != own:
            given[*chain, action.seq] = signed
            seq, prev = action.seq - 1, action.prev
        elif (before := given.get((*chain, action.seq - 1))) is not None:
            seq, prev = action.seq - 1, before.hash
        linked = action.seq == seq + 1 and action.prev == prev
        gap = action.seq > seq + 1 and chain != own
        if chain != own and not (linked or gap):
            linked = uow.refusals.stands_beside(action)
        signatures = (signed.verify(key) for key in public_keys.get(action.person, ()))
        after = given.get((*chain, action.seq + 1))
        if after is not None and after.action.prev != signed.hash:
            raise EnvironmentFault("record_tampered", action=after.action.id)
        if not (linked or gap) or not any(signatures) or not _committed(uow, signed):
            raise EnvironmentFault("record_tampered", action=action.id)
        if count >= first:
            links[chain] = (action.seq, signed.hash)
        count += 1
        seen(count)
    return count


def _committed(uow: UnitOfWork, signed: SignedAction) -> bool:
    """Tell whether the personal values are those signed for, or were destroyed on purpose."""
    try:
        if signed.action.kind == PAGE_KIND:
            uow.ledger.pages.verify(signed.action, signed.hash)
        private = uow.ledger.private_of(signed)
        if private:
            verify_private(signed.action, private)
    except (Refusal, EnvironmentFault):
        return False
    return True


def entry_of(signed: SignedAction, values: Mapping[str, str]) -> Entry:
    """Return an action as the folds read it."""
    return Entry(signed.action, signed.hash, dict(values))
