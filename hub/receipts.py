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
PAGE: Final = 20


class Receipts:
    """The receipts of one hub's units."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def give(
        self, connection: Connection, ledger: Ledger, actor: Actor, wanted: dict[str, Any]
    ) -> dict[str, Any]:
        """Return lines about the actor's unit, newest first, for whoever manages its certificate.

        ``wanted``: ``{}`` for the newest, ``{"after": …}`` to go on after a page. Answer: ``{"receipts",
        "after"}``; an empty ``after`` means that these were the oldest. Raises ``Refusal``
        receipts_not_yours for a user (使用人), receipts_place_wrong.
        """
        if actor.grantor.role == USER:
            raise Refusal("receipts_not_yours")
        after = _place(wanted.get("after", ""))
        lines = UseReader(self._hub, connection).of_unit(ledger.office, actor.unit, PAGE + 1, after)
        shown, more = lines[:PAGE], len(lines) > PAGE
        return {
            "receipts": [{name: getattr(line, name) for name in _SHOWN} for line in shown],
            "after": f"{shown[-1].at} {shown[-1].use}" if more else "",
        }


def _place(text: Any) -> tuple[str, str] | None:
    if text == "":
        return None
    at, _, use = text.partition(" ") if isinstance(text, str) else ("", "", "")
    if not use or len(text) > 100:
        raise Refusal("receipts_place_wrong")
    return at, use
