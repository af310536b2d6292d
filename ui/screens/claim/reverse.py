"""反向领取: the applicant's phone shows a short code, the clerk types it, the claim code goes there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.claims import short_code
from core.errors import CertDeskError, UserError
from ui.desk import Desk
from ui.messages import Message, sentence
from ui.screens.claim.codes import KeptCode
from ui.screens.claim.hub_line import HubLine
from ui.screens.claim.state import CaseFacts, Progress, telling
from ui.theme import size
from ui.widgets.buttons import Button
from ui.widgets.labels import Picture, label
from ui.widgets.notice import Notice

_OPEN = "手机没有摄像头、扫不了码时，请申请人用手机浏览器打开："
_THEN = "点“无法扫码？显示短码”，再把手机上的八位短码输入这里。"
_SENT = Message("反向领取", "已发到手机", "请告知六位领取验证码")
_NEEDS_HUB = "反向领取要经过平台，现在连不上平台"
_ONLINE = "请按 F5 接通平台后再发；申请人换一部能扫码的手机，可直接扫二维码"
_TOO_OLD = Message("暂时无法完成", "平台还没有反向领取这项功能", "请改用八位短码，并请平台更新程序")


def typing_problem(text: str) -> str:
    """Return what is wrong with a phone's code as typed so far, or empty: it is judged when all is there."""
    try:
        short_code.parse(text)
    except UserError:
        return (
            sentence(UserError("reverse_wrong")).whole() if len(_symbols(text)) >= short_code.LENGTH else ""
        )
    return ""


def _symbols(text: str) -> str:
    return "".join(each for each in text if each.isalnum())


def problem_of(error: BaseException) -> Message:
    """Return the sentence for a code that did not go to the phone, with what to do at the counter."""
    if not isinstance(error, CertDeskError):
        return sentence(error)
    if error.code == "hub_unreachable":
        return Message("暂时无法完成", _NEEDS_HUB, _ONLINE)
    reason, told = error.params.get("reason"), error.params.get("told")
    if reason == "claim_refused" and isinstance(told, dict):
        said = telling(Progress("refused", word=str(told.get("word", ""))), 1, False)
        return Message(said.title, said.text)
    if error.code == "hub_refused" and not reason and error.params.get("status") == 404:
        return _TOO_OLD
    return sentence(error)


class ReverseDialog(QDialog):
    """Dumb: the clerk types, ``wished`` carries a code whose check character is right."""

    wished = Signal(str)

    def __init__(self, parent: QWidget | None, facts: CaseFacts) -> None:
        super().__init__(parent)
        self.setWindowTitle("反向领取")
        self.setMinimumWidth(size("body") * 38)
        self._busy = False
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        headline = QHBoxLayout()
        headline.setSpacing(10)
        headline.addWidget(Picture("device-mobile", "accent_text", 1.3))
        headline.addWidget(label("反向领取", "section"), 1)
        column.addLayout(headline)
        column.addWidget(
            label(f"{facts.unit}　{facts.holder_title}　{facts.masked_name}", "muted", wrap=True)
        )
        for text, role in ((_OPEN, "body"), (facts.issuer, "strong"), (_THEN, "body")):
            column.addWidget(label(text, role, wrap=True))
        self.line = QLineEdit()
        self.line.setMaxLength(20)
        self.line.setPlaceholderText("XXXX-XXXX，大小写不限")
        self.line.setAccessibleName("手机上的八位短码")
        self.line.textChanged.connect(self._check)
        column.addWidget(label("手机上的八位短码", "label", buddy=self.line))
        column.addWidget(self.line)
        self.problem = Notice("", "bad")
        column.addWidget(self.problem)
        column.addSpacing(4)
        self._add_buttons(column)
        self._check("")
        self.line.setFocus()

    def _add_buttons(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        row.addStretch(1)
        self.stay = Button("返回", key="Esc", on_click=self.reject)
        self.confirm = Button("发到手机", key="Enter", face="primary", on_click=self._wish)
        self.confirm.setDefault(True)
        row.addWidget(self.stay)
        row.addWidget(self.confirm)
        column.addLayout(row)

    def _check(self, text: str) -> None:
        self._say(typing_problem(text))
        whole = len(_symbols(text)) == short_code.LENGTH and not typing_problem(text)
        self.confirm.setEnabled(whole and not self._busy)

    def _say(self, text: str) -> None:
        self.problem.setVisible(bool(text))
        self.problem.set_text(text, "bad")
        self._grow()

    def _grow(self) -> None:
        # Wrapped words ask for height only once the width is known; a dialog does not follow by itself.
        layout = self.layout()
        if layout is not None and self.isVisible():
            self.problem.adjustSize()
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height that the words need."""
        super().showEvent(event)
        self._grow()

    def _wish(self) -> None:
        self.show_busy(True)
        self.wished.emit(self.line.text())

    def show_busy(self, busy: bool) -> None:
        """Lock the line while the hub is asked."""
        self._busy = busy
        self.line.setReadOnly(busy)
        self.confirm.set_caption("正在发送…" if busy else "发到手机", "" if busy else "Enter")
        self._check(self.line.text())

    def show_problem(self, message: Message) -> None:
        """Say why nothing went to the phone; the code stays to be mended."""
        self.show_busy(False)
        self._say(message.whole())
        self.line.setFocus()
        self.line.selectAll()


class Reverse:
    """Opens the dialog for a live code and sends what is typed. ``say`` tells the person."""

    def __init__(
        self,
        owner: QWidget,
        desk: Desk,
        hub: HubLine,
        live: Callable[[], tuple[CaseFacts, KeptCode] | None],
        say: Callable[[Message, str], None],
    ) -> None:
        self._owner, self._hub, self._live, self._say = owner, hub, live, say
        self.dialog: ReverseDialog | None = None
        desk.locked.connect(self._close)

    def open(self) -> None:
        """Ask for the phone's code."""
        found = self._live()
        if found is None:
            return
        self._close()
        self.dialog = dialog = ReverseDialog(self._owner.window(), found[0])
        dialog.wished.connect(partial(self._send, dialog, found[1]))
        dialog.finished.connect(lambda _result: self._forget(dialog))
        dialog.open()

    def _send(self, dialog: ReverseDialog, code: KeptCode, short: str) -> None:
        done, failed = partial(self._on_sent, dialog), partial(self._on_failed, dialog)
        self._hub.send_to_phone(code.minted, short, done, failed)

    def _on_sent(self, dialog: ReverseDialog) -> None:
        if dialog is self.dialog:
            dialog.accept()
        self._say(_SENT, "good")

    def _on_failed(self, dialog: ReverseDialog, error: BaseException) -> None:
        if dialog is self.dialog:
            dialog.show_problem(problem_of(error))

    def _forget(self, dialog: ReverseDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
        dialog.deleteLater()

    def _close(self) -> None:
        if self.dialog is not None:
            self.dialog.reject()
