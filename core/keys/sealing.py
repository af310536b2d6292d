"""Sealing bytes: for oneself with a 256-bit key, or for the holder of an X25519 key.

Both bind ``aad`` (what the bytes are and whose), so a sealed value cannot be moved to another
record. Formats start with a version byte; a damaged blob and a wrong key look the same.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import EnvironmentFault
from core.ids import RandomBytes, system_random

_SYMMETRIC: Final = b"\x01"
_BOX: Final = b"\x02"
_KEY: Final = 32
_NONCE: Final = 12
_TAG: Final = 16


def subkey(key: bytes, purpose: str) -> bytes:
    """Return a 32-byte key for one ``purpose``, derived from ``key`` by HKDF-SHA256."""
    return HKDF(SHA256(), _KEY, None, f"certdesk subkey/1 {purpose}".encode()).derive(key)


def new_exchange_key(random: RandomBytes = system_random) -> tuple[bytes, bytes]:
    """Return a new X25519 key as (private 32 bytes, public 32 bytes)."""
    private = random(_KEY)
    return private, X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _box_cipher(shared: bytes, ephemeral: bytes, recipient: bytes) -> tuple[AESGCM, bytes]:
    # Both public keys enter the derivation, so a box is bound to its recipient. The key serves one
    # message only, hence the nonce may be derived along with it.
    info = b"certdesk sealed-box/1" + ephemeral + recipient
    stream = HKDF(SHA256(), _KEY + _NONCE, None, info).derive(shared)
    return AESGCM(stream[:_KEY]), stream[_KEY:]


def seal_to(public_key: bytes, data: bytes, aad: bytes, random: RandomBytes = system_random) -> bytes:
    """Return ``data`` readable only by the holder of the X25519 key ``public_key`` (49 bytes longer).

    Layout: version byte 2, ephemeral public key (32), AES-256-GCM ciphertext with tag (16).
    Anybody can make such a box: it proves nothing about its author; sign it where that matters.
    Raises ``EnvironmentFault("exchange_key_damaged")`` for a public key that is none.
    """
    private, ephemeral = new_exchange_key(random)
    try:
        shared = X25519PrivateKey.from_private_bytes(private).exchange(
            X25519PublicKey.from_public_bytes(public_key)
        )
    except ValueError as error:
        raise EnvironmentFault("exchange_key_damaged") from error
    cipher, nonce = _box_cipher(shared, ephemeral, public_key)
    return _BOX + ephemeral + cipher.encrypt(nonce, data, _BOX + aad)


class BoxOpener:
    """Opens what :func:`seal_to` sealed for one X25519 key; loading the key costs as much as one opening."""

    def __init__(self, private_key: bytes) -> None:
        self._own = X25519PrivateKey.from_private_bytes(private_key)
        self._public = self._own.public_key().public_bytes_raw()

    def open(self, blob: bytes, aad: bytes) -> bytes:
        """Return the sealed bytes. Raises ``EnvironmentFault("sealed_damaged")``."""
        if len(blob) < 1 + _KEY + _TAG or blob[:1] != _BOX:
            raise EnvironmentFault("sealed_damaged")
        ephemeral = blob[1 : 1 + _KEY]
        try:
            shared = self._own.exchange(X25519PublicKey.from_public_bytes(ephemeral))
            cipher, nonce = _box_cipher(shared, ephemeral, self._public)
            return cipher.decrypt(nonce, blob[1 + _KEY :], _BOX + aad)
        except (InvalidTag, ValueError) as error:
            raise EnvironmentFault("sealed_damaged") from error

    def __repr__(self) -> str:
        return f"BoxOpener({self._public.hex()[:8]})"


def open_sealed(private_key: bytes, blob: bytes, aad: bytes) -> bytes:
    """Return what :func:`seal_to` sealed. Raises ``EnvironmentFault("sealed_damaged")``."""
    return BoxOpener(private_key).open(blob, aad)


def _siv(key: bytes) -> AESGCMSIV:
    if len(key) != _KEY:
        raise ValueError("a sealing key has 32 bytes")
    try:
        return AESGCMSIV(key)
    except UnsupportedAlgorithm as error:
        # A distribution's own OpenSSL below 3.2; the wheel of `cryptography` brings a newer one.
        raise EnvironmentFault("cipher_unsupported", cipher="AES-GCM-SIV") from error


def seal(key: bytes, data: bytes, aad: bytes, random: RandomBytes = system_random) -> bytes:
    """Return ``data`` sealed under a 32-byte key with AES-256-GCM-SIV (29 bytes longer).

    Layout: version byte 1, nonce (12), ciphertext with tag (16). SIV, because a repeated nonce
    (a restored virtual machine, a faulty source) then shows equality and nothing more.
    """
    nonce = random(_NONCE)
    return _SYMMETRIC + nonce + _siv(key).encrypt(nonce, data, _SYMMETRIC + aad)


def unseal(key: bytes, blob: bytes, aad: bytes) -> bytes:
    """Return what :func:`seal` sealed. Raises ``EnvironmentFault("sealed_damaged")``."""
    cipher = _siv(key)
    if len(blob) < 1 + _NONCE + _TAG or blob[:1] != _SYMMETRIC:
        raise EnvironmentFault("sealed_damaged")
    try:
        return cipher.decrypt(blob[1 : 1 + _NONCE], blob[1 + _NONCE :], _SYMMETRIC + aad)
    except InvalidTag as error:
        raise EnvironmentFault("sealed_damaged") from error
