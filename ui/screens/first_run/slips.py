"""Recovery slips on the screen, once: print them, save them, and only then go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QKeyEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from ui.files import Chooser
from ui.messages import Message
from ui.paper_out import PaperOut
from ui.screens.unlock.cover import CoverPage
from ui.widgets.buttons import Button
from ui.widgets.choices import TickBox
from ui.widgets.labels import label

if TYPE_CHECKING:
    from core.documents.printing import Printer
    from core.services.session import Session

MakeSlip = Callable[[str, str], bytes]
"""Account and code in, PDF out; called on the render lane."""

_TEXT = (
    "忘记密码时，凭恢复单可以重设密码。请现在打印，由本人装入信封密封后存放在保险柜。"
    "离开本页后程序不再保存恢复码，也无法再次显示。"
)


def slip_maker(session: Session, phone: str) -> MakeSlip:
    """Return what makes a slip's PDF with this session."""

    def make(login: str, code: str) -> bytes:
        from core.services.office_papers import recovery_slip

        return recovery_slip(session, login, code, phone)

    return make


class Slips(CoverPage):
    """Shows codes by account; ``finished`` once the person says the slips are safe."""

    finished = Signal()

    def __init__(
        self,
        codes: Mapping[str, str],
        make: MakeSlip,
        *,
        printer_name: str = "",
        printer: Printer | None = None,
        chooser: Chooser | None = None,
    ) -> None:
        super().__init__("密码恢复单", _TEXT, width=46)
        self._codes, self._make, self._printer_name = dict(codes), make, printer_name
        self.out = PaperOut(self, self._say, printer=printer, chooser=chooser)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        for row, (login, code) in enumerate(self._codes.items()):
            self._add_row(grid, row, login, code)
        self.body.addLayout(grid)
        self.kept = TickBox("恢复单已打印或抄下，已交本人密封保存")
        self.kept.toggled.connect(self._on_kept)
        self.done = Button("完成", face="primary", on_click=self.finished.emit)
        self.done.setEnabled(False)
        self.all = Button("全部打印", icon_name="printer", on_click=self._print_all)
        self.body.addSpacing(4)
        self.body.addWidget(self.kept)
        self.add_foot((self.all,), (self.done,))

    def _add_row(self, grid: QGridLayout, row: int, login: str, code: str) -> None:
        shown = label(code, "strong")
        font = QFont("monospace")
        font.setStyleHint(QFont.StyleHint.Monospace)
        shown.setFont(font)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        shown.setAccessibleName(f"{login} 的恢复码")
        grid.addWidget(label(login), row, 0)
        grid.addWidget(shown, row, 1)
        one_print = Button("打印", face="quiet", on_click=lambda: self._print(login, code))
        one_save = Button("另存…", face="quiet", on_click=lambda: self._save(login, code))
        one_print.setAccessibleName(f"打印 {login} 的恢复单")
        one_save.setAccessibleName(f"另存 {login} 的恢复单")
        grid.addWidget(one_print, row, 2)
        grid.addWidget(one_save, row, 3)
        grid.setColumnStretch(1, 1)

    def _print_all(self) -> None:
        self._print_next(list(self._codes.items()))

    def _print_next(self, left: list[tuple[str, str]]) -> None:
        """Print one after the other; the first that fails ends it, with its sentence shown."""
        if left:
            (login, code), *rest = left
            self._print(login, code, lambda: self._print_next(rest))

    def _print(self, login: str, code: str, after: Callable[[], object] | None = None) -> None:
        self.out.print(lambda: self._make(login, code), "密码恢复单", name=self._printer_name, after=after)

    def _save(self, login: str, code: str) -> None:
        self.out.save(lambda: self._make(login, code), f"密码恢复单-{login}")

    def _on_kept(self, kept: bool) -> None:
        self.done.setEnabled(kept)

    def _say(self, message: Message, tone: str) -> None:
        self.tell(message, tone)


class SlipsDialog(QDialog):
    """The same in a dialog of its own (settings); it closes only by its button."""

    def __init__(self, parent: QWidget | None, slips: Slips) -> None:
        super().__init__(parent)
        self.setWindowTitle("密码恢复单")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(slips)
        self.slips = slips
        slips.finished.connect(self.accept)
        self.resize(slips.card.width() + 60, 360)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape must not lose a code that is shown only once; locking still rejects the dialog."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stay until the slip is said to be safe."""
        event.setAccepted(self.slips.kept.isChecked())
