"""Step 2 before there is a code: who it is for, what will happen, and what stands in the way."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from ui.messages import Message
from ui.screens.claim.state import CaseFacts, clock, delivery_note
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.labels import label
from ui.widgets.notice import Notice


class ReadyCard(Card):
    """``mint_requested`` from the large button; F10 does the same."""

    mint_requested = Signal()

    def __init__(self) -> None:
        super().__init__("领取码", 2)
        self._unit = label(role="title", wrap=True)
        self._who = label(role="muted", wrap=True)
        self._how = label(wrap=True)
        self.note = Notice()
        self.live = Notice()
        self.problem = Notice("", "bad")
        self.mint = Button("生成领取码", key="F10", icon_name="qrcode", face="primary")
        self.mint.clicked.connect(self.mint_requested)
        row = QHBoxLayout()
        row.addWidget(self.mint)
        row.addStretch(1)
        self.body.addSpacing(6)
        for each in (self._unit, self._who, self._how, self.note, self.live, self.problem):
            self.body.addWidget(each)
        self.body.addSpacing(6)
        self.body.addLayout(row)
        self.body.addStretch(1)

    def show_facts(self, facts: CaseFacts, problem: Message | None, busy: bool, live_left: int) -> None:
        """Show the case; ``problem`` is why the last try failed, ``live_left`` the seconds an earlier code
        that is not in this window's memory still lives."""
        self._unit.setText(facts.unit)
        self._who.setText(
            f"{facts.holder_title}　{facts.masked_name}　·　受理号 {facts.case_no}　·　请先核对身份"
        )
        if facts.claimed:
            self._how.setText(
                "这件申请的证书已经领取过。如手机丢失、更换或没有收到证书，可以补发领取码："
                "新手机领到证书时，原手机上的证书立即失效。"
            )
        else:
            self._how.setText(
                "生成后，申请人扫二维码，您口头告知六位验证码。领取码十分钟内有效，只能领取一次，"
                "生成时不需要网络。"
            )
        text, tone = delivery_note(facts)
        obstacle = facts.obstacle()
        if obstacle:
            text, tone = obstacle, "warn"
        self.note.setVisible(bool(text))
        if text:
            self.note.set_text(text, tone)
        self.live.setVisible(live_left > 0)
        if live_left > 0:
            self.live.set_text(
                f"此前生成的领取码还有 {clock(live_left)} 有效，本窗口已不再显示它；生成新码会使它作废。",
                "warn",
            )
        self.problem.setVisible(problem is not None)
        if problem is not None:
            self.problem.set_text(problem.whole(), "bad")
        self.mint.set_caption("补发领取码…" if facts.claimed else "生成领取码", "F10")
        self.mint.setEnabled(not busy and not obstacle)
