"""A window with a real desk behind it: an office of the kit, somebody signed in, the shell around it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from core.services.office_papers import office_face
from core.settings import Settings
from tests.core.services import office_kit
from ui.desk import Desk
from ui.main_window import MainWindow
from ui.screen import Screen
from ui.shell import Shell
from ui.task import lanes
from ui.widgets.confirm import ConfirmDialog

S = TypeVar("S", bound=Screen)


class Stage:
    """The kit's office, one person's desk, the window. ``close`` ends all of it."""

    def __init__(self, place: Path) -> None:
        self.kit = office_kit.open_kit(place)
        self.desk: Desk | None = None
        self.window: MainWindow | None = None
        self.shell: Shell | None = None

    def enter(self, login: str, width: int = 1366, height: int = 768) -> Desk:
        """Sign ``login`` in and show the window (anybody who sat there leaves)."""
        self.leave()
        session = self.kit.open(login)
        self.desk = Desk(Settings())
        self.desk.unlock_with(session, None)
        self.window = MainWindow("证窗", rehearsal=True)
        self.shell = Shell(self.window, self.desk, office_face(session))
        self.window.resize(width, height)
        self.window.show()
        self.window.activateWindow()
        assert QTest.qWaitForWindowActive(self.window), "keys and focus need an active window"
        return self.desk

    def open(self, key: str, kind: type[S]) -> S:
        """Bring a page to the front and wait until what it reads is there."""
        assert self.window is not None
        screen = self.window.open(key)
        assert isinstance(screen, kind)
        self.settle()
        shown = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
        assert shown == [self.window], "a part was shown as a window of its own"
        return screen

    def settle(self, ms: int = 0) -> None:
        """Run the event loop until no task is under way (at most half a minute), and ``ms`` longer."""
        settle(ms)

    def button(self, id: str) -> QPushButton:
        """Return a button of the bottom bar."""
        assert self.window is not None
        return self.window.action_bar.button(id)

    def toast(self) -> str:
        """Return what the toast says, empty when it is hidden."""
        assert self.window is not None
        return self.window.toast.text if self.window.toast.isVisible() else ""

    def leave(self) -> None:
        """Sign out and drop the window."""
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = None
        if self.desk is not None:
            settle()
            self.desk.lock()
            self.desk = None
        QCoreApplication.sendPostedEvents(None, 52)  # DeferredDelete

    def close(self) -> None:
        """Sign out, stop the lanes, lock the office."""
        self.leave()
        assert lanes().shutdown() == ()
        self.kit.close()


def settle(ms: int = 0) -> None:
    """See :meth:`Stage.settle`."""
    loop = QEventLoop()
    tries = [0]

    def look() -> None:
        tries[0] += 1
        idle = not lanes()._running
        calm = calm_ticks[0] + 1 if idle else 0
        calm_ticks[0] = calm
        # Debounce pauses are 60 ms: calm must outlast them, or a task may still be about to start.
        if calm * 10 > 130 or tries[0] > 3000:
            loop.quit()

    calm_ticks = [0]
    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(10)
    loop.exec()
    timer.stop()
    if ms:
        QTimer.singleShot(ms, loop.quit)
        loop.exec()


def answering(accept: bool) -> list[ConfirmDialog]:
    """Answer the next confirmation as soon as it opens; the list returned holds it afterwards.

    Gives up after two seconds, so that it can never answer another test's question.
    """
    seen: list[ConfirmDialog] = []
    timer = QTimer()
    left = [200]

    def answer() -> None:
        left[0] -= 1
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, ConfirmDialog):
            seen.append(dialog)
            timer.stop()
            (dialog.confirm if accept else dialog.stay).click()
        elif not left[0]:
            timer.stop()

    timer.timeout.connect(answer)
    timer.start(10)
    return seen
