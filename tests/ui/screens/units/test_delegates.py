"""授权情况: the tree as rows, covered by default, shown while a button is held, closed by Escape."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.records.delegations import Stage
from core.services.delegations import Delegate, Tree
from ui.screens.units.delegates import DelegatesDialog, delegate_rows

NUMBER = "460031197811000051"


def delegate(number: int, depth: int = 0, stage: Stage = Stage.STANDING, **changed: object) -> Delegate:
    facts: dict[str, object] = {
        "id": f"d{number}",
        "depth": depth,
        "role": "user" if depth else "manager",
        "name": f"演练{number}",
        "id_number": NUMBER,
        "matters": ("税务登记和办税", "银行开户和贷款") if depth else (),
        "valid_from": "2026-11-29",
        "valid_to": "2027-11-28",
        "stage": stage,
        "reason": "",
    }
    return Delegate(**(facts | changed))  # type: ignore[arg-type]


def tree(*people: Delegate, void: bool = False) -> Tree:
    stamps = ("2026-11-29T02:00:00.000Z", "2031-11-28T15:59:59.000Z")
    return Tree("c1", "陈演练", 1, *stamps, void, False, people)


PEOPLE = (
    delegate(1),
    delegate(2, 1),
    delegate(3, 1, Stage.OFFERED),
    delegate(4, 0, Stage.ENDED),
    delegate(5, name=None, id_number=None),
)


def words(rows: object) -> str:
    return " ".join(cell.text for row in rows for cell in row.cells)  # type: ignore[attr-defined]


def test_personal_values_are_covered_unless_held() -> None:
    covered = words(delegate_rows([tree(*PEOPLE)]))
    assert NUMBER not in covered and "演练1" not in covered and "陈演练" not in covered
    clear = words(delegate_rows([tree(*PEOPLE)], clear=True))
    assert NUMBER in clear and "演练1" in clear and "（已销毁）" in clear


def test_rows_show_how_deep_and_how_each_stands() -> None:
    rows = delegate_rows([tree(*PEOPLE)])
    assert [row.cells[-1].text for row in rows] == ["有效", "有效", "有效", "待领取", "已终止", "有效"]
    assert [len(row.cells[0].text) - len(row.cells[0].text.lstrip("　")) for row in rows] == [
        0,
        2,
        4,
        4,
        2,
        2,
    ]
    assert rows[1].cells[3].text == "全部事项" and "税务登记和办税" in rows[2].cells[3].text
    dead = delegate_rows([tree(*PEOPLE, void=True)])
    assert all(row.quiet for row in dead) and dead[0].cells[-1].text == "已作废"


def test_the_dialog_by_keyboard(qtbot: QtBot) -> None:
    dialog = DelegatesDialog(None, "琼海市演练小学", [tree(*PEOPLE)])
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.open()
    dialog.table.setFocus()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Home)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    assert dialog.table.current_key() == "d1"
    dialog.hold.held.emit(True)
    assert NUMBER in words(dialog.table.rows) and dialog.table.current_key() == "d1"
    dialog.hold.held.emit(False)
    assert NUMBER not in words(dialog.table.rows)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_a_unit_without_certificate_says_so(qtbot: QtBot) -> None:
    dialog = DelegatesDialog(None, "琼海市演练小学", [])
    qtbot.addWidget(dialog)
    assert dialog.pages.currentWidget() is dialog.empty
    assert not dialog.hold.isVisibleTo(dialog)
    assert "还没有领取过电子证书" in dialog.empty.accessibleName()
