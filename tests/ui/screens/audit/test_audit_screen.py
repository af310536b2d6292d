"""操作记录 in a real window: filters, pages, the proof, and who may look."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.errors import EnvironmentFault
from core.records.kinds import KINDS
from core.services import applications, audit, erasure
from tests.ui.screens.cases.stage import Stage
from ui.screens.audit.screen import AuditScreen
from ui.screens.audit.state import kind_choices, person_choices


def words(screen: AuditScreen) -> list[str]:
    return [row.cells[3].text for row in screen.table.rows]


def test_all_that_was_done_stands_there_newest_first(stage: Stage) -> None:
    stage.kit.approved_case()
    stage.enter("auditor")
    screen = stage.open("audit", AuditScreen)
    assert words(screen)[:3] == ["核准了申请", "提交了审核", "核对了申领材料：原件 4 项、复印件 3 项"]
    assert words(screen)[-1] == "设立了登记机关，添加了首位管理员"
    top = [cell.text for cell in screen.table.rows[0].cells]
    assert top[0].startswith("2026-11-23 10:01") and top[1] == "reviewer"
    assert top[4].startswith("申请　2026-") and top[5] == "待同步"


def test_filters_narrow_and_clear(stage: Stage) -> None:
    stage.kit.approved_case()
    second = stage.kit.approved_case()
    stage.enter("auditor")
    screen = stage.open("audit", AuditScreen)
    everything = len(screen.table.rows)
    screen.filter.kind.setCurrentIndex(screen.filter.kind.findData("case_approved"))
    stage.settle()
    assert words(screen) == ["核准了申请"] * 2
    assert stage.desk is not None and stage.window is not None
    number = applications.get_case(stage.desk.session, second).case.case_no
    QTest.keyClick(stage.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(stage.window._header.search, number[-4:])
    stage.settle()
    assert [row.cells[4].text for row in screen.table.rows] == [f"申请　{number}"]
    screen.filter.person.setCurrentIndex(screen.filter.person.findData(stage.kit.person("clerk")))
    stage.settle()
    assert screen.table.rows == () and not screen.table.isVisible()
    screen.filter.clear()
    stage.settle()
    assert len(screen.table.rows) == everything


def test_pages_of_the_record(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.kit.approved_case()
    monkeypatch.setattr("ui.screens.audit.screen.PAGE", 4)
    stage.enter("auditor")
    screen = stage.open("audit", AuditScreen)
    screen._wanted = 4
    screen.load()
    stage.settle()
    assert len(screen.table.rows) == 4 and screen.more.isVisible()
    seen = []
    while screen.more.isVisible():
        screen.more.click()
        stage.settle()
        seen = [int(row.key) for row in screen.table.rows]
    assert seen == list(range(seen[0], 0, -1)), "a gap or a repeat between two pages"


def test_the_proof_says_how_many_stand(stage: Stage) -> None:
    stage.kit.approved_case()
    stage.enter("auditor")
    screen = stage.open("audit", AuditScreen)
    QTest.keyClick(screen.table, Qt.Key.Key_F6)
    stage.settle()
    assert screen.result.isVisible()
    assert f"已核验 {len(screen.table.rows)} 条记录" in screen.result.accessibleName()
    assert stage.button("verify").isEnabled()
    assert stage.window is not None and not stage.window.busy.isVisible()


def test_a_record_that_does_not_hold_is_said_aloud(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.kit.approved_case()
    stage.enter("auditor")
    screen = stage.open("audit", AuditScreen)

    def broken(*_: object) -> int:
        raise EnvironmentFault("record_tampered", action="x")

    monkeypatch.setattr(audit, "verify_record", broken)
    screen.verify()
    stage.settle()
    assert screen.result.property("tone") == "bad"
    assert "可能被改动过" in screen.result.accessibleName()
    assert stage.button("verify").isEnabled()


def test_the_proof_can_be_stopped(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.kit.approved_case()
    stage.enter("auditor")
    screen = stage.open("audit", AuditScreen)
    real = audit.verify_record

    def stopping(session, seen):  # type: ignore[no-untyped-def]
        assert screen._verifying is not None
        screen._verifying.cancel()
        return real(session, seen)

    monkeypatch.setattr(audit, "verify_record", stopping)
    screen.verify()
    stage.settle()
    assert not screen.result.isVisible()
    assert stage.button("verify").isEnabled()


def test_what_was_erased_is_shown_as_destroyed(stage: Stage) -> None:
    case_id = stage.kit.approved_case()
    with stage.kit.sit("admin") as admin:
        erasure.erase(admin, "case", case_id)
    stage.enter("auditor")
    screen = stage.open("audit", AuditScreen)
    assert "填报了申请（个人信息已销毁）" in words(screen)
    assert "登记了单位" in words(screen), "only what was destroyed is marked"
    screen.verify()
    stage.settle()
    assert screen.result.property("tone") == "good", "destroying on purpose breaks no proof"


def test_enter_leads_to_the_case(stage: Stage) -> None:
    case_id = stage.kit.approved_case()
    stage.enter("auditor")
    screen = stage.open("audit", AuditScreen)
    opened: list[str] = []
    screen._navigator.open_case = opened.append  # type: ignore[method-assign]
    QTest.keyClick(screen.table, Qt.Key.Key_Home)
    QTest.keyClick(screen.table, Qt.Key.Key_Return)
    assert stage.desk is not None
    assert opened == [applications.get_case(stage.desk.session, case_id).case.case_no]


def test_a_clerk_finds_a_closed_door(stage: Stage) -> None:
    desk = stage.enter("clerk")
    assert stage.shell is not None and stage.window is not None
    screen = AuditScreen(desk, stage.shell)
    screen.setParent(stage.window)
    screen.load()
    stage.settle()
    assert screen.table.rows == ()
    (action,) = [each for each in screen.actions_offered() if each.id == "verify"]
    assert not action.enabled and "审计" in action.tip


def test_every_kind_can_be_filtered_by() -> None:
    assert {code for code, _ in kind_choices()} == {"", *KINDS}
    assert person_choices((("2", "b"), ("1", "a"))) == (
        ("", "全部人员"),
        ("1", "a"),
        ("2", "b"),
        ("hub", "省级平台"),
    )
