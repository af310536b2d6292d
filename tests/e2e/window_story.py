"""One case through the real window and the real embedded hub, as clerk and reviewer live it.

Used by the test that ends on a phone's page and by the script that makes the README's pictures. No
fakes: ``Desktop`` as ``app.py`` composes it, the hub as its own process, every person invented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.documents.pdf import render_form
from core.keys.keyring import Keyring
from core.services import applications
from core.services.rehearsal import found_rehearsal
from core.services.session import Folder, Ports
from core.verbs.signed_paper import sign_and_scan
from tests.core.services.office_kit import MovableClock, OfficeKit
from ui.desktop import Desktop
from ui.screens.unlock.screen import UnlockCover
from ui.task import lanes
from ui.widgets.confirm import ConfirmDialog

CLERK, REVIEWER = "演练受理", "演练审核"


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Let events run until the condition holds; fail when it never does."""
    loop, poll, end = QEventLoop(), QTimer(), QTimer()
    poll.timeout.connect(lambda: loop.quit() if condition() else None)
    end.timeout.connect(loop.quit)
    end.setSingleShot(True)
    poll.start(10)
    end.start(round(seconds * 1000))
    if not condition():
        loop.exec()
    assert condition(), "never came"


def settle(ms: int) -> None:
    """Let events run for a while (pictures only)."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


class Story:
    """An office with its people, and the window they share."""

    def __init__(self, root: Path, units: int = 8) -> None:
        folder = Folder(root / "rehearsal")
        rehearsal = found_rehearsal(folder, units=units)
        self.passwords = {person.login: person.password for person in rehearsal.people}
        rehearsal.session.close()
        keyring = Keyring.load(folder.keyring)
        ways = {
            name: keyring.unlock(login, self.passwords[login])
            for name, login in (("clerk", CLERK), ("reviewer", REVIEWER))
        }
        self.kit = OfficeKit(folder, MovableClock(datetime.now(UTC)), Ports(), ways, {})
        self.desktop = Desktop(root)
        self.desktop.show()

    @property
    def window(self) -> Any:
        """The window in front."""
        return self.desktop.window

    def sign_in(self, login: str) -> None:
        """Unlock through the cover, by keyboard."""
        until(lambda: self.window.findChildren(UnlockCover))
        cover = self.window.findChildren(UnlockCover)[-1]
        until(lambda: cover.sign_in.state.ready)
        cover.sign_in.choose(login)
        QTest.keyClicks(cover.sign_in.password, self.passwords[login])
        QTest.keyClick(cover.sign_in.password, Qt.Key.Key_Return)
        until(lambda: not self.window.locked and self.desktop.shell is not None)
        self.window.resize(1366, 768)

    def change_person(self, login: str) -> None:
        """Lock with Ctrl+L's act and let somebody else in."""
        self.desktop.lock()
        until(lambda: self.window.locked)
        self.sign_in(login)

    def submitted_case(self) -> str:
        """A case the clerk has handed to review (through the services: the form has its own test)."""
        session = self.kit.open("clerk")
        case = self.kit.filed_case(session)
        view = applications.get_case(session, case)
        pdf = render_form(view.form, view.case.values, rehearsal=True).pdf
        self.kit.print_case(session, case)
        applications.attach_scan(session, case, sign_and_scan(pdf, seed=1))
        self.kit.tick_all(session, case)
        applications.submit(session, case)
        return case

    def page(self, key: str) -> Any:
        """Bring a page to the front and return its screen."""
        return self.window.open(key)

    def press(self, key: Qt.Key, widget: QWidget | None = None) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(widget or QApplication.focusWidget() or self.window, key)

    def say_yes(self) -> None:
        """Agree to the question that comes next."""

        def answer() -> None:
            shown = [each for each in QApplication.topLevelWidgets() if isinstance(each, ConfirmDialog)]
            if shown and shown[-1].isVisible():
                shown[-1].accept()
            else:
                QTimer.singleShot(20, answer)

        QTimer.singleShot(20, answer)

    def approve(self, case: str) -> None:
        """The reviewer opens the case and approves it with F8."""
        review = self.page("review")
        review.open(case)
        until(lambda: any(a.id == "approve" and a.enabled for a in review.actions_offered()))
        self.say_yes()
        self.window.action_bar.button("approve").click()
        until(lambda: not self.waiting(case))

    def waiting(self, case: str) -> bool:
        """Tell whether the case still waits for review."""
        desk = self.desktop.desk
        assert desk is not None
        with desk.session.read() as uow:
            state = uow.projection.case(case)
        return state is not None and state.lifecycle == "submitted"

    def close(self) -> None:
        """Close the window as a clerk does; the embedded hub goes with it."""
        gone: list[bool] = []
        self.desktop.closed.connect(lambda: gone.append(True))
        self.window.close()
        until(lambda: gone)
        self.kit.close()
        lanes().shutdown(5)


@contextmanager
def told(root: Path, units: int = 8) -> Iterator[Story]:
    """Open the story and close it whatever happens."""
    story = Story(root, units)
    try:
        yield story
    finally:
        story.close()
