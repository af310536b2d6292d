"""The sign-in card: who, password, and the quiet ways beside it."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.screens.unlock.cover import CoverPage, password_edit
from ui.screens.unlock.state import SignInState
from ui.widgets.buttons import Button
from ui.widgets.choices import PickBox
from ui.widgets.labels import label


class SignIn(CoverPage):
    """``show_state`` in; ``unlock_requested(login, password)`` out. The password is never kept."""

    unlock_requested = Signal(str, str)
    recover_requested = Signal()
    restore_requested = Signal()
    other_requested = Signal()
    renew_requested = Signal()
    leave_requested = Signal()

    def __init__(self, title: str, text: str, other: str = "", other_tip: str = "") -> None:
        super().__init__(title, text, width=30)
        self.login = PickBox()
        self.login.installEventFilter(self)
        self.unlock = Button("解锁", icon_name="lock-open", face="primary", on_click=self._on_unlock)
        self.password = password_edit(self.unlock)
        self.add_field("账号", self.login)
        self.add_field("密码", self.password)
        self.status = label("", "hint")
        self.body.addWidget(self.status)
        self.leave = Button("退出程序", face="quiet", on_click=self.leave_requested.emit)
        self.add_foot((self.leave,), (self.unlock,))
        ways = QVBoxLayout()
        ways.setSpacing(0)
        self.recover = Button("用恢复单重设密码", face="quiet", on_click=self.recover_requested.emit)
        self.restore = Button("从备份恢复…", face="quiet", on_click=self.restore_requested.emit)
        self.other = Button(other, face="quiet", on_click=self.other_requested.emit)
        self.other.setToolTip(other_tip)
        self.renew = Button("忘了演练密码？重新开始演练…", face="quiet", on_click=self.renew_requested.emit)
        self.renew.hide()
        for each in (self.recover, self.restore, self.other, self.renew):
            ways.addWidget(each, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(ways)
        # In the card by now: shown without a parent it would be a window of its own for a moment.
        self.other.setVisible(bool(other))
        order = (
            self.login,
            self.password,
            self.unlock,
            self.recover,
            self.restore,
            self.other,
            self.renew,
            self.leave,
        )
        for before, after in pairwise(order):
            QWidget.setTabOrder(before, after)
        self.state = SignInState()
        self.show_state(self.state)

    def show_state(self, state: SignInState) -> None:
        """Show who can sign in, what goes on, and what went wrong."""
        known = tuple(self.login.itemText(at) for at in range(self.login.count()))
        if known != state.logins:
            chosen = self.login.currentText()
            self.login.clear()
            self.login.addItems(state.logins)
            if chosen in state.logins:
                self.login.setCurrentText(chosen)
        self.state = state
        self.status.setText(state.busy)
        self.unlock.setEnabled(state.ready)
        self.recover.setEnabled(state.ready)
        # Never disabled: typing may begin before everything is loaded.
        self.tell(state.shown_problem())

    def choose(self, login: str) -> None:
        """Preselect an account."""
        at = self.login.findText(login)
        if at >= 0:
            self.login.setCurrentIndex(at)

    def reset(self) -> None:
        """Empty the password and put the focus there."""
        self.password.clear()
        self.password.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter on the account goes to the password."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        ):  # fmt: skip
            self.password.setFocus()
            return True
        return super().eventFilter(watched, event)

    def _on_unlock(self) -> None:
        if self.state.ready:
            password = self.password.text()
            self.password.clear()
            self.unlock_requested.emit(self.login.currentText(), password)
