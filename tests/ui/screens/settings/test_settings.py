"""The settings through their widgets, on a real office: people, papers, printing, look, backup, hub."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.forms.papers import default_checklist
from core.services import office_papers
from core.services.backup import verify_backup
from core.services.hub_link import hub_link
from core.services.session import unlock
from core.settings import Settings, load_settings, save_settings
from tests.core.services.office_kit import OfficeKit, open_kit, password
from ui.desk import Desk
from ui.screens.first_run.slips import SlipsDialog
from ui.screens.first_run.state import PersonDraft
from ui.screens.settings.backup import Backup
from ui.screens.settings.hub import HubPage
from ui.screens.settings.look import Look
from ui.screens.settings.office import Office
from ui.screens.settings.papers import Papers
from ui.screens.settings.people import People
from ui.screens.settings.printing import Printing
from ui.screens.settings.screen import SECTIONS, SettingsScreen
from ui.screens.settings.state import PaperRow
from ui.task import Progress, lanes


class Nav:
    """Hears what a screen asks of its window."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def toast(self, text: str, tone: str = "good") -> None:
        self.said.append(text)

    def busy(self, text: str, cancel: Callable[[], object] | None = None) -> None: ...
    def advance(self, progress: Progress) -> None: ...
    def done(self) -> None: ...
    def open_form(self, form_id: str, unit_id: str = "", case_id: str = "", draft_id: str = "") -> None: ...
    def open_case(self, case_id: str) -> None: ...
    def open_review(self, case_id: str = "") -> None: ...
    def open_claim(self, case_id: str) -> None: ...
    def open_uses(self, unit_id: str = "", unit_name: str = "") -> None: ...

    def open_refusals(self, item_id: str = "") -> None: ...
    def open_units(self, unit_id: str = "", draft_id: str = "") -> None: ...
    def open_help(self, topic: str) -> None: ...
    def open_settings(self, section: str = "") -> None: ...


class Places:
    """Answers every question for a file with one prepared path."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def save(self, parent: object, caption: str, name: str, kinds: str) -> str:
        return str(self.place)

    def open(self, parent: object, caption: str, kinds: str) -> str:
        return str(self.place)

    def folder(self, parent: object, caption: str, at: str) -> str:
        return str(self.place)


class Room:
    """A settings screen for one person of the office."""

    def __init__(self, qtbot: QtBot, kit: OfficeKit, place: Path, login: str) -> None:
        self.kit, self.qtbot, self.nav = kit, qtbot, Nav()
        self.desk = Desk(Settings())
        self.desk.save_settings = lambda settings: save_settings(kit.folder.settings, settings)
        self.desk.unlock_with(kit.open(login), None)
        self.screen = SettingsScreen(self.desk, self.nav, Places(place))
        self.screen.resize(1000, 700)
        qtbot.addWidget(self.screen)
        self.screen.show()
        self.screen.on_shown()

    def open(self, key: str) -> object:
        self.screen.open(key)
        return self.screen.section(key)

    def until(self, done: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(done()), timeout=20_000)

    def close(self) -> None:
        self.until(lambda: not lanes()._running)
        assert lanes().shutdown(20) == ()
        self.desk.lock()


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], Room]]:
    made: list[Room] = []
    kit = open_kit(tmp_path)

    def make(login: str) -> Room:
        made.append(Room(qtbot, kit, tmp_path / "chosen", login))
        return made[-1]

    yield make
    for each in made:
        each.close()
    kit.close()


def test_every_section_opens_and_every_input_has_a_name(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    for key, title, _ in SECTIONS:
        section = admin.screen.section(key)
        admin.open(key)
        assert section.isVisible() and admin.screen.header().subtitle == title
        for line in section.findChildren(QLineEdit):
            assert line.accessibleName() or line.objectName().startswith("qt_"), (key, line)
    admin.until(lambda: admin.desk.session)


def test_an_administrator_adds_a_person_who_can_sign_in(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    people = admin.open("people")
    assert isinstance(people, People)
    admin.until(lambda: len(people.lines) == 5 and people.add.isEnabled())
    people.put(PersonDraft("窗口九", "演示九", frozenset({"clerk"}), "password-9", "password-9"))
    admin.until(lambda: len(people.lines) == 6)
    dialog = people.dialog
    assert isinstance(dialog, SlipsDialog)
    dialog.slips.kept.click()
    dialog.slips.done.click()
    unlock(admin.kit.folder, "窗口九", "password-9").close()
    people.put(PersonDraft("窗口九", "演示十", frozenset({"clerk"}), "password-9", "password-9"))
    admin.until(lambda: people.notice.isVisible())


def test_a_new_password_for_another_and_for_oneself(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    people = admin.open("people")
    assert isinstance(people, People)
    admin.until(lambda: people.lines)
    clerk = next(line for line in people.lines if line.login == "clerk")
    people.reset_password(clerk, "a new password")
    admin.until(lambda: getattr(people, "dialog", None))
    people.dialog.reject()
    unlock(admin.kit.folder, "clerk", "a new password").close()
    people.change_own("not my password", "another password")
    admin.until(lambda: people.notice.isVisible())
    people.change_own(password("admin"), "another password")
    admin.until(lambda: people.dialog.isVisible())
    people.dialog.reject()
    unlock(admin.kit.folder, "admin", "another password").close()


def test_a_clerk_may_only_change_the_own_password(room: Callable[[str], Room]) -> None:
    clerk = room("clerk")
    people = clerk.open("people")
    assert isinstance(people, People)
    clerk.until(lambda: people.lines and people.notice.isVisible())
    assert not any(button.isEnabled() for button in (people.add, people.roles, people.reset, people.switch))
    assert people.own.isEnabled()
    papers = clerk.open("papers")
    assert isinstance(papers, Papers)
    clerk.until(lambda: papers.notice.isVisible())
    assert not papers.keep.isEnabled()


def test_the_checklist_is_edited_kept_and_put_back(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    papers = admin.open("papers")
    assert isinstance(papers, Papers)
    admin.until(lambda: papers.rows and papers.keep.isEnabled())
    papers.put((*papers.rows, PaperRow("", True, False, True)))
    papers.keep.click()
    assert papers.notice.isVisible() and not admin.nav.said
    item = papers.table.item(len(papers.rows) - 1, 0)
    assert item is not None
    item.setText("承诺书")
    tick = papers.table.item(len(papers.rows) - 1, 2)
    assert tick is not None
    tick.setCheckState(Qt.CheckState.Checked)
    papers.keep.click()
    admin.until(lambda: admin.nav.said)
    kept = office_papers.papers_of(admin.desk.session, "attachment-1")
    assert (kept[-1].label, kept[-1].copy, kept[-1].id) == ("承诺书", True, "office_1")
    papers.original.click()
    papers.keep.click()
    admin.until(lambda: len(admin.nav.said) == 2)
    assert office_papers.papers_of(admin.desk.session, "attachment-1") == default_checklist("attachment-1")


def test_lines_save_themselves_and_refused_values_go_back(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    office = admin.open("office")
    assert isinstance(office, Office)
    admin.until(lambda: office.office.text())
    assert not office.print.isEnabled() and not office.preview.isVisible()
    office.url.setText("not an address")
    office.url.editingFinished.emit()
    assert office.notice.isVisible() and office.url.text() == ""
    office.url.setText("https://example.invalid/app")
    office.url.editingFinished.emit()
    admin.until(lambda: office.preview.page_count == 1)
    assert load_settings(admin.kit.folder.settings).phone_program_url == "https://example.invalid/app"
    office.save_as.click()
    admin.until(lambda: (admin.kit.folder.root.parent / "chosen.pdf").exists())


def test_a_settings_file_that_cannot_be_written_says_so(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    look = admin.open("look")
    assert isinstance(look, Look)
    admin.kit.folder.settings.mkdir()
    look.idle.buttons()[0].click()
    assert look.notice.isVisible() and look.idle.value() == "5"
    assert admin.desk.settings.idle_lock_minutes == 5
    admin.kit.folder.settings.rmdir()
    look.idle.buttons()[0].click()
    assert admin.desk.settings.idle_lock_minutes == 1 and not look.notice.isVisible()


def test_each_printer_has_its_own_offset(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    printing = admin.open("printing")
    assert isinstance(printing, Printing)
    admin.desk.change_settings(replace(admin.desk.settings, printer="甲"))
    printing._show_names(("甲", "乙"))
    printing.right.setText("1.5")
    printing.down.setText("-2")
    printing.down.editingFinished.emit()
    assert admin.desk.settings.offset_of("甲") == (1.5, -2.0)
    printing.printer.setCurrentText("乙")
    printing.printer.activated.emit(2)
    assert printing.right.text() == "0" and admin.desk.settings.printer == "乙"
    printing.right.setText("x")
    printing.right.editingFinished.emit()
    assert printing.notice.isVisible() and admin.desk.settings.offset_of("乙") == (0.0, 0.0)
    printing.save_ruler.click()
    admin.until(lambda: (admin.kit.folder.root.parent / "chosen.pdf").exists())


def test_backup_with_progress_and_verification(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    backup = admin.open("backup")
    assert isinstance(backup, Backup)
    admin.until(lambda: backup.last.text() == "还没有自动备份。")
    target = admin.kit.folder.root.parent / "mine.certdesk"
    backup.back_up(target)
    assert backup.stop.isVisible() and not backup.make.isEnabled()
    admin.until(lambda: backup.make.isEnabled())
    assert verify_backup(target) and "mine.certdesk" in backup.notice.accessibleName()
    (admin.kit.folder.root.parent / "chosen").write_bytes(b"rubbish")
    backup.verify.click()
    admin.until(lambda: backup.verify.isEnabled())
    assert backup.notice.property("tone") == "bad"
    backup.back_up(target)
    backup.stop.click()
    admin.until(lambda: backup.make.isEnabled())
    assert not list(target.parent.glob("*.part"))


def test_joining_a_province_hub_shows_the_fingerprint(room: Callable[[str], Room]) -> None:
    admin = room("admin")
    hub = admin.open("hub")
    assert isinstance(hub, HubPage)
    admin.until(lambda: hub.choice.isVisible())
    hub.url.setText("http://hub.invalid")
    hub.join.click()
    assert hub.notice.isVisible() and hub_link(admin.desk.session) is None
    assert hub.plain.isVisible()
    hub.plain.click()
    hub.join.click()  # chosen or not: never to another computer
    admin.until(lambda: "别的电脑" in hub.notice.accessibleName())
    assert hub_link(admin.desk.session) is None
    hub.url.setText("https://hub.invalid")
    assert not hub.plain.isVisible() and not hub.plain.isChecked()
    hub.join.click()
    admin.until(lambda: hub.fingerprint.isVisible())
    assert hub.fingerprint.text().count("-") == 7
