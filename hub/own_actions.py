"""What the hub itself writes into an office's ledger: signed by its key, on its own chain, down the feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from core.ids import new_id
from core.records.kinds import KINDS
from core.records.model import HUB, Action, commitments, salted, sign_action
from hub import chain
from hub.ledger import Ledger
from hub.setup import Hub


def record_own(
    hub: Hub,
    connection: Connection,
    ledger: Ledger,
    subject: str,
    kind: str,
    public: Mapping[str, Any],
    personal: Mapping[str, str] | None = None,
) -> int:
    """Record an action of the hub about ``subject`` in the caller's transaction; returns its position.

    The caller ends with :func:`hub.after_batch.after_batch`.
    """
    office, subject_kind = ledger.office, KINDS[kind].subject_kind
    seq, prev = chain.head(connection, office, HUB, 0)
    private = salted(personal or {}, hub.random)
    action = Action(
        id=new_id(hub.random),
        office=office,
        subject_kind=subject_kind,
        subject=subject,
        base_version=len(ledger.world.recorded(subject_kind, subject)),
        kind=kind,
        at=hub.stamp(),
        device=HUB,
        device_epoch=0,
        seq=seq + 1,
        prev=prev,
        person=HUB,
        public=dict(public),
        commitments=commitments(private),
        rehearsal=hub.rehearsal,
    )
    link = chain.read_link(action.body())
    assert link is not None
    signed = sign_action(action, hub.signer)
    chain.extend(connection, office, link, signed.hash)
    position = ledger.append(signed, private).position
    assert position is not None
    return position
