"""领取码: choose an approved case, mint its code, watch the phone, hand over to the next.

What is chosen (``choosing``), made (``minting``) and heard of the phone (``watch``) comes together here and
is shown: the page in front, the customer's side, the acts offered. A code lives on in memory while other
cases are looked at, and while the desk is locked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout

from core.errors import CertDeskError
from ui.desk import Desk
from ui.files import Chooser
from ui.messages import Message, sentence
from ui.navigator import Navigator
from ui.paper_out import PaperOut
from ui.screen import Chip, Footer, Header, Screen, ScreenAction
from ui.screens.claim.choosing import Choosing
from ui.screens.claim.code_tools import CodeTools
from ui.screens.claim.codes import Codes, KeptCode, Ticks, ticks
from ui.screens.claim.display import CustomerDisplay
from ui.screens.claim.faces import code_state, customer_view
from ui.screens.claim.front import Front
from ui.screens.claim.hub_line import HubLine
from ui.screens.claim.minting import Ask, Minting
from ui.screens.claim.program_step import ProgramStep
from ui.screens.claim.state import CaseFacts, Phase
from ui.screens.claim.watch import Watch
from ui.theme import size, theme
from ui.widgets.confirm import ask
from ui.widgets.line_list import SearchedList

if TYPE_CHECKING:
    from core.documents.printing import Printer


class ClaimScreen(Screen):
    """``open(case_id)`` comes from the navigator; everything else from the person at the desk."""

    def __init__(
        self,
        desk: Desk,
        navigator: Navigator,
        *,
        now: Ticks = ticks,
        second_ms: int = 1000,
        ask_first: Ask = ask,
        printer: Printer | None = None,
        chooser: Chooser | None = None,
    ) -> None:
        super().__init__()
        self._desk, self._navigator = desk, navigator
        self.codes, self._hub = Codes(now), HubLine(self, desk)
        self.out = PaperOut(self, self._say, printer=printer, chooser=chooser)
        self.display = CustomerDisplay(self, desk, self._fetch_pin)
        self.list = SearchedList("已核准的申请", "单位、信用代码、受理号　F3")
        self.front = Front(desk, self._fetch_pin)
        self.choosing = Choosing(self.list, desk)
        self.minting = Minting(self, desk, self.codes, self._hub.push, ask_first)
        self.watch = Watch(self, desk, self.codes, self._hub, second_ms)
        self.tools = CodeTools(
            self, desk, self.front.code, self._hub, self.out, self._live_code, self._refresh, self._say
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 8, 14, 8)
        row.setSpacing(14)
        row.addWidget(self.list)
        row.addWidget(self.front, 1)
        self._connect()
        self._fit()
        self._step = ProgramStep(self, desk, self.front.program, self.out, self._on_failed)
        self._refresh()

    def _connect(self) -> None:
        front, choosing, minting = self.front, self.choosing, self.minting
        self.list.entered.connect(lambda _key: front.ready.mint.setFocus())
        choosing.turned.connect(self._on_turned)
        choosing.loaded.connect(self._on_loaded)
        choosing.found.connect(self._on_found)
        front.program.settings_requested.connect(lambda: self._navigator.open_settings("office"))
        front.ready.mint_requested.connect(self.mint)
        front.code.again_requested.connect(self.mint)
        front.done.next_requested.connect(self._next)
        minting.minted.connect(self._on_minted)
        minting.refused.connect(self._on_refused)
        for failed in (choosing.failed, minting.failed):
            failed.connect(self._on_failed)
        self.display.failed.connect(lambda error: self._say(sentence(error), "warn"))
        for changed in (minting.changed, self.display.changed):
            changed.connect(self._refresh)
        self.watch.told.connect(self._on_told)
        self.watch.second.connect(self._on_second)
        self._desk.changed.connect(self._on_changed)
        self._desk.settings_changed.connect(self._refresh)
        self._desk.unlocked.connect(self._on_unlocked)
        theme().changed.connect(self._fit)
        for key, call in (("F3", self.list.focus_search), ("F9", self.tools.print_slip)):
            QShortcut(QKeySequence(key), self).activated.connect(call)

    def _fit(self) -> None:
        self.list.setFixedWidth(min(round(size("body") * 22.5), max(260, round(self.width() * 0.29))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the list from crowding the code out at large letters."""
        super().resizeEvent(event)
        self._fit()

    # -- what the window shows around -------------------------------------------------------------

    def header(self) -> Header:
        """Return the title and how many cases wait."""
        waiting = len(self.choosing.waiting)
        chips = (Chip(f"待领取 {waiting} 件", "accent"),) if waiting else ()
        return Header("领取码", "手机领取电子证书", chips)

    def footer(self) -> Footer:
        """Return the keys."""
        return Footer(hints=("F3 查找", "↑↓ 选择", "F9 打印验证码条"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return what can be done with the chosen case now."""
        facts, code, now = self.choosing.facts, self._code(), self._phase()
        live, under_way = now is Phase.LIVE, self.codes.under_way(code)
        offered = []
        if under_way:
            full = ScreenAction(
                "full", "全屏出示", self._open_full, "F11", "maximize", enabled=live, tip="二维码占满本屏"
            )
            offered = [full, ScreenAction("void", "作废", self.void, icon="ban", face="danger")]
        face = "" if under_way or now is Phase.ISSUED else "primary"
        words, may = self.minting.words(facts, code), self.minting.may(facts, code)
        return (*offered, ScreenAction("mint", words, self.mint, "F10", "qrcode", face, may))

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "claim"

    def on_shown(self) -> None:
        """Refresh the list; the search line takes the focus while nothing is chosen."""
        self.choosing.reload()
        self.front.preflight.look()
        if not self.choosing.case:
            self.list.search.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the phone again."""
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask the hub nothing while nobody looks; the customer's screen stays."""
        super().hideEvent(event)
        self.watch.follower.stop()

    # -- the chosen case --------------------------------------------------------------------------

    def open(self, case_id: str) -> None:
        """Show a case (deep link)."""
        self.choosing.open(case_id)
        self.choosing.reload()

    open_case = open

    def _on_turned(self) -> None:
        self.minting.problem = None
        self._refresh()

    def _on_loaded(self, first: bool) -> None:
        facts = self.choosing.facts
        if first and facts is not None:
            self.front.program.fold(self._code() is not None)
            if facts.sent == "pending":
                self._hub.push()
        self._refresh()

    def _on_found(self) -> None:
        self.shell_changed.emit()
        if self._phase() is Phase.ISSUED:
            self._refresh()

    def _next(self) -> None:
        others = self.choosing.others
        if others:
            self.codes.drop(self.choosing.case)
            self.choosing.open(others[0])

    # -- its code ---------------------------------------------------------------------------------

    def mint(self) -> None:
        """Make a code (F10)."""
        self.minting.mint(self.choosing.facts, self._code())

    def void(self) -> None:
        """Void the code on screen."""
        self.minting.void(self.choosing.facts, self._code())

    def _on_minted(self, case: str) -> None:
        if case == self.choosing.case:
            self.front.program.fold(True)
            self._refresh()
            self.display.remember()
            if not self.display.has_second():
                self._open_full()

    def _on_refused(self, why: Message) -> None:
        if self._code() is not None:
            self._say(why, "bad")

    def _on_told(self) -> None:
        self._refresh()
        if self._phase() is Phase.ISSUED:
            self.front.done.next.setFocus()

    def _on_second(self) -> None:
        if self.choosing.facts is not None and self._phase() is not Phase.ISSUED:
            self._refresh()

    def _open_full(self) -> None:
        if self._phase() is Phase.LIVE:
            self.display.open_full()

    def _code(self) -> KeptCode | None:
        return self.codes.of(self.choosing.case)

    def _phase(self) -> Phase:
        return self.codes.phase(self._code())

    def _live_code(self) -> tuple[CaseFacts, KeptCode] | None:
        facts, code = self.choosing.facts, self._code()
        live = facts is not None and code is not None and self._phase() is Phase.LIVE
        return (facts, code) if live and facts is not None and code is not None else None

    def _fetch_pin(self) -> str:
        code = self._code()
        return code.minted.pin if code is not None and self._phase() is Phase.LIVE else ""

    # -- showing ----------------------------------------------------------------------------------

    def _refresh(self) -> None:
        facts, code, issued = self.choosing.facts, self._code(), self._phase() is Phase.ISSUED
        self.front.program.setVisible(not issued)
        if facts is None:
            self.front.show_nothing()
            if not self.choosing.case:
                self.display.clear()
        elif code is None:
            left = self._left_elsewhere(facts)
            self.front.show_ready(facts, self.minting.problem, self.minting.busy, left)
            self.display.clear()
        elif issued:
            self.front.show_done(facts, len(self.choosing.others))
            self.display.clear()
        else:
            self._show_code(facts, code)
        self.watch.run(code, facts is not None and facts.loopback)
        self.shell_changed.emit()

    def _show_code(self, facts: CaseFacts, code: KeptCode) -> None:
        remaining, now = self.codes.remaining(code), self._phase()
        self.front.show_code(code_state(facts, code, remaining, self.display.pin_mode()))
        if now in (Phase.LIVE, Phase.EXPIRED) or (now is Phase.TAKEN and remaining > 0):
            self.display.show_view(customer_view(facts, code, remaining, self._desk.settings))
        else:
            self.display.clear()

    def _left_elsewhere(self, facts: CaseFacts) -> int:
        if not facts.live_until or self._desk.is_locked:
            return 0
        return max(0, facts.live_until - int(self._desk.session.clock().timestamp()))

    # -- desk -------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        if not self._desk.is_locked:
            self.choosing.reload()
            self.choosing.load()

    def _on_unlocked(self) -> None:
        self._on_changed()
        self._refresh()

    def _say(self, message: Message, tone: str) -> None:
        self._navigator.toast(message.whole(), tone)

    def _on_failed(self, error: BaseException) -> None:
        if not (isinstance(error, CertDeskError) and error.code == "desk_locked"):
            self._say(sentence(error), "bad")


def make(desk: Desk, navigator: Navigator) -> ClaimScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return ClaimScreen(desk, navigator)
