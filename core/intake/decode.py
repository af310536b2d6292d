"""The parsing itself. Imported and called only inside the limited child (``core.intake.child``).

Type is told by content, never by name. Counts and sizes are read from headers and compared with the
limits before a single pixel is decoded. What leaves is raw pixels: no metadata can ride along.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import UserError
from core.intake.limits import PREVIEW_EDGE, Limits

if TYPE_CHECKING:
    from PIL import Image

PNG, JPEG, PDF = "image/png", "image/jpeg", "application/pdf"
_MAGIC = {PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff", PDF: b"%PDF-"}
_PILLOW_FORMATS = {PNG: ("PNG",), JPEG: ("JPEG",)}
_WIDE_GREY_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N")
_GREY_MODES = ("1", "L", *_WIDE_GREY_MODES)
_ORIENTATION = 0x0112
_BAND_ROWS = 64
"""Rows of the preview made at a time; small enough that a band of a huge picture stays a few megabytes."""


@dataclass(frozen=True)
class Decoded:
    """What the child found: type by content, page count, size (pixels; points for PDF), one picture.

    ``written``: the shown page of a PDF has text of its own.
    """

    media_type: str
    pages: int
    width: int
    height: int
    mode: str
    preview_size: tuple[int, int]
    preview: bytes
    written: bool = False


Decoder = Callable[[bytes, int, Limits], Decoded]


def media_type_of(data: bytes) -> str:
    """Return the media type that the first bytes declare. Raises ``UserError('scan_type_unknown')``.

    Only at offset 0: a PDF hidden behind another format's header is that other format to us.
    """
    for media_type, magic in _MAGIC.items():
        if data.startswith(magic):
            return media_type
    raise UserError("scan_type_unknown")


def prepare(media_type: str) -> Decoder:
    """Load everything the decoder of ``media_type`` will need, so that no file is opened after sealing."""
    if media_type == PDF:
        import pypdfium2

        _warm_pictures()
        with pypdfium2.PdfDocument.new() as document:  # starts the library and its font tables
            document.new_page(10, 10).render()
        return decode_pdf
    _warm_pictures()
    return decode_picture


def _warm_pictures() -> None:
    from PIL import ExifTags, Image, ImageColor, ImageOps, MpoImagePlugin, TiffImagePlugin  # noqa: F401

    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # our own, lower limit stands before decoding
    Image.new("RGB", (2, 2), "white").resize((1, 1))


def damaged(why: str) -> UserError:
    """Return the error for a file that says it is a scan and cannot be read as one."""
    return UserError("scan_damaged", why=why)


def decode_picture(data: bytes, page: int, limits: Limits) -> Decoded:
    """Decode a PNG or JPEG: header, limits, then pixels, turned upright by EXIF, at most 1600 px."""
    from PIL import Image, ImageOps

    media_type = media_type_of(data)
    if page != 1:
        raise damaged("page_missing")
    try:
        with Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS[media_type]) as picture:
            size = picture.size
            _require_pixels(size, limits)
            picture.draft("RGB", (PREVIEW_EDGE, PREVIEW_EDGE))  # JPEG: decode at a fraction of the size
            picture.load()
            turned = picture.getexif().get(_ORIENTATION)
            small = _plain(picture)
        small.getexif()[_ORIENTATION] = turned if isinstance(turned, int) else 1
        small = ImageOps.exif_transpose(small)
    except (MemoryError, UserError):
        raise
    except Exception as error:  # a parser may raise anything at all on hostile bytes
        raise damaged("picture") from error
    return Decoded(media_type, 1, size[0], size[1], small.mode, small.size, small.tobytes())


def _require_pixels(size: tuple[int, int], limits: Limits) -> None:
    if size[0] * size[1] > limits.pixels:
        raise UserError("scan_too_many_pixels", pixels=size[0] * size[1], limit=limits.pixels)
    if min(size) < 1:
        raise damaged("empty")


def _plain(picture: Image.Image) -> Image.Image:
    """Return a fresh L or RGB picture of at most 1600 px on white, without any of the file's info.

    In bands: converting a 60-megapixel picture as a whole would need a second copy of it in memory.
    """
    from PIL import Image

    width, height = picture.size
    factor = max(1, max(width, height) // PREVIEW_EDGE)
    grey = picture.mode in _GREY_MODES
    canvas = Image.new("L" if grey else "RGB", (-(-width // factor), -(-height // factor)), "white")
    rows = factor * _BAND_ROWS
    for top in range(0, height, rows):
        band = _on_white(picture.crop((0, top, width, min(top + rows, height))), canvas.mode)
        canvas.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    canvas.thumbnail((PREVIEW_EDGE, PREVIEW_EDGE), Image.Resampling.BICUBIC, reducing_gap=None)
    return canvas


def _on_white(band: Any, mode: str) -> Any:
    """Return one band in ``mode``; transparent parts become paper."""
    from PIL import Image

    if band.mode in _WIDE_GREY_MODES:
        # 16 bits: keep the high byte. By way of "I", because point() leaves "I;16" as it is.
        return band.convert("I").point(lambda value: value / 256).convert("L")
    if band.mode in ("RGBA", "LA", "PA") or "transparency" in band.info:
        band = band.convert("RGBA")
        white = Image.new("RGBA", band.size, (255, 255, 255, 255))
        white.alpha_composite(band)
        return white.convert(mode)
    return band.convert(mode)


def decode_pdf(data: bytes, page: int, limits: Limits) -> Decoded:
    """Open a PDF without its scripts or forms, count its pages, draw page ``page`` (from 1).

    The build of the library has no script engine, and forms are never initialised, so open actions,
    launch actions and embedded files stay bytes.
    """
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise UserError("scan_encrypted") from None
        raise damaged("pdf") from error
    if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise UserError("scan_encrypted")  # an empty password opens it here, but not for the archive
    pages = len(document)
    if pages > limits.pages:
        raise UserError("scan_too_many_pages", pages=pages, limit=limits.pages)
    if page > pages:
        raise damaged("page_missing")
    try:
        sizes = [document.get_page_size(index) for index in range(pages)]
        width, height = sizes[page - 1]
        if not all(0 < edge < 1e6 for pair in sizes for edge in pair):
            raise damaged("page_size")
        # Two points of room: the library rounds up, and the parent refuses anything above the edge.
        scale = min((PREVIEW_EDGE - 2) / max(width, height), 200 / 72)
        bitmap = document[page - 1].render(scale=scale, may_draw_forms=False, rev_byteorder=True)
        picture = bitmap.to_pil().convert("RGB")
        written = document[page - 1].get_textpage().count_chars() > 0
    except (MemoryError, UserError):
        raise
    except Exception as error:
        raise damaged("pdf_page") from error
    return Decoded(PDF, pages, round(width), round(height), "RGB", picture.size, picture.tobytes(), written)
