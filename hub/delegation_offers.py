"""How an authorisation comes onto another phone: an offer with six digits, claimed like a certificate.

The offer is a random code; its six digits are derived from it under a key of the hub and stand nowhere. One
offer stands for a delegation at a time. Who exchanges it first has it: five wrong digits, a newer offer or
the end of the delegation kill it, and a token leads to one credential for one phone's key.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, select, update

from core.claims.offer import DELEGATION, offer_object
from core.clock import CHINA, china_date, from_stamp
from core.credentials.delegation_claims import Authority, build_claims, build_delegation_always
from core.credentials.key_proof import verify_proof
from core.credentials.person_digest import person_digest
from core.credentials.sdjwt import issue
from core.credentials.status import StatusReference
from core.errors import Refusal, UserError
from core.records.delegations import Stage, above, stage
from core.records.states import CertificateState, DelegationState
from hub.actors import Actor
from hub.after_batch import after_batch
from hub.claims import TOKEN_SECONDS, Granted, hash_token
from hub.delegation_tables import delegation_offer
from hub.delegations import record_claimed, tree_of
from hub.delivery import EVENTS, Delivered, TokenUnknown, office_of
from hub.engine import insert_new, lock_office
from hub.ledger import Ledger
from hub.nonces import take_nonce
from hub.refusals import ClaimRefused
from hub.setup import Hub
from hub.status_lists import Slot, list_uri, take_slot

OFFER_SECONDS = 1800
TRIES = 5
_MARK = "dg_"
_TOKEN_MARK = ".dg_"


@dataclass(frozen=True)
class Offer:
    """What the granting phone shows: a code for the QR, six digits to say aloud, and its end (seconds)."""

    code: str
    digits: str
    expires_at: int


def is_ours(code: str) -> bool:
    """Tell whether a pre-authorized code offers a delegation."""
    return code.startswith(_MARK)


def is_our_token(secret: str) -> bool:
    """Tell whether an access token leads to a delegation."""
    return _TOKEN_MARK in secret


def _b64u(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _digits(hub: Hub, code: str) -> str:
    mac = hmac.digest(hub.nonce_key, b"delegation-digits/1" + code.encode(), "sha256")
    return f"{int.from_bytes(mac[:8], 'big') % 10**6:06d}"


# --- offering -----------------------------------------------------------------------------------


def make_offer(hub: Hub, connection: Connection, ledger: Ledger, actor: Actor, delegation: str) -> Offer:
    """Offer a delegation that no phone has claimed yet; a former offer is dead from here on.

    Only who granted it may. Raises ``Refusal``.
    """
    states = tree_of(connection, ledger, actor.certificate)
    state = states.get(delegation)
    if state is None or state.parent != actor.delegation:
        raise Refusal("delegation_unknown")
    if state.claimed_at or stage(state, china_date(hub.clock())) is not Stage.OFFERED:
        raise Refusal("delegation_claimed" if state.claimed_at else "delegation_ended")
    code, expires = _MARK + _b64u(hub.random(24)), hub.now() + OFFER_SECONDS
    fresh = {"code": hash_token(code), "tries": 0, "expires_at": expires}
    fresh |= {"token": None, "token_expires_at": None, "notification": None, "event": None}
    place = {"office": ledger.office, "delegation": delegation}
    if not insert_new(connection, delegation_offer, place | fresh):
        _change(connection, ledger.office, delegation, **fresh)
    return Offer(code, _digits(hub, code), expires)


def _change(connection: Connection, office: str, delegation: str, **values: Any) -> None:
    table = delegation_offer
    place = (table.c.office == office, table.c.delegation == delegation)
    connection.execute(update(table).where(*place).values(**values))


# --- claiming -----------------------------------------------------------------------------------


def offer(hub: Hub, code: str) -> dict[str, Any]:
    """Return the offer a code stands for. Raises :class:`ClaimRefused`; changes nothing."""
    with hub.database.write() as connection:
        _standing(hub, connection, code)
    return dict(offer_object(hub.issuer, code, DELEGATION))


def _standing(hub: Hub, connection: Connection, code: str) -> Any:
    """Return a code's row, the office locked. Raises :class:`ClaimRefused`."""
    table = delegation_offer
    by_code = select(table).where(table.c.code == hash_token(code))
    found = connection.execute(by_code).one_or_none()
    if found is not None:
        lock_office(connection, str(found.office))
        found = connection.execute(by_code).one_or_none()  # whoever held the lock may have changed it
    if found is None:
        raise ClaimRefused("voided", "unknown or replaced")
    ledger = Ledger(hub, connection, str(found.office))
    _links(hub, connection, ledger, str(found.delegation))
    if found.token is not None:
        raise ClaimRefused("used", "already redeemed")
    if found.tries >= TRIES:
        raise ClaimRefused("locked", "five wrong codes")
    if hub.now() >= found.expires_at:
        raise ClaimRefused("expired")
    return found


def _links(
    hub: Hub, connection: Connection, ledger: Ledger, delegation: str
) -> tuple[DelegationState, list[DelegationState], CertificateState]:
    """Return a delegation that may be claimed now, what is above it, and the certificate."""
    state = ledger.world.delegation(delegation)
    certificate = ledger.world.certificate(state.certificate) if state else None
    if state is None or certificate is None or state.ended or certificate.void:
        raise ClaimRefused("voided", "by the grantor")
    day = china_date(hub.clock())
    chain = above(tree_of(connection, ledger, certificate.id), delegation)
    broken = any(stage(link, day) is not Stage.STANDING for link in chain)
    if certificate.suspended or state.suspended or broken:
        raise ClaimRefused("voided", "while suspended")
    if state.claimed_at:
        raise ClaimRefused("used", "already claimed")
    if stage(state, day) is not Stage.OFFERED:
        raise ClaimRefused("expired", "the period is over")
    return state, chain, certificate


def token(hub: Hub, code: str, tx_code: str | None) -> Granted:
    """Exchange a code and its six digits for a token; a wrong try is kept although it is refused.

    Raises :class:`ClaimRefused`.
    """
    refusal: ClaimRefused | None = None
    with hub.database.write() as connection:
        row = _standing(hub, connection, code)
        secret = f"{_b64u(row.office.encode())}{_TOKEN_MARK}{_b64u(hub.random(32))}"
        if not tx_code:
            refusal = ClaimRefused("pin_missing", "tx_code is required", error="invalid_request")
        elif not hmac.compare_digest(_digits(hub, code).encode(), tx_code.encode("utf-8", "surrogatepass")):
            refusal = _wrong_digits(connection, row)
        else:
            ends = hub.now() + TOKEN_SECONDS
            _change(connection, row.office, row.delegation, token=hash_token(secret), token_expires_at=ends)
    if refusal is not None:
        raise refusal
    return Granted(secret, TOKEN_SECONDS)


def _wrong_digits(connection: Connection, row: Any) -> ClaimRefused:
    _change(connection, row.office, row.delegation, tries=row.tries + 1)
    left = TRIES - row.tries - 1
    return ClaimRefused("pin_wrong", f"{left} left") if left else ClaimRefused("locked", "five wrong codes")


def _find(connection: Connection, secret: str) -> Any:
    table = delegation_offer
    query = select(table).where(table.c.office == office_of(secret), table.c.token == hash_token(secret))
    row = connection.execute(query).one_or_none()
    if row is None:
        raise TokenUnknown
    return row


def check_token(hub: Hub, secret: str) -> None:
    """Refuse a token that can lead to nothing, before a body is looked at."""
    with hub.database.read() as connection:
        _find(connection, secret)


def credential(hub: Hub, secret: str, proof: str) -> Delivered:
    """Issue the delegation to the key that ``proof`` proves.

    Raises :class:`TokenUnknown`, ``UserError`` proof_invalid or nonce_invalid, :class:`ClaimRefused`.
    """
    with hub.database.write() as connection:
        lock_office(connection, office_of(secret))
        row = _find(connection, secret)
        if row.notification is not None or hub.now() >= row.token_expires_at:
            raise TokenUnknown
        holder = verify_proof(proof, hub.issuer, lambda nonce: take_nonce(hub, connection, nonce), hub.now())
        ledger = Ledger(hub, connection, str(row.office))
        links = _links(hub, connection, ledger, str(row.delegation))
        sd_jwt = _issue(hub, connection, ledger, links, holder)
        notification = hub.random(16).hex()
        _change(connection, row.office, row.delegation, notification=notification)
        after_batch(hub, connection, ledger, ledger.office)
    return Delivered(sd_jwt=sd_jwt, notification=notification)


def _issue(
    hub: Hub,
    connection: Connection,
    ledger: Ledger,
    links: tuple[DelegationState, list[DelegationState], CertificateState],
    holder: dict[str, str],
) -> str:
    state, chain, certificate = links
    unit = ledger.world.unit(state.unit)
    if unit is None or not state.name or not state.id_number:
        raise ClaimRefused("incomplete", "unit or person")
    person = {"name": state.name, "id_digest": person_digest(state.id_number, hub.random(16))}
    days = (state.valid_from, state.valid_to)
    claims = build_claims(unit.values, person, state.role, state.matters, days)
    slot = take_slot(connection, hub.random)
    index = chain[0].status_index if chain else certificate.status_index
    assert index is not None  # what is above was claimed, else it would not stand
    authority = Authority(_reference(hub, Slot.at(index)), state.representative_no)
    start = _moment(state.valid_from, time(0))
    ends = min(_moment(state.valid_to, time(23, 59, 59)), from_stamp(certificate.expires_at))
    times = (hub.now(), int(start.timestamp()), int(ends.timestamp()))
    own = _reference(hub, slot)
    always = build_delegation_always(hub.issuer, times, holder, own, authority, hub.rehearsal)
    sd_jwt = issue(claims, None, always, hub.sign, hub.x5c, hub.random)
    record_claimed(hub, connection, ledger, state.id, slot, ends)
    return sd_jwt


def _reference(hub: Hub, slot: Slot) -> StatusReference:
    return StatusReference(list_uri(hub.issuer, slot.list), slot.slot)


def _moment(day: str, hour: time) -> datetime:
    return datetime.combine(date.fromisoformat(day), hour, CHINA)


def notify(hub: Hub, secret: str, notification: str, event: str) -> None:
    """Take note of what a wallet did with a delegation. Raises ``UserError('notification_unknown')``."""
    with hub.database.write() as connection:
        row = _find(connection, secret)
        if row.notification is None or row.notification != notification or event not in EVENTS:
            raise UserError("notification_unknown")
        _change(connection, row.office, row.delegation, event=event)
