"""What the QR symbol on a printed certificate holds: a CWT (RFC 8392) in COSE_Sign1 (RFC 9052), base45.

It names the face's key fields, so that a verifier without network can hold them against the paper, and
the status place of the certificate that was printed. The signing leaf is named by ``kid`` alone: a
verifier has it from the signed status bundle, without which no answer could be *valid* anyway.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from typing import Any, Final

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from core.credentials.base45 import b45, unb45
from core.credentials.jose import Malformed, Sign, number
from core.credentials.status import StatusReference

PREFIX: Final = "CDP1:"
LIMIT: Final = 900
"""Most characters of a symbol's text; ours stay near 450."""
KID_BYTES: Final = 8
_AAD: Final = b"certdesk-printed/1"
_ALG, _KID, _ES256 = 1, 4, -7
_EXP, _IAT, _STATUS, _FACE = 4, 6, 65535, -65537


@dataclass(frozen=True)
class Face:
    """The fields of the certificate face that the symbol repeats, as texts; dates ``yyyy-mm-dd``."""

    uscc: str
    name: str
    address: str
    representative: str
    office_name: str
    valid_from: str
    valid_to: str

    def texts(self) -> list[str]:
        """Return the values in their fixed order."""
        return [getattr(self, field.name) for field in fields(self)]


@dataclass(frozen=True)
class Printed:
    """What a symbol says; times in seconds since 1970 UTC."""

    face: Face
    issued_at: int
    expires_at: int
    status: StatusReference


@dataclass(frozen=True)
class ReadPrinted:
    """A symbol in the one allowed spelling, not yet verified."""

    printed: Printed
    kid: bytes
    signed: bytes
    signature: bytes


def kid_of(leaf: x509.Certificate) -> bytes:
    """Return the name of a signing leaf: the first 8 bytes of SHA-256 over its DER."""
    return hashlib.sha256(leaf.public_bytes(serialization.Encoding.DER)).digest()[:KID_BYTES]


def _payload(printed: Printed) -> bytes:
    return cbor2.dumps(
        {
            _EXP: printed.expires_at,
            _IAT: printed.issued_at,
            _STATUS: printed.status.claim(),
            _FACE: printed.face.texts(),
        }
    )


def _protected(kid: bytes) -> bytes:
    return cbor2.dumps({_ALG: _ES256, _KID: kid})


def _signed(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, _AAD, payload])


def sign_printed(printed: Printed, leaf: x509.Certificate, sign: Sign) -> str:
    """Return the symbol's text."""
    protected, payload = _protected(kid_of(leaf)), _payload(printed)
    signature = sign(_signed(protected, payload))
    return PREFIX + b45(cbor2.dumps([protected, {}, payload, signature]))


def read_printed(text: str) -> ReadPrinted:
    """Read a symbol's text; whatever is spelled differently is refused. Raises :class:`Malformed`."""
    parts = _loads(unb45(text.removeprefix(PREFIX), LIMIT))
    if type(parts) is not list or len(parts) != 4 or parts[1] != {}:
        raise Malformed("cose")
    protected, _, payload, signature = parts
    if not all(type(part) is bytes for part in (protected, payload, signature)) or len(signature) != 64:
        raise Malformed("cose")
    kid = _read_protected(protected)
    printed = _read_payload(_loads(payload))
    if [_protected(kid), {}, _payload(printed), signature] != parts or PREFIX + b45(
        cbor2.dumps(parts)
    ) != text:
        raise Malformed("cbor_spelling")
    return ReadPrinted(printed, kid, _signed(protected, payload), signature)


def _loads(data: bytes) -> Any:
    try:
        return cbor2.loads(data)
    except Exception as error:  # the bytes are hostile: however the decoder fails, the answer is the same
        raise Malformed("cbor") from error


def _read_protected(data: bytes) -> bytes:
    header = _loads(data)
    if type(header) is not dict or list(header) != [_ALG, _KID] or header[_ALG] != _ES256:
        raise Malformed("alg")
    kid = header[_KID]
    if type(kid) is not bytes or len(kid) != KID_BYTES:
        raise Malformed("kid")
    return kid


def _read_payload(claims: Any) -> Printed:
    if type(claims) is not dict or list(claims) != [_EXP, _IAT, _STATUS, _FACE]:
        raise Malformed("cwt")
    face, times = claims[_FACE], [number(claims[name]) for name in (_IAT, _EXP)]
    if type(face) is not list or len(face) != len(fields(Face)) or not all(type(t) is str for t in face):
        raise Malformed("cwt")
    if times[0] is None or times[1] is None:
        raise Malformed("times")
    return Printed(Face(*face), times[0], times[1], StatusReference.parse(claims[_STATUS]))


def check_signature(read: ReadPrinted, leaf: x509.Certificate) -> None:
    """Check the signature with a trusted leaf. Raises ``Malformed("signature")``."""
    key = leaf.public_key()
    r, s = (int.from_bytes(half, "big") for half in (read.signature[:32], read.signature[32:]))
    try:
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise Malformed("signature")
        key.verify(encode_dss_signature(r, s), read.signed, ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise Malformed("signature") from error
