"""退回事项 in a real window, by keyboard: both sides seen, one chosen, once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.errors import EnvironmentFault
from core.services import applications
from core.services.applications import get_case
from core.services.conflicts import open_count
from tests.ui.desktop_kit import no_hub
from tests.ui.screens.cases.stage import answering
from tests.ui.screens.refusals import scene
from tests.ui.screens.refusals.conftest import LateStage
from ui.hub_keeper import HubKeeper
from ui.screens.application.screen import ApplicationScreen
from ui.screens.cases.screen import CasesScreen
from ui.screens.refusals.screen import EMPTY, ITEMS, RefusalsScreen
from ui.screens.units.screen import UnitsScreen
from ui.sync_strip import SyncStrip
from ui.theme import theme
from ui.widgets.buttons import Button


def key(stage: LateStage, which: Qt.Key) -> None:
    """Press a key where the focus is."""
    assert stage.window is not None
    stage.window.activateWindow()  # a dialog that closed leaves the offscreen window inactive
    assert QTest.qWaitForWindowActive(stage.window)
    focus = QApplication.focusWidget()
    # On a busy machine a button of the dialog that just closed may still have the focus.
    inside = focus is not None and focus.window() is stage.window
    QTest.keyClick(focus if focus is not None and inside else stage.window, which)
    stage.settle()


def opened(stage: LateStage, login: str = "both") -> RefusalsScreen:
    """Sign in and open the page."""
    stage.enter(login)
    return stage.open("refusals", RefusalsScreen)


def test_both_sides_stand_beside_each_other_and_values_are_covered(stage: LateStage) -> None:
    scene.amended_twice(stage.pair)
    screen = opened(stage)
    view = screen.pane.shown
    assert view is not None and screen._layers.currentIndex() == ITEMS
    assert screen.list.hasFocus() and screen.list.current_key() == view.id
    assert [deed.what for deed in view.mine][:2] == ["修改了申请，此前打印的纸质表作废", "打印了申请表 1 份"]
    assert all(deed.by.endswith("本机") for deed in view.mine)
    assert view.theirs[0].by.startswith("both") and "窗口" in view.theirs[0].by
    assert "both 在窗口" in view.reason and "先办理了这一件" in view.reason
    texts = {name: (mine, theirs) for name, mine, theirs in screen.pane.grid.texts()}
    assert texts["手机"] == ("138****0002", "138****0001")
    assert all(mine != theirs for mine, theirs in texts.values()), "equal values are folded away"
    screen.pane.hold.setFocus()
    QTest.keyPress(screen.pane.hold, Qt.Key.Key_Space)
    assert ("手机", "13800000002", "13800000001") in screen.pane.grid.texts()
    QTest.keyRelease(screen.pane.hold, Qt.Key.Key_Space)
    assert ("手机", "138****0002", "138****0001") in screen.pane.grid.texts()
    before = len(screen.pane.grid.texts())
    screen.pane.equal.setFocus()
    key(stage, Qt.Key.Key_Return)
    assert len(screen.pane.grid.texts()) == len(view.pairs) > before


def test_done_again_at_once_by_keys(stage: LateStage) -> None:
    case_id = scene.approved_meanwhile(stage.pair)
    screen = opened(stage, "reviewer")
    asked = answering(True)
    key(stage, Qt.Key.Key_F8)
    assert asked and "核准" in asked[0].accessibleDescription()
    stage.settle()
    assert screen._layers.currentIndex() == EMPTY and screen.actions_offered() == ()
    assert "按本机的重做" in stage.toast()
    assert stage.desk is not None
    assert get_case(stage.desk.session, case_id).case.lifecycle.value == "approved"
    stage.leave()
    stage.pair.settle_down()
    stage.pair.in_order()


def test_giving_up_asks_first_and_does_nothing_when_left(stage: LateStage) -> None:
    case_id = scene.withdrawn_meanwhile(stage.pair)
    screen = opened(stage, "reviewer")
    view = screen.pane.shown
    assert view is not None and not view.may_redo and "已撤回" in view.redo
    assert not stage.button("redo").isEnabled()
    asked = answering(False)
    key(stage, Qt.Key.Key_F7)
    assert asked and asked[0].stay.isDefault(), "the side of doing nothing is the default"
    assert stage.desk is not None and open_count(stage.desk.session) == 1
    answering(True)
    key(stage, Qt.Key.Key_F7)
    assert screen._layers.currentIndex() == EMPTY
    assert get_case(stage.desk.session, case_id).case.lifecycle.value == "withdrawn"
    stage.leave()
    stage.pair.settle_down()
    stage.pair.in_order()


def test_a_form_is_laid_out_with_the_own_values(stage: LateStage) -> None:
    case_id = scene.amended_twice(stage.pair)
    opened(stage, "clerk")
    key(stage, Qt.Key.Key_F8)
    stage.settle()
    assert stage.window is not None and stage.window.current_page == "apply"
    screen = stage.window.screen_of("apply")
    assert isinstance(screen, ApplicationScreen) and screen.in_hand is not None
    work = screen.in_hand
    assert work.case is not None and work.case.id == case_id
    assert work.typed["representative_mobile"] == "13800000002" and work.changed
    assert stage.desk is not None and open_count(stage.desk.session) == 0


def test_a_unit_is_laid_out_with_the_own_values(stage: LateStage) -> None:
    unit = scene.corrected_twice(stage.pair)
    opened(stage, "clerk")
    key(stage, Qt.Key.Key_F8)
    stage.settle()
    assert stage.window is not None and stage.window.current_page == "units"
    screen = stage.window.screen_of("units")
    assert isinstance(screen, UnitsScreen) and screen.editing.active
    assert screen.editor.unit == unit and screen.editor.dirty
    assert screen.editor.values["address"] == "演练市演练路 2 号附楼"


def test_arrows_go_through_the_items(stage: LateStage) -> None:
    scene.corrected_twice(stage.pair)
    scene.filed_twice(stage.pair)
    screen = opened(stage)
    seen = []
    for _ in range(2):
        view = screen.pane.shown
        assert view is not None
        seen.append((view.subtitle, view.reason))
        key(stage, Qt.Key.Key_Down)
    assert "在办的申请" in seen[0][1] and seen[1][0] == "单位登记"


def test_a_narrow_window_shows_one_thing_and_escape_goes_back(stage: LateStage) -> None:
    scene.corrected_twice(stage.pair)
    screen = opened(stage)
    theme().apply("light", 20)
    try:
        stage.settle()
        assert screen.list.isVisible() and not screen.pane.isVisible()
        assert screen.actions_offered() == (), "nobody chooses between sides not shown"
        screen.list.setFocus()
        key(stage, Qt.Key.Key_Return)
        assert screen.pane.isVisible() and not screen.list.isVisible()
        assert stage.button("drop").isEnabled() and stage.button("redo").isEnabled()
        key(stage, Qt.Key.Key_Escape)
        assert screen.list.isVisible() and screen.list.hasFocus()
    finally:
        theme().apply("light", 14)


def test_the_case_leads_here(stage: LateStage) -> None:
    scene.filed_twice(stage.pair)
    case_id = scene.withdrawn_meanwhile(stage.pair)
    stage.enter("reviewer")
    cases = stage.open("cases", CasesScreen)
    cases.open(case_id)
    stage.settle()
    assert cases.pane.shown is not None and cases.pane.shown.refusal
    (go,) = [each for each in cases.pane.findChildren(Button) if each.accessibleName() == "去处理"]
    go.setFocus()
    key(stage, Qt.Key.Key_Return)
    assert stage.window is not None and stage.window.current_page == "refusals"
    screen = stage.window.screen_of("refusals")
    assert isinstance(screen, RefusalsScreen) and screen.pane.shown is not None
    assert screen.pane.shown.id == cases.pane.shown.refusal


def test_the_count_stands_in_the_rail_and_in_the_heading(stage: LateStage) -> None:
    scene.corrected_twice(stage.pair)
    scene.filed_twice(stage.pair)
    desk = stage.enter("both")
    assert stage.shell is not None and stage.window is not None
    strip = SyncStrip(desk, HubKeeper(no_hub))
    strip.changed.connect(stage.shell.show_sync)
    strip.refresh()
    stage.settle()
    button = stage.window.rail._buttons["refusals"]
    assert button.accessibleName() == "退回事项，2 件待处理" and button._count.isVisible()
    strip.pause()
    QTest.keyClick(stage.window, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    stage.settle()
    assert stage.window.current_page == "refusals"


def test_nothing_to_do_is_said_and_an_auditor_has_no_such_page(stage: LateStage) -> None:
    screen = opened(stage)
    assert screen._layers.currentIndex() == EMPTY and screen.actions_offered() == ()
    stage.enter("auditor")
    assert stage.shell is not None and "refusals" not in [page.key for page in stage.shell.pages]


def test_somebody_settled_it_meanwhile(stage: LateStage) -> None:
    case_id = scene.withdrawn_meanwhile(stage.pair)
    screen = opened(stage, "reviewer")
    item = screen.pane.shown
    assert item is not None and stage.desk is not None
    from core.services.conflicts import settle

    settle(stage.desk.session, item.id, "drop")
    answering(True)
    key(stage, Qt.Key.Key_F7)
    assert "已经处理过" in stage.toast() and screen._layers.currentIndex() == EMPTY
    assert get_case(stage.desk.session, case_id).case.lifecycle.value == "withdrawn"


def test_a_store_that_cannot_be_read_is_said_and_tried_again(
    stage: LateStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.corrected_twice(stage.pair)
    screen = opened(stage)

    def broken(session: object) -> None:
        raise EnvironmentFault("disk_fault")

    with monkeypatch.context() as patch:
        patch.setattr("core.services.conflicts.open_items", broken)
        screen.load()
        stage.settle()
        assert screen.problem.isVisible() and screen._layers.currentIndex() == ITEMS
    (again,) = screen.problem.findChildren(Button)
    again.setFocus()
    key(stage, Qt.Key.Key_Return)
    assert not screen.problem.isVisible()


def test_every_part_has_a_name_for_the_reader(stage: LateStage) -> None:
    scene.amended_twice(stage.pair)
    screen = opened(stage)
    grid = screen.pane.grid
    for _, mine, theirs in grid._values:
        assert "本机：" in mine.accessibleName() and "省级：" in theirs.accessibleName()
        assert "13800000002" not in mine.accessibleName()
    reachable: list[QWidget] = [screen.list, screen.pane.equal, screen.pane.hold]
    assert all(each.focusPolicy() & Qt.FocusPolicy.TabFocus for each in reachable)
    assert all(each.accessibleName() for each in reachable)
    assert applications.drafts(stage.desk.session) == [] if stage.desk else False
