"""Keeps step 1 in tune with the settings: draws the download code, prints and saves 附件2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.customer_view import Matrix
from ui.desk import Desk
from ui.messages import sentence
from ui.paper_out import PaperOut
from ui.screens.claim import ops
from ui.screens.claim.program_card import ProgramCard, ProgramState
from ui.task import CancelToken, ReportProgress, Task

if TYPE_CHECKING:
    from core.services.session import Session

TITLE = "手机程序下载二维码"


class ProgramStep:
    """Serves one card. ``failed`` hears what did not succeed."""

    def __init__(
        self, owner: QWidget, desk: Desk, card: ProgramCard, out: PaperOut, failed: Callable[..., None]
    ) -> None:
        self._owner, self._desk, self._card = owner, desk, card
        self._out, self._failed = out, failed
        self._state = ProgramState("", "", "")
        card.print_requested.connect(lambda: self._put_out(save=False))
        card.save_requested.connect(lambda: self._put_out(save=True))
        desk.settings_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the settings in force."""
        settings = self._desk.settings
        url = settings.phone_program_url
        state = ProgramState(settings.phone_program_name, settings.supported_phones, url)
        if state == replace(self._state, matrix=(), problem=""):
            return
        self._show(state)
        if url:
            task: Task[Matrix] = Task(self._owner, lambda _p, _c: ops.draw(url), "program code")
            task.on_success(lambda matrix: self._drawn(replace(state, matrix=matrix)))
            task.on_failure(lambda error: self._drawn(replace(state, problem=sentence(error).whole())))
            task.start("render")

    def _drawn(self, state: ProgramState) -> None:
        if state.url == self._state.url:
            self._show(state)

    def _show(self, state: ProgramState) -> None:
        self._state = state
        self._card.show_state(state)

    def _put_out(self, *, save: bool) -> None:
        settings = self._desk.settings

        def op(session: Session, _p: ReportProgress, _c: CancelToken) -> tuple[str, bool]:
            from core.services.office_papers import office_face

            face = office_face(session)
            return face.office, face.rehearsal

        def go(face: tuple[str, bool]) -> None:
            office, rehearsal = face
            words = (settings.phone_program_name, settings.supported_phones, settings.phone_program_url)
            make = partial(ops.program_page, office, settings.office_phone, *words, rehearsal)
            if save:
                self._out.save(make, TITLE)
            else:
                self._out.print(make, TITLE, name=settings.printer)

        self._desk.ask(self._owner, op, "office face").on_success(go).on_failure(self._failed).start("store")
