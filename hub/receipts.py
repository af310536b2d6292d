"""Receipts (谁查验过): the unit sees on its phone who verified it, when, under which purpose and why."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection

from core.errors import Refusal
from core.records.delegations import USER
from hub.actors import Actor
from hub.ledger import Ledger
from hub.setup import Hub
from hub.uses import UseReader

_SHOWN: Final = ("at", "party_name", "party_kind", "purpose", "function", "answer", "reason")
"""What the unit is shown of a line; the department's operator is its own affair."""


class Receipts:
    """The receipts of one hub's units."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def give(
        self, connection: Connection, ledger: Ledger, actor: Actor, wanted: dict[str, Any]
    ) -> dict[str, Any]:
        """Return the newest lines about the actor's unit, for whoever manages its certificate.

        Raises ``Refusal('receipts_not_yours')`` for a user (使用人).
        """
        del wanted
        if actor.grantor.role == USER:
            raise Refusal("receipts_not_yours")
        lines = UseReader(self._hub, connection).of_unit(ledger.office, actor.unit)
        return {"receipts": [{name: getattr(line, name) for name in _SHOWN} for line in lines]}
