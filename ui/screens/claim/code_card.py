"""Step 2: the code itself, the six digits, the time left, and how far the phone has come."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.customer_view import Matrix
from ui.screens.claim.pin_face import PinFace
from ui.screens.claim.state import (
    CLOCK_OFF,
    LIFETIME,
    LOOPBACK,
    STEPS,
    UNDER_WAY,
    CodeState,
    Phase,
    clock,
    delivery_note,
    reached,
    spoken_short,
    telling,
)
from ui.theme import size, theme
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.labels import ElidedLabel, Picture, chip, label, restyle
from ui.widgets.notice import Notice
from ui.widgets.qr_view import QUIET, QrView

_AWAY = {Phase.EXPIRED: "已过期", Phase.TAKEN: "手机已在领取"}


class CodeCard(Card):
    """Dumb: ``show_state`` in, named wishes out."""

    slip_requested = Signal()
    short_requested = Signal()
    reverse_requested = Signal()
    wallet_requested = Signal()
    browser_requested = Signal()
    again_requested = Signal()

    def __init__(self, fetch_pin: Callable[[], str]) -> None:
        super().__init__("领取码", 2)
        self._matrix: Matrix = ()
        self.where = ElidedLabel(role="subtitle")
        self.heading.insertWidget(2, self.where, 1)
        self._band = chip("", "accent")
        self._band.hide()
        self.add_to_heading(self._band)
        row = QHBoxLayout()
        row.setSpacing(22)
        row.addWidget(self._build_code(), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._build_words(fetch_pin), 1)
        self.body.addLayout(row, 1)
        self._fit()
        theme().changed.connect(self._fit)

    def _build_code(self) -> QWidget:
        self.qr = QrView()
        self.qr.setAccessibleName("领取二维码")
        self._over_icon = Picture("qrcode", "faint", 2.4)
        self._over = label("", "section")
        away = QWidget()
        column = QVBoxLayout(away)
        column.setSpacing(10)
        column.addStretch(1)
        self.again = Button("重新生成领取码", key="F10", icon_name="qrcode", face="primary")
        self.again.clicked.connect(self.again_requested)
        for each in (self._over_icon, self._over, self.again):
            column.addWidget(each, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._code = QStackedWidget()
        self._code.addWidget(self.qr)
        self._code.addWidget(away)
        return self._code

    def _build_words(self, fetch_pin: Callable[[], str]) -> QVBoxLayout:
        self._unit = label(role="section", wrap=True)
        self._who = label(role="muted", wrap=True)
        self.pin = PinFace(fetch_pin)
        self._clock = label(role="strong")
        self._clock.setAccessibleName("剩余时间")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, LIFETIME)
        self.bar.setAccessibleName("领取码剩余时间")
        time_row = QHBoxLayout()
        time_row.setSpacing(10)
        time_row.addWidget(self._clock)
        time_row.addWidget(self.bar, 1)
        self._steps = [chip(text) for text in STEPS]
        self._progress = Notice()
        self.note = Notice()
        self._short = Notice()
        column = QVBoxLayout()
        column.setSpacing(7)
        column.addWidget(self._unit)
        column.addWidget(self._who)
        column.addWidget(label("领取验证码（口头告知申请人）", "label"))
        column.addWidget(self.pin)
        column.addLayout(time_row)
        column.addLayout(self._row(self._steps))
        for notice in (self._progress, self.note, self._short):
            column.addWidget(notice)
        column.addStretch(1)
        column.addLayout(self._build_buttons())
        return column

    def _build_buttons(self) -> QGridLayout:
        self.slip = Button("打印验证码条", key="F9", icon_name="printer", on_click=self.slip_requested.emit)
        self.short = Button("八位短码", icon_name="edit", on_click=self.short_requested.emit)
        self.reverse = Button("反向领取", icon_name="device-mobile", on_click=self.reverse_requested.emit)
        self.wallet = Button("钱包格式", icon_name="qrcode", on_click=self.wallet_requested.emit)
        self.browser = Button("本机打开", icon_name="external-link", on_click=self.browser_requested.emit)
        self.short.setToolTip("手机扫不了码时，登记一个八位码，由申请人在领取页手工输入")
        self.reverse.setToolTip("手机没有摄像头时，由手机显示短码，窗口人员在这里输入")
        self.wallet.setToolTip("手机装有支持 OpenID4VCI 的钱包时使用")
        self._tools = (self.slip, self.short, self.reverse, self.wallet, self.browser)
        for button in self._tools:
            restyle(button, low=True)
        self.browser.setToolTip("在这台电脑的浏览器里打开领取页")
        grid = QGridLayout()
        grid.setSpacing(6)
        for place, button in enumerate(self._tools):
            grid.addWidget(button, place // 2, place % 2)
        grid.setColumnStretch(2, 1)
        return grid

    @staticmethod
    def _row(widgets: list[QLabel]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for each in widgets:
            row.addWidget(each)
        row.addStretch(1)
        return row

    # -- showing ----------------------------------------------------------------------------------

    def show_state(self, state: CodeState) -> None:
        """Show a code; called every second."""
        now, facts = state.phase, state.facts
        live = now is Phase.LIVE
        self.where.set_text("钱包格式二维码" if state.wallet else "")
        self._band.setText("补发" if state.replacement else "")
        self._band.setVisible(state.replacement)
        self._unit.setText(facts.unit)
        self._who.setText(f"{facts.holder_title}　{facts.masked_name}　·　受理号 {facts.case_no}")
        self._code.setCurrentIndex(0 if live else 1)
        self.qr.set_matrix(state.matrix if live else ())
        if live and len(state.matrix) != len(self._matrix):
            self._matrix = state.matrix
            self._fit()
        self._over.setText(_AWAY.get(now, "二维码已收回"))
        self.again.setVisible(now not in UNDER_WAY)
        self.pin.show_pin(state.pin if live else "", state.pin_mode)
        self.pin.setEnabled(live)
        self._show_time(state.remaining if live or now is Phase.EXPIRED else 0)
        self._show_progress(state)
        self._show_notes(state)
        for button in self._tools:
            button.setEnabled(live)
        self.short.setEnabled(live and not state.short)
        self.wallet.set_caption("网页格式" if state.wallet else "钱包格式")
        self.browser.setVisible(facts.loopback)

    def _show_time(self, remaining: int) -> None:
        tone = "bad" if remaining <= 60 else "warn" if remaining <= 180 else ""
        self._clock.setText(f"剩余 {clock(remaining)}")
        restyle(self._clock, tone=tone)
        self.bar.setValue(max(0, min(LIFETIME, remaining)))

    def _show_progress(self, state: CodeState) -> None:
        come = reached(state.progress)
        bad = telling(state.progress, state.remaining, state.voided).tone == "bad"
        for place, step in enumerate(self._steps):
            tone = "good" if place < come else "accent" if place == come and not bad else ""
            restyle(step, tone=tone)
            step.setText(f"✓ {STEPS[place]}" if place < come else STEPS[place])
        said = telling(state.progress, state.remaining, state.voided)
        if state.gone is not None and state.phase in UNDER_WAY:
            said = state.gone
        self._progress.set_text(f"{said.title}。{said.text}", said.tone)

    def _show_notes(self, state: CodeState) -> None:
        text, tone = delivery_note(state.facts)
        if state.progress.state == "deferred":
            text = ""  # the state says it already
        if not text and state.clock_off:
            text, tone = CLOCK_OFF, "warn"
        if not text and state.facts.loopback:
            text, tone = LOOPBACK, "accent"
        self.note.setVisible(bool(text) and state.phase is Phase.LIVE)
        if text:
            self.note.set_text(text, tone)
        self._short.setVisible(bool(state.short) and state.phase is Phase.LIVE)
        if state.short:
            place = state.facts.issuer
            self._short.set_text(
                f"八位短码 {spoken_short(state.short)}　请申请人在手机浏览器打开 {place}，输入这八位。",
                "accent",
            )

    @property
    def progress_text(self) -> str:
        """The sentence on how far the phone has come."""
        return self._progress.accessibleName()

    @property
    def short_text(self) -> str:
        """The sentence with the typed code, or empty."""
        return "" if self._short.isHidden() else self._short.accessibleName()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the code what room there is."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # Whole px a module: 4 at 96 dpi are about 8 cm for a 69-module symbol (claim.md §5).
        modules = max(69, len(self._matrix)) + 2 * QUIET
        room = min(self.height() - 62, self.width() - 58 - round(size("body") * 23))
        side = modules * max(3, min(7, room // modules))
        self._code.setFixedSize(side, side)
        self.bar.setMinimumWidth(size("body") * 6)
