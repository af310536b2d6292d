"""授权情况: who may use a unit's certificate, as the hub recorded it. Read only: the unit changes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.forms.kinds import KINDS
from ui.record_words import moment
from ui.theme import size
from ui.widgets.buttons import Button
from ui.widgets.fact_grid import HoldButton
from ui.widgets.labels import label
from ui.widgets.notice import EmptyState
from ui.widgets.row_table import Cell, Column, Row, RowTable

if TYPE_CHECKING:
    from core.services.delegations import Delegate, Tree

COLUMNS = (
    Column("人员", 11, stretch=True),
    Column("类别", 8.5),
    Column("身份证号码", 13),
    Column("授权事项", 16, gives_way=2),
    Column("期限", 15, gives_way=1),
    Column("状态", 7, pill=True),
)
ROLE_WORDS = {"manager": "其他管理人", "user": "使用人"}
STAGE_WORDS = {
    "offered": ("待领取", "warn"),
    "early": ("未生效", "warn"),
    "standing": ("有效", "good"),
    "suspended": ("已暂停", "warn"),
    "expired": ("已到期", ""),
    "ended": ("已终止", "bad"),
}
_INDENT = "　　"
_GONE = "（已销毁）"


def delegate_rows(trees: Sequence[Tree], clear: bool = False) -> tuple[Row, ...]:
    """Return the certificates with everybody below them; personal values covered unless ``clear``."""
    rows: list[Row] = []
    for tree in trees:
        rows.append(_head(tree, clear))
        rows += [_line(each, tree, clear) for each in tree.people]
    return tuple(rows)


def _covered(kind: str, value: str | None, clear: bool) -> str:
    if not value:
        return _GONE
    return value if clear else KINDS[kind].mask(value)


def _head(tree: Tree, clear: bool) -> Row:
    standing = ("已暂停", "warn") if tree.suspended else ("有效", "good")
    word, tone = ("已作废", "bad") if tree.void else standing
    dates = f"{moment(tree.issued_at)[:10]} 至 {moment(tree.expires_at)[:10]}"
    cells = (
        Cell(_covered("person_name", tree.holder, clear)),
        Cell("第一管理责任人"),
        Cell(""),
        Cell("全部事项"),
        Cell(dates),
        Cell(word, tone),
    )
    return Row(tree.certificate, cells, quiet=tree.void)


def _line(each: Delegate, tree: Tree, clear: bool) -> Row:
    word, tone = STAGE_WORDS[each.stage]
    matters = "、".join(each.matters) or "全部事项"
    cells = (
        Cell(_INDENT * (each.depth + 1) + _covered("person_name", each.name, clear)),
        Cell(ROLE_WORDS.get(each.role, "")),
        Cell(_covered("id_number", each.id_number, clear)),
        Cell(matters),
        Cell(f"{each.valid_from} 至 {each.valid_to}"),
        Cell(word, tone),
    )
    over = tree.void or each.stage in ("ended", "expired")
    return Row(each.id, cells, quiet=over, tip=f"授权事项：{matters}")


class DelegatesDialog(QDialog):
    """The tree of one unit; arrows move, Escape closes, personal values show while a button is held."""

    def __init__(self, parent: QWidget | None, unit: str, trees: Sequence[Tree]) -> None:
        super().__init__(parent)
        self._trees = tuple(trees)
        self.setWindowTitle("授权情况")
        self.table = RowTable(COLUMNS, "授权情况")
        self.table.show_rows(delegate_rows(self._trees))
        self.hold = HoldButton()
        self.hold.held.connect(lambda held: self.table.show_rows(delegate_rows(self._trees, clear=held)))
        nothing = "证书领取后，第一管理责任人可以在自己手机的持证页面里授权管理人和使用人。"
        self.empty = EmptyState("users", "还没有领取过电子证书", nothing)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.table)
        self.pages.addWidget(self.empty)
        self.pages.setCurrentWidget(self.table if self._trees else self.empty)
        head = QHBoxLayout()
        head.addWidget(label(unit, "section", wrap=True), 1)
        head.addWidget(self.hold)
        self.hold.setVisible(bool(self._trees))
        close = Button("关闭", key="Esc", on_click=self.accept)
        foot = QHBoxLayout()
        note = "授权由单位在持证页面办理，以省级平台的记录为准；证书作废时全部随之失效。"
        foot.addWidget(label(note, "muted", wrap=True), 1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.pages, 1)
        column.addLayout(foot)
        em = size("body")
        self.resize(min(em * 84, 1240), min(em * 38, 640))
        (self.table if self._trees else close).setFocus()
