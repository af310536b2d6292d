"""The steps of an application: print, hand over, take back, and the slips on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.services import paper
from ui.desk import SessionOperation
from ui.screens.application import loading, words
from ui.screens.application.print_flow import PrintJob
from ui.screens.application.work import Work, form_pdf
from ui.widgets.confirm import Question, ask

if TYPE_CHECKING:
    from ui.screens.application.screen import ApplicationScreen


class Steps(QObject):
    """What the function keys do."""

    def __init__(self, screen: ApplicationScreen) -> None:
        super().__init__(screen)
        self._screen = screen

    @property
    def _work(self) -> Work | None:
        return self._screen.hand.work

    def form_is_right(self, quiet: bool = False) -> bool:
        """Say whether the form has no error; if it has, show all and go to the first."""
        work = self._work
        if work is None:
            return False
        if not work.faulty:
            return True
        self._screen.hand.take(replace(work, reveal=True))
        self._screen.bench.form.focus_first_error()
        if not quiet:
            text = f"还有 {len(work.faulty)} 项需要核对，已定位到第一项。"
            self._screen.navigator.toast(text, "warn")
        return False

    # -- print ------------------------------------------------------------------------------------

    def print_paper(self) -> None:
        """F9: freeze what the form says as a version of the case, then print it."""
        work = self._work
        if work is None or self._screen.hand.keeper.held:
            return
        if work.pending:
            self._screen.navigator.toast("请先确认上一次的纸质表是否已经印出。", "warn")
        elif not work.editable:
            self._open_print(work)
        elif self.form_is_right():
            self._write(lambda session, *_: loading.freeze(session, work), self._open_print)

    def _write(self, op: SessionOperation[Work], then: Callable[[Work], object] | None = None) -> None:
        screen, hand = self._screen, self._screen.hand
        asked, keeper = hand.work, hand.keeper
        if asked is None:
            return
        keeper.held = True

        def done(fresh: Work) -> None:
            keeper.held = False
            keeper.clear()
            hand.merge(fresh, asked)
            screen.paper_desk.settle_ticks()
            if then is not None:
                then(fresh)
            if hand.work is not None and hand.work.changed:
                keeper.touch()

        def failed(error: BaseException) -> None:
            keeper.held = False
            screen.fail(error)
            keeper.touch()

        screen.desk.act(screen, op, "application step").on_success(done).on_failure(failed).start("store")

    def _open_print(self, work: Work) -> None:
        case = work.case
        if case is None:
            return
        filed = replace(work, typed=case.values)
        job = PrintJob(work.form.title, case.case_no, form_pdf(filed), case.id, case.content)
        self._screen.prints.open(job)

    def print_missing(self) -> None:
        """Print the 一次性告知书 from what is missing now."""
        work, desk = self._work, self._screen.desk
        if work is None:
            return
        faulty = work.faulty if work.editable else ()
        if not work.missing and not faulty:
            self._screen.navigator.toast("材料齐全，没有需要告知的事项。")
            return
        session, phone = desk.session, desk.settings.office_phone
        unit = work.unit.values.get("name", "")

        def make(offset: tuple[float, float]) -> bytes:
            slip = paper.missing_notice(
                session, work.form, unit, work.missing, faulty, phone=phone, offset_mm=offset
            )
            return slip.pdf

        self._screen.prints.open(PrintJob("一次性告知书", "一次性告知书", make))

    def print_receipt(self) -> None:
        """Print the 受理回执."""
        work, desk = self._work, self._screen.desk
        if work is None or work.case is None:
            return
        session, phone, case = desk.session, desk.settings.office_phone, work.case

        def make(offset: tuple[float, float]) -> bytes:
            return paper.receipt_slip(session, case.id, phone=phone, offset_mm=offset).pdf

        self._screen.prints.open(PrintJob("受理回执", case.case_no, make))

    # -- review -----------------------------------------------------------------------------------

    def submit(self) -> None:
        """F8: hand the case to the reviewer, or go to what stands in the way."""
        work, bench = self._work, self._screen.bench
        if work is None or not work.editable or self._screen.hand.keeper.held or not self.form_is_right():
            return
        why = words.why_not_submitted(work)
        if why:
            self._screen.navigator.toast(why, "warn")
            if work.printed and not work.pending:
                bench.show_papers()
                if work.signed:
                    bench.papers.focus_open_tick()
            return
        self._write(lambda session, *_: loading.hand_over(session, work), self._on_submitted)

    def _on_submitted(self, work: Work) -> None:
        if work.case is not None:
            text = f"已提交审核，受理号 {work.case.case_no}。可打印受理回执交给对方。"
            self._screen.navigator.toast(text)
        self._screen.bench.side.show_page("paper")

    def recall(self) -> None:
        """Take the submission back while nobody has acted on it."""
        work = self._work
        if work is None or work.case is None:
            return
        case_id = work.case.id
        question = Question("撤回提交", "这件申请将从待审核中退回到受理，可以继续更正。", "撤回提交")
        if ask(self._screen, question):
            self._write(lambda session, *_: loading.recall(session, case_id))

    def claim(self) -> None:
        """F10: to the claim code, once approved."""
        work = self._work
        if work is not None and work.case is not None and words.may_claim(work):
            self._screen.navigator.open_claim(work.case.id)

    def answer(self, key: str, button: str) -> None:
        """A button below the paper was pressed: ``key`` is what it stands with."""
        work = self._work
        if work is None or work.case is None:
            return
        if key == "pending":
            self._screen.prints.settle(work.case.id, button == "printed")
        else:
            {
                "print": self.print_paper,
                "receipt": self.print_receipt,
                "recall": self.recall,
                "claim": self.claim,
            }[button]()
