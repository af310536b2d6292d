"""Signing keys behind one port, so that a token, a TPM or another algorithm can take their place.

The algorithm and the key id travel with every signature; verification takes its algorithm from
the enrolled key record and knows a closed list, so nothing inside a message chooses how it is checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.ids import RandomBytes, system_random

ED25519: Final = "Ed25519"
DEVICE_KID_BYTES: Final = 4
PERSON_KID_BYTES: Final = 16


@runtime_checkable
class Signer(Protocol):
    """A private key that signs and never shows itself."""

    @property
    def kid(self) -> str:
        """Return the key id: lower-case hex of the first bytes of SHA-256 over the public key."""
        ...

    @property
    def algorithm(self) -> str:
        """Return the algorithm's name as written in key records, e.g. ``Ed25519``."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature over ``data``."""
        ...

    def public_bytes(self) -> bytes:
        """Return the raw public key (32 bytes for Ed25519)."""
        ...


def key_id(public_key: bytes, size: int = DEVICE_KID_BYTES) -> str:
    """Return the key id of a raw public key as ``2 * size`` hex characters.

    Devices use 4 bytes (the id rides in a QR code), persons 16.
    """
    return hashlib.sha256(public_key).digest()[:size].hex()


class SoftwareSigner:
    """An Ed25519 key held in memory; the seed is sealed by whoever stores it."""

    def __init__(self, seed: bytes, kid_size: int = DEVICE_KID_BYTES) -> None:
        if len(seed) != 32:
            raise ValueError("an Ed25519 seed has 32 bytes")
        self._seed = bytes(seed)
        self._key = Ed25519PrivateKey.from_private_bytes(self._seed)
        self._public = self._key.public_key().public_bytes_raw()
        self._kid = key_id(self._public, kid_size)

    @classmethod
    def generate(
        cls, random: RandomBytes = system_random, kid_size: int = DEVICE_KID_BYTES
    ) -> SoftwareSigner:
        """Return a new key drawn from ``random``."""
        return cls(random(32), kid_size)

    @classmethod
    def from_seed(cls, seed: bytes, kid_size: int = DEVICE_KID_BYTES) -> SoftwareSigner:
        """Return the key of a stored 32-byte seed. Raises ``ValueError`` for another length."""
        return cls(seed, kid_size)

    @property
    def kid(self) -> str:
        """Return the key id, see :func:`key_id`."""
        return self._kid

    @property
    def algorithm(self) -> str:
        """Return ``Ed25519``."""
        return ED25519

    def seed(self) -> bytes:
        """Return the 32 secret bytes, to be sealed at once."""
        return self._seed

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature (RFC 8032) over ``data``."""
        return self._key.sign(data)

    def public_bytes(self) -> bytes:
        """Return the 32-byte public key."""
        return self._public

    def __repr__(self) -> str:
        # The default repr of a holder of secrets is how seeds reach logs.
        return f"SoftwareSigner({self._kid})"


def _verify_ed25519(public_key: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


_VERIFIERS: Final[Mapping[str, Callable[[bytes, bytes, bytes], bool]]] = MappingProxyType(
    {ED25519: _verify_ed25519}
)


def verify(algorithm: str, public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Return whether ``signature`` over ``data`` is by ``public_key``.

    ``algorithm`` comes from the enrolled key record. An unknown algorithm, a broken key and a
    wrong signature are all ``False``; nothing raises.
    """
    check = _VERIFIERS.get(algorithm)
    return check is not None and check(public_key, signature, data)
