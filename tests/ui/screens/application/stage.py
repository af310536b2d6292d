"""A clerk at the product's own window with an office of one test behind it. All data is invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.settings import Settings
from tests.core.services.office_kit import OfficeKit
from ui.desk import Desk
from ui.main_window import MainWindow
from ui.navigation import Page
from ui.screens.application.print_dialog import PrintDialog
from ui.screens.application.screen import ApplicationScreen, make
from ui.task import Progress


@dataclass
class Steward:
    """A navigator that keeps what it was asked for and shows what the window's would."""

    window: MainWindow
    asked: list[tuple[str, ...]] = field(default_factory=list)
    cancel: Callable[[], object] | None = None

    def open_form(self, form_id: str, unit_id: str = "", case_id: str = "", draft_id: str = "") -> None:
        self.asked.append(("form", form_id, unit_id, case_id, draft_id))

    def open_case(self, case_id: str) -> None:
        self.asked.append(("case", case_id))

    def open_review(self, case_id: str = "") -> None:
        self.asked.append(("review", case_id))

    def open_claim(self, case_id: str) -> None:
        self.asked.append(("claim", case_id))

    def open_uses(self, unit_id: str = "", unit_name: str = "") -> None: ...

    def open_refusals(self, item_id: str = "") -> None: ...

    def open_units(self, unit_id: str = "", draft_id: str = "") -> None:
        self.asked.append(("units", unit_id))

    def open_help(self, topic: str) -> None:
        self.asked.append(("help", topic))

    def open_settings(self, section: str = "") -> None:
        self.asked.append(("settings", section))

    def toast(self, text: str, tone: str = "good") -> None:
        self.window.toast.say(text, tone)

    def busy(self, text: str, cancel: Callable[[], object] | None = None) -> None:
        self.cancel = cancel
        self.window.busy.begin(text, cancel)

    def advance(self, progress: Progress) -> None:
        self.window.busy.advance(progress)

    def done(self) -> None:
        self.window.busy.end()


@dataclass
class Answers:
    """The person at the file dialogs: gives the places set here."""

    place: str = ""

    def save(self, parent: QWidget | None, caption: str, name: str, kinds: str) -> str:
        return self.place

    def open(self, parent: QWidget | None, caption: str, kinds: str) -> str:
        return self.place

    def folder(self, parent: QWidget | None, caption: str, at: str) -> str:
        return self.place


class Stage:
    """Window, desk, page. ``until(condition)`` lets the lanes work; nothing sleeps."""

    def __init__(
        self,
        kit: OfficeKit,
        form_id: str = "attachment-1",
        printer: Any = None,
        settings: Settings | None = None,
    ) -> None:
        self.kit, self.form_id = kit, form_id
        self.desk = Desk(settings or Settings())
        self.window = MainWindow("证窗", "演练机关", rehearsal=True)
        self.steward = Steward(self.window)
        self.answers = Answers()
        self.screen: ApplicationScreen = make(self.desk, self.steward, form_id, printer, self.answers)
        self.window.add_page(Page("apply", "申领登记", "certificate", lambda: self.screen))
        self.sit("clerk")
        self.window.resize(1366, 768)
        self.window.show()
        self.window.activateWindow()
        self.until(self.window.isActiveWindow)
        self.window.open("apply")

    def sit(self, login: str) -> None:
        """Unlock as somebody."""
        self.desk.unlock_with(self.kit.open(login), None)

    # -- waiting ----------------------------------------------------------------------------------

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        """Let events run until the condition holds; fail when it never does."""
        loop = QEventLoop()
        poll, end = QTimer(), QTimer()
        poll.timeout.connect(lambda: loop.quit() if condition() else None)
        end.timeout.connect(loop.quit)
        end.setSingleShot(True)
        poll.start(5)
        end.start(round(seconds * 1000))
        if not condition():
            loop.exec()
        assert condition(), f"never came; {self.account()}"

    def start(self, unit: str) -> None:
        """Open the form for a unit."""
        self.screen.hand.start(unit)
        self.until(lambda: self.screen.in_hand is not None and self.screen.hand.work.unit.id == unit)  # type: ignore[union-attr]

    @property
    def work(self) -> Any:
        """The work in hand."""
        return self.screen.hand.work

    def account(self) -> str:
        """What the window says, for a test that waited in vain."""
        focus, active = QApplication.focusWidget(), QApplication.activeWindow()
        dialog = self.screen.prints.dialog
        said = self.window.toast.text
        return f"toast {said!r}, focus {focus}, active {active}, dialog {dialog and dialog.state}"

    # -- hands ------------------------------------------------------------------------------------

    @staticmethod
    def focused() -> QWidget:
        """The widget with the focus."""
        widget = QApplication.focusWidget()
        assert widget is not None
        return widget

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def digits(self, text: str) -> None:
        """Type Latin letters and digits."""
        QTest.keyClicks(self.focused(), text)

    def say(self, text: str) -> None:
        """Type through the input method, as Chinese is typed."""
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(self.focused(), event)

    def button(self, id: str) -> Any:
        """A button of the bottom bar."""
        return self.window.action_bar.button(id)


def letter_png(place: Path) -> Path:
    """Write a small picture of a page and return its path."""
    from PIL import Image, ImageDraw

    page = Image.new("RGB", (620, 877), "white")
    draw = ImageDraw.Draw(page)
    for row in range(12):
        draw.line((80, 120 + row * 50, 540, 120 + row * 50), fill="black", width=2)
    draw.ellipse((360, 560, 500, 700), outline="red", width=6)
    page.save(place)
    return place


def registered(kit: OfficeKit, count: int = 1) -> list[str]:
    with kit.sit("clerk") as clerk:
        return [kit.unit(clerk) for _ in range(count)]


def filled(stage: Stage, unit: str, form_id: str = "attachment-1") -> None:
    stage.start(unit)
    for id, value in stage.kit.typed(stage.desk.session, unit, form_id).items():
        stage.screen.hand.edit(id, value)
    assert stage.work.faulty == ()


def print_dialog(stage: Stage) -> PrintDialog:
    stage.screen.steps.print_paper()
    stage.until(lambda: stage.screen.prints.dialog is not None)
    dialog = stage.screen.prints.dialog
    assert dialog is not None
    stage.until(lambda: dialog.print_button.isEnabled())
    return dialog


def printed(stage: Stage) -> None:
    dialog = print_dialog(stage)
    dialog.print_button.click()
    stage.until(lambda: dialog.state.stage == "done")
    dialog.reject()
    stage.until(lambda: stage.work.printed)


def texts(stage: Stage) -> list[str]:
    return [each.text for each in stage.screen.bench.side._shown or ()]
