"""Pictures of the ways in, the settings and the manual: ``python tests/ui/gallery_start.py OUT``."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from core.records.people import Role
from core.services.rehearsal import Trainee
from tests.core.services.office_kit import open_kit, password
from tests.ui.desktop_kit import no_hub, plain_or_real
from ui.application import make_application
from ui.desktop import Desktop
from ui.hub_keeper import HubKeeper
from ui.main_window import MainWindow
from ui.messages import Message
from ui.screens.first_run.office_pages import HubChoice
from ui.screens.first_run.pages import Passwords
from ui.screens.first_run.person_dialog import PersonDialog
from ui.screens.first_run.screen import FirstRun
from ui.screens.first_run.slips import Slips
from ui.screens.first_run.state import PersonDraft
from ui.screens.settings.screen import SECTIONS, SettingsScreen
from ui.screens.unlock.screen import UnlockCover
from ui.sync_dialog import SyncDialog
from ui.sync_view import SyncView
from ui.task import Progress, lanes
from ui.theme import theme

PLAIN = (("1366", 1366, 768, "light", 14),)
ALL = (
    *PLAIN,
    ("1920", 1920, 1080, "light", 14),
    ("dark", 1366, 768, "dark", 14),
    ("large", 1366, 768, "light", 20),
)


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def until(done: Callable[[], bool], tries: int = 400) -> None:
    for _ in range(tries):
        if done():
            return
        wait(50)
    raise RuntimeError("did not happen")


def shoot(widget: QWidget, place: Path) -> None:
    wait(150)
    widget.grab().save(str(place))
    print(place)


def covers(out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow("证窗")
        wizard = FirstRun(Path(folder), Path(folder) / "rehearsal")
        window.lock(wizard)
        window.show()
        for name, width, height, look, base in ALL:
            theme().apply(look, base)  # type: ignore[arg-type]
            window.resize(width, height)
            shoot(window, out / f"first-run-{name}.png")
        theme().apply("light", 14)
        window.resize(1366, 768)
        wizard.working.begin("正在准备演练", "建立虚构的机关和人员，录入虚构单位，约需几秒。", may_stop=True)
        wizard.working.advance(Progress(175, 300, "已录入 175 / 300 家虚构单位"))
        wizard.setCurrentWidget(wizard.working)
        shoot(window, out / "first-run-working.png")
        people = [
            Trainee("演练受理", "陈演", Role.CLERK, "kwmt4821"),
            Trainee("演练审核", "李练", Role.REVIEWER, "pzra7305"),
        ]
        passwords = Passwords(people)
        wizard.addWidget(passwords)
        wizard.setCurrentWidget(passwords)
        shoot(window, out / "first-run-passwords.png")
        wizard.welcome.found.click()
        assert wizard.office and wizard.people and wizard.hub
        wizard.office.search.setText("澄")
        wizard.office._fill("澄")
        shoot(window, out / "first-run-office.png")
        wizard.office.next.click()
        wizard.people.put(PersonDraft("主任", "演示甲", frozenset({"admin"}), "x" * 8, "x" * 8))
        wizard.people.put(PersonDraft("窗口一", "演示乙", frozenset({"clerk"}), "x" * 8, "x" * 8))
        shoot(window, out / "first-run-people.png")
        dialog = PersonDialog(window, "添加人员", [], ("clerk",))
        dialog.confirm.click()
        dialog.show()
        shoot(dialog, out / "first-run-person.png")
        dialog.close()
        wizard.people.next.click()
        hub: HubChoice = wizard.hub
        hub.next.click()
        shoot(window, out / "first-run-hub.png")
        codes = {name: "7H2K-93MD-XQ4T-0WZR-58CN-JVEP-6YAF" for name in ("主任", "窗口一", "审核一")}
        slips = Slips(codes, lambda login, code: b"")
        wizard.addWidget(slips)
        wizard.setCurrentWidget(slips)
        shoot(window, out / "first-run-slips.png")
        window.close()


def desk(out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kit = open_kit(Path(folder))
        desktop = Desktop(kit.folder.root, keeper=HubKeeper(no_hub), make=plain_or_real)
        desktop.show()
        cover = desktop.window.findChildren(UnlockCover)[0]
        until(lambda: cover.sign_in.state.ready)
        for name, width, height, look, base in ALL:
            theme().apply(look, base)  # type: ignore[arg-type]
            desktop.window.resize(width, height)
            shoot(desktop.window, out / f"unlock-{name}.png")
        theme().apply("light", 14)
        desktop.window.resize(1366, 768)
        cover.sign_in.show_state(
            replace(cover.sign_in.state, problem=Message("", "密码不对。", "请重新输入。"), wrong=3)
        )
        shoot(desktop.window, out / "unlock-wrong.png")
        cover.sign_in.recover.click()
        shoot(desktop.window, out / "unlock-recover.png")
        cover.recover.back.click()
        cover.sign_in.restore.click()
        shoot(desktop.window, out / "unlock-restore.png")
        cover.restore.back.click()
        cover.sign_in.choose("admin")
        cover.sign_in.password.setText(password("admin"))
        cover.sign_in.unlock.click()
        until(lambda: desktop.shell is not None)
        assert desktop.desk is not None and desktop.shell is not None and desktop.strip is not None
        desktop.desk.change_settings(
            desktop.desk.settings.changed(
                phone_program_url="https://example.invalid/app", office_phone="0898-00000000"
            )
        )
        screen = desktop.window.open("settings")
        assert isinstance(screen, SettingsScreen)
        for key, _, _ in SECTIONS:
            screen.open(key)
            wait(900)
            desktop.window.toast.hide()
            for name, width, height, look, base in ALL if key in ("people", "papers", "look") else PLAIN:
                theme().apply(look, base)  # type: ignore[arg-type]
                desktop.window.resize(width, height)
                shoot(desktop.window, out / f"settings-{key}-{name}.png")
            theme().apply("light", 14)
            desktop.window.resize(1366, 768)
        desktop.window.open("help")
        for name, width, height, look, base in ALL:
            theme().apply(look, base)  # type: ignore[arg-type]
            desktop.window.resize(width, height)
            shoot(desktop.window, out / f"help-{name}.png")
        theme().apply("light", 14)
        dialog = SyncDialog(desktop.window, desktop.strip)
        gone = Message("", "连不上平台。", "请检查网络；窗口照常办理，恢复后自动补传")
        dialog.show_view(SyncView(True, True, 3, "2026-11-23T02:00:00.000Z", fault=gone, embedded=True))
        dialog.show()
        shoot(dialog, out / "sync-gone.png")
        dialog.close()
        desktop.window.close()
        until(lambda: desktop.desk is None)


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    make_application(catch_faults=False)
    covers(out)
    desk(out)
    lanes().shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "gallery"))
