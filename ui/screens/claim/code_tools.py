"""The small buttons beside a live code: slip, typed codes, the wallets' form, this machine's browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from ui.customer_view import Matrix
from ui.desk import Desk
from ui.messages import Message, sentence
from ui.paper_out import PaperOut
from ui.screens.claim import ops
from ui.screens.claim.code_card import CodeCard
from ui.screens.claim.codes import KeptCode
from ui.screens.claim.hub_line import HubLine
from ui.screens.claim.reverse import Reverse
from ui.screens.claim.state import CaseFacts
from ui.task import Task

LiveCode = Callable[[], tuple[CaseFacts, KeptCode] | None]
"""Gives the case and its code while that is live, else None."""

_NEEDS_HUB = "八位短码要在平台登记后才能用。"


class CodeTools:
    """Serves one card. ``refresh`` shows the page anew, ``say`` tells the person."""

    def __init__(
        self,
        owner: QWidget,
        desk: Desk,
        card: CodeCard,
        hub: HubLine,
        out: PaperOut,
        live: LiveCode,
        refresh: Callable[[], None],
        say: Callable[[Message, str], None],
    ) -> None:
        self._owner, self._desk, self._card, self._hub = owner, desk, card, hub
        self._out, self._live, self._refresh, self._say = out, live, refresh, say
        card.slip_requested.connect(self.print_slip)
        card.short_requested.connect(self._register_short)
        self.reverse = Reverse(owner, desk, hub, live, say)
        card.reverse_requested.connect(self.reverse.open)
        card.wallet_requested.connect(self._toggle_wallet)
        card.browser_requested.connect(self._open_browser)

    def print_slip(self) -> None:
        """Print the six digits (F9); they are never saved as a file."""
        found = self._live()
        if found is None:
            return
        facts, code = found
        phone, pin, end = self._desk.settings.office_phone, code.minted.pin, code.minted.expires_at
        printer = self._desk.settings.printer
        self._out.print(lambda: ops.pin_page(facts, phone, pin, end), "领取验证码条", name=printer)

    def _register_short(self) -> None:
        found = self._live()
        if found is not None:
            self._card.short.setEnabled(False)
            self._hub.register_short(found[1].minted, partial(self._on_short, found[1]), self._on_no_short)

    def _on_short(self, code: KeptCode, short: str) -> None:
        code.short = short
        self._refresh()

    def _on_no_short(self, error: BaseException) -> None:
        said = sentence(error)
        self._say(Message(said.title, _NEEDS_HUB + said.text, said.remedy), "warn")
        self._refresh()

    def _toggle_wallet(self) -> None:
        found = self._live()
        if found is None:
            return
        code = found[1]
        code.wallet = not code.wallet
        if code.wallet and not code.wallet_matrix:
            task: Task[Matrix] = Task(
                self._owner, lambda _p, _c: ops.draw(code.minted.scheme_link), "wallet code"
            )
            task.on_success(partial(self._on_drawn, code))
            task.on_failure(lambda error: self._say(sentence(error), "bad")).start("render")
        self._refresh()

    def _on_drawn(self, code: KeptCode, matrix: Matrix) -> None:
        code.wallet_matrix = matrix
        self._refresh()

    def _open_browser(self) -> None:
        found = self._live()
        if found is not None:
            QDesktopServices.openUrl(QUrl(found[1].minted.link))
