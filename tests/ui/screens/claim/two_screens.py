"""Run with a clerk's and a customer's monitor: mints, reads the customer's window, prints what it saw.

The monitors of the offscreen platform are fixed when the application starts, so this is a process of its
own (``test_customer.py``). Usage: python -m tests.ui.screens.claim.two_screens FOLDER LOOK
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import zxingcpp
from PIL import Image
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from tests.qr_reader import read_qr
from tests.ui.screens.claim.room import Room, open_room, shell, wait
from ui.application import make_application
from ui.screens.claim.screen import ClaimScreen
from ui.theme import theme


def picture(widget: QWidget) -> Image.Image:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    data = bytes(image.constBits())
    return Image.frombytes("RGB", (image.width(), image.height()), data, "raw", "RGB", image.bytesPerLine())


def until(holds: object, ms: int = 10_000) -> None:
    spent = 0
    while not holds() and spent < ms:  # type: ignore[operator]
        wait(20)
        spent += 20
    assert holds()  # type: ignore[operator]


def look_at(room: Room, screen: ClaimScreen, case: str) -> dict[str, object]:
    window = shell(screen, "领取码")
    window.setGeometry(0, 0, 1366, 768)
    window.show()
    screen.open(case)
    until(lambda: screen.choosing.facts is not None)
    screen.list.search.setFocus()
    screen.mint()
    until(lambda: screen.codes.of(case) is not None)
    until(screen.display.beside.isVisible)
    wait(100)
    beside = screen.display.beside
    shot = picture(beside)
    kept = screen.codes.of(case)
    assert kept is not None
    words = [each.text() for each in beside.findChildren(QLabel) if each.isVisibleTo(beside)]
    read = read_qr(shot)
    focus = QApplication.focusWidget()
    seen = {
        "ratio": beside.devicePixelRatioF(),
        "at": [beside.geometry().x(), beside.geometry().width()],
        "read": [each.text for each in read],
        "link": kept.minted.link,
        "pin": kept.minted.pin,
        "pin_shown": screen.front.code.pin.large.text(),
        "words": words,
        "full": screen.display.full is not None,
        "black_on_white": sorted({shot.getpixel(p) for p in _corners(read[0])}) if read else [],
        "focus_in_clerk": focus is None or window.isAncestorOf(focus),
        "remembered": room.desk.settings.second_screen,
    }
    room.phone().claim(kept.minted.code, kept.minted.pin)
    until(lambda: not beside.isVisible())
    window.close()
    return seen


def _corners(code: zxingcpp.Barcode) -> list[tuple[int, int]]:
    """Return a point in the finder pattern's dark frame, and one in the quiet zone before it."""
    corner = code.position.top_left
    return [(corner.x + 2, corner.y + 2), (corner.x - 6, corner.y - 6)]


def main(folder: Path, look: str) -> None:
    make_application(catch_faults=False)
    theme().apply(look)  # type: ignore[arg-type]
    assert len(QGuiApplication.screens()) == 2
    with open_room(folder) as room:
        case = room.kit.approved_case()
        room.sync()
        room.sign_in()
        seen = look_at(room, room.make(), case)
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
