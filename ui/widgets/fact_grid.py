"""Read-only facts, personal ones covered; they show only while a button is held on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from ui.theme import size, theme
from ui.widgets.buttons import Button
from ui.widgets.labels import label


@dataclass(frozen=True)
class Fact:
    """A line: ``shown`` by default, ``clear`` while held (equal when there is nothing to cover).

    ``heading`` lines carry only a label; a ``statement`` was ticked or not and reads as one line.
    ``tone`` colours the value, ``note`` stands below it (a finding).
    """

    label: str
    shown: str = ""
    clear: str = ""
    heading: bool = False
    tone: str = ""
    note: str = ""
    statement: bool = False

    @property
    def covered(self) -> bool:
        """Whether something is hidden."""
        return self.clear != self.shown


class HoldButton(Button):
    """``held(True)`` while pressed by pointer or space; ``held(False)`` when let go, left or hidden."""

    held = Signal(bool)

    def __init__(self, caption: str = "按住显示") -> None:
        super().__init__(caption, icon_name="eye", face="quiet")
        self.setToolTip("证件号码、手机号码等按住时显示，松开即遮住")
        self.pressed.connect(lambda: self.held.emit(True))
        self.released.connect(self._let_go)

    def _let_go(self) -> None:
        self.setDown(False)
        self.held.emit(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Cover when the focus leaves."""
        self._let_go()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Cover when hidden."""
        self._let_go()
        super().hideEvent(event)


class FactGrid(QWidget):
    """Label and value in two columns."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self._values: list[tuple[Fact, QLabel]] = []
        self._names: list[QLabel] = []
        self._revealed = False
        theme().changed.connect(self._fit)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show ``facts``, covered."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._values, self._names, self._revealed = [], [], False
        at = 0
        for fact in facts:
            at = self._add(fact, at)
        self._fit()

    def _add(self, fact: Fact, at: int) -> int:
        if fact.statement:
            return self._add_statement(fact, at)
        name = label(fact.label, "strong" if fact.heading else "label", wrap=True)
        name.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        if fact.heading:
            self._grid.addWidget(name, at, 0, 1, 2)
            return at + 1
        self._names.append(name)
        value = label(fact.shown or "—", tone=fact.tone, wrap=True)
        value.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        value.setAccessibleName(f"{fact.label} {fact.shown}")
        self._grid.addWidget(name, at, 0)
        self._grid.addWidget(value, at, 1)
        self._values.append((fact, value))
        return self._add_note(fact, at + 1, 1)

    def _add_statement(self, fact: Fact, at: int) -> int:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        value = label(fact.shown or "—", tone=fact.tone)
        value.setAccessibleName(f"{fact.label} {fact.shown}")
        line.addWidget(value, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(label(fact.label, "label", wrap=True), 1)
        self._grid.addWidget(row, at, 0, 1, 2)
        self._values.append((fact, value))
        return self._add_note(fact, at + 1, 0)

    def _add_note(self, fact: Fact, at: int, column: int) -> int:
        if not fact.note:
            return at
        note = label(fact.note, "verdict", tone=fact.tone or "warn", wrap=True)
        self._grid.addWidget(note, at, column, 1, 2 - column)
        return at + 1

    def reveal(self, on: bool) -> None:
        """Show what is covered, or cover it. The accessible name keeps to what is covered."""
        self._revealed = on
        for fact, value in self._values:
            value.setText((fact.clear if on else fact.shown) or "—")

    @property
    def revealed(self) -> bool:
        """Whether it shows in clear right now."""
        return self._revealed

    def texts(self) -> tuple[tuple[str, str], ...]:
        """Return label and value as they stand on screen."""
        return tuple((fact.label, value.text()) for fact, value in self._values)

    def _fit(self) -> None:
        for name in self._names:
            name.setFixedWidth(round(size("body") * 7.7))
