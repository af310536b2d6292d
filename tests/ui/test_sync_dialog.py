"""The exchange's dialog on a real hub: pausing is remembered, halts are said and ended, the stick carries."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.services import sync, units
from core.services.hub_link import request_fingerprint
from core.services.offices import enrolment_request
from core.services.session import Session
from core.settings import Settings
from hub import stick as at_hub
from hub.enrolments import accept
from tests.core.services.office_kit import OfficeKit, invented_units, open_kit
from tests.core.services.real_hub import lost, open_real_hub
from tests.ui.sync_room import SyncRoom, opened
from ui.desk import Desk
from ui.screens.claim.ops import push
from ui.stick_dialog import StickDialog
from ui.sync_dialog import SyncDialog
from ui.sync_strip import REGULAR_SECONDS
from ui.sync_view import SCANS, SyncView, age_words, chip_of, progress_words
from ui.task import lanes
from ui.widgets.confirm import Question


class Led:
    """Hears where the dialog leads."""

    def __init__(self) -> None:
        self.refusals = 0

    def open_refusals(self, item_id: str = "") -> None:
        self.refusals += 1


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], SyncRoom]]:
    held: list[object] = []

    def make(login: str) -> SyncRoom:
        context = opened(qtbot, tmp_path, login)
        held.append(context)
        return context.__enter__()

    yield make
    for context in held:
        context.__exit__(None, None, None)  # type: ignore[attr-defined]


def _dialog(room: SyncRoom, answers: list[Question] | None = None, led: Led | None = None) -> SyncDialog:
    def agreed(parent: QWidget | None, question: Question) -> bool:
        if answers is not None:
            answers.append(question)
        return True

    dialog = SyncDialog(None, room.strip, led, ask_first=agreed)  # type: ignore[arg-type]
    room.qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def _register(session: Session, at: int) -> str:
    return units.register_unit(session, invented_units()[at].values)


def test_pausing_is_remembered_stops_what_runs_by_itself_and_f5_still_syncs(
    room: Callable[[str], SyncRoom],
) -> None:
    here = room("clerk")
    dialog = _dialog(here)
    here.strip.resume()
    here.until(lambda: here.strip.view.last_sync and not here.strip.view.running)
    here.quiet()
    here.qtbot.mouseClick(dialog.pausing, Qt.MouseButton.LeftButton)
    here.until(lambda: here.strip.view.paused)
    assert chip_of(here.strip.view).text == "同步已暂停" and dialog.pausing.text() == "恢复自动同步"
    said = len(here.world.real.said)
    here.desk.act(here.strip, lambda session, *_: _register(session, 0)).start("store")
    here.until(lambda: here.strip.view.pending == 1)
    here.strip._automatic()
    here.quiet()
    assert len(here.world.real.said) == said, "nothing goes by itself"
    assert chip_of(here.strip.view).text == "同步已暂停 · 1 条待同步"
    with here.kit.sit("clerk") as again:
        assert sync.status(again).paused, "remembered"
    assert push(here.desk.session, here.world.real.port) == 0, "the claim page does not push either"
    assert len(here.world.real.said) == said
    here.qtbot.keyClick(dialog, Qt.Key.Key_F5)
    here.until(lambda: here.strip.view.pending == 0 and not here.strip.view.running)
    assert len(here.world.real.said) > said and here.strip.view.paused
    here.qtbot.mouseClick(dialog.pausing, Qt.MouseButton.LeftButton)
    here.until(lambda: not here.strip.view.paused)
    here.quiet()


def test_new_work_goes_by_itself_and_so_does_the_next_cycle(room: Callable[[str], SyncRoom]) -> None:
    here = room("clerk")
    here.strip.resume()
    here.until(lambda: here.strip.view.last_sync and not here.strip.view.running)
    here.quiet()
    assert here.strip._regular.isActive() and here.strip._regular.interval() == REGULAR_SECONDS * 1000
    here.desk.act(here.strip, lambda session, *_: _register(session, 0)).start("store")
    here.until(lambda: here.strip.view.pending == 1)
    here.until(lambda: here.strip.view.pending == 0 and not here.strip.view.running)
    here.quiet()
    # Nothing new: the regular cycle brings what another desk did.
    said = len(here.world.real.said)
    here.strip._regular.start(1)
    here.until(lambda: len(here.world.real.said) > said and not here.strip.view.running)
    here.quiet()


def test_a_hub_that_comes_back_is_found_without_anybodys_doing(room: Callable[[str], SyncRoom]) -> None:
    here = room("clerk")
    wire, here.world.real.wire = here.world.real.wire, lost
    here.strip.resume()
    here.until(lambda: here.strip.view.fault is not None and here.strip._task is None)
    waits = [here.strip._regular.interval()]
    here.strip._regular.start(1)
    here.until(lambda: here.strip._failures == 2 and here.strip._task is None)
    waits.append(here.strip._regular.interval())
    assert waits == [5_000, 10_000]
    here.world.real.wire = wire
    here.strip._regular.start(1)
    here.until(lambda: here.strip.view.fault is None and here.strip.view.pending == 0)
    here.quiet()
    assert here.strip._failures == 0 and here.strip._regular.interval() == REGULAR_SECONDS * 1000


def _fork(kit: OfficeKit, sync_here: Callable[[], None]) -> None:
    """An old copy of the data folder is put back after the hub took what came later."""
    copy = kit.folder.root.with_name("before")
    shutil.copytree(kit.folder.root, copy)
    with kit.sit("clerk") as clerk:
        _register(clerk, 0)
    sync_here()
    shutil.rmtree(kit.folder.root)
    copy.rename(kit.folder.root)
    with kit.sit("clerk") as clerk:
        _register(clerk, 1)


@pytest.mark.parametrize("login", ["admin", "clerk"])
def test_a_fork_is_said_plainly_and_an_administrator_goes_on_as_a_new_generation(
    qtbot: QtBot, tmp_path: Path, login: str
) -> None:
    with opened(qtbot, tmp_path, login) as here:
        here.desk.lock()

        def whole() -> None:
            with here.kit.sit("clerk") as clerk:
                sync.sync(clerk, here.world.real.port)

        whole()
        _fork(here.kit, whole)
        here.desk.unlock_with(here.kit.open(login), None)
        asked: list[Question] = []
        led = Led()
        dialog = _dialog(here, asked, led)
        here.strip.resume()
        here.until(lambda: here.strip.view.halt == "chain_forked" and not here.strip.view.running)
        assert chip_of(here.strip.view).text.startswith("同步已停止")
        assert "以新一代继续" in dialog.notice.accessibleName() and "管理员" in dialog.notice.accessibleName()
        assert dialog.go_on.isVisible() == (login == "admin")
        if login != "admin":
            return
        here.qtbot.keyClick(dialog.go_on, Qt.Key.Key_Return)
        here.until(lambda: here.strip.view.open_refusals == 1 and not here.strip.view.halt)
        assert "1 条记录" in asked[0].details[0] and "退回事项" in asked[0].details[0] and asked[0].danger
        here.quiet()
        assert here.strip.view.fault is None
        assert "退回事项" in dialog.said.accessibleName()
        here.qtbot.keyClick(dialog.settle, Qt.Key.Key_Return)
        assert led.refusals == 1 and not dialog.isVisible()


@pytest.mark.parametrize("login", ["admin", "clerk"])
def test_records_that_differ_are_compared_anew_on_an_administrators_word(
    qtbot: QtBot, tmp_path: Path, login: str
) -> None:
    with opened(qtbot, tmp_path, login) as here:
        here.strip.sync_now()
        here.until(lambda: here.strip.view.last_sync and not here.strip.view.running)
        here.quiet()
        with here.kit.sit("clerk") as clerk, clerk.begin() as uow:
            good = uow.find_meta("log_edge") or ""
            uow.set_meta("log_edge", good[:-2] + ("00" if good[-2:] != "00" else "11"))
        dialog = _dialog(here)
        here.strip.sync_now()
        here.until(lambda: here.strip.view.halt == "log_diverged" and not here.strip.view.running)
        assert dialog.go_on.isVisible() == (login == "admin")
        if login != "admin":
            return
        assert dialog.go_on.text() == "重新核对"
        here.qtbot.keyClick(dialog.go_on, Qt.Key.Key_Return)
        here.until(lambda: not here.strip.view.halt and not here.strip.view.running)
        here.quiet()
        assert here.strip.view.fault is None and not dialog.go_on.isVisible()


def test_the_stick_carries_there_and_back(room: Callable[[str], SyncRoom]) -> None:
    here = room("clerk")
    here.world.real.wire = lost
    with here.kit.sit("clerk") as clerk:
        here.kit.ready_case(clerk)
        pending = sync.status(clerk).pending
    dialog = _dialog(here)
    here.qtbot.mouseClick(dialog.stick, Qt.MouseButton.LeftButton)
    stick = dialog.stick_dialog
    assert isinstance(stick, StickDialog) and not stick.export.isEnabled()
    stick.folder.setText(str(here.world.usb / "gone"))
    here.qtbot.keyClick(stick.export, Qt.Key.Key_Return)
    here.until(stick.outcome.isVisible)
    assert "U 盘" in stick.outcome.accessibleName() and "请插好" in stick.outcome.accessibleName()
    stick.folder.setText(str(here.world.usb))
    here.qtbot.keyClick(stick.export, Qt.Key.Key_Return)
    here.until(lambda: "已写入" in stick.outcome.accessibleName() and stick.export.isEnabled())
    assert f"记录 {pending} 条，扫描件 1 份" in stick.outcome.accessibleName()
    here.world.at_hub()
    here.qtbot.keyClick(stick.take, Qt.Key.Key_Return)
    here.until(lambda: "已收取" in stick.outcome.accessibleName() and stick.take.isEnabled())
    assert "本机记录已全部上传" in stick.outcome.accessibleName()
    with here.kit.sit("clerk") as clerk:
        assert sync.status(clerk).pending == 0
    here.quiet()


def test_an_office_without_certificate_asks_for_it_by_stick(qtbot: QtBot, tmp_path: Path) -> None:
    kit = open_kit(tmp_path)
    real = open_real_hub(tmp_path, kit)
    desk = Desk(Settings())
    desk.unlock_with(kit.open("admin"), None)
    stick = StickDialog(None, desk)
    qtbot.addWidget(stick)
    stick.show()
    usb = tmp_path / "usb"
    usb.mkdir()
    stick.folder.setText(str(usb))
    try:
        stick.run_import()
        qtbot.waitUntil(stick.outcome.isVisible, timeout=20_000)
        assert "没有同步数据" in stick.outcome.accessibleName()
        stick.run_export()
        qtbot.waitUntil(lambda: "接入申请指纹" in stick.outcome.accessibleName(), timeout=20_000)
        assert request_fingerprint(desk.session) in stick.outcome.accessibleName()
        stick.run_import()
        qtbot.waitUntil(
            lambda: "核准" in stick.outcome.accessibleName() and stick._task is None, timeout=20_000
        )
        assert "设置中" not in stick.outcome.accessibleName()
        accept(real.hub, enrolment_request(desk.session), False)
        at_hub.import_stick(real.hub, usb)
        stick.run_import()
        qtbot.waitUntil(lambda: "已核准接入" in stick.outcome.accessibleName(), timeout=20_000)
    finally:
        qtbot.waitUntil(lambda: not lanes()._running, timeout=20_000)
        assert lanes().shutdown(20) == ()
        desk.lock()
        kit.close()
        real.close()


def test_closing_the_stick_dialog_stops_what_it_does(room: Callable[[str], SyncRoom]) -> None:
    here = room("clerk")
    stick = StickDialog(None, here.desk)
    here.qtbot.addWidget(stick)
    stick.show()
    stick.folder.setText(str(here.world.usb))
    stick.run_export()
    task = stick._task
    assert task is not None and stick.stop.isVisible() and not stick.take.isEnabled()
    here.qtbot.keyClick(stick, Qt.Key.Key_Escape)
    assert task._token.cancelled
    here.quiet()


def test_a_locked_desk_says_so(qtbot: QtBot, room: Callable[[str], SyncRoom]) -> None:
    here = room("clerk")
    locked = Desk(here.desk.settings)
    stick = StickDialog(None, locked)
    qtbot.addWidget(stick)
    stick.show()
    stick.folder.setText(str(here.world.usb))
    stick.run_export()
    here.until(stick.outcome.isVisible)
    assert stick.outcome.accessibleName() and stick.export.isEnabled()


def test_records_and_scans_are_counted_and_a_stop_ends_the_cycle(room: Callable[[str], SyncRoom]) -> None:
    here = room("clerk")
    with here.kit.sit("clerk") as clerk:
        here.kit.scan_case(clerk, here.kit.ready_case(clerk), b"\x89PNG\r\n\x1a\n" + bytes(3 << 20))
    dialog = _dialog(here)
    seen: list[SyncView] = []
    here.strip.changed.connect(seen.append)
    dialog.again.setFocus()
    here.qtbot.keyClick(dialog.again, Qt.Key.Key_Return)
    assert dialog.stop.isVisible() and not dialog.again.isEnabled()
    here.qtbot.keyClick(dialog.stop, Qt.Key.Key_Return)
    here.quiet()
    here.until(lambda: not here.strip.view.running)
    assert here.strip.view.fault is None and dialog.again.isEnabled()
    here.strip.sync_now()
    here.until(lambda: not here.strip.view.running and here.strip.view.pending == 0)
    here.quiet()
    assert any(view.stage == SCANS and view.total > 1 << 20 for view in seen)
    assert here.strip.view.scans_waiting == 0


def test_words_of_age_and_share() -> None:
    assert age_words(None, "stale") and "5 天" in age_words(5, "stale") and age_words(None, "") == ""
    scans = SyncView(linked=True, running=True, stage=SCANS, done=3 << 40, total=4 << 40)
    assert "75%" in progress_words(scans) and chip_of(scans).text == "正在传扫描件 75%"
    for view in (
        SyncView(halt="epoch_old", admin=True, linked=True, enrolled=True),
        SyncView(halt="log_diverged", admin=True, linked=True, enrolled=True),
    ):
        assert view.remedy and chip_of(view).tone == "bad"
    assert SyncView(halt="device_revoked", admin=True).remedy == ""
    assert SyncView(halt="chain_forked").remedy == ""
