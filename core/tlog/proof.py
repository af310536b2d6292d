"""That one action stands in an office's log, as a file for whoever holds public keys: C2SP *tlog-proof* v1.

The extra data of the format are the moment of recording and the action's body, from which whoever checks
makes the log's entry again. Nothing personal: a body holds salted commitments only.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from core.canonical import digest
from core.errors import Refusal
from core.tlog.checkpoint import Checkpoint, verify_note
from core.tlog.entry import entry_bytes, read_entry
from core.tlog.merkle import HASH_BYTES, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES = 512 * 1024


@dataclass(frozen=True)
class ReceiptProof:
    """All that whoever checks it needs: the action, when it was recorded, and its way to a signed root.

    The entry hashes to the leaf at ``index`` (from 0); ``path`` leads from it to the root in ``note``.
    """

    recorded_at: str
    body: str
    index: int
    path: tuple[bytes, ...]
    note: str

    @property
    def hash(self) -> str:
        """Hex hash of the action."""
        return digest("action/1", self.body.encode()).hex()

    @property
    def entry(self) -> bytes:
        """The log's entry."""
        return entry_bytes(self.recorded_at, self.hash)

    def text(self) -> str:
        """Return it as a file."""
        extra = base64.b64encode(f"{self.recorded_at} {self.body}".encode()).decode()
        path = "".join(f"{base64.b64encode(item).decode()}\n" for item in self.path)
        return f"{HEADER}\nextra {extra}\nindex {self.index}\n{path}\n{self.note}"


@dataclass(frozen=True)
class Proven:
    """What a proof was found to say."""

    head: Checkpoint
    position: int
    recorded_at: str
    hash: str
    action: dict[str, Any]


def read_proof(text: str) -> ReceiptProof:
    """Read a file. Raises ``Refusal('proof_malformed')``."""
    try:
        head, _, note = text.partition("\n\n")
        header, extra, index, *path = head.split("\n")
        number = index.removeprefix("index ")
        if header != HEADER or not extra.startswith("extra ") or f"index {int(number)}" != index:
            raise ValueError("lines")
        moment, _, body = base64.b64decode(extra[6:], validate=True).decode().partition(" ")
        hashes = tuple(base64.b64decode(item, validate=True) for item in path)
        proof = ReceiptProof(moment, body, int(number), hashes, note)
        read_entry(proof.entry)
        if {len(item) for item in hashes} - {HASH_BYTES} or proof.text() != text:
            raise ValueError("spelling")
    except (ValueError, binascii.Error) as fault:
        raise Refusal("proof_malformed") from fault
    return proof


def verify_proof(text: str, hub_key: bytes) -> Proven:
    """Check a file with nothing but the hub's public key.

    Raises ``Refusal`` proof_malformed, proof_wrong, checkpoint_malformed, checkpoint_forged.
    """
    proof = read_proof(text)
    head = verify_note(proof.note, hub_key)
    if not verify_inclusion(leaf_hash(proof.entry), proof.index, head.size, proof.path, head.root):
        raise Refusal("proof_wrong")
    try:
        action = json.loads(proof.body)
    except ValueError as fault:
        raise Refusal("proof_malformed") from fault
    if not isinstance(action, dict):
        raise Refusal("proof_malformed")
    return Proven(head, proof.index + 1, proof.recorded_at, proof.hash, action)
