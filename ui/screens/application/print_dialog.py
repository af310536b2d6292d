"""Our own print dialog: the very pages, which printer, how many, or a file. It decides nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.choices import PickBox
from ui.widgets.labels import label
from ui.widgets.notice import Notice
from ui.widgets.preview_view import PageImage, PreviewView, RenderPages

MOST_COPIES = 20
A4_WIDTH_POINTS = 595.276
MakePdf = Callable[[tuple[float, float]], bytes]
"""Called on the render lane with the printer's offset in millimetres; must not touch Qt."""


class Stage(StrEnum):
    """What the dialog waits for."""

    READY = "ready"
    WORKING = "working"
    UNKNOWN = "unknown"
    DONE = "done"


@dataclass(frozen=True)
class PrintState:
    """Everything the dialog shows beside the pages."""

    printers: tuple[str, ...] = ()
    printer: str = ""
    copies: int = 1
    offset: tuple[float, float] = (0.0, 0.0)
    stage: Stage = Stage.READY
    loading: bool = True
    text: str = ""
    tone: str = "accent"


def offset_words(offset: tuple[float, float]) -> str:
    """Return a printer's offset in words."""
    right, down = offset
    if not (right or down):
        return "位置不作微调（可在“设置—打印”里校准）"
    across = f"向{'右' if right >= 0 else '左'} {abs(right):g} 毫米"
    along = f"向{'下' if down >= 0 else '上'} {abs(down):g} 毫米"
    return f"位置微调：{across}，{along}"


def pages_of(make: MakePdf, offset: tuple[float, float]) -> RenderPages:
    """Return what draws every page of a PDF at a width in pixels."""

    def render(width: int) -> Sequence[PageImage]:
        from core.documents.preview import page_count, raster

        pdf = make(offset)
        return [raster(pdf, page, width / A4_WIDTH_POINTS) for page in range(page_count(pdf))]

    return render


class PrintDialog(QDialog):
    """Emits wishes; :meth:`show_state` says how it went."""

    print_wanted = Signal(str, int)
    save_wanted = Signal(int)
    printer_chosen = Signal(str)
    came_out = Signal(bool)

    def __init__(self, parent: QWidget | None, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"打印　{title}")
        self.setSizeGripEnabled(True)
        self._state = PrintState()
        self.preview = PreviewView()
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(14)
        row.addWidget(self.preview, 11)
        row.addLayout(self._controls(title), 8)
        self._fit(parent)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self._on_save)

    def _fit(self, parent: QWidget | None) -> None:
        wanted = QSize(860, 660)
        if parent is not None:
            wanted = wanted.boundedTo(parent.window().size() - QSize(40, 60))
        self.resize(wanted)

    def _controls(self, title: str) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(10)
        card = Card(title)
        self.printer = PickBox()
        self.printer.setAccessibleName("打印机")
        self.printer.setMinimumContentsLength(10)
        self.printer.setSizeAdjustPolicy(PickBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.printer.activated.connect(lambda at: self.printer_chosen.emit(str(self.printer.itemData(at))))
        self.copies = PickBox()
        self.copies.setAccessibleName("份数")
        for count in range(1, MOST_COPIES + 1):
            self.copies.addItem(f"{count} 份", count)
        for words, box in (("打印机", self.printer), ("份数", self.copies)):
            card.body.addWidget(label(words, "label", buddy=box))
            card.body.addWidget(box)
        self._offset = label("", "hint", wrap=True)
        card.body.addWidget(self._offset)
        column.addWidget(card)
        self.notice = Notice("")
        self.yes = Button("已打印", face="primary", on_click=lambda: self.came_out.emit(True))
        self.no = Button("未打印", on_click=lambda: self.came_out.emit(False))
        self._answers = QWidget()
        answers = QHBoxLayout(self._answers)
        answers.setContentsMargins(0, 0, 0, 0)
        answers.setSpacing(8)
        answers.addWidget(self.yes)
        answers.addWidget(self.no)
        answers.addStretch(1)
        column.addWidget(self.notice)
        column.addWidget(self._answers)
        column.addStretch(1)
        self.print_button = Button(
            "打印", key="Enter", icon_name="printer", face="primary", on_click=self._on_print
        )
        self.save_button = Button("另存为 PDF", key="Ctrl+S", icon_name="download", on_click=self._on_save)
        self.close_button = Button("关闭", key="Esc", on_click=self.reject)
        for button in (self.print_button, self.save_button, self.close_button):
            column.addWidget(button)
        return column

    # -- showing ----------------------------------------------------------------------------------

    def show_pages(self, make: MakePdf, offset: tuple[float, float]) -> None:
        """Draw the pages as they will be printed."""
        self.preview.request(pages_of(make, offset))

    def show_state(self, state: PrintState) -> None:
        """Show printers, copies, and how it went."""
        before, self._state = self._state, state
        shown = [str(self.printer.itemData(i)) for i in range(self.printer.count())]
        if shown != list(state.printers):
            self.printer.clear()
            for name in state.printers:
                self.printer.addItem(name, name)
        self.printer.setPlaceholderText("正在查找打印机…" if state.loading else "没有找到打印机")
        self.printer.setCurrentIndex(self.printer.findData(state.printer))
        self.copies.setCurrentIndex(self.copies.findData(state.copies))
        self._offset.setText(offset_words(state.offset))
        ready = state.stage is Stage.READY
        for box in (self.printer, self.copies):
            box.setEnabled(ready)
        self.print_button.setEnabled(ready and bool(state.printer))
        self.save_button.setEnabled(ready)
        self.notice.set_text(state.text, state.tone)
        self.notice.setVisible(bool(state.text))
        self._answers.setVisible(state.stage is Stage.UNKNOWN)
        if state.stage is not before.stage or state.loading is not before.loading:
            self.place_focus(state)

    def place_focus(self, state: PrintState) -> None:
        """Put the focus on the button that comes next."""
        if state.stage is Stage.UNKNOWN:
            target = self.yes
        elif state.stage is Stage.DONE:
            target = self.close_button
        elif state.stage is Stage.READY:
            target = self.print_button if state.printer else self.save_button
        else:
            return
        for button in (self.yes, self.print_button, self.save_button, self.close_button):
            button.setDefault(button is target)
        target.setFocus()

    @property
    def state(self) -> PrintState:
        """The state shown last."""
        return self._state

    # -- events -----------------------------------------------------------------------------------

    def _on_print(self) -> None:
        if self.print_button.isEnabled():
            self.print_wanted.emit(str(self.printer.currentData() or ""), int(self.copies.currentData()))

    def _on_save(self) -> None:
        if self.save_button.isEnabled():
            self.save_wanted.emit(int(self.copies.currentData()))

    def reject(self) -> None:
        """Close, unless something is under way."""
        if self._state.stage is not Stage.WORKING:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window's own cross does what Escape does."""
        if self._state.stage is Stage.WORKING:
            event.ignore()
            return
        super().closeEvent(event)
