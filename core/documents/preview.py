"""Pictures of PDF pages for the preview, by pdfium: the same bytes that are printed and filed."""

from __future__ import annotations

from threading import Lock

import pypdfium2 as pdfium
from pypdfium2.raw import FPDFBitmap_BGR

from core.errors import EnvironmentFault

# pdfium is not thread-safe at all, and render tasks run on more than one thread.
_PDFIUM = Lock()

Raster = tuple[int, int, bytes]
"""Width and height in pixels, and RGB bytes, three a pixel, rows without padding, top row first."""


def page_count(pdf: bytes) -> int:
    """Return how many pages a PDF of ours has. Raises ``EnvironmentFault("pdf_unreadable")``."""
    with _PDFIUM:
        document = _open(pdf)
        try:
            return len(document)
        finally:
            document.close()


def _open(pdf: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError as fault:
        raise EnvironmentFault("pdf_unreadable") from fault


def raster(pdf: bytes, page: int, scale: float) -> Raster:
    """Return one page as pixels; ``scale`` 1.0 is 72 dots an inch.

    Raises ``EnvironmentFault("pdf_unreadable")`` for bytes that are no PDF, ``IndexError`` for a page that
    is not there. Foreign files do not come here: scans are parsed in a process of their own (core/intake).
    """
    with _PDFIUM:
        document = _open(pdf)
        try:
            if not 0 <= page < len(document):
                raise IndexError(page)
            sheet = document[page]
            bitmap = sheet.render(scale=scale, force_bitmap_format=FPDFBitmap_BGR, rev_byteorder=True)
            width, height, stride = bitmap.width, bitmap.height, bitmap.stride
            data = bytes(bitmap.buffer)
            bitmap.close()
            sheet.close()
        finally:
            document.close()
    if stride != width * 3:
        data = b"".join(data[row * stride : row * stride + width * 3] for row in range(height))
    return width, height, data
