"""核验 in a real window beside the real hub: three answers, and nothing stays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from qrcode.constants import ERROR_CORRECT_L
from qrcode.main import QRCode

from core.documents.qr import matrix, png
from core.forms.check_digits import organisation_check_character, uscc_check_character
from core.services.applications import get_case
from core.services.certificate_paper import certificate_paper
from core.services.sync import sync
from core.verbs.signed_paper import sign_and_scan
from hub.party_profile import OFFICE_BUDGET
from hub.scenarios import add_scenarios, remove_scenarios
from tests.core.services.real_hub import lost
from tests.core.services.test_verification import NUMBER, PERSON, Room
from tests.ui.screens.cases.stage import Stage
from ui.screens.uses.screen import UsesScreen
from ui.screens.verify.answer_pane import ANSWERED, WAITING
from ui.screens.verify.screen import VerifyScreen
from ui.task import lanes

_BODY = "12460000MB0X0000" + organisation_check_character("MB0X0000")
UNKNOWN = _BODY + uscc_check_character(_BODY)
"""A code that could be, of a unit that is not."""


class VerifyStage(Stage):
    """A window at an office whose hub runs in this process."""

    def __init__(self, place: Path) -> None:
        self.room = Room(place)
        self.kit = self.room.kit
        self.desk = self.window = self.shell = None

    def opened(self, login: str = "both") -> VerifyScreen:
        """Sign in and open the page."""
        self.enter(login).set_hub(self.room.real.port)
        return self.open("verify", VerifyScreen)

    def close(self) -> None:
        """Sign out, stop the lanes, close hub and office."""
        self.leave()
        assert lanes().shutdown() == ()
        self.room.close()


@pytest.fixture
def stage(qapp: QApplication, tmp_path: Path) -> Iterator[VerifyStage]:
    made = VerifyStage(tmp_path)
    yield made
    made.close()


def scan(stage: VerifyStage, screen: VerifyScreen, text: str) -> None:
    """Type as a scanner does: all of it, and Enter, where the focus is."""
    assert screen.ask.code.hasFocus()
    screen.ask.code.setText(text)
    QTest.keyClick(screen.ask.code, Qt.Key.Key_Return)
    stage.settle()


def title(screen: VerifyScreen) -> str:
    assert screen.answer.layers.currentIndex() == ANSWERED and screen.answer.shown is not None
    return screen.answer.shown.title


def test_scanned_with_person_and_matter_and_the_person_is_gone(
    stage: VerifyStage,
) -> None:
    screen = stage.opened()
    screen.ask.name.setText(PERSON.name)
    screen.ask.number.setText(NUMBER)
    screen.ask.matter.setCurrentIndex(screen.ask.matter.findData("BANK"))
    scan(stage, screen, stage.room.text)
    assert title(screen) == "有效（持证人未证实）" and "演练证书" in screen.answer.why.text()
    assert "未证明出示人持有该证书" in screen.answer.why.text()
    assert screen.answer.as_of.text().startswith("已联网，状态截至 2026-")
    assert ("名称", "虚构县图书馆") in screen.answer.facts.texts()
    assert screen.ask.question() == ("BANK", "", "") and screen.ask.code.text() == ""
    assert screen.ask.code.hasFocus(), "ready for the next one"


def test_matters_are_those_of_the_hubs_list_and_a_chosen_one_stays(stage: VerifyStage) -> None:
    screen = stage.opened()
    assert screen.ask.matter.findData("HOUSING") == -1
    housing = {"code": "HOUSING", "name": "住房公积金缴存", "department": "住房公积金管理机构"}
    add_scenarios(stage.room.real.hub, json.dumps({"scenarios": [housing]}).encode())
    remove_scenarios(stage.room.real.hub, b'{"codes": ["SEAL", "BANK"]}')
    screen.ask.matter.setCurrentIndex(screen.ask.matter.findData("BANK"))
    scan(stage, screen, stage.room.text)
    box = screen.ask.matter
    assert box.itemText(box.findData("HOUSING")) == "住房公积金缴存" and box.findData("SEAL") == -1
    assert screen.ask.question()[0] == "BANK" and box.currentText() == "银行开户和贷款（已移出清单）"
    stage.leave()
    again = stage.opened()
    assert again.ask.matter.findData("HOUSING") > 0 and again.ask.matter.findData("BANK") == -1


def test_void_offline_and_foreign(stage: VerifyStage) -> None:
    screen = stage.opened()
    stage.room.void()
    scan(stage, screen, stage.room.text)
    assert (title(screen), screen.answer.shown.icon) == ("无效", "circle-x")  # type: ignore[union-attr]
    assert "证书已失效" in screen.answer.why.text() and "不要凭它办理" in screen.answer.todo.text()
    stage.room.real.wire = lost
    stage.kit.clock.move(hours=30)
    scan(stage, screen, stage.room.text)
    assert title(screen) == "无法确认" and screen.answer.as_of.text().startswith("未联网")
    scan(stage, screen, "hello")
    assert title(screen) == "无效" and not screen.answer.facts.texts()
    scan(stage, screen, "https://elsewhere.test/v/abc")
    assert screen.problem.isVisible() and screen.answer.layers.currentIndex() == WAITING


def test_pasted_chosen_and_watched(stage: VerifyStage, tmp_path: Path) -> None:
    screen = stage.opened()
    QGuiApplication.clipboard().setText(stage.room.text)
    stage.button("paste").click()
    stage.settle()
    assert title(screen) == "有效（持证人未证实）"
    picture = tmp_path / "symbol.png"
    picture.write_bytes(png(matrix("CDP1:NOTHING"), 4))
    screen.verify_file(picture)
    stage.settle()
    assert title(screen) == "无法确认" or title(screen) == "无效"
    screen.eye.looked.emit(frozenset(), [tmp_path / "gone.png"])
    stage.settle()
    assert screen.problem.isVisible()
    QGuiApplication.clipboard().clear()
    stage.button("paste").click()
    assert "剪贴板里没有文本" in screen.problem.accessibleName()


def test_a_sheet_its_photo_and_the_code_of_a_phone_are_valid_by_file_folder_and_paste(
    stage: VerifyStage, tmp_path: Path
) -> None:
    case = stage.room.claimed_case()
    with stage.kit.sit("clerk") as session:
        pdf = certificate_paper(session, stage.room.real.port, case)
        name = get_case(session, case).unit.values["name"]
    screen = stage.opened()
    sheet, photo, code = tmp_path / "sheet.pdf", tmp_path / "photo.jpg", tmp_path / "code.png"
    sheet.write_bytes(pdf)
    photo.write_bytes(sign_and_scan(pdf, 7))
    large = QRCode(error_correction=ERROR_CORRECT_L)  # as the phone draws it: our own sheets hold less
    large.add_data(stage.room.offline_code())
    code.write_bytes(png(large.get_matrix(), 5))

    def valid(expected: str) -> None:
        stage.settle()
        assert title(screen) == "有效", screen.answer.why.text()
        assert ("名称", expected) in screen.answer.facts.texts()

    screen.verify_file(sheet)
    valid(name)
    assert "与纸面逐项核对" in screen.answer.todo.text()
    screen.eye.looked.emit(frozenset(), [photo])
    valid(name)
    screen.verify_file(code)
    valid("虚构县图书馆")
    QGuiApplication.clipboard().setText(stage.room.offline_code())
    stage.button("paste").click()
    valid("虚构县图书馆")
    sheet.write_bytes(pdf.replace(b"/Title <", b"/Titlf <", 1))
    screen.verify_file(sheet)
    stage.settle()
    assert title(screen) == "无效" and "改动" in screen.answer.why.text()


def test_half_a_person_is_refused_and_escape_or_leaving_forgets_all(stage: VerifyStage) -> None:
    screen = stage.opened()
    screen.ask.name.setText(PERSON.name)
    scan(stage, screen, stage.room.text)
    assert screen.problem.isVisible() and screen.ask.number.hasFocus()
    QTest.keyClick(screen.ask.number, Qt.Key.Key_Escape)
    assert screen.ask.question()[1] == "" and not screen.problem.isVisible()
    scan(stage, screen, stage.room.text)
    assert title(screen) == "有效（持证人未证实）"
    assert stage.window is not None
    stage.window.open("units")
    stage.settle()
    assert (
        screen.answer.shown is None and screen.answer.title.text() == "" and not screen.answer.facts.texts()
    )


def test_who_sees_the_page(stage: VerifyStage) -> None:
    stage.enter("auditor")
    assert stage.shell is not None and "verify" not in [page.key for page in stage.shell.pages]


REASON = "办理变更登记前核对登记事项"


def opened_synced(stage: VerifyStage) -> VerifyScreen:
    """The page at a desk whose people the hub knows."""
    with stage.kit.sit("clerk") as session:
        sync(session, stage.room.real.port)
    return stage.opened()


def by_code(stage: VerifyStage, screen: VerifyScreen, uscc: str, reason: str = REASON) -> None:
    """Type a code and a reason as a person does, with Enter after each."""
    screen.ask.uscc.setFocus()
    screen.ask.forget_basic()
    for field, words in ((screen.ask.uscc, uscc), (screen.ask.reason, reason)):
        assert field.hasFocus()
        field.insert(words)
        QTest.keyClick(field, Qt.Key.Key_Return)
    stage.settle()


def test_basic_data_by_credit_code_and_the_line_it_leaves(stage: VerifyStage) -> None:
    case = stage.room.claimed_case()
    with stage.kit.sit("clerk") as session:
        values = get_case(session, case).unit.values
    screen = stage.opened()
    by_code(stage, screen, values["uscc"])
    assert title(screen) == "有效" and screen.answer.kind.text() == "按信用代码查询的基本信息"
    assert screen.answer.facts_title.text() == "登记的基本信息"
    facts = dict(screen.answer.facts.texts())
    assert facts["名称"] == values["name"] and facts["宗旨和业务范围"] == values["purpose"]
    assert facts["法定代表人"] and "记入用证清单" in screen.answer.todo.text()
    assert (screen.ask.uscc.text(), screen.ask.reason.text()) == ("", "") and screen.ask.uscc.hasFocus()
    assert stage.shell is not None and stage.window is not None
    stage.shell.open_uses()
    stage.settle()
    uses = stage.window.screen_of("uses")
    assert isinstance(uses, UsesScreen)
    (row,) = uses.table.rows
    said = [cell.text for cell in row.cells]
    assert said[2:5] == [values["name"], "登记管理核对", REASON] and said[6] == "有效"
    assert screen.answer.shown is None, "gone with the page"
    scan(stage, stage.open("verify", VerifyScreen), stage.room.text)
    assert screen.answer.facts_title.text().startswith("对方出示的内容")


def test_a_code_that_nobody_has_and_one_that_is_none(stage: VerifyStage) -> None:
    screen = opened_synced(stage)
    by_code(stage, screen, UNKNOWN)
    assert title(screen) == "无法确认" and "没有查到这个单位" in screen.answer.why.text()
    assert not screen.answer.facts.texts() and "核对统一社会信用代码" in screen.answer.todo.text()
    asked = len(stage.room.real.said)
    by_code(stage, screen, UNKNOWN[:-1])
    assert "还差 1 位" in screen.problem.accessibleName()
    assert screen.ask.reason.text() == REASON, "what was typed stays"
    assert len(stage.room.real.said) == asked, "nothing was asked"
    assert screen.answer.layers.currentIndex() == WAITING


def test_a_question_by_code_is_whole_or_not_asked(stage: VerifyStage) -> None:
    screen = stage.opened()
    asked = len(stage.room.real.said)
    QTest.keyClick(screen, Qt.Key.Key_F9)
    assert "信用代码和查验事由" in screen.problem.accessibleName() and screen.ask.uscc.hasFocus()
    screen.ask.uscc.setText(UNKNOWN)
    stage.button("basic").click()
    assert screen.ask.reason.hasFocus()
    QTest.keyClicks(screen.ask.reason, "   ")
    QTest.keyClick(screen.ask.reason, Qt.Key.Key_Return)
    stage.settle()
    assert screen.problem.isVisible() and len(stage.room.real.said) == asked
    assert screen.ask.reason.maxLength() == 200
    QTest.keyClick(screen.ask.reason, Qt.Key.Key_Escape)
    assert screen.ask.uscc.text() == screen.ask.reason.text() == "" and not screen.problem.isVisible()


def test_whom_the_hub_does_not_know_yet_is_told_to_sync(stage: VerifyStage) -> None:
    screen = stage.opened()
    by_code(stage, screen, UNKNOWN)
    assert "同步一次" in screen.problem.accessibleName() and screen.ask.reason.text() == REASON


def test_basic_data_offline_and_refused_say_what_to_do(stage: VerifyStage) -> None:
    screen = opened_synced(stage)
    stage.room.real.wire = lost
    by_code(stage, screen, UNKNOWN)
    said = screen.problem.accessibleName()
    assert "连不上省级平台" in said and "F9" in said and "亮证" in said
    assert screen.ask.uscc.text() == UNKNOWN and screen.ask.uscc.hasFocus()
    stage.room.real.wire = lambda path, body, carry: carry()
    for _ in range(OFFICE_BUDGET.minute + 1):
        screen.ask.uscc.setText(UNKNOWN)
        screen.ask.reason.setText(REASON)
        screen.ask_basic()
        stage.settle()
    assert "次数暂时用完" in screen.problem.accessibleName()
    assert screen.answer.layers.currentIndex() == WAITING
    stage.room.real.wire = lambda path, body, carry: (200, b"{}")
    screen.ask_basic()
    stage.settle()
    assert screen.problem.isVisible() and screen.answer.layers.currentIndex() == WAITING


def test_without_a_hub_there_is_nobody_to_ask(stage: VerifyStage) -> None:
    stage.enter("both")
    screen = stage.open("verify", VerifyScreen)
    assert not screen.ask.uscc.isEnabled() and not stage.button("basic").isEnabled()
    assert "还没有接入" in screen.ask.basic_hint.text()
    screen.ask_basic()
    assert screen.answer.layers.currentIndex() == WAITING
