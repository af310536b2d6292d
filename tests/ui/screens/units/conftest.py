"""A desk with some invented units and no hub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.settings import Settings
from tests.core.services.office_kit import OfficeKit, open_kit
from tests.ui.screens.claim.room import Answers, Calls, shell, wait
from ui.desk import Desk
from ui.main_window import MainWindow
from ui.screens.units.screen import UnitsScreen
from ui.task import lanes


@dataclass
class Register:
    """Everything of one test."""

    kit: OfficeKit
    desk: Desk
    calls: Calls
    answers: Answers
    units: list[str]

    def open(self, qtbot: QtBot, login: str = "clerk") -> tuple[MainWindow, UnitsScreen]:
        self.desk.unlock_with(self.kit.open(login), None)
        screen = UnitsScreen(self.desk, self.calls, ask_first=self.answers)
        window = shell(screen, "单位登记")
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        qtbot.waitUntil(lambda: bool(screen.list.rows.lines) and screen.may_write == (login == "clerk"))
        return window, screen


@pytest.fixture
def register(qtbot: QtBot, tmp_path: Path) -> Iterator[Register]:
    kit = open_kit(tmp_path)
    with kit.sit("clerk") as clerk:
        units = [kit.unit(clerk) for _ in range(5)]
    made = Register(kit, Desk(Settings()), Calls(), Answers(), units)
    yield made
    spent = 0
    while lanes()._running and spent < 10_000:
        wait(10)
        spent += 10
    made.desk.lock()
    left = lanes().shutdown(10)
    kit.close()
    assert left == (), left
