"""The program's icon in the sizes that desktops and Windows want, from the one SVG."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

SIZES = (16, 24, 32, 48, 64, 128, 256)


def make_icons(svg: Path, folder: Path) -> None:
    """Write ``certdesk.svg``, ``certdesk-SIZE.png`` and ``certdesk.ico`` into ``folder``."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PIL import Image
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication(["certdesk-build"])
    renderer = QSvgRenderer(str(svg))
    if not renderer.isValid():
        raise ValueError(f"no picture in {svg}")
    for size in SIZES:
        picture = QImage(size, size, QImage.Format.Format_ARGB32)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter)
        painter.end()
        picture.save(str(folder / f"certdesk-{size}.png"))
    largest = Image.open(folder / f"certdesk-{max(SIZES)}.png")
    largest.save(folder / "certdesk.ico", sizes=[(size, size) for size in SIZES])
    shutil.copyfile(svg, folder / "certdesk.svg")
    del application
