"""Qt's way to paper, tried by printing to PDF: the sheet that comes out is the sheet that went in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from core.documents.notices import render_ruler_page
from core.documents.preview import page_count, raster
from core.documents.printing import CupsPrinter
from core.errors import EnvironmentFault
from ui.printers import QtPrinter, draw, system_printer

DOTS = 150
MILLIMETRE = DOTS / 25.4


def picture(pdf: bytes, page: int = 0) -> Image.Image:
    """Return a page in grey at 150 dots an inch."""
    width, height, pixels = raster(pdf, page, DOTS / 72)
    return Image.frombytes("RGB", (width, height), pixels).convert("L")


def ink(page: Image.Image) -> tuple[int, int, int, int]:
    """Return the box around everything dark."""
    box = page.point(lambda grey: 255 * (grey < 128)).getbbox()
    assert box is not None
    return box


@pytest.fixture
def printed(qtbot: QtBot, tmp_path: Path) -> Iterator[tuple[bytes, Path]]:
    """The ruler page, and what Qt prints of it."""
    pdf, place = render_ruler_page("甲室").pdf, tmp_path / "printed.pdf"
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(place))
    assert draw(printer, pdf)
    yield pdf, place


def test_every_millimetre_stays_where_it_was(printed: tuple[bytes, Path]) -> None:
    pdf, place = printed
    assert page_count(place.read_bytes()) == page_count(pdf)
    before, after = picture(pdf), picture(place.read_bytes())
    # Qt rounds A4 to whole points, a tenth of a millimetre: the sheet itself keeps its place on it.
    size = (min(before.width, after.width), min(before.height, after.height))
    assert max(before.width - size[0], after.height - size[1]) <= 1
    before, after = before.crop((0, 0, *size)), after.crop((0, 0, *size))
    assert all(abs(a - b) <= 1 for a, b in zip(ink(before), ink(after), strict=True))
    # The control: shifted by half a millimetre it would not pass.
    apart = ImageChops.difference(before, after).point(lambda grey: 255 * (grey > 128))
    shifted = ImageChops.difference(ImageChops.offset(before, round(MILLIMETRE / 2)), after)
    moved = shifted.point(lambda grey: 255 * (grey > 128))
    assert apart.histogram()[255] * 5 < moved.histogram()[255]


def test_no_jpeg_is_made_of_it(printed: tuple[bytes, Path]) -> None:
    _, place = printed
    data = place.read_bytes()
    assert b"/FlateDecode" in data and b"/DCTDecode" not in data


def test_a_printer_that_is_not_there_is_named(qtbot: QtBot) -> None:
    with pytest.raises(EnvironmentFault) as refused:
        QtPrinter().print_pdf("no such printer", render_ruler_page("甲室").pdf, 1, "test")
    assert refused.value.code == "printer_missing"


def test_cups_is_taken_where_its_program_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert isinstance(system_printer(), QtPrinter)
    (tmp_path / "lp").write_text("#!/bin/sh\n")
    (tmp_path / "lp").chmod(0o700)
    assert isinstance(system_printer(), CupsPrinter)
