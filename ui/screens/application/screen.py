"""申领登记 and 变更责任人: coordinates the picker, the bench, drafts, prints and scans of one application.

Nothing here decides a rule: values go to ``core.forms`` on the window's thread (two milliseconds), all
else to services on the store lane; the answer is a new :class:`Work` in ``hand``, shown everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from core.forms.registry import latest
from ui.desk import Desk
from ui.files import Chooser, DialogChooser
from ui.messages import sentence
from ui.navigator import Navigator
from ui.preflight import PreFlight
from ui.screen import Chip, Footer, Header, Screen, ScreenAction
from ui.screens.application import words
from ui.screens.application.bench import Bench
from ui.screens.application.hand import Hand
from ui.screens.application.paper_desk import PaperDesk
from ui.screens.application.picker import UnitPicker
from ui.screens.application.picking import Picking
from ui.screens.application.print_dialog import pages_of
from ui.screens.application.print_flow import PrintFlow
from ui.screens.application.steps import Steps
from ui.screens.application.work import Work, form_pdf

if TYPE_CHECKING:
    from core.documents.printing import Printer


class ApplicationScreen(Screen):
    """One form's page: the bench with the work in ``hand``, or the picker of a unit."""

    def __init__(
        self,
        desk: Desk,
        navigator: Navigator,
        form_id: str,
        printer: Printer | None = None,
        chooser: Chooser | None = None,
    ) -> None:
        super().__init__()
        self.desk, self.navigator, self.form_id = desk, navigator, form_id
        self.chooser: Chooser = chooser or DialogChooser()
        self._drawn: object = None
        self.picker, self.bench = UnitPicker(), Bench(latest(form_id))
        self.preflight = PreFlight(desk)
        self.picker.add_bar(self.preflight)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.picker)
        self._stack.addWidget(self.bench)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.hand = Hand(self, desk, form_id, self.save_now, lambda: self.paper_desk.unsaved)
        self.prints = PrintFlow(self, desk, printer, self.chooser)
        self.steps = Steps(self)
        self.picking = Picking(self)
        self.paper_desk = PaperDesk(self)
        self._connect()

    def _connect(self) -> None:
        picker, bench, form, side = self.picker, self.bench, self.bench.form, self.bench.side
        picker.chosen.connect(self.hand.start)
        picker.resumed.connect(self.hand.resume)
        picker.new_unit.connect(lambda: self.navigator.open_units())
        picker.left.connect(self._back_to_work)
        form.value_edited.connect(self.hand.edit)
        form.submit_requested.connect(self.steps.submit)
        form.end_reached.connect(self._on_end)
        bench.change_unit.clicked.connect(lambda _checked=False: self.pick_unit())
        bench.facts.case_opened.connect(self.navigator.open_case)
        bench.facts.unit_opened.connect(self.navigator.open_units)
        bench.papers.notice_requested.connect(self.steps.print_missing)
        side.print_wanted.connect(self.steps.print_paper)
        side.told.connect(self.steps.answer)
        side.preview.failed.connect(lambda error: self.hand.point_out(error, reveal=False))
        self.hand.opened.connect(self._on_opened)
        self.hand.changed.connect(self.show_work)
        self.hand.failed.connect(self.fail)
        self.hand.keeper.said.connect(self.shell_changed)
        self.hand.keeper.failed.connect(lambda error: self.navigator.toast(sentence(error).whole(), "bad"))
        self.prints.recorded.connect(lambda _case: self.hand.refresh_soon())
        self.prints.finished.connect(self._after_print)
        self.desk.changed.connect(self.hand.refresh_soon)
        self.desk.settings_changed.connect(self._on_settings)
        self.desk.locked.connect(self.paper_desk.scans.stop)
        self.desk.unlocked.connect(self.hand.on_unlocked)
        for key, run in (("F3", self.pick_unit), ("F6", self.show_papers)):
            QShortcut(QKeySequence(key), self).activated.connect(run)

    @property
    def in_hand(self) -> Work | None:
        """The work, while it is in front; None on the start page."""
        return self.hand.work if self._stack.currentWidget() is self.bench else None

    # -- shell ------------------------------------------------------------------------------------

    def header(self) -> Header:
        """Title of the form, the unit's case and whether the draft is safe."""
        title, subtitle = words.TITLES[self.form_id]
        chips: list[Chip] = []
        work = self.in_hand
        if work is not None and work.case is not None:
            text, tone = words.LIFECYCLES[work.case.lifecycle]
            chips.append(Chip(f"{text}　{work.case.case_no}", tone))
        if work is not None and self.hand.keeper.chip is not None:
            chips.append(self.hand.keeper.chip)
        return Header(title, subtitle, tuple(chips))

    def footer(self) -> Footer:
        """Required fields and the one thing to do now."""
        work = self.in_hand
        if work is None:
            return Footer(hints=("↑ ↓ 选择", "Enter 开始", "F1 帮助"))
        done, total = work.progress
        hints = (words.hint(work), "Shift+Enter 上一项", "F6 材料", "F1 帮助")
        return Footer(done, total, tuple(each for each in hints if each))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Draft, print, submit, claim: the next one stands out."""
        work = self.in_hand
        if work is None:
            return ()
        coming, claim = words.next_step(work), words.may_claim(work)
        rows = (
            ("draft", "存草稿", self.save_draft, "F2", "device-floppy", work.editable, ""),
            ("print", "打印", self.steps.print_paper, "F9", "printer", True, ""),
            ("submit", "提交审核", self.steps.submit, "F8", "rubber-stamp", work.editable, ""),
            ("claim", "生成领取码", self.steps.claim, "F10", "qrcode", claim, words.claim_tip(work)),
        )  # fmt: skip
        return tuple(
            ScreenAction(id, caption, run, key, icon, "primary" if id == coming else "", able, tip)
            for id, caption, run, key, icon, able, tip in rows
        )

    def on_shown(self) -> None:
        """Refresh, and put the focus where the work goes on."""
        self.preflight.look()
        if self.hand.work is None:
            self._show_picker()
            return
        self.hand.refresh()
        self.paper_desk.scans.watch(self.hand.work.editable)
        self._focus_work()

    def may_leave(self) -> bool:
        """Save and let go."""
        self.save_now()
        return True

    def help_topic(self) -> str:
        """Return the field under the caret, else the page."""
        return (self.bench.form.current_field() if self.in_hand else "") or "apply"

    def hideEvent(self, event: QHideEvent) -> None:
        """Look into no folder while nobody sees it."""
        super().hideEvent(event)
        self.paper_desk.scans.watch(False)

    # -- opening ----------------------------------------------------------------------------------

    def open(self, unit_id: str = "", case_id: str = "", draft_id: str = "") -> None:
        """Open at a case, a draft or a unit (the navigator's deep link)."""
        if case_id:
            self.hand.amend(case_id)
        elif draft_id:
            self.hand.resume(draft_id)
        elif unit_id:
            self.hand.start(unit_id)

    def _on_opened(self) -> None:
        work = self.hand.work
        if work is None:
            return
        self.paper_desk.begin()
        self.show_work()
        self._stack.setCurrentWidget(self.bench)
        self.bench.side.show_page("papers" if work.printed and not work.signed else "paper")
        self.paper_desk.scans.watch(work.editable)
        self._focus_work()
        if work.restored:
            self.navigator.toast("已接着上次未完成的内容。", "accent")
        self.shell_changed.emit()

    def _focus_work(self) -> None:
        work = self.hand.work
        if work is None or self._stack.currentWidget() is not self.bench:
            self.picker.take_focus()
        elif work.printed and self.bench.papers_in_front:
            self.bench.papers.take_focus()
        else:
            self.bench.form.focus_start()

    # -- the work in hand -------------------------------------------------------------------------

    def show_work(self, focus: str = "") -> None:
        """Show the work as it is."""
        work = self.hand.work
        if work is not None:
            self.bench.show_work(work, self.paper_desk.state(work), focus)
            self._draw(work)
        self.shell_changed.emit()

    def _draw(self, work: Work) -> None:
        settings = self.desk.settings
        offset = settings.offset_of(settings.printer)
        wanted = (dict(work.values), offset)
        if wanted != self._drawn:
            self._drawn = wanted
            self.bench.side.preview.request(pages_of(form_pdf(work), offset))

    def _on_end(self) -> None:
        work = self.hand.work
        if work is None or not work.editable:
            return
        if self.steps.form_is_right(quiet=True) and not work.printed:
            self.navigator.toast("申请表已填完，按 F9 打印。", "accent")

    def _after_print(self) -> None:
        """The dialog is gone: on to the signed scan once the sheet is out, else back into the form."""
        # Not at once: some window systems take the focus away only after the dialog is hidden.
        QTimer.singleShot(0, self, self.activateWindow)

        def go_on() -> None:
            work = self.hand.work
            if work is not None and work.editable and work.printed and not work.signed:
                self.bench.show_papers()
            else:
                self._focus_work()

        self._focus_work()
        self.hand.refresh(go_on)

    def fail(self, error: BaseException) -> None:
        """Say what went wrong, at the field if it is about one."""
        self.navigator.done()
        self.hand.point_out(error, reveal=True)
        self.navigator.toast(sentence(error).whole(), "bad")

    # -- drafts -----------------------------------------------------------------------------------

    def save_draft(self) -> None:
        """F2: save now and say so."""
        self.hand.save_draft(lambda: self.navigator.toast("草稿已保存。"))

    def save_now(self) -> None:
        """Hand everything half done to the store lane (before lock, close or another page)."""
        self.hand.keeper.save_now()
        self.paper_desk.keep_ticks_now()

    # -- picking ----------------------------------------------------------------------------------

    def pick_unit(self) -> None:
        """F3: choose another unit; what was begun is kept as a draft."""
        self.save_now()
        self._show_picker()

    def _show_picker(self) -> None:
        self._stack.setCurrentWidget(self.picker)
        self.shell_changed.emit()
        self.picking.refresh()
        self.picker.take_focus()

    def _back_to_work(self) -> None:
        if self.hand.work is not None:
            self._stack.setCurrentWidget(self.bench)
            self.shell_changed.emit()
            self._focus_work()

    def show_papers(self) -> None:
        """F6: to the papers and back."""
        if self.hand.work is None or self._stack.currentWidget() is not self.bench:
            return
        focused = self.focusWidget()
        if focused is not None and self.bench.papers.isAncestorOf(focused) and self.bench.papers.isVisible():
            self.bench.side.show_page("paper")
            self.bench.form.focus_start()
        else:
            self.bench.show_papers()

    # -- what comes from outside ------------------------------------------------------------------

    def _on_settings(self) -> None:
        if self.hand.work is not None and self.isVisible():
            self.paper_desk.scans.watch(self.hand.work.editable)
            self._draw(self.hand.work)


def make(
    desk: Desk,
    navigator: Navigator,
    form_id: str,
    printer: Printer | None = None,
    chooser: Chooser | None = None,
) -> ApplicationScreen:
    """Return the page of a form; printer and chooser are the machine's own unless given."""
    return ApplicationScreen(desk, navigator, form_id, printer, chooser)
