"""What a desk asks about claim codes: how far a phone has come, and eight characters to type."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.errors import Refusal
from hub import tables
from hub.claim_codes import TRIES
from hub.desk_handler import Payload, Request
from hub.short_codes import ShortCodes

MAX_JTI = 200


def claim_progress(request: Request) -> Payload:
    """Answer ``claim-progress``. Raises ``Refusal('envelope_malformed')``."""
    wanted = request.payload.get("jti")
    if not isinstance(wanted, list) or len(wanted) > MAX_JTI:
        raise Refusal("envelope_malformed")
    if not all(isinstance(jti, str) and len(jti) == 24 and jti.isalnum() for jti in wanted):
        raise Refusal("envelope_malformed")
    table = tables.claim_code
    with request.hub.database.read() as connection:
        rows = connection.execute(
            select(table).where(table.c.office == request.desk.office, table.c.jti.in_(wanted))
        ).all()
    known = {row.jti: row for row in rows}
    return {"claims": [_claim_state(jti, known.get(jti)) for jti in dict.fromkeys(wanted)]}


def claim_short(request: Request) -> Payload:
    """Answer ``claim-short``. Raises as :meth:`hub.short_codes.ShortCodes.register` does."""
    code = request.payload.get("code")
    if not isinstance(code, str):
        raise Refusal("envelope_malformed")
    return ShortCodes(request.hub).register(request.desk, code)


def _claim_state(jti: str, row: Any) -> Payload:
    if row is None:
        return {"jti": jti, "state": "waiting", "tries_left": TRIES, "code": "", "at": ""}
    return {
        "jti": jti,
        "state": row.state,
        "tries_left": max(0, TRIES - row.tries),
        "code": row.code,
        "at": row.at,
    }
