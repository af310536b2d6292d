"""领取码: choose an approved case, mint its code, watch the phone, hand over to the next.

The screen coordinates: services run on the lanes, views are dumb, and what is shown is worked out in
``state``. A code lives on in memory while other cases are looked at, and while the desk is locked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from core.errors import CertDeskError
from ui.desk import Desk
from ui.files import Chooser
from ui.messages import Message, sentence
from ui.navigator import Navigator
from ui.paper_out import PaperOut
from ui.preflight import PreFlight
from ui.screen import Chip, Footer, Header, Screen, ScreenAction
from ui.screens.claim import ops
from ui.screens.claim.code_card import CodeCard
from ui.screens.claim.code_tools import CodeTools
from ui.screens.claim.codes import Codes, KeptCode, Ticks, ticks
from ui.screens.claim.display import CustomerDisplay
from ui.screens.claim.done_card import DoneCard
from ui.screens.claim.faces import code_state, customer_view
from ui.screens.claim.follower import Follower
from ui.screens.claim.hub_line import HubLine
from ui.screens.claim.program_card import ProgramCard
from ui.screens.claim.program_step import ProgramStep
from ui.screens.claim.questions import renew_question, replacement_question, void_question
from ui.screens.claim.ready_card import ReadyCard
from ui.screens.claim.state import (
    CaseFacts,
    Phase,
    PinMode,
    Progress,
    unreachable,
    worth_asking,
)
from ui.theme import size, theme
from ui.widgets.confirm import Question, ask
from ui.widgets.line_list import SearchedList
from ui.widgets.notice import EmptyState

if TYPE_CHECKING:
    from core.documents.printing import Printer
    from ui.screens.claim.ops import Choices, Fresh

Ask = Callable[[QWidget | None, Question], bool]

_NONE_FOUND = "没有找到。请核对单位名称、信用代码或受理号。"
_NONE_YET = "还没有已核准的申请。核准后会出现在这里。"


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
        self._desk = desk
        self._navigator = navigator
        self._ask_first = ask_first
        self.codes = Codes(now)
        self._case = ""
        self._facts: CaseFacts | None = None
        self._choices: Choices | None = None
        self._problem: Message | None = None
        self._searching = 0
        self._minting = False
        self.out = PaperOut(self, self._say, printer=printer, chooser=chooser)
        self.display = CustomerDisplay(self, self._fetch_pin, desk.settings.second_screen)
        self._hub = HubLine(self, desk)
        self.follower = Follower(self._hub.follow, second_ms, self)
        self._second = QTimer(self)
        self._second.setInterval(second_ms)
        self._build()
        self._tools = CodeTools(
            self, desk, self.code, self._hub, self.out, self._live_code, self._refresh, self._say
        )
        self._connect()
        self._fit()
        self._step = ProgramStep(self, desk, self.program, self.out, self._on_failed)
        self._refresh()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self.list = SearchedList("已核准的申请", "单位、信用代码、受理号　F3")
        self.program = ProgramCard()
        self.preflight, self.ready = PreFlight(self._desk), ReadyCard()
        self.ready.body.insertWidget(0, self.preflight)  # beside a live code there is no room to spare
        self.code = CodeCard(self._fetch_pin)
        self.done = DoneCard()
        self.empty = EmptyState("qrcode", "请选择一件申请", "从左边选择已核准、待领取的申请，再生成领取码。")
        self.pages = QStackedWidget()
        for page in (self.empty, self.ready, self.code, self.done):
            self.pages.addWidget(page)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(10)
        column.addWidget(self.program)
        column.addWidget(self.pages, 1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 8, 14, 8)
        row.setSpacing(14)
        row.addWidget(self.list)
        row.addWidget(self._scroll, 1)

    def _connect(self) -> None:
        self.list.searched.connect(lambda _text: self._reload())
        self.list.chosen.connect(self._choose)
        self.list.entered.connect(lambda _key: self.ready.mint.setFocus())
        self.program.settings_requested.connect(lambda: self._navigator.open_settings("office"))
        self.ready.mint_requested.connect(self.mint)
        self.code.again_requested.connect(self.mint)
        self.done.next_requested.connect(self._next)
        self.follower.told.connect(self._on_progress)
        self.follower.failed.connect(self._on_no_answer)
        self.display.changed.connect(self._refresh)
        self._second.timeout.connect(self._on_second)
        self._desk.changed.connect(self._on_changed)
        self._desk.settings_changed.connect(self._on_settings)
        self._desk.locked.connect(self._on_locked)
        self._desk.unlocked.connect(self._on_unlocked)
        theme().changed.connect(self._fit)
        for key, call in (("F3", self.list.focus_search), ("F9", self._tools.print_slip)):
            QShortcut(QKeySequence(key), self).activated.connect(call)

    def _fit(self) -> None:
        self.list.setFixedWidth(min(round(size("body") * 22.5), max(260, round(self.width() * 0.29))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the list from crowding the code out at large letters."""
        super().resizeEvent(event)
        self._fit()

    def _front(self, page: QWidget) -> None:
        # A page behind must not ask for room: the window would scroll for what nobody sees.
        for each in (self.empty, self.ready, self.code, self.done):
            rule = QSizePolicy.Policy.Preferred if each is page else QSizePolicy.Policy.Ignored
            each.setSizePolicy(rule, rule)
        self.pages.setCurrentWidget(page)

    # -- what the window shows around -------------------------------------------------------------

    def header(self) -> Header:
        """Return the title and how many cases wait."""
        waiting = len(self._choices.unclaimed) if self._choices else 0
        chips = (Chip(f"待领取 {waiting} 件", "accent"),) if waiting else ()
        return Header("领取码", "手机领取电子证书", chips)

    def footer(self) -> Footer:
        """Return the keys."""
        return Footer(hints=("F3 查找", "↑↓ 选择", "F9 打印验证码条"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return what can be done with the chosen case now."""
        now = self._phase()
        live, under_way = now is Phase.LIVE, self.codes.under_way(self._code())
        offered = []
        if under_way:
            full = ScreenAction(
                "full", "全屏出示", self._open_full, "F11", "maximize", enabled=live, tip="二维码占满本屏"
            )
            offered = [full, ScreenAction("void", "作废", self.void, icon="ban", face="danger")]
        face = "" if under_way or now is Phase.ISSUED else "primary"
        mint = ScreenAction("mint", self._mint_words(now), self.mint, "F10", "qrcode", face, self._may_mint())
        return (*offered, mint)

    def _mint_words(self, now: Phase) -> str:
        if self.codes.under_way(self._code()):
            return "作废并换新码"
        if now is Phase.ISSUED or (self._facts is not None and self._facts.claimed):
            return "补发领取码…"
        return "生成领取码" if now is Phase.READY else "重新生成领取码"

    def _may_mint(self) -> bool:
        facts = self._facts
        if facts is None or self._minting or facts.obstacle():
            return False
        # The record must know of the certificate before another code can be a replacement.
        return facts.claimed or self._phase() is not Phase.ISSUED

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "claim"

    def on_shown(self) -> None:
        """Refresh the list; the search line takes the focus while nothing is chosen."""
        self._reload()
        self.preflight.look()
        if not self._case:
            self.list.search.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the phone again."""
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask the hub nothing while nobody looks; the customer's screen stays."""
        super().hideEvent(event)
        self.follower.stop()

    # -- choosing ---------------------------------------------------------------------------------

    def open(self, case_id: str) -> None:
        """Show a case (deep link)."""
        self.list.search.clear()
        self._choose(case_id)
        self._reload()

    open_case = open

    def _reload(self) -> None:
        self._searching += 1
        mine, query = self._searching, self.list.search.text()
        task = self._desk.ask(self, lambda session, _p, _c: ops.find_cases(session, query), "claim list")
        task.on_success(lambda found: self._on_found(found, query) if mine == self._searching else None)
        task.on_failure(self._on_failed).start("store")

    def _on_found(self, found: Choices, query: str) -> None:
        if not query.strip():
            self._choices = found
        self.list.show_lines(found.lines, self._case, _NONE_FOUND if query.strip() else _NONE_YET)
        self.shell_changed.emit()
        if self._phase() is Phase.ISSUED:
            self._refresh()

    def _choose(self, case_id: str) -> None:
        if case_id != self._case:
            self._case, self._facts, self._problem = case_id, None, None
            self.list.rows.mark(case_id)
            self._refresh()
        self._load()

    def _load(self) -> None:
        case = self._case
        if not case:
            return
        task = self._desk.ask(self, lambda session, _p, _c: ops.load_case(session, case), "claim case")
        task.on_success(self._on_loaded).on_failure(self._on_failed).start("store")

    def _on_loaded(self, facts: CaseFacts) -> None:
        if facts.case != self._case:
            return
        first = self._facts is None
        self._facts = facts
        if first:
            self.program.fold(self._code() is not None)
            if facts.sent == "pending":
                self._hub.push()
        self._refresh()

    def _next(self) -> None:
        waiting = [each for each in self._choices.unclaimed if each != self._case] if self._choices else []
        if waiting:
            self.codes.drop(self._case)
            self.list.search.clear()
            self._choose(waiting[0])

    # -- minting and voiding ----------------------------------------------------------------------

    def mint(self) -> None:
        """Make a code (F10); ask first where something dies by it."""
        facts = self._facts
        if facts is None or not self._may_mint() or not self._agreed(facts):
            return
        if facts.sent == "pending":
            self._hub.push()
        self._minting, self._problem = True, None
        self._refresh()
        task = self._desk.act(self, lambda session, _p, _c: ops.mint(session, facts.case), "mint")
        task.on_success(lambda fresh: self._on_minted(facts, fresh))
        task.on_failure(self._on_mint_failed).on_cancelled(self._on_mint_stopped).start("store")

    def _agreed(self, facts: CaseFacts) -> bool:
        question = None
        if facts.claimed:
            question = replacement_question(facts)
        elif self.codes.under_way(self._code()) or facts.live_jti:
            question = renew_question(facts)
            if self._code() is not None and not self.codes.under_way(self._code()):
                question = None  # it is our own code that lives on in the record, and it is dead already
        return question is None or self._ask_first(self.window(), question)

    def _on_minted(self, facts: CaseFacts, fresh: Fresh) -> None:
        self._minting = False
        self.codes.keep(fresh, facts.claimed)
        self._hub.push()
        if facts.case == self._case:
            self.program.fold(True)
            self._refresh()
            self._remember_monitor()
            if not self.display.has_second():
                self._open_full()

    def _on_mint_failed(self, error: BaseException) -> None:
        self._minting = False
        self._problem = sentence(error)
        if self._code() is not None:
            self._say(self._problem, "bad")
        self._refresh()

    def _on_mint_stopped(self) -> None:
        self._minting = False
        self._refresh()

    def void(self) -> None:
        """Void the code on screen after asking."""
        facts, code = self._facts, self._code()
        if facts is None or code is None or not self._ask_first(self.window(), void_question(facts)):
            return
        task = self._desk.act(self, lambda session, _p, _c: ops.void(session, facts.case), "void")
        task.on_success(lambda _count: self._on_voided(code)).on_failure(self._on_failed).start("store")

    def _on_voided(self, code: KeptCode) -> None:
        code.voided = True
        self._hub.push()
        self._refresh()

    # -- the phone --------------------------------------------------------------------------------

    def _on_progress(self, jti: str, progress: Progress) -> None:
        code = self.codes.with_jti(jti)
        if code is None or not code.take(progress):
            return
        if progress.state in ("deferred", "issued"):
            # What the hub waits for goes out now; what it made comes down as a fact.
            self._hub.push()
        self._refresh()
        if self._phase() is Phase.ISSUED:
            self.done.next.setFocus()

    def _on_no_answer(self, jti: str, error: BaseException) -> None:
        code = self.codes.with_jti(jti)
        if code is None or self._desk.is_locked:
            return
        loopback = self._facts is not None and self._facts.loopback
        code.gone = unreachable(sentence(error), loopback)
        self._refresh()

    # -- showing ----------------------------------------------------------------------------------

    def _code(self) -> KeptCode | None:
        return self.codes.of(self._case)

    def _phase(self) -> Phase:
        return self.codes.phase(self._code())

    def _fetch_pin(self) -> str:
        code = self._code()
        return code.minted.pin if code is not None and self._phase() is Phase.LIVE else ""

    def pin_mode(self) -> PinMode:
        """Return how the PIN may show: the customer must not read it off a screen that serves both."""
        if self.display.has_second():
            return "shown"
        return "held" if self._desk.settings.pin_on_same_screen else "slip"

    def _refresh(self) -> None:
        facts, code = self._facts, self._code()
        self.program.setVisible(self._phase() is not Phase.ISSUED)
        if facts is None:
            self._front(self.empty)
            if not self._case:
                self.display.clear()
        elif code is None:
            self.ready.show_facts(facts, self._problem, self._minting, self._left_elsewhere(facts))
            self._front(self.ready)
            self.display.clear()
        elif self._phase() is Phase.ISSUED:
            waiting = len([x for x in self._choices.unclaimed if x != self._case]) if self._choices else 0
            self.done.show_done(facts, waiting)
            self._front(self.done)
            self.display.clear()
        else:
            self._show_code(facts, code)
        self._run_clocks(code)
        self.shell_changed.emit()

    def _show_code(self, facts: CaseFacts, code: KeptCode) -> None:
        remaining, now = self.codes.remaining(code), self._phase()
        self.code.show_state(code_state(facts, code, remaining, self.pin_mode()))
        self._front(self.code)
        if now in (Phase.LIVE, Phase.EXPIRED) or (now is Phase.TAKEN and remaining > 0):
            self.display.show_view(customer_view(facts, code, remaining, self._desk.settings))
        else:
            self.display.clear()

    def _left_elsewhere(self, facts: CaseFacts) -> int:
        if not facts.live_until or self._desk.is_locked:
            return 0
        return max(0, facts.live_until - int(self._desk.session.clock().timestamp()))

    def _run_clocks(self, code: KeptCode | None) -> None:
        if code is None:
            self._second.stop()
            self.follower.stop()
            return
        if not self._second.isActive():
            self._second.start()
        asks = worth_asking(code.progress, self.codes.remaining(code), code.voided)
        if asks and self.isVisible() and not self._desk.is_locked:
            self.follower.start(code.minted.jti)
        else:
            self.follower.stop()

    def _on_second(self) -> None:
        if self._facts is not None and self._phase() is not Phase.ISSUED:
            self._refresh()

    # -- side buttons -----------------------------------------------------------------------------

    def _open_full(self) -> None:
        if self._phase() is Phase.LIVE and not self._desk.is_locked:
            self.display.open_full(self._desk.settings.pin_on_same_screen)

    def _live_code(self) -> tuple[CaseFacts, KeptCode] | None:
        facts, code = self._facts, self._code()
        live = facts is not None and code is not None and self._phase() is Phase.LIVE
        return (facts, code) if live and facts is not None and code is not None else None

    # -- desk -------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        if self._desk.is_locked:
            return
        self._reload()
        self._load()

    def _on_settings(self) -> None:
        self.display.use_monitor(self._desk.settings.second_screen)
        self._refresh()

    def _on_locked(self) -> None:
        self.follower.stop()
        # It lies above the cover, and its button would still show the PIN.
        if self.display.full is not None:
            self.display.full.reject()

    def _on_unlocked(self) -> None:
        self._on_changed()
        self._refresh()

    def _remember_monitor(self) -> None:
        settings = self._desk.settings
        if self.display.remembered and not settings.second_screen:
            try:
                self._desk.change_settings(settings.changed(second_screen=self.display.remembered))
            except CertDeskError as error:
                self._say(sentence(error), "warn")

    def _say(self, message: Message, tone: str) -> None:
        self._navigator.toast(message.whole(), tone)

    def _on_failed(self, error: BaseException) -> None:
        if not (isinstance(error, CertDeskError) and error.code == "desk_locked"):
            self._say(sentence(error), "bad")


def make(desk: Desk, navigator: Navigator) -> ClaimScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return ClaimScreen(desk, navigator)
