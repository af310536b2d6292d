"""Honouring a claim, first half: the offer a code stands for, and the token it is exchanged for.

A failed check burns nothing except a PIN try, and that try is committed although the request is
refused. The winner of a race is who inserts the code's number under its unique key, in the
transaction that makes the token. Tokens are kept as hashes only.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from core.claims.code import PURPOSE_REPLACEMENT
from core.claims.offer import offer_object
from core.claims.pair import pair_key, pin_matches
from hub import tables
from hub.claim_checks import Facts, Signed, check_standing, find_facts, read_signed
from hub.claim_codes import TRIES, CodeRow, newer_exists, note_refused, see, set_state
from hub.engine import insert_new, lock_office
from hub.issuing import check_issuable
from hub.ledger import Ledger
from hub.refusals import ClaimRefused
from hub.setup import Hub

TOKEN_SECONDS = 300
DEFERRED_SECONDS = 72 * 3600
"""How long a claim may wait for the office's facts. A wallet drops a token when its ``expires_in`` is over,
so one whose facts are missing is told, and given, the whole wait."""


@dataclass(frozen=True)
class Granted:
    """The token that a code was exchanged for."""

    token: str
    expires_in: int


def _refusing(hub: Hub, signed: Signed, step: Callable[[Connection, CodeRow], ClaimRefused | None]) -> None:
    """Run ``step`` in one transaction that is committed even when it refuses; then raise the refusal."""
    with hub.database.write() as connection:
        lock_office(connection, signed.desk.office)
        row = see(hub, connection, signed.code, signed.desk)
        try:
            refusal = step(connection, row)
        except ClaimRefused as refused:
            note_refused(hub, connection, row, refused.code)
            refusal = refused
    if refusal is not None:
        raise refusal


def _stand(hub: Hub, connection: Connection, signed: Signed, row: CodeRow) -> Facts | None:
    check_standing(hub, connection, signed, row)
    ledger = Ledger(hub, connection, signed.desk.office)
    facts = find_facts(hub, connection, ledger, signed, row)
    unit = facts.case.unit if facts else row.unit
    if newer_exists(connection, row.office, signed.code, unit):
        raise ClaimRefused("superseded", "by a newer code")
    if facts is not None:
        check_issuable(hub, facts)
    return facts


# --- offer ------------------------------------------------------------------------------------


def offer(hub: Hub, text: str) -> dict[str, Any]:
    """Return the offer a code stands for. Changes nothing but the desk's live view (``scanned``)."""
    signed = read_signed(hub, text)

    def step(connection: Connection, row: CodeRow) -> None:
        _stand(hub, connection, signed, row)
        if row.state in ("waiting", "refused"):
            set_state(hub, connection, row, "scanned")

    _refusing(hub, signed, step)
    return dict(offer_object(hub.issuer, text))


def require_standing(hub: Hub, signed: Signed) -> None:
    """Judge a code exactly as its offer would, without the desk's being told of a scan. Raises
    :class:`ClaimRefused`."""

    def step(connection: Connection, row: CodeRow) -> None:
        _stand(hub, connection, signed, row)

    _refusing(hub, signed, step)


# --- token ------------------------------------------------------------------------------------


def token(hub: Hub, text: str, tx_code: str | None) -> Granted:
    """Exchange a code and its six digits for an access token. Raises :class:`ClaimRefused`."""
    signed = read_signed(hub, text)
    secret = f"{_b64u(signed.desk.office.encode())}.{_b64u(hub.random(32))}"
    seconds = TOKEN_SECONDS

    def step(connection: Connection, row: CodeRow) -> ClaimRefused | None:
        nonlocal seconds
        facts = _stand(hub, connection, signed, row)
        if not tx_code:
            return ClaimRefused("pin_missing", "tx_code is required", error="invalid_request")
        key = pair_key(hub.exchange_secret, signed.desk.exchange_key)
        if not pin_matches(key, signed.code.jti, tx_code):
            return _wrong_pin(hub, connection, row)
        seconds = TOKEN_SECONDS if facts else DEFERRED_SECONDS
        _redeem(hub, connection, signed, row, facts, (text, secret, seconds))
        return None

    _refusing(hub, signed, step)
    return Granted(secret, seconds)


def _wrong_pin(hub: Hub, connection: Connection, row: CodeRow) -> ClaimRefused:
    tries = row.tries + 1
    left = TRIES - tries
    if left <= 0:
        set_state(hub, connection, row, "locked", "locked", tries=tries)
        return ClaimRefused("locked", "five wrong codes")
    set_state(hub, connection, row, "pin_wrong", "pin_wrong", tries=tries)
    return ClaimRefused("pin_wrong", f"{left} left")


def _redeem(
    hub: Hub,
    connection: Connection,
    signed: Signed,
    row: CodeRow,
    facts: Facts | None,
    exchange: tuple[str, str, int],
) -> None:
    text, secret, seconds = exchange
    values = {
        "office": row.office,
        "jti": row.jti,
        "token": hash_token(secret),
        "code": text,
        "case": facts.case.id if facts else None,
        "expires_at": hub.now() + seconds,
        "deferred_until": None,
        "transaction": None,
        "holder_key": None,
        "notification": None,
        "event": None,
        "certificate": None,
        "dead": False,
        "at": hub.stamp(),
    }
    if not insert_new(connection, tables.redemption, values):
        raise ClaimRefused("used", "already redeemed")
    if signed.code.purpose == PURPOSE_REPLACEMENT:
        _kill_former(connection, row.office, row.jti, signed.code.facts.hex())
    set_state(hub, connection, row, "accepted")


def _kill_former(connection: Connection, office: str, jti: str, facts: str) -> None:
    """A replacement was asked for: no token of an earlier code may still become a certificate."""
    codes, spent = tables.claim_code, tables.redemption
    former = select(codes.c.jti).where(codes.c.office == office, codes.c.facts == facts, codes.c.jti != jti)
    connection.execute(
        update(spent)
        .where(spent.c.office == office, spent.c.jti.in_(former), spent.c.certificate.is_(None))
        .values(dead=True)
    )


def hash_token(secret: str) -> str:
    """Return what the hub keeps of a token."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
