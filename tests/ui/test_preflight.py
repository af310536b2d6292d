"""The line before something begins: silent while all is fresh, plain when it is not, never in the way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.screens.settings.test_settings import Nav
from tests.ui.sync_room import opened
from ui.preflight import PreFlight, preflight_words
from ui.screens.application.screen import make as application
from ui.screens.claim.screen import ClaimScreen
from ui.screens.review.screen import make as review


def test_it_speaks_when_knowledge_is_old_and_falls_silent_after_a_sync(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path, "clerk") as here:
        line = PreFlight(here.desk)
        qtbot.addWidget(line)
        here.until(line.isVisible)
        assert "还没有与平台同步过" in line.accessibleName()
        qtbot.keyClick(line.sync, Qt.Key.Key_Return)
        assert "已开始同步" in line.accessibleName()
        here.until(lambda: not line.isVisible())
        here.quiet()
        here.kit.clock.move(days=2, hours=1)
        line.look()
        here.until(line.isVisible)
        assert "2 天前" in line.accessibleName() and line.property("tone") == "accent"
        here.kit.clock.move(days=3)
        here.desk.changed.emit()
        here.until(lambda: "5 天前" in line.accessibleName())
        assert line.property("tone") == "warn"
        here.quiet()


def test_words() -> None:
    assert preflight_words(0, "fresh") == preflight_words(None, "") == ""
    assert "照常办理" in preflight_words(1, "old") and preflight_words(None, "stale")


def test_it_stands_where_a_case_begins_and_a_code_is_made_and_blocks_nothing(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with opened(qtbot, tmp_path, "clerk") as here:
        case = here.kit.approved_case()
        start = application(here.desk, Nav(), "attachment-1")
        claim, approving = ClaimScreen(here.desk, Nav()), review(here.desk, Nav())
        for screen in (start, claim, approving):
            qtbot.addWidget(screen)
            screen.show()
            screen.on_shown()
        here.until(lambda: start.preflight.isVisible() and approving.preflight.isVisible())
        claim.open(case)
        here.until(lambda: claim.front.preflight.isVisible() and claim.front.ready.mint.isEnabled())
        claim.mint()
        here.until(claim.front.code.isVisible)
        assert not claim.front.preflight.isVisible(), "a live code needs the room"
        claim.close()
        approving.close()
        here.quiet()
