"""用证清单 in a real window beside the real hub: who, when, for what; narrowed, paged, kept, and offline."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from core.errors import UserError
from core.services.units import get_unit
from hub import desk_uses
from tests.core.services.real_hub import lost
from tests.ui.screens.uses.scene import HOUSING, LABOUR, Scene
from ui.files import DialogChooser
from ui.screens.audit.screen import AuditScreen
from ui.screens.units.screen import UnitsScreen
from ui.screens.uses.screen import NO_HUB, NO_MATCH, NO_USE, NOT_FETCHED, ROWS, UsesScreen
from ui.screens.uses.state import OWN, period


@dataclass(frozen=True)
class Answer(DialogChooser):
    """Answers where to write."""

    place: str

    def save(self, parent: QWidget | None, caption: str, name: str, kinds: str) -> str:
        return self.place


def column(screen: UsesScreen, at: int) -> list[str]:
    return [row.cells[at].text for row in screen.table.rows]


def choose(scene: Scene, box: object, code: str) -> None:
    box.setCurrentIndex(box.findData(code))  # type: ignore[attr-defined]
    scene.settle()


def test_a_clerk_sees_who_verified_which_unit_for_what(scene: Scene) -> None:
    mine = scene.units[0]
    scene.note(LABOUR, mine)
    scene.note(HOUSING, mine, "not valid", why="certificate_void", reason="核对公积金缴存单位")
    screen = scene.open_page()
    assert screen.layers.currentIndex() == ROWS
    name = get_unit(scene.desk.session, mine).values["name"]  # type: ignore[union-attr]
    top = [cell.text for cell in screen.table.rows[0].cells]
    assert top == ["2026-11-23 10:02", HOUSING, name, "社会保险登记", "核对公积金缴存单位",
                   "核**** *******31", "无效"]  # fmt: skip
    assert column(screen, 6) == ["无效", "有效"], "the newest first"
    assert screen.count.text().startswith("共 2 条") and "取自省级平台" in screen.count.text()
    assert not screen.card.isVisible(), "nothing opens on focus"
    QTest.keyClick(screen.table, Qt.Key.Key_Home)
    told = dict(screen.card.facts.texts())
    assert told["结论"] == "无效：证书已失效" and told["查验事由"] == "核对公积金缴存单位"
    assert "核验员演练" not in repr(told) and "HR-000731" not in repr(told)
    QTest.keyClick(screen.table, Qt.Key.Key_Return)
    scene.settle()
    assert scene.window is not None and scene.window.current_page == "units"
    units = scene.window.screen_of("units")
    assert isinstance(units, UnitsScreen) and units.detail._name.text() == name


def test_by_department_by_unit_and_by_words(scene: Scene) -> None:
    first, second = scene.units
    for department, unit in ((LABOUR, first), (LABOUR, second), (HOUSING, first), (HOUSING, None)):
        scene.note(department, unit)
    screen = scene.open_page()
    assert len(screen.table.rows) == 4 and column(screen, 2)[0] == "（未查到单位）"
    choose(scene, screen.filter.party, scene.departments[HOUSING].id)
    assert column(screen, 1) == [HOUSING] * 2
    assert "（所选日期共 4 条）" in screen.count.text()
    assert scene.desk is not None and scene.window is not None
    uscc = get_unit(scene.desk.session, first).values["uscc"]
    QTest.keyClick(scene.window, Qt.Key.Key_F3)
    QTest.keyClicks(screen.filter.words, uscc)
    scene.settle()
    assert len(screen.table.rows) == 1
    screen.filter.words.setText("没有这样的单位")
    scene.settle()
    assert screen.layers.currentIndex() == NO_MATCH
    screen.filter.clear()
    scene.settle()
    assert len(screen.table.rows) == 4


def test_from_a_unit_only_its_own_lines(scene: Scene) -> None:
    first, second = scene.units
    scene.note(LABOUR, first)
    scene.note(LABOUR, second)
    scene.enter("clerk").set_hub(scene.real.port)
    units = scene.open("units", UnitsScreen)
    units.open(second)
    scene.settle()
    scene.button("uses").click()
    scene.settle()
    assert scene.window is not None and scene.desk is not None
    screen = scene.window.screen_of("uses")
    assert isinstance(screen, UsesScreen) and scene.window.current_page == "uses"
    name = get_unit(scene.desk.session, second).values["name"]
    assert column(screen, 2) == [name] and name in screen.only.accessibleName()
    assert scene.window.rail._buttons["units"].isChecked(), "the entry one came from stays marked"
    screen.only.findChild(QPushButton).click()  # type: ignore[union-attr]
    scene.settle()
    assert len(screen.table.rows) == 2 and not screen.only.isVisible()
    QTest.keyClick(screen.table, Qt.Key.Key_Escape)
    assert scene.window.current_page == "units"
    QTest.keyClick(units, Qt.Key.Key_F6)
    scene.settle()
    assert scene.window.current_page == "uses" and screen.only.isVisible()


def test_an_auditor_comes_from_the_record(scene: Scene) -> None:
    scene.note(LABOUR, scene.units[0])
    scene.enter("auditor").set_hub(scene.real.port)
    audit = scene.open("audit", AuditScreen)
    QTest.keyClick(audit.table, Qt.Key.Key_F7)
    scene.settle()
    assert scene.window is not None
    screen = scene.window.screen_of("uses")
    assert isinstance(screen, UsesScreen) and len(screen.table.rows) == 1


def test_days_are_asked_of_the_hub(scene: Scene) -> None:
    scene.note(LABOUR, scene.units[0])
    scene.kit.clock.move(days=10)
    screen = scene.open_page()
    assert len(screen.table.rows) == 1
    choose(scene, screen.filter.period, "7")
    assert screen.layers.currentIndex() == NO_USE and screen.table.rows == ()
    choose(scene, screen.filter.period, OWN)
    assert screen.filter.since.isVisible()
    for field, day in ((screen.filter.since, "20261120"), (screen.filter.until, "20261124")):
        field.setText(day)
    QTest.keyClick(screen.filter.until, Qt.Key.Key_Return)
    scene.settle()
    assert len(screen.table.rows) == 1 and "2026-11-20 至 2026-11-24" in screen.count.text()
    screen.filter.until.setText("20261101")
    QTest.keyClick(screen.filter.until, Qt.Key.Key_Return)
    scene.settle()
    assert "起止日期不对" in screen.problem.accessibleName() and len(screen.table.rows) == 1


def test_period_words() -> None:
    today = date(2026, 11, 29)
    assert period("7", "", "", today) == (date(2026, 11, 23), today)
    assert period(OWN, "2026-11-01", "", today) == (date(2026, 11, 1), today)
    assert period(OWN, "", "2026-11-02", today) == (date(2026, 11, 2), date(2026, 11, 2))
    with pytest.raises(UserError, match="period_wrong"):
        period(OWN, "2026-11-31", "", today)


def test_pages_of_the_hub_and_of_the_screen(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_uses, "PAGE", 2)
    monkeypatch.setattr("ui.screens.uses.screen.PAGE", 3)
    numbers = [scene.note(LABOUR, scene.units[0], serial=f"SB-{at}") for at in range(5)]
    before, carried = len(scene.real.said), scene.real.wire
    late: list[str] = []

    def meanwhile(path, body, carry):  # type: ignore[no-untyped-def]
        answer = carried(path, body, carry)
        if path.endswith("/uses") and not late:
            late.append(scene.note(HOUSING, scene.units[1]))
        return answer

    scene.real.wire = meanwhile
    screen = scene.open_page()
    assert scene.real.said[before:].count("/api/v1/uses") == 3
    assert [row.key for row in screen.table.rows] == numbers[:1:-1], "a line pushed onto the next page twice"
    assert screen.more.isVisible() and screen.count.text().startswith("已显示 3 / 5 条")
    screen._limit = 3
    screen.more.click()
    scene.settle()
    assert [row.key for row in screen.table.rows] == numbers[::-1] and not screen.more.isVisible()
    screen.fetch()
    scene.settle()
    assert screen.table.rows[0].key == late[0]


def test_offline_says_so_and_keeps_what_was_fetched(scene: Scene) -> None:
    scene.note(LABOUR, scene.units[0])
    scene.real.wire = lost
    screen = scene.open_page()
    assert screen.layers.currentIndex() == NOT_FETCHED and screen.problem.isVisible()
    assert not scene.button("table").isEnabled() and scene.button("fetch").isEnabled()
    scene.real.wire = lambda path, body, carry: carry()
    QTest.keyClick(screen, Qt.Key.Key_F6)
    scene.settle()
    assert len(screen.table.rows) == 1 and not screen.problem.isVisible()
    said = screen.count.text()
    scene.real.wire = lost
    scene.kit.clock.move(hours=1)
    screen.fetch()
    scene.settle()
    assert "先前取得" in screen.problem.accessibleName()
    assert len(screen.table.rows) == 1 and screen.count.text() == said, "still as of when it was told"
    assert scene.window is not None and not scene.window.busy.isVisible()


def test_without_a_hub_there_is_no_list(scene: Scene) -> None:
    scene.enter("clerk")
    screen = scene.open("uses", UsesScreen)
    assert screen.layers.currentIndex() == NO_HUB and not scene.button("fetch").isEnabled()


def test_escape_stops_the_fetching(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_uses, "PAGE", 1)
    for _ in range(3):
        scene.note(LABOUR, scene.units[0])
    stopped: list[bool] = []

    def stopping(path, body, carry):  # type: ignore[no-untyped-def]
        if path.endswith("/uses") and not stopped:
            stopped.append(True)
            screen = scene.window.screen_of("uses")  # type: ignore[union-attr]
            assert isinstance(screen, UsesScreen) and screen._fetching is not None
            screen._fetching.cancel()
        return carry()

    scene.real.wire = stopping
    screen = scene.open_page()
    assert stopped and screen.layers.currentIndex() == NOT_FETCHED and screen._fetched is None
    asked = len(scene.real.said)
    screen.fetch()
    QTest.keyClick(screen.table, Qt.Key.Key_Escape)
    scene.settle()
    assert screen._fetched is None and len(scene.real.said) <= asked + 1
    assert scene.window is not None and scene.window.current_page == "uses"
    assert not scene.window.busy.isVisible() and scene.button("fetch").isEnabled()


def test_what_is_in_sight_is_written_as_the_verb_writes_it(scene: Scene, tmp_path: Path) -> None:
    for department in (LABOUR, HOUSING, LABOUR):
        scene.note(department, scene.units[0], reason="=1+1 核对")
    screen = scene.open_page()
    choose(scene, screen.filter.party, scene.departments[LABOUR].id)
    screen._chooser = Answer(str(tmp_path / "uses"))
    for key, suffix in ((Qt.Key.Key_F8, ".csv"), (Qt.Key.Key_F7, ".pdf")):
        QTest.keyClick(screen.table, key)
        scene.settle()
        assert scene.toast() == f"已保存为 uses{suffix}。"
    rows = list(csv.reader(io.StringIO((tmp_path / "uses.csv").read_bytes().decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == [LABOUR] * 2 and rows[1][10] == "'=1+1 核对"
    text = "".join(page.get_textpage().get_text_bounded() for page in PdfDocument(tmp_path / "uses.pdf"))
    text = text.replace("\r\n", "")
    assert f"用证部门：{LABOUR}" in text and "查验次数： 2 次" in text
    screen._chooser = Answer("")
    screen.export(".csv")
    assert sorted(path.name for path in tmp_path.glob("uses*")) == ["uses.csv", "uses.pdf"]
    screen._chooser = Answer(str(tmp_path / "nowhere" / "uses"))
    screen.export(".csv")
    scene.settle()
    assert scene.window is not None and scene.window.toast.isVisible() and "已保存" not in scene.toast()
