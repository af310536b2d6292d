"""The certificate itself: an SD-JWT VC (RFC 9901, draft-ietf-oauth-sd-jwt-vc) issued and judged.

The verifier is ours because the published libraries let too much pass (claim.md, gotchas):
unsigned or repeated disclosures, any ``typ``, a missing ``vct``, an expired certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.credentials.chain import TrustedLeaf, check_chain
from core.credentials.disclosures import Reveal, conceal
from core.credentials.jose import (
    Jws,
    Malformed,
    Sign,
    number,
    parse_compact,
    public_jwk,
    sign_compact,
    verify_compact,
)
from core.credentials.key_binding import KeyBinding, check_key_binding
from core.credentials.status import INVALID, SUSPENDED, VALID, StatusReference
from core.errors import UserError
from core.ids import RandomBytes, system_random

TYP: Final = "dc+sd-jwt"
SKEW: Final = 60
"""Seconds a verifier's clock may be behind the hub's; expiry has no grace."""
_SIZE_LIMIT: Final = 64 * 1024
_DISCLOSURE_LIMIT: Final = 200
# SD-JWT VC, 3.2.2.2: a holder must not be able to leave these out.
_ALWAYS_CLEAR: Final = frozenset(
    ("iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "iat", "rehearsal", "authority")
)

StatusCheck = Callable[[StatusReference], int | None]
"""Answers the status value at a reference, or ``None`` when it cannot be known now."""


@dataclass(frozen=True)
class VerifiedCertificate:
    """A certificate whose signature, chain, times and disclosures held.

    ``claims`` are the disclosed claims with all clear ones; ``cnf`` the phone's public JWK;
    ``state`` one of ``valid``, ``invalid``, ``suspended``, ``unknown``: only ``valid`` may be relied on.
    """

    claims: dict[str, Any]
    cnf: dict[str, str]
    status: StatusReference
    state: str
    rehearsal: bool
    leaf: TrustedLeaf


def leaves(claims: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the nested claims as ``{"dotted.name": value}``; lists stay whole."""
    found: dict[str, Any] = {}
    for name, value in claims.items():
        if isinstance(value, Mapping):
            found |= leaves(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def issue(
    claims: Mapping[str, Any],
    disclosable: Collection[str] | None,
    always: Mapping[str, Any],
    sign: Sign,
    x5c: list[str],
    random: RandomBytes = system_random,
) -> str:
    """Return a new certificate with all its disclosures, ``<JWS>~<disclosure>~…~``.

    ``claims`` is the nested content, ``disclosable`` the dotted paths the holder may withhold (``None`` =
    every leaf), ``always`` what stays clear (iss, iat, nbf, exp, vct, cnf, status, rehearsal).
    Raises ``ValueError`` for a reserved name, an unknown path or a name in both.
    """
    paths = set(leaves(claims)) if disclosable is None else set(disclosable)
    if not paths <= set(leaves(claims)) or set(claims) & set(always) or set(claims) & set(_ALWAYS_CLEAR):
        raise ValueError("claims")
    hidden, disclosures = conceal(claims, paths, random)
    payload = {**always, **hidden, "_sd_alg": "sha-256"}
    jws = sign_compact({"typ": TYP, "x5c": x5c}, payload, sign)
    return "~".join([jws, *disclosures, ""])


def verify(
    sd_jwt: str,
    roots: Sequence[bytes],
    now: datetime,
    expected_vct: str,
    status_check: StatusCheck | None = None,
    *,
    rehearsal: bool = False,
    key_binding: KeyBinding | None = None,
    crl: bytes | None = None,
) -> VerifiedCertificate:
    """Return what a certificate proves at ``now`` (timezone-aware), or refuse it.

    ``roots`` are PEM certificates. ``rehearsal`` is the world the verifier lives in; a certificate of the
    other one is refused. A presentation with a key-binding JWT needs ``key_binding``, and then the JWT
    must be there. Raises ``UserError("certificate_refused", why=…)``.
    """
    try:
        jws, disclosures, bound = _split(sd_jwt)
        leaf = _check_issuer(jws, roots, now, rehearsal, crl)
        claims = Reveal(disclosures).apply(jws.payload)
        cnf, status = _check_clear(jws.payload, claims, int(now.timestamp()), expected_vct, leaf)
        check_key_binding(bound, sd_jwt, cnf, key_binding, int(now.timestamp()))
    except Malformed as error:
        raise UserError("certificate_refused", why=str(error)) from error
    return VerifiedCertificate(claims, cnf, status, _state(status, status_check), rehearsal, leaf)


def _split(text: str) -> tuple[Jws, list[str], str]:
    if not isinstance(text, str) or len(text) > _SIZE_LIMIT or "~" not in text:
        raise Malformed("shape")
    first, *disclosures, bound = text.split("~")
    if len(disclosures) > _DISCLOSURE_LIMIT:
        raise Malformed("shape")
    return parse_compact(first), disclosures, bound


def _check_issuer(
    jws: Jws, roots: Sequence[bytes], now: datetime, rehearsal: bool, crl: bytes | None
) -> TrustedLeaf:
    if jws.header.get("typ") != TYP:
        raise Malformed("typ")
    leaf = check_chain(jws.header.get("x5c"), roots, now, rehearsal=rehearsal, crl=crl)
    verify_compact(jws, leaf.jwk)
    return leaf


def _check_clear(
    signed: Mapping[str, Any], claims: Mapping[str, Any], now: int, vct: str, leaf: TrustedLeaf
) -> tuple[dict[str, str], StatusReference]:
    if _ALWAYS_CLEAR.intersection(claims) - signed.keys():
        raise Malformed("disclosure_name")
    if signed.get("vct") != vct:
        raise Malformed("vct")
    if signed.get("iss") != leaf.issuer:
        raise Malformed("iss")
    if signed.get("rehearsal", False) is not leaf.rehearsal:
        raise Malformed("rehearsal")
    issued, start, end = (number(signed.get(name)) for name in ("iat", "nbf", "exp"))
    if issued is None or start is None or end is None:
        raise Malformed("times")
    if end <= now:
        raise Malformed("expired")
    if max(issued, start) > now + SKEW:
        raise Malformed("not_yet")
    cnf = signed.get("cnf")
    if type(cnf) is not dict or set(cnf) != {"jwk"}:
        raise Malformed("cnf")
    return public_jwk(cnf["jwk"]), StatusReference.parse(signed.get("status"))


def _state(status: StatusReference, check: StatusCheck | None) -> str:
    value = None if check is None else check(status)
    # Whatever is not understood is not valid (draft-ietf-oauth-status-list, 8.3).
    return {None: "unknown", VALID: "valid", INVALID: "invalid", SUSPENDED: "suspended"}.get(value, "unknown")
