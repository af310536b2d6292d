"""The status bundle: all status lists of one hub in one signed file, for verifying without network.

A compact JWS (`typ: certdesk-status-bundle+jwt`) by the hub's leaf. Inside stand ordinary Token Status
Lists, each with its own signature, and the leaves by whose names printed certificates go. docs/bundle.md.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography import x509

from core.credentials.chain import check_chain
from core.credentials.jose import Malformed, Sign, number, parse_compact, sign_compact, verify_compact
from core.credentials.printed import kid_of
from core.credentials.status import ReadStatusList, StatusReference, read_token
from core.errors import UserError

TYP: Final = "certdesk-status-bundle+jwt"
LIMIT: Final = 4 * 1024 * 1024
MOST_LISTS: Final = 1000
SKEW: Final = 60
DEFAULT_HOURS: Final = 24
MOST_HOURS: Final = 72


@dataclass(frozen=True)
class Bundle:
    """A verified bundle, current when it was read. Times in seconds since 1970 UTC."""

    issuer: str
    as_of: int
    expires_at: int
    lists: Mapping[str, ReadStatusList]
    leaves: Mapping[bytes, x509.Certificate]

    def answer(self, reference: StatusReference, now: int) -> int | None:
        """Return the status at ``reference``, ``None`` if this bundle cannot tell at ``now``."""
        found = self.lists.get(reference.uri)
        return None if found is None or now >= self.expires_at else found.answer(reference, now)


def make_bundle(
    issuer: str, as_of: int, expires_at: int, tokens: Sequence[str], leaves: Sequence[str], sign: Sign
) -> str:
    """Return the bundle; ``leaves`` are base64 DER, the first of them signs. Times in seconds."""
    payload = {"iss": issuer, "iat": as_of, "exp": expires_at, "leaves": list(leaves), "lists": list(tokens)}
    return sign_compact({"typ": TYP, "x5c": list(leaves[:1])}, payload, sign)


def read_bundle(
    text: str,
    roots: Sequence[bytes],
    now: datetime,
    *,
    newest_seen: int = 0,
    rehearsal: bool = False,
) -> Bundle:
    """Return the bundle if one of ``roots`` vouches for it and it is current at ``now``.

    ``newest_seen``: ``as_of`` of the newest bundle already read; an older one is refused. Raises
    ``UserError("status_bundle_refused", why=…)``; ``expired`` and ``rolled_back`` also tell ``as_of``.
    """
    try:
        jws = parse_compact(text.strip(), LIMIT)
        if jws.header.get("typ") != TYP:
            raise Malformed("typ")
        leaf = check_chain(jws.header.get("x5c"), roots, now, rehearsal=rehearsal)
        verify_compact(jws, leaf.jwk)
        issued, expires = _check_times(jws.payload, int(now.timestamp()), newest_seen)
        if jws.payload.get("iss") != leaf.issuer:
            raise Malformed("iss")
        lists = _read_lists(jws.payload.get("lists"), leaf.issuer, issued, roots, now, rehearsal)
        leaves = _read_leaves(jws.payload.get("leaves"), leaf.issuer, roots, now, rehearsal)
    except Malformed as error:
        raise UserError("status_bundle_refused", why=str(error)) from error
    return Bundle(leaf.issuer, issued, expires, lists, leaves)


def _check_times(payload: Mapping[str, Any], now: int, newest_seen: int) -> tuple[int, int]:
    issued, expires = number(payload.get("iat")), number(payload.get("exp"))
    if issued is None or expires is None or expires - issued > MOST_HOURS * 3600:
        raise Malformed("times")
    if issued > now + SKEW:
        raise Malformed("not_yet")
    for reason, old in (("expired", expires <= now), ("rolled_back", issued < newest_seen)):
        if old:
            raise UserError("status_bundle_refused", why=reason, as_of=issued)
    return issued, expires


def _texts(value: Any, name: str) -> list[str]:
    if type(value) is not list or len(value) > MOST_LISTS or not all(type(item) is str for item in value):
        raise Malformed(name)
    return value


def _read_lists(
    value: Any, issuer: str, as_of: int, roots: Sequence[bytes], now: datetime, rehearsal: bool
) -> dict[str, ReadStatusList]:
    found: dict[str, ReadStatusList] = {}
    for token in _texts(value, "lists"):
        uri = parse_compact(token, LIMIT).payload.get("sub")
        if not isinstance(uri, str) or not uri.startswith(f"{issuer}/") or uri in found:
            raise Malformed("sub")
        try:
            # A list that is older than its bundle was put in by somebody else.
            found[uri] = read_token(token, uri, roots, now, newest_seen=as_of, rehearsal=rehearsal)
        except UserError as error:
            raise Malformed(str(error.params["why"])) from error
    return found


def _read_leaves(
    value: Any, issuer: str, roots: Sequence[bytes], now: datetime, rehearsal: bool
) -> dict[bytes, x509.Certificate]:
    found: dict[bytes, x509.Certificate] = {}
    for text in _texts(value, "leaves"):
        if check_chain([text], roots, now, rehearsal=rehearsal).issuer != issuer:
            raise Malformed("iss")
        leaf = x509.load_der_x509_certificate(base64.b64decode(text))
        found[kid_of(leaf)] = leaf
    return found
