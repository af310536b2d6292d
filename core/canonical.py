"""One spelling for everything that is hashed or signed: canonical JSON.

The subset of RFC 8785 (JCS) that needs no number formatting: strings, booleans, null, integers
within 2**53, lists, and dicts with ASCII keys. Two equal values have one byte string.

The bytes are written by msgspec, an order of magnitude faster than :mod:`json`; that both spell every value
alike is held by ``tests/core/test_canonical.py`` against :mod:`json` over generated values. What is not made
of the plain types themselves (an enumeration's member, say) still takes the older way.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

_LIMIT = 2**53
_STR = {str}
_WRITER = msgspec.json.Encoder(order="sorted")


def _verify(value: Any) -> bool:
    """Refuse what has no canonical form; tell whether it is all of plain types (no subclasses)."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        if -_LIMIT <= value <= _LIMIT:
            return True
        raise ValueError("integer outside the interoperable range")
    plain = True
    if kind is dict:
        if not set(map(type, value)) <= _STR:
            plain = all([_verify_key(key) for key in value])
        elif not "".join(value).isascii():
            raise ValueError("keys are ASCII strings")
        for item in value.values():
            if type(item) is not str and not _verify(item):
                plain = False
        return plain
    if kind is list:
        for item in value:
            if type(item) is not str and not _verify(item):
                plain = False
        return plain
    return _verify_derived(value)


def _verify_key(key: Any) -> bool:
    if not isinstance(key, str) or not key.isascii():
        raise ValueError("keys are ASCII strings")
    return type(key) is str


def _verify_derived(value: Any) -> bool:
    """Refuse what is none of the kinds even by inheritance; whatever passes is not plain."""
    if isinstance(value, str):
        return False
    if isinstance(value, int):
        if abs(value) > _LIMIT:
            raise ValueError("integer outside the interoperable range")
        return False
    if isinstance(value, (list, tuple)):
        for item in value:
            _verify(item)
        return False
    if isinstance(value, dict):
        _verify(dict(value.items()))
        return False
    raise ValueError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:
    """Return the canonical bytes of ``value``. Raises ``ValueError`` (floats, lone surrogates, …)."""
    if _verify(value):
        return _WRITER.encode(value)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def canonical_again(value: Any) -> bytes:
    """Return the bytes of a value that was read out of canonical bytes; nothing is checked a second time."""
    return _WRITER.encode(value)


def parse_canonical(data: bytes) -> Any:
    """Read canonical bytes; refuse every other spelling of the same value (``ValueError``)."""
    value = json.loads(data.decode("utf-8"))
    if canonical(value) != data:
        raise ValueError("not canonical")
    return value


def digest(purpose: str, data: bytes) -> bytes:
    """Return SHA-256 over ``purpose`` (a domain separator such as ``action/1``) and ``data``."""
    return hashlib.sha256(f"certdesk {purpose}\n".encode("ascii") + data).digest()
