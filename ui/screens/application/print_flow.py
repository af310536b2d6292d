"""Carries a sheet to paper or file: printer and disk on the render lane, the record on the store lane.

For a case's own form an intent is kept before anything is asked of a printer, so that a sheet of which
nobody knows whether it came out stays a question until the clerk answers, also after a power cut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.errors import EnvironmentFault
from ui.desk import Desk
from ui.files import PDF, Chooser
from ui.messages import sentence
from ui.screens.application.print_dialog import MakePdf, PrintDialog, PrintState, Stage
from ui.task import CancelToken, ReportProgress, Task

if TYPE_CHECKING:
    from core.documents.printing import Printer, PrinterList
    from core.services.session import Session


@dataclass(frozen=True)
class PrintJob:
    """What goes to paper.

    ``spool_title`` names no person; ``case`` and ``content`` are given for a form whose prints count.
    """

    title: str
    spool_title: str
    make: MakePdf
    case: str = ""
    content: str = ""


class PrintFlow(QObject):
    """One dialog at a time; ``recorded(case)`` after the record changed, ``finished`` when it closes."""

    recorded = Signal(str)
    finished = Signal()

    def __init__(self, owner: QWidget, desk: Desk, printer: Printer | None, chooser: Chooser) -> None:
        super().__init__(owner)
        self._owner, self._desk, self._chooser = owner, desk, chooser
        self._given = printer
        self._job: PrintJob | None = None
        self.dialog: PrintDialog | None = None

    def open(self, job: PrintJob) -> None:
        """Show the dialog for a job."""
        if self.dialog is not None:
            return
        self._job = job
        dialog = PrintDialog(self._owner, job.title)
        self.dialog = dialog
        dialog.print_wanted.connect(self._on_print)
        dialog.save_wanted.connect(self._on_save)
        dialog.printer_chosen.connect(self._on_printer)
        dialog.came_out.connect(self.answer)
        dialog.finished.connect(self._on_closed)
        settings = self._desk.settings
        self._show(PrintState(copies=settings.copies, offset=settings.offset_of(settings.printer)))
        dialog.show_pages(job.make, dialog.state.offset)
        dialog.open()
        task = Task(self, lambda progress, cancel: self._printer().list_printers(), "list printers")
        task.on_success(self._on_printers).on_failure(self._on_no_printers).start("render")

    def _printer(self) -> Printer:
        from ui.printers import system_printer

        return self._given or system_printer()

    def _show(self, state: PrintState) -> None:
        if self.dialog is not None:
            self.dialog.show_state(state)

    def _change(self, stage: Stage, text: str = "", tone: str = "accent") -> None:
        if self.dialog is not None:
            self._show(replace(self.dialog.state, stage=stage, text=text, tone=tone))

    # -- printers ---------------------------------------------------------------------------------

    def _on_printers(self, found: PrinterList) -> None:
        if self.dialog is None:
            return
        wanted = self._desk.settings.printer
        chosen = wanted if wanted in found.names else found.default or next(iter(found.names), "")
        text = "" if found.names else "没有找到打印机。可以先另存为 PDF，在别处打印。"
        self._show(replace(self.dialog.state, printers=found.names, loading=False, text=text, tone="warn"))
        self._on_printer(chosen)

    def _on_no_printers(self, error: BaseException) -> None:
        if self.dialog is not None:
            self._show(replace(self.dialog.state, loading=False, text=sentence(error).whole(), tone="warn"))

    def _on_printer(self, name: str) -> None:
        if self.dialog is None or self._job is None:
            return
        before = self.dialog.state
        copies = int(self.dialog.copies.currentData())
        offset = self._desk.settings.offset_of(name)
        self._show(replace(before, printer=name, offset=offset, copies=copies))
        if offset != before.offset:
            self.dialog.show_pages(self._job.make, offset)
        if before.stage is Stage.READY:
            self.dialog.place_focus(self.dialog.state)

    # -- printing and saving ----------------------------------------------------------------------

    def _on_print(self, name: str, copies: int) -> None:
        job = self._job
        if job is None or self.dialog is None:
            return
        offset = self.dialog.state.offset

        def run(progress: ReportProgress, cancel: CancelToken) -> str:
            return self._printer().print_pdf(name, job.make(offset), copies, job.spool_title)

        def done(_: str) -> None:
            self._came_out(f"已送到打印机（{copies} 份）。")

        self._show(replace(self.dialog.state, copies=copies))
        self._change(Stage.WORKING, "正在送往打印机…")
        self._intend(copies, lambda: self._run(run, done, self._on_printer_fault))

    def _on_save(self, copies: int) -> None:
        job = self._job
        if job is None or self.dialog is None:
            return
        chosen = self._chooser.save(self.dialog, "另存为 PDF", f"{job.title}-{job.spool_title}.pdf", PDF)
        if not chosen:
            return
        place = Path(chosen if chosen.lower().endswith(".pdf") else f"{chosen}.pdf")

        def run(progress: ReportProgress, cancel: CancelToken) -> str:
            from core.paths import write_atomic

            # Paper offsets belong to a printer; the file shows the form as it is.
            write_atomic(place, job.make((0.0, 0.0)))
            return place.name

        def done(name: str) -> None:
            if job.case:
                self._change(Stage.UNKNOWN, f"已另存为 {name}。从该文件打印出来后，请点“已打印”。", "good")
            else:
                self._change(Stage.DONE, f"已另存为 {name}。", "good")

        self._change(Stage.WORKING, "正在保存…")
        self._intend(copies, lambda: self._run(run, done, self._on_save_fault))

    def _run(
        self,
        run: Callable[[ReportProgress, CancelToken], str],
        done: Callable[[str], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        Task(self, run, "paper out").on_success(done).on_failure(failed).start("render")

    def _on_printer_fault(self, error: BaseException) -> None:
        from core.services.paper import NOTHING_PRINTED

        if isinstance(error, EnvironmentFault) and error.code in NOTHING_PRINTED:
            self._forget()
            self._change(Stage.READY, sentence(error).whole(), "bad")
            return
        case = self._job is not None and bool(self._job.case)
        text = f"{sentence(error).whole()}请先看一下纸有没有印出来。"
        self._change(Stage.UNKNOWN if case else Stage.READY, text, "warn")

    def _on_save_fault(self, error: BaseException) -> None:
        self._forget()
        self._change(Stage.READY, sentence(error).whole(), "bad")

    # -- the record -------------------------------------------------------------------------------

    def _intend(self, copies: int, then: Callable[[], None]) -> None:
        job = self._job
        if job is None or not job.case:
            then()
            return

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services.paper import begin_print

            begin_print(session, job.case, job.content, copies)

        task = self._desk.ask(self, op, "begin print")
        task.on_success(lambda _: then())
        task.on_failure(lambda error: self._change(Stage.READY, sentence(error).whole(), "bad"))
        task.start("store")

    def _forget(self) -> None:
        if self._job is not None and self._job.case:
            self.settle(self._job.case, False)

    def _came_out(self, text: str) -> None:
        if self._job is not None and self._job.case:
            self.settle(self._job.case, True, lambda: self._change(Stage.DONE, text, "good"))
        else:
            self._change(Stage.DONE, text, "good")

    def answer(self, came_out: bool) -> None:
        """The clerk looked at the printer (the dialog's question)."""
        if self._job is None:
            return
        if came_out:
            self._came_out("已记下：纸质表已打印。")
        else:
            self.settle(self._job.case, False, lambda: self._change(Stage.READY))

    def settle(self, case: str, came_out: bool, then: Callable[[], None] | None = None) -> None:
        """Write down whether the sheets of a case came out; also for a question left from before."""

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services.paper import confirm_print, forget_print

            (confirm_print if came_out else forget_print)(session, case)

        def done(_: None) -> None:
            if then is not None:
                then()
            self.recorded.emit(case)

        def failed(error: BaseException) -> None:
            self._change(Stage.DONE, sentence(error).whole(), "bad")
            self.recorded.emit(case)

        make = self._desk.act if came_out else self._desk.ask
        make(self, op, "settle print").on_success(done).on_failure(failed).start("store")

    def _on_closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        case = self._job.case if self._job else ""
        self._job = None
        if dialog is not None:
            dialog.deleteLater()
        if case:
            self.recorded.emit(case)
        self.finished.emit()
