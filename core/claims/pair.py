"""What office and hub both know without telling each other: the pair key, the six digits, the unit's tag.

Nothing here enters the QR except the tag, which without the pair key says nothing about the unit.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import EnvironmentFault


def pair_key(own_private: bytes, other_public: bytes) -> bytes:
    """Return K, 32 bytes, the same at both ends: HKDF-SHA256 of X25519 with info ``claim-pin/1``.

    Raises ``EnvironmentFault("exchange_key_damaged")`` if either key is none.
    """
    try:
        shared = X25519PrivateKey.from_private_bytes(own_private).exchange(
            X25519PublicKey.from_public_bytes(other_public)
        )
    except ValueError as error:
        raise EnvironmentFault("exchange_key_damaged") from error
    return HKDF(SHA256(), 32, None, b"claim-pin/1").derive(shared)


def pin(key: bytes, jti: bytes) -> str:
    """Return the transaction code of one claim: six digits, zero padded (bias below 2**-200)."""
    return f"{int.from_bytes(hmac.digest(key, b'pin' + jti, 'sha256'), 'big') % 1_000_000:06d}"


def pin_matches(key: bytes, jti: bytes, typed: str) -> bool:
    """Return whether ``typed`` is the claim's transaction code, in constant time."""
    return hmac.compare_digest(pin(key, jti).encode("ascii"), typed.encode("utf-8", "surrogatepass"))


def unit_tag(key: bytes, jti: bytes, uscc: str) -> bytes:
    """Return 16 bytes that name the unit to the holders of K alone, and differ from code to code."""
    return hmac.digest(key, b"unit" + jti + uscc.encode("ascii"), "sha256")[:16]
