"""What fits into a QR symbol's alphanumeric mode (RFC 9285), one spelling only."""

from __future__ import annotations

import base45

from core.credentials.jose import Malformed


def b45(data: bytes) -> str:
    """Return ``data`` as base45 text."""
    return str(base45.b45encode(data).decode("ascii"))


def unb45(text: str, limit: int) -> bytes:
    """Return the bytes of at most ``limit`` characters of strict base45. Raises ``Malformed``."""
    if len(text) > limit:
        raise Malformed("size")
    try:
        data = bytes(base45.b45decode(text))
    except (ValueError, UnicodeError) as error:
        raise Malformed("base45") from error
    if b45(data) != text:
        raise Malformed("base45")
    return data
