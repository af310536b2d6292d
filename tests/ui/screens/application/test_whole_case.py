"""A whole application by the keyboard alone, through the product's window: from the unit to the reviewer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from core.forms.spec import visible_fields
from core.records.states import Lifecycle
from core.services import applications, review
from tests.core.services.office_kit import OfficeKit
from tests.ui.screens.application.stage import Stage, letter_png

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
INITIALS = {"attachment-1": "mlqyldyxx", "attachment-3": "mlqyldyxx"}


def fill(stage: Stage, values: dict[str, str]) -> None:
    """Walk through the form with Enter, from the first field to the last, and type what is missing."""
    stage.screen.bench.form.focus_field("filled_on")
    while True:
        work, form = stage.work, stage.screen.bench.form
        id = form.current_field()
        field = work.form.field(id)
        wanted = values.get(id, "")
        if wanted and work.values[id] != wanted:
            type_value(stage, field, wanted)
        asked = [each.id for each in visible_fields(stage.work.form, stage.work.values)]
        if id == asked[-1]:
            return
        stage.press(Key.Key_Return)
        assert form.current_field() == asked[asked.index(id) + 1]


def type_value(stage: Stage, field: object, wanted: str) -> None:
    kind, id = field.kind, field.id  # type: ignore[attr-defined]
    if kind == "tick":
        stage.press(Key.Key_Space)
    elif kind == "choice":
        choose(stage, id, wanted)
    elif kind in ("id_number", "mobile", "date"):
        stage.digits(wanted)
    else:
        stage.say(wanted)


def choose(stage: Stage, id: str, wanted: str) -> None:
    """Choose by arrow keys and space: segments and drop-down lists alike."""
    for _ in range(8):
        stage.press(Key.Key_Space) if isinstance(stage.focused(), QPushButton) else None
        if stage.work.values[id] == wanted:
            return
        stage.press(Key.Key_Right if isinstance(stage.focused(), QPushButton) else Key.Key_Down)
    raise AssertionError(f"{id} is {stage.work.values[id]!r}, wanted {wanted!r}")


def pick_by_initials(stage: Stage, typed: str) -> None:
    stage.until(lambda: stage.screen.picker.list.rows.lines)
    assert stage.focused() is stage.screen.picker.list.search
    stage.digits(typed)
    # At once, while the list still answers the empty question: the right unit must be taken all the same.
    stage.press(Key.Key_Return)
    stage.until(lambda: stage.screen.in_hand is not None)


def tick_everything(stage: Stage) -> None:
    """Tab from tick to tick and press the space bar on the open ones of needed papers."""
    stage.screen.bench.papers.focus_open_tick()
    for _ in range(30):
        if not stage.work.missing:
            return
        stage.press(Key.Key_Space)
        stage.screen.bench.papers.focus_open_tick()
    raise AssertionError(f"papers left open: {stage.work.missing} {stage.work.ticks}")


@pytest.mark.parametrize("form_id", ["attachment-1", "attachment-3"])
def test_from_the_unit_to_the_reviewer_by_keys(
    take_stage: Callable[..., Stage], kit: OfficeKit, tmp_path: Path, form_id: str
) -> None:
    with kit.sit("clerk") as clerk:
        units = [kit.unit(clerk) for _ in range(4)]
        values = kit.typed(clerk, units[0], form_id)
        if form_id == "attachment-1":
            values |= {
                "other_manager": "yes", "manager_name": "李\U0002c29d梅", "manager_mobile": "13800009999",
                "manager_id": "11010519491231002X", "attendant": "manager",
            }  # fmt: skip
    stage = take_stage(form_id)
    pick_by_initials(stage, INITIALS[form_id])
    assert stage.work.unit.id == units[0]
    fill(stage, values)
    assert stage.work.faulty == () and stage.work.progress[0] == stage.work.progress[1]

    # F9, saved as a file, printed elsewhere, and said so.
    stage.answers.place = str(tmp_path / "表.pdf")
    stage.press(Key.Key_F9)
    stage.until(lambda: stage.screen.prints.dialog is not None)
    dialog = stage.screen.prints.dialog
    assert dialog is not None
    stage.until(lambda: dialog.state.printer)
    stage.press(Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: stage.work.case is not None and dialog.yes.isVisible())
    stage.until(dialog.yes.hasFocus)
    stage.press(Key.Key_Return)
    stage.until(lambda: dialog.state.stage == "done")
    stage.press(Key.Key_Escape)
    stage.until(lambda: stage.work.printed)
    assert (tmp_path / "表.pdf").read_bytes().startswith(b"%PDF-")

    # The focus went to the scan by itself; F6 goes to the form and back. Papers by space.
    stage.until(stage.screen.bench.papers.path.hasFocus)
    stage.press(Key.Key_F6)
    assert stage.screen.bench.form.current_field()
    stage.press(Key.Key_F6)
    assert stage.focused() is stage.screen.bench.papers.path
    stage.screen.bench.papers.path.setText(str(letter_png(tmp_path / "scan.png")))
    stage.press(Key.Key_Return)
    stage.until(lambda: stage.work.signed)
    stage.press(Key.Key_F8)
    assert "没有核对" in stage.window.toast.text
    tick_everything(stage)
    stage.press(Key.Key_F8)
    stage.until(lambda: stage.work.case.lifecycle is Lifecycle.SUBMITTED)
    assert stage.work.case.case_no in stage.window.toast.text
    assert not stage.button("submit").isEnabled() and not stage.button("claim").isEnabled()

    # What was typed is what the record says; F10 comes alive with the approval.
    case_id = stage.work.case.id
    case = applications.get_case(stage.desk.session, case_id).case
    filled = {id: value for id, value in values.items() if value}
    assert {id: case.values.get(id, "") for id in filled} == filled
    with kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)
    stage.screen.hand.refresh()
    stage.until(lambda: stage.work.case.lifecycle is Lifecycle.APPROVED)
    stage.press(Key.Key_F10)
    assert ("claim", case_id) in stage.steward.asked


def test_a_returned_case_is_corrected_and_handed_over_again(
    take_stage: Callable[..., Stage], kit: OfficeKit, spool: Path, tmp_path: Path
) -> None:
    with kit.sit("clerk") as clerk:
        case_id = kit.submitted_case(clerk)
    with kit.sit("reviewer") as reviewer:
        review.return_for_correction(reviewer, case_id, ["seal_missing", "other"], "章看不清")
    stage = take_stage()
    stage.screen.open(case_id=case_id)
    stage.until(lambda: stage.work is not None)
    told = [each.text for each in stage.screen.bench.side._shown or ()]
    assert any("缺少公章" in text and "章看不清" in text for text in told)

    form = stage.screen.bench.form
    form.focus_field("representative_mobile")
    stage.press(Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    stage.digits("13800009997")
    stage.press(Key.Key_F8)
    assert "法定代表人手机" in stage.window.toast.text and "重新打印" in stage.window.toast.text

    stage.press(Key.Key_F9)
    stage.until(lambda: stage.screen.prints.dialog is not None)
    dialog = stage.screen.prints.dialog
    assert dialog is not None
    stage.until(lambda: dialog.print_button.isEnabled())
    stage.press(Key.Key_Return)
    stage.until(lambda: dialog.state.stage == "done")
    stage.press(Key.Key_Escape)
    stage.until(lambda: stage.work.printed)
    assert len(list(spool.glob("*.pdf"))) == 1
    stage.screen.paper_desk.add([str(letter_png(tmp_path / "scan.png"))], "signed_form")
    stage.until(lambda: stage.work.signed)
    stage.press(Key.Key_F8)
    stage.until(lambda: stage.work.case.lifecycle is Lifecycle.SUBMITTED)
    case = applications.get_case(stage.desk.session, case_id).case
    assert case.values["representative_mobile"] == "13800009997"
