"""The code on screen: whole device pixels per module, quiet zone, black on white, read back."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import qrcode
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.qr_reader import read_qr
from ui.theme import theme
from ui.widgets.qr_view import QUIET, Matrix, QrView

TEXT = "https://hub.invalid/c?credential_offer_uri=https://hub.invalid/o/" + "A7-_" * 50


def matrix_of(text: str) -> Matrix:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    return tuple(tuple(bool(cell) for cell in row) for row in code.get_matrix())


def shot(widget: QWidget, ratio: float) -> Image.Image:
    """Paint as a window at this device pixel ratio would."""
    image = QImage(round(widget.width() * ratio), round(widget.height() * ratio), QImage.Format.Format_RGB888)
    image.setDevicePixelRatio(ratio)
    widget.render(image, QPoint(0, 0))
    data = bytes(image.constBits())
    return Image.frombytes("RGB", (image.width(), image.height()), data, "raw", "RGB", image.bytesPerLine())


def runs(picture: Image.Image) -> set[int]:
    """Return the lengths of all black runs in the rows, in device pixels."""
    found: set[int] = set()
    grey = picture.convert("L")
    for y in range(grey.height):
        length = 0
        for x in range(grey.width):
            if grey.getpixel((x, y)) == 0:
                length += 1
            elif length:
                found.add(length)
                length = 0
    return found


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_read_back_in_whole_pixels(qtbot: QtBot, restored_theme: None, ratio: float, look: str) -> None:
    theme().apply(look)  # type: ignore[arg-type]
    holder = QWidget()
    column = QVBoxLayout(holder)
    # Margins that no ratio divides: the code must not start on half a pixel.
    column.setContentsMargins(7, 3, 11, 5)
    view = QrView(matrix_of(TEXT))
    column.addWidget(view)
    qtbot.addWidget(holder)
    holder.resize(371, 363)
    holder.show()
    picture = shot(holder, ratio)
    read = read_qr(picture)
    assert [each.text for each in read] == [TEXT]
    inside = picture.crop(
        (round(7 * ratio) + 2, round(3 * ratio) + 2, round(360 * ratio) - 2, round(358 * ratio) - 2)
    )
    colours = {colour for _, colour in inside.getcolors(1 << 20) or []}
    assert (0, 0, 0) in colours and (255, 255, 255) in colours
    lengths = runs(inside)
    module = min(lengths)
    assert module >= 3 * ratio
    assert {length % module for length in lengths} == {0}


def test_quiet_zone_is_white_on_a_dark_window(qtbot: QtBot, restored_theme: None) -> None:
    theme().apply("dark")
    matrix = matrix_of("x")
    side = (len(matrix) + 2 * QUIET) * 5
    view = QrView(matrix)
    qtbot.addWidget(view)
    view.resize(side, side)
    picture = shot(view, 1.0)
    for x in range(side):
        for y in range(QUIET * 5):
            assert picture.getpixel((x, y)) == (255, 255, 255)
            assert picture.getpixel((y, x)) == (255, 255, 255)


def test_enlarging_asks_for_more_room(qtbot: QtBot) -> None:
    view = QrView(matrix_of("x"))
    qtbot.addWidget(view)
    before = view.sizeHint().width()
    view.enlarge(8)
    assert view.sizeHint().width() == 2 * before


def test_a_matrix_that_is_not_square_is_refused(qtbot: QtBot) -> None:
    with pytest.raises(ValueError, match="square"):
        QrView(((True, False),))


REAL = """
import sys
from ui.application import make_application
app = make_application(catch_faults=False)
from tests.ui.test_qr_view import matrix_of, TEXT
from ui.widgets.qr_view import QrView
view = QrView(matrix_of(TEXT)); view.resize(333, 333); view.show(); app.processEvents()
assert abs(view.devicePixelRatioF() - float(sys.argv[2])) < 0.01, view.devicePixelRatioF()
view.grab().save(sys.argv[1])
"""


@pytest.mark.slow
@pytest.mark.parametrize("ratio", ["1.25", "1.5"])
def test_a_real_window_at_a_fractional_scale(tmp_path: os.PathLike[str], ratio: str) -> None:
    out = os.path.join(tmp_path, "qr.png")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": ratio, "PYTHONPATH": "."}
    subprocess.run([sys.executable, "-c", REAL, out, ratio], check=True, env=environment, timeout=120)
    picture = Image.open(out).convert("RGB")
    assert [each.text for each in read_qr(picture)] == [TEXT]
    lengths = runs(picture)
    assert {length % min(lengths) for length in lengths} == {0}
