"""The use list (用证清单): one line for every request, and nothing of any certificate.

Who asked, for which registered purpose, about which unit, under which serial number, what was answered. The
operator stands there masked and committed to by a salted digest, so that a department can be held to its
word without the hub keeping its staff's names; the reason is free text and lies sealed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from core.credentials.jose import b64u
from core.ids import new_id
from core.keys.sealing import seal, subkey, unseal
from core.records.uses import UseLine
from hub.parties import party_names
from hub.party_tables import use_record
from hub.setup import Hub
from hub.tables import PROVINCE
from hub.world import LedgerWorld

MOST: Final = 100_000


@dataclass(frozen=True)
class Use:
    """What a line says. ``office`` is the unit's, :data:`PROVINCE` where no unit was found.

    ``answer`` of a refused request is ``core.records.uses.REFUSED``, its reason the code.
    """

    party: str
    version: int
    function: str
    answer: str
    reasons: tuple[str, ...] = ()
    office: str = PROVINCE
    unit: str | None = None
    reference: str | None = None
    purpose: str = ""
    serial: str = ""
    reason: str = field(default="", repr=False)
    operator_name: str = field(default="", repr=False)
    operator_number: str = field(default="", repr=False)


def masked_operator(name: str, number: str) -> str:
    """Return an operator as the list shows one: first character of the name, last two of the number."""
    shown = number[-2:] if len(number) > 3 else ""
    return f"{name[:1]}{'*' * min(len(name) - 1, 4)} {'*' * min(len(number) - len(shown), 8)}{shown}".strip()


def operator_digest(salt: str, name: str, number: str) -> str:
    """Return what commits to an operator: base64url of SHA-256 over salt, name and number, by lines."""
    return b64u(hashlib.sha256(f"{salt}\n{name}\n{number}".encode()).digest())


def _reasons_key(hub: Hub) -> bytes:
    return subkey(hub.nonce_key, "use list reasons")


def note_use(hub: Hub, connection: Connection, use: Use) -> str:
    """Write a line in the caller's transaction; returns its number."""
    number, salt = new_id(hub.random), b64u(hub.random(16))
    named = bool(use.operator_name)
    row = {
        "office": use.office,
        "use": number,
        "at": hub.stamp(),
        "party": use.party,
        "version": use.version,
        "purpose": use.purpose,
        "function": use.function,
        "unit": use.unit,
        "reference": use.reference,
        "serial": use.serial,
        "operator": masked_operator(use.operator_name, use.operator_number) if named else "",
        "operator_salt": salt,
        "operator_digest": operator_digest(salt, use.operator_name, use.operator_number) if named else "",
        "answer": use.answer,
        "reasons": json.dumps(use.reasons),
        "reason": seal(_reasons_key(hub), use.reason.encode(), number.encode(), hub.random),
    }
    connection.execute(use_record.insert(), row)
    return number


class UseReader:
    """Reads the list inside one transaction: names for codes, the reason opened, the operator masked."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub = hub
        self._connection = connection
        self._names = party_names(connection)

    def of_unit(
        self, office: str, unit: str, limit: int, after: tuple[str, str] | None = None
    ) -> list[UseLine]:
        """Return the newest lines about one unit; ``after``: those that follow this (time, number)."""
        where = [use_record.c.office == office, use_record.c.unit == unit]
        if after is not None:
            at, use = after
            same = and_(use_record.c.at == at, use_record.c.use > use)
            where += [use_record.c.at <= at, or_(use_record.c.at < at, same)]
        return self._read(where, limit)

    def between(
        self,
        since: str,
        until: str,
        *,
        office: str | None = None,
        party: str | None = None,
        limit: int = MOST,
        skip: int = 0,
    ) -> list[UseLine]:
        """Return the lines of a time (stamps, ``until`` not included), the newest first.

        ``office``: only about its units; None is the whole province.
        """
        where = [use_record.c.at >= since, use_record.c.at < until]
        if office is not None:
            where.append(use_record.c.office == office)
        if party is not None:
            where.append(use_record.c.party == party)
        return self._read(where, limit, skip)

    def _read(self, where: Iterable[ColumnElement[bool]], limit: int, skip: int = 0) -> list[UseLine]:
        order = (use_record.c.at.desc(), use_record.c.use)
        newest = select(use_record).where(*where).order_by(*order).limit(limit).offset(skip)
        rows = self._connection.execute(newest).all()
        units = self._units({(row.office, row.unit) for row in rows if row.unit})
        return [self._line(row, units.get((row.office, row.unit), ("", ""))) for row in rows]

    def _units(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
        """Return present name and code of these units; the list itself holds neither."""
        found = {}
        for office in {office for office, _ in places}:
            world = LedgerWorld(self._connection, office, self._hub.sealed)
            mine = sorted(unit for place, unit in places if place == office)
            world.read(("unit", unit) for unit in mine)
            for unit in mine:
                state = world.unit(unit)
                values = state.values if state else {}
                found[office, unit] = (values.get("name", ""), values.get("uscc", ""))
        return found

    def _line(self, row: Any, unit: tuple[str, str]) -> UseLine:
        known = self._names.get(row.party)
        purpose = known.purpose(row.purpose) if known else None
        reason = unseal(_reasons_key(self._hub), row.reason, row.use.encode()).decode()
        return UseLine(
            use=row.use,
            at=row.at,
            party=row.party,
            party_name=known.name if known else "",
            party_kind=known.kind if known else "",
            purpose=purpose.name if purpose else row.purpose,
            function=row.function,
            unit=row.unit or "",
            unit_name=unit[0],
            uscc=unit[1],
            serial=row.serial,
            operator=row.operator,
            answer=row.answer,
            reasons=tuple(json.loads(row.reasons)),
            reason=reason,
        )


def mismatches_since(connection: Connection, party: str, place: tuple[str, str], since: str) -> int:
    """Count a department's comparisons about a unit since ``since`` whose answer was *no match*."""
    office, unit = place
    where = (
        use_record.c.office == office,
        use_record.c.unit == unit,
        use_record.c.party == party,
        use_record.c.at >= since,
        use_record.c.reasons.like('%"holder_differs"%') | use_record.c.reasons.like('%"person_differs"%'),
    )
    return len(connection.execute(select(use_record.c.use).where(*where)).all())
