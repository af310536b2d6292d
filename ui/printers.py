"""The printer port of this machine: CUPS where its programs are, Qt's own way to paper where they are not.

Without ``lp`` (Windows, a desktop with another print system) a sheet goes as pixels: full page and unscaled,
so that the millimetres of the form hold, and without the JPEG that Qt would make of a picture. There is no
job id then.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from core.documents.printing import CupsPrinter, Printer, PrinterList, checked, chosen_of
from core.errors import EnvironmentFault

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

DOTS_PER_INCH = 600
_POINTS_PER_INCH = 72


def system_printer() -> Printer:
    """Return the port for this machine."""
    return CupsPrinter() if sys.platform != "win32" and shutil.which("lp") else QtPrinter()


class QtPrinter:
    """Qt's list of printers, and sheets as pictures of 600 dots an inch. May be used from a worker thread."""

    def list_printers(self) -> PrinterList:
        """Return what Qt knows; none where its CUPS library is not there either."""
        from PySide6.QtPrintSupport import QPrinterInfo

        names = tuple(QPrinterInfo.availablePrinterNames())
        default = QPrinterInfo.defaultPrinterName()
        return PrinterList(names, default if default in names else "")

    def print_pdf(self, name: str, pdf: bytes, copies: int, title: str) -> str:
        """Print the pages of a PDF as they are, on A4; the answer is empty."""
        from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

        checked(pdf, copies, title)
        chosen = chosen_of(self.list_printers(), name)
        printer = QPrinter(QPrinterInfo.printerInfo(chosen), QPrinter.PrinterMode.HighResolution)
        printer.setCopyCount(copies)
        printer.setDocName(title)
        if not draw(printer, pdf):
            raise EnvironmentFault("printer_failed", printer=chosen, status=int(printer.printerState().value))
        return ""


def draw(printer: QPrinter, pdf: bytes) -> bool:
    """Draw every page 1:1 on ``printer``; False when it refused. Raises what the raster raises."""
    from PySide6.QtCore import QMarginsF, QRectF
    from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
    from PySide6.QtPrintSupport import QPrinter

    from core.documents.preview import page_count, raster

    printer.setResolution(DOTS_PER_INCH)
    # Full page: otherwise Qt prints at 96.6 % and shifts the sheet by the printer's margins.
    printer.setFullPage(True)
    paper = QPageSize(QPageSize.PageSizeId.A4)
    printer.setPageLayout(QPageLayout(paper, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    pages = page_count(pdf)
    painter = QPainter()
    if not painter.begin(printer):
        return False
    try:
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
        for page in range(pages):
            if page and not printer.newPage():
                return False
            width, height, pixels = raster(pdf, page, DOTS_PER_INCH / _POINTS_PER_INCH)
            sheet = QImage(pixels, width, height, width * 3, QImage.Format.Format_RGB888)
            area = printer.paperRect(QPrinter.Unit.DevicePixel)
            # The grid of the device may differ from 600; the sheet keeps its millimetres on it.
            across, down = width * area.width() / _A4_DOTS[0], height * area.height() / _A4_DOTS[1]
            painter.drawImage(QRectF(0, 0, across, down), sheet)
    finally:
        done = painter.end()
    return done


_A4_DOTS = (210 / 25.4 * DOTS_PER_INCH, 297 / 25.4 * DOTS_PER_INCH)
