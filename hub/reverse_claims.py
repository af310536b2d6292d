"""The reverse claim (反向领取): a phone without a camera shows a short code, and the clerk types it.

It only carries a claim code to the phone. What the code is worth is judged as for one that was
scanned, and the six digits are still asked. A phone's page holds a random ticket (kept here as a
hash), so nobody else can fetch what a desk sent to it.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from sqlalchemy import Connection, delete, select, update

from core.claims import short_code as spelling
from core.errors import Refusal, UserError
from hub.claim_checks import read_signed
from hub.claims import require_standing
from hub.desk_handler import Payload, Request
from hub.engine import insert_new
from hub.limits import Bucket, Buckets
from hub.reverse_tables import waiting_phone as table
from hub.setup import Hub
from hub.tables import PROVINCE

SECONDS = 300
"""How long a phone's short code can be typed."""
GRACE = 120
"""Seconds that a phone has at least, after a desk sent the code, to fetch it."""
_CODE_LIMIT = 1024


class WaitingPhones:
    """The phones' side: a short code to show, and the question whether a claim code has come."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        # For all phones together: what they can make this table hold is about 1,000 rows.
        self._fresh = Bucket(burst=120, per_minute=120, now=hub.now)
        self._each = Buckets(burst=20, per_minute=60, now=hub.now)

    def open(self) -> dict[str, Any]:
        """Return ``{"short", "ticket", "expires_in"}``. Raises ``UserError('too_many')``."""
        hub = self._hub
        if not self._fresh.take():
            raise UserError("too_many")
        ticket = base64.urlsafe_b64encode(hub.random(32)).decode().rstrip("=")
        row = {"office": PROVINCE, "ticket": _hash(ticket), "code": None, "expires_at": hub.now() + SECONDS}
        with hub.database.write() as connection:
            connection.execute(delete(table).where(table.c.expires_at < hub.now()))
            short = spelling.make(hub.random)
            while not insert_new(connection, table, {**row, "short": short}):
                short = spelling.make(hub.random)
        return {"short": short, "ticket": ticket, "expires_in": SECONDS}

    def poll(self, ticket: str) -> dict[str, Any]:
        """Return ``{"waiting": True}`` or the offer that a desk sent; asked again, the same.

        Raises ``UserError`` reverse_gone or too_many.
        """
        hub, hashed = self._hub, _hash(ticket)
        if not self._each.take(hashed):
            raise UserError("too_many")
        with hub.database.read() as connection:
            row = connection.execute(
                select(table.c.code, table.c.expires_at).where(
                    table.c.office == PROVINCE, table.c.ticket == hashed
                )
            ).one_or_none()
        if row is None or row.expires_at < hub.now():
            raise UserError("reverse_gone")
        if row.code is None:
            return {"waiting": True}
        return {"credential_offer_uri": f"{hub.issuer}/o/{row.code}"}


def claim_reverse(request: Request) -> Payload:
    """Answer ``claim-reverse``: link a desk's own claim code, judged as at the offer, to a phone.

    Raises ``Refusal`` envelope_malformed, device_foreign, ``ClaimRefused``, or ``UserError``
    reverse_wrong (check character), reverse_unknown (also: past its time), reverse_used, too_many.
    """
    hub, desk = request.hub, request.desk
    text, typed = request.payload.get("code"), request.payload.get("short")
    if not isinstance(text, str) or not isinstance(typed, str) or len(typed) > 64 or len(text) > _CODE_LIMIT:
        raise Refusal("envelope_malformed")
    try:
        short = spelling.parse(typed)
    except UserError as fault:
        raise UserError("reverse_wrong") from fault
    wrong = _wrong_tries(hub).of(f"{desk.office} {desk.device}")
    if not wrong.has_room():
        raise UserError("too_many")
    signed = read_signed(hub, text)
    if (signed.desk.office, signed.desk.device) != (desk.office, desk.device):
        raise Refusal("device_foreign")
    require_standing(hub, signed)
    with hub.database.write() as connection:
        known = _link(hub, connection, short, text)
    if not known:
        wrong.take()
        raise UserError("reverse_unknown")
    return {"sent": True}


def _link(hub: Hub, connection: Connection, short: str, text: str) -> bool:
    """Give the phone this code; tell whether there is such a phone. Raises ``UserError('reverse_used')``."""
    now = hub.now()
    here = (table.c.office == PROVINCE, table.c.short == short, table.c.expires_at >= now)
    until = connection.execute(select(table.c.expires_at).where(*here)).scalar_one_or_none()
    if until is None:
        return False
    connection.execute(
        update(table)
        .where(*here, table.c.code.is_(None))
        .values(code=text, expires_at=max(until, now + GRACE))
    )
    # Whoever came first has it; a desk whose answer was lost asks again and is told the same.
    if connection.execute(select(table.c.code).where(*here)).scalar_one() != text:
        raise UserError("reverse_used")
    return True


def _wrong_tries(hub: Hub) -> Buckets:
    return hub.counters.setdefault("reverse", Buckets(burst=10, per_minute=2, now=hub.now))


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode("utf-8", "surrogatepass")).hexdigest()
