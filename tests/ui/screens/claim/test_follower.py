"""Asking the hub: one question at a time, no answer of an old code, silence when told."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.errors import EnvironmentFault
from ui.screens.claim.follower import Failed, Follower, Told
from ui.screens.claim.state import Progress


class Hub:
    """Keeps the questions; a test answers them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Told, Failed]] = []

    def __call__(self, jti: str, told: Told, failed: Failed) -> None:
        self.asked.append((jti, told, failed))


def test_the_next_question_follows_the_answer(qtbot: QtBot) -> None:
    hub, heard = Hub(), []
    follower = Follower(hub, 1)
    follower.told.connect(lambda jti, progress: heard.append((jti, progress.state)))
    follower.start("a")
    qtbot.waitUntil(lambda: len(hub.asked) == 1)
    qtbot.wait(20)
    assert len(hub.asked) == 1, "asked again before the answer"
    hub.asked[0][1](Progress("scanned"))
    qtbot.waitUntil(lambda: len(hub.asked) == 2)
    assert heard == [("a", "scanned")]


def test_an_answer_about_an_old_code_is_dropped(qtbot: QtBot) -> None:
    hub, heard = Hub(), []
    follower = Follower(hub, 1)
    follower.told.connect(lambda jti, progress: heard.append(jti))
    follower.start("a")
    qtbot.waitUntil(lambda: len(hub.asked) == 1)
    follower.start("b")
    hub.asked[0][1](Progress("issued"))
    qtbot.waitUntil(lambda: len(hub.asked) == 2)
    assert hub.asked[1][0] == "b" and heard == []


def test_stopped_means_silent(qtbot: QtBot) -> None:
    hub, heard = Hub(), []
    follower = Follower(hub, 1)
    follower.told.connect(lambda jti, progress: heard.append(jti))
    follower.start("a")
    qtbot.waitUntil(lambda: len(hub.asked) == 1)
    follower.stop()
    hub.asked[0][1](Progress())
    qtbot.wait(20)
    assert len(hub.asked) == 1 and heard == [] and not follower.active


def test_a_hub_that_is_gone_is_asked_again_later(qtbot: QtBot) -> None:
    hub, heard = Hub(), []
    follower = Follower(hub, 1)
    follower.failed.connect(lambda jti, error: heard.append(error.code))
    follower.start("a")
    for number in range(3):
        qtbot.waitUntil(lambda number=number: len(hub.asked) == number + 1)
        hub.asked[number][2](EnvironmentFault("hub_unreachable"))
    assert heard == ["hub_unreachable"] * 3
    assert follower._timer.interval() == 8, "no back-off"
