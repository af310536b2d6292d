"""Line edits that type what they must: digits without the input method, days in Chinese spelling."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QDate, QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QCalendarWidget,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QStyle,
    QStyleOptionFrame,
    QVBoxLayout,
    QWidget,
)

from core.forms.kinds import KINDS
from ui.icons import icon
from ui.theme import theme
from ui.widgets.buttons import Button


class LatinEdit(QLineEdit):
    """A line edit for digits and Latin letters.

    The input method is off by answering ``ImEnabled`` with False: neither the widget attribute nor
    input hints stop a pinyin composition (``design/ux.md`` §0.4). What is typed or pasted is folded at
    once (full width, small letters, blanks); nothing is cut.
    """

    folded = Signal(str)

    def __init__(self, fold: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fold = fold
        self.textEdited.connect(self._on_text_edited)

    def inputMethodQuery(self, query: Qt.InputMethodQuery, argument: Any = None) -> Any:
        """Say that no input method is wanted here."""
        if query == Qt.InputMethodQuery.ImEnabled:
            return False
        if argument is None:
            return super().inputMethodQuery(query)
        return super().inputMethodQuery(query, argument)

    def _on_text_edited(self, text: str) -> None:
        folded = self._fold(text)
        if folded != text:
            # The caret stays behind the character it stood behind.
            caret = len(self._fold(text[: self.cursorPosition()]))
            self.setText(folded)
            self.setCursorPosition(min(caret, len(folded)))
        self.folded.emit(folded)


def spaced_day(value: str) -> str:
    """Return a day in normal form as the screen shows it, ``2023 年 4 月 6 日``; anything else unchanged."""
    shown = KINDS["date"].format(value)
    return re.sub(r"([年月])(?=\d)", r" \1 ", shown).replace("日", " 日") if shown != value else value


_ICON_ROOM, _TEXT_MARGIN, _CARET = 26, 2, 1
"""What QLineEdit keeps for a trailing action of 16 px and at both ends of the text, and its caret; in px."""


def _spellings(value: str) -> tuple[str, ...]:
    """Return the ways to write a day, widest first; the last has the digits only."""
    return (spaced_day(value), KINDS["date"].format(value), value)


class DayEdit(LatinEdit):
    """A day typed in any usual spelling (20230406, 2023-4-6, 2023年4月6日), or empty.

    Shown as ``2023 年 4 月 6 日`` when the field is left. Up and Down change the day, Alt+Down or the
    icon opens the calendar.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        # Folding a day while it is typed would move the caret about; it is read when asked for.
        super().__init__(lambda text: text, parent)
        self._calendar: _CalendarPopup | None = None
        self._open = QAction("打开日历", self)
        self._open.triggered.connect(self.open_calendar)
        self.addAction(self._open, QLineEdit.ActionPosition.TrailingPosition)
        self.setPlaceholderText("年-月-日")
        self._repaint_icon()
        theme().changed.connect(self._repaint_icon)

    def day(self) -> str:
        """Return the day in normal form, or the tidied text where it is no day."""
        return KINDS["date"].parse(self.text())

    def show_day(self, value: str) -> None:
        """Show a day given in normal form (or whatever text is held)."""
        room, wide = self._room(), self.fontMetrics().horizontalAdvance
        ways = _spellings(value)
        spelt = next((each for each in ways if wide(each) <= room), ways[-1])
        if self.text() != spelt:
            self.setText(spelt)
            self.setCursorPosition(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spell the day as wide as there is room."""
        super().resizeEvent(event)
        self._respell()

    def changeEvent(self, event: QEvent) -> None:
        """Letters of another size take another width."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._respell()

    def _respell(self) -> None:
        # What somebody is typing stays as typed; a spelling of ours may change even under the caret.
        day = self.day()
        if _to_date(day) and not (self.hasFocus() and self.isModified()):
            chosen = bool(self.text()) and self.selectedText() == self.text()
            self.show_day(day)
            if chosen:
                self.selectAll()

    def _room(self) -> int:
        """Return the width there is for letters and a caret, left of the calendar's icon."""
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        inner = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        return inner.width() - _ICON_ROOM - 2 * _TEXT_MARGIN - _CARET

    def open_calendar(self) -> None:
        """Open the calendar below the field."""
        if self.isReadOnly():
            return
        if self._calendar is None:
            self._calendar = _CalendarPopup(self)
            self._calendar.picked.connect(self._on_picked)
        self._calendar.open_at(self.mapToGlobal(QPoint(0, self.height() + 4)), self.day())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down change the day; Alt+Down opens the calendar."""
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.open_calendar()
        elif step and not self.isReadOnly() and _to_date(self.day()):
            self._on_picked((_to_date(self.day()) or date.today()) + timedelta(days=step))
        else:
            super().keyPressEvent(event)

    def _on_picked(self, day: date | None) -> None:
        self.show_day(day.isoformat() if day else "")
        self.picked.emit(self.day())

    def _repaint_icon(self) -> None:
        self._open.setIcon(icon("calendar", "muted", 16))


def _to_date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


class _CalendarPopup(QFrame):
    picked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("face", "card")
        self._calendar = QCalendarWidget()
        self._calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self._calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        self._calendar.clicked.connect(self._on_chosen)
        self._calendar.activated.connect(self._on_chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._calendar)
        row = QHBoxLayout()
        row.addWidget(Button("今天", face="quiet", on_click=lambda: self._on_chosen(QDate.currentDate())))
        row.addStretch(1)
        row.addWidget(Button("清除", face="quiet", on_click=self._on_cleared))
        column.addLayout(row)

    def open_at(self, corner: QPoint, value: str) -> None:
        day = _to_date(value)
        self._calendar.setSelectedDate(QDate(day.year, day.month, day.day) if day else QDate.currentDate())
        self.adjustSize()
        self.move(corner)
        self.show()
        self._calendar.setFocus()

    def _on_chosen(self, day: QDate) -> None:
        self.hide()
        self.picked.emit(date(day.year(), day.month(), day.day()))

    def _on_cleared(self) -> None:
        self.hide()
        self.picked.emit(None)
