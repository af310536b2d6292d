"""What the register says of the unit at the counter, and the cases it had before."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.forms.line_edits import spaced_day
from ui.screens.application.words import FORM_WORDS, LIFECYCLES
from ui.screens.application.work import Work
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.labels import ElidedLabel, chip, label

_FACTS = (("uscc", "信用代码"), ("sponsor", "举办单位"), ("address", "住所"))
MOST_CASES = 12


class UnitFacts(QWidget):
    """Facts over history; ``case_opened(case id)``, ``unit_opened(unit id)``."""

    case_opened = Signal(str)
    unit_opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(scroll)
        self._scroll = scroll
        self._shown: object = None

    def show_work(self, work: Work) -> None:
        """Show the unit of a piece of work."""
        key = (work.unit, work.history)
        if key == self._shown:
            return
        self._shown = key
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(3)
        column.addLayout(self._facts(work))
        column.addWidget(frame("line"))
        for past in work.history[:MOST_CASES]:
            column.addLayout(self._past(past.id, past.form, past.case_no, past.lifecycle, past.changed_on))
        if not work.history:
            column.addWidget(label("没有办理过电子证书业务。", "muted"))
        column.addStretch(1)
        self._scroll.setWidget(inside)

    def _facts(self, work: Work) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        values = work.unit.values
        lines = [(words, values.get(id, "")) for id, words in _FACTS]
        days = [spaced_day(values[id]) for id in ("valid_from", "valid_to") if values.get(id)]
        lines.append(("证书有效期", " 至 ".join(days)))
        for row, (words, text) in enumerate(lines):
            grid.addWidget(label(words, "label"), row, 0)
            grid.addWidget(ElidedLabel(text or "—"), row, 1, 1, 1 if row == 0 else 2)
        open_unit = Button("登记信息", face="quiet", on_click=lambda: self.unit_opened.emit(work.unit.id))
        open_unit.setProperty("low", True)
        grid.addWidget(open_unit, 0, 2, Qt.AlignmentFlag.AlignRight)
        return grid

    def _past(self, id: str, form: str, case_no: str, lifecycle: str, changed: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        words, tone = LIFECYCLES.get(lifecycle, (lifecycle, ""))
        row.addWidget(chip(words, tone))
        row.addWidget(ElidedLabel(f"{FORM_WORDS.get(form, form)}　{case_no}"), 1)
        row.addWidget(label(changed, "hint"))
        button = Button("查看", face="quiet", on_click=lambda: self.case_opened.emit(id))
        button.setAccessibleName(f"查看 {case_no}")
        button.setProperty("low", True)
        row.addWidget(button)
        return row
