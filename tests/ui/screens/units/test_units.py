"""The register page: found as typed, entered, corrected, nothing lost, nothing personal in the open."""

from __future__ import annotations

from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.claims import typed
from core.ids import new_id
from core.services import applications, changes, units
from core.verbs.changing import add_change
from tests.core.services.office_kit import invented_units
from tests.ui.screens.units.conftest import Register
from ui.screens.units import ops
from ui.screens.units.ops import spec
from ui.screens.units.screen import UnitsScreen
from ui.screens.units.state import NEW, UnitFacts, changed_fields, covered, fact_rows
from ui.theme import theme

FRESH = dict(invented_units()[50].values)


def words(widget: QWidget) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel) if each.isVisibleTo(widget))


def type_in(screen: UnitsScreen, values: dict[str, str]) -> None:
    for field, text in values.items():
        screen.editor.form.editor(field).edited.emit(text)


def handover_text(*ids: str) -> str:
    return typed.grouped("".join(typed.with_check(typed.from_number(UUID(x).int, 27)) for x in ids))


def names(screen: UnitsScreen) -> list[str]:
    return [line.title for line in screen.list.rows.lines]


def test_found_by_name_initials_and_code_as_typed(qtbot: QtBot, register: Register) -> None:
    window, screen = register.open(qtbot)
    assert len(names(screen)) == 5
    wanted = invented_units()[2].values
    assert screen.list.search.hasFocus(), "one can type at once"
    QTest.keyClicks(screen.list.search, wanted["uscc"].lower())
    qtbot.waitUntil(lambda: names(screen) == [wanted["name"]])
    QTest.keyClick(window, Qt.Key.Key_F3)
    assert screen.list.search.selectedText(), "F3 does not get ready for other words"
    QTest.keyClicks(screen.list.search, "mlqyl")
    qtbot.waitUntil(lambda: len(names(screen)) == 5)
    screen.list.search.setText(wanted["name"][3:])
    qtbot.waitUntil(lambda: names(screen) == [wanted["name"]])
    screen.list.search.setText("zzzz")
    qtbot.waitUntil(lambda: names(screen) == [])
    assert "拼音首字母" in screen.list.nothing.text()


def test_arrows_choose_and_nobodys_name_stands_open(qtbot: QtBot, register: Register) -> None:
    _, screen = register.open(qtbot)
    QTest.keyClick(screen.list.search, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: screen.browsing.facts is not None)
    first = screen.browsing.facts
    assert first is not None and first.unit == screen.list.rows.lines[0].key
    QTest.keyClick(screen.list.search, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: screen.browsing.facts is not first)
    facts = screen.browsing.facts
    assert facts is not None and facts.unit == screen.list.rows.lines[1].key
    person = facts.values["representative_name"]
    qtbot.waitUntil(lambda: f"{person[0]}**" in words(screen))  # new labels show on the loop's next turn
    assert person not in words(screen)
    assert all(person not in line.note for line in screen.list.rows.lines)
    screen.detail.facts.reveal(True)
    assert person in words(screen)
    screen.detail.facts.reveal(False)
    assert person not in words(screen)
    QTest.keyClick(screen.list.search, Qt.Key.Key_Return)
    assert screen.detail.apply.hasFocus()


def test_a_unit_from_another_office_is_entered_with_its_code(qtbot: QtBot, register: Register) -> None:
    ids = [new_id() for _ in range(3)]
    code = handover_text(*ids)
    window, screen = register.open(qtbot)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: screen.editing.active)
    type_in(screen, FRESH)
    assert screen.editor.handover.isVisible()
    QTest.keyClicks(screen.editor.handover, code[:-1])
    QTest.keyClick(window, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: screen.editor.problem.isVisible())
    assert "移交码不对" in screen.editor.problem.accessibleName() and screen.editor.values["name"]
    QTest.keyClicks(screen.editor.handover, code[-1])
    # Half-way kept as a draft: the code is part of it.
    screen.save_now()
    screen.editor.end()
    qtbot.waitUntil(lambda: ops.unfinished(register.desk.session) is not None)
    kept = ops.unfinished(register.desk.session)
    assert kept is not None and kept.values["handover"] == code
    screen.editing.begin(NEW, {}, dict(kept.values), kept.draft)
    assert screen.editor.handover.text() == code and "handover" not in screen.editor.values
    QTest.keyClick(window, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: not screen.editing.active)
    unit = units.get_unit(register.desk.session, ids[2])
    assert unit.former == {"office": ids[0], "unit": ids[1]} and unit.values["name"] == FRESH["name"]
    qtbot.waitUntil(lambda: screen.browsing.facts is not None)
    screen.correct()
    assert not screen.editor.handover.isVisible(), "a correction is no hand-over"


def test_a_unit_that_was_handed_over_is_marked_and_comes_back_by_its_code(
    qtbot: QtBot, register: Register
) -> None:
    with register.kit.sit("clerk") as clerk:
        unit = units.find_units(clerk)[0]
        values = dict(units.get_unit(clerk, unit.unit).values)
        row = {"kind": "handover", "unit": unit.unit, "basis": "演练", "office": "469024"}
        change = add_change(clerk, row)["change"]
    with register.kit.sit("reviewer") as reviewer:
        changes.approve_change(reviewer, change)
    window, screen = register.open(qtbot)
    screen.open(unit.unit)
    qtbot.waitUntil(lambda: screen.browsing.facts is not None and screen.browsing.facts.unit == unit.unit)
    qtbot.waitUntil(lambda: "已移交" in words(screen.detail))
    assert not (screen.detail.apply.isEnabled() or screen.detail.life.isEnabled())
    assert not screen.detail.correct.isEnabled()
    screen.start_new()
    qtbot.waitUntil(lambda: screen.editing.active)
    type_in(screen, values)
    qtbot.waitUntil(screen.editor.twin.isVisible)
    assert "移交码" in screen.editor.twin.accessibleName()
    fresh = new_id()
    QTest.keyClicks(screen.editor.handover, handover_text(new_id(), new_id(), fresh))
    qtbot.waitUntil(lambda: not screen.editor.twin.isVisible())
    QTest.keyClick(window, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: not screen.editing.active)
    qtbot.waitUntil(lambda: names(screen).count(unit.name) == 2)
    same = [line for line in screen.list.rows.lines if line.title == unit.name]
    assert [(line.key, line.mark) for line in same] == [(fresh, ""), (unit.unit, "已移交")]


def test_a_new_unit_is_entered_by_keys_and_shown(qtbot: QtBot, register: Register) -> None:
    window, screen = register.open(qtbot)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: screen.editing.active)
    assert screen.editor.values["office_name"], "the office is known"
    assert screen.editor.form.current_field() == "uscc"
    type_in(screen, FRESH)
    QTest.keyClick(window, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: screen.browsing.facts is not None and not screen.editing.active)
    assert screen.browsing.facts is not None and screen.browsing.facts.name == FRESH["name"]
    qtbot.waitUntil(lambda: len(names(screen)) == 6)
    assert screen.list.rows.current_key() == screen.browsing.facts.unit
    assert ("单位已登记。", "good") in register.calls.said
    assert [line.title for line in screen.detail.history.lines] == ["登记了单位"]


def test_what_is_missing_gets_the_focus_and_nothing_is_written(qtbot: QtBot, register: Register) -> None:
    window, screen = register.open(qtbot)
    screen.start_new()
    qtbot.waitUntil(lambda: screen.editing.active)
    type_in(screen, {"uscc": FRESH["uscc"], "name": FRESH["name"]})
    QTest.keyClick(window, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: screen.editor.form.current_field() == "purpose")
    assert screen.editing.active and not screen.editing.saving
    assert len(units.find_units(register.desk.session)) == 5


def test_a_code_that_is_not_an_institutions_is_warned_of_but_may_be(qtbot: QtBot, register: Register) -> None:
    _, screen = register.open(qtbot)
    screen.start_new()
    qtbot.waitUntil(lambda: screen.editing.active)
    type_in(screen, {**FRESH, "uscc": foreign_code()})
    qtbot.waitUntil(lambda: "12" in screen.editor.form.verdict_text("uscc"))
    assert screen.editor.form.verdict_text("uscc").startswith("该代码以 52 开头")
    screen.editing.save()
    qtbot.waitUntil(lambda: screen.browsing.facts is not None)
    assert register.calls.said[-1][1] == "warn"
    assert any("52" in fact.note for fact in fact_rows(spec(), screen.browsing.facts))  # type: ignore[arg-type]
    assert "52 开头" in words(screen.detail)


def foreign_code() -> str:
    """Return the code of an invented association (52…) with right check characters."""
    from core.forms.check_digits import uscc_check_character

    body = "52" + FRESH["uscc"][2:17]
    return body + uscc_check_character(body)


def test_a_code_that_is_registered_leads_to_its_unit(qtbot: QtBot, register: Register) -> None:
    _, screen = register.open(qtbot)
    screen.start_new()
    qtbot.waitUntil(lambda: screen.editing.active)
    type_in(screen, {"uscc": invented_units()[1].values["uscc"]})
    qtbot.waitUntil(lambda: screen.editor.twin.isVisible())
    assert invented_units()[1].values["name"] in screen.editor.twin.accessibleName()
    type_in(screen, {k: v for k, v in FRESH.items() if k != "uscc"})
    screen.editing.save()
    qtbot.waitUntil(lambda: not screen.editing.saving)
    assert screen.editing.active, "a second entry with one code"
    screen.editor.open_twin.click()
    qtbot.waitUntil(
        lambda: screen.browsing.facts is not None and screen.browsing.facts.unit == register.units[1]
    )
    assert not screen.editing.active


def test_a_correction_is_told_by_its_fields(qtbot: QtBot, register: Register) -> None:
    window, screen = register.open(qtbot)
    screen.open(register.units[0])
    qtbot.waitUntil(lambda: screen.browsing.facts is not None)
    screen.detail.correct.click()
    assert screen.editing.active and not screen.editor.dirty
    type_in(screen, {"address": "海南省海口市演练路 9 号"})
    assert window.findChild(QWidget) is not None and screen.header().chips[0].text == "未保存"
    screen.editing.save()
    qtbot.waitUntil(lambda: not screen.editing.active and len(screen.detail.history.lines) == 2)
    assert screen.detail.history.lines[0].title == "更正了单位信息：住所"
    assert "clerk" in screen.detail.history.lines[0].note
    assert ("登记信息已更正。", "good") in register.calls.said


def test_unsaved_words_are_not_lost(qtbot: QtBot, register: Register) -> None:
    window, screen = register.open(qtbot)
    screen.open(register.units[0])
    qtbot.waitUntil(lambda: screen.browsing.facts is not None)
    screen.correct()
    type_in(screen, {"address": "海南省海口市演练路 9 号"})
    register.answers.yes = False
    window.open("help")
    assert window.current_page == "units" and screen.editing.active
    screen.list.rows.move_by(3)
    assert screen.editing.active and register.answers.asked
    register.answers.yes = True
    window.open("help")
    assert window.current_page == "help"
    window.open("units")
    qtbot.waitUntil(lambda: screen.unfinished.isVisible())
    screen.unfinished.resume.click()
    qtbot.waitUntil(lambda: screen.editing.active)
    assert screen.editor.values["address"] == "海南省海口市演练路 9 号" and screen.editor.dirty
    screen.editing.save()
    qtbot.waitUntil(lambda: not screen.editing.active)
    assert applications.drafts(register.desk.session) == []


def test_a_lock_keeps_what_was_typed(qtbot: QtBot, register: Register) -> None:
    _, screen = register.open(qtbot)
    screen.start_new()
    qtbot.waitUntil(lambda: screen.editing.active)
    type_in(screen, {"name": "演练未写完的单位"})
    screen.save_now()
    screen.save_now()
    qtbot.waitUntil(lambda: len(applications.drafts(register.desk.session)) == 1)
    register.desk.lock()
    register.desk.unlock_with(register.kit.open("clerk"), None)
    assert screen.editing.active and screen.editor.values["name"] == "演练未写完的单位"
    [draft] = applications.drafts(register.desk.session)
    assert draft.kind == "unit-record" and draft.values["name"] == "演练未写完的单位"
    screen.cancel()
    qtbot.waitUntil(lambda: applications.drafts(register.desk.session) == [])


def test_from_the_unit_to_the_form_and_to_its_open_case(qtbot: QtBot, register: Register) -> None:
    case = register.kit.approved_case()
    with register.kit.sit("clerk") as clerk:
        busy = applications.get_case(clerk, case).unit.id
    _, screen = register.open(qtbot)
    screen.open(register.units[0])
    qtbot.waitUntil(lambda: screen.browsing.facts is not None)
    screen.detail.apply.click()
    screen.detail.change.click()
    assert register.calls.went == [
        ("form", "attachment-1", register.units[0], "", ""),
        ("form", "attachment-3", register.units[0], "", ""),
    ]
    screen.open(busy)
    qtbot.waitUntil(lambda: screen.browsing.facts is not None and screen.browsing.facts.unit == busy)
    assert not screen.detail.apply.isVisible() and not screen.detail.change.isEnabled()
    assert "在办" in screen.detail.note.accessibleName()
    screen.detail.open_case.click()
    assert register.calls.went[-1] == ("case", case)
    assert [line.mark for line in screen.detail.cases.lines] == ["待领取"]


def test_only_clerks_write(qtbot: QtBot, register: Register) -> None:
    window, screen = register.open(qtbot, "auditor")
    screen.open(register.units[0])
    qtbot.waitUntil(lambda: screen.browsing.facts is not None)
    assert not screen.detail.correct.isEnabled() and not screen.detail.apply.isEnabled()
    assert not window.action_bar.button("new").isEnabled()
    screen.start_new()
    assert not screen.editing.active


def test_a_refusal_is_said_above_the_form(qtbot: QtBot, register: Register) -> None:
    _, screen = register.open(qtbot)
    screen.start_new()
    qtbot.waitUntil(lambda: screen.editing.active)
    type_in(screen, FRESH)
    register.desk._session = register.kit.open("auditor")
    screen.editing.save()
    qtbot.waitUntil(lambda: screen.editor.problem.isVisible())
    assert "角色" in screen.editor.problem.accessibleName() and screen.editing.active
    assert screen.editor.values["name"] == FRESH["name"]


def test_what_changed_between_two_actions() -> None:
    old = {"values": {"a": "1", "b": "2"}}
    assert changed_fields({"values": {"a": "1", "b": "3", "c": "x"}}, old) == ("b", "c")
    assert changed_fields({"values": {"a": "1"}}, old) == ("b",)
    assert changed_fields({}, old) == ()


GONE = {"values": {"state": "deregistered"}}


@pytest.mark.parametrize(
    ("more", "word"), [({"may_write": False}, "受理人员"), ({"open_case": "c"}, "在办"), (GONE, "注销")]
)
def test_why_no_application_can_begin(more: dict[str, object], word: str) -> None:
    base: dict[str, object] = {"unit": "u", "values": {"state": "active"}, "findings": (), "cases": (),
                               "history": (), "open_case": "", "may_write": True}  # fmt: skip
    assert UnitFacts(**base).obstacle() == ""  # type: ignore[arg-type]
    assert word in UnitFacts(**{**base, **more}).obstacle()  # type: ignore[arg-type]


def test_names_of_persons_are_covered_by_their_kind() -> None:
    field = spec().field("representative_name")
    assert covered(field, "詹拟梅") == "詹**"
    assert covered(spec().field("address"), "演练路") == "演练路"


@pytest.mark.parametrize("base", [14, 20])
def test_every_button_of_a_unit_is_within_reach(qtbot: QtBot, register: Register, base: int) -> None:
    window, screen = register.open(qtbot)
    theme().apply("light", base)
    try:
        window.resize(1366, 768)
        screen.open(register.units[0])
        qtbot.waitUntil(lambda: screen.detail.isVisible())
        qtbot.waitUntil(lambda: screen.detail.width() == screen.story.viewport().width())
        for button in (
            screen.detail.change,
            screen.detail.life,
            screen.detail.correct,
            screen.detail.delegates,
        ):
            assert button.mapTo(screen.detail, button.rect().bottomRight()).x() < screen.detail.width()
    finally:
        theme().apply("light", 14)
