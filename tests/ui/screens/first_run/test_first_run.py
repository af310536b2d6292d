"""The wizard through its widgets: a real office to its slips, stopping a rehearsal, faults on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.documents.printing import FilePrinter
from core.services.hub_link import hub_link
from core.services.session import Folder, unlock
from ui.screens.first_run.person_dialog import PasswordDialog, PersonDialog, RolesDialog
from ui.screens.first_run.screen import FirstRun
from ui.screens.first_run.slips import Slips, SlipsDialog
from ui.screens.first_run.state import PersonDraft
from ui.screens.unlock.opened import Opened
from ui.task import lanes

ADMIN = PersonDraft("主任", "演示甲", frozenset({"admin"}), "password-1", "password-1")
CLERK = PersonDraft("窗口一", "演示乙", frozenset({"clerk"}), "password-2", "password-2")


class Places:
    """Answers every question for a file with one prepared path."""

    def __init__(self, place: Path | str) -> None:
        self.place = str(place)

    def save(self, parent: object, caption: str, name: str, kinds: str) -> str:
        return self.place

    def open(self, parent: object, caption: str, kinds: str) -> str:
        return self.place

    def folder(self, parent: object, caption: str, at: str) -> str:
        return self.place


@pytest.fixture
def wizard(qtbot: QtBot, tmp_path: Path) -> Iterator[FirstRun]:
    made = FirstRun(tmp_path / "data", tmp_path / "data" / "rehearsal", units=60)
    qtbot.addWidget(made)
    made.show()
    yield made
    assert lanes().shutdown(20) == ()


def test_a_real_office_step_by_step(qtbot: QtBot, wizard: FirstRun, tmp_path: Path) -> None:
    qtbot.keyClick(wizard.welcome.found, Qt.Key.Key_Space)
    office = wizard.office
    assert office is not None and wizard.currentWidget() is office
    office.search.setText("澄迈")
    office.search.textEdited.emit("澄迈")
    assert office.list.count() == 1 and office.name.text() == "澄迈县事业单位登记管理局"
    office.name.clear()
    office.next.click()
    assert wizard.currentWidget() is office and office.notice.isVisible()
    office.name.setText("澄迈县事业单位登记管理局")
    qtbot.keyClick(office.name, Qt.Key.Key_Return)
    people = wizard.people
    assert people is not None and wizard.currentWidget() is people
    people.put(CLERK)
    people.next.click()
    assert wizard.currentWidget() is people and "管理员" in people.notice.accessibleName()
    people.put(ADMIN)
    people.next.click()
    hub = wizard.hub
    assert hub is not None and wizard.currentWidget() is hub
    hub.next.click()
    assert wizard.currentWidget() is hub and hub.notice.isVisible()
    hub.url.setText("https://hub.invalid")
    hub.next.click()
    qtbot.waitUntil(lambda: wizard.slips is not None, timeout=30_000)
    slips = wizard.slips
    assert slips is not None and not slips.done.isEnabled()
    slips.kept.click()
    with qtbot.waitSignal(wizard.entered) as entered:
        slips.done.click()
    way: Opened = entered.args[0]
    assert not way.face.rehearsal and way.face.login == "主任"
    link = hub_link(way.session)
    assert link is not None and link.url == "https://hub.invalid"
    way.session.close()
    unlock(Folder(tmp_path / "data"), "窗口一", "password-2").close()


def test_stopping_a_rehearsal_returns_to_the_start(qtbot: QtBot, wizard: FirstRun, tmp_path: Path) -> None:
    wizard.welcome.rehearse.click()
    assert wizard.currentWidget() is wizard.working
    wizard.working.stop.click()
    qtbot.waitUntil(lambda: wizard.currentWidget() is wizard.welcome, timeout=30_000)
    assert not Folder(tmp_path / "data" / "rehearsal").exists()


def test_a_folder_that_cannot_be_written_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    wizard = FirstRun(blocked / "data", blocked / "data" / "rehearsal")
    qtbot.addWidget(wizard)
    wizard.show()
    wizard.welcome.rehearse.click()
    qtbot.waitUntil(lambda: wizard.welcome.notice.isVisible(), timeout=30_000)
    assert wizard.currentWidget() is wizard.welcome
    assert lanes().shutdown(20) == ()


def test_an_existing_rehearsal_is_entered_and_not_made_anew(qtbot: QtBot, tmp_path: Path) -> None:
    wizard = FirstRun(tmp_path, tmp_path / "rehearsal", rehearsal_exists=True, may_go_back=True)
    qtbot.addWidget(wizard)
    with qtbot.waitSignal(wizard.rehearsal_requested):
        wizard.welcome.rehearse.click()
    with qtbot.waitSignal(wizard.back_requested):
        wizard.welcome.back.click()


def test_restore_with_a_wrong_file_keeps_the_answers(qtbot: QtBot, tmp_path: Path) -> None:
    rubbish = tmp_path / "x.certdesk"
    rubbish.write_bytes(b"no backup")
    wizard = FirstRun(tmp_path / "data", tmp_path / "data" / "r", chooser=Places(rubbish))
    qtbot.addWidget(wizard)
    wizard.show()
    wizard.welcome.restore.click()
    wizard.restore.browse.click()
    wizard.restore.login.setText("主任")
    wizard.restore.go.click()
    assert wizard.restore.notice.isVisible() and wizard.restore.go.isEnabled()
    wizard.restore.password.setText("password-1")
    with qtbot.waitSignal(wizard.restoring):
        wizard.restore.go.click()
    qtbot.waitUntil(lambda: wizard.restore.go.isEnabled(), timeout=20_000)
    assert wizard.restore.login.text() == "主任" and not Folder(tmp_path / "data").exists()
    assert lanes().shutdown(20) == ()


def test_slips_are_printed_and_saved(qtbot: QtBot, tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    slips = Slips(
        {"主任": "AAAA", "窗口一": "BBBB"},
        lambda login, code: b"%PDF-1.4 " + login.encode() + code.encode(),
        printer=FilePrinter(spool),
        chooser=Places(tmp_path / "out"),
    )
    qtbot.addWidget(slips)
    slips.show()
    slips.all.click()
    qtbot.waitUntil(lambda: len(list(spool.iterdir())) == 2, timeout=20_000)
    slips._save("主任", "AAAA")
    qtbot.waitUntil(lambda: (tmp_path / "out.pdf").exists(), timeout=20_000)
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-1.4 ")
    qtbot.waitUntil(lambda: "out.pdf" in slips.notice.accessibleName(), timeout=20_000)
    assert lanes().shutdown(20) == ()


def test_a_slip_shown_once_is_not_lost_by_escape(qtbot: QtBot) -> None:
    dialog = SlipsDialog(None, Slips({"主任": "AAAA"}, lambda login, code: b"%PDF-"))
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.close()
    assert dialog.isVisible()
    dialog.slips.kept.click()
    dialog.slips.done.click()
    assert not dialog.isVisible()


def test_the_person_dialog_by_keyboard_alone(qtbot: QtBot) -> None:
    dialog = PersonDialog(None, "添加人员", ["taken"], ("clerk",))
    qtbot.addWidget(dialog)
    dialog.open()
    for edit, text in (
        (dialog.login, "taken"),
        (dialog.name, "Somebody"),
        (dialog.password, "password-1"),
        (dialog.again, "password-1"),
    ):
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert dialog.isVisible() and "已经有人使用" in dialog.notice.accessibleName()
    dialog.login.setText("window-1")
    qtbot.keyClick(dialog.again, Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert dialog.draft == PersonDraft(
        "window-1", "Somebody", frozenset({"clerk"}), "password-1", "password-1"
    )


def test_password_and_roles_dialogs_check_before_they_close(qtbot: QtBot) -> None:
    password = PasswordDialog(None, "修改我的密码", with_old=True)
    qtbot.addWidget(password)
    password.open()
    password.password.setText("short")
    password.confirm.click()
    assert password.isVisible()
    password.password.setText("long enough")
    password.again.setText("long enough")
    password.confirm.click()
    assert not password.isVisible()
    roles = RolesDialog(None, "窗口一", ("clerk",))
    qtbot.addWidget(roles)
    roles.open()
    roles.boxes["clerk"].click()
    roles.confirm.click()
    assert roles.isVisible()
    roles.boxes["reviewer"].click()
    roles.confirm.click()
    assert not roles.isVisible() and roles.chosen() == {"reviewer"}
