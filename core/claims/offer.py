"""The claim code as wallets take it: an OpenID4VCI 1.0 credential offer, by reference and by value.

By reference the path *is* the signed code and the hub expands it, which keeps the QR at 320 bytes;
by value is the fallback for wallets that fetch nothing.
"""

from __future__ import annotations

import json
import re
from typing import Final
from urllib.parse import quote, urlsplit

from core.canonical import Json
from core.errors import UserError

CONFIGURATION: Final = "public-institution-legal-person"
"""The credential_configuration_id in the offer and in the hub's metadata."""
DELEGATION: Final = "public-institution-delegation"
"""The same for an authorisation that a manager's phone offers to another phone."""
PRE_AUTHORIZED: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
OFFER_LIMIT: Final = 320
"""Bytes of the normal offer; a screen code above version 13 reads badly (claim.md section 5)."""
VALUE_LIMIT: Final = 600
MAX_ISSUER: Final = 37
"""Longest issuer URL whose link form stays at 320 bytes with the longest code."""

# Nothing that percent-decoding, form decoding or a second decoding could change.
_ISSUER: Final = re.compile(r"https?://[a-z0-9.\-\[\]:]+(?:/[A-Za-z0-9._~-]+)*", re.ASCII)
_CODE: Final = re.compile(r"/o/([A-Za-z0-9_-]{20,400})\s*$", re.ASCII)
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def check_issuer(issuer: str) -> str:
    """Return ``issuer`` if a hub may have it as public address; decided once, at set-up.

    https, or http on the loopback; lower-case host, no query, fragment, ``%``, ``+`` or final slash.
    Raises ``UserError("issuer_wrong")`` or ``UserError("issuer_too_long", limit, length)``.
    """
    if not _ISSUER.fullmatch(issuer):
        raise UserError("issuer_wrong")
    try:
        parts = urlsplit(issuer)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UserError("issuer_wrong") from error
    if not host or (parts.scheme == "http" and host not in _LOOPBACK):
        raise UserError("issuer_wrong")
    if len(issuer) > MAX_ISSUER:
        raise UserError("issuer_too_long", limit=MAX_ISSUER, length=len(issuer))
    return issuer


def _within(text: str, limit: int) -> str:
    if len(text.encode("ascii")) > limit:
        raise UserError("offer_too_long", limit=limit, length=len(text))
    return text


def link_offer(issuer: str, code: str) -> str:
    """Return the QR's normal text: a link to the hub's page that wallets read as an offer too."""
    return _within(f"{issuer}/c?credential_offer_uri={issuer}/o/{code}", OFFER_LIMIT)


def code_in(offer: str) -> str:
    """Return the claim code inside an offer by reference. Raises ``UserError("offer_malformed")``."""
    found = _CODE.search(offer)
    if found is None:
        raise UserError("offer_malformed")
    return found[1]


def scheme_offer(issuer: str, code: str) -> str:
    """Return the offer by reference under the wallets' own URL scheme."""
    return _within(f"openid-credential-offer://?credential_offer_uri={issuer}/o/{code}", OFFER_LIMIT)


def offer_object(issuer: str, code: str, configuration: str = CONFIGURATION) -> dict[str, Json]:
    """Return the credential offer (OpenID4VCI 1.0, 4.1.1) that ``/o/CODE`` answers with."""
    grant: dict[str, Json] = {
        "pre-authorized_code": code,
        "tx_code": {"input_mode": "numeric", "length": 6},
    }
    return {
        "credential_issuer": issuer,
        "credential_configuration_ids": [configuration],
        "grants": {PRE_AUTHORIZED: grant},
    }


def offer_by_value(issuer: str, code: str) -> str:
    """Return the whole offer in one URL, percent-encoded once.

    Some wallets decode it twice; the JSON holds neither ``%`` nor ``+``, so that changes nothing.
    """
    text = json.dumps(offer_object(issuer, code), separators=(",", ":"))
    encoded = quote(text, safe=":,/")
    return _within(f"openid-credential-offer://?credential_offer={encoded}", VALUE_LIMIT)
