"""受理台账: filter as you type, list at the left, the case at the right, its next steps below."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout

from core.errors import UserError
from ui.desk import Desk
from ui.messages import sentence
from ui.navigator import Navigator
from ui.paper_out import PaperOut
from ui.screen import Footer, Header, Screen, ScreenAction
from ui.screens.cases.detail_pane import DetailPane
from ui.screens.cases.list_pane import ListPane, ListView
from ui.screens.cases.state import DONE_WORDS, SHEET, StepButton, detail_view, question, rows, segments
from ui.task import CancelToken, ReportProgress, Task
from ui.theme import size
from ui.widgets.confirm import ask

if TYPE_CHECKING:
    from core.services.listing import CaseDetail, CasePage
    from core.services.session import Session

PAUSE_MS = 60
PAGE = 200
NARROW_EMS = 66
"""Below this width list and case do not fit side by side."""


class CasesScreen(Screen):
    """``open(case_id)`` and ``search(text)`` come from the window around it."""

    def __init__(self, desk: Desk, navigator: Navigator) -> None:
        super().__init__()
        self._desk, self._navigator = desk, navigator
        self._view = ListView()
        self._limit = PAGE
        self._case = ""
        self._in_front = False
        self._detail: CaseDetail | None = None
        self._loading: Task[CasePage] | None = None
        self._reading: Task[CaseDetail] | None = None
        self.list, self.pane = ListPane(), DetailPane()
        self.paper = PaperOut(self, lambda message, tone: navigator.toast(message.whole(), tone))
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 10, 18, 10)
        row.setSpacing(14)
        row.addWidget(self.list, 1)
        row.addWidget(self.pane)
        self._pause, self._pick = self._timer(self.load), self._timer(self._read)
        self.list.state_chosen.connect(self._on_state)
        self.list.case_chosen.connect(self._on_chosen)
        self.list.case_opened.connect(self._on_opened)
        self.list.more_requested.connect(self._on_more)
        self.list.clear_requested.connect(lambda: self._narrow("", ""))
        self.list.retry_requested.connect(self.load)
        self.list.start_requested.connect(lambda: navigator.open_form("attachment-1"))
        self.pane.back_requested.connect(self._on_back)
        self.pane.retry_requested.connect(self._read)
        self.pane.refusal_requested.connect(navigator.open_refusals)
        desk.changed.connect(self._on_changed)
        self._arrange()

    def _timer(self, run: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(PAUSE_MS)
        timer.timeout.connect(run)
        return timer

    # -- what the window asks -----------------------------------------------------------------------

    def header(self) -> Header:
        """Return the heading."""
        return Header("受理台账", "每一件申请的办理状态和同步情况，最近更新的在前")

    def footer(self) -> Footer:
        """Return the key hints."""
        return Footer(hints=("↑↓ 选择", "Enter 查看", "Esc 收起", "Ctrl+K 筛选"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the steps of the case in front."""
        shown = self.pane.shown
        return tuple(self._action(each) for each in shown.buttons) if shown else ()

    def _action(self, each: StepButton) -> ScreenAction:
        return ScreenAction(
            each.id,
            each.caption,
            lambda: self.take(each.id),
            each.key,
            each.icon,
            each.face,
            each.enabled,
            each.why,
        )

    def on_shown(self) -> None:
        """Read the list anew and put the focus in it."""
        self.load()
        self._read()
        self.list.table.setFocus()

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "cases"

    def search(self, text: str) -> None:
        """Filter by what is being typed (the window's search line)."""
        if text != self._view.query:
            self._view = replace(self._view, query=text)
            self._limit = PAGE
            self._pause.start()

    def open(self, case_id: str) -> None:
        """Show a case, whatever the filter was."""
        self._view = replace(self._view, query="", chosen="")
        self._choose(case_id)
        self.load()
        self._read()
        self._arrange(opened=True)

    # -- list ---------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the list; an answer that is still under way is dropped."""
        self._pause.stop()
        if self._loading is not None:
            self._loading.cancel()
        query, chosen, limit = self._view.query, self._view.chosen, self._limit

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> CasePage:
            from core.services.listing import case_page

            return case_page(session, query, (chosen,) if chosen else (), limit)

        self._loading = self._desk.ask(self, op, "cases")
        self._loading.on_success(self._on_page).on_failure(self._on_no_page).start("store")

    def _on_page(self, page: CasePage) -> None:
        view = replace(
            self._view,
            rows=rows(page.lines, page.as_of.year),
            segments=segments(page.counts),
            total=sum(page.counts.values()),
            more=page.more,
            loaded=True,
            problem="",
        )
        self._show(view)

    def _on_no_page(self, error: BaseException) -> None:
        if not _locked(error):
            self._show(replace(self._view, problem=sentence(error).whole()))

    def _show(self, view: ListView) -> None:
        self._view = view
        self.list.show_list(view, self._case)

    def _on_state(self, code: str) -> None:
        self._narrow(self._view.query, code)

    def _narrow(self, query: str, chosen: str) -> None:
        self._view = replace(self._view, query=query, chosen=chosen)
        self._limit = PAGE
        self.load()

    def _on_more(self) -> None:
        self._limit += PAGE
        self.load()

    def _on_changed(self) -> None:
        if self.isVisible():
            self.load()
            self._read()

    # -- one case -----------------------------------------------------------------------------------

    def _choose(self, case_id: str) -> None:
        if case_id == self._case:
            return
        self._case, self._detail = case_id, None
        if self._reading is not None:
            self._reading.cancel()

    def _on_chosen(self, case_id: str) -> None:
        self._choose(case_id)
        self._pick.start()

    def _on_opened(self, case_id: str) -> None:
        self._choose(case_id)
        self._read()
        self._arrange(opened=True)
        self.pane.setFocus()

    def _read(self) -> None:
        self._pick.stop()
        if not self._case:
            return
        if self._reading is not None:
            self._reading.cancel()
        case_id = self._case

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> CaseDetail:
            from core.services.listing import case_detail

            return case_detail(session, case_id)

        self._reading = self._desk.ask(self, op, "case")
        self._reading.on_success(self._on_detail).on_failure(self._on_no_detail).start("store")

    def _on_detail(self, detail: CaseDetail) -> None:
        self._detail = detail
        self._case = detail.view.case.id  # `open` may have been given a case number
        self.pane.show_detail(detail_view(detail))
        self.list.table.select(self._case)
        self._arrange()
        self.shell_changed.emit()

    def _on_no_detail(self, error: BaseException) -> None:
        if _locked(error):
            return
        self._detail = None
        self.pane.show_problem(sentence(error).whole())
        self.shell_changed.emit()

    # -- steps --------------------------------------------------------------------------------------

    def take(self, step: str) -> None:
        """Take a step with the case in front: go where it is done, or ask and do it."""
        detail = self._detail
        if detail is None:
            return
        case = detail.view.case
        if step in ("amend", "print"):
            self._navigator.open_form(case.form, case_id=case.id)
        elif step == "review":
            self._navigator.open_review(case.id)
        elif step == "claim":
            self._navigator.open_claim(case.id)
        elif step in ("sheet_save", "sheet_print"):
            self._sheet(step, case.id)
        elif step == "lost":
            self._navigator.open_changes(unit_id=case.unit, kind="loss")
        elif ask(self, question(step, detail.view)):
            self._do(step, case.id)

    def _sheet(self, step: str, case_id: str) -> None:
        """Fetch the signed printed certificate from the hub, to a file or to the printer."""
        hub = self._desk.hub
        if hub is None:
            self._navigator.toast(sentence(UserError("not_enrolled")).whole(), "bad")
            return
        session = self._desk.session

        def make() -> bytes:
            from core.services.certificate_paper import certificate_paper

            return certificate_paper(session, hub, case_id)

        (self.paper.save if step == "sheet_save" else self.paper.print)(make, SHEET)

    def _do(self, step: str, case_id: str) -> None:
        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services import applications, review

            calls = {
                "submit": applications.submit,
                "recall": applications.recall,
                "withdraw": applications.withdraw,
                "undo": review.undo_approval,
            }
            calls[step](session, case_id)

        task = self._desk.act(self, op, step)
        task.on_success(lambda nothing: self._navigator.toast(DONE_WORDS[step]))
        task.on_failure(self._on_refused).start("store")

    def _on_refused(self, error: BaseException) -> None:
        self._navigator.toast(sentence(error).whole(), "bad")
        self.load()
        self._read()

    # -- room ---------------------------------------------------------------------------------------

    def _arrange(self, opened: bool | None = None) -> None:
        """Side by side where there is room; else the case in place of the list, Escape goes back."""
        narrow = self.width() < NARROW_EMS * size("body")
        if opened is not None:
            self._in_front = opened
        chosen = bool(self._case)
        in_front = narrow and self._in_front and chosen
        self.list.setVisible(not in_front)
        # Nothing chosen: the list has the whole width.
        self.pane.setVisible(in_front or (chosen and not narrow))
        self.pane.back.setVisible(in_front)
        share = 0.36 if self.width() > 100 * size("body") else 0.315
        self.pane.setFixedWidth(max(200, self.width() - 36 if in_front else round(self.width() * share)))

    def _on_back(self) -> None:
        if not self.pane.back.isVisible():
            self._choose("")
            self.pane.show_nothing()
            self.list.table.clear_current()
            self.shell_changed.emit()
        self._arrange(opened=False)
        self.list.table.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the list."""
        if event.key() == Qt.Key.Key_Escape and self.pane.isVisible():
            self._on_back()
        else:
            super().keyPressEvent(event)


def _locked(error: BaseException) -> bool:
    return isinstance(error, UserError) and error.code == "desk_locked"


def make(desk: Desk, navigator: Navigator) -> CasesScreen:
    """Return the screen."""
    return CasesScreen(desk, navigator)
