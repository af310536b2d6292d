"""A new computer joins by the window: asks, waits over a restart, is admitted, joins; or gives up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.paths import DataPaths
from core.services import desks
from core.services.session import DeviceKeys, Folder, Ports, Session
from core.services.waiting_keys import ask, find_waiting, open_waiting
from tests.core.services.office_kit import password
from tests.core.services.test_desks import House, house  # noqa: F401
from tests.ui.desktop_kit import cover_of, leave, start_desktop
from ui.screens.first_run.screen import FirstRun
from ui.screens.unlock.opened import Opened
from ui.task import lanes
from ui.widgets.confirm import Question

SECRET = password("clerk")


@dataclass
class Stick:
    """Where files are put and found; an empty name is a person who thinks better of it."""

    folder: Path
    request: str = "stick.cdreq"
    package: str = "stick.cdpack"
    asked: list[str] = field(default_factory=list)

    def _path(self, name: str) -> str:
        self.asked.append(name)
        return str(self.folder / name) if name else ""

    def save(self, parent: object, caption: str, name: str, kinds: str) -> str:
        return self._path(self.request)

    def open(self, parent: object, caption: str, kinds: str) -> str:
        return self._path(self.package)


@pytest.fixture
def stick(tmp_path: Path) -> Stick:
    return Stick(tmp_path)


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path, stick: Stick) -> Iterator[Callable[[], FirstRun]]:
    def make() -> FirstRun:
        wizard = FirstRun(tmp_path / "data", tmp_path / "data" / "rehearsal", chooser=stick)  # type: ignore[arg-type]
        qtbot.addWidget(wizard)
        wizard.show()
        return wizard

    yield make
    assert lanes().shutdown(20) == ()


def until(qtbot: QtBot, done: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(done()), timeout=30_000)


def ask_by_keyboard(qtbot: QtBot, wizard: FirstRun, secret: str = SECRET) -> None:
    page = wizard.joining.asking
    qtbot.keyClick(wizard.welcome.join, Qt.Key.Key_Space)
    until(qtbot, lambda: wizard.currentWidget() is page)
    for edit, text in ((page.login, "clerk"), (page.password, secret), (page.again, secret)):
        edit.clear()
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)


def waiting(qtbot: QtBot, wizard: FirstRun) -> None:
    until(qtbot, lambda: wizard.currentWidget() is wizard.joining.waiting)


def test_asked_admitted_and_joined_with_a_restart_between(
    qtbot: QtBot,
    start: Callable[[], FirstRun],
    stick: Stick,
    tmp_path: Path,
    house: House,  # noqa: F811
) -> None:
    wizard = start()
    ask_by_keyboard(qtbot, wizard)
    waiting(qtbot, wizard)
    assert "stick.cdreq" in wizard.joining.waiting.notice.accessibleName()
    assert wizard.joining.asking.password.text() == ""
    request = (tmp_path / "stick.cdreq").read_bytes()
    assert desks.requested(request) == wizard.joining.waiting.mark.text()
    wizard.close()

    wizard = start()  # the program is started again
    waiting(qtbot, wizard)
    page = wizard.joining.waiting
    assert page.mark.text() == desks.requested(request) and page.login.text() == "clerk"
    page.join.click()
    assert page.notice.isVisible() and wizard.currentWidget() is page  # no package chosen yet
    (tmp_path / "stick.cdpack").write_bytes(b"{}")
    qtbot.keyClick(page.browse, Qt.Key.Key_Space)
    qtbot.keyClicks(page.password, "not the password")
    qtbot.keyClick(page.password, Qt.Key.Key_Return)
    until(qtbot, page.asked_with.isVisible)  # another password than the request's: it says where that goes
    page.another.click()
    page.password.setText(SECRET)
    page.join.click()
    until(qtbot, lambda: "资料包已损坏" in page.notice.accessibleName())
    assert not DataPaths(tmp_path / "data").exists()

    (tmp_path / "stick.cdpack").write_bytes(house.admit(request))
    with qtbot.waitSignal(wizard.entered, timeout=30_000) as entered:
        page.join.click()
    way: Opened = entered.args[0]
    try:
        assert way.face.login == "clerk" and way.session.office == house.first.open("admin").office
        assert not (tmp_path / "data" / "joining.json").exists()
    finally:
        way.session.close()


def test_giving_up_asks_first_then_destroys_the_keys(
    qtbot: QtBot, start: Callable[[], FirstRun], tmp_path: Path
) -> None:
    first = ask(Folder(tmp_path / "data"), Ports(), SECRET, "clerk")
    wizard = start()
    waiting(qtbot, wizard)
    asked: list[Question] = []

    def answer(parent: object, question: Question) -> bool:
        asked.append(question)
        return len(asked) > 1

    wizard.joining.ask_first = answer
    qtbot.keyClick(wizard.joining.waiting.give_up, Qt.Key.Key_Space)
    assert asked[0].danger and first.fingerprint in asked[0].details[0]
    assert find_waiting(Folder(tmp_path / "data")) == first
    qtbot.keyClick(wizard.joining.waiting.give_up, Qt.Key.Key_Space)
    until(qtbot, lambda: wizard.currentWidget() is wizard.welcome)
    assert "已销毁" in wizard.welcome.notice.accessibleName()
    assert list((tmp_path / "data").iterdir()) == []
    ask_by_keyboard(qtbot, wizard)
    waiting(qtbot, wizard)
    assert wizard.joining.waiting.mark.text() != first.fingerprint


def test_while_it_waits_nothing_else_is_set_up_here(
    qtbot: QtBot, start: Callable[[], FirstRun], tmp_path: Path
) -> None:
    ask(Folder(tmp_path / "data"), Ports(), SECRET)
    wizard = start()
    waiting(qtbot, wizard)
    wizard.joining.waiting.back.click()
    assert wizard.currentWidget() is wizard.welcome and "查看" in wizard.welcome.join.text()
    for button in (wizard.welcome.found, wizard.welcome.restore):
        wizard.welcome.tell(None)
        button.click()
        assert (
            wizard.currentWidget() is wizard.welcome and "放弃申请" in wizard.welcome.notice.accessibleName()
        )
    wizard.welcome.join.click()
    waiting(qtbot, wizard)


def test_a_request_that_was_not_written_is_written_again(
    qtbot: QtBot, start: Callable[[], FirstRun], stick: Stick, tmp_path: Path
) -> None:
    wizard = start()
    stick.request = ""  # thought better of it
    ask_by_keyboard(qtbot, wizard)
    assert wizard.currentWidget() is wizard.joining.asking and not (tmp_path / "data").exists()
    stick.request = "no stick/request.cdreq"
    wizard.joining.asking.next.click()
    waiting(qtbot, wizard)
    page = wizard.joining.waiting
    until(qtbot, page.notice.isVisible)
    assert not (tmp_path / "no stick").exists()
    stick.request = "second.cdreq"
    page.write.click()
    until(qtbot, lambda: "second.cdreq" in page.notice.accessibleName())
    assert desks.requested((tmp_path / "second.cdreq").read_bytes()) == page.mark.text()


def test_passwords_that_differ_or_are_short_make_no_keys(
    qtbot: QtBot, start: Callable[[], FirstRun], stick: Stick, tmp_path: Path
) -> None:
    wizard = start()
    ask_by_keyboard(qtbot, wizard, "short")
    page = wizard.joining.asking
    assert page.notice.isVisible() and "至少" in page.notice.accessibleName()
    assert stick.asked == [] and not (tmp_path / "data").exists()
    page.back.click()
    assert wizard.currentWidget() is wizard.welcome and page.password.text() == ""


def in_clear(folder: Folder, device: DeviceKeys) -> None:
    import json

    folder.joining.write_text(json.dumps({"device": device.to_json()}))


def test_keys_that_an_older_release_left_in_clear_are_sealed_first(
    qtbot: QtBot, start: Callable[[], FirstRun], tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "data")
    before = ask(folder, Ports(), SECRET)
    in_clear(folder, open_waiting(folder, SECRET))
    wizard = start()
    until(qtbot, lambda: wizard.currentWidget() is wizard.joining.asking)
    assert "还没有用密码保护" in wizard.joining.asking.notice.accessibleName()
    ask_by_keyboard(qtbot, wizard)
    waiting(qtbot, wizard)
    assert wizard.joining.waiting.mark.text() == before.fingerprint
    assert "signing_seed" not in folder.joining.read_text()


def test_a_damaged_request_can_only_be_given_up(
    qtbot: QtBot, start: Callable[[], FirstRun], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "joining.json").write_text("{")
    wizard = start()
    waiting(qtbot, wizard)
    page = wizard.joining.waiting
    assert "已损坏" in page.notice.accessibleName()
    assert not page.join.isEnabled() and not page.write.isEnabled() and page.give_up.isEnabled()
    wizard.joining.ask_first = lambda parent, question: True
    page.give_up.click()
    until(qtbot, lambda: wizard.currentWidget() is wizard.welcome)


def test_stopped_while_joining_it_waits_as_before(
    qtbot: QtBot,
    start: Callable[[], FirstRun],
    tmp_path: Path,
    house: House,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = ask(Folder(tmp_path / "data"), Ports(), SECRET, "clerk")
    (tmp_path / "stick.cdpack").write_bytes(house.admit(asked.request))
    wizard = start()
    waiting(qtbot, wizard)
    page = wizard.joining.waiting
    page.browse.click()
    page.password.setText(SECRET)
    whole = desks.join_office
    late: list[Session] = []

    def slow(*args: object, **named: object) -> Session:
        wizard.joining.task and wizard.joining.task.cancel()  # the stop, at a moment that is always too early
        return whole(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(desks, "join_office", slow)
    page.join.click()
    until(qtbot, lambda: wizard.currentWidget() is page)
    assert "已停止" in page.notice.accessibleName() and find_waiting(Folder(tmp_path / "data")) == asked

    def after(*args: object, **named: object) -> Session:
        late.append(whole(*args, **named))  # type: ignore[arg-type]
        wizard.joining.task and wizard.joining.task.cancel()  # and one that is too late
        return late[0]

    monkeypatch.setattr(desks, "join_office", after)
    page.password.setText(SECRET)
    with qtbot.waitSignal(wizard.sign_in_requested, timeout=30_000):
        page.join.click()
    assert DataPaths(tmp_path / "data").exists() and late[0].unlocked.seed == b""


def test_the_cover_shows_what_waits_and_leads_there_from_a_rehearsal(qtbot: QtBot, tmp_path: Path) -> None:
    from core.services.rehearsal import found_rehearsal

    waits = ask(Folder(tmp_path), Ports(), SECRET, "clerk")
    desktop = start_desktop(qtbot, tmp_path)
    wizard = desktop.window.findChildren(FirstRun)[-1]
    waiting(qtbot, wizard)
    assert wizard.joining.waiting.mark.text() == waits.fingerprint
    leave(qtbot, desktop)
    found_rehearsal(Folder(tmp_path / "rehearsal"), units=1).session.close()
    desktop = start_desktop(qtbot, tmp_path)
    cover = cover_of(desktop)
    assert "加入申请" in cover.sign_in.other.text()
    cover.sign_in.other.click()
    wizard = desktop.window.findChildren(FirstRun)[-1]
    waiting(qtbot, wizard)
    leave(qtbot, desktop)
    assert lanes().shutdown(20) == ()
