"""One field on the screen: its label, the verdict at the right of the label line, and the editor below."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from core.forms.spec import FieldSpec
from ui.forms.editors import Editor, make_editor
from ui.forms.verdict import Verdict
from ui.widgets.labels import ElidedLabel, label, restyle


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
        line.setSpacing(3)
        if self.editor.has_own_label:
            line.addWidget(self.editor.widget)
            if field.required:
                line.addWidget(label("*", "required"))
            line.addSpacing(8)
            line.addWidget(self._said, 1)
            column.addLayout(line)
        else:
            line.addWidget(label(field.label, "label", buddy=self.editor.focus_target()))
            if field.required:
                line.addWidget(label("*", "required"))
            line.addSpacing(8)
            line.addWidget(self._said, 1)
            column.addLayout(line)
            column.addWidget(self.editor.widget)
        self.verdict = Verdict()

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
