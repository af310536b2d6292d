"""The phone's proof of its key when it claims: the ``jwt`` proof of OpenID4VCI 1.0, appendix F.1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import serialize_compact

from core.credentials.jose import ES256, Malformed, parse_compact, public_jwk, verify_compact, write_json
from core.errors import UserError

TYP: Final = "openid4vci-proof+jwt"
SKEW: Final = 24 * 3600
"""Seconds a phone's clock may differ from the hub's, either way.

Generous, because the nonce is what shows that a proof is fresh: a phone whose clock is an hour wrong
(common, and often the zone) proves its key as well as any other.
"""


def make_proof(private_jwk: Mapping[str, str], audience: str, nonce: str | None, issued_at: int) -> str:
    """Return a proof for the P-256 key ``private_jwk`` (with ``d``): what our test wallet sends."""
    key = ECKey.import_key(dict(private_jwk))
    header = {"alg": ES256, "typ": TYP, "jwk": public_jwk(key.as_dict(private=False))}
    payload: dict[str, Any] = {"aud": audience, "iat": issued_at}
    if nonce is not None:
        payload["nonce"] = nonce
    return serialize_compact(header, write_json(payload), key, [ES256])


def verify_proof(
    jwt: str, audience: str, nonce_is_ours: Callable[[str], bool], now: int, skew: int = SKEW
) -> dict[str, str]:
    """Return the public JWK that a proof proves, for the certificate's ``cnf``.

    ``audience`` is our issuer URL; ``nonce_is_ours`` is asked last and once, so that a proof refused for
    another reason uses no nonce up. Raises ``UserError("proof_invalid", why=…)`` (OpenID4VCI
    ``invalid_proof``) or ``UserError("nonce_invalid")`` (``invalid_nonce``).
    """
    try:
        key, payload = _read(jwt)
        if payload.get("aud") != audience:
            raise Malformed("aud")
        issued = payload.get("iat")
        if (
            isinstance(issued, bool)
            or not isinstance(issued, int | float)
            or not now - skew <= issued <= now + skew
        ):
            raise Malformed("iat")
        nonce = payload.get("nonce")
        if not isinstance(nonce, str):
            raise Malformed("nonce")
    except Malformed as error:
        raise UserError("proof_invalid", why=str(error)) from error
    if not nonce_is_ours(nonce):
        raise UserError("nonce_invalid")
    return key


def _read(jwt: str) -> tuple[dict[str, str], dict[str, Any]]:
    jws = parse_compact(jwt, 8 * 1024)
    if jws.header.get("typ") != TYP:
        raise Malformed("typ")
    if "kid" in jws.header or "x5c" in jws.header:
        raise Malformed("key_twice")
    key = public_jwk(jws.header.get("jwk"))
    verify_compact(jws, key)
    return key, jws.payload


def new_holder_key() -> dict[str, str]:
    """Return a new private P-256 JWK, for our test wallet; a real phone keeps its key to itself."""
    made = ECKey.generate_key("P-256", private=True).as_dict(private=True)
    try:
        return {name: str(made[name]) for name in ("kty", "crv", "x", "y", "d")}
    except (JoseError, KeyError) as error:
        raise ValueError("key") from error
