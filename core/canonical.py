"""One spelling for everything that is hashed or signed: canonical JSON.

The subset of RFC 8785 (JCS) that needs no number formatting: strings, booleans, null, integers
within 2**53, lists, and dicts with ASCII keys. Two equal values have one byte string.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

_LIMIT = 2**53


def _verify(value: Any) -> None:
    if value is None or isinstance(value, (bool, str)):
        return
    if isinstance(value, int):
        if abs(value) > _LIMIT:
            raise ValueError("integer outside the interoperable range")
        return
    if isinstance(value, (list, tuple)):
        for item in value:
            _verify(item)
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError("keys are ASCII strings")
            _verify(item)
        return
    raise ValueError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of ``value``. Raises ``ValueError`` (floats, lone surrogates, …)."""
    _verify(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def parse_canonical(data: bytes) -> Any:
    """Read canonical bytes; refuse every other spelling of the same value (``ValueError``)."""
    value = json.loads(data.decode("utf-8"))
    if canonical(value) != data:
        raise ValueError("not canonical")
    return value


def digest(purpose: str, data: bytes) -> bytes:
    """Return SHA-256 over ``purpose`` (a domain separator such as ``action/1``) and ``data``."""
    return hashlib.sha256(f"certdesk {purpose}\n".encode("ascii") + data).digest()
