"""The line above the record: kind of action, person, words."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ui.screens.audit.state import Wish, kind_choices, person_choices
from ui.widgets.choices import PickBox

PAUSE_MS = 60


class FilterBar(QWidget):
    """``wished(Wish)`` at once for a choice, after a pause for typing."""

    wished = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.kind, self.person, self.text = PickBox(), PickBox(), QLineEdit()
        for box, name in ((self.kind, "操作"), (self.person, "经手人")):
            box.setAccessibleName(name)
            box.setMinimumContentsLength(7)
        self.text.setPlaceholderText("单位、拼音首字母、信用代码、受理号")
        self.text.setAccessibleName("按单位、信用代码或受理号筛选")
        self.text.setClearButtonEnabled(True)
        for code, words in kind_choices():
            self.kind.addItem(words, code)
        self.show_people(())
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._wish)
        self.kind.currentIndexChanged.connect(self._wish)
        self.person.currentIndexChanged.connect(self._wish)
        self.text.textChanged.connect(lambda _text: self._pause.start())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.kind)
        row.addWidget(self.person)
        row.addWidget(self.text, 1)

    @property
    def wish(self) -> Wish:
        """What is wanted now."""
        kind, person = self.kind.currentData(), self.person.currentData()
        return Wish(str(kind or ""), str(person or ""), self.text.text().strip())

    def show_people(self, people: tuple[tuple[str, str], ...]) -> None:
        """Offer the people of the record; what was chosen stays chosen."""
        wanted = person_choices(people)
        known = tuple(
            (str(self.person.itemData(at)), self.person.itemText(at)) for at in range(self.person.count())
        )
        if known == wanted:
            return
        chosen = self.wish.person
        self.person.blockSignals(True)
        self.person.clear()
        for code, words in wanted:
            self.person.addItem(words, code)
        self.person.setCurrentIndex(max(0, self.person.findData(chosen)))
        self.person.blockSignals(False)

    def clear(self) -> None:
        """Want everything again."""
        for box in (self.kind, self.person):
            box.blockSignals(True)
            box.setCurrentIndex(0)
            box.blockSignals(False)
        self.text.blockSignals(True)
        self.text.clear()
        self.text.blockSignals(False)
        self._wish()

    def _wish(self, _at: int = 0) -> None:
        self._pause.stop()
        self.wished.emit(self.wish)
