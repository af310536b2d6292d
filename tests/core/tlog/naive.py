"""RFC 6962 section 2.1 written down as it reads: slow, recursive, and nothing shared with the product."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def _sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _cut(count: int) -> int:
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def mth(entries: Sequence[bytes]) -> bytes:
    if len(entries) == 0:
        return _sha(b"")
    if len(entries) == 1:
        return _sha(b"\x00" + entries[0])
    k = _cut(len(entries))
    return _sha(b"\x01" + mth(entries[:k]) + mth(entries[k:]))


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    if len(entries) == 1:
        return []
    k = _cut(len(entries))
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def proof(m: int, entries: Sequence[bytes]) -> list[bytes]:
    return _subproof(m, entries, True)


def _subproof(m: int, entries: Sequence[bytes], whole: bool) -> list[bytes]:
    n = len(entries)
    if m == n:
        return [] if whole else [mth(entries)]
    k = _cut(n)
    if m <= k:
        return [*_subproof(m, entries[:k], whole), mth(entries[k:])]
    return [*_subproof(m - k, entries[k:], False), mth(entries[:k])]
