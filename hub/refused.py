"""What was refused and not settled: nothing a desk made in sight of it may be recorded.

An action's version alone does not show what its maker saw. A desk that was offline makes a second
correction on its own first one; the hub refuses the first, because another desk was quicker, and the
second fits by chance on that desk's version: recorded, it would overwrite what nobody here has looked at.
So whatever follows a refused action in its desk's chain, on the same subject and above it, is refused with
it until a person has settled the refusal (docs/decisions/012-refusals-are-settled.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select, update

from core.records.model import Action
from hub.chain import Link, is_name
from hub.engine import insert_new
from hub.refused_tables import refused_action

Place = tuple[int, int]
"""Epoch and number in a device's chain."""

NAMED = 50
"""How many refused actions a refusal names at most."""


class RefusedActions:
    """One office's refused actions inside one transaction; read once, on the first question."""

    def __init__(self, connection: Connection, office: str) -> None:
        self._connection = connection
        self._office = office
        self._open: dict[tuple[str, str, str], dict[str, tuple[Place, int]]] | None = None

    def note(self, link: Link, action_hash: str, body: Any) -> None:
        """Remember where an action stood that has just been refused; one without a subject stops nothing."""
        kind, subject, base = body.get("subject_kind"), body.get("subject"), body.get("base_version")
        named = is_name(kind) and len(kind) <= 16 and is_name(subject)
        if not named or kind == "refusal" or type(base) is not int or not 0 <= base < 2**53:
            return
        key = (link.device, str(kind), str(subject))
        place = (link.epoch, link.seq)
        self._insert(action_hash, key, place, base, settled=False)
        self._unsettled().setdefault(key, {})[action_hash] = (place, base)

    def any_of(self, action: Action) -> bool:
        """Tell whether anything of this desk's was refused on the subject and is unsettled."""
        return (action.device, action.subject_kind, action.subject) in self._unsettled()

    def before(self, action: Action, newest_recorded: Place) -> tuple[str, ...]:
        """Return what of this desk's was refused on the subject below the action, and is unsettled.

        Nothing is returned when the desk has done something since that was recorded
        (``newest_recorded``): that one was made knowing of the refusal.
        """
        found = self._unsettled().get((action.device, action.subject_kind, action.subject), {})
        newest, base = max(found.values(), default=((0, 0), 0))
        if newest <= newest_recorded or base >= action.base_version:
            return ()
        return tuple(list(found)[-NAMED:])

    def is_settled(self, action_hash: str) -> bool:
        """Tell whether a person has settled this refusal already."""
        table = refused_action
        query = select(table.c.settled).where(table.c.office == self._office, table.c.hash == action_hash)
        return bool(self._connection.execute(query).scalar())

    def settle(self, hashes: Iterable[str]) -> None:
        """Take refusals as settled, also of actions that never came here."""
        table = refused_action
        for action_hash in hashes:
            if not self._insert(action_hash, ("", "", ""), (0, 0), 0, settled=True):
                where = (table.c.office == self._office, table.c.hash == action_hash)
                self._connection.execute(update(table).where(*where).values(settled=True))
        self._open = None

    def _insert(
        self, action_hash: str, key: tuple[str, str, str], place: Place, base: int, *, settled: bool
    ) -> bool:
        row = {
            "office": self._office,
            "hash": action_hash,
            "device": key[0],
            "device_epoch": place[0],
            "seq": place[1],
            "subject_kind": key[1],
            "subject": key[2],
            "base_version": base,
            "settled": settled,
        }
        return insert_new(self._connection, refused_action, row)

    def _unsettled(self) -> dict[tuple[str, str, str], dict[str, tuple[Place, int]]]:
        if self._open is None:
            table = refused_action
            query = select(table).where(table.c.office == self._office, table.c.settled.is_(False))
            self._open = {}
            for row in self._connection.execute(query):
                key = (row.device, row.subject_kind, row.subject)
                place = (int(row.device_epoch), int(row.seq))
                self._open.setdefault(key, {})[row.hash] = (place, int(row.base_version))
        return self._open
