"""The claim page with a real hub and a phone: from the list to the certificate, and every way it fails."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.documents.printing import FilePrinter
from core.services.applications import get_case
from core.services.claims import claims_of, mint_claim
from core.settings import Settings
from tests.core.services.office_kit import open_kit
from tests.hub.wallet import http
from tests.qr_reader import read_qr
from tests.ui.screens.claim.room import Room, shell
from tests.ui.test_qr_view import shot
from ui.main_window import MainWindow
from ui.screens.claim.screen import ClaimScreen
from ui.screens.claim.state import Phase


def opened(qtbot: QtBot, room: Room, case: str = "", **more: object) -> tuple[MainWindow, ClaimScreen]:
    """The page in the product's window, a case chosen, a second monitor as far as the page knows."""
    screen = room.make(**more)
    window = shell(screen, "领取码")
    qtbot.addWidget(window)
    window.show()
    if case:
        screen.open(case)
        qtbot.waitUntil(lambda: screen.choosing.facts is not None)
    return window, screen


def minted(qtbot: QtBot, screen: ClaimScreen) -> None:
    before = screen.codes.of(screen.choosing.case)
    screen.mint()
    qtbot.waitUntil(lambda: screen.codes.of(screen.choosing.case) is not before and not screen.minting.busy)


def seen(qtbot: QtBot, widget: QWidget, link: str, ratio: float = 1.0) -> None:
    """Wait until a decoder reads this and nothing else: cards may be taking their places still."""
    qtbot.waitUntil(lambda: [found.text for found in read_qr(shot(widget, ratio))] == [link])


def close_full(screen: ClaimScreen) -> None:
    if screen.display.full is not None:
        screen.display.full.reject()


def test_unclaimed_first_then_claimed_and_typing_narrows(qtbot: QtBot, room: Room) -> None:
    first, second = room.kit.approved_case(), room.kit.approved_case()
    room.kit.approved_case("attachment-3")
    room.sync()
    room.sign_in()
    _, screen = opened(qtbot, room, first)
    minted(qtbot, screen)
    close_full(screen)
    room.phone().claim(room.code(), room.pin())
    qtbot.waitUntil(lambda: [x.mark for x in screen.list.rows.lines][-1:] == ["已领取"])
    assert [line.key for line in screen.list.rows.lines][-1] == first
    assert sorted(line.mark for line in screen.list.rows.lines) == ["变更", "已领取", "待领取"]
    assert all("**" in line.note for line in screen.list.rows.lines), "a whole name in the list"
    with room.kit.sit("auditor") as someone:
        number = get_case(someone, second).case.case_no
    QTest.keyClicks(screen.list.search, number)
    qtbot.waitUntil(lambda: [line.key for line in screen.list.rows.lines] == [second])
    QTest.keyClick(screen.list.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: screen.choosing.facts is not None and screen.choosing.facts.case == second)


def test_from_the_key_to_the_certificate(qtbot: QtBot, room: Room) -> None:
    case, other = room.kit.approved_case(), room.kit.approved_case()
    room.sync()
    room.sign_in()
    window, screen = opened(qtbot, room, case)
    assert not screen.front.program.folded, "the phone program comes before the claim code"
    QTest.keyClick(window, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: screen._phase() is Phase.LIVE)
    close_full(screen)
    kept = screen.codes.of(case)
    assert kept is not None and screen.front.program.folded
    seen(qtbot, window, kept.minted.link)
    phone = room.phone()
    assert http(f"{room.station.url}/o/{room.code()}").status == 200
    qtbot.waitUntil(lambda: "已扫码" in screen.front.code.progress_text)
    wrong = "000000" if room.pin() != "000000" else "111111"
    phone.ask_token(room.code(), wrong)
    qtbot.waitUntil(lambda: "还可以再试 4 次" in screen.front.code.progress_text)
    assert phone.ask_token(room.code(), room.pin()).status == 200
    qtbot.waitUntil(lambda: screen._phase() is Phase.TAKEN)
    assert read_qr(shot(window, 1.0)) == [], "a used code still stands on the screen"
    assert phone.ask_credential().status == 200
    qtbot.waitUntil(lambda: screen._phase() is Phase.ISSUED)
    assert screen.front.pages.currentWidget() is screen.front.done
    assert not screen.display.beside.isVisible()
    qtbot.waitUntil(lambda: screen.choosing.facts.claimed)  # type: ignore[union-attr]
    screen.front.done.next.click()
    qtbot.waitUntil(lambda: screen.choosing.facts is not None and screen.choosing.facts.case == other)
    assert screen.front.pages.currentWidget() is screen.front.ready


def test_five_wrong_pins_lock_and_a_new_code_mends_it(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    window, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    close_full(screen)
    wrong = "000000" if room.pin() != "000000" else "111111"
    for _ in range(5):
        room.phone().ask_token(room.code(), wrong)
    qtbot.waitUntil(lambda: screen._phase() is Phase.LOCKED)
    assert "已锁定" in screen.front.code.progress_text
    assert read_qr(shot(window, 1.0)) == []
    assert not screen.watch.follower.active, "a dead code is still asked about"
    room.answers.asked.clear()
    screen.front.code.again.click()
    qtbot.waitUntil(lambda: screen._phase() is Phase.LIVE)
    close_full(screen)
    assert room.answers.asked == [], "nothing lives that one would have to ask about"
    room.phone().claim(room.code(), room.pin())
    qtbot.waitUntil(lambda: screen._phase() is Phase.ISSUED)


def test_a_live_code_dies_only_after_asking(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    _, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    close_full(screen)
    first = room.code()
    room.answers.yes = False
    screen.mint()
    assert "中断" in room.answers.asked[-1].text and room.code() == first
    screen.void()
    assert screen._phase() is Phase.LIVE
    room.answers.yes = True
    minted(qtbot, screen)
    close_full(screen)
    assert room.code() != first
    qtbot.waitUntil(lambda: http(f"{room.station.url}/o/{first}").status != 200)
    screen.void()
    qtbot.waitUntil(lambda: screen._phase() is Phase.VOIDED)
    assert "已作废" in screen.front.code.progress_text
    with room.kit.sit("auditor") as someone:
        assert [claim.voided for claim in claims_of(someone, case)] == [True, True]


def test_a_code_of_an_earlier_window_is_spoken_of_and_voided_by_the_next(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    with room.kit.sit("clerk") as clerk:
        earlier = mint_claim(clerk, case)
    room.sign_in()
    _, screen = opened(qtbot, room, case)
    live = screen.front.ready.live
    assert "此前生成的领取码" in live.accessibleName() and live.isVisible()
    room.answers.yes = False
    screen.mint()
    assert room.answers.asked[-1].title == "作废并换新码" and screen._phase() is Phase.READY
    room.answers.yes = True
    minted(qtbot, screen)
    close_full(screen)
    qtbot.waitUntil(lambda: http(f"{room.station.url}/o/{earlier.code}").status != 200)


def test_at_its_end_the_code_is_taken_away(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    window, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    room.hands.now += 599
    qtbot.waitUntil(lambda: "00:01" in screen.front.code._clock.text())
    room.hands.now += 2
    qtbot.waitUntil(lambda: screen._phase() is Phase.EXPIRED and not screen.front.code.qr.isVisible())
    full = screen.display.full
    assert full is not None and read_qr(shot(full, 1.0)) == []
    assert screen._fetch_pin() == ""
    close_full(screen)
    assert window.action_bar.button("mint").text().strip().startswith("重新生成领取码")


def test_facts_not_sent_are_pushed_and_a_failure_does_not_stop_minting(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.station.stop()
    room.sign_in()
    _, screen = opened(qtbot, room, case)
    assert "手机将等待" in screen.front.ready.note.accessibleName()
    minted(qtbot, screen)
    close_full(screen)
    qtbot.waitUntil(lambda: "连不上平台" in screen.front.code.progress_text)
    assert screen._phase() is Phase.LIVE and screen.front.code.qr.isVisible()
    assert "手机将等待" in screen.front.code.note.accessibleName()
    room.station.start()
    qtbot.waitUntil(lambda: "等待扫码" in screen.front.code.progress_text, timeout=15000)
    phone = room.phone()
    assert phone.ask_token(room.code(), room.pin()).status == 200
    assert phone.ask_credential().status == 202, "the approval had not been sent"
    qtbot.waitUntil(lambda: screen.choosing.facts.sent == "recorded", timeout=15000)  # type: ignore[union-attr]


def test_a_case_already_sent_says_nothing_of_waiting(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.station.stop()
    room.sign_in()
    _, screen = opened(qtbot, room, case)
    before = screen.choosing.facts
    minted(qtbot, screen)
    close_full(screen)
    # The minting itself waits to be sent; the approval, which the phone needs, does not.
    qtbot.waitUntil(lambda: screen.choosing.facts is not before)
    assert screen.choosing.facts.sent == "recorded"  # type: ignore[union-attr]
    assert "手机将等待" not in screen.front.code.note.accessibleName()


def test_a_replacement_names_what_dies(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    _, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    close_full(screen)
    room.phone().claim(room.code(), room.pin())
    qtbot.waitUntil(lambda: screen.choosing.facts.claimed and screen._phase() is Phase.ISSUED)  # type: ignore[union-attr]
    room.answers.asked.clear()
    room.kit.clock.move(seconds=30)
    minted(qtbot, screen)
    close_full(screen)
    assert "原手机上的证书立即失效" in room.answers.asked[-1].text
    kept = screen.codes.of(case)
    assert kept is not None and kept.replacement
    room.phone().claim(room.code(), room.pin())
    qtbot.waitUntil(lambda: screen._phase() is Phase.ISSUED)


def test_the_typed_code_is_registered_or_it_says_why_not(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    _, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    close_full(screen)
    screen.front.code.short.click()
    qtbot.waitUntil(lambda: bool(screen.front.code.short_text))
    short = screen.codes.of(case).short  # type: ignore[union-attr]
    assert f"{short[:4]} {short[4:]}" in screen.front.code.short_text
    minted(qtbot, screen)
    close_full(screen)
    room.station.stop()
    screen.front.code.short.click()
    qtbot.waitUntil(lambda: bool(room.calls.said))
    assert "八位短码要在平台登记" in room.calls.said[-1][0] and room.calls.said[-1][1] == "warn"
    assert not screen.front.code.short_text


def test_the_wallets_form_is_behind_a_button(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    window, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    close_full(screen)
    kept = screen.codes.of(case)
    assert kept is not None
    screen.front.code.wallet.click()
    qtbot.waitUntil(lambda: bool(kept.wallet_matrix))
    seen(qtbot, window, kept.minted.scheme_link)
    screen.front.code.wallet.click()
    seen(qtbot, window, kept.minted.link)


def test_nobody_is_asked_while_hidden_or_locked(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    window, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    assert screen.display.full is not None and screen.watch.follower.active
    room.desk.lock()
    assert not screen.watch.follower.active
    assert screen.display.full is None, "the PIN's button lay above the lock"
    room.sign_in()
    assert screen.watch.follower.active
    window.open("help")
    assert not screen.watch.follower.active
    window.open("claim")
    assert screen.watch.follower.active and screen._phase() is Phase.LIVE


def test_a_change_case_is_claimed_as_any_other(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case("attachment-3")
    room.sign_in()
    window, screen = opened(qtbot, room, case)
    assert screen.front.ready.mint.isEnabled() and window.action_bar.button("mint").isEnabled()


def test_a_refusal_is_said_beside_the_button(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sign_in("auditor")
    _, screen = opened(qtbot, room, case)
    screen.mint()
    qtbot.waitUntil(lambda: screen.front.ready.problem.isVisible())
    assert "角色" in screen.front.ready.problem.accessibleName()
    assert screen._phase() is Phase.READY and screen.front.ready.mint.isEnabled()


def test_an_office_that_is_not_enrolled_is_told_so(qtbot: QtBot, room: Room, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    kit = open_kit(tmp_path / "other")
    case = kit.approved_case()
    room.desk.unlock_with(kit.open("clerk"), None)
    _, screen = opened(qtbot, room, case)
    assert "还没有在平台登记" in screen.front.ready.note.accessibleName()
    assert not screen.front.ready.mint.isEnabled()


def test_a_clock_that_is_off_is_said(qtbot: QtBot, room: Room) -> None:
    case = room.kit.approved_case()
    room.sync()
    with room.kit.sit("admin") as admin, admin.begin() as uow:
        uow.set_meta("hub_offset", "600")
    room.sign_in(hub=False)
    _, screen = opened(qtbot, room, case)
    minted(qtbot, screen)
    assert "时钟" in screen.front.code.note.accessibleName()


def test_the_slip_and_the_program_page_come_out_of_the_printer(
    qtbot: QtBot, room: Room, tmp_path: Path
) -> None:
    case = room.kit.approved_case()
    room.sync()
    room.sign_in()
    room.desk._settings = Settings(phone_program_url="https://app.invalid/a", printer="file")
    paper = tmp_path / "paper"
    paper.mkdir()
    window, screen = opened(qtbot, room, case, printer=FilePrinter(paper))
    qtbot.waitUntil(lambda: screen.front.program.qr.isVisible() and bool(screen.front.program._state.matrix))
    seen(qtbot, screen, "https://app.invalid/a", 2.0)
    screen.front.program.printer.click()
    qtbot.waitUntil(lambda: len(list(paper.iterdir())) == 1)
    minted(qtbot, screen)
    close_full(screen)
    with qtbot.waitActive(window):
        window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: len(list(paper.iterdir())) == 2)
    from pypdfium2 import PdfDocument

    words = PdfDocument(sorted(paper.iterdir())[1].read_bytes())[0].get_textpage().get_text_range()
    assert room.pin() in words and "演练" in words


def test_no_address_for_the_program_says_where_to_set_it(qtbot: QtBot, room: Room) -> None:
    room.sign_in()
    _, screen = opened(qtbot, room)
    assert "未设置下载地址" in screen.front.program._unset.accessibleName()
    assert not screen.front.program.printer.isEnabled()
    screen.front.program.to_settings.click()
    assert room.calls.went[-1][0] == "settings"
    room.desk.change_settings(Settings(phone_program_url="https://app.invalid/b"))
    qtbot.waitUntil(lambda: bool(screen.front.program._state.matrix))
    assert screen.front.program.printer.isEnabled()
