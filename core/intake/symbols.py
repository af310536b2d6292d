"""The text that a file shows to a verifier: the file itself, or the QR symbol in a picture or PDF.

Pictures are parsed in the limited child of :mod:`core.intake.scan`; what the QR reader sees is the plain
preview that comes out of it, never the file.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.credentials.verifier import Trust, kind_of
from core.errors import UserError
from core.intake.decode import PDF, media_type_of
from core.intake.scan import Cancel, examine
from core.intake.signatures import BROKEN, NONE, UNCHECKED, signature_of

TEXT_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, repr=False)
class Shown:
    """The text that was shown, and the PDF it stood on; ``written``: one with text, not a scan."""

    text: str
    pdf: bytes | None = None
    written: bool = False


def read_shown(data: bytes, cancel: Cancel | None = None) -> Shown:
    """Return what ``data`` shows: UTF-8 text, or the text of the QR symbol on a picture or first page.

    Raises ``UserError`` symbol_missing (a picture without a readable QR symbol), symbols_many (with
    several different ones), shown_unreadable (neither text nor picture), and as :func:`examine` does.
    """
    try:
        media_type = media_type_of(data)
    except UserError:
        return Shown(_plain(data))
    scan = examine(data, cancel=cancel)
    return Shown(read_symbol(scan.preview_png), data if media_type == PDF else None, scan.written)


def paper_fault(shown: Shown, trust: Trust, now: datetime, cancel: Cancel | None = None) -> str:
    """Return what is wrong with the file that a printed certificate's symbol stood on, "" if nothing is.

    ``paper_altered``, or, for a sheet that a program wrote and nobody of ours signed,
    ``paper_signature_missing``; ``paper_unchecked`` where pyHanko is missing. A scan or a photo of a sheet
    has no signature: its symbol alone speaks, and the person compares the rest. Raises as
    :func:`signature_of`.
    """
    if shown.pdf is None or kind_of(shown.text) != "printed":
        return ""
    signed = signature_of(shown.pdf, trust.roots, now, rehearsal=trust.rehearsal, cancel=cancel)
    if signed == NONE:
        return "paper_signature_missing" if shown.written else ""
    return {BROKEN: "paper_altered", UNCHECKED: "paper_unchecked"}.get(signed, "")


def read_symbol(png: bytes) -> str:
    """Return the text of the one QR symbol in a picture of ours. Raises as :func:`read_shown`."""
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
