"""A form shown as the paper has it: one setter in, named events out.

``show(FormState)`` shows; ``value_edited``, ``focus_changed`` and ``submit_requested`` tell. No dialogs,
no store, no rules in here: values and findings come from outside after every edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from core.forms.spec import FormSpec, Severity, visible_fields
from ui.forms.arrangement import COLUMNS, arrange
from ui.forms.editors import Editor
from ui.forms.field_cell import FieldCell
from ui.forms.form_state import FormState, first_error, worst
from ui.forms.verdict import verdict
from ui.messages import Message
from ui.theme import theme
from ui.widgets.cards import Card, frame
from ui.widgets.labels import label, restyle

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STAYS = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)
_DENSE_ABOVE = 36
"""Inner width, in letter sizes, from which a whole person fits on one row."""


class FormView(QScrollArea):
    """Renders any ``FormSpec``; the order of the keys is the order of the spec, which is the paper's."""

    value_edited = Signal(str, str)
    focus_changed = Signal(str)
    submit_requested = Signal()
    end_reached = Signal()

    def __init__(self, spec: FormSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._state = FormState(spec)
        self._cells: dict[str, FieldCell] = {}
        self._editors: dict[str, Editor] = {}
        self._owner: dict[QObject, str] = {}
        self._grids: dict[str, QGridLayout] = {}
        self._left: set[str] = set()
        self._dense: bool | None = None
        self._read_only = False
        self._asked: frozenset[str] = frozenset()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(spec.title)
        self._build()
        self._regrid(False)
        self._order_keys()
        theme().changed.connect(self._choose_density)

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        self._cards: dict[str, Card] = {}
        for number, section in enumerate(self.spec.sections, 1):
            card = Card(section.title, number)
            self._cards[section.id] = card
            grid = QGridLayout()
            grid.setHorizontalSpacing(14)
            grid.setVerticalSpacing(5)
            for index in range(COLUMNS):
                grid.setColumnStretch(index, 1)
            card.body.addLayout(grid)
            self._grids[section.id] = grid
            heading = arrange(section).heading
            for field in section.fields:
                cell = FieldCell(field)
                self._cells[field.id] = cell
                self._adopt(field.id, cell.editor)
                if field is heading:
                    card.add_to_heading(cell.editor.widget)
                    cell.setParent(card)
                    cell.hide()
            column.addWidget(card)
        column.addStretch(1)
        self.setWidget(self._inside)
        self._bubble = frame("bubble")
        self._bubble.setParent(self._inside)
        self._bubble_text = label(role="label", wrap=True)
        inside_bubble = QVBoxLayout(self._bubble)
        inside_bubble.setContentsMargins(12, 4, 12, 5)
        inside_bubble.addWidget(self._bubble_text)
        self._bubble.hide()

    def _adopt(self, id: str, editor: Editor) -> None:
        self._editors[id] = editor
        editor.edited.connect(lambda value: self.value_edited.emit(id, value))
        for each in editor.inputs():
            self._owner[each] = id
            each.installEventFilter(self)

    def _regrid(self, dense: bool) -> None:
        if dense == self._dense:
            return
        self._dense = dense
        for section in self.spec.sections:
            grid = self._grids[section.id]
            for placed in arrange(section, dense).cells:
                cell = self._cells[placed.field.id]
                grid.removeWidget(cell)
                grid.addWidget(cell, placed.row, placed.column, 1, placed.span)
                cell.setVisible(placed.field.id in self._asked or not self._asked)

    def _order_keys(self) -> None:
        inputs = [each for field in self.spec.fields() for each in self._editors[field.id].inputs()]
        for before, after in pairwise(inputs):
            QWidget.setTabOrder(before, after)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose how many fields share a row."""
        super().resizeEvent(event)
        self._choose_density()

    def _choose_density(self) -> None:
        # Judged with every field shown, so that ticking a box never moves the fields above it.
        base = theme().base
        wide = self.viewport().width() - 52 >= _DENSE_ABOVE * base
        self._regrid(wide and self._full_height() > self.viewport().height())
        self._place_bubble()

    def _full_height(self) -> int:
        cards = len(self.spec.sections)
        row = max(cell.sizeHint().height() for cell in self._cells.values()) + 6
        tick = min(cell.sizeHint().height() for cell in self._cells.values()) + 6
        total = cards * (theme().size("field_height") + 24 + 9)
        for section in self.spec.sections:
            cells = arrange(section).cells
            ticks = {each.row for each in cells if each.field.kind == "tick"}
            total += len({each.row for each in cells} - ticks) * row + len(ticks) * tick
        return total

    # -- showing ----------------------------------------------------------------------------------

    def show(self, state: FormState | None = None) -> None:
        """Show a state; without one, QWidget's own ``show``. The state's spec must be this view's.

        The text under the caret is left alone while it already means the value shown.
        """
        if state is None:
            super().show()
            return
        if state.spec is not self.spec and state.spec != self.spec:
            raise ValueError("a form view shows one form")
        self._state = state
        self._asked = frozenset(each.id for each in visible_fields(self.spec, state.values))
        for id, editor in self._editors.items():
            if state.read_only != self._read_only:
                editor.set_read_only(state.read_only)
            editor.show_value(state.values.get(id, "") if id in self._asked else "")
        self._read_only = state.read_only
        for section in self.spec.sections:
            for placed in arrange(section).cells:
                self._cells[placed.field.id].setVisible(placed.field.id in self._asked)
        self._say_all()
        if state.focus:
            self.focus_field(state.focus)

    @property
    def state(self) -> FormState:
        """The state shown last."""
        return self._state

    def editor(self, id: str) -> Editor:
        """Return the editor of a field. Raises ``KeyError``."""
        return self._editors[id]

    def verdict_text(self, id: str) -> str:
        """Return what stands beside the label of a field."""
        return self._cells[id].verdict.text

    def add_to_heading(self, section: str, widget: QWidget) -> None:
        """Put a widget (按信用代码调档 F3) at the right of a section's heading."""
        self._cards[section].add_to_heading(widget)

    def _say_all(self) -> None:
        found = worst(self._state.findings)
        current = self.current_field()
        for id in self._asked:
            finding = found.get(id)
            untouched = id not in self._left and not self._state.reveal
            typing = id == current and untouched and not self._state.read_only
            field = self._cells[id].field
            self._cells[id].say(
                verdict(field, self._state.values.get(id, ""), finding, typing=typing, untouched=untouched)
            )
        self._place_bubble()

    # -- focus and keys ---------------------------------------------------------------------------

    def current_field(self) -> str:
        """Return the id of the field that has the focus, or empty."""
        return next((id for each, id in self._owner.items() if cast(QWidget, each).hasFocus()), "")

    def focus_field(self, id: str) -> None:
        """Put the focus into a field and make it visible. Raises ``KeyError``."""
        target = self._editors[id].focus_target()
        target.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(target, 0, 48)

    def focus_first_error(self) -> bool:
        """Put the focus into the first field with an error, in paper order; say whether there was one."""
        id = first_error(self._state)
        if not id:
            return False
        self._left.update(each.field for each in self._state.findings if each.severity is Severity.ERROR)
        self._say_all()
        self.focus_field(id)
        return True

    def focus_start(self) -> None:
        """Put the focus into the first required field without a value, else into the first."""
        asked = visible_fields(self.spec, self._state.values)
        empty = (each.id for each in asked if each.required and not self._state.values.get(each.id, ""))
        self.focus_field(next(empty, asked[0].id))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter moves on, Shift+Enter back, Ctrl+Enter submits; focus is followed."""
        id = self._owner.get(watched)
        if id is None:
            return False
        kind = event.type()
        if kind == QEvent.Type.KeyPress:
            return self._on_key(watched, id, cast(QKeyEvent, event))
        if kind == QEvent.Type.FocusIn:
            self._on_focus_in(id)
        elif kind == QEvent.Type.FocusOut and cast(QFocusEvent, event).reason() not in _STAYS:
            self._on_focus_out(id)
        return False

    def _on_key(self, watched: QObject, id: str, event: QKeyEvent) -> bool:
        if Qt.Key(event.key()) not in _ENTER:
            return False
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if modifiers == Qt.KeyboardModifier.ControlModifier:
            self._editors[id].tidy()
            self.submit_requested.emit()
            return True
        if isinstance(watched, QPlainTextEdit):
            return False
        if modifiers not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
            return False
        self._move(id, -1 if modifiers == Qt.KeyboardModifier.ShiftModifier else 1)
        return True

    def _move(self, id: str, step: int) -> None:
        asked = [each.id for each in visible_fields(self.spec, self._state.values)]
        place = asked.index(id) + step
        if place >= len(asked):
            self._on_focus_out(id)
            self.end_reached.emit()
        elif place >= 0:
            self.focus_field(asked[place])

    def _on_focus_in(self, id: str) -> None:
        self.ensureWidgetVisible(self._editors[id].focus_target(), 0, 48)
        self.focus_changed.emit(id)
        QTimer.singleShot(0, self, self._place_bubble)

    def _on_focus_out(self, id: str) -> None:
        self._left.add(id)
        self._editors[id].tidy()
        # After the focus has arrived where it goes: "typing" is about the field that has it.
        QTimer.singleShot(0, self, self._say_all)

    def _place_bubble(self) -> None:
        id = self.current_field()
        cell = self._cells.get(id)
        if cell is None or not cell.isVisible() or not cell.needs_bubble:
            self._bubble.hide()
            return
        said = cell.verdict
        restyle(self._bubble, tone=said.tone)
        self._bubble_text.setText(Message("", said.text, said.remedy).whole())
        room = self._inside.width() - 40
        wanted = self._bubble_text.fontMetrics().horizontalAdvance(self._bubble_text.text()) + 30
        width = min(room, max(cell.width(), min(wanted, 420)))
        self._bubble.setFixedWidth(width)
        self._bubble.setFixedHeight(self._bubble_text.heightForWidth(width - 26) + 11)
        corner = cell.mapTo(self._inside, QPoint(0, cell.height() + 1))
        self._bubble.move(min(corner.x(), self._inside.width() - width - 20), corner.y())
        self._bubble.show()
        self._bubble.raise_()


def finding_counts(state: FormState) -> Mapping[str, int]:
    """Return how many errors and warnings a state has, for a screen's chip."""
    return {
        severity.value: sum(1 for each in state.findings if each.severity is severity)
        for severity in (Severity.ERROR, Severity.WARNING)
    }
