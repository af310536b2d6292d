"""The form screen: mirrors the spec, filled by keys alone, says what is wrong where it is wrong."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import QMimeData, QRect, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from core.forms import registry
from core.forms.check import check_form, normalise
from core.forms.kinds import KINDS
from core.forms.spec import CheckContext, FieldSpec, FormSpec, Section, visible_fields
from ui.forms.arrangement import COLUMNS, arrange
from ui.forms.editors import EDITORS, make_editor
from ui.forms.form_state import FormState, first_error, worst
from ui.forms.form_view import FormView
from ui.forms.line_edits import DayEdit
from ui.theme import size, theme
from ui.widgets.choices import TickBox

# Invented people and units.
CONTEXT = CheckContext(as_of=date(2026, 11, 23), office_area="460100")
ALL = [each.id for each in registry.PUBLISHED]
ADULT = "11010519491231002X"


class Desk:
    """A view and what stands behind it: every edit is checked and shown again."""

    def __init__(
        self, qtbot: QtBot, form: str | FormSpec = "attachment-1", size: tuple[int, int] = (620, 700)
    ):
        self.spec = registry.latest(form) if isinstance(form, str) else form
        self.view = FormView(self.spec)
        qtbot.addWidget(self.view)
        self.values: dict[str, str] = {}
        self.edits: list[tuple[str, str]] = []
        self.view.value_edited.connect(self._on_edited)
        self.view.resize(*size)
        self.load({})
        with qtbot.waitActive(self.view):
            self.view.show()
            self.view.activateWindow()

    def _on_edited(self, field: str, text: str) -> None:
        self.edits.append((field, text))
        self.load({**self.values, field: text})

    def load(self, values: dict[str, str], **more: object) -> None:
        self.values = normalise(self.spec, values)
        found = check_form(self.spec, self.values, CONTEXT)
        self.view.show(FormState(self.spec, self.values, found, **more))  # type: ignore[arg-type]

    def line(self, id: str) -> QLineEdit:
        widget = self.view.editor(id).focus_target()
        assert isinstance(widget, QLineEdit)
        return widget


def say(text: str) -> None:
    """Type through the input method, as Chinese is typed (QTest.keyClicks would abort on it)."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(QApplication.focusWidget(), event)


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget(), key, modifier)


def test_every_kind_has_an_editor() -> None:
    assert EDITORS.keys() == KINDS.keys()


@pytest.mark.parametrize("form", ALL)
def test_every_field_stands_once_within_the_columns(form: str) -> None:
    for dense in (False, True):
        for section in registry.latest(form).sections:
            laid = arrange(section, dense)
            ids = [each.field.id for each in laid.cells] + ([laid.heading.id] if laid.heading else [])
            assert sorted(ids) == sorted(each.id for each in section.fields)
            for row in {each.row for each in laid.cells}:
                spans = [(each.column, each.span) for each in laid.cells if each.row == row]
                assert sum(span for _, span in spans) == COLUMNS


@pytest.mark.parametrize("form", ALL)
def test_every_input_has_a_name_for_screen_readers(qtbot: QtBot, form: str) -> None:
    desk = Desk(qtbot, form)
    for field in desk.spec.fields():
        for each in desk.view.editor(field.id).inputs():
            assert field.label in each.accessibleName()


@pytest.mark.parametrize("form", ALL)
def test_tab_order_is_paper_order(qtbot: QtBot, form: str) -> None:
    desk = Desk(qtbot, form)
    desk.load({"other_manager": "yes"})
    wanted = [each.id for each in visible_fields(desk.spec, desk.values)]
    widget: QWidget | None = desk.view.editor(wanted[0]).focus_target()
    met: list[str] = []
    owners = {each: id for id in wanted for each in desk.view.editor(id).inputs()}
    for _ in range(200):
        assert widget is not None
        if widget in owners and owners[widget] not in met:
            met.append(owners[widget])
        widget = widget.nextInFocusChain()
    assert met == wanted


def test_filled_by_keys_alone(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.view.focus_field("filled_on")
    QTest.keyClicks(QApplication.focusWidget(), "20261120")
    press(Qt.Key.Key_Return)
    say("海口市龙华区示范幼儿园")
    press(Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    say("滨海大道88号")
    press(Qt.Key.Key_Return)
    say("王龑")
    press(Qt.Key.Key_Return)
    QTest.keyClicks(QApplication.focusWidget(), "13800138000")
    press(Qt.Key.Key_Return)
    QTest.keyClicks(QApplication.focusWidget(), ADULT.lower())
    press(Qt.Key.Key_Return)
    assert desk.view.current_field() == "other_manager"
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Return)
    assert desk.view.current_field() == "office_name"
    assert {key: value for key, value in desk.values.items() if value} == {
        "filled_on": "2026-11-20",
        "unit_name": "海口市龙华区示范幼儿园",
        "address": "滨海大道88号",
        "representative_name": "王龑",
        "representative_mobile": "13800138000",
        "representative_id": ADULT,
        "other_manager": "yes",
    }
    assert desk.line("filled_on").text().replace(" ", "") == "2026年11月20日"
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert desk.view.current_field() == "other_manager"


def test_enter_at_the_end_does_not_submit(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    submitted: list[int] = []
    desk.view.submit_requested.connect(lambda: submitted.append(1))
    desk.view.focus_field("identity_checked")
    with qtbot.waitSignal(desk.view.end_reached):
        press(Qt.Key.Key_Return)
    assert submitted == []
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert submitted == [1]


def test_enter_in_several_lines_stays(qtbot: QtBot) -> None:
    desk = Desk(qtbot, "unit-record")
    desk.view.focus_field("purpose")
    say("面向适龄儿童")
    press(Qt.Key.Key_Return)
    say("实施保育教育")
    assert desk.view.current_field() == "purpose"
    assert desk.values["purpose"] == "面向适龄儿童\n实施保育教育"


@pytest.mark.parametrize("id", ["representative_mobile", "representative_id", "filled_on"])
def test_digit_fields_switch_the_input_method_off(qtbot: QtBot, id: str) -> None:
    line = Desk(qtbot).line(id)
    assert line.inputMethodQuery(Qt.InputMethodQuery.ImEnabled) is False
    assert line.inputMethodQuery(Qt.InputMethodQuery.ImHints) is not None


def test_full_width_and_small_letters_are_folded_while_typing(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.view.focus_field("representative_id")
    QApplication.clipboard().setText("１１０１０５ 19491231 ００２ｘ")
    desk.line("representative_id").paste()
    assert desk.line("representative_id").text() == ADULT
    assert desk.values["representative_id"] == ADULT


def test_the_caret_stays_in_the_middle_of_a_number(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.load({"representative_mobile": "13800000"})
    desk.view.focus_field("representative_mobile")
    line = desk.line("representative_mobile")
    line.setCursorPosition(3)
    QTest.keyClicks(line, "99")
    assert line.text() == "1389900000"
    assert line.cursorPosition() == 5


def test_pasted_markup_becomes_plain(qtbot: QtBot) -> None:
    desk = Desk(qtbot, "unit-record")
    for id in ("name", "purpose"):
        data = QMimeData()
        data.setHtml("<b>示范</b><script>x</script>")
        data.setText("示范单位")
        QApplication.clipboard().setMimeData(data)
        widget = desk.view.editor(id).focus_target()
        assert isinstance(widget, QLineEdit | QPlainTextEdit)
        widget.setFocus()
        widget.paste()
        assert desk.values[id] == "示范单位"


def test_ten_thousand_characters_are_kept_and_found_fault_with(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.view.focus_field("unit_name")
    QApplication.clipboard().setText("长" * 10_000)
    desk.line("unit_name").paste()
    assert len(desk.values["unit_name"]) == 10_000
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "10000" in desk.view.verdict_text("unit_name"))
    assert desk.view.width() == 620, "a long text widened the window"


def test_verdicts_are_quiet_while_typing_and_red_afterwards(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    assert desk.view.verdict_text("representative_id") == "", "an untouched field is not scolded"
    desk.view.focus_field("representative_id")
    QTest.keyClicks(QApplication.focusWidget(), ADULT[:15])
    line = desk.line("representative_id")
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    assert desk.view.verdict_text("representative_id") == "还差 4 位"
    assert line.property("tone") == ""
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: line.property("tone") == "bad")
    desk.load({"representative_id": ADULT})
    assert desk.view.verdict_text("representative_id") == "✓ 1949-12-31 女"
    assert line.property("tone") == ""
    assert "1949-12-31" in line.accessibleDescription()


def test_focus_goes_to_the_first_error_in_paper_order(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.load({"filled_on": "2026-11-20", "unit_name": "示范单位"}, reveal=True)
    assert first_error(desk.view.state) == "address"
    assert desk.view.focus_first_error()
    assert desk.view.current_field() == "address"
    assert desk.view.verdict_text("address") == "此项必填"
    assert worst(desk.view.state.findings)["address"].code == "required"


def test_fields_of_the_authorisation_appear_and_go(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    office = desk.view.editor("office_name").widget
    assert not office.isVisible()
    desk.load({"other_manager": "yes", "office_name": "示范局"})
    assert office.isVisible()
    desk.load({**desk.values, "other_manager": ""})
    assert not office.isVisible()
    assert "office_name" not in desk.values


def test_showing_what_was_typed_leaves_the_text_alone(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.view.focus_field("unit_name")
    say("示范单位 ")
    assert desk.line("unit_name").text() == "示范单位 ", "the blank before the next word was taken away"
    press(Qt.Key.Key_Return)
    assert desk.line("unit_name").text() == "示范单位"


def test_a_value_fetched_from_outside_replaces_the_text(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.view.focus_field("unit_name")
    say("示")
    desk.load({**desk.values, "unit_name": "海口市示范幼儿园"})
    assert desk.line("unit_name").text() == "海口市示范幼儿园"


def test_read_only_lets_nobody_edit(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.load({"unit_name": "示范单位", "attendant": "representative"}, read_only=True)
    desk.view.focus_field("unit_name")
    QTest.keyClicks(desk.line("unit_name"), "abc")
    QTest.mouseClick(desk.view.editor("attendant").inputs()[1], Qt.MouseButton.LeftButton)
    assert desk.edits == []
    desk.load(desk.values)
    QTest.keyClicks(desk.line("unit_name"), "abc")
    assert desk.edits


@pytest.mark.parametrize(("width", "height"), [(607, 640), (560, 590)])
@pytest.mark.parametrize("base", [14, 16, 18, 20])
def test_no_horizontal_scrolling(
    qtbot: QtBot, restored_theme: None, width: int, height: int, base: int
) -> None:
    theme().apply(base=base)
    desk = Desk(qtbot, size=(width, height))
    desk.load({"other_manager": "yes"}, reveal=True)
    assert isinstance(desk.view, QScrollArea)
    assert desk.view.horizontalScrollBar().maximum() == 0
    inside = desk.view.widget()
    assert inside is not None and inside.width() <= desk.view.viewport().width()
    for field in visible_fields(desk.spec, desk.values):
        widget = desk.view.editor(field.id).widget
        right = widget.mapTo(inside, widget.rect().topRight()).x()
        assert right < inside.width(), field.id


def test_all_of_attachment_1_fits_at_1366_by_768(qtbot: QtBot) -> None:
    # 1366x768 leaves the form 616 x 642 px beside rail, bars, margins and paper.
    desk = Desk(qtbot, size=(616, 642))
    desk.load({"other_manager": "yes"})
    QApplication.processEvents()
    assert desk.view.verticalScrollBar().maximum() == 0


def test_ticking_does_not_move_the_fields_above(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    QApplication.processEvents()
    before = desk.line("representative_id").mapTo(desk.view, desk.line("representative_id").rect().topLeft())
    desk.load({"other_manager": "yes"})
    QApplication.processEvents()
    after = desk.line("representative_id").mapTo(desk.view, desk.line("representative_id").rect().topLeft())
    assert before == after


def test_a_day_may_be_emptied_stepped_and_picked(qtbot: QtBot) -> None:
    field = FieldSpec("day", "date", "日期")
    desk = Desk(qtbot, FormSpec("demo", 1, "示例", (Section("s", "节", (field,)),)))
    desk.load({"day": "2026-02-28"})
    desk.view.focus_field("day")
    press(Qt.Key.Key_Up)
    assert desk.values["day"] == "2026-03-01"
    desk.line("day").selectAll()
    press(Qt.Key.Key_Delete)
    assert desk.values["day"] == ""
    say("2026年")
    assert desk.values["day"] == "2026年", "what is no day is kept for the finding"


def test_many_answers_drop_down_and_few_stand_side_by_side() -> None:
    occasion = registry.latest("attachment-1").field("occasion")
    attendant = registry.latest("attachment-1").field("attendant")
    assert len(make_editor(occasion).inputs()) == 1
    assert len(make_editor(attendant).inputs()) == 2


def test_a_state_of_another_form_is_refused(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    with pytest.raises(ValueError, match="one form"):
        desk.view.show(FormState(registry.latest("unit-record")))


@pytest.mark.parametrize("form", ["attachment-1", "attachment-3"])
@pytest.mark.parametrize("width", [500, 560, 616])
def test_no_tick_is_cut_at_large_letters(qtbot: QtBot, restored_theme: None, form: str, width: int) -> None:
    theme().apply(base=20)
    desk = Desk(qtbot, form, size=(width, 560))
    qtbot.waitUntil(lambda: desk.view.widget().height() > 560)
    for field in (each for each in desk.spec.fields() if each.kind == "tick"):
        box = desk.view.editor(field.id).widget
        assert isinstance(box, TickBox)
        qtbot.waitUntil(lambda box=box: box.height() >= box.sizeHint().height())  # type: ignore[misc]
        assert box.width() >= box.sizeHint().width(), field.label
        assert box.mapTo(desk.view.viewport(), box.rect().topRight()).x() < desk.view.viewport().width()
        # What is painted is what the words need: no letter outside, none left out.
        room = QRect(0, 0, box.sizeHint().width() - size("tick") - 12, 1000)
        needed = box.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), box.text())
        assert needed.width() <= room.width() and needed.height() <= box.height()


def test_a_verdict_does_not_break_a_ticks_words(qtbot: QtBot, restored_theme: None) -> None:
    theme().apply(base=20)
    desk = Desk(qtbot, size=(700, 700))
    box = desk.view.editor("handset_confirmed").widget
    before = box.size()
    desk.load({}, reveal=True)
    QApplication.processEvents()
    assert desk.view.verdict_text("handset_confirmed") and box.size() == before


@pytest.mark.parametrize("base", [14, 20])
@pytest.mark.parametrize("focused", [False, True])
def test_a_long_day_is_never_cut(qtbot: QtBot, restored_theme: None, base: int, focused: bool) -> None:
    theme().apply(base=base)
    line, other = DayEdit(), QLineEdit()
    window = QWidget()
    qtbot.addWidget(window)
    for each in (line, other):
        each.setParent(window)
    window.resize(500, 200)
    line.resize(400, size("field_height"))
    other.move(0, 100)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    (line if focused else other).setFocus()
    line.show_day("2023-12-26")
    shown = []
    for width in range(400, 130 if base == 14 else 175, -3):
        line.resize(width, size("field_height"))
        # Text that does not fit is scrolled while it is painted with the caret at its end.
        line.end(False)
        line.grab()
        at_end = line.cursorRect().center().x()
        line.home(False)
        line.grab()
        run = at_end - line.cursorRect().center().x()
        whole = line.fontMetrics().horizontalAdvance(line.text())
        assert abs(whole - run) <= 1, f"{line.text()} is cut at {width}"
        assert line.day() == "2023-12-26"
        shown.append(line.text())
    assert list(dict.fromkeys(shown)) == ["2023 年 12 月 26 日", "2023年12月26日", "2023-12-26"]


def test_a_day_being_typed_is_not_respelt_by_a_narrower_window(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.view.focus_field("filled_on")
    QTest.keyClicks(desk.line("filled_on"), "2023-12-2")
    desk.view.resize(560, 700)
    QApplication.processEvents()
    QTest.keyClicks(desk.line("filled_on"), "6")
    assert desk.line("filled_on").text() == "2023-12-26"
