"""The service matters (应用场景清单) as this desk knows them: the hub's list, the newest that was fetched."""

from __future__ import annotations

import json
from typing import Any, Final

from core.errors import EnvironmentFault
from core.forms.matters import Matter, matters_json, read_matters, seed_matters
from core.services.session import Session
from core.store.unit_of_work import UnitOfWork

_META: Final = "matters"


def matters_of(uow: UnitOfWork) -> dict[str, Matter]:
    """Return the matters by code, those taken off the list too; what ships until the hub was asked."""
    kept = uow.find_meta(_META)
    return dict(seed_matters()) if kept is None else read_matters(json.loads(kept))


def known_matters(session: Session) -> dict[str, Matter]:
    """Return the same in a look of its own."""
    with session.read() as uow:
        return matters_of(uow)


def keep_matters(session: Session, told: Any) -> None:
    """Keep the list that the hub told; None, from an older hub, changes nothing.

    Raises ``EnvironmentFault('hub_answer_damaged')``.
    """
    if told is None:
        return
    try:
        fresh = read_matters(told)
    except ValueError as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault
    if fresh != known_matters(session):
        with session.begin() as uow:
            uow.set_meta(_META, json.dumps(matters_json(fresh), ensure_ascii=False))
