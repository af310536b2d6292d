"""The cover: what it says, keys in order, a wrong password, a restore from the sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.services.backup import back_up
from tests.core.services.office_kit import OfficeKit, open_kit, password
from ui.messages import Message
from ui.screens.unlock.cover import CoverPage
from ui.screens.unlock.opened import Opened
from ui.screens.unlock.screen import UnlockCover
from ui.screens.unlock.state import SignInState
from ui.task import lanes

PROBLEM = Message("请核对", "密码不对。", "请重新输入。")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


@pytest.fixture
def unprepared(qtbot: QtBot, kit: OfficeKit) -> Iterator[UnlockCover]:
    made = UnlockCover(kit.folder.root, login="reviewer", other="转到演练")
    qtbot.addWidget(made)
    made.resize(1024, 640)
    made.show()
    yield made
    qtbot.waitUntil(lambda: not lanes()._running, timeout=20_000)
    assert lanes().shutdown(20) == ()


@pytest.fixture
def cover(unprepared: UnlockCover) -> UnlockCover:
    unprepared.prepare()
    return unprepared


def test_state() -> None:
    assert not SignInState().ready
    assert not SignInState(("a",), busy="正在解锁…").ready
    assert SignInState(("a",), busy="").ready
    assert SignInState(problem=PROBLEM, wrong=2).shown_problem() == PROBLEM
    shown = SignInState(problem=PROBLEM, wrong=3).shown_problem()
    assert shown is not None and "恢复单" in shown.remedy


def test_the_password_can_be_typed_while_everything_is_still_loading(
    qtbot: QtBot, unprepared: UnlockCover
) -> None:
    cover = unprepared
    assert not cover.sign_in.unlock.isEnabled()
    qtbot.keyClicks(cover.sign_in.password, password("reviewer"))
    qtbot.keyClick(cover.sign_in.password, Qt.Key.Key_Return)
    cover.prepare()
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    assert cover.sign_in.login.currentText() == "reviewer"
    with qtbot.waitSignal(cover.entered, timeout=20_000) as entered:
        qtbot.keyClick(cover.sign_in.password, Qt.Key.Key_Return)
    way: Opened = entered.args[0]
    assert way.face.login == "reviewer"
    way.session.close()
    assert cover.sign_in.password.text() == ""


def test_keys_go_from_account_to_password_to_the_button(qtbot: QtBot, cover: UnlockCover) -> None:
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    cover.sign_in.login.setFocus()
    qtbot.keyClick(cover.sign_in.login, Qt.Key.Key_Return)
    window = cover.window()
    assert window.focusWidget() is cover.sign_in.password
    qtbot.keyClick(cover.sign_in.password, Qt.Key.Key_Tab)
    assert window.focusWidget() is cover.sign_in.unlock
    assert cover.sign_in.password.echoMode() == QLineEdit.EchoMode.Password


def test_a_wrong_recovery_code_keeps_the_page(qtbot: QtBot, cover: UnlockCover) -> None:
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    cover.sign_in.recover.click()
    cover.recover.code.setText("AAAA-BBBB")
    cover.recover.new.setText("a new password")
    cover.recover.again.setText("a new password")
    cover.recover.go.click()
    assert not cover.recover.go.isEnabled()
    qtbot.waitUntil(lambda: cover.recover.notice.isVisible(), timeout=20_000)
    assert cover.recover.go.isEnabled() and cover.currentWidget() is cover.recover
    cover.recover.back.click()
    assert cover.currentWidget() is cover.sign_in


def test_restore_opens_the_office_of_the_backup(
    qtbot: QtBot, cover: UnlockCover, kit: OfficeKit, tmp_path: Path
) -> None:
    with kit.sit("clerk") as clerk:
        kit.unit(clerk)
        file = back_up(clerk, tmp_path / "x.certdesk")
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    cover.sign_in.restore.click()
    cover.restore.file.setText(str(file))
    cover.restore.login.setText("clerk")
    cover.restore.password.setText("wrong password")
    cover.restore.go.click()
    qtbot.waitUntil(lambda: cover.restore.go.isEnabled(), timeout=20_000)
    assert cover.restore.notice.property("tone") == "bad"
    cover.restore.password.setText(password("clerk"))
    with qtbot.waitSignal(cover.entered, timeout=20_000) as entered:
        cover.restore.go.click()
    way: Opened = entered.args[0]
    assert way.session.device.epoch == 2
    way.session.close()


class _Openings(QObject):
    """Watches what becomes visible as a window of its own."""

    def __init__(self, meant: list[QWidget]) -> None:
        super().__init__()
        self.meant, self.strays = meant, list[str]()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        opened = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if opened and watched not in self.meant:
            # By name: the widget itself is taken in by a layout later and is innocent then.
            self.strays.append(f"{type(watched).__name__} {watched.accessibleName()}")  # type: ignore[attr-defined]
        return False


def test_making_and_showing_a_cover_opens_no_other_window(qtbot: QtBot, kit: OfficeKit) -> None:
    meant: list[QWidget] = []
    openings = _Openings(meant)
    application = QApplication.instance()
    assert application is not None
    application.installEventFilter(openings)
    try:
        page = CoverPage("示例", "这一页上有一句话。")
        silent = CoverPage("示例")
        whole = UnlockCover(kit.folder.root, login="reviewer", other="转到演练")
        meant += [page, silent, whole]
        for each in meant:
            qtbot.addWidget(each)
            each.show()
        whole.prepare()
        qtbot.waitUntil(lambda: whole.sign_in.state.ready, timeout=20_000)
        page.tell(PROBLEM)
        page.tell(None)
    finally:
        application.removeEventFilter(openings)
    assert openings.strays == []
    assert page.text.isVisible() and not silent.text.isVisible()
    qtbot.waitUntil(lambda: not lanes()._running, timeout=20_000)
    assert lanes().shutdown(20) == ()
