"""What stands in front: the card of the holder page above, and one page of four below it. Dumb."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.messages import Message
from ui.preflight import PreFlight
from ui.screens.claim.code_card import CodeCard
from ui.screens.claim.done_card import DoneCard
from ui.screens.claim.program_card import ProgramCard
from ui.screens.claim.ready_card import ReadyCard
from ui.screens.claim.state import CaseFacts, CodeState
from ui.widgets.notice import EmptyState


class Front(QScrollArea):
    """Each ``show_…`` brings its page to the front; the others take no room."""

    def __init__(self, desk: Desk, fetch_pin: Callable[[], str]) -> None:
        super().__init__()
        self.program = ProgramCard()
        self.preflight, self.ready = PreFlight(desk), ReadyCard()
        self.ready.body.insertWidget(0, self.preflight)  # beside a live code there is no room to spare
        self.code = CodeCard(fetch_pin)
        self.done = DoneCard()
        self._empty = EmptyState("qrcode", "请选择一件申请", "从左边选择已核准、待领取的申请，再生成领取码。")
        self.pages = QStackedWidget()
        for page in (self._empty, self.ready, self.code, self.done):
            self.pages.addWidget(page)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(10)
        column.addWidget(self.program)
        column.addWidget(self.pages, 1)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)

    def show_nothing(self) -> None:
        """Nothing is chosen, or nothing known of it yet."""
        self._bring(self._empty)

    def show_ready(self, facts: CaseFacts, problem: Message | None, busy: bool, left: int) -> None:
        """A case without a code of this window; ``left`` seconds live on of one made elsewhere."""
        self.ready.show_facts(facts, problem, busy, left)
        self._bring(self.ready)

    def show_code(self, state: CodeState) -> None:
        """A code."""
        self.code.show_state(state)
        self._bring(self.code)

    def show_done(self, facts: CaseFacts, waiting: int) -> None:
        """A code that became a certificate; so many others wait."""
        self.done.show_done(facts, waiting)
        self._bring(self.done)

    def _bring(self, page: QWidget) -> None:
        # A page behind must not ask for room: the window would scroll for what nobody sees.
        for each in (self._empty, self.ready, self.code, self.done):
            rule = QSizePolicy.Policy.Preferred if each is page else QSizePolicy.Policy.Ignored
            each.setSizePolicy(rule, rule)
        self.pages.setCurrentWidget(page)
