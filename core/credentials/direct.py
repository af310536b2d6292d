"""The direct form of a presentation (离线码): all of it in one QR symbol, for a phone without network.

An SD-JWT is base64url of JSON of base64url: nothing that zlib could press together. So the phone lays every
run of base64url out as its bytes first, and names the hub's leaf instead of repeating it (decision 029).
Here the very text is put together again; what it is worth is the verifier's business.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from core.credentials.base45 import unb45
from core.credentials.jose import Malformed, b64u
from core.credentials.printed import KID_BYTES

PREFIX: Final = "CDV2:"
LIMIT: Final = 3600
"""Most characters of a code: 16 % below the 4,296 of the largest symbol at level L. The page has the same."""
_TEXT_LIMIT: Final = 64 * 1024
_DEPTH: Final = 4
# No JSON and no JWS holds these bytes. Each is followed by two bytes of length and so many bytes of:
_BYTES, _TEXT, _LEAF = 1, 2, 3  # what base64url spelled; the same, laid out in turn; a leaf's name
_MARK: Final = re.compile(rb"[\x01-\x03]")


class UnknownLeaf(Exception):
    """The code names a leaf that the verifier does not have."""


def unpack(text: str, leaves: Mapping[bytes, x509.Certificate]) -> str:
    """Return the presentation in a code. ``leaves`` by name, as a status bundle holds them.

    Raises :class:`Malformed`, or :class:`UnknownLeaf` when the code is sound but its leaf is not known.
    """
    packed = unb45(text.removeprefix(PREFIX), LIMIT - len(PREFIX))
    stream = zlib.decompressobj()
    try:
        laid_out = stream.decompress(packed, _TEXT_LIMIT)
    except zlib.error as error:
        raise Malformed("direct") from error
    if not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise Malformed("direct")
    try:
        return _spell(laid_out, leaves, _DEPTH).decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("direct") from error


def _spell(data: bytes, leaves: Mapping[bytes, x509.Certificate], depth: int) -> bytes:
    parts: list[bytes] = []
    at = 0
    while mark := _MARK.search(data, at):
        begins = mark.end() + 2
        ends = begins + int.from_bytes(data[mark.end() : begins], "big")
        if ends > len(data) or depth == 0:
            raise Malformed("direct")
        parts.append(data[at : mark.start()])
        parts.append(_spelled(mark.group()[0], data[begins:ends], leaves, depth - 1))
        at = ends
    return b"".join([*parts, data[at:]])


def _spelled(kind: int, content: bytes, leaves: Mapping[bytes, x509.Certificate], depth: int) -> bytes:
    if kind == _LEAF:
        if len(content) != KID_BYTES:
            raise Malformed("direct")
        if content not in leaves:
            raise UnknownLeaf
        return base64.b64encode(leaves[content].public_bytes(serialization.Encoding.DER))
    return b64u(_spell(content, leaves, depth) if kind == _TEXT else content).encode("ascii")
