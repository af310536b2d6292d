"""A desktop on an office of its own, with plain pages instead of the real ones where a test wants that."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QLineEdit, QVBoxLayout
from pytestqt.qtbot import QtBot

from core.errors import EnvironmentFault
from core.services import applications
from core.services.session import Session
from ui.desk import Desk
from ui.desktop import Desktop
from ui.hub_keeper import HubKeeper, RunningHub
from ui.navigator import Navigator, PageEntry, make_screen
from ui.screen import Header, Screen
from ui.screens.unlock.screen import UnlockCover
from ui.task import CancelToken, ReportProgress

REAL = ("help", "settings")


class PlainScreen(Screen):
    """A page with one line of half-typed work, kept as a draft by ``save_now``."""

    def __init__(self, desk: Desk, navigator: Navigator, entry: PageEntry) -> None:
        super().__init__()
        self.desk, self.navigator, self.entry = desk, navigator, entry
        self.opened: list[tuple[tuple[str, ...], dict[str, str]]] = []
        self.searched: list[str] = []
        self.line = QLineEdit()
        self.line.setAccessibleName("测试用")
        QVBoxLayout(self).addWidget(self.line)

    def header(self) -> Header:
        return Header(self.entry.title)

    def on_shown(self) -> None:
        self.line.setFocus()

    def open(self, *args: str, **named: str) -> None:
        self.opened.append((args, named))

    def search(self, text: str) -> None:
        self.searched.append(text)

    def save_now(self) -> None:
        text = self.line.text()
        if not text:
            return

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> None:
            applications.save_draft(session, "", "attachment-1", "", {"remark": text})

        self.desk.ask(self, op).start("store")


def plain_or_real(entry: PageEntry, desk: Desk, navigator: Navigator) -> Screen:
    """Make the pages of this room for real, the others plain."""
    return make_screen(entry, desk, navigator) if entry.key in REAL else PlainScreen(desk, navigator, entry)


def no_hub(session: Session) -> RunningHub:
    """An embedded hub that never starts."""
    raise EnvironmentFault("hub_start_failed", port=1)


class Clock:
    """Seconds held in the hand."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


def start_desktop(qtbot: QtBot, root: Path, clock: Clock | None = None, units: int = 5) -> Desktop:
    """Show a desktop on ``root``."""
    made = Desktop(root, keeper=HubKeeper(no_hub), now=clock or Clock(), units=units, make=plain_or_real)
    made.show()
    qtbot.waitExposed(made.window).__enter__()
    return made


def cover_of(desktop: Desktop) -> UnlockCover:
    """Return the unlock cover in front."""
    found = desktop.window.findChildren(UnlockCover)
    assert found, "no unlock cover"
    return found[-1]


def sign_in(qtbot: QtBot, desktop: Desktop, login: str, password: str) -> None:
    """Unlock through the cover, by keyboard."""
    cover = cover_of(desktop)
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    cover.sign_in.choose(login)
    qtbot.keyClicks(cover.sign_in.password, password)
    with qtbot.waitSignal(desktop.opened, timeout=20_000):
        qtbot.keyClick(cover.sign_in.password, "\r")


def leave(qtbot: QtBot, desktop: Desktop) -> None:
    """Close the window and wait until everything is saved."""
    with qtbot.waitSignal(desktop.closed, timeout=20_000):
        desktop.window.close()
    desktop.window.deleteLater()
