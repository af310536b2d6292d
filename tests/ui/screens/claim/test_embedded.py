"""The page with the product's own embedded hub: a process of its own, the machine's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.clock import system_clock
from core.keys.keyring import Keyring
from core.services.embedded_hub import EmbeddedHub, start_embedded
from core.services.rehearsal import found_rehearsal
from core.services.session import Folder, Ports
from core.settings import Settings
from tests.core.services.office_kit import MovableClock, OfficeKit
from tests.hub.wallet import Wallet
from tests.ui.screens.claim.room import Answers, Calls, Hands, shell, wait
from ui.desk import Desk
from ui.screens.claim.screen import ClaimScreen
from ui.screens.claim.state import Phase
from ui.task import lanes

LOGINS = {"clerk": "演练受理", "reviewer": "演练审核"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[OfficeKit, EmbeddedHub, Desk]]:
    folder = Folder(tmp_path / "office")
    rehearsal = found_rehearsal(folder, units=1)
    running = start_embedded(rehearsal.session)
    passwords = {each.login: each.password for each in rehearsal.people}
    keyring = Keyring.load(folder.keyring)
    unlocked = {name: keyring.unlock(login, passwords[login]) for name, login in LOGINS.items()}
    kit = OfficeKit(folder, MovableClock(datetime.now(UTC)), Ports(), unlocked, {})
    desk = Desk(Settings())
    yield kit, running, desk
    spent = 0
    while lanes()._running and spent < 10_000:
        wait(10)
        spent += 10
    desk.lock()
    lanes().shutdown(10)
    running.stop()
    rehearsal.session.close()
    kit.close()


@pytest.mark.slow
def test_offline_approval_reaches_the_hub_and_the_phone_its_certificate(
    qtbot: QtBot, office: tuple[OfficeKit, EmbeddedHub, Desk]
) -> None:
    kit, running, desk = office
    case = kit.approved_case()
    desk.unlock_with(kit.open("clerk"), running.hub)
    screen = ClaimScreen(desk, Calls(), now=Hands(), second_ms=50, ask_first=Answers())
    window = shell(screen, "领取码")
    qtbot.addWidget(window)
    window.show()
    screen.open(case)
    chosen = screen.choosing
    qtbot.waitUntil(lambda: chosen.facts is not None and chosen.facts.sent == "recorded", timeout=15_000)
    screen.mint()
    qtbot.waitUntil(lambda: screen._phase() is Phase.LIVE)
    if screen.display.full is not None:
        screen.display.full.reject()
    kept = screen.codes.of(case)
    assert kept is not None and chosen.facts is not None and chosen.facts.loopback
    said = screen.front.code.note.accessibleName()
    assert "这台电脑" in said, "it must not promise what a phone cannot reach"
    Wallet(chosen.facts.issuer, system_clock).claim(kept.minted.code, kept.minted.pin)
    qtbot.waitUntil(lambda: screen._phase() is Phase.ISSUED, timeout=15_000)
    qtbot.waitUntil(lambda: chosen.facts is not None and chosen.facts.claimed, timeout=15_000)
    screen.watch.follower.stop()
