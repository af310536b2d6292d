"""The holder's proof on a presentation: the key-binding JWT of RFC 9901, 4.3 and 7.3."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.credentials.jose import Malformed, Sign, b64u, number, parse_compact, sign_compact, verify_compact

TYP: Final = "kb+jwt"
SKEW: Final = 60


@dataclass(frozen=True)
class KeyBinding:
    """What the verifier asked for: its own name, a fresh nonce, and how old (seconds) an answer may be."""

    audience: str
    nonce: str
    max_age: int = 300


def _sd_hash(presentation: str) -> str:
    return b64u(hashlib.sha256(presentation.encode("ascii")).digest())


def bind(presentation: str, audience: str, nonce: str, issued_at: int, sign: Sign) -> str:
    """Return ``presentation`` (ending in ``~``) with the holder's key-binding JWT appended."""
    payload = {"iat": issued_at, "aud": audience, "nonce": nonce, "sd_hash": _sd_hash(presentation)}
    return presentation + sign_compact({"typ": TYP}, payload, sign)


def nonce_of(presentation: str) -> str:
    """Return the nonce that a presentation says it was made for; nothing is checked yet.

    Raises :class:`Malformed` with ``key_binding_missing`` or ``key_binding``.
    """
    jwt = presentation.rpartition("~")[2]
    if not jwt:
        raise Malformed("key_binding_missing")
    nonce = parse_compact(jwt).payload.get("nonce")
    if not isinstance(nonce, str) or not 0 < len(nonce) <= 128:
        raise Malformed("key_binding")
    return nonce


def check_key_binding(
    jwt: str, whole: str, cnf: Mapping[str, str], wanted: KeyBinding | None, now: int
) -> None:
    """Check the JWT after the last ``~`` of ``whole``; absent and unasked is fine.

    Raises :class:`Malformed` with ``key_binding_missing``, ``key_binding_unasked`` or ``key_binding``.
    """
    if wanted is None:
        if jwt:
            raise Malformed("key_binding_unasked")
        return
    if not jwt:
        raise Malformed("key_binding_missing")
    jws = parse_compact(jwt)
    if jws.header.get("typ") != TYP:
        raise Malformed("key_binding")
    verify_compact(jws, cnf)
    issued = number(jws.payload.get("iat"))
    expected = {
        "aud": wanted.audience,
        "nonce": wanted.nonce,
        "sd_hash": _sd_hash(whole[: len(whole) - len(jwt)]),
    }
    if issued is None or not now - wanted.max_age <= issued <= now + SKEW:
        raise Malformed("key_binding")
    if any(jws.payload.get(name) != value for name, value in expected.items()):
        raise Malformed("key_binding")
