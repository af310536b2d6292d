"""反向领取 with a real hub: the clerk types what the phone shows, and the claim code is on the phone."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.claims import short_code
from core.errors import EnvironmentFault, UserError
from tests.hub.wallet import http
from tests.ui.screens.claim.room import Room
from tests.ui.screens.claim.test_screen import close_full, minted, opened
from ui.screens.claim.reverse import ReverseDialog, problem_of, typing_problem
from ui.screens.claim.screen import ClaimScreen


def post(room: Room, place: str, **body: str) -> dict[str, str]:
    url = f"{room.station.url}/api/v1/holder/{place}"
    found: dict[str, str] = http(url, json.dumps(body).encode(), Content_Type="application/json").json
    return found


def asking(qtbot: QtBot, screen: ClaimScreen) -> ReverseDialog:
    """Open the dialog by its button."""
    screen.front.code.reverse.click()
    dialog = screen.tools.reverse.dialog
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible)
    return dialog


@pytest.fixture
def screen(qtbot: QtBot, room: Room) -> ClaimScreen:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    _, made = opened(qtbot, room, case)
    minted(qtbot, made)
    close_full(made)
    return made


def test_what_the_clerk_types_brings_the_code_to_the_phone(
    qtbot: QtBot, room: Room, screen: ClaimScreen
) -> None:
    phone = post(room, "reverse")
    dialog = asking(qtbot, screen)
    assert not dialog.confirm.isEnabled()
    wrong = phone["short"][:-1] + ("3" if phone["short"][-1] != "3" else "4")
    QTest.keyClicks(dialog.line, wrong)
    assert dialog.problem.isVisible() and "逐位核对" in dialog.problem.accessibleName()
    assert not dialog.confirm.isEnabled()
    dialog.line.clear()
    assert not dialog.problem.isVisible()
    QTest.keyClicks(dialog.line, f"{phone['short'][:4].lower()} {phone['short'][4:].lower()}")
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(room.calls.said), timeout=20000)
    assert "已发到手机" in room.calls.said[-1][0] and "验证码" in room.calls.said[-1][0]
    assert room.calls.said[-1][1] == "good" and screen.tools.reverse.dialog is None
    told = post(room, "reverse/poll", ticket=phone["ticket"])
    assert told["credential_offer_uri"].endswith(room.code())
    assert http(told["credential_offer_uri"]).status == 200
    qtbot.waitUntil(lambda: "已扫码" in screen.front.code.progress_text, timeout=20000)


def test_why_nothing_went_is_said_in_the_dialog_and_it_can_be_mended(
    qtbot: QtBot, room: Room, screen: ClaimScreen
) -> None:
    dialog = asking(qtbot, screen)
    dialog.line.setText(short_code.make())
    dialog.confirm.click()
    qtbot.waitUntil(lambda: "没有手机在显示" in dialog.problem.accessibleName(), timeout=20000)
    phone = post(room, "reverse")
    room.station.stop()
    dialog.line.setText(phone["short"])
    assert not dialog.problem.isVisible()
    dialog.confirm.click()
    qtbot.waitUntil(lambda: "连不上平台" in dialog.problem.accessibleName(), timeout=20000)
    assert "F5" in dialog.problem.accessibleName() and dialog.confirm.isEnabled()
    room.station.start()
    dialog.confirm.click()
    qtbot.waitUntil(lambda: screen.tools.reverse.dialog is None, timeout=20000)
    assert "credential_offer_uri" in post(room, "reverse/poll", ticket=phone["ticket"])


def test_a_lock_closes_the_dialog(qtbot: QtBot, room: Room, screen: ClaimScreen) -> None:
    dialog = asking(qtbot, screen)
    room.desk.lock()
    assert screen.tools.reverse.dialog is None and not dialog.isVisible()


def test_a_code_is_judged_when_all_of_it_is_there() -> None:
    code = short_code.make()
    assert typing_problem("") == typing_problem(code[:7]) == typing_problem(f" {code[:4]}-{code[4:]}") == ""
    assert "逐位核对" in typing_problem(code + code[0])
    assert "逐位核对" in typing_problem(code[1] + code[0] + code[2:]) or code[0] == code[1]


def test_each_refusal_has_its_own_sentence() -> None:
    def refused(status: int, reason: str, **told: str) -> str:
        more = {"told": told} if told else {}
        return problem_of(EnvironmentFault("hub_refused", status=status, reason=reason, **more)).whole()

    said = [
        refused(400, "claim_refused", word="voided"),
        refused(400, "claim_refused", word="used"),
        refused(404, "reverse_unknown"),
        refused(409, "reverse_used"),
        refused(429, "too_many"),
        refused(404, ""),
        problem_of(UserError("reverse_wrong")).whole(),
        problem_of(EnvironmentFault("hub_unreachable")).whole(),
    ]
    assert len(set(said)) == len(said)
    assert "已作废" in said[0] and "八位短码" in said[5]
