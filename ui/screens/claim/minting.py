"""Making a code and voiding one; where something dies by it, the person is asked first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.messages import Message, sentence
from ui.screens.claim import ops
from ui.screens.claim.codes import Codes, KeptCode
from ui.screens.claim.questions import renew_question, replacement_question, void_question
from ui.screens.claim.state import CaseFacts, Phase
from ui.widgets.confirm import Question

if TYPE_CHECKING:
    from ui.screens.claim.ops import Fresh

Ask = Callable[[QWidget | None, Question], bool]


class Minting(QObject):
    """Acts for one page on ``codes``. ``push`` sends what the hub must know first or learns by it."""

    changed = Signal()
    minted = Signal(str)
    """A code was made for this case."""
    refused = Signal(object)
    """None was made: the sentence that says why."""
    failed = Signal(object)

    def __init__(
        self, page: QWidget, desk: Desk, codes: Codes, push: Callable[[], None], ask_first: Ask
    ) -> None:
        super().__init__(page)
        self._page, self._desk, self._codes = page, desk, codes
        self._push, self._ask_first = push, ask_first
        self.busy = False
        self.problem: Message | None = None

    def words(self, facts: CaseFacts | None, code: KeptCode | None) -> str:
        """Return what the button says."""
        now = self._codes.phase(code)
        if self._codes.under_way(code):
            return "作废并换新码"
        if now is Phase.ISSUED or (facts is not None and facts.claimed):
            return "补发领取码…"
        return "生成领取码" if now is Phase.READY else "重新生成领取码"

    def may(self, facts: CaseFacts | None, code: KeptCode | None) -> bool:
        """Tell whether a code may be made now."""
        if facts is None or self.busy or facts.obstacle():
            return False
        # The record must know of the certificate before another code can be a replacement.
        return facts.claimed or self._codes.phase(code) is not Phase.ISSUED

    def mint(self, facts: CaseFacts | None, code: KeptCode | None) -> None:
        """Make a code in place of ``code``; ask first where something dies by it."""
        if facts is None or not self.may(facts, code) or not self._agreed(facts, code):
            return
        if facts.sent == "pending":
            self._push()
        self.busy, self.problem = True, None
        self.changed.emit()
        task = self._desk.act(self, lambda session, _p, _c: ops.mint(session, facts.case), "mint")
        task.on_success(lambda fresh: self._on_minted(facts, fresh))
        task.on_failure(self._on_failed).on_cancelled(self._on_stopped).start("store")

    def _agreed(self, facts: CaseFacts, code: KeptCode | None) -> bool:
        question = None
        if facts.claimed:
            question = replacement_question(facts)
        elif self._codes.under_way(code) or (facts.live_jti and code is None):
            # A dead code of our own that lives on in the record is nothing to ask about.
            question = renew_question(facts)
        return question is None or self._ask_first(self._page.window(), question)

    def _on_minted(self, facts: CaseFacts, fresh: Fresh) -> None:
        self.busy = False
        self._codes.keep(fresh, facts.claimed)
        self._push()
        self.minted.emit(facts.case)

    def _on_failed(self, error: BaseException) -> None:
        self.busy, self.problem = False, sentence(error)
        self.refused.emit(self.problem)
        self.changed.emit()

    def _on_stopped(self) -> None:
        self.busy = False
        self.changed.emit()

    def void(self, facts: CaseFacts | None, code: KeptCode | None) -> None:
        """Void a code after asking."""
        if facts is None or code is None or not self._ask_first(self._page.window(), void_question(facts)):
            return
        task = self._desk.act(self, lambda session, _p, _c: ops.void(session, facts.case), "void")
        task.on_success(lambda _count: self._on_voided(code)).on_failure(self.failed.emit).start("store")

    def _on_voided(self, code: KeptCode) -> None:
        code.voided = True
        self._push()
        self.changed.emit()
