"""Pictures of the claim page, to be looked at: ``python -m tests.ui.screens.claim.gallery OUT``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from core.services.applications import get_case
from core.settings import Settings
from tests.hub.wallet import http
from tests.ui.screens.claim.room import open_room, shell, wait
from ui.application import make_application
from ui.screens.claim.screen import ClaimScreen
from ui.theme import theme
from ui.widgets.confirm import ConfirmDialog

OUT = Path("gallery")
LOOKS = (("1366", 1366, 768, "light", 14), ("1920", 1920, 1080, "light", 14),
         ("dark", 1366, 768, "dark", 14), ("large", 1366, 768, "light", 20),
         ("large-1920", 1920, 1080, "dark", 20))  # fmt: skip


def shoot(widget: QWidget, name: str) -> None:
    wait(60)
    picture: QPixmap = widget.grab()
    picture.save(str(OUT / f"{name}.png"))


def looks(window: QWidget, name: str, *only: str) -> None:
    for look, width, height, tone, base in LOOKS:
        if not only or look in only:
            theme().apply(tone, base)  # type: ignore[arg-type]
            window.resize(width, height)
            shoot(window, f"{name}-{look}")
    theme().apply("light", 14)
    window.resize(1366, 768)


def settle(screen: ClaimScreen, ms: int = 500) -> None:
    wait(ms)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    make_application(catch_faults=False)
    settings = Settings(phone_program_url="https://downloads.example/certdesk/app.apk")
    with tempfile.TemporaryDirectory() as place, open_room(Path(place), settings) as room:
        cases = [room.kit.approved_case() for _ in range(3)]
        room.kit.approved_case("attachment-3")
        room.sync()
        cases.append(room.kit.approved_case())
        room.sign_in()
        screen = room.make()
        screen.display.has_second = lambda: True  # type: ignore[method-assign]
        window = shell(screen, "领取码")
        window.resize(1366, 768)
        window.show()
        settle(screen)
        looks(window, "claim-empty", "1366")
        screen.open(cases[0])
        settle(screen)
        looks(window, "claim-ready", "1366", "dark", "large")
        screen.mint()
        settle(screen)
        looks(window, "claim-live")
        assert http(f"{room.station.url}/o/{room.code()}").status == 200
        settle(screen)
        looks(window, "claim-scanned", "1366")
        room.phone().ask_token(room.code(), "000000")
        screen.front.code.short.click()
        settle(screen)
        looks(window, "claim-pin-wrong", "1366", "dark", "large")
        screen.display.has_second = lambda: False  # type: ignore[method-assign]
        screen._refresh()
        looks(window, "claim-one-screen", "1366")
        screen._open_full()
        full = screen.display.full
        assert full is not None
        full.showNormal()
        full.resize(1366, 768)
        full.pin.setDown(True)
        full.pin.pressed.emit()
        shoot(full, "claim-full")
        screen.display.beside.resize(1920, 1080)
        shoot(screen.display.beside, "claim-customer")
        full.reject()
        room.station.stop()
        settle(screen, 700)
        looks(window, "claim-gone", "1366")
        room.station.start()
        settle(screen, 1500)
        room.phone().claim(room.code(), room.pin())
        settle(screen, 1500)
        looks(window, "claim-done", "1366", "dark", "large")
        screen.mint()
        dialog = ConfirmDialog(window, room.answers.asked[-1])
        dialog.show()
        shoot(dialog, "claim-replace-question")
        dialog.close()
        settle(screen)
        looks(window, "claim-replacement", "1366")
        screen.open(cases[1])
        settle(screen)
        screen.mint()
        settle(screen)
        for _ in range(5):
            room.phone().ask_token(room.code(), "000000")
        settle(screen)
        looks(window, "claim-locked", "1366")
        screen.mint()
        settle(screen)
        room.hands.now += 700
        settle(screen)
        looks(window, "claim-expired", "1366", "dark")
        screen.open(cases[3])
        settle(screen)
        looks(window, "claim-unsent", "1366")
        with room.kit.sit("clerk") as clerk:
            print(get_case(clerk, cases[0]).case.lifecycle)
        window.close()


if __name__ == "__main__":
    OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "gallery")
    main()
