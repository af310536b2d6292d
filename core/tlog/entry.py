"""What one entry of an office's log says: when the hub recorded which action. Nothing personal."""

from __future__ import annotations

import re

from core.tlog.merkle import leaf_hash

_ENTRY = re.compile(rb"([0-9T:.Z+-]{1,32}) ([0-9a-f]{64})\n")


def entry_bytes(recorded_at: str, action_hash: str) -> bytes:
    """Return the log entry of an action: the hub's stamp and the action's hash (hex)."""
    return f"{recorded_at} {action_hash}\n".encode()


def read_entry(entry: bytes) -> tuple[str, str]:
    """Return (recorded_at, action_hash). Raises ``ValueError``."""
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise ValueError("not an entry of an office's log")
    return found[1].decode(), found[2].decode()


def entry_leaf(recorded_at: str, action_hash: str) -> bytes:
    """Return the leaf hash of an action's log entry."""
    return leaf_hash(entry_bytes(recorded_at, action_hash))
