"""Filing a change: the unit, the kind, what the kind asks, and beside it what will end."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.forms.spec import Finding, FormSpec
from ui.forms.form_state import FormState
from ui.forms.form_view import FormView
from ui.messages import Message
from ui.screens.changes.dying_card import DyingCard
from ui.screens.changes.filing_state import BASIS_HINTS, Asked, asked, kind_choices, missing, renewal_words
from ui.screens.changes.ops import Looked, UnitFacts
from ui.widgets.cards import Card
from ui.widgets.choices import PickBox, TickBox
from ui.widgets.fact_grid import Fact, FactGrid
from ui.widgets.labels import label
from ui.widgets.notice import Notice

PAUSE_MS = 150
BASIS_LIMIT = 200
_CHOOSE = "请选择"


class Filing(QWidget):
    """``begin`` and ``show_looked`` in; ``look_wanted`` comes after a pause in typing."""

    look_wanted = Signal()
    changed = Signal()
    submit_requested = Signal()

    def __init__(self, record: FormSpec) -> None:
        super().__init__()
        self._record = record
        self.unit: UnitFacts | None = None
        self.asks: Asked = asked("representative", record)
        self.values: dict[str, str] = {}
        self._start: dict[str, str] = {}
        self._findings: tuple[Finding, ...] = ()
        self._reveal = False
        self.form: FormView | None = None
        self.dying = DyingCard()
        self.problem = Notice("", "bad")
        self.problem.hide()
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.look_wanted)

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self.kind = PickBox()
        self.kind.setAccessibleName("变更种类")
        for code, words in kind_choices():
            self.kind.addItem(words, code)
        self.kind.currentIndexChanged.connect(lambda _at: self._on_kind())
        self._name, self._code = label(role="title", wrap=True), label(role="subtitle")
        self._hint = label(role="muted", wrap=True)
        self._what = Card()
        self._what.setAccessibleName("单位和变更种类")
        for each in (self._name, self._code, self.kind, self._hint):
            self._what.body.addWidget(each)
        self._content = Card("变更内容")
        self.period = FactGrid()
        self.reason, self.office = PickBox(), PickBox()
        self.reason.setAccessibleName("原因")
        self.office.setAccessibleName("接收的登记管理机关")
        self.identity = TickBox("已核对办理人身份证原件，人证一致")
        self._reason_name, self._office_name = label("原因", "label"), label("接收机关", "label")
        rows: tuple[QWidget, ...] = (
            *(self.period, self._reason_name, self.reason, self._office_name, self.office),
            self.identity,
        )
        for row in rows:
            self._content.body.addWidget(row)
        self.basis = QLineEdit()
        self.basis.setMaxLength(BASIS_LIMIT)
        self.basis.setAccessibleName("变更依据")
        self._basis_card = Card("变更依据")
        self._basis_card.body.addWidget(self.basis)
        self._basis_card.body.addWidget(
            label("写明文件名称和文号；不要填写身份证号码、手机号码。", "hint", wrap=True)
        )
        self.reason.currentIndexChanged.connect(lambda _at: self._on_edited())
        self.office.currentIndexChanged.connect(lambda _at: self._on_edited())
        self.identity.toggled.connect(lambda _on: self._on_edited())
        self.basis.textEdited.connect(lambda _text: self._on_edited())
        self.basis.returnPressed.connect(self.submit_requested)
        self._lay_out()

    def _lay_out(self) -> None:
        self._left = QVBoxLayout()
        self._left.setSpacing(10)
        self._left.addWidget(self._what)
        self._left.addWidget(self._content)
        self._left.addStretch(1)
        right = QVBoxLayout()
        right.setSpacing(10)
        for each in (self._basis_card, self.dying):
            right.addWidget(each)
        right.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addLayout(self._left, 6)
        row.addLayout(right, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.problem)
        column.addLayout(row, 1)

    # -- in ---------------------------------------------------------------------------------------

    def set_offices(self, offices: tuple[tuple[str, str], ...]) -> None:
        """Offer these offices to hand a unit over to."""
        _fill(self.office, offices)

    def begin(self, unit: UnitFacts, kind: str) -> None:
        """Ask for a change of ``unit``."""
        self.unit = unit
        self._name.setText(unit.name)
        self._code.setText(unit.uscc)
        self.basis.clear()
        self.kind.blockSignals(True)
        self.kind.setCurrentIndex(max(0, self.kind.findData(kind)))
        self.kind.blockSignals(False)
        self._on_kind()
        self.kind.setFocus()

    def show_looked(self, looked: Looked) -> None:
        """Show what the rules say and what will end."""
        shown = set() if self.asks.form is None else set(self.asks.form.by_id)
        self._findings = tuple(each for each in looked.findings if each.field in shown)
        self.dying.show_dying(looked.dying)
        self._show_form()

    def show_problem(self, message: Message | str | None) -> None:
        """Say why it could not be filed."""
        self.problem.setVisible(message is not None)
        if message is not None:
            self.problem.set_text(message if isinstance(message, str) else message.whole(), "bad")

    def reveal(self) -> None:
        """Show also what is missing in fields nobody has touched."""
        self._reveal = True
        self._show_form()
        if self.form is not None:
            self.form.focus_first_error()

    # -- out --------------------------------------------------------------------------------------

    @property
    def typed(self) -> dict[str, str]:
        """The values stated that differ from the register's."""
        return {name: text for name, text in self.values.items() if text != self._start.get(name, "")}

    @property
    def details(self) -> Mapping[str, str]:
        """What else the kind states."""
        found: dict[str, str] = {}
        if self.asks.reasons:
            found["reason"] = str(self.reason.currentData() or "")
        if self.asks.office:
            found["office"] = str(self.office.currentData() or "")
        if self.asks.identity:
            found["identity_checked"] = "yes" if self.identity.isChecked() else "no"
        return found

    @property
    def dirty(self) -> bool:
        """Whether something was typed that would be lost."""
        said = {name: text for name, text in self.details.items() if text not in ("", "no")}
        return self.unit is not None and bool(self.typed or self.basis.text().strip() or said)

    def missing(self) -> str:
        """Return what still has to be given, as a sentence, or empty."""
        return missing(self.asks, self.typed, self.basis.text(), self.details)

    def end(self) -> None:
        """Forget everything."""
        self._pause.stop()
        self.unit, self.values, self._start = None, {}, {}
        self.basis.clear()
        self.show_problem(None)

    # -- inside -----------------------------------------------------------------------------------

    def _on_kind(self) -> None:
        unit = self.unit
        if unit is None:
            return
        kind = str(self.kind.currentData())
        self.asks = asked(kind, self._record)
        self._findings, self._reveal = (), False
        self.show_problem(None)
        self._hint.setText(self.asks.hint)
        self._set_form(unit)
        renewing = kind == "renewal"
        self.period.setVisible(renewing)
        if renewing:
            now, later, opens = renewal_words(unit.values)
            rows = (
                ("现有效期", now or "登记信息没有写明"),
                ("换领后", later or "—"),
                ("可办理日", opens or "—"),
            )
            self.period.show_facts([Fact(name, words, words) for name, words in rows])
        _fill(self.reason, self.asks.reasons)
        self.identity.setChecked(False)
        for each in (self._reason_name, self.reason):
            each.setVisible(bool(self.asks.reasons))
        for each in (self._office_name, self.office):
            each.setVisible(self.asks.office)
        self.identity.setVisible(self.asks.identity)
        self._content.setVisible(renewing or bool(self.details))
        self._basis_card.setVisible(self.asks.basis)
        self.basis.setPlaceholderText(BASIS_HINTS.get(kind, "例如：××〔2026〕12号任免文件"))
        self.changed.emit()
        self.look_wanted.emit()

    def _set_form(self, unit: UnitFacts) -> None:
        if self.form is not None:
            self._left.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        spec = self.asks.form
        self._start = {} if spec is None else {name: unit.values.get(name, "") for name in spec.by_id}
        self.values = dict(self._start)
        if spec is None:
            return
        if self.asks.kind == "representative":
            self.values["representative_name"] = ""
        self.form = FormView(spec)
        self.form.setFrameShape(QFrame.Shape.NoFrame)
        self.form.value_edited.connect(self._on_value)
        self.form.submit_requested.connect(self.submit_requested)
        self._left.insertWidget(1, self.form, 100)
        QWidget.setTabOrder(self.kind, self.form)
        self._show_form()

    def _show_form(self) -> None:
        if self.form is not None and self.asks.form is not None:
            state = FormState(self.asks.form, dict(self.values), self._findings, reveal=self._reveal)
            self.form.show(state)

    def _on_value(self, field: str, text: str) -> None:
        self.values[field] = text
        self._show_form()
        self._on_edited()
        self._pause.start()

    def _on_edited(self) -> None:
        if self.unit is not None:
            self.show_problem(None)
            self.changed.emit()


def _fill(box: PickBox, choices: tuple[tuple[str, str], ...]) -> None:
    box.blockSignals(True)
    box.clear()
    box.addItem(_CHOOSE, "")
    for code, words in choices:
        box.addItem(words, code)
    box.blockSignals(False)
