"""One field on the screen: its label, the verdict at the right of the label line, and the editor below."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.forms.spec import FieldSpec
from ui.forms.editors import Editor, make_editor
from ui.forms.verdict import Verdict
from ui.widgets.choices import TickBox
from ui.widgets.labels import ElidedLabel, label, restyle

_GAP, _BESIDE = 3, 8
"""Between the parts of the label line, and before its verdict; in px."""


class FieldCell(QWidget):
    """Keeps its height whatever the verdict says, so that nothing on the form jumps."""

    def __init__(self, field: FieldSpec) -> None:
        super().__init__()
        self.field = field
        self.editor: Editor = make_editor(field)
        self._said = ElidedLabel(role="verdict", align_right=True)
        # Ignored width: twelve equal columns, whatever the words in them.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(_GAP)
        self._star = label("*", "required") if field.required else None
        if self.editor.has_own_label:
            line.addWidget(self.editor.widget)
            if self._star is not None:
                line.addWidget(self._star)
            line.addSpacing(_BESIDE)
            line.addWidget(self._said, 1)
            column.addLayout(line)
        else:
            line.addWidget(label(field.label, "label", buddy=self.editor.focus_target()))
            if self._star is not None:
                line.addWidget(self._star)
            line.addSpacing(_BESIDE)
            line.addWidget(self._said, 1)
            column.addLayout(line)
            column.addWidget(self.editor.widget)
        self.verdict = Verdict()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break a tick's words by the width of the cell alone: a verdict that comes must move nothing."""
        super().resizeEvent(event)
        box = self.editor.widget
        if isinstance(box, TickBox) and self.isAncestorOf(box):
            star = _BESIDE + self._star.sizeHint().width() + _GAP if self._star is not None else _BESIDE
            box.fit(self.width() - star - _GAP - self._said.minimumSizeHint().width())

    def say(self, verdict: Verdict) -> None:
        """Show a verdict, and tell it to screen readers."""
        self.verdict = verdict
        if self._said.text() != verdict.text:
            self._said.set_text(verdict.text)
        restyle(self._said, tone=verdict.tone)
        self.editor.describe(verdict.text + verdict.remedy, verdict.tone)

    @property
    def needs_bubble(self) -> bool:
        """Whether the label line cannot say it all."""
        grave = self.verdict.tone in ("bad", "warn")
        return grave and (self._said.elided or bool(self.verdict.remedy))
