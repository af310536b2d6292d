"""Entering and correcting a unit: the form, what the rules say, and the twin that has the code already."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.forms.check import progress
from core.forms.spec import Finding, FormSpec
from core.ids import new_id, system_random
from core.records.changes import HANDOVER_CODE
from ui.forms.form_state import FormState
from ui.forms.form_view import FormView
from ui.forms.line_edits import LatinEdit
from ui.messages import Message
from ui.screens.units.ops import Checked
from ui.screens.units.state import NEW
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.notice import Notice

CHECK_MS = 60
KEEP_MS = 1000
_TWIN = "这个信用代码已登记为“{}”，不能重复登记。"
_MOVED = "“{}”已移交其他登记管理机关。移回本机关的，请填写移出机关告知书上的移交码。"


class UnitEditor(QWidget):
    """Holds what is being typed. ``check_wanted`` and ``keep_wanted`` come after pauses in typing."""

    check_wanted = Signal()
    keep_wanted = Signal()
    changed = Signal()
    submit_requested = Signal()
    twin_requested = Signal(str)

    def __init__(self, spec: FormSpec) -> None:
        super().__init__()
        self.spec = spec
        self.form = FormView(spec)
        self.unit = NEW
        self.draft = ""
        self.values: dict[str, str] = {}
        self._start: dict[str, str] = {}
        self._findings: tuple[Finding, ...] = ()
        self._reveal = False
        self._twin = ""
        self.twin = Notice("", "warn")
        self.open_twin = Button("打开那个单位", face="quiet")
        self.open_twin.clicked.connect(lambda: self.twin_requested.emit(self._twin))
        self.twin.add_button(self.open_twin)
        self.problem = Notice("", "bad")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for notice in (self.problem, self.twin):
            notice.hide()
            column.addWidget(notice)
        column.addWidget(self._build_handover())
        column.addWidget(self.form, 1)
        self._check = self._pause(CHECK_MS, self.check_wanted)
        self._keep = self._pause(KEEP_MS, self.keep_wanted)
        self.form.value_edited.connect(self._on_edited)
        self.form.submit_requested.connect(self.submit_requested)

    def _build_handover(self) -> QWidget:
        """For a unit that another office handed over: its code, scanned or typed from the notice."""
        self.handover = LatinEdit(str.strip)
        self.handover.setMaxLength(200)
        self.handover.setAccessibleName("移交码")
        self.handover.setPlaceholderText("扫描或输入移出机关失效告知书上的移交码；其他单位不填")
        self.handover.textEdited.connect(lambda _text: self._on_code())
        self._handover_row = QWidget()
        row = QHBoxLayout(self._handover_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label("由其他机关移交", "label"))
        row.addWidget(self.handover, 1)
        return self._handover_row

    def _on_code(self) -> None:
        self.show_problem(None)
        self.changed.emit()
        self._check.start()
        self._keep.start()

    def _pause(self, ms: int, signal: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(ms)
        timer.timeout.connect(signal)
        return timer

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        typed = {k: v for k, v in self.values.items() if v} != {k: v for k, v in self._start.items() if v}
        return typed or bool(self.handover.text())

    @property
    def kept(self) -> dict[str, str]:
        """What a draft keeps: the values, and the code beside them."""
        return self.values | ({HANDOVER_CODE: self.handover.text()} if self.handover.text() else {})

    def begin(
        self, unit: str, start: Mapping[str, str], typed: Mapping[str, str] | None = None, draft: str = ""
    ) -> None:
        """Edit a unit (``NEW``: enter one) from ``start``, or from the ``typed`` values of a draft."""
        self.unit, self.draft = unit, draft or new_id(system_random)
        self._start, self.values = dict(start), dict(start if typed is None else typed)
        self.handover.setText(self.values.pop(HANDOVER_CODE, ""))
        self._handover_row.setVisible(unit == NEW)
        self._findings, self._reveal = (), False
        self.show_problem(None)
        self.show_checked(Checked(dict(self.values), ()))
        self.check_wanted.emit()
        self.form.focus_start()

    def end(self) -> None:
        """Forget what was typed."""
        for timer in (self._check, self._keep):
            timer.stop()
        self.values, self._start, self.draft = {}, {}, ""
        self.handover.clear()

    def progress(self) -> tuple[int, int]:
        """Return how many required fields are right, and how many there are."""
        return progress(self.spec, self.values)

    def show_checked(self, checked: Checked, *, reveal: bool = False) -> None:
        """Show what the rules say; findings on values typed over meanwhile wait for the next check."""
        self._findings = checked.findings
        self._reveal = self._reveal or reveal
        self._twin = checked.twin
        self.twin.setVisible(bool(checked.twin))
        if checked.twin:
            self.twin.set_text((_MOVED if checked.moved else _TWIN).format(checked.twin_name), "warn")
        self._show()
        if reveal and not self.form.focus_first_error() and checked.twin:
            self.form.focus_field("uscc")

    def show_problem(self, message: Message | None) -> None:
        """Say why saving failed."""
        self.problem.setVisible(message is not None)
        if message is not None:
            self.problem.set_text(message.whole(), "bad")

    def _show(self) -> None:
        self.form.show(FormState(self.spec, dict(self.values), self._findings, reveal=self._reveal))
        self.changed.emit()

    def _on_edited(self, field: str, text: str) -> None:
        self.values[field] = text
        self._show()
        self._check.start()
        self._keep.start()
