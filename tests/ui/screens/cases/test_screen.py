"""受理台账 in a real window: typing filters, keys move, steps happen, and nothing old overtakes."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.errors import EnvironmentFault
from core.services import applications, listing
from tests.ui.screens.cases.stage import Stage, answering
from ui.screens.cases.list_pane import EMPTY, NO_MATCH, ROWS
from ui.screens.cases.screen import CasesScreen
from ui.theme import theme


def states(stage: Stage) -> dict[str, str]:
    """File four cases of different states; return their ids by state."""
    kit = stage.kit
    with kit.sit("clerk") as clerk:
        made = {"filed": kit.filed_case(clerk), "ready": kit.ready_case(clerk)}
        made["submitted"] = kit.submitted_case(clerk)
        made["change"] = kit.submitted_case(clerk, "attachment-3")
    return made


def test_an_empty_office_leads_to_the_first_application(stage: Stage) -> None:
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    assert screen.list.layer == EMPTY
    assert screen.list.start.isVisible() and screen.list.more.isHidden()


def test_typing_in_the_window_filters_by_sql(stage: Stage) -> None:
    made = states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    assert screen.list.layer == ROWS and len(screen.list.table.rows) == 4
    assert stage.window is not None
    header = stage.window._header.search
    QTest.keyClick(stage.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    number = next(row for row in screen.list.table.rows if row.key == made["ready"]).cells[0].text
    QTest.keyClicks(header, number[-4:])
    stage.settle()
    assert [row.key for row in screen.list.table.rows] == [made["ready"]]
    assert screen.list.clear.isVisible() and number[-4:] in screen.list.clear.text()
    QTest.keyClicks(header, "9")
    stage.settle()
    assert screen.list.layer == NO_MATCH
    screen.list.clear_requested.emit()
    stage.settle()
    assert len(screen.list.table.rows) == 4 and not screen.list.clear.isVisible()


def test_segments_filter_and_keep_their_counts(stage: Stage) -> None:
    states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    tabs = screen.list.tabs.buttons
    assert tabs["submitted"].text() == "待审核 2"
    tabs["submitted"].click()
    stage.settle()
    assert len(screen.list.table.rows) == 2
    assert tabs[""].text() == "全部 4" and tabs["submitted"].isChecked()


def test_arrows_choose_and_enter_opens(stage: Stage) -> None:
    states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    table = screen.list.table
    assert not screen.pane.isVisible(), "nothing chosen, no pane"
    for _ in range(2):
        QTest.keyClick(table, Qt.Key.Key_Down)
    stage.settle()
    assert screen.pane.shown is not None and screen.pane.shown.case == table.rows[1].key
    assert screen.pane.isVisible()
    QTest.keyClick(table, Qt.Key.Key_End)
    stage.settle()
    assert screen.pane.shown.case == table.rows[-1].key
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert not screen.pane.isVisible() and table.current_key() == ""


def test_the_focus_alone_opens_no_record(stage: Stage) -> None:
    states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    assert stage.window is not None
    stage.window._header.search.setFocus()
    screen.list.table.setFocus()
    stage.settle()
    assert screen.pane.shown is None and screen.list.table.current_key() == ""
    QTest.keyClick(screen.list.table, Qt.Key.Key_Down)
    stage.settle()
    assert screen.list.table.current_key() == screen.list.table.rows[0].key


def test_holding_shows_and_letting_go_covers(stage: Stage) -> None:
    made = states(stage)
    with stage.kit.sit("clerk") as clerk:
        number = applications.get_case(clerk, made["filed"]).case.values["representative_id"]
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    screen.open(made["filed"])
    stage.settle()
    facts, hold = screen.pane.facts, screen.pane.hold

    def texts() -> str:
        return "".join(value for _, value in facts.texts())

    assert number not in texts()
    hold.setFocus()
    QTest.keyPress(hold, Qt.Key.Key_Space)
    assert number in texts()
    QTest.keyRelease(hold, Qt.Key.Key_Space)
    assert number not in texts()
    QTest.mousePress(hold, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert number in texts()
    screen.list.table.setFocus()  # the focus leaves while the button is still held
    assert number not in texts()


def test_a_slow_old_answer_never_overtakes_a_new_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    gate, real = threading.Event(), listing.case_page

    def slow(session: Any, query: str = "", *rest: Any, **named: Any) -> listing.CasePage:
        if query == "old":
            gate.wait(5)
            return real(session, "", *rest, **named)
        return real(session, query, *rest, **named)

    monkeypatch.setattr(listing, "case_page", slow)
    screen.search("old")
    screen.load()
    screen.search("没有的单位")
    screen.load()
    gate.set()
    stage.settle()
    assert screen.list.layer == NO_MATCH, "the answer to 'old' (all rows) was shown"


def test_submit_asks_and_does_it(stage: Stage) -> None:
    made = states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    screen.open(made["ready"])
    stage.settle()
    seen = answering(True)
    QTest.keyClick(screen.list.table, Qt.Key.Key_F8)
    stage.settle()
    assert len(seen) == 1
    assert stage.toast() == "已提交审核。"
    assert screen.pane.shown is not None and screen.pane.shown.chips[0].text == "待审核"
    assert screen.list.tabs.buttons["submitted"].text() == "待审核 3"


def test_saying_no_changes_nothing(stage: Stage) -> None:
    made = states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    screen.open(made["submitted"])
    stage.settle()
    answering(False)
    screen.take("withdraw")
    stage.settle()
    assert screen.pane.shown is not None and screen.pane.shown.chips[0].text == "待审核"


def test_a_refusal_of_the_core_is_said_and_the_case_read_again(stage: Stage) -> None:
    made = states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    screen.open(made["submitted"])
    stage.settle()
    assert stage.desk is not None
    applications.recall(stage.desk.session, made["submitted"])  # behind the screen's back
    answering(True)
    screen.take("recall")
    stage.settle()
    assert "当前状态不能办理" in stage.toast()
    assert screen.pane.shown is not None and screen.pane.shown.chips[0].text == "已填报"


def test_the_step_that_is_shut_does_not_answer_its_key(stage: Stage) -> None:
    made = states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    screen.open(made["submitted"])
    stage.settle()
    button = stage.button("review")
    assert not button.isEnabled() and "角色" in button.toolTip()
    QTest.keyClick(screen.list.table, Qt.Key.Key_F8)
    assert QApplication.activeModalWidget() is None
    assert stage.window is not None and stage.window.current_page == "cases"


def test_more_is_shown_on_wish(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    states(stage)
    monkeypatch.setattr("ui.screens.cases.screen.PAGE", 2)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    assert len(screen.list.table.rows) == 2 and screen.list.more.isVisible()
    screen.list.more.click()
    stage.settle()
    assert len(screen.list.table.rows) == 4 and not screen.list.more.isVisible()


def test_a_fault_keeps_the_rows_and_says_what_to_do(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)

    def broken(*_: object, **__: object) -> None:
        raise EnvironmentFault("database_busy")

    monkeypatch.setattr(listing, "case_page", broken)
    screen.load()
    stage.settle()
    assert screen.list.problem.isVisible() and len(screen.list.table.rows) == 4
    monkeypatch.undo()
    screen.list.retry_requested.emit()
    stage.settle()
    assert not screen.list.problem.isVisible()


def test_a_case_opened_from_elsewhere_is_found_whatever_the_filter(stage: Stage) -> None:
    made = states(stage)
    stage.enter("clerk")
    screen = stage.open("cases", CasesScreen)
    screen.search("没有的单位")
    stage.settle()
    screen.open(made["change"])
    stage.settle()
    assert screen.list.table.current_key() == made["change"]
    assert screen.pane.shown is not None and "变更责任人" in screen.pane.shown.subtitle


@pytest.mark.parametrize(("width", "base"), [(1366, 14), (1280, 14), (1366, 20)])
def test_nothing_is_cut_off_sideways(stage: Stage, restored_theme: None, width: int, base: int) -> None:
    made = states(stage)
    theme().apply("light", base)
    stage.enter("clerk", width, 768)
    screen = stage.open("cases", CasesScreen)
    table = screen.list.table
    for _ in range(2):
        assert table.horizontalScrollBar().maximum() == 0
        last = max(at for at in range(7) if not table.isColumnHidden(at))
        assert table.columnViewportPosition(last) + table.columnWidth(last) <= table.viewport().width()
        assert all(not table.isColumnHidden(at) for at in (0, 1, 4, 5)), "number, unit and both states stay"
        screen.open(made["filed"])
        stage.settle()
        screen._arrange(opened=False)
    assert stage.window is not None and stage.window.width() == width
