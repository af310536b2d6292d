"""Envelopes: what desk and hub say to each other, whole and signed, whatever carries it.

An envelope is canonical JSON ``{"payload", "kid", "algorithm", "signature"}``; the signature covers
the payload's canonical bytes. The payload names its ``type``, the ``protocol``, sender and moment,
so that nothing can be replayed as something else. Personal values travel sealed to the receiver.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from core.canonical import canonical, digest
from core.errors import CertDeskError, Refusal
from core.ids import RandomBytes
from core.keys.sealing import BoxOpener, seal_to
from core.keys.signer import Signer, verify
from core.records.model import Private, Salted, SignedAction, action_from_body

PROTOCOL = 2
"""What this program speaks when it is free to choose."""
PROTOCOLS = (1, 2)
"""What it understands: the newest, and the one before it (N and N-1)."""
OLDEST_PROTOCOL = PROTOCOLS[0]
"""Requests that have not changed since go out as this, so that an older hub takes them, too."""
MAX_ENVELOPE_BYTES = 8 * 1024 * 1024
BATCH_LIMITS = {1: 500, 2: 1000}
"""Most actions in a batch, and items in a page of the feed, by protocol."""


@dataclass(frozen=True)
class Opened:
    """A well-formed envelope whose signature is still to be checked against the sender's key."""

    payload: dict[str, Any]
    kid: str
    algorithm: str
    signature: bytes
    signed: bytes
    """What the signature is over."""

    @property
    def protocol(self) -> int:
        """The protocol its sender speaks, one of :data:`PROTOCOLS`."""
        return int(self.payload["protocol"])

    def verify(self, public_key: bytes) -> bool:
        """Tell whether ``public_key`` signed this payload."""
        return verify(self.algorithm, public_key, self.signature, self.signed)


def _signed(payload: bytes) -> bytes:
    return digest("envelope/1", payload)


def _outer(payload: bytes, kid: Any, algorithm: Any, signature: Any) -> bytes:
    """Return the canonical bytes of an envelope around a payload that is spelled out already."""
    parts = (canonical(algorithm), canonical(kid), payload, canonical(signature))
    return b'{"algorithm":%b,"kid":%b,"payload":%b,"signature":%b}' % parts


def wrap(payload: Mapping[str, Any], signer: Signer) -> bytes:
    """Sign ``payload`` (canonical JSON values only) and return the envelope's bytes."""
    encoded = canonical(dict(payload))
    signature = signer.sign(_signed(encoded)).hex()
    return _outer(encoded, signer.kid, signer.algorithm, signature)


def unwrap(data: bytes) -> Opened:
    """Read an envelope's form.

    Raises ``Refusal`` envelope_too_large / envelope_malformed / protocol_unknown (naming ``supported``).
    """
    if len(data) > MAX_ENVELOPE_BYTES:
        raise Refusal("envelope_too_large", limit=MAX_ENVELOPE_BYTES)
    try:
        # No JSON but canonical passes the comparison, so a quicker reader than json's reads the same.
        outer = msgspec.json.decode(data)
        if set(outer) != {"payload", "kid", "algorithm", "signature"}:
            raise ValueError("shape")
        payload, kid, algorithm, signature = (
            outer[name] for name in ("payload", "kid", "algorithm", "signature")
        )
        encoded = canonical(payload)
        if _outer(encoded, kid, algorithm, signature) != data:
            raise ValueError("spelling")
        opened = Opened(payload, str(kid), str(algorithm), bytes.fromhex(signature), _signed(encoded))
        protocol = payload["protocol"]
    except (ValueError, KeyError, TypeError, RecursionError, msgspec.MsgspecError) as fault:
        raise Refusal("envelope_malformed") from fault
    if type(protocol) is not int or protocol not in PROTOCOLS:
        told = protocol if type(protocol) is int and abs(protocol) < 2**31 else 0
        raise Refusal("protocol_unknown", protocol=told, supported=list(PROTOCOLS))
    return opened


def seal_private(private: Private, exchange_key: bytes, action_hash: str, random: RandomBytes) -> str:
    """Encrypt an action's personal values and salts to the receiver; bound to the action's hash."""
    plain = canonical({name: [item.salt, item.value] for name, item in private.items()})
    return base64.b64encode(seal_to(exchange_key, plain, action_hash.encode(), random)).decode()


def open_private(sealed: str, secret: bytes | BoxOpener, action_hash: str) -> dict[str, Salted]:
    """Decrypt what :func:`seal_private` made. Raises ``Refusal('private_unreadable')``."""
    opener = secret if isinstance(secret, BoxOpener) else BoxOpener(secret)
    try:
        blob = base64.b64decode(sealed, validate=True)
        plain = json.loads(opener.open(blob, action_hash.encode()))
        return {name: Salted(str(salt), str(value)) for name, (salt, value) in plain.items()}
    except (binascii.Error, ValueError, TypeError, AttributeError, CertDeskError) as fault:
        raise Refusal("private_unreadable") from fault


_ITEM = frozenset({"action", "algorithm", "signature", "sealed"})


def action_item(signed: SignedAction, sealed: str) -> dict[str, Any]:
    """Return one action as it stands inside a payload's ``actions``."""
    return {
        "action": signed.action.body(),
        "algorithm": signed.algorithm,
        "signature": signed.signature,
        "sealed": sealed,
    }


def read_item(item: Any, *, spelled: bool = False) -> tuple[SignedAction, str]:
    """Read one element of ``actions``. Raises ``Refusal('action_malformed')``.

    ``spelled``: it comes straight out of an envelope that :func:`unwrap` has read.
    """
    if not isinstance(item, dict) or not item.keys() >= _ITEM:
        raise Refusal("action_malformed", why="item")
    action = action_from_body(item["action"], spelled=spelled)
    return SignedAction(action, str(item["algorithm"]), str(item["signature"])), str(item["sealed"])
