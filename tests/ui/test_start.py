"""Through the real window: first run, main window, lock, unlock, another person, the end."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile, Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from core.services import applications
from core.services.daily_backup import newest_backup
from core.services.rehearsal import found_rehearsal
from core.services.session import Folder, unlock
from tests.core.services.office_kit import OfficeKit, open_kit, password
from tests.ui.desktop_kit import Clock, PlainScreen, cover_of, leave, no_hub, sign_in, start_desktop
from ui.desktop import Desktop
from ui.first_paint import theme_name
from ui.hub_keeper import HubKeeper
from ui.screen import Screen
from ui.screens.first_run.screen import FirstRun
from ui.start import lock_file
from ui.task import lanes


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desktop(qtbot: QtBot, kit: OfficeKit, clock: Clock) -> Iterator[Desktop]:
    made = start_desktop(qtbot, kit.folder.root, clock)
    yield made
    leave(qtbot, made)
    assert lanes().shutdown(10) == ()


def page(desktop: Desktop, key: str) -> PlainScreen:
    screen = desktop.window.screen_of(key)
    assert isinstance(screen, PlainScreen)
    return screen


def test_rehearsal_in_one_click_to_the_main_window(qtbot: QtBot, tmp_path: Path) -> None:
    desktop = start_desktop(qtbot, tmp_path / "data")
    wizard = desktop.window.findChildren(FirstRun)[0]
    qtbot.keyClick(wizard.welcome.rehearse, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: wizard.passwords is not None, timeout=30_000)
    assert wizard.passwords is not None
    with qtbot.waitSignal(desktop.opened):
        qtbot.keyClick(wizard.passwords.go, Qt.Key.Key_Space)
    assert desktop.window.current_page == "apply"
    assert desktop.window.windowTitle().endswith("（演练）")
    assert (tmp_path / "data" / "rehearsal" / "desk.db").exists()
    assert not (tmp_path / "data" / "desk.db").exists()
    leave(qtbot, desktop)
    assert lanes().shutdown(10) == ()


def test_a_forgotten_rehearsal_begins_anew_and_the_real_office_is_one_step_away(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with contextlib.closing(found_rehearsal(Folder(tmp_path / "rehearsal"), units=1).session) as session:
        first = session.office
    desktop = start_desktop(qtbot, tmp_path)
    cover = cover_of(desktop)
    assert desktop.window.windowTitle().endswith("（演练）") and cover.sign_in.renew.isVisible()
    desktop.renew_rehearsal()
    qtbot.waitUntil(lambda: bool(desktop.window.findChildren(FirstRun)), timeout=20_000)
    wizard = desktop.window.findChildren(FirstRun)[0]
    qtbot.waitUntil(lambda: wizard.passwords is not None, timeout=30_000)
    assert wizard.passwords is not None
    with qtbot.waitSignal(desktop.opened):
        wizard.passwords.go.click()
    assert desktop.desk is not None and desktop.desk.session.office != first
    with qtbot.waitSignal(desktop.locked, timeout=20_000):
        desktop.lock()
    cover_of(desktop).sign_in.other.click()
    assert not desktop.window.windowTitle().endswith("（演练）")
    wizard = desktop.window.findChildren(FirstRun)[-1]
    wizard.welcome.back.click()
    assert desktop.window.windowTitle().endswith("（演练）")
    qtbot.waitUntil(lambda: cover_of(desktop).sign_in.state.ready, timeout=20_000)
    leave(qtbot, desktop)
    assert lanes().shutdown(10) == ()


def test_a_screen_that_cannot_be_made_leaves_the_idle_lock_armed(
    qtbot: QtBot, kit: OfficeKit, clock: Clock
) -> None:
    def broken(entry: object, desk: object, navigator: object) -> Screen:
        raise ZeroDivisionError

    desktop = Desktop(kit.folder.root, keeper=HubKeeper(no_hub), now=clock, make=broken)
    desktop.show()
    cover = cover_of(desktop)
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    cover.sign_in.choose("clerk")
    with qtbot.captureExceptions() as faults:
        cover.sign_in.unlock_requested.emit("clerk", password("clerk"))
        qtbot.waitUntil(lambda: bool(faults), timeout=20_000)
    assert faults[0][0] is ZeroDivisionError
    clock.seconds += 301
    with qtbot.waitSignal(desktop.locked, timeout=20_000):
        assert desktop.idle.check() and desktop.window.locked
    leave(qtbot, desktop)
    assert lanes().shutdown(10) == ()


def test_wrong_then_right_password_by_keyboard(qtbot: QtBot, desktop: Desktop) -> None:
    cover = cover_of(desktop)
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    cover.sign_in.choose("clerk")
    for wrong in range(1, 4):
        qtbot.keyClicks(cover.sign_in.password, "not-the-password")
        qtbot.keyClick(cover.sign_in.password, Qt.Key.Key_Return)
        assert cover.sign_in.password.text() == ""
        qtbot.waitUntil(lambda wrong=wrong: cover.sign_in.state.wrong == wrong, timeout=20_000)
    assert cover.sign_in.notice.isVisible()
    assert "恢复单" in cover.sign_in.notice.accessibleName()
    assert desktop.desk is None and desktop.window.locked
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    assert not desktop.window.locked and desktop.window.current_page == "apply"


def test_the_same_person_finds_the_form_as_it_was(qtbot: QtBot, desktop: Desktop, kit: OfficeKit) -> None:
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    screen = page(desktop, "apply")
    qtbot.keyClicks(screen.line, "half typed")
    window = desktop.window
    with qtbot.waitSignal(desktop.locked, timeout=20_000):
        qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        assert window.locked, "the cover comes at once"
        assert desktop.desk is not None and not desktop.desk.is_locked, "and the session after the draft"
    assert desktop.desk is not None and desktop.desk.is_locked
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    assert desktop.window is window and page(desktop, "apply") is screen
    assert screen.line.text() == "half typed" and window.focusWidget() is screen.line
    assert [draft.values for draft in applications.drafts(desktop.desk.session)] == [{"remark": "half typed"}]


def test_another_person_gets_a_fresh_shell(qtbot: QtBot, desktop: Desktop) -> None:
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    qtbot.keyClicks(page(desktop, "apply").line, "half typed")
    first, first_desk = desktop.window, desktop.desk
    with qtbot.waitSignal(desktop.locked, timeout=20_000):
        desktop.lock()
    sign_in(qtbot, desktop, "reviewer", password("reviewer"))
    assert desktop.window is not first and desktop.desk is not first_desk
    assert desktop.window.current_page == "review"
    assert desktop.window.screen_of("apply") is None
    with pytest.raises(KeyError):
        desktop.window.open("apply")


def test_idleness_locks_and_the_late_key_is_swallowed(qtbot: QtBot, desktop: Desktop, clock: Clock) -> None:
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    line = page(desktop, "apply").line
    clock.seconds += 299
    qtbot.keyClicks(line, "a")
    clock.seconds += 299
    assert not desktop.idle.check()
    clock.seconds += 1
    with qtbot.waitSignal(desktop.locked, timeout=20_000):
        qtbot.keyClicks(line, "b")
        assert desktop.window.locked
    assert line.text() == "a"


def test_locking_closes_open_dialogs(qtbot: QtBot, desktop: Desktop) -> None:
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    dialog = QDialog(desktop.window)
    dialog.open()
    with qtbot.waitSignal(desktop.locked, timeout=20_000):
        desktop.lock()
    assert not dialog.isVisible()


def test_a_lock_makes_the_daily_backup(qtbot: QtBot, desktop: Desktop, kit: OfficeKit) -> None:
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    with qtbot.waitSignal(desktop.locked, timeout=20_000):
        desktop.lock()
    assert newest_backup(kit.folder.backups) is not None


def test_closing_saves_first(qtbot: QtBot, kit: OfficeKit) -> None:
    desktop = start_desktop(qtbot, kit.folder.root)
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    qtbot.keyClicks(page(desktop, "apply").line, "half typed")
    leave(qtbot, desktop)
    assert lanes().shutdown(10) == ()
    session = unlock(kit.folder, "clerk", password("clerk"))
    try:
        assert [draft.values for draft in applications.drafts(session)] == [{"remark": "half typed"}]
    finally:
        session.close()


def test_navigator_opens_screens_at_things_and_refuses_what_the_role_lacks(
    qtbot: QtBot, desktop: Desktop
) -> None:
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    shell = desktop.shell
    assert shell is not None
    shell.open_case("c-1")
    assert desktop.window.current_page == "cases" and page(desktop, "cases").opened == [(("c-1",), {})]
    shell.open_form("attachment-3", unit_id="u-1")
    assert desktop.window.current_page == "change"
    assert page(desktop, "change").opened == [((), {"unit_id": "u-1", "case_id": "", "draft_id": ""})]
    shell.open_review("c-1")
    assert desktop.window.current_page == "change" and desktop.window.toast.isVisible()
    shell.open_units()
    assert page(desktop, "units").opened == []
    desktop.window.search_edited.emit("新海")
    assert page(desktop, "units").searched == ["新海"]


def test_recovery_slip_opens_and_gives_a_new_code(qtbot: QtBot, desktop: Desktop, kit: OfficeKit) -> None:
    cover = cover_of(desktop)
    qtbot.waitUntil(lambda: cover.sign_in.state.ready, timeout=20_000)
    cover.sign_in.choose("clerk")
    cover.sign_in.recover.click()
    cover.recover.code.setText(kit.recovery["clerk"].lower().replace("-", " "))
    cover.recover.new.setText("a new password")
    cover.recover.again.setText("another password")
    cover.recover.go.click()
    assert cover.recover.notice.isVisible() and cover.recover.again.text() == ""
    cover.recover.again.setText("a new password")
    cover.recover.go.click()
    qtbot.waitUntil(lambda: cover.slips is not None, timeout=20_000)
    assert cover.slips is not None and not cover.slips.done.isEnabled()
    cover.slips.kept.setChecked(True)
    with qtbot.waitSignal(desktop.opened):
        cover.slips.done.click()
    with qtbot.waitSignal(desktop.locked, timeout=20_000):
        desktop.lock()
    sign_in(qtbot, desktop, "clerk", "a new password")


def test_a_damaged_keyring_says_so_and_offers_the_backup(qtbot: QtBot, kit: OfficeKit) -> None:
    kit.folder.keyring.write_text("{")
    desktop = start_desktop(qtbot, kit.folder.root)
    cover = cover_of(desktop)
    qtbot.waitUntil(lambda: cover.sign_in.notice.isVisible(), timeout=20_000)
    assert not cover.sign_in.unlock.isEnabled() and cover.sign_in.restore.isEnabled()
    leave(qtbot, desktop)
    assert lanes().shutdown(10) == ()


def test_first_paint_needs_neither_store_nor_keys() -> None:
    program = (
        "import sys; import ui.start, ui.application, ui.desktop;"
        "print([name for name in ('sqlalchemy', 'sqlcipher3', 'cryptography', 'reportlab', 'PIL', "
        " 'pypdfium2', 'alembic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_second_window_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = QLockFile(str(lock_file(tmp_path / "data")))
    first.setStaleLockTime(0)
    assert first.tryLock(0)
    second = QLockFile(str(lock_file(tmp_path / "data")))
    second.setStaleLockTime(0)
    assert not second.tryLock(0)
    first.unlock()
    assert second.tryLock(0)
    second.unlock()


def test_the_program_runs_and_leaves_a_private_folder(tmp_path: Path) -> None:
    root = tmp_path / "data"
    program = (
        "import sys; from PySide6.QtCore import QTimer; from ui.desktop import Desktop\n"
        "from ui.start import open_window\n"
        "shown = Desktop.show\n"
        "def show(self):\n"
        "    shown(self)\n"
        "    QTimer.singleShot(0, self, lambda: QTimer.singleShot(0, self, self.window.close))\n"
        "Desktop.show = show\n"
        "sys.exit(open_window(arguments=['--data', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert root.stat().st_mode & 0o777 == 0o700
    assert (root / "window.txt").exists() and not (root / "keyring.json").exists()


def test_theme_names() -> None:
    assert (theme_name("light"), theme_name("dark")) == ("light", "dark")
    assert theme_name("system") in ("light", "dark")


def test_pages_are_made_only_when_opened(qtbot: QtBot, desktop: Desktop) -> None:
    sign_in(qtbot, desktop, "clerk", password("clerk"))
    assert desktop.window.screen_of("settings") is None
    qtbot.keyClick(desktop.window, Qt.Key.Key_F1)
    assert desktop.window.current_page == "help"
