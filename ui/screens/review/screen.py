"""审核核准: queue at the left, the signed scan in the middle, what was filed at the right.

The scan's bytes come from the store, its pictures from the limited child; the window shows pixels only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from ui.case_words import case_touches
from ui.desk import Desk, SessionOperation
from ui.messages import sentence
from ui.navigator import Navigator
from ui.preflight import PreFlight
from ui.record_words import RETURN_REASON_WORDS
from ui.screen import Footer, Header, Screen, ScreenAction
from ui.screens.review.queue_pane import QueuePane
from ui.screens.review.scan_source import ScanSource, is_locked
from ui.screens.review.scan_view import ScanView
from ui.screens.review.sheet_pane import SheetPane
from ui.screens.review.state import approve_question, queue_rows, sheet_view, undo_question
from ui.task import CancelToken, Newest, ReportProgress
from ui.theme import size
from ui.widgets.cards import Card
from ui.widgets.confirm import ask
from ui.widgets.preview_view import PageImage
from ui.widgets.reasons_dialog import ReasonsDialog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.services.listing import CaseDetail, ReviewQueue
    from core.services.session import Session

PAUSE_MS = 60
NARROW_EMS = 68
A4_POINTS = 595.276


class ReviewScreen(Screen):
    """``open(case_id)`` comes from the window around it."""

    def __init__(self, desk: Desk, navigator: Navigator) -> None:
        super().__init__()
        self._desk, self._navigator = desk, navigator
        self._tab, self._case = "submitted", ""
        self._queue: ReviewQueue | None = None
        self._detail: CaseDetail | None = None
        self._newest = Newest()
        self.queue, self.scan, self.sheet = QueuePane(), ScanView(), SheetPane()
        self._source = ScanSource(desk, self.scan)
        self.scan_card = Card("签字扫描件")
        self.scan_card.add_to_heading(self.scan.tools)
        self.scan_card.body.addWidget(self.scan)
        self.preflight = PreFlight(desk)  # an approval rests on what the other desks have done
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 10)
        column.setSpacing(10)
        column.addWidget(self.preflight)
        row = QHBoxLayout()
        row.setSpacing(12)
        column.addLayout(row, 1)
        row.addWidget(self.queue)
        row.addWidget(self.scan_card, 11)
        row.addWidget(self.sheet, 10)
        self._pick = QTimer(self)
        self._pick.setSingleShot(True)
        self._pick.setInterval(PAUSE_MS)
        self._pick.timeout.connect(self._read)
        self._connect()
        self._arrange()

    def _connect(self) -> None:
        self.queue.tab_chosen.connect(self._on_tab)
        self.queue.case_chosen.connect(self._on_chosen)
        self.queue.case_opened.connect(self._on_opened)
        self.queue.retry_requested.connect(self.load)
        self.sheet.retry_requested.connect(self._read)
        self.sheet.back_requested.connect(self._leave_case)
        self.sheet.paper_wanted.connect(self._show_paper)
        self._desk.changed.connect(self._on_changed)
        keys = (
            ("Ctrl+PgUp", lambda: self.scan.turn(-1)),
            ("Ctrl+PgDown", lambda: self.scan.turn(1)),
            ("Ctrl++", lambda: self.scan.zoom_by(1)),
            ("Ctrl+=", lambda: self.scan.zoom_by(1)),
            ("Ctrl+-", lambda: self.scan.zoom_by(-1)),
            ("Ctrl+0", self.scan.fit_width),
        )
        for key, run in keys:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)

    # -- what the window asks -----------------------------------------------------------------------

    def header(self) -> Header:
        """Return the heading."""
        return Header("审核核准", "对照签字盖章的扫描件，由另一位工作人员核准或退回")

    def footer(self) -> Footer:
        """Return the key hints."""
        return Footer(hints=("↑↓ 选择", "Ctrl++ 放大", "Ctrl+PgDn 下一页"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the reviewer's acts; a shut one says why."""
        view = self.sheet.shown
        if view is None or view.lifecycle not in ("submitted", "approved"):
            return ()
        if view.lifecycle == "approved":
            icon = "arrow-back-up"
            return (ScreenAction("undo", "撤销核准", self.undo, "F7", icon, "", view.may_undo, view.why_not),)
        return (
            ScreenAction(
                "return",
                "退回",
                self.send_back,
                "F7",
                "arrow-back-up",
                "",
                view.may_return,
                "" if view.may_return else view.why_not,
            ),
            ScreenAction(
                "approve",
                view.approve_words,
                self.approve,
                "F8",
                "rubber-stamp",
                "primary",
                view.may_approve,
                view.why_not,
            ),
        )

    def on_shown(self) -> None:
        """Read the queue anew and put the focus in it."""
        self.load()
        self._read()
        self.preflight.look()
        self.queue.rows.setFocus()

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "review"

    def open(self, case_id: str) -> None:
        """Show a case."""
        self._choose(case_id)
        self._read()
        self.load()

    # -- queue --------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the queue."""

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> ReviewQueue:
            from core.services.listing import review_queue

            return review_queue(session)

        task = self._desk.ask(self, op, "queue")
        task.on_success(self._on_queue).on_failure(self._on_no_queue)
        self._newest.start("queue", task)

    def _on_queue(self, queue: ReviewQueue) -> None:
        self._queue = queue
        self._show_queue()

    def _show_queue(self) -> None:
        queue = self._queue
        if queue is None:
            return
        lines = queue.waiting if self._tab == "submitted" else queue.approved
        counts = {"submitted": len(queue.waiting), "approved": len(queue.approved)}
        rows = queue_rows(lines, queue.as_of.year, queue.single_clerk)
        self.queue.show_queue(rows, self._tab, counts, self._case)

    def _on_no_queue(self, error: BaseException) -> None:
        if not is_locked(error):
            self.queue.show_problem(sentence(error).whole())

    def _on_tab(self, tab: str) -> None:
        self._tab = tab
        self._show_queue()

    def _on_changed(self) -> None:
        if self.isVisible():
            self.load()
            self._read()

    # -- one case -----------------------------------------------------------------------------------

    def _choose(self, case_id: str) -> None:
        if case_id == self._case:
            return
        self._case, self._detail = case_id, None
        self._newest.drop("case")

    def _on_chosen(self, case_id: str) -> None:
        self._choose(case_id)
        self._pick.start()

    def _on_opened(self, case_id: str) -> None:
        self._choose(case_id)
        self._read()

    def _read(self) -> None:
        self._pick.stop()
        case_id = self._case
        if not case_id:
            return

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> CaseDetail:
            from core.services.listing import case_detail

            return case_detail(session, case_id)

        task = self._desk.ask(self, op, "case")
        task.on_success(self._on_detail).on_failure(self._on_no_detail)
        self._newest.start("case", task)

    def _on_detail(self, detail: CaseDetail) -> None:
        self._detail = detail
        self._case = detail.view.case.id
        self.sheet.show_sheet(sheet_view(detail))
        state = detail.view.case.lifecycle.value
        if state in ("submitted", "approved") and state != self._tab:
            self._tab = state
        self._show_queue()
        self._source.show_case(detail.view.case)
        self._arrange()
        self.shell_changed.emit()

    def _on_no_detail(self, error: BaseException) -> None:
        if is_locked(error):
            return
        self._detail = None
        self.sheet.show_problem(sentence(error).whole())
        self._source.clear()
        self.shell_changed.emit()

    def _show_paper(self) -> None:
        detail = self._detail
        if detail is None:
            return
        form, values, rehearsal = detail.view.form, detail.view.case.values, detail.view.office.rehearsal

        def render(width: int) -> Sequence[PageImage]:
            from core.documents.pdf import render_form
            from core.documents.preview import raster

            return [raster(render_form(form, values, rehearsal=rehearsal).pdf, 0, width / A4_POINTS)]

        self.sheet.paper.request(render)

    # -- acts ---------------------------------------------------------------------------------------

    def approve(self) -> None:
        """F8: ask, then approve what was looked at."""
        detail = self._detail
        if detail is None or not ask(self, approve_question(detail)):
            return
        case = detail.view.case

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services import review

            review.approve(session, case.id, seen=case.content)

        self._act(op, f"已核准：{_unit(detail)}。")

    def send_back(self) -> None:
        """F7: reasons and a remark, then return."""
        detail = self._detail
        if detail is None:
            return
        dialog = ReasonsDialog(self, case_touches(detail.view), RETURN_REASON_WORDS)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        case_id, reasons, remark = detail.view.case.id, dialog.reasons, dialog.remark_text

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services import review

            review.return_for_correction(session, case_id, reasons, remark)

        self._act(op, f"已退回：{_unit(detail)}。")

    def undo(self) -> None:
        """F7 on an approved case: ask, then undo the approval."""
        detail = self._detail
        if detail is None or not ask(self, undo_question(detail)):
            return
        case_id = detail.view.case.id

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services import review

            review.undo_approval(session, case_id)

        self._act(op, "已撤销核准，此件回到待审核。", follow=False)

    def _act(self, op: SessionOperation[None], said: str, follow: bool = True) -> None:
        def done(nothing: None) -> None:
            self._navigator.toast(said)
            if follow:
                self._next()

        task = self._desk.act(self, op, "review")
        task.on_success(done).on_failure(self._on_refused).start("store")

    def _next(self) -> None:
        """Go on to the case that has waited longest and that this person may approve."""
        queue, before = self._queue, self._case
        waiting = queue.waiting if queue else ()
        fitting = [each.line.case for each in waiting if not each.mine or (queue and queue.single_clerk)]
        wanted = next((case for case in fitting if case != before), "")
        if wanted:
            self._choose(wanted)
            self._read()
        else:
            self._leave_case()
        self.load()
        self.queue.rows.setFocus()

    def _leave_case(self) -> None:
        """Show no case."""
        self._choose("")
        self.sheet.show_nothing()
        self._source.clear()
        self._arrange()
        self.shell_changed.emit()
        self.queue.rows.setFocus()

    def _on_refused(self, error: BaseException) -> None:
        self._navigator.toast(sentence(error).whole(), "bad")
        self.load()
        self._read()

    # -- room ---------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """The queue leaves a narrow window once a case is in front; Escape brings it back."""
        em = size("body")
        narrow = self.width() < NARROW_EMS * em
        in_front = narrow and bool(self._case)
        self.queue.setVisible(not in_front)
        self.scan_card.setVisible(not narrow or in_front)
        self.sheet.setVisible(not narrow or in_front)
        self.sheet.back.setVisible(in_front)
        self.queue.setMinimumWidth(0 if narrow else round(em * 16.5))
        self.queue.setMaximumWidth(16777215 if narrow else round(em * (16.5 if self.width() < 1400 else 22)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the queue where it had to leave."""
        if event.key() == Qt.Key.Key_Escape and not self.queue.isVisible():
            self._leave_case()
        else:
            super().keyPressEvent(event)


def _unit(detail: CaseDetail) -> str:
    return detail.view.unit.values.get("name", "")


def make(desk: Desk, navigator: Navigator) -> ReviewScreen:
    """Return the screen."""
    return ReviewScreen(desk, navigator)
