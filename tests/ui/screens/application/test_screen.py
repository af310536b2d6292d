"""The page through the product's window: what is typed is never lost, and paper and record never part."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QAbstractButton, QApplication

from core.documents.printing import FilePrinter
from core.errors import EnvironmentFault
from core.services import applications
from core.settings import Settings
from tests.core.services.office_kit import OfficeKit
from tests.ui.screens.application.stage import Stage, filled, print_dialog, printed, registered, texts
from ui.screens.application.work import SIGNED_FORM, form_pdf
from ui.widgets.confirm import ConfirmDialog

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
Take = Callable[..., Stage]


class FaultyPrinter(FilePrinter):
    """Keeps the port's contract for a printer with a given fault."""

    def __init__(self, folder: Path, code: str) -> None:
        super().__init__(folder, ["窗口打印机"])
        self.code = code

    def print_pdf(self, name: str, pdf: bytes, copies: int, title: str) -> str:
        if self.code:
            raise EnvironmentFault(self.code, printer=name, program="lp", status=1)
        return super().print_pdf(name, pdf, copies, title)


def paste(stage: Stage, field: str, data: QMimeData) -> None:
    QApplication.clipboard().setMimeData(data)
    stage.screen.bench.form.focus_field(field)
    stage.press(Key.Key_A, CTRL)
    stage.press(Key.Key_V, CTRL)


# --- typing -----------------------------------------------------------------------------------------


def test_ten_thousand_pasted_characters_are_kept_and_refused_in_words(
    take_stage: Take, kit: OfficeKit
) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    data = QMimeData()
    data.setText("演" * 10_000)
    paste(stage, "address", data)
    assert stage.work.values["address"] == "演" * 10_000
    assert "address" in stage.work.faulty
    stage.press(Key.Key_F9)
    assert stage.screen.bench.form.current_field() == "address"
    assert "1 项需要核对" in stage.window.toast.text
    assert applications.cases_of_unit(stage.desk.session, unit) == []
    stage.screen.save_now()
    stage.until(lambda: applications.drafts(stage.desk.session))
    (draft,) = applications.drafts(stage.desk.session)
    assert draft.values["address"] == "演" * 10_000


def test_pasted_rich_text_arrives_as_its_words(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    stage.start(unit)
    data = QMimeData()
    data.setHtml("<b>海南省</b><i onload='x'>美兰区１号</i>")
    data.setText("海南省美兰区１号")
    paste(stage, "address", data)
    assert (
        stage.work.values["address"] == "海南省美兰区１号"
        or stage.work.values["address"] == "海南省美兰区1号"
    )
    assert "<" not in stage.work.typed["address"]


def test_a_composition_counts_only_when_it_is_committed(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    stage.start(unit)
    stage.screen.bench.form.focus_field("remark")
    QApplication.sendEvent(stage.focused(), QInputMethodEvent("yan lian", []))
    assert stage.work.values["remark"] == ""
    stage.say("演练\U0002c29d")
    assert stage.work.values["remark"] == "演练\U0002c29d"


def test_a_character_without_a_font_is_named_at_its_field(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    stage.screen.hand.edit("representative_name", "王\U00031350")
    stage.until(lambda: "representative_name" in stage.work.faulty)
    stage.press(Key.Key_F9)
    assert stage.screen.bench.form.current_field() == "representative_name"
    assert applications.cases_of_unit(stage.desk.session, unit) == []
    stage.screen.hand.edit("representative_name", "王演")
    assert stage.work.faulty == ()


# --- drafts -----------------------------------------------------------------------------------------


def test_a_draft_survives_the_end_of_the_program(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    stage.start(unit)
    stage.screen.bench.form.focus_field("representative_mobile")
    stage.digits("13800001234")
    stage.until(lambda: stage.screen.hand.keeper.chip is not None)
    assert "已自动保存" in stage.screen.header().chips[0].text
    # Killed: nothing is closed, nothing is asked. The next start finds it.
    again = take_stage()
    again.until(lambda: again.screen.picker._bars.count())
    bar = again.screen.picker._bars.itemAt(0).widget()
    go_on = next(b for b in bar.findChildren(QAbstractButton) if b.accessibleName() == "继续")
    go_on.click()
    again.until(lambda: again.work is not None)
    assert again.work.values["representative_mobile"] == "13800001234"
    assert again.work.unit.id == unit


def test_locking_in_the_middle_of_a_word_loses_nothing(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    stage.start(unit)
    stage.screen.bench.form.focus_field("remark")
    stage.say("锁前")
    stage.screen.save_now()
    # As the desktop does it: the session is closed on the store lane, after what was handed over before.
    done: list[object] = []
    stage.desk.ask(stage.screen, lambda *_: None).on_success(done.append).start("store")
    stage.until(lambda: done)
    stage.desk.lock()
    stage.screen.hand.edit("remark", "锁后")
    stage.sit("clerk")
    (draft,) = applications.drafts(stage.desk.session)
    assert draft.values["remark"] == "锁前"
    assert stage.work.values["remark"] == "锁后"


def test_leaving_the_page_saves_and_choosing_another_unit_keeps_the_first(
    take_stage: Take, kit: OfficeKit
) -> None:
    first, second = registered(kit, 2)
    stage = take_stage()
    stage.start(first)
    stage.screen.hand.edit("remark", "第一家")
    assert stage.screen.may_leave()
    stage.start(second)
    stage.screen.hand.edit("remark", "第二家")
    stage.start(first)
    assert stage.work.values["remark"] == "第一家" and stage.work.restored
    stage.start(second)
    assert stage.work.values["remark"] == "第二家"


def test_a_form_nobody_typed_into_leaves_no_draft(take_stage: Take, kit: OfficeKit) -> None:
    first, second = registered(kit, 2)
    stage = take_stage()
    stage.start(first)
    stage.start(second)
    assert applications.drafts(stage.desk.session) == []


def test_giving_a_draft_up_is_asked_and_then_final(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    stage.start(unit)
    stage.screen.hand.edit("remark", "不要了")
    stage.screen.pick_unit()
    stage.until(lambda: stage.screen.picker._bars.count())
    draft = stage.work.draft_id

    def answer(confirm: bool) -> None:
        def act() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, ConfirmDialog)
            (dialog.confirm if confirm else dialog.stay).click()

        QTimer.singleShot(50, stage.screen, act)
        stage.screen.picker.discarded.emit(draft)

    answer(False)
    assert [each.id for each in applications.drafts(stage.desk.session)] == [draft]
    answer(True)
    stage.until(lambda: applications.drafts(stage.desk.session) == [])
    assert stage.work is None
    stage.screen.save_now()
    stage.until(lambda: stage.screen.picker._bars.count() == 0)
    assert applications.drafts(stage.desk.session) == []


# --- print ------------------------------------------------------------------------------------------


def test_previewed_printed_and_filed_are_the_same_bytes(
    take_stage: Take, kit: OfficeKit, spool: Path
) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    seen = form_pdf(stage.work)((0.0, 0.0))
    printed(stage)
    (sheet,) = spool.glob("*.pdf")
    assert sheet.read_bytes() == seen
    case = applications.get_case(stage.desk.session, stage.work.case.id).case
    assert case.printed == {case.content: 1} and case.values["unit_name"] == stage.work.values["unit_name"]
    assert applications.drafts(stage.desk.session) == []


def test_the_printers_offset_reaches_the_sheet(take_stage: Take, kit: OfficeKit, spool: Path) -> None:
    (unit,) = registered(kit)
    settings = Settings().changed(printer="窗口打印机", copies=2).with_offset("窗口打印机", (2.0, -1.0))
    stage = take_stage(settings=settings)
    filled(stage, unit)
    printed(stage)
    sheets = sorted(spool.glob("*.pdf"))
    assert len(sheets) == 2
    assert sheets[0].read_bytes() == form_pdf(stage.work)((2.0, -1.0)) != form_pdf(stage.work)((0.0, 0.0))
    assert stage.work.case.printed == {stage.work.case.content: 2}


def test_editing_after_printing_names_what_changed(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    assert texts(stage) == []
    before = stage.work.values["representative_mobile"]
    stage.screen.hand.edit("representative_mobile", "13800007777")
    assert texts(stage) == ["纸质表与当前内容不一致，请重新打印（改动：法定代表人手机）。"]
    stage.screen.paper_desk.add(["/nowhere.png"], SIGNED_FORM)
    assert "重新打印" in stage.window.toast.text
    stage.screen.hand.edit("representative_mobile", before)
    assert texts(stage) == []
    stage.screen.hand.edit("representative_mobile", "13800007777")
    printed(stage)
    assert texts(stage) == []
    assert sorted(stage.work.case.printed.values()) == [1, 1]


def test_a_silent_printer_stays_a_question_until_somebody_looked(
    take_stage: Take, kit: OfficeKit, spool: Path
) -> None:
    (unit,) = registered(kit)
    printer = FaultyPrinter(spool, "printer_timeout")
    stage = take_stage(printer=printer)
    filled(stage, unit)
    dialog = print_dialog(stage)
    dialog.print_button.click()
    stage.until(lambda: dialog.yes.isVisible())
    dialog.reject()
    stage.until(lambda: texts(stage))
    assert "没有得到确认" in texts(stage)[0]
    stage.press(Key.Key_F9)
    assert "先确认" in stage.window.toast.text and stage.screen.prints.dialog is None
    case_id = stage.work.case.id
    # Killed and started again: still a question.
    again = take_stage(printer=printer)
    again.screen.open(case_id=case_id)
    again.until(lambda: texts(again))
    again.screen.bench.side.told.emit("pending", "not_printed")
    again.until(lambda: texts(again) == [])
    assert again.work.case.printed == {}
    dialog = print_dialog(again)
    dialog.print_button.click()
    again.until(lambda: dialog.yes.isVisible())
    dialog.yes.click()
    again.until(lambda: again.work.printed)


@pytest.mark.parametrize("code", ["printer_failed", "print_system_missing"])
def test_a_printer_that_refuses_is_said_and_can_be_tried_again(
    take_stage: Take, kit: OfficeKit, spool: Path, code: str
) -> None:
    (unit,) = registered(kit)
    printer = FaultyPrinter(spool, code)
    stage = take_stage(printer=printer)
    filled(stage, unit)
    dialog = print_dialog(stage)
    dialog.print_button.click()
    stage.until(lambda: dialog.state.tone == "bad")
    assert dialog.state.stage == "ready" and dialog.state.text
    printer.code = ""
    dialog.print_button.click()
    stage.until(lambda: dialog.state.stage == "done")
    dialog.reject()
    stage.until(lambda: stage.work.printed)
    assert list(stage.work.case.printed.values()) == [1] and stage.work.pending == 0


def test_what_is_typed_while_the_case_is_being_filed_is_kept(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    stage.screen.steps.print_paper()
    stage.screen.hand.edit("remark", "趁机改的")
    stage.screen.paper_desk._on_ticked("manager_id", "copy", True)
    stage.until(lambda: stage.work.case is not None)
    assert stage.work.values["remark"] == "趁机改的" and stage.work.changed == ("remark",)
    case_id = stage.work.case.id
    stage.until(lambda: [d.subject for d in applications.drafts(stage.desk.session)] == [case_id])
    stage.until(
        lambda: (
            applications.get_case(stage.desk.session, case_id).case.papers.get("manager_id", {}).get("copy")
        )
    )
