"""The action: the one thing that is ever written, signed, synced, audited and archived.

A signed action carries public fields in clear and, for every personal field, only the commitment
SHA-256(128-bit salt || value). Values and salts (:data:`Private`) lie apart and can be destroyed
without breaking a chain, a signature or a proof (architecture.md, "Settled", point 3).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from core.canonical import canonical, canonical_again, digest
from core.errors import Refusal
from core.ids import RandomBytes
from core.keys.signer import Signer, verify

SubjectKind = Literal[
    "office", "unit", "case", "claim", "certificate", "refusal", "register", "delegation", "change"
]
SUBJECT_KINDS: tuple[SubjectKind, ...] = get_args(SubjectKind)

HUB = "hub"
"""Device and person name of the hub's own actions."""

GENESIS = "0" * 64
"""``prev`` of the first action of a device's chain."""

SALT_BYTES = 16


@dataclass(frozen=True)
class Salted:
    """One personal value with the salt (hex, 128 bits) of its commitment."""

    salt: str
    value: str

    def commitment(self) -> str:
        """Return SHA-256(salt || value) as hex."""
        return hashlib.sha256(bytes.fromhex(self.salt) + self.value.encode("utf-8")).hexdigest()


Private = Mapping[str, Salted]
"""The personal part of one action, by field id."""


@dataclass(frozen=True)
class Action:
    """One fact, made once. ``public`` is JSON without floats; ``commitments`` maps field to hex.

    ``base_version`` is how many effective actions its subject had when this one was made: unique
    with (office, subject) at the hub, which *is* the compare-and-set. ``seq`` and ``prev`` chain
    the actions of one (device, device_epoch).
    """

    id: str
    office: str
    subject_kind: SubjectKind
    subject: str
    base_version: int
    kind: str
    at: str
    device: str
    device_epoch: int
    seq: int
    prev: str
    person: str
    public: Mapping[str, Any] = field(default_factory=dict)
    commitments: Mapping[str, str] = field(default_factory=dict)
    rehearsal: bool = False

    def body(self) -> dict[str, Any]:
        """Return the JSON object that is hashed and travels."""
        return {
            "id": self.id,
            "office": self.office,
            "subject_kind": self.subject_kind,
            "subject": self.subject,
            "base_version": self.base_version,
            "kind": self.kind,
            "at": self.at,
            "device": self.device,
            "device_epoch": self.device_epoch,
            "seq": self.seq,
            "prev": self.prev,
            "person": self.person,
            "public": dict(self.public),
            "commitments": dict(self.commitments),
            "rehearsal": self.rehearsal,
        }

    @cached_property
    def encoded(self) -> bytes:
        """The canonical bytes of :meth:`body`; an action never changes, so they are made once."""
        return canonical(self.body())

    @cached_property
    def _hash(self) -> str:
        return digest("action/1", self.encoded).hex()

    def hash(self) -> str:
        """Return the hex SHA-256 that names this action in chains, codes and proofs."""
        return self._hash


_TEXTS = ("id", "office", "subject_kind", "subject", "kind", "at", "device", "prev", "person")
_NUMBERS = ("base_version", "device_epoch", "seq")
_FIELDS = {*_TEXTS, *_NUMBERS, "public", "commitments", "rehearsal"}


def action_from_body(body: Any, *, spelled: bool = False) -> Action:
    """Read a travelled body. Raises ``Refusal('action_malformed')`` on any missing, extra or odd field.

    ``spelled``: the body was read out of canonical bytes, an envelope's, so that it can only be sound JSON.
    """
    if not isinstance(body, dict) or body.keys() != _FIELDS:
        raise Refusal("action_malformed", why="fields")
    for name in _TEXTS:
        if not isinstance(body[name], str) or len(body[name]) > 200:
            raise Refusal("action_malformed", why="text")
    for name in _NUMBERS:
        if type(body[name]) is not int or not 0 <= body[name] < 2**53:
            raise Refusal("action_malformed", why="number")
    if body["subject_kind"] not in SUBJECT_KINDS or type(body["rehearsal"]) is not bool:
        raise Refusal("action_malformed", why="subject")
    public, commitments = body["public"], body["commitments"]
    if not isinstance(public, dict) or not isinstance(commitments, dict):
        raise Refusal("action_malformed", why="payload")
    if not all(map(_is_hex32, commitments.values())) or not _is_hex32(body["prev"]):
        raise Refusal("action_malformed", why="commitment")
    try:
        # Refuses what could never be hashed: floats, lone surrogates, odd keys.
        encoded = canonical_again(body) if spelled else canonical(body)
    except (ValueError, RecursionError) as fault:
        raise Refusal("action_malformed", why="payload") from fault
    # Every field is there and checked, and `encoded` is what the property would compute from them.
    action = object.__new__(Action)
    action.__dict__.update(body, encoded=encoded)
    return action


_HEX32 = re.compile("[0-9a-f]{64}")


def _is_hex32(text: Any) -> bool:
    return isinstance(text, str) and _HEX32.fullmatch(text) is not None


@dataclass(frozen=True)
class SignedAction:
    """An action with the signature of the person (or hub) that made it; ``signature`` is hex."""

    action: Action
    algorithm: str
    signature: str

    @property
    def hash(self) -> str:
        """Hex hash of the action."""
        return self.action.hash()

    def verify(self, public_key: bytes) -> bool:
        """Tell whether ``public_key`` made this signature."""
        try:
            signature = bytes.fromhex(self.signature)
        except ValueError:
            return False
        return verify(self.algorithm, public_key, signature, _signed_bytes(self.action))


def _signed_bytes(action: Action) -> bytes:
    return digest("signature/1", bytes.fromhex(action.hash()))


def sign_action(action: Action, signer: Signer) -> SignedAction:
    """Sign ``action`` with a person's (or the hub's) key."""
    return SignedAction(action, signer.algorithm, signer.sign(_signed_bytes(action)).hex())


def salted(values: Mapping[str, str], random: RandomBytes) -> dict[str, Salted]:
    """Give each personal value a fresh salt."""
    return {name: Salted(random(SALT_BYTES).hex(), value) for name, value in values.items()}


def commitments(private: Private) -> dict[str, str]:
    """Return what a signed action says about its personal values."""
    return {name: item.commitment() for name, item in private.items()}


def verify_private(action: Action, private: Private) -> None:
    """Check that values and salts are those committed to. Raises ``Refusal('commitment_wrong')``."""
    if set(private) != set(action.commitments):
        raise Refusal("commitment_wrong", why="fields")
    for name, item in private.items():
        if len(item.salt) != 2 * SALT_BYTES or not hmac.compare_digest(
            item.commitment(), action.commitments[name]
        ):
            raise Refusal("commitment_wrong", why="value")


@dataclass(frozen=True)
class Entry:
    """An action as the folds read it: with its hash, and its personal values unless destroyed."""

    action: Action
    hash: str
    private: Mapping[str, str] | None

    def values(self) -> dict[str, str]:
        """Return public ``values`` and personal values as one mapping; destroyed ones are absent."""
        public = self.action.public.get("values", {})
        return {**public, **(self.private or {})}


def effective(entries: Iterable[Entry], rejected: frozenset[str]) -> list[Entry]:
    """Order one subject's entries by version, leaving out rejected ones and what depends on them.

    ``rejected`` holds hashes. Of two candidates for one version the first given wins: give
    receipted entries in hub order first, then own unreceipted ones. What a desk made before one
    that already stands was made for another predecessor, now rejected, and is left out with it.
    """
    result: list[Entry] = []
    newest: dict[str, tuple[int, int]] = {}
    waiting = [entry for entry in entries if entry.hash not in rejected]
    while True:
        fitting = (entry for entry in waiting if entry.action.base_version == len(result))
        chosen = next(
            (entry for entry in fitting if _place(entry) > newest.get(entry.action.device, (0, 0))), None
        )
        if chosen is None:
            return result
        newest[chosen.action.device] = _place(chosen)
        result.append(chosen)


def _place(entry: Entry) -> tuple[int, int]:
    return entry.action.device_epoch, entry.action.seq
