"""Printers: which one, how many copies, and the offset that its ruler page tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from ui.messages import Message
from ui.paper_out import PaperOut
from ui.screens.settings.section import Section
from ui.screens.settings.state import LARGEST_OFFSET, read_offset
from ui.task import CancelToken, ReportProgress, Task
from ui.widgets.buttons import Button
from ui.widgets.choices import PickBox, Segments
from ui.widgets.labels import label

if TYPE_CHECKING:
    from core.documents.printing import PrinterList

_NONE = "（使用系统默认打印机）"


class Printing(Section):
    """Printer, copies, offset, ruler page."""

    title = "打印"

    def build(self) -> None:
        """One card for the printer, one for the offset."""
        self.out = PaperOut(self, self.say, chooser=self.chooser)
        card = self.add_card("打印机")
        self.printer = PickBox()
        self.printer.setAccessibleName("打印机")
        self.printer.activated.connect(lambda at: self._on_printer())
        card.body.addWidget(label("打印机", "label", buddy=self.printer))
        row = QHBoxLayout()
        row.addWidget(self.printer, 1)
        self.look = Button("重新查找", icon_name="refresh", on_click=self._find)
        row.addWidget(self.look)
        card.body.addLayout(row)
        self.copies: Segments = self.add_segments(
            card, "copies", "申请表打印份数", ((1, "1 份"), (2, "2 份"), (3, "3 份"), (4, "4 份"))
        )
        offset = self.add_card(
            "打印位置微调",
            "先打印校准页，量左上角十字到纸边的距离：应当都是 20 毫米。"
            "量得小于 20，把差数加上；大于 20，减去差数。每台打印机各记各的。",
        )
        self.right, self.down = QLineEdit(), QLineEdit()
        line = QHBoxLayout()
        for caption, edit in (("向右（毫米）", self.right), ("向下（毫米）", self.down)):
            edit.setAccessibleName(caption)
            edit.editingFinished.connect(self._on_offset)
            line.addWidget(label(caption, "label", buddy=edit))
            line.addWidget(edit)
        offset.body.addLayout(line)
        buttons = QHBoxLayout()
        self.ruler = Button("打印校准页", icon_name="printer", on_click=self._on_ruler)
        self.save_ruler = Button("另存校准页…", on_click=self._on_save)
        buttons.addWidget(self.ruler)
        buttons.addWidget(self.save_ruler)
        buttons.addStretch(1)
        offset.body.addLayout(buttons)
        self._names: tuple[str, ...] = ()
        self._default = ""

    def refresh(self) -> None:
        """Show the settings and look for printers."""
        super().refresh()
        self._show_names(self._names)
        self._show_offset()
        self._find()

    def _find(self) -> None:
        def op(progress: ReportProgress, cancel: CancelToken) -> PrinterList:
            from ui.printers import system_printer

            return system_printer().list_printers()

        task: Task[PrinterList] = Task(self, op, "printers")
        task.on_success(self._on_found).on_failure(self.fail).start("render")

    def _on_found(self, found: PrinterList) -> None:
        self._default = found.default
        self._show_names(found.names)
        self._show_offset()

    def _show_names(self, names: tuple[str, ...]) -> None:
        self._names = names
        chosen = self.desk.settings.printer
        # One that is switched off stays chosen.
        shown = [_NONE, *names] + ([chosen] if chosen and chosen not in names else [])
        self.printer.clear()
        self.printer.addItems(shown)
        self.printer.setCurrentText(chosen or _NONE)

    def _name(self) -> str:
        text = self.printer.currentText()
        return "" if text == _NONE else text

    def _key(self) -> str:
        """Return the printer whose offset is meant: the chosen one, else the system's default."""
        return self._name() or self._default

    def _on_printer(self) -> None:
        self.save(printer=self._name())
        self._show_offset()

    def _show_offset(self) -> None:
        key = self._key()
        right, down = self.desk.settings.offset_of(key)
        for edit in (self.right, self.down):
            edit.setEnabled(bool(key))
            edit.setToolTip("" if key else "没有找到打印机，无法记录它的偏移。")
        self.right.setText(f"{right:g}")
        self.down.setText(f"{down:g}")

    def _on_offset(self) -> None:
        right, down = read_offset(self.right.text()), read_offset(self.down.text())
        if right is None or down is None:
            self.say(Message("", f"请填写毫米数，例如 1.5 或 -2；最多 {LARGEST_OFFSET:g} 毫米。"))
            return
        self.say(None)
        name = self._key()
        if self.desk.settings.offset_of(name) != (right, down):
            self.save(printer_offsets={**self.desk.settings.printer_offsets, name: (right, down)})

    def _ruler_pdf(self) -> bytes:
        from core.services.office_papers import ruler_page

        return ruler_page(self._session, self._shown_name, self._offset)

    def _freeze(self) -> None:
        # What the render lane needs, taken on the window's thread.
        self._session = self.desk.session
        self._shown_name = self._key() or "系统默认打印机"
        self._offset = self.desk.settings.offset_of(self._key())

    def _on_ruler(self) -> None:
        self._freeze()
        self.out.print(self._ruler_pdf, "打印校准页", name=self._name())

    def _on_save(self) -> None:
        self._freeze()
        self.out.save(self._ruler_pdf, "打印校准页")
