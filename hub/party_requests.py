"""Who asks: a department's request is signed by its key, for this address, this body and this moment.

``Authorization: Bearer`` carries a compact JWS (ES256) of typ ``certdesk-verify+jwt`` whose header names the
department (``kid``) and whose claims are ``aud`` (the endpoint's address), ``iat``, ``jti`` (at least 16
characters, used once) and ``digest`` (base64url of SHA-256 over the body). docs/api.md has it in 20 lines.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from sqlalchemy import Connection

from core.credentials.jose import Malformed, Sign, b64u, number, parse_compact, sign_compact, verify_compact
from hub.clearing import clear_old
from hub.engine import insert_new
from hub.parties import Party, find_party
from hub.party_tables import party_request
from hub.refusals import RequestRefused
from hub.setup import Hub
from hub.tables import PROVINCE

TYP: Final = "certdesk-verify+jwt"
OLD: Final = 120
"""Seconds that a department's clock may differ from the hub's, and a request may be under way."""
_JTI: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_HEADER_LIMIT: Final = 4096


@dataclass(frozen=True)
class Asked:
    """A request that a registered department signed.

    ``fault`` says what is wrong with it beside the signature: it is refused, but its sender is known and
    the try counts.
    """

    party: Party
    jti: str
    fault: str | None


def sign_request(kid: str, sign: Sign, audience: str, body: bytes, issued_at: int, jti: str) -> str:
    """Return the value of the ``Authorization`` header (what a department's program makes)."""
    claims = {"aud": audience, "iat": issued_at, "jti": jti, "digest": b64u(hashlib.sha256(body).digest())}
    return f"Bearer {sign_compact({'typ': TYP, 'kid': kid}, claims, sign)}"


def authenticate(hub: Hub, connection: Connection, header: str, audience: str, body: bytes) -> Asked:
    """Return who signed a request.

    Raises ``RequestRefused`` request_unsigned, request_forged, party_unknown: nobody that is known.
    """
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise RequestRefused("request_unsigned")
    try:
        jws = parse_compact(text.strip(), _HEADER_LIMIT)
    except Malformed as fault:
        raise RequestRefused("request_unsigned") from fault
    kid = jws.header.get("kid")
    if jws.header.get("typ") != TYP or not isinstance(kid, str) or len(kid) > 64 or "\x00" in kid:
        raise RequestRefused("request_unsigned")
    try:
        kid.encode()
    except UnicodeEncodeError as fault:
        raise RequestRefused("request_unsigned") from fault
    party = find_party(connection, kid)
    if party is None:
        raise RequestRefused("party_unknown", party=kid)
    try:
        verify_compact(jws, party.profile.key)
    except Malformed as fault:
        raise RequestRefused("request_forged") from fault
    return _judge(hub, party, jws.payload, audience, body)


def _judge(hub: Hub, party: Party, claims: Mapping[str, Any], audience: str, body: bytes) -> Asked:
    jti, issued = claims.get("jti"), number(claims.get("iat"))
    if not is_number(jti):
        return Asked(party, "", "request_unnumbered")
    if issued is None or abs(issued - hub.now()) > OLD:
        return Asked(party, jti, "request_old")
    if claims.get("aud") != audience:
        return Asked(party, jti, "request_elsewhere")
    if claims.get("digest") != b64u(hashlib.sha256(body).digest()):
        return Asked(party, jti, "request_body_differs")
    return Asked(party, jti, party.refusal(hub))


def is_number(value: object) -> TypeGuard[str]:
    """Tell whether a value may number a request."""
    return isinstance(value, str) and _JTI.fullmatch(value) is not None


def take_number(hub: Hub, connection: Connection, asked: Asked) -> bool:
    """Use a request's number up; False if it was used before."""
    table, now = party_request, hub.now()
    mine = (table.c.office == PROVINCE, table.c.party == asked.party.profile.id)
    clear_old(connection, table.c.jti, table.c.expires_at < now, *mine)
    # As late as a request may be and as early: after that its time alone refuses it.
    row = {
        "office": PROVINCE,
        "party": asked.party.profile.id,
        "jti": asked.jti,
        "expires_at": now + 2 * OLD + 1,
    }
    return insert_new(connection, table, row)
