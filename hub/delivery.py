"""Honouring a claim, second half: the certificate for a token, now or when the facts have arrived.

A token leads to one certificate for one phone's key. Whatever is refused here leaves the earlier
certificate of the unit as it was; a lost answer is mended by a replacement code from the desk.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, update

from core.claims.code import decode
from core.credentials.key_proof import verify_proof
from core.errors import UserError
from hub import tables
from hub.claim_checks import Signed, find_facts, is_received
from hub.claim_codes import get_row, set_state
from hub.claims import DEFERRED_SECONDS, hash_token
from hub.desks import find_by_kid
from hub.engine import lock_office
from hub.issuing import issue_certificate
from hub.ledger import Ledger
from hub.nonces import take_nonce
from hub.refusals import ClaimRefused
from hub.setup import Hub

INTERVAL = 3
EVENTS = ("credential_accepted", "credential_failure", "credential_deleted")


@dataclass(frozen=True)
class Delivered:
    """A certificate (``sd_jwt``) with its notification id, or a transaction to come back for.

    ``received``: the approval is here; the scan of its signed form, or an announced change, is waited for.
    """

    sd_jwt: str = ""
    notification: str = ""
    transaction: str = ""
    received: bool = False


class TokenUnknown(UserError):
    """The bearer token is none, has ended, or has done its work (``invalid_token``)."""

    def __init__(self) -> None:
        super().__init__("token_unknown")


def office_of(secret: str) -> str:
    """Return which office a bearer token belongs to. Raises :class:`TokenUnknown`."""
    try:
        part = secret.split(".")[0]
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("ascii")
    except ValueError as fault:
        raise TokenUnknown from fault


def _find(connection: Connection, office: str, secret: str) -> Any:
    table = tables.redemption
    row = connection.execute(
        table.select().where(table.c.office == office, table.c.token == hash_token(secret))
    ).one_or_none()
    if row is None or row.dead:
        raise TokenUnknown
    return row


def check_token(hub: Hub, secret: str) -> None:
    """Refuse a token that can lead to nothing, before a body is looked at."""
    office = office_of(secret)
    with hub.database.read() as connection:
        _find(connection, office, secret)


def credential(hub: Hub, secret: str, proof: str) -> Delivered:
    """Deliver the certificate for the key that ``proof`` proves, or a transaction to come back for.

    Raises :class:`TokenUnknown`, ``UserError`` proof_invalid or nonce_invalid, :class:`ClaimRefused`.
    """
    office = office_of(secret)
    with hub.database.write() as connection:
        lock_office(connection, office)
        row = _find(connection, office, secret)
        if row.certificate is not None or (row.transaction is None and hub.now() >= row.expires_at):
            raise TokenUnknown
        holder = verify_proof(proof, hub.issuer, lambda nonce: take_nonce(hub, connection, nonce), hub.now())
        if row.transaction is not None:
            if json.loads(row.holder_key) != holder:
                raise TokenUnknown
            return _waiting(connection, row, row.transaction)
        outcome = _deliver(hub, connection, row, holder) or _defer(hub, connection, row, holder)
    return _unless_refused(outcome)


def deferred(hub: Hub, secret: str, transaction: str) -> Delivered:
    """Deliver the certificate of a transaction, or say again that it has to wait.

    Raises :class:`TokenUnknown`, ``UserError('transaction_unknown')``, :class:`ClaimRefused`.
    """
    office = office_of(secret)
    with hub.database.write() as connection:
        lock_office(connection, office)
        row = _find(connection, office, secret)
        if row.transaction is None or row.transaction != transaction or row.certificate is not None:
            raise UserError("transaction_unknown")
        if hub.now() >= row.deferred_until:
            raise TokenUnknown
        holder = json.loads(row.holder_key)
        outcome = _deliver(hub, connection, row, holder) or _waiting(connection, row, transaction)
    return _unless_refused(outcome)


def _unless_refused(outcome: Delivered | ClaimRefused) -> Delivered:
    if isinstance(outcome, ClaimRefused):
        raise outcome
    return outcome


def _deliver(
    hub: Hub, connection: Connection, row: Any, holder: dict[str, str]
) -> Delivered | ClaimRefused | None:
    """Issue, or say None (facts not there yet). A refusal is returned, so that it can be committed."""
    code_row = get_row(connection, row.office, row.jti)
    try:
        signed = _signed_again(connection, row.office, row.code, code_row.voided)
        ledger = Ledger(hub, connection, row.office)
        facts = find_facts(hub, connection, ledger, signed, code_row)
        if facts is None:
            return None
        made = issue_certificate(hub, connection, ledger, facts, row.jti, holder)
    except ClaimRefused as refused:
        _change(connection, row, dead=True)
        set_state(hub, connection, code_row, "refused", refused.code)
        return refused
    notification = hub.random(16).hex()
    _change(connection, row, certificate=made.certificate, notification=notification, case=facts.case.id)
    set_state(hub, connection, code_row, "issued")
    return Delivered(sd_jwt=made.sd_jwt, notification=notification)


def _signed_again(connection: Connection, office: str, text: str, voided: bool) -> Signed:
    """Read a spent code again; its signature and time were checked when the token was made."""
    if voided:
        raise ClaimRefused("voided", "by the office")
    decoded = decode(text)
    for desk in find_by_kid(connection, decoded.code.office, decoded.kid):
        if desk.office == office and desk.revoked_at is None:
            return Signed(decoded.code, desk)
    raise ClaimRefused("revoked", "office key")


def _defer(hub: Hub, connection: Connection, row: Any, holder: dict[str, str]) -> Delivered:
    transaction = hub.random(16).hex()
    _change(
        connection,
        row,
        transaction=transaction,
        holder_key=json.dumps(holder),
        deferred_until=hub.now() + DEFERRED_SECONDS,
    )
    set_state(hub, connection, get_row(connection, row.office, row.jti), "deferred", "not_arrived")
    return _waiting(connection, row, transaction)


def _waiting(connection: Connection, row: Any, transaction: str) -> Delivered:
    received = is_received(connection, row.office, decode(row.code).code)
    return Delivered(transaction=transaction, received=received)


def _change(connection: Connection, row: Any, **values: Any) -> None:
    table = tables.redemption
    connection.execute(
        update(table).where(table.c.office == row.office, table.c.jti == row.jti).values(**values)
    )


def notify(hub: Hub, secret: str, notification: str, event: str) -> None:
    """Take note of what a wallet did with a certificate. Raises ``UserError('notification_unknown')``."""
    office = office_of(secret)
    with hub.database.write() as connection:
        row = _find(connection, office, secret)
        if row.notification is None or row.notification != notification or event not in EVENTS:
            raise UserError("notification_unknown")
        _change(connection, row, event=event)
