"""The preview shows the page's pixels in the order and size it promises."""

from __future__ import annotations

import io

import pytest
from reportlab.pdfgen.canvas import Canvas

from core.documents.preview import page_count, raster
from core.errors import EnvironmentFault


def colours(width: float) -> bytes:
    """Two pages: red left of blue, then green."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, 40))
    canvas.setFillColorRGB(1, 0, 0)
    canvas.rect(0, 0, width / 2, 40, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 1)
    canvas.rect(width / 2, 0, width / 2, 40, stroke=0, fill=1)
    canvas.showPage()
    canvas.setFillColorRGB(0, 1, 0)
    canvas.rect(0, 0, width, 40, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 61, 62, 63])
def test_pixels_are_rgb_without_padding(width: int) -> None:
    wide, high, data = raster(colours(width), 0, 1.0)
    assert (wide, high, len(data)) == (width, 40, width * 40 * 3)
    middle = 20 * wide * 3
    assert data[middle + 15 : middle + 18] == b"\xff\x00\x00"
    assert data[middle + (wide - 5) * 3 : middle + (wide - 4) * 3] == b"\x00\x00\xff"
    assert raster(colours(width), 1, 1.0)[2][:3] == b"\x00\xff\x00"


def test_scale_and_pages() -> None:
    assert page_count(colours(60)) == 2
    assert raster(colours(60), 0, 2.5)[:2] == (150, 100)
    with pytest.raises(IndexError):
        raster(colours(60), 2, 1.0)


@pytest.mark.parametrize("data", [b"", b"no pdf at all", b"%PDF-1.4\n%%EOF"])
def test_what_is_no_pdf_is_a_fault_with_a_code(data: bytes) -> None:
    with pytest.raises(EnvironmentFault, match="pdf_unreadable"):
        raster(data, 0, 1.0)
    with pytest.raises(EnvironmentFault, match="pdf_unreadable"):
        page_count(data)
