"""What a person does with the change in the pane: approve, return, withdraw it, print its notice.

Approving voids in one act; so the pane lists what will end before the button can be pressed, and the
question repeats it (product.md D1; notice 二(三)).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from ui.desk import Desk, SessionOperation
from ui.messages import sentence
from ui.paper_out import PaperOut
from ui.record_words import CHANGE_RETURN_WORDS
from ui.screen import ScreenAction
from ui.screens.changes import ops
from ui.screens.changes.state import ChangeView, approve_question, withdraw_question
from ui.task import Newest
from ui.widgets.confirm import Question
from ui.widgets.reasons_dialog import ReasonsDialog

Ask = Callable[[QWidget | None, Question], bool]
Shown = Callable[[], ChangeView | None]
"""Gives the change in the pane."""


class Deciding(QObject):
    """One act at a time; ``busy`` while it is under way."""

    settled = Signal()
    changed = Signal()
    said = Signal(str, str)
    refused = Signal()
    failed = Signal(object)

    def __init__(self, page: QWidget, desk: Desk, shown: Shown, out: PaperOut, ask_first: Ask) -> None:
        super().__init__(page)
        self._page, self._desk, self._shown = page, desk, shown
        self.out, self._ask = out, ask_first
        self.busy = False
        self._newest = Newest()

    def offered(self, view: ChangeView) -> tuple[ScreenAction, ...]:
        """Return the acts open to this person on a change."""
        if view.voided:
            return (ScreenAction("notice", "打印失效告知书", self.print_notice, "F9", "printer"),)
        if not view.waiting:
            return ()
        idle = not self.busy
        found = []
        if view.may_withdraw:
            found.append(ScreenAction("withdraw", "撤回", self.withdraw, "F6", "arrow-back-up", "", idle))
        if not view.decides:
            return tuple(found)
        why = "" if view.may_return else view.why_not
        able = view.may_return and idle
        found.append(ScreenAction("return", "退回", self.send_back, "F7", "arrow-back-up", "", able, why))
        able = view.may_approve and idle
        stamp = "rubber-stamp"
        words, why = view.approve_words, view.why_not
        found.append(ScreenAction("approve", words, self.approve, "F8", stamp, "primary", able, why))
        return tuple(found)

    def approve(self) -> None:
        """F8: show once more what ends, then approve what was looked at."""
        view = self._shown()
        if view is None or not view.may_approve or self.busy:
            return
        if not self._ask(self._page.window(), approve_question(view)):
            return
        change_id, content = view.id, view.content

        def op(session: Any, _progress: object, _cancel: object) -> None:
            from core.services.changes import approve_change

            approve_change(session, change_id, content)

        self._act(op, f"已核准：{view.title}。正在送达省级平台。", sync=True)

    def send_back(self) -> None:
        """F7: reasons and a remark, then return."""
        view = self._shown()
        if view is None or not view.may_return or self.busy:
            return
        dialog = ReasonsDialog(self._page, (view.title, view.subtitle), CHANGE_RETURN_WORDS)
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        change_id, reasons, remark = view.id, dialog.reasons, dialog.remark_text

        def op(session: Any, _progress: object, _cancel: object) -> None:
            from core.services.changes import return_change

            return_change(session, change_id, reasons, remark)

        self._act(op, f"已退回：{view.title}。")

    def withdraw(self) -> None:
        """F6: ask, then take the change back."""
        view = self._shown()
        if view is None or self.busy or not self._ask(self._page.window(), withdraw_question(view)):
            return
        change_id = view.id

        def op(session: Any, _progress: object, _cancel: object) -> None:
            from core.services.changes import withdraw_change

            withdraw_change(session, change_id)

        self._act(op, f"已撤回：{view.title}。")

    def _act(self, op: SessionOperation[None], said: str, *, sync: bool = False) -> None:
        def done(_nothing: None) -> None:
            self.busy = False
            self.said.emit(said, "good")
            self.settled.emit()
            if sync:
                self._desk.sync_wanted.emit()

        self.busy = True
        self.changed.emit()
        task = self._desk.act(self, op, "change")
        task.on_success(done).on_failure(self._on_refused).on_cancelled(self._on_stopped).start("store")

    def _on_refused(self, error: BaseException) -> None:
        self._on_stopped()
        self.said.emit(sentence(error).whole(), "bad")
        self.refused.emit()

    def _on_stopped(self) -> None:
        self.busy = False
        self.changed.emit()

    def print_notice(self) -> None:
        """F9: the notice of voiding for the unit, on the printer of the settings."""
        view = self._shown()
        if view is None or not view.voided:
            return
        change_id, settings = view.id, self._desk.settings
        offset = settings.offset_of(settings.printer)
        task = self._desk.ask(
            self,
            lambda session, _p, _c: ops.notice(session, change_id, settings.office_phone, offset),
            "notice",
        )
        task.on_success(lambda pdf: self.out.print(lambda: pdf, "失效告知书", name=settings.printer))
        self._newest.start("notice", task.on_failure(self.failed.emit))
