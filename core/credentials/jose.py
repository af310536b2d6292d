"""Compact JWS, read strictly: ES256 only, one spelling only.

`joserfc` checks the signature. What it and other libraries let pass (foreign characters in
base64url, repeated JSON keys, ``crit``, oversize input) is refused here first.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry, deserialize_compact

Sign = Callable[[bytes], bytes]
"""Signs a JWS signing input with ES256; returns r ‖ s, 64 bytes (RFC 7518, 3.4)."""

ES256: Final = "ES256"
_URL_SAFE: Final = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_COORDINATE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Malformed(ValueError):
    """The text is not a strict JWS; ``str()`` is a short machine-readable reason."""


class _Registry(JWSRegistry):
    # The library's defaults are for session tokens: an x5c header and a status list are larger.
    max_header_length = 16 * 1024
    max_payload_length = 4 * 1024 * 1024


_REGISTRY: Final = _Registry(algorithms=[ES256], strict_check_header=False)


@dataclass(frozen=True)
class Jws:
    """A parsed, not yet verified JWS."""

    header: dict[str, Any]
    payload: dict[str, Any]
    text: str


def b64u(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def unb64u(text: str) -> bytes:
    """Return the bytes of strict base64url: no padding, no foreign character, no stray bits.

    Raises :class:`Malformed`.
    """
    if not isinstance(text, str) or not _URL_SAFE.fullmatch(text) or len(text) % 4 == 1:
        raise Malformed("base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Malformed("base64url") from error
    if b64u(data) != text:
        raise Malformed("base64url")
    return data


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("repeated_key")
    return found


def _no_constant(_: str) -> Any:
    raise Malformed("json")


def read_json(data: bytes) -> Any:
    """Return the JSON value of UTF-8 ``data``; repeated keys, NaN and Infinity raise :class:`Malformed`."""
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:
        raise Malformed("json") from error


def write_json(value: Any) -> bytes:
    """Return compact UTF-8 JSON in the given key order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def sign_compact(header: Mapping[str, Any], payload: Mapping[str, Any], sign: Sign) -> str:
    """Return the compact JWS of ``payload``; ``alg`` ES256 is put first into the header."""
    protected = b64u(write_json({"alg": ES256, **header}))
    signing_input = f"{protected}.{b64u(write_json(dict(payload)))}"
    return f"{signing_input}.{b64u(sign(signing_input.encode('ascii')))}"


def parse_compact(text: str, limit: int = 256 * 1024) -> Jws:
    """Return header and payload of a compact ES256 JWS without verifying it. Raises :class:`Malformed`."""
    if not isinstance(text, str) or len(text) > limit:
        raise Malformed("size")
    parts = text.split(".")
    if len(parts) != 3:
        raise Malformed("segments")
    header, payload = read_json(unb64u(parts[0])), read_json(unb64u(parts[1]))
    if type(header) is not dict or type(payload) is not dict:
        raise Malformed("json")
    if header.get("alg") != ES256:
        raise Malformed("alg")
    if "crit" in header or "b64" in header:
        raise Malformed("crit")
    if len(unb64u(parts[2])) != 64:
        raise Malformed("signature")
    return Jws(header, payload, text)


def verify_compact(jws: Jws, key: Mapping[str, str]) -> None:
    """Check the signature with a public P-256 JWK. Raises ``Malformed("signature")``."""
    try:
        deserialize_compact(jws.text, ECKey.import_key(dict(key)), registry=_REGISTRY)
    except (JoseError, ValueError) as error:
        raise Malformed("signature") from error


def public_jwk(value: Any) -> dict[str, str]:
    """Return ``{"kty", "crv", "x", "y"}`` of a public P-256 JWK, other members dropped.

    Raises :class:`Malformed`: ``private_key`` if the key carries a private part, ``jwk`` for another
    type or curve, a point that is not on the curve, or a second spelling of a coordinate.
    """
    if type(value) is not dict:
        raise Malformed("jwk")
    if "d" in value or "k" in value:
        raise Malformed("private_key")
    if value.get("kty") != "EC" or value.get("crv") != "P-256":
        raise Malformed("jwk")
    key = {"kty": "EC", "crv": "P-256"}
    for name in ("x", "y"):
        coordinate = value.get(name)
        if not isinstance(coordinate, str) or not _COORDINATE.fullmatch(coordinate):
            raise Malformed("jwk")
        unb64u(coordinate)
        key[name] = coordinate
    try:
        # joserfc builds the key lazily; asking for it is what checks that the point lies on the curve.
        _ = ECKey.import_key(dict(key)).public_key
    except (JoseError, ValueError) as error:
        raise Malformed("jwk") from error
    return key


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the JWK thumbprint (RFC 7638, SHA-256, base64url): the name of a phone's key."""
    return ECKey.import_key(dict(jwk)).thumbprint()


def number(value: Any) -> int | None:
    """Return ``value`` if it is a JSON integer (not a boolean), else ``None``."""
    return value if type(value) is int else None
