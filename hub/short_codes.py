"""The typed fallback: eight characters that stand for a claim code registered here.

Guessing is made useless three ways: wrong tries are limited for everybody together, tries of one
code are limited, and a found code still asks for the six digits, five times at most.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from core.claims import short_code as spelling
from core.errors import Refusal, UserError
from hub import tables
from hub.claim_checks import read_signed
from hub.desks import Desk
from hub.engine import insert_new, lock_office
from hub.limits import Bucket, Buckets
from hub.setup import Hub

GRACE = 120


class ShortCodes:
    """Registers and resolves typed codes of one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._wrong = Bucket(burst=30, per_minute=30, now=hub.now)
        self._each = Buckets(burst=10, per_minute=5, now=hub.now)

    def register(self, desk: Desk, text: str) -> dict[str, Any]:
        """Return ``{"short", "expires_at"}`` for a desk's own code; asked again, the same.

        Raises ``ClaimRefused`` for a bad code, ``Refusal`` device_foreign or claim_expired.
        """
        hub, signed, table = self._hub, read_signed(self._hub, text), tables.short_code
        code = signed.code
        if (signed.desk.office, signed.desk.device) != (desk.office, desk.device):
            raise Refusal("device_foreign")
        if code.expires_at <= hub.now():
            raise Refusal("claim_expired")
        with hub.database.write() as connection:
            lock_office(connection, desk.office)
            connection.execute(
                delete(table).where(table.c.office == desk.office, table.c.expires_at < hub.now() - GRACE)
            )
            jti = code.jti.hex()
            known = connection.execute(
                select(table.c.short).where(table.c.office == desk.office, table.c.jti == jti)
            ).scalar_one_or_none()
            while known is None:
                short = spelling.make(hub.random)
                taken = connection.execute(select(table.c.short).where(table.c.short == short)).first()
                row = {"office": desk.office, "short": short, "jti": jti, "code": text}
                if taken is None and insert_new(connection, table, {**row, "expires_at": code.expires_at}):
                    known = short
        return {"short": known, "expires_at": code.expires_at}

    def resolve(self, typed: str) -> str:
        """Return the claim code meant. Raises ``UserError`` short_wrong, short_unknown or too_many."""
        try:
            short = spelling.parse(typed)
        except UserError as fault:
            raise UserError("short_wrong") from fault
        if not self._wrong.has_room() or not self._each.take(short):
            raise UserError("too_many")
        table = tables.short_code
        with self._hub.database.read() as connection:
            row = connection.execute(select(table).where(table.c.short == short)).first()
        if row is None or row.expires_at < self._hub.now() - GRACE:
            self._wrong.take()
            raise UserError("short_unknown")
        return str(row.code)
