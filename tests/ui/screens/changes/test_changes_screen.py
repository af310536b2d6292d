"""变更办理 in a real window, by keyboard: filed by one, approved by another in sight of what dies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.records.states import UnitState
from core.services import changes
from core.services.applications import get_case
from core.services.handover import read_handover
from core.services.hub_questions import HolderReach, UnitReach
from core.services.units import correct_unit, get_unit
from tests.ui.screens.cases.stage import Stage, answering
from tests.ui.screens.changes import scene as scenes
from ui.paper_out import PaperOut
from ui.screens.application.screen import ApplicationScreen
from ui.screens.cases.screen import CasesScreen
from ui.screens.changes.filing import Filing
from ui.screens.changes.filing_state import KIND_ORDER
from ui.screens.changes.screen import ChangesScreen
from ui.screens.changes.state import DONE, PERIOD, RECLAIM, WAITING, reach_view
from ui.screens.claim.screen import ClaimScreen
from ui.screens.units.screen import UnitsScreen


class Tray:
    """A printer that keeps what it is given."""

    def __init__(self, printed: list[bytes]) -> None:
        self.printed = printed

    def print_pdf(self, name: str, pdf: bytes, copies: int, title: str) -> str:
        """Take a job."""
        self.printed.append(pdf)
        return "1"


@pytest.fixture
def scene(stage: Stage) -> scenes.Scene:
    return scenes.certified(stage.kit)


def key(stage: Stage, which: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is."""
    assert stage.window is not None
    stage.window.activateWindow()
    assert QTest.qWaitForWindowActive(stage.window)
    focus = QApplication.focusWidget()
    # On a busy machine a button of the dialog that just closed may still have the focus.
    inside = focus is not None and focus.window() is stage.window
    QTest.keyClick(focus if focus is not None and inside else stage.window, which, modifier)
    stage.settle()


def opened(stage: Stage, login: str) -> ChangesScreen:
    """Sign in and open the page."""
    stage.enter(login)
    return stage.open("changes", ChangesScreen)


def test_a_change_of_representative_by_keyboard(stage: Stage, scene: scenes.Scene) -> None:
    screen = opened(stage, "clerk")
    assert screen.list.nothing.isVisible() and "Ctrl+N" in screen.list.nothing.text()
    key(stage, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert screen.flow.units.search.hasFocus() and screen.flow.units.rows.current_key() == scene.unit
    key(stage, Qt.Key.Key_Return)
    filing = screen.flow.filing
    assert filing.unit is not None and filing.unit.unit == scene.unit and filing.kind.hasFocus()
    dying = filing.dying.shown
    assert dying is not None and dying.tone == "bad", "what will end is told before anything is typed"
    assert any("电子证书" in words and "**" in words for _, words in dying.lines)
    key(stage, Qt.Key.Key_F8)
    assert "新任法定代表人" in filing.problem.accessibleName()
    assert filing.form is not None
    filing.form.value_edited.emit("representative_name", "符样新")
    stage.settle()
    key(stage, Qt.Key.Key_F8)
    assert "依据" in filing.problem.accessibleName() and filing.values["representative_name"] == "符样新"
    filing.basis.setFocus()
    QTest.keyClicks(filing.basis, "YL-2026-7")
    key(stage, Qt.Key.Key_F8)
    view = screen.pane.change
    assert view is not None and view.waiting and screen.list.rows.current_key() == view.id
    assert not view.may_approve and view.may_withdraw and not view.decides
    assert [each.id for each in screen.actions_offered()] == ["new", "withdraw"]

    screen = opened(stage, "reviewer")
    shown = screen.pane.change
    assert shown is not None and shown.id == view.id and shown.may_approve
    assert (
        screen.pane.facts.texts()[0] == ("法定代表人", "麦**　→　符**")
        or "→" in screen.pane.facts.texts()[0][1]
    )
    asked = answering(False)
    key(stage, Qt.Key.Key_F8)
    assert asked and asked[0].stay.isDefault(), "the side of doing nothing is the default"
    assert stage.desk is not None
    assert get_unit(stage.desk.session, scene.unit).representative_no == 1
    wanted: list[bool] = []
    stage.desk.sync_wanted.connect(lambda: wanted.append(True))
    answering(True)
    stage.button("approve").click()
    stage.settle()
    assert wanted, f"an approval is sent at once: {stage.toast()} {asked}"
    assert get_unit(stage.desk.session, scene.unit).representative_no == 2
    screen.reading.turn(RECLAIM)
    stage.settle()
    waiting = screen.pane.reclaim
    assert waiting is not None and waiting.unit == scene.unit and waiting.way == "form"
    assert ("失效原因", "法定代表人已变更") in waiting.facts and waiting.form == "attachment-3"


def test_a_waiting_unit_leads_to_attachment_3(stage: Stage, scene: scenes.Scene) -> None:
    scenes.approve(scene, scenes.file_representative(scene))
    scene.exchange()
    screen = opened(stage, "clerk")
    screen.reading.turn(RECLAIM)
    stage.settle()
    screen.list.rows.setFocus()
    key(stage, Qt.Key.Key_F8)
    assert stage.window is not None and stage.window.current_page == "change"
    form = stage.window.screen_of("change")
    assert isinstance(form, ApplicationScreen) and form.in_hand is not None


def test_a_lost_phone_leads_to_a_code_without_a_new_application(stage: Stage, scene: scenes.Scene) -> None:
    screen = opened(stage, "clerk")
    screen.open("", scene.unit)
    stage.settle()
    filing = screen.flow.filing
    filing.kind.setCurrentIndex(KIND_ORDER.index("loss"))
    stage.settle()
    filing.basis.setText("遗失说明")
    key(stage, Qt.Key.Key_F8)
    assert "身份证原件" in filing.problem.accessibleName()
    filing.identity.setChecked(True)
    key(stage, Qt.Key.Key_F8)
    assert screen.pane.change is not None
    change_id = screen.pane.change.id
    stage.leave()
    scenes.approve(scene, change_id)
    screen = opened(stage, "clerk")
    screen.reading.turn(RECLAIM)
    stage.settle()
    view = screen.pane.reclaim
    assert view is not None and (view.way, view.case) == ("code", scene.case)
    screen.list.rows.setFocus()
    key(stage, Qt.Key.Key_F8)
    assert stage.window is not None and isinstance(stage.window.screen_of("claim"), ClaimScreen)
    assert stage.window.current_page == "claim"


def test_returned_and_withdrawn_end_nothing(stage: Stage, scene: scenes.Scene) -> None:
    change_id = scenes.file_representative(scene)
    with stage.kit.sit("reviewer") as reviewer:
        changes.return_change(reviewer, change_id, ["basis_insufficient"], "请补文号")
    second = scenes.file_representative(scene)
    screen = opened(stage, "clerk")
    asked = answering(True)
    key(stage, Qt.Key.Key_F6)
    assert asked and "什么也不失效" in asked[0].accessibleDescription()
    screen.reading.turn(DONE)
    stage.settle()
    assert {line.key for line in screen.list.rows.lines} == {change_id, second}
    screen.reading.choose(change_id)
    stage.settle()
    view = screen.pane.change
    assert view is not None and "变更依据不足" in view.notices[0][0] and "请补文号" in view.notices[0][0]
    assert view.dying.headline == "这项变更已经办结。"
    assert stage.desk is not None
    assert get_case(stage.desk.session, scene.case).case.lifecycle.value == "claimed"


def test_a_refusal_keeps_what_was_typed(stage: Stage, scene: scenes.Scene) -> None:
    screen = opened(stage, "clerk")
    screen.open("", scene.unit)
    stage.settle()
    filing = screen.flow.filing
    filing.kind.setCurrentIndex(KIND_ORDER.index("resumption"))
    stage.settle()
    filing.reason.setCurrentIndex(1)
    filing.basis.setText("演练依据")
    key(stage, Qt.Key.Key_F8)
    assert "没有被暂停" in filing.problem.accessibleName()
    assert filing.basis.text() == "演练依据" and filing.reason.currentIndex() == 1
    asked = answering(False)
    key(stage, Qt.Key.Key_Escape)
    assert asked and filing.unit is not None, "leaving asks first"
    answering(True)
    stage.button("drop").click()
    stage.settle()
    assert filing.unit is None and screen.mode == 0


@pytest.mark.parametrize("kind", KIND_ORDER)
def test_every_kind_can_be_asked_for(stage: Stage, scene: scenes.Scene, kind: str) -> None:
    screen = opened(stage, "clerk")
    screen.open("", scene.unit)
    stage.settle()
    filing = screen.flow.filing
    filing.kind.setCurrentIndex(KIND_ORDER.index(kind))
    stage.settle()
    assert filing.asks.kind == kind and filing.asks.hint and filing.dying.shown is not None
    assert filing.dying.shown.tone in ("good", "warn", "bad")


def reasons(index: int) -> Callable[[Filing], None]:
    """Choose a reason."""
    return lambda filing: filing.reason.setCurrentIndex(index)


def receiving(filing: Filing) -> None:
    """Choose the office that takes the unit over."""
    filing.office.setCurrentIndex(1)


def address(filing: Filing) -> None:
    """State another address."""
    assert filing.form is not None
    filing.form.value_edited.emit("address", "演练新址 9 号")


def nothing(filing: Filing) -> None:
    """Nothing beside the basis is asked."""


FILED: dict[str, tuple[Callable[[Filing], None], Callable[[UnitState], bool]]] = {
    "manager": (nothing, lambda unit: unit.era_reason == "manager_changed"),
    "details": (address, lambda unit: unit.values["address"] == "演练新址 9 号" and bool(unit.era)),
    "renewal": (nothing, lambda unit: unit.values["valid_from"] == ENDED and not unit.era),
    "suspension": (reasons(1), lambda unit: unit.suspended == "dispute"),
    "resumption": (reasons(1), lambda unit: unit.suspended == ""),
    "handover": (receiving, lambda unit: unit.closed == "handed_over" and bool(unit.moved["unit"])),
    "deregistration": (nothing, lambda unit: unit.closed == "deregistered"),
}
"""What each kind is given on its page, and what its approval does; the representative and the lost phone have
stories of their own above."""
ENDED = "2026-12-05"


@pytest.mark.parametrize("kind", FILED)
def test_each_kind_is_filed_and_approved_on_the_page(stage: Stage, scene: scenes.Scene, kind: str) -> None:
    fill, done = FILED[kind]
    with stage.kit.sit("clerk") as clerk:
        if kind == "renewal":
            values = get_unit(clerk, scene.unit).values
            correct_unit(clerk, scene.unit, {**values, "valid_from": "2021-12-05", "valid_to": ENDED})
        if kind == "resumption":
            held = changes.file_change(
                clerk, scene.unit, "suspension", basis="依据", details={"reason": "dispute"}
            )
    if kind == "resumption":
        scenes.approve(scene, held)
    screen = opened(stage, "clerk")
    screen.open("", scene.unit, kind)
    stage.settle()
    filing = screen.flow.filing
    assert filing.asks.kind == kind
    if filing.asks.basis:
        key(stage, Qt.Key.Key_F8)
        assert filing.problem.isVisible(), "what is missing is asked for"
    fill(filing)
    filing.basis.setText("演练〔2026〕9号")
    stage.settle()
    key(stage, Qt.Key.Key_F8)
    view = screen.pane.change
    assert view is not None and view.waiting, filing.problem.accessibleName()
    screen = opened(stage, "reviewer")
    answering(True)
    key(stage, Qt.Key.Key_F8)
    stage.settle()
    assert stage.desk is not None and done(get_unit(stage.desk.session, scene.unit)), stage.toast()
    if kind == "handover":
        screen.open(view.id)
        stage.settle()
        moved = get_unit(stage.desk.session, scene.unit).moved["unit"]
        assert read_handover(dict(screen.pane.facts.texts())["移交码"]).fresh == moved


def test_what_ends_is_listed_and_leads_to_the_renewal(stage: Stage, scene: scenes.Scene) -> None:
    with stage.kit.sit("clerk") as clerk:
        values = get_unit(clerk, scene.unit).values
        correct_unit(clerk, scene.unit, {**values, "valid_from": "2021-12-05", "valid_to": ENDED})
    screen = opened(stage, "clerk")
    screen.reading.turn(PERIOD)
    stage.settle()
    assert [(line.key, line.mark) for line in screen.list.rows.lines] == [(scene.unit, "即将到期")]
    view = screen.pane.reclaim
    assert view is not None and ("有效期至", "2026-12-05（即将到期）") in view.facts
    screen.list.rows.setFocus()
    key(stage, Qt.Key.Key_F8)
    filing = screen.flow.filing
    assert filing.unit is not None and (filing.unit.unit, filing.asks.kind) == (scene.unit, "renewal")
    key(stage, Qt.Key.Key_F8)
    assert screen.pane.change is not None and screen.pane.change.waiting
    screen.reading.turn(PERIOD)
    stage.settle()
    assert screen.list.rows.lines[0].mark == "在办"
    screen.list.rows.setFocus()
    key(stage, Qt.Key.Key_F8)
    assert screen.pane.change is not None and screen.list.rows.current_key() == screen.pane.change.id


def test_who_filed_it_cannot_approve_it(stage: Stage, scene: scenes.Scene) -> None:
    with stage.kit.sit("both") as both:
        changes.file_change(
            both, scene.unit, "representative", values={"representative_name": "符样新"}, basis="依据"
        )
    screen = opened(stage, "both")
    view = screen.pane.change
    assert view is not None and view.decides and not view.may_approve and "另一位" in view.why_not
    assert view.notices[0][0] == view.why_not and not stage.button("approve").isEnabled()


def test_an_auditor_does_not_see_the_page(stage: Stage, scene: scenes.Scene) -> None:
    stage.enter("auditor")
    assert stage.shell is not None and all(page.key != "changes" for page in stage.shell.pages)


def test_tabs_say_how_many_wait(stage: Stage, scene: scenes.Scene) -> None:
    scenes.file_representative(scene)
    screen = opened(stage, "reviewer")
    assert screen.tabs.buttons[WAITING].text() == "待审核 1"
    assert screen.tabs.buttons[RECLAIM].text() == "待重领 0"


def test_a_decided_change_prints_its_notice_and_shows_the_reach(stage: Stage, scene: scenes.Scene) -> None:
    change_id = scenes.file_representative(scene)
    scenes.approve(scene, change_id)
    screen = opened(stage, "clerk")
    printed: list[bytes] = []
    screen.deciding.out = PaperOut(screen, screen._say, printer=Tray(printed))
    screen.open(change_id)
    screen.reading.turn(DONE)
    stage.settle()
    view = screen.pane.change
    assert view is not None and view.voided and screen.pane.reach.isHidden(), "no hub, no meter"
    key(stage, Qt.Key.Key_F9)
    stage.settle(200)
    assert len(printed) == 1 and printed[0].startswith(b"%PDF-")
    holder = HolderReach("party", "演练税务局", 1_800_000_000, 1_800_003_600)
    reach = UnitReach(scene.unit, "演练单位", 1_800_000_000, 1_800_000_600, 1_800_003_600, (holder,))
    screen.pane.show_reach(view.id, reach_view(reach, 1_800_000_010))
    assert screen.pane.reach.isVisible() and "最迟" in screen.pane.reach.head.accessibleName()
    assert reach_view(reach, 1_800_003_600).tone == "good"
    file = replace(reach, holders=(HolderReach("file", "", 1_800_000_000, 1_800_003_600),))
    assert any(words.startswith("导出的文件持有") for _, words in reach_view(file, 1_800_000_010).lines)


def test_the_case_and_the_unit_lead_here(stage: Stage, scene: scenes.Scene) -> None:
    stage.enter("clerk")
    cases = stage.open("cases", CasesScreen)
    cases.open(scene.case)
    stage.settle()
    assert stage.button("lost").isEnabled()
    cases.take("lost")
    stage.settle()
    assert stage.window is not None and stage.window.current_page == "changes"
    screen = stage.window.screen_of("changes")
    assert isinstance(screen, ChangesScreen) and screen.flow.filing.asks.kind == "loss"
    screen.flow.drop()
    units = stage.open("units", UnitsScreen)
    units.open(scene.unit)
    stage.settle()
    units.detail.life.click()
    stage.settle()
    assert stage.window.current_page == "changes" and screen.flow.filing.asks.kind == "representative"
