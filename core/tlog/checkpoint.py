"""Signed checkpoints of a log: C2SP signed-note, tlog-checkpoint and tlog-cosignature (cosignature/v1).

A checkpoint says "this log (origin) had so many entries, and this was their root". Its text can be
kept, printed and compared by anyone; whoever holds two signed ones that do not agree holds the proof.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import Refusal
from core.keys.signer import ED25519, Signer, verify
from core.tlog.merkle import HASH_BYTES

MAX_NOTE_BYTES = 16 * 1024
MAX_SIGNATURES = 32
NOTE_ED25519 = b"\x01"
COSIGNATURE_V1 = b"\x04"
_MARK = "\u2014 "


@dataclass(frozen=True)
class Checkpoint:
    """A tree head: which log, how many entries, their root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the note text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True)
class Cosignature:
    """A witness's statement: at ``time`` (seconds since 1970 UTC) this was the largest tree it had seen."""

    checkpoint: Checkpoint
    time: int


@dataclass(frozen=True)
class _Signature:
    name: str
    key_id: bytes
    signature: bytes


def origin_of(issuer: str, office: str) -> str:
    """Return the name of an office's log at the hub with this issuer URL."""
    parts = urlsplit(issuer)
    return f"{parts.netloc}{parts.path.rstrip('/')}/log/{office}"


def witness_name(origin: str, device: str) -> str:
    """Return the key name under which a desk cosigns."""
    return f"{origin}/desk/{device}"


def key_id(name: str, kind: bytes, public_key: bytes) -> bytes:
    """Return the four bytes that name a key beside its name."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public_key).digest()[:4]


# --- notes ---------------------------------------------------------------------------------------


def _line(name: str, kind: bytes, signer: Signer, signature: bytes) -> str:
    if not _is_name(name):
        raise ValueError("a key name has no space and no plus sign")
    blob = key_id(name, kind, signer.public_bytes()) + signature
    return f"{_MARK}{name} {base64.b64encode(blob).decode()}\n"


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)


def sign_text(text: str, name: str, signer: Signer) -> str:
    """Return ``text`` (ending in a newline) as a signed note."""
    if not text.endswith("\n") or signer.algorithm != ED25519:
        raise ValueError("a note ends in a newline and is signed with Ed25519")
    return f"{text}\n{_line(name, NOTE_ED25519, signer, signer.sign(text.encode()))}"


def sign_note(checkpoint: Checkpoint, signer: Signer) -> str:
    """Return a checkpoint signed by the log itself, whose key bears the log's name."""
    return sign_text(checkpoint.text(), checkpoint.origin, signer)


def _split(note: str) -> tuple[str, list[_Signature]]:
    """Return text and signatures. Raises ``ValueError``."""
    if len(note.encode()) > MAX_NOTE_BYTES or any(ord(char) < 32 and char != "\n" for char in note):
        raise ValueError("size or control character")
    head, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise ValueError("no signatures")
    lines = tail[:-1].split("\n")
    if not 0 < len(lines) <= MAX_SIGNATURES:
        raise ValueError("number of signatures")
    return head + "\n", [_read_line(line) for line in lines]


def _read_line(line: str) -> _Signature:
    name, gap, encoded = line.removeprefix(_MARK).partition(" ")
    blob = base64.b64decode(encoded, validate=True)
    if not line.startswith(_MARK) or not gap or not _is_name(name) or len(blob) < 5:
        raise ValueError("signature line")
    return _Signature(name, blob[:4], blob[4:])


def verify_text(note: str, name: str, public_key: bytes) -> str:
    """Return the text of a note signed by this key; other signatures on it are passed over.

    Raises ``Refusal`` checkpoint_malformed or checkpoint_forged.
    """
    text, found = _signatures(note, name, NOTE_ED25519, public_key)
    if not all(verify(ED25519, public_key, each, text.encode()) for each in found):
        raise Refusal("checkpoint_forged")
    return text


def _signatures(note: str, name: str, kind: bytes, public_key: bytes) -> tuple[str, list[bytes]]:
    """Return the note's text and what stands under this key's name; at least one."""
    try:
        text, signatures = _split(note)
    except (ValueError, binascii.Error) as fault:
        raise Refusal("checkpoint_malformed") from fault
    wanted = key_id(name, kind, public_key)
    found = [each.signature for each in signatures if (each.name, each.key_id) == (name, wanted)]
    if not found:
        raise Refusal("checkpoint_forged")
    return text, found


def read_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text (signatures cut off). Raises ``Refusal('checkpoint_malformed')``."""
    try:
        origin, size, root, *rest = text.split("\n")
        if rest != [""] or not origin or not size.isascii() or not size.isdigit() or len(size) > 18:
            raise ValueError("lines")
        found = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
        if found.text() != text or len(found.root) != HASH_BYTES:
            raise ValueError("spelling")
    except (ValueError, binascii.Error) as fault:
        raise Refusal("checkpoint_malformed") from fault
    return found


def verify_note(note: str, public_key: bytes, origin: str | None = None) -> Checkpoint:
    """Return the checkpoint in a note that the log's key signed (and whose origin is ``origin``, if given).

    Raises ``Refusal`` checkpoint_malformed or checkpoint_forged.
    """
    checkpoint = read_checkpoint(_text_of(note))
    if origin is not None and checkpoint.origin != origin:
        raise Refusal("checkpoint_forged")
    verify_text(note, checkpoint.origin, public_key)
    return checkpoint


def _text_of(note: str) -> str:
    try:
        return _split(note)[0]
    except (ValueError, binascii.Error) as fault:
        raise Refusal("checkpoint_malformed") from fault


def claimed_origin(note: str) -> str:
    """Return the origin a note claims, checked by nobody yet. Raises ``Refusal('checkpoint_malformed')``."""
    return read_checkpoint(_text_of(note)).origin


def claimed_size(note: str) -> int:
    """Return the size a note claims, checked by nobody yet. Raises ``Refusal('checkpoint_malformed')``."""
    return read_checkpoint(_text_of(note)).size


# --- cosignatures --------------------------------------------------------------------------------


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(note: str, name: str, signer: Signer, time: int) -> str:
    """Return the note with one more line: this witness's cosignature made at ``time``.

    The caller has verified the note and that it continues what it saw before.
    """
    text = _text_of(note)
    signature = time.to_bytes(8, "big") + signer.sign(_cosigned(text, time))
    return note + _line(name, COSIGNATURE_V1, signer, signature)


def verify_cosignature(note: str, name: str, public_key: bytes) -> Cosignature:
    """Return what a witness of this name and key says. Raises as :func:`verify_text` does."""
    text, found = _signatures(note, name, COSIGNATURE_V1, public_key)
    for blob in found:
        time, signature = int.from_bytes(blob[:8], "big"), blob[8:]
        if len(blob) != 72 or not verify(ED25519, public_key, signature, _cosigned(text, time)):
            raise Refusal("checkpoint_forged")
    return Cosignature(read_checkpoint(text), int.from_bytes(found[-1][:8], "big"))
