"""The text that a file shows to a verifier: the file itself, or the QR symbol in a picture or PDF.

Pictures are parsed in the limited child of :mod:`core.intake.scan`; what the QR reader sees is the plain
preview that comes out of it, never the file.
"""

from __future__ import annotations

import io
from typing import Final

from core.errors import UserError
from core.intake.decode import media_type_of
from core.intake.scan import Cancel, examine

TEXT_LIMIT: Final = 64 * 1024


def shown_text(data: bytes, cancel: Cancel | None = None) -> str:
    """Return what ``data`` shows: UTF-8 text, or the text of the QR symbol on a picture or first page.

    Raises ``UserError`` symbol_missing (a picture without a readable QR symbol), symbols_many (with
    several different ones), shown_unreadable (neither text nor picture), and as :func:`examine` does.
    """
    try:
        media_type_of(data)
    except UserError:
        return _plain(data)
    return read_symbol(examine(data, cancel=cancel).preview_png)


def read_symbol(png: bytes) -> str:
    """Return the text of the one QR symbol in a picture of ours. Raises as :func:`shown_text`."""
    import zxingcpp
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
        found = zxingcpp.read_barcodes(
            picture.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
    texts = {str(each.text) for each in found if each.valid and each.text}
    if not texts:
        raise UserError("symbol_missing")
    if len(texts) > 1:
        raise UserError("symbols_many", count=len(texts))
    return texts.pop()


def _plain(data: bytes) -> str:
    try:
        text = data[: TEXT_LIMIT + 1].decode("utf-8-sig").strip()
    except UnicodeDecodeError as fault:
        raise UserError("shown_unreadable") from fault
    if not text or len(data) > TEXT_LIMIT or not text.isprintable():
        raise UserError("shown_unreadable")
    return text
