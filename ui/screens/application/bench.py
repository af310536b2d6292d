"""The desk top: form at the left, paper at the right, papers where there is room for them."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.forms.spec import FormSpec
from ui.forms.form_state import FormState
from ui.forms.form_view import FormView
from ui.screens.application.papers_state import PapersState
from ui.screens.application.papers_view import PapersView
from ui.screens.application.side import LowerLeft, Side
from ui.screens.application.unit_card import UnitFacts
from ui.screens.application.words import tellings
from ui.screens.application.work import Work
from ui.theme import theme
from ui.widgets.buttons import Button

SPLIT_ABOVE = 61
"""Height in letter sizes from which papers and unit stand below the form."""
FORM_HEIGHT = 45.5
"""Height in letter sizes that a whole form takes with its people on one row each."""


class Bench(QWidget):
    """Shows a piece of work; knows nothing of services."""

    def __init__(self, spec: FormSpec) -> None:
        super().__init__()
        self.form = FormView(spec)
        self.change_unit = Button("按名称或代码调档", key="F3", icon_name="download", face="quiet")
        self.form.add_to_heading(spec.sections[0].id, self.change_unit)
        inside = self.form.widget().layout()
        if inside is not None:
            # Six instead of eight: with the rehearsal's band above, 1366x768 shows a whole form only so.
            inside.setSpacing(6)
        self.papers, self.facts = PapersView(), UnitFacts()
        self.side = Side(self.papers, self.facts)
        self.below = LowerLeft()
        self.below.hide()
        self._split = False
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 3, 18, 2)
        row.setSpacing(14)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.form, 1)
        left.addWidget(self.below, 1)
        row.addLayout(left, 11)
        row.addWidget(self.side, 9)
        theme().changed.connect(self._choose)

    def show_work(self, work: Work, papers: PapersState, focus: str = "") -> None:
        """Show the work everywhere."""
        self.form.show(
            FormState(
                work.form,
                work.values,
                work.findings,
                read_only=not work.editable,
                reveal=work.reveal,
                focus=focus,
            )
        )
        self.papers.show_state(papers)
        self.facts.show_work(work)
        self.side.show_tellings(tellings(work))
        self.side.show_counts(papers.missing, len(work.case.scans) if work.case else 0)

    def show_papers(self) -> None:
        """Bring the papers to the front and put the focus there."""
        self.side.show_page("papers")
        self.papers.take_focus()

    @property
    def papers_in_front(self) -> bool:
        """Whether the papers can be seen."""
        return self._split or self.side.page == "papers"

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the arrangement for the new height."""
        super().resizeEvent(event)
        self._choose()

    def _choose(self) -> None:
        base = theme().base
        split = self.height() >= SPLIT_ABOVE * base
        if split:
            self.form.setFixedHeight(round(FORM_HEIGHT * base))
        else:
            self.form.setMinimumHeight(0)
            self.form.setMaximumHeight(16777215)
        if split == self._split:
            return
        self._split = split
        focused = self.focusWidget()
        if split:
            self.below.take(self.papers, self.facts)
        self.below.setVisible(split)
        self.side.set_split(split)
        if focused is not None and self.papers.isAncestorOf(focused) and focused.isVisible():
            # Moving a panel takes the focus away from it.
            focused.setFocus()
