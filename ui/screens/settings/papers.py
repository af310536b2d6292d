"""The checklist of papers per form, edited as a table and kept as a signed record of the office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableWidget, QTableWidgetItem

from core.forms.papers import default_checklist
from ui.messages import Message
from ui.screens.settings.section import Section
from ui.screens.settings.state import PaperRow, items_of, moved, rows_of, rows_problem
from ui.theme import size, theme
from ui.widgets.buttons import Button
from ui.widgets.choices import Segments

if TYPE_CHECKING:
    from core.services.office_papers import OfficeFace
    from core.services.session import Session

_FORMS = (("attachment-1", "申领（附件 1）"), ("attachment-3", "变更第一管理责任人（附件 3）"))
_TICKS = ("看原件", "收复印件", "必备")
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class Papers(Section):
    """Editable by administrators."""

    title = "材料清单"
    needs_face = True

    def build(self) -> None:
        """Choice of form, table, buttons."""
        self._rows: tuple[PaperRow, ...] = ()
        self._filling = False
        self._admin = False
        card = self.add_card(
            "受理时核对的材料",
            "默认清单取自通知正文和表下备注。改动只影响以后的核对；双击可改名称，空格键勾选。",
        )
        self.form = Segments(_FORMS, "业务")
        self.form.set_value("attachment-1")
        self.form.chosen.connect(lambda code: self._load())
        card.body.addWidget(self.form)
        self.table = QTableWidget(0, 1 + len(_TICKS))
        self.table.setHorizontalHeaderLabels(("材料名称", *_TICKS))
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setAccessibleName("材料清单")
        head = self.table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.itemChanged.connect(self._on_item)
        card.body.addWidget(self.table)
        row = QHBoxLayout()
        self.add = Button("增加一项", icon_name="plus", on_click=self._on_add)
        self.remove = Button("移除", icon_name="trash", on_click=self._on_remove)
        self.up = Button("上移", icon_name="chevron-up", on_click=lambda: self._move(-1))
        self.down = Button("下移", icon_name="chevron-down", on_click=lambda: self._move(1))
        self.original = Button("恢复通知原文", face="quiet", on_click=self._on_default)
        self.keep = Button("保存清单", face="primary", on_click=self._on_keep)
        for button in (self.add, self.remove, self.up, self.down, self.original):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.keep)
        card.body.addLayout(row)

    def refresh(self) -> None:
        """Show the office's list."""
        super().refresh()
        self._load()

    def show_face(self, face: OfficeFace) -> None:
        """Let administrators edit."""
        self._admin = "admin" in face.roles
        for button in (self.add, self.remove, self.up, self.down, self.original, self.keep):
            button.setEnabled(self._admin)
        if not self._admin:
            self.say(Message("", "材料清单由管理员维护。"), "accent")
        self._fill()

    @property
    def rows(self) -> tuple[PaperRow, ...]:
        """The rows as edited."""
        return self._rows

    def put(self, rows: tuple[PaperRow, ...], at: int = 0) -> None:
        """Show other rows, not yet kept."""
        self._rows = rows
        self._fill()
        self.table.setCurrentCell(min(max(0, at), len(rows) - 1), 0)

    def _load(self) -> None:
        form = self.form.value()

        def op(session: Session) -> Any:
            from core.services.office_papers import papers_of

            return papers_of(session, form)

        self.ask(op, lambda items: self.put(rows_of(items)))

    def _fill(self) -> None:
        self._filling = True
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        self.table.setRowCount(len(self._rows))
        for column in range(1, 4):
            self.table.setColumnWidth(column, theme().base * 7)
        for number, row in enumerate(self._rows):
            words = QTableWidgetItem(row.label)
            words.setToolTip(row.base.source if row.base else "本机关增加")
            words.setFlags(flags | (Qt.ItemFlag.ItemIsEditable if self._admin else Qt.ItemFlag.NoItemFlags))
            self.table.setItem(number, 0, words)
            for column, on in enumerate((row.original, row.copy, row.required), 1):
                tick = QTableWidgetItem()
                tick.setCheckState(_CHECKED if on else _UNCHECKED)
                tick.setFlags(
                    flags | (Qt.ItemFlag.ItemIsUserCheckable if self._admin else Qt.ItemFlag.NoItemFlags)
                )
                self.table.setItem(number, column, tick)
        self._filling = False
        self._fit_rows()

    def _fit_rows(self) -> None:
        """Give every row the height of its wrapped words."""
        total = 0
        for number in range(self.table.rowCount()):
            height = max(size("row_height"), self.table.sizeHintForRow(number) + 8)
            self.table.setRowHeight(number, height)
            total += height
        head = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(min(total, size("row_height") * 9) + head + 10)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew at the new width."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit_rows)

    def _on_item(self, item: QTableWidgetItem) -> None:
        if self._filling:
            return
        at = item.row()
        states = [self.table.item(at, column) for column in range(4)]
        if any(each is None for each in states):
            return
        words, *ticks = [each for each in states if each is not None]
        original, copy, required = (tick.checkState() == _CHECKED for tick in ticks)
        changed = PaperRow(words.text(), original, copy, required, self._rows[at].base)
        self._rows = (*self._rows[:at], changed, *self._rows[at + 1 :])

    def _on_add(self) -> None:
        self.put((*self._rows, PaperRow("", True, False, True)), len(self._rows))
        item = self.table.item(len(self._rows) - 1, 0)
        if item is not None:
            self.table.editItem(item)

    def _on_remove(self) -> None:
        at = self.table.currentRow()
        if 0 <= at < len(self._rows):
            self.put((*self._rows[:at], *self._rows[at + 1 :]), at)

    def _move(self, by: int) -> None:
        at = self.table.currentRow()
        self.put(moved(self._rows, at, by), at + by)

    def _on_default(self) -> None:
        self.put(rows_of(default_checklist(self.form.value())))

    def _on_keep(self) -> None:
        problem = rows_problem(self._rows)
        if problem:
            self.say(Message("", problem))
            return
        form, items = self.form.value(), items_of(self._rows)

        def op(session: Session) -> None:
            from core.services.office_papers import set_papers

            set_papers(session, form, items)

        self.act(op, lambda nothing: self.navigator.toast("清单已保存。"))
