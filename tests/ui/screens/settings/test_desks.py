"""设置: the office's computers, one more of them, the day's sheet, and the newest checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.keys.keyring import Keyring
from core.records.people import Role
from core.services import desks, people, sync
from core.services.session import Folder, Ports
from tests.core.services.office_kit import SeededRandom, password
from tests.ui.screens.settings.test_settings import Room
from tests.ui.sync_room import linked_world, whole_wire
from ui.screens.settings.desks import Desks
from ui.screens.settings.hub import HubPage
from ui.stick_dialog import StickDialog
from ui.widgets.confirm import Question


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], Room]]:
    world = linked_world(tmp_path)
    world.real.wire = whole_wire
    with world.kit.sit("clerk") as clerk:
        sync.sync(clerk, world.real.port)
    made: list[Room] = []

    def make(login: str) -> Room:
        made.append(Room(qtbot, world.kit, tmp_path / "chosen", login))
        return made[-1]

    yield make
    for each in made:
        each.close()
    world.close()


def test_an_administrator_admits_one_more_computer(
    qtbot: QtBot, room: Callable[[str], Room], tmp_path: Path
) -> None:
    here = room("admin")
    folder, ports = Folder(tmp_path / "new"), Ports(here.kit.clock, SeededRandom("new"))
    request, mark = desks.request_desk(folder, ports, password=password("clerk"))
    chosen = tmp_path / "chosen"  # the same place for the request and, after it was read, the package
    chosen.write_bytes(request)
    page = here.open("desks")
    assert isinstance(page, Desks)
    here.until(lambda: len(page.lines) == 1 and page.add.isVisible())
    assert "本机" in page.table.item(0, 0).text() and page.table.item(0, 3).text() == "在用"
    asked: list[Question] = []
    wanted: list[int] = []
    here.desk.sync_wanted.connect(lambda: wanted.append(1))

    def agreed(parent: object, question: Question) -> bool:
        asked.append(question)
        return len(asked) > 1

    page.ask_first = agreed
    qtbot.keyClick(page.add, Qt.Key.Key_Return)
    here.until(lambda: len(asked) == 1)
    assert asked[0].details == (mark,) and asked[0].danger and chosen.read_bytes() == request
    assert len(page.lines) == 1, "a fingerprint that differs admits nobody"
    qtbot.keyClick(page.add, Qt.Key.Key_Return)
    here.until(lambda: len(page.lines) == 2)
    assert wanted and "资料包" in page.notice.accessibleName()
    joined = desks.join_office(folder, chosen.read_bytes(), "clerk", password("clerk"), ports)
    assert joined.office == here.desk.session.office
    joined.close()


def test_a_file_that_is_no_request_is_said_and_a_clerk_only_looks(
    qtbot: QtBot, room: Callable[[str], Room], tmp_path: Path
) -> None:
    here = room("admin")
    page = here.open("desks")
    assert isinstance(page, Desks)
    here.until(page.add.isVisible)
    page._on_add()  # nothing lies there
    here.until(page.notice.isVisible)
    (tmp_path / "chosen").write_bytes(b"{}")
    page._on_add()
    here.until(page.notice.isVisible)
    assert len(page.lines) == 1
    clerk = room("clerk")
    other = clerk.open("desks")
    assert isinstance(other, Desks)
    clerk.until(lambda: len(other.lines) == 1 and "管理员" in other.how.text())
    assert not other.add.isVisible()


def test_a_password_reset_elsewhere_comes_with_a_package(
    qtbot: QtBot, room: Callable[[str], Room], tmp_path: Path
) -> None:
    here = room("admin")
    new = Folder(tmp_path / "new")
    ports = Ports(here.kit.clock, SeededRandom("new"))
    request, _ = desks.request_desk(new, ports, password=password("clerk"))
    package = tmp_path / "package"
    with here.kit.sit("admin") as admin:
        desks.admit_desk(admin, request, package)
    desks.join_office(new, package.read_bytes(), "clerk", password("clerk"), ports).close()
    chosen = tmp_path / "chosen"
    there = Room(qtbot, replace(here.kit, folder=new, ports=ports, sessions=[]), chosen, "reviewer")
    page = there.open("desks")
    assert isinstance(page, Desks)
    there.until(page.ask_newer.isVisible)
    qtbot.keyClick(page.ask_newer, Qt.Key.Key_Return)
    there.until(lambda: "指纹" in page.notice.accessibleName())
    with here.kit.sit("admin") as admin:
        people.add_person(admin, people.NewPerson("new", "演新", password("new"), frozenset({Role.CLERK})))
        desks.admit_desk(admin, chosen.read_bytes(), chosen)
    qtbot.keyClick(page.take_newer, Qt.Key.Key_Return)
    there.until(lambda: "1 人" in page.notice.accessibleName())
    assert Keyring.load(new.keyring).unlock("new", password("new"))
    qtbot.keyClick(page.take_newer, Qt.Key.Key_Return)
    there.until(lambda: "没有比本机更新" in page.notice.accessibleName())
    chosen.write_bytes(b"{}")
    qtbot.keyClick(page.take_newer, Qt.Key.Key_Return)
    there.until(lambda: "已损坏" in page.notice.accessibleName())
    there.desk.lock()


def test_the_day_is_closed_on_paper_and_the_newest_checkpoint_is_named(
    qtbot: QtBot, room: Callable[[str], Room], tmp_path: Path
) -> None:
    here = room("clerk")
    page = here.open("hub")
    assert isinstance(page, HubPage)
    here.until(lambda: "检查点" in page.head.text() and page.closing.isVisible())
    assert "11-23" in page.head.text() and "与本机一致" in page.head.text()
    qtbot.keyClick(page.save_day, Qt.Key.Key_Return)
    here.until((tmp_path / "chosen.pdf").exists)
    assert (tmp_path / "chosen.pdf").read_bytes().startswith(b"%PDF")
    qtbot.keyClick(page.stick, Qt.Key.Key_Return)
    assert isinstance(page.stick_dialog, StickDialog) and page.stick_dialog.isVisible()
    page.stick_dialog.reject()


def test_words_of_a_computer_that_was_stopped() -> None:
    from core.services.desks import DeskLine
    from ui.screens.settings.desks import cells_of

    line = DeskLine("d", "ab" * 32, "2026-11-23T02:05:00.000Z", False, None)
    assert cells_of(1, line) == ("2 号", "abababababab…", "11-23 10:05", "在用")
    assert cells_of(1, replace(line, revoked_at="2026-11-24T02:05:00.000Z"))[3] == "已停用 11-24 10:05"
