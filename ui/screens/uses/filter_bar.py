"""What of the use list is wanted: the days, a department, words that name a unit."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ui.forms.line_edits import DayEdit
from ui.screens.uses.state import FIRST_PERIOD, OWN, PERIODS, party_choices
from ui.theme import size, theme
from ui.widgets.choices import PickBox
from ui.widgets.labels import label

PAUSE_MS = 60


class FilterBar(QWidget):
    """``days_wanted`` when other days are to be fetched; ``narrowed`` when fewer of the lines are wanted."""

    days_wanted = Signal()
    narrowed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.period, self.party, self.words = PickBox(), PickBox(), QLineEdit()
        self.since, self.until, self._to = DayEdit(), DayEdit(), label("至", "label")
        days = ((self.since, "从哪天"), (self.until, "到哪天"))
        for widget, name in ((self.period, "日期"), (self.party, "用证部门"), *days):
            widget.setAccessibleName(name)
        self.party.setMinimumContentsLength(9)
        self.words.setPlaceholderText("单位名称、拼音首字母、信用代码、流水号　F3")
        self.words.setAccessibleName("按单位、信用代码或流水号筛选")
        self.words.setClearButtonEnabled(True)
        for code, words in PERIODS:
            self.period.addItem(words, code)
        self.period.setCurrentIndex(self.period.findData(FIRST_PERIOD))
        self.show_parties(party_choices(()))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.narrowed)
        self.period.currentIndexChanged.connect(lambda _at: self._on_period())
        for day in (self.since, self.until):
            day.returnPressed.connect(self.days_wanted)
            day.picked.connect(lambda _day: self.days_wanted.emit())
        self.party.currentIndexChanged.connect(lambda _at: self.narrowed.emit())
        self.words.textChanged.connect(lambda _text: self._pause.start())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for each in (self.period, self.since, self._to, self.until, self.party):
            row.addWidget(each)
        row.addWidget(self.words, 1)
        self._show_days()
        self._fit()
        theme().changed.connect(self._fit)

    def _fit(self) -> None:
        for day in (self.since, self.until):
            day.setFixedWidth(round(size("body") * 10.5))

    @property
    def days(self) -> tuple[str, str, str]:
        """Which period, and the days of a chosen one."""
        return str(self.period.currentData()), self.since.day(), self.until.day()

    @property
    def wanted_party(self) -> str:
        """The department's id, or empty."""
        return str(self.party.currentData() or "")

    def show_parties(self, choices: tuple[tuple[str, str], ...]) -> None:
        """Offer the departments of the list; the chosen one stays if it is still there."""
        chosen = self.wanted_party
        self.party.blockSignals(True)
        self.party.clear()
        for code, words in choices:
            self.party.addItem(words, code)
        self.party.setCurrentIndex(max(0, self.party.findData(chosen)))
        self.party.blockSignals(False)

    def clear(self) -> None:
        """Want every line of the days again."""
        for widget in (self.party, self.words):
            widget.blockSignals(True)
        self.party.setCurrentIndex(0)
        self.words.clear()
        for widget in (self.party, self.words):
            widget.blockSignals(False)
        self._pause.stop()
        self.narrowed.emit()

    def _show_days(self) -> None:
        own = self.period.currentData() == OWN
        for each in (self.since, self._to, self.until):
            each.setVisible(own)

    def _on_period(self) -> None:
        self._show_days()
        if self.period.currentData() == OWN:
            self.since.setFocus()
        else:
            self.days_wanted.emit()
