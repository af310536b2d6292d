"""QR symbols as matrices, by the ``qrcode`` package; drawing is ours, in whole pixels a module.

Level M and no boost: more correction makes a symbol on a screen harder to read, because its modules get
smaller (measured, claim.md §5). The default mask is fixed: trying all eight takes most of the time and
reads no better (docs/decisions/010-qr-mask.md).
"""

from __future__ import annotations

import struct
import zlib

import qrcode
from qrcode.constants import ERROR_CORRECT_M

from core.errors import UserError

Matrix = tuple[tuple[bool, ...], ...]
"""Rows of modules, True = black, without the quiet zone."""

MASK = 0
"""Mask pattern used unless another is asked for (0–7, ISO/IEC 18004, 7.8.2)."""

QUIET = 4
"""White modules around the symbol that the standard asks for."""

LIMIT = 600
"""Most bytes we ever put in a symbol: beyond, ordinary cameras no longer read it from a screen."""


def matrix(text: str | bytes, mask: int | None = MASK) -> Matrix:
    """Return the symbol for ``text`` (UTF-8) at level M; ``mask=None`` lets the package try all eight.

    Raises ``UserError("qr_too_long", bytes=…, limit=600)``.
    """
    data = text.encode("utf-8") if isinstance(text, str) else text
    if len(data) > LIMIT:
        raise UserError("qr_too_long", bytes=len(data), limit=LIMIT)
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0, mask_pattern=mask)
    symbol.add_data(data, optimize=0)
    symbol.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in symbol.modules)


def png(modules: Matrix, scale: int, quiet: int = QUIET) -> bytes:
    """Return a 1-bit greyscale PNG: ``scale`` whole pixels a module, ``quiet`` white modules around."""
    side = (len(modules) + 2 * quiet) * scale
    blank = b"\x00" + b"\xff" * ((side + 7) // 8)
    rows = [blank * (quiet * scale)]
    for row in modules:
        bits = "1" * (quiet * scale)
        bits += "".join(("0" if module else "1") * scale for module in row)
        bits += "1" * (quiet * scale)
        bits += "1" * (-side % 8)
        rows.append((b"\x00" + int(bits, 2).to_bytes(len(bits) // 8, "big")) * scale)
    rows.append(blank * (quiet * scale))
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    body = zlib.compress(b"".join(rows), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    )
