"""Token Status List (draft-ietf-oauth-status-list-21): two bits a certificate, one signed list.

A reader of lists has three answers for a certificate, and a list that is old, foreign or damaged
gives the third one: unknown, never valid (security.md T17).
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.credentials.chain import check_chain
from core.credentials.jose import (
    Malformed,
    Sign,
    b64u,
    number,
    parse_compact,
    sign_compact,
    unb64u,
    verify_compact,
)
from core.errors import UserError

VALID, INVALID, SUSPENDED = 0, 1, 2
TYP: Final = "statuslist+jwt"
MEDIA_TYPE: Final = "application/statuslist+jwt"
SKEW: Final = 60
_BYTES_LIMIT: Final = 4 * 1024 * 1024
_TOKEN_LIMIT: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class StatusReference:
    """Where a certificate's status stands: the list's URI and the index in it."""

    uri: str
    idx: int

    def claim(self) -> dict[str, Any]:
        """Return the certificate's ``status`` claim."""
        return {"status_list": {"idx": self.idx, "uri": self.uri}}

    @classmethod
    def parse(cls, claim: Any) -> StatusReference:
        """Read a ``status`` claim. Raises ``Malformed("status")``."""
        inner = claim.get("status_list") if type(claim) is dict else None
        if type(inner) is not dict:
            raise Malformed("status")
        idx, uri = number(inner.get("idx")), inner.get("uri")
        if idx is None or idx < 0 or not isinstance(uri, str) or not uri:
            raise Malformed("status")
        return cls(uri, idx)


class StatusList:
    """A row of status values of 1, 2, 4 or 8 bits, lowest bits first in each byte (draft, 4.1)."""

    def __init__(self, size: int, bits: int = 2) -> None:
        if bits not in (1, 2, 4, 8) or size < 1:
            raise ValueError("bits or size")
        self.bits = bits
        self._per_byte = 8 // bits
        self._bytes = bytearray(-(-size // self._per_byte))

    @classmethod
    def from_bytes(cls, data: bytes, bits: int = 2) -> StatusList:
        """Return the list of raw, uncompressed bytes."""
        made = cls(max(len(data), 1) * (8 // bits), bits)
        made._bytes[:] = data
        return made

    def __len__(self) -> int:
        return len(self._bytes) * self._per_byte

    def _place(self, index: int) -> tuple[int, int]:
        if type(index) is not int or not 0 <= index < len(self):
            raise IndexError(index)
        return index // self._per_byte, index % self._per_byte * self.bits

    def get(self, index: int) -> int:
        """Return the value at ``index``; ``IndexError`` outside the list."""
        place, shift = self._place(index)
        return self._bytes[place] >> shift & ((1 << self.bits) - 1)

    def set(self, index: int, value: int) -> None:
        """Write the value at ``index``; ``IndexError`` outside, ``ValueError`` if it does not fit."""
        mask = (1 << self.bits) - 1
        if type(value) is not int or not 0 <= value <= mask:
            raise ValueError(value)
        place, shift = self._place(index)
        self._bytes[place] = self._bytes[place] & ~(mask << shift) & 0xFF | value << shift

    def raw(self) -> bytes:
        """Return the uncompressed bytes."""
        return bytes(self._bytes)

    def encode(self) -> str:
        """Return ``lst``: zlib at level 9, base64url."""
        return b64u(zlib.compress(bytes(self._bytes), 9))

    @classmethod
    def decode(cls, lst: str, bits: object = 2) -> StatusList:
        """Read ``lst``; at most 4 MiB unpacked. Raises :class:`Malformed` (``lst``, ``bits``)."""
        if not isinstance(bits, int) or isinstance(bits, bool) or bits not in (1, 2, 4, 8):
            raise Malformed("bits")
        stream = zlib.decompressobj()
        try:
            data = stream.decompress(unb64u(lst), _BYTES_LIMIT)
        except zlib.error as error:
            raise Malformed("lst") from error
        # Not at its end: a bomb or a cut list. Something after the end: not what was signed for.
        if not stream.eof or stream.unused_data or stream.unconsumed_tail or not data:
            raise Malformed("lst")
        return cls.from_bytes(data, bits)


@dataclass(frozen=True)
class ReadStatusList:
    """A verified list: its address, its times (seconds since 1970 UTC) and its values."""

    uri: str
    issued_at: int
    expires_at: int
    ttl: int | None
    values: StatusList

    def answer(self, reference: StatusReference, now: int) -> int | None:
        """Return the value for ``reference``, or ``None`` (unknown): other list, expired, no such index."""
        if reference.uri != self.uri or now >= self.expires_at or reference.idx >= len(self.values):
            return None
        return self.values.get(reference.idx)


def make_token(
    values: StatusList, uri: str, issued_at: int, expires_at: int, ttl: int, sign: Sign, x5c: list[str]
) -> str:
    """Return the signed list as served at ``uri`` with :data:`MEDIA_TYPE`. Times in seconds."""
    payload = {
        "sub": uri,
        "iat": issued_at,
        "exp": expires_at,
        "ttl": ttl,
        "status_list": {"bits": values.bits, "lst": values.encode()},
    }
    return sign_compact({"typ": TYP, "x5c": x5c}, payload, sign)


def read_token(
    text: str,
    uri: str,
    roots: Sequence[bytes],
    now: datetime,
    *,
    newest_seen: int = 0,
    rehearsal: bool = False,
    crl: bytes | None = None,
) -> ReadStatusList:
    """Return the list if it is the one asked for, signed below ``roots``, and current at ``now``.

    ``newest_seen`` is the ``iat`` of the newest list already read from this address: an older one
    served later is refused. Raises ``UserError("status_list_refused", why=…)``.
    """
    try:
        jws = parse_compact(text.strip() if isinstance(text, str) else text, _TOKEN_LIMIT)
        if jws.header.get("typ") != TYP:
            raise Malformed("typ")
        leaf = check_chain(jws.header.get("x5c"), roots, now, rehearsal=rehearsal, crl=crl)
        verify_compact(jws, leaf.jwk)
        return _read_payload(jws.payload, uri, int(now.timestamp()), newest_seen)
    except Malformed as error:
        raise UserError("status_list_refused", why=str(error)) from error


def _read_payload(payload: dict[str, Any], uri: str, now: int, newest_seen: int) -> ReadStatusList:
    if payload.get("sub") != uri:
        raise Malformed("sub")
    issued, expires = number(payload.get("iat")), number(payload.get("exp"))
    if issued is None or expires is None:
        raise Malformed("times")
    if issued > now + SKEW:
        raise Malformed("not_yet")
    if expires <= now:
        raise Malformed("expired")
    if issued < newest_seen:
        raise Malformed("rolled_back")
    ttl = payload.get("ttl")
    if ttl is not None and (number(ttl) is None or ttl <= 0):
        raise Malformed("times")
    inner = payload.get("status_list")
    if type(inner) is not dict or not isinstance(inner.get("lst"), str):
        raise Malformed("lst")
    values = StatusList.decode(inner["lst"], inner.get("bits"))
    return ReadStatusList(uri, issued, expires, ttl, values)
