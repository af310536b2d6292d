"""One editor per kind of field: how a value is typed. What it means is ``core.forms.kinds``' affair."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from core.forms.kinds import KINDS, display
from core.forms.spec import FieldSpec
from ui.forms.line_edits import DayEdit, LatinEdit, spaced_day
from ui.theme import size, theme
from ui.widgets.choices import PickBox, Segments, TickBox
from ui.widgets.labels import restyle

MOST_SEGMENTS = 4
LONGEST_SEGMENTS = 24
"""Answers stand side by side up to this many, and this many characters in all; beyond, a list drops down."""


class Editor(QObject):
    """Wraps the widget of one field. ``edited`` carries the clerk's edits only, in normal form."""

    edited = Signal(str)
    has_own_label = False

    def __init__(self, field: FieldSpec, widget: QWidget) -> None:
        super().__init__(widget)
        self.field = field
        self.widget = widget
        self._held = ""
        for each in self.inputs():
            if not each.accessibleName():
                each.setAccessibleName(field.label)
            each.setAccessibleDescription(field.hint)

    def inputs(self) -> tuple[QWidget, ...]:
        """Return the widgets that can take the focus, in order."""
        return (self.widget,)

    def focus_target(self) -> QWidget:
        """Return the widget that takes the focus."""
        return self.inputs()[0]

    def show_value(self, value: str) -> None:
        """Show ``value`` (normal form), unless it is what the clerk's own text already means."""
        if value != self._held or not self.focus_target().hasFocus():
            self._held = value
            self._display(value)

    def tidy(self) -> None:
        """Show the held value in its normal spelling (when the field is left)."""
        self._display(self._held)

    def describe(self, verdict: str, tone: str) -> None:
        """Tell the widget's frame and screen readers what the verdict is."""
        for each in self.inputs():
            each.setAccessibleDescription("；".join(part for part in (verdict, self.field.hint) if part))
        restyle(self.focus_target(), tone=tone if tone in ("bad", "warn") else "")

    def set_read_only(self, read_only: bool) -> None:
        """Let nobody edit; the text stays selectable where there is text."""
        self.widget.setEnabled(not read_only)

    def _display(self, value: str) -> None:
        raise NotImplementedError

    def _on_edited(self, value: str) -> None:
        if value != self._held:
            self._held = value
            self.edited.emit(value)


class LineEditor(Editor):
    """One line of text, typed with the input method; pasted markup arrives as plain text."""

    def __init__(self, field: FieldSpec) -> None:
        self._line = QLineEdit()
        super().__init__(field, self._line)
        # No maximum length: what is too long is kept and found fault with, never cut in silence.
        self._line.setPlaceholderText(field.hint or ("" if field.required else "选填"))
        self._line.textEdited.connect(lambda text: self._on_edited(KINDS[field.kind].parse(text)))

    def set_read_only(self, read_only: bool) -> None:
        self._line.setReadOnly(read_only)
        restyle(self._line, readOnly=read_only)

    def _display(self, value: str) -> None:
        if self._line.text() != value:
            self._line.setText(value)
            self._line.setCursorPosition(0)


class NumberEditor(Editor):
    """Digits with a meaning, or an amount: no input method."""

    def __init__(self, field: FieldSpec) -> None:
        self._line = LatinEdit(KINDS[field.kind].parse)
        super().__init__(field, self._line)
        self._line.setPlaceholderText(field.hint or ("" if field.required else "选填"))
        self._line.folded.connect(self._on_edited)

    def set_read_only(self, read_only: bool) -> None:
        self._line.setReadOnly(read_only)

    def _display(self, value: str) -> None:
        if self._line.text() != value:
            self._line.setText(value)


class DayEditor(Editor):
    """A day, typed or picked, may be empty."""

    def __init__(self, field: FieldSpec) -> None:
        self._line = DayEdit()
        super().__init__(field, self._line)
        self._line.folded.connect(lambda _text: self._on_edited(self._line.day()))
        self._line.picked.connect(self._on_edited)

    def set_read_only(self, read_only: bool) -> None:
        self._line.setReadOnly(read_only)

    def _display(self, value: str) -> None:
        self._line.show_day(value)


class LongTextEditor(Editor):
    """Several lines; Enter makes a new one, Tab leaves."""

    def __init__(self, field: FieldSpec) -> None:
        self._text = QPlainTextEdit()
        super().__init__(field, self._text)
        self._text.setTabChangesFocus(True)
        self._text.setPlaceholderText(field.hint or ("" if field.required else "选填"))
        self._quiet = False
        self._text.textChanged.connect(self._on_changed)
        self._fit()
        theme().changed.connect(self._fit)

    def set_read_only(self, read_only: bool) -> None:
        self._text.setReadOnly(read_only)

    def _fit(self) -> None:
        lines = 1 if self.field.max_length <= 200 else 4
        self._text.setFixedHeight(size("field_height") + (lines - 1) * round(size("body") * 1.5))

    def _on_changed(self) -> None:
        if not self._quiet:
            self._on_edited(KINDS[self.field.kind].parse(self._text.toPlainText()))

    def _display(self, value: str) -> None:
        if self._text.toPlainText() != value:
            self._quiet = True
            self._text.setPlainText(value)
            self._quiet = False


class ChoiceEditor(Editor):
    """A few answers side by side."""

    def __init__(self, field: FieldSpec) -> None:
        self._segments = Segments([(each.code, each.label) for each in field.choices], field.label)
        super().__init__(field, self._segments)
        self._segments.chosen.connect(self._on_edited)

    def inputs(self) -> tuple[QWidget, ...]:
        return self._segments.buttons()

    def focus_target(self) -> QWidget:
        return self._segments.focus_target()

    def describe(self, verdict: str, tone: str) -> None:
        for each in self.inputs():
            each.setAccessibleDescription("；".join(part for part in (verdict, self.field.hint) if part))

    def _display(self, value: str) -> None:
        self._segments.set_value(value)


class PickEditor(Editor):
    """Many answers: a list that drops down."""

    def __init__(self, field: FieldSpec) -> None:
        self._box = PickBox()
        self._box.setPlaceholderText(field.hint or "请选择")
        for each in field.choices:
            self._box.addItem(each.label, each.code)
        self._box.setCurrentIndex(-1)
        super().__init__(field, self._box)
        self._box.activated.connect(lambda index: self._on_edited(str(self._box.itemData(index))))

    def _display(self, value: str) -> None:
        self._box.setCurrentIndex(self._box.findData(value))


class TickEditor(Editor):
    """Yes or nothing; its label stands beside the box."""

    has_own_label = True

    def __init__(self, field: FieldSpec) -> None:
        self._box = TickBox(field.label)
        super().__init__(field, self._box)
        self._box.setToolTip(field.hint)
        self._box.toggled.connect(lambda on: self._on_edited("yes" if on else ""))

    def _display(self, value: str) -> None:
        blocked = self._box.blockSignals(True)
        self._box.setChecked(value == "yes")
        self._box.blockSignals(blocked)
        self._box.update()


def _make_choice(field: FieldSpec) -> Editor:
    length = sum(len(each.label) for each in field.choices)
    few = len(field.choices) <= MOST_SEGMENTS and length <= LONGEST_SEGMENTS
    return ChoiceEditor(field) if few else PickEditor(field)


EDITORS: Mapping[str, Callable[[FieldSpec], Editor]] = {
    "text": LineEditor,
    "long_text": LongTextEditor,
    "unit_name": LineEditor,
    "office_name": LineEditor,
    "person_name": LineEditor,
    "uscc": NumberEditor,
    "id_number": NumberEditor,
    "mobile": NumberEditor,
    "date": DayEditor,
    "choice": _make_choice,
    "tick": TickEditor,
    "money": LineEditor,
}
"""Kind → maker of its editor; a test asks that every kind of ``core.forms.kinds`` has one."""


def make_editor(field: FieldSpec) -> Editor:
    """Return a new editor for ``field``. Raises ``KeyError`` for a kind without one."""
    return EDITORS[field.kind](field)


def read_only_text(field: FieldSpec, value: str) -> str:
    """Return a value as a review shows it."""
    return spaced_day(value) if field.kind == "date" else display(field, value)
