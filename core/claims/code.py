"""The claim code: a COSE_Sign1 (RFC 9052) CWT (RFC 8392) of about 160 bytes, without any personal data.

One code has one spelling. Decoding refuses every other (foreign characters, padding, long forms,
repeated keys, trailing bytes) by encoding again and comparing. Source: claim.md section 6.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, Final

import cbor2

from core.errors import UserError
from core.keys.signer import Signer, verify

LIFETIME: Final = 600
"""Seconds from issue to expiry of every minted code."""
MAX_CODE_LENGTH: Final = 219
PURPOSE_FIRST, PURPOSE_REPLACEMENT, PURPOSE_CHANGE = 1, 2, 3

# COSE identifiers of the algorithms a key record may name. Closed: anything else is refused.
_COSE_ALGORITHMS: Final = {"Ed25519": -8}
_ALG, _KID = 1, 4
_ISS, _EXP, _IAT, _CTI = 1, 4, 6, 7
_PRIVATE: Final = -65537  # CWT claim keys below -65536 are for private use (RFC 8392, 9.1)
_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]{160,219}", re.ASCII)
_OFFICE: Final = re.compile(r"[1-9][0-9]{5}", re.ASCII)


@dataclass(frozen=True)
class ClaimCode:
    """What a code says. Times in seconds since 1970 UTC; raises ``ValueError`` outside the ranges.

    ``facts`` are the first 16 bytes of the approving action's hash, ``unit_tag`` the keyed tag of
    :func:`core.claims.pair.unit_tag`, ``seq`` the device's action number in ``device_epoch``.
    """

    office: str
    issued_at: int
    expires_at: int
    jti: bytes
    unit_tag: bytes
    purpose: int
    representative_no: int
    facts: bytes
    device_epoch: int
    seq: int

    def __post_init__(self) -> None:
        if not isinstance(self.office, str) or not _OFFICE.fullmatch(self.office):
            raise ValueError("office")
        for name, low, high in (
            ("issued_at", 2**30, 2**32 - 1),
            ("expires_at", 2**30, 2**32 - 1),
            ("purpose", 1, 3),
            ("representative_no", 1, 255),
            ("device_epoch", 0, 65535),
            ("seq", 0, 2**32 - 1),
        ):
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise ValueError(name)
        for name, size in (("jti", 12), ("unit_tag", 16), ("facts", 16)):
            value = getattr(self, name)
            if type(value) is not bytes or len(value) != size:
                raise ValueError(name)
        if self.expires_at <= self.issued_at:
            raise ValueError("expires_at")


@dataclass(frozen=True)
class DecodedCode:
    """A canonical but not yet verified code: content, key id (8 hex), and the signed bytes."""

    code: ClaimCode
    kid: str
    algorithm: str
    protected: bytes
    payload: bytes
    signature: bytes


def _payload(code: ClaimCode) -> bytes:
    private = [
        code.unit_tag,
        code.purpose,
        code.representative_no,
        code.facts,
        code.device_epoch,
        code.seq,
    ]
    # Ascending order of the encoded keys (RFC 8949, 4.2.1); cbor2 keeps the order given here.
    claims = {
        _ISS: int(code.office),
        _EXP: code.expires_at,
        _IAT: code.issued_at,
        _CTI: code.jti,
        _PRIVATE: private,
    }
    return cbor2.dumps(claims)


def _protected(algorithm: str, kid: str) -> bytes:
    return cbor2.dumps({_ALG: _COSE_ALGORITHMS[algorithm], _KID: bytes.fromhex(kid)})


def signing_input(protected: bytes, payload: bytes, issuer_url: str) -> bytes:
    """Return the Sig_structure of RFC 9052, 4.4. The audience is bound by external_aad, unsent."""
    return cbor2.dumps(["Signature1", protected, b"claim-code/1 " + issuer_url.encode("ascii"), payload])


def _spell(protected: bytes, payload: bytes, signature: bytes) -> bytes:
    # Untagged: nothing else is ever read at this place, and every byte costs camera distance.
    return cbor2.dumps([protected, {}, payload, signature])


def mint(code: ClaimCode, signer: Signer, issuer_url: str) -> str:
    """Return the signed code as base64url text (212 characters in ordinary use, never above 219).

    ``issuer_url`` is the hub's public address, exactly as in its metadata. Raises ``ValueError`` if the
    lifetime is not 600 s, the signer's algorithm has no COSE name or its key id is not 4 bytes.
    """
    if code.expires_at - code.issued_at != LIFETIME:
        raise ValueError("lifetime")
    if signer.algorithm not in _COSE_ALGORITHMS or len(signer.kid) != 8:
        raise ValueError("signer")
    protected, payload = _protected(signer.algorithm, signer.kid), _payload(code)
    signature = signer.sign(signing_input(protected, payload, issuer_url))
    return base64.urlsafe_b64encode(_spell(protected, payload, signature)).decode("ascii").rstrip("=")


def decode(text: str) -> DecodedCode:
    """Return the content of a code that is spelled in the one allowed way; verifies no signature.

    Raises ``UserError("code_malformed", why=…)`` with why one of ``characters``, ``cbor``,
    ``structure``, ``content``, ``spelling``.
    """
    if not isinstance(text, str) or not _ALPHABET.fullmatch(text) or len(text) % 4 == 1:
        raise UserError("code_malformed", why="characters")
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    protected, payload, signature = _open_sign1(raw)
    algorithm, kid = _read_protected(protected)
    try:
        code = _read_payload(payload)
    except (ValueError, TypeError) as error:
        raise UserError("code_malformed", why="content") from error
    again = _spell(_protected(algorithm, kid), _payload(code), signature)
    if base64.urlsafe_b64encode(again).decode("ascii").rstrip("=") != text:
        raise UserError("code_malformed", why="spelling")
    return DecodedCode(code, kid, algorithm, protected, payload, signature)


def _loads(data: bytes) -> Any:
    try:
        return cbor2.loads(data)
    except Exception as error:  # the bytes are hostile: however the decoder fails, the answer is the same
        raise UserError("code_malformed", why="cbor") from error


def _open_sign1(raw: bytes) -> tuple[bytes, bytes, bytes]:
    parts = _loads(raw)
    if type(parts) is not list or len(parts) != 4 or parts[1] != {}:
        raise UserError("code_malformed", why="structure")
    protected, _, payload, signature = parts
    if not all(type(part) is bytes for part in (protected, payload, signature)) or len(signature) != 64:
        raise UserError("code_malformed", why="structure")
    return protected, payload, signature


def _read_protected(protected: bytes) -> tuple[str, str]:
    header = _loads(protected)
    if type(header) is not dict or list(header) != [_ALG, _KID]:
        raise UserError("code_malformed", why="structure")
    names = [name for name, number in _COSE_ALGORITHMS.items() if number == header[_ALG]]
    kid = header[_KID]
    if not names or type(kid) is not bytes or len(kid) != 4:
        raise UserError("code_malformed", why="structure")
    return names[0], kid.hex()


def _read_payload(payload: bytes) -> ClaimCode:
    claims = _loads(payload)
    if type(claims) is not dict or list(claims) != [_ISS, _EXP, _IAT, _CTI, _PRIVATE]:
        raise UserError("code_malformed", why="structure")
    private = claims[_PRIVATE]
    if type(claims[_ISS]) is not int or type(private) is not list or len(private) != 6:
        raise UserError("code_malformed", why="structure")
    unit_tag, purpose, representative_no, facts, device_epoch, seq = private
    return ClaimCode(
        office=str(claims[_ISS]),
        issued_at=claims[_IAT],
        expires_at=claims[_EXP],
        jti=claims[_CTI],
        unit_tag=unit_tag,
        purpose=purpose,
        representative_no=representative_no,
        facts=facts,
        device_epoch=device_epoch,
        seq=seq,
    )


def verify_signature(decoded: DecodedCode, algorithm: str, public_key: bytes, issuer_url: str) -> bool:
    """Return whether the enrolled key signed this code for this hub.

    ``algorithm`` and ``public_key`` come from the key record found by ``decoded.kid``; a code that
    names another algorithm than the record is refused. Nothing raises.
    """
    if algorithm not in _COSE_ALGORITHMS or decoded.algorithm != algorithm:
        return False
    data = signing_input(decoded.protected, decoded.payload, issuer_url)
    return verify(algorithm, public_key, decoded.signature, data)
