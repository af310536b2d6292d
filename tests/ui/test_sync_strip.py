"""The exchange as the window sees it: a hub that is gone blocks nothing, says the remedy, is asked again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.errors import EnvironmentFault
from core.services import units
from core.services.hub_link import choose_embedded, remember_hub
from core.services.session import Session
from core.settings import Settings
from core.sync.http_hub import HttpHub
from tests.core.services.office_kit import OfficeKit, invented_units, open_kit
from tests.ui.desktop_kit import Clock
from ui.desk import Desk
from ui.hub_keeper import Connected, HubKeeper
from ui.idle import IdleWatch
from ui.messages import Message
from ui.sync_dialog import SyncDialog
from ui.sync_strip import SyncStrip
from ui.sync_view import SyncView, chip_of, clock_words, headline, icon_of, wait_after
from ui.task import lanes


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class FakeRunning:
    """An embedded hub whose life is in the test's hand; nothing listens at its address."""

    def __init__(self) -> None:
        self.alive = True
        self.stopped = 0

    @property
    def hub(self) -> HttpHub:
        return HttpHub(f"http://127.0.0.1:{closed_port()}", plain_http=True)

    def running(self) -> bool:
        return self.alive

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


@pytest.fixture
def desk(qtbot: QtBot, kit: OfficeKit) -> Iterator[Desk]:
    made = Desk(Settings())
    made.unlock_with(kit.open("clerk"), None)
    yield made
    qtbot.waitUntil(lambda: not lanes()._running, timeout=20_000)
    assert lanes().shutdown(20) == ()
    made.lock()


def settled(qtbot: QtBot, strip: SyncStrip) -> None:
    qtbot.waitUntil(lambda: not strip.view.running and strip._task is None, timeout=20_000)


def test_a_hub_that_is_gone_shows_the_remedy_and_blocks_nothing(
    qtbot: QtBot, desk: Desk, kit: OfficeKit
) -> None:
    with kit.sit("admin") as admin:
        remember_hub(admin, f"http://127.0.0.1:{closed_port()}", plain_http=True)
    strip = SyncStrip(desk, HubKeeper())
    strip.resume()
    settled(qtbot, strip)
    qtbot.waitUntil(lambda: strip.view.pending > 0, timeout=20_000)
    assert strip.view.fault is not None and strip.view.fault.whole()
    assert chip_of(strip.view).text.startswith("离线可用") and chip_of(strip.view).tone == "warn"
    pending = strip.view.pending
    # Work goes on, and is counted.
    done: list[str] = []
    desk.act(
        strip, lambda session, progress, cancel: units.register_unit(session, invented_units()[0].values)
    ).on_success(done.append).start("store")
    qtbot.waitUntil(lambda: bool(done) and strip.view.pending == pending + 1, timeout=20_000)
    assert not strip.view.running, "the back-off decides when it is asked again, not every change"
    strip.sync_now()
    assert strip.view.running
    settled(qtbot, strip)
    strip.pause()


class BusyKeeper(HubKeeper):
    """A hub that has no turn for this desk until the test says so."""

    busy = True

    def connect(self, session: Session) -> Connected:
        if self.busy:
            raise EnvironmentFault("hub_busy", seconds=7)
        return super().connect(session)


def test_a_busy_hub_is_no_fault_and_is_asked_again_when_it_said(
    qtbot: QtBot, desk: Desk, kit: OfficeKit
) -> None:
    with kit.sit("admin") as admin:
        remember_hub(admin, f"http://127.0.0.1:{closed_port()}", plain_http=True)
    keeper = BusyKeeper()
    strip = SyncStrip(desk, keeper)
    strip.resume()
    settled(qtbot, strip)
    for _ in range(3):  # it waits as told each time, not longer and longer
        qtbot.waitUntil(lambda: strip.view.pending > 0, timeout=20_000)
        assert (strip.view.busy, strip.view.fault, strip.view.halt) == (7, None, "")
        assert strip._regular.isActive() and strip._regular.interval() == 7_000
        assert chip_of(strip.view).text.startswith("平台繁忙，稍后继续 · ")
        assert chip_of(strip.view).tone == "accent" and icon_of(strip.view) == "refresh"
        assert "没有丢失" in headline(strip.view)
        strip.sync_now()
        settled(qtbot, strip)
    keeper.busy = False
    strip.sync_now()
    settled(qtbot, strip)
    assert strip.view.busy == 0 and strip.view.fault is not None, "gone is something else, and said"
    strip.pause()


def test_an_office_without_hub_says_so(qtbot: QtBot, desk: Desk) -> None:
    strip = SyncStrip(desk, HubKeeper())
    strip.resume()
    settled(qtbot, strip)
    qtbot.waitUntil(lambda: strip.view.pending > 0, timeout=20_000)
    assert not strip.view.linked and strip.view.fault is None
    assert chip_of(strip.view).text.startswith("单机办理")
    strip.pause()


def test_pausing_drops_the_cycle_and_a_locked_desk_is_not_asked(
    qtbot: QtBot, desk: Desk, kit: OfficeKit
) -> None:
    strip = SyncStrip(desk, HubKeeper())
    strip.resume()
    strip.pause()
    assert not strip.view.running
    desk.lock()
    strip.sync_now()
    strip.refresh()
    assert not strip.view.running


def test_the_embedded_hub_is_started_once_and_again_when_it_died(
    qtbot: QtBot, desk: Desk, kit: OfficeKit
) -> None:
    with kit.sit("admin") as admin:
        choose_embedded(admin)
    woken: list[FakeRunning] = []

    def wake(session: Session) -> FakeRunning:
        woken.append(FakeRunning())
        return woken[-1]

    keeper = HubKeeper(wake)
    for _ in range(2):
        with pytest.raises(EnvironmentFault, match="hub_unreachable"):
            keeper.connect(desk.session)
    assert len(woken) == 1 and not keeper.died()
    woken[0].alive = False
    assert keeper.died()
    with pytest.raises(EnvironmentFault):
        keeper.connect(desk.session)
    assert len(woken) == 2 and woken[0].stopped == 1
    keeper.stop()
    assert woken[1].stopped == 1 and not keeper.died()


def test_the_dialog_names_state_remedy_and_fingerprint(qtbot: QtBot, desk: Desk) -> None:
    strip = SyncStrip(desk, HubKeeper())
    dialog = SyncDialog(None, strip)
    qtbot.addWidget(dialog)
    dialog.show()
    fault = Message("", "连不上平台。", "请检查网络")
    dialog.show_view(SyncView(linked=True, enrolled=True, pending=3, fault=fault))
    assert "请检查网络" in dialog.notice.accessibleName() and "3" in dialog.facts.text()
    assert dialog.again.isEnabled() and not dialog.stop.isVisible()
    dialog.show_view(SyncView(linked=True, running=True, done=2, total=5))
    assert dialog.stop.isVisible() and not dialog.again.isEnabled()
    dialog.show_view(SyncView(linked=True, fingerprint="aaaa-bbbb"))
    assert "aaaa-bbbb" in dialog.notice.accessibleName()


def test_words_of_every_state() -> None:
    stamp = "2026-11-23T02:05:00.000Z"
    fault = Message("", "x")
    states = {
        "正在同步 2/5": SyncView(linked=True, running=True, done=2, total=5),
        "1 条被退回 · 2 条待同步": SyncView(linked=True, enrolled=True, rejected=1, pending=2),
        "单机办理": SyncView(),
        "离线可用 · 3 条待同步": SyncView(linked=True, enrolled=True, pending=3, fault=fault),
        "平台繁忙，稍后继续 · 3 条待同步": SyncView(linked=True, enrolled=True, pending=3, busy=5),
        "等待上级核准": SyncView(linked=True),
        "待同步 3 条": SyncView(linked=True, enrolled=True, pending=3),
        "已同步 10:05": SyncView(linked=True, enrolled=True, last_sync=stamp),
    }
    for words, view in states.items():
        assert chip_of(view).text == words
        assert headline(view) and icon_of(view)
    assert clock_words(stamp) == "11-23 10:05" and clock_words("") == ""


def test_waiting_doubles_up_to_five_minutes() -> None:
    assert [wait_after(n) for n in (1, 2, 3, 7, 50)] == [5, 10, 20, 300, 300]


def test_idle_watch_reads_the_wall_clock_and_never_waits_longer_than_five_minutes(qtbot: QtBot) -> None:
    clock, parent, heard = Clock(), QObject(), []
    watch = IdleWatch(parent, 60, clock)
    watch.idle.connect(lambda: heard.append(1))
    widget = QWidget()
    qtbot.addWidget(widget)
    key = QKeyEvent(QEvent.Type.KeyPress, 0x41, Qt.KeyboardModifier.NoModifier)
    clock.seconds += 10_000
    assert not watch.check(), "not armed"
    watch.arm()
    clock.seconds += 300
    assert watch.eventFilter(widget, key) and heard == [1], "the late key is swallowed"
    assert not watch.eventFilter(widget, key), "locked already: keys belong to the cover"
    watch.arm()
    clock.seconds -= 9_000
    assert not watch.eventFilter(widget, key) and not watch.check()
    clock.seconds += 301
    assert watch.check() and heard == [1, 1]
