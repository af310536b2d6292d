"""审核核准 in a real window: the scan through the limited child, F8 and F7, refusals before and after."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.services import applications, paper
from core.services.session import Session
from tests.core.services.office_kit import OfficeKit
from tests.ui.screens.cases.stage import Stage, answering
from ui.record_words import RETURN_REASON_WORDS
from ui.screens.review.scan_source import MISSING
from ui.screens.review.scan_view import ScanView
from ui.screens.review.screen import ReviewScreen
from ui.theme import theme
from ui.widgets.reasons_dialog import ReasonsDialog


def scanned(kit: OfficeKit, clerk: Session, pages: int = 1) -> str:
    """Submit a case whose signed scan is a real PDF of ``pages`` pages."""
    case_id = kit.filed_case(clerk)
    kit.print_case(clerk, case_id)
    sheets = [Image.new("L", (595, 842), 255 - 60 * at) for at in range(pages)]
    data = io.BytesIO()
    sheets[0].save(data, "PDF", save_all=True, append_images=sheets[1:])
    applications.attach_scan(clerk, case_id, data.getvalue())
    kit.tick_all(clerk, case_id)
    applications.submit(clerk, case_id)
    return case_id


def lifecycle(stage: Stage, case_id: str) -> str:
    assert stage.desk is not None
    return applications.get_case(stage.desk.session, case_id).case.lifecycle.value


def test_the_scan_is_drawn_by_the_child_page_by_page(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = scanned(stage.kit, clerk, pages=2)
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    screen.open(case_id)
    stage.settle()
    assert screen.scan.shows_page
    assert screen.scan.where.text() == "第 1 / 2 页"
    assert not screen.scan.before.isEnabled()
    QTest.keyClick(screen.queue.rows, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    stage.settle()
    assert screen.scan.where.text() == "第 2 / 2 页" and not screen.scan.after.isEnabled()
    first, second = screen._source._pictures[1], screen._source._pictures[2]
    assert first.pixelColor(50, 50).lightness() > second.pixelColor(50, 50).lightness() + 30


def test_a_lock_forgets_the_scan_and_coming_back_reads_it_again(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = scanned(stage.kit, clerk)
    desk = stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    screen.open(case_id)
    stage.settle()
    assert screen._source._data
    desk.lock()
    assert screen._source._data == b"" and not screen.scan.shows_page
    assert screen.sheet.shown is not None, "the rest stays as it is under the cover"
    screen.on_shown()
    stage.settle()
    assert screen.sheet.shown is not None and not screen.queue.problem.isVisible(), (
        "a locked desk is no fault"
    )
    desk.unlock_with(stage.kit.open("reviewer"), None)
    screen.on_shown()
    stage.settle()
    assert screen.scan.shows_page


def test_a_scan_the_child_refuses_is_said_in_words(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = stage.kit.submitted_case(clerk)  # the kit's PNG is no picture at all
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    screen.open(case_id)
    stage.settle()
    assert not screen.scan.shows_page
    assert "请重新扫描" in screen.scan.message.text()
    assert screen.sheet.shown is not None, "the case itself can still be read"


def test_approve_by_keyboard_and_on_to_the_next(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        first, second = stage.kit.submitted_case(clerk), stage.kit.submitted_case(clerk)
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    QTest.keyClick(screen.queue.rows, Qt.Key.Key_Down)
    stage.settle()
    assert screen.sheet.shown is not None and screen.sheet.shown.case == first
    seen = answering(True)
    QTest.keyClick(screen.queue.rows, Qt.Key.Key_F8)
    stage.settle()
    assert len(seen) == 1 and "领取码" in seen[0].accessibleDescription()
    assert lifecycle(stage, first) == "approved"
    assert stage.toast().startswith("已核准：")
    assert screen.sheet.shown.case == second
    assert screen.queue.tabs.buttons["submitted"].text() == "待审核 1"
    assert screen.queue.tabs.buttons["approved"].text() == "待领取 1"


def test_doing_nothing_is_one_key_away(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = stage.kit.submitted_case(clerk)
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    screen.open(case_id)
    stage.settle()
    answering(False)
    screen.approve()
    stage.settle()
    assert lifecycle(stage, case_id) == "submitted"


def test_own_work_is_explained_before_and_refused_after(stage: Stage) -> None:
    with stage.kit.sit("both") as both:
        case_id = stage.kit.submitted_case(both)
    stage.enter("both")
    screen = stage.open("review", ReviewScreen)
    screen.open(case_id)
    stage.settle()
    button = stage.button("approve")
    assert not button.isEnabled() and button.toolTip() == "您经手过此件，须由他人审核。"
    QTest.keyClick(screen.queue.rows, Qt.Key.Key_F8)
    assert QApplication.activeModalWidget() is None, "a shut button does not answer its key"
    answering(True)
    screen.approve()  # past the button: the core says no all the same
    stage.settle()
    assert lifecycle(stage, case_id) == "submitted"
    assert "不能审核自己受理的业务" in stage.toast()


def test_a_missing_role_is_explained_and_refused(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = stage.kit.submitted_case(clerk)
    desk = stage.enter("auditor")
    assert stage.shell is not None and stage.window is not None
    screen = ReviewScreen(desk, stage.shell)
    screen.setParent(stage.window)
    screen.open(case_id)
    stage.settle()
    offered = {action.id: action for action in screen.actions_offered()}
    assert not offered["approve"].enabled and not offered["return"].enabled
    assert "角色" in offered["approve"].tip and "角色" in offered["return"].tip
    answering(True)
    screen.approve()
    stage.settle()
    assert lifecycle(stage, case_id) == "submitted" and "角色" in stage.toast()


def test_what_changed_meanwhile_is_not_approved_unseen(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = stage.kit.submitted_case(clerk)
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    screen.open(case_id)
    stage.settle()
    with stage.kit.sit("clerk") as clerk:
        applications.recall(clerk, case_id)
        values = applications.get_case(clerk, case_id).case.values
        applications.amend_case(clerk, case_id, {**values, "remark": "改过"})
        stage.kit.print_case(clerk, case_id)
        stage.kit.scan_case(clerk, case_id)
        applications.submit(clerk, case_id)
    answering(True)
    screen.approve()
    stage.settle()
    assert lifecycle(stage, case_id) == "submitted"
    assert "刚被更新过" in stage.toast()
    assert screen.sheet.shown is not None
    remark = next(fact for fact in screen.sheet.shown.facts if fact.label == "备注")
    assert (remark.shown, remark.clear) == ("***", "改过"), "the case is read anew"


def test_return_with_reasons(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = stage.kit.submitted_case(clerk)
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    screen.open(case_id)
    stage.settle()

    def fill() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ReasonsDialog)
        assert not dialog.confirm.isEnabled()
        QTest.keyClick(dialog.ticks["seal_missing"], Qt.Key.Key_Space)
        dialog.remark.setPlainText(" 盖在签名处 ")
        assert dialog.confirm.isEnabled()
        dialog.confirm.click()

    QTimer.singleShot(0, fill)
    QTest.keyClick(screen.queue.rows, Qt.Key.Key_F7)
    stage.settle()
    assert stage.desk is not None
    case = applications.get_case(stage.desk.session, case_id).case
    assert (case.lifecycle.value, case.reasons, case.remark) == ("returned", ("seal_missing",), "盖在签名处")
    assert screen.sheet.shown is None, "nothing is left to review"


def test_undo_before_claim(stage: Stage) -> None:
    case_id = stage.kit.approved_case()
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    screen.queue.tabs.buttons["approved"].click()
    QTest.keyClick(screen.queue.rows, Qt.Key.Key_Down)
    stage.settle()
    seen = answering(True)
    QTest.keyClick(screen.queue.rows, Qt.Key.Key_F7)
    stage.settle()
    assert len(seen) == 1 and "作废" in seen[0].accessibleDescription()
    assert lifecycle(stage, case_id) == "submitted"
    assert screen.sheet.shown is not None and screen.sheet.shown.may_approve


def test_the_paper_stands_beside_the_scan(stage: Stage) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = scanned(stage.kit, clerk)
        assert paper.case_sheet(clerk, case_id).rendered.pdf
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    screen.open(case_id)
    stage.settle()
    screen.sheet.side.buttons()[1].click()
    stage.settle()
    assert screen.sheet.paper.page_count == 1
    assert not screen.sheet.hold.isVisible(), "the paper covers nothing, so nothing is to be held"


def test_an_empty_queue_says_so(stage: Stage) -> None:
    stage.enter("reviewer")
    screen = stage.open("review", ReviewScreen)
    assert screen.queue.rows.lines == () and not screen.queue.rows.isVisible()
    assert screen.actions_offered() == ()


def test_a_narrow_window_shows_queue_or_case(stage: Stage, restored_theme: None) -> None:
    with stage.kit.sit("clerk") as clerk:
        case_id = stage.kit.submitted_case(clerk)
    theme().apply("light", 20)
    stage.enter("reviewer", 1366, 768)
    screen = stage.open("review", ReviewScreen)
    assert screen.queue.isVisible() and not screen.sheet.isVisible()
    screen.open(case_id)
    stage.settle()
    assert screen.sheet.isVisible() and screen.scan_card.isVisible() and not screen.queue.isVisible()
    assert stage.window is not None and stage.window.width() == 1366
    QTest.keyClick(screen.sheet, Qt.Key.Key_Escape)
    assert screen.queue.isVisible()


def test_the_return_dialog_offers_every_reason(qtbot: QtBot) -> None:
    dialog = ReasonsDialog(None, ("某单位",), RETURN_REASON_WORDS)
    qtbot.addWidget(dialog)
    assert tuple(dialog.ticks) == tuple(RETURN_REASON_WORDS)
    dialog.ticks["other"].setChecked(True)
    assert not dialog.confirm.isEnabled() and "说明" in dialog.why.text()
    dialog.remark.setPlainText("字" * 201)
    assert not dialog.confirm.isEnabled() and dialog.count.text() == "201 / 200"
    dialog.remark.setPlainText("缺第二页")
    assert dialog.confirm.isEnabled()


def test_a_page_is_as_wide_as_the_view_and_grows(qtbot: QtBot) -> None:
    view = ScanView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show_message(MISSING)
    assert view.message.text() == MISSING and not view.larger.isEnabled()
    with qtbot.waitExposed(view):
        view.show()
    picture = QImage(800, 1100, QImage.Format.Format_RGB888)
    picture.fill(Qt.GlobalColor.white)
    view.show_page(picture, 1, 1)
    qtbot.waitUntil(lambda: view.page_size.width() > 400)
    whole = view.page_size
    assert whole.width() <= 500 and view._ground.horizontalScrollBar().maximum() == 0
    view.zoom_by(2)
    assert view.page_size.width() == pytest.approx(whole.width() * 1.5, abs=2)
    assert view.fit.isEnabled()
    view.fit_width()
    assert view.page_size == whole and not view.smaller.isEnabled()
