"""Compact JWS, read strictly: ES256 only, one spelling only.

`cryptography` checks the signature over the very text that was read here. What libraries let pass (foreign
characters in base64url, repeated JSON keys, ``crit``, oversize input) is refused first.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

Sign = Callable[[bytes], bytes]
"""Signs a JWS signing input with ES256; returns r ‖ s, 64 bytes (RFC 7518, 3.4)."""

ES256: Final = "ES256"
# What a text may end in whose length is not a multiple of four: characters that leave no bit over.
_LAST: Final = ("", "", "AQgw", "AEIMQUYcgkosw048")
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
# Into ordinary base64, whose own characters are foreign here.
_STANDARD: Final = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING: Final = (b"", b"", b"==", b"=")
_ES256_HASH: Final = ec.ECDSA(SHA256())
_COORDINATE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Malformed(ValueError):
    """The text is not a strict JWS; ``str()`` is a short machine-readable reason."""


@dataclass(frozen=True)
class Jws:
    """A parsed, not yet verified JWS: ``signature`` (r ‖ s) belongs to the text ``signed``."""

    header: Mapping[str, Any]
    payload: dict[str, Any]
    signed: bytes
    signature: bytes


def b64u(data: bytes) -> str:
    """Return base64url without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE).rstrip(b"=").decode("ascii")


def unb64u(text: str) -> bytes:
    """Return the bytes of strict base64url: no padding, no foreign character, no stray bits.

    Raises :class:`Malformed`.
    """
    if not isinstance(text, str):
        raise Malformed("base64url")
    over = len(text) % 4
    if over and text[-1] not in _LAST[over]:
        raise Malformed("base64url")
    try:
        plain = text.encode("ascii").translate(_STANDARD)
        return binascii.a2b_base64(plain + _PADDING[over], strict_mode=True)
    except ValueError as error:
        raise Malformed("base64url") from error


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("repeated_key")
    return found


def _no_constant(_: str) -> Any:
    raise Malformed("json")


_JSON: Final = json.JSONDecoder(object_pairs_hook=_no_twins, parse_constant=_no_constant)
_QUICK: Final = msgspec.json.Decoder()
_SPELL: Final = msgspec.json.Encoder()


def read_json(data: bytes) -> Any:
    """Return the JSON value of UTF-8 ``data``; repeated keys, NaN and Infinity raise :class:`Malformed`."""
    try:
        value = _QUICK.decode(data)
        # Nearly all that is issued is spelled like this; and what is written back the same repeats no key.
        if _SPELL.encode(value) == data:
            return value
    except (ValueError, RecursionError):
        pass  # what is wrong with it is for the strict reader to say
    return _read_strictly(data)


def _read_strictly(data: bytes) -> Any:
    try:
        return _JSON.decode(data.decode("utf-8"))
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
    header, payload = _read_header(parts[0]), read_json(unb64u(parts[1]))
    if type(header) is not dict or type(payload) is not dict:
        raise Malformed("json")
    if header.get("alg") != ES256:
        raise Malformed("alg")
    if "crit" in header or "b64" in header:
        raise Malformed("crit")
    signature = unb64u(parts[2])
    if len(signature) != 64:
        raise Malformed("signature")
    return Jws(header, payload, text[: len(text) - len(parts[2]) - 1].encode("ascii"), signature)


@lru_cache(maxsize=64)
def _read_header(text: str) -> Any:
    """Read a header. One issuer's, with its certificate in it, is the same all day; nobody writes into it."""
    return read_json(unb64u(text))


def verify_compact(jws: Jws, key: Mapping[str, str]) -> None:
    """Check the signature with a public P-256 JWK. Raises :class:`Malformed`: ``signature``, ``jwk``."""
    r, s = (int.from_bytes(half, "big") for half in (jws.signature[:32], jws.signature[32:]))
    try:
        _public_key(key["x"], key["y"]).verify(encode_dss_signature(r, s), jws.signed, _ES256_HASH)
    except InvalidSignature as error:
        raise Malformed("signature") from error


@lru_cache(maxsize=1024)
def _public_key(x: str, y: str) -> ec.EllipticCurvePublicKey:
    """Return the P-256 key at these coordinates; a point that is not on the curve raises ``Malformed``."""
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + unb64u(x) + unb64u(y))
    except ValueError as error:
        raise Malformed("jwk") from error


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
    _public_key(key["x"], key["y"])
    return key


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the JWK thumbprint (RFC 7638, SHA-256, base64url): the name of a phone's key."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return b64u(hashlib.sha256(write_json(members)).digest())


def number(value: Any) -> int | None:
    """Return ``value`` if it is a JSON integer (not a boolean), else ``None``."""
    return value if type(value) is int else None
