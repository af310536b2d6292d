"""A new password by the printed recovery slip."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from ui.messages import Message
from ui.screens.unlock.cover import CoverPage, password_edit
from ui.widgets.buttons import Button
from ui.widgets.choices import PickBox

UNLIKE = Message("请核对", "两次输入的新密码不一致。", "请重新输入。")


class Recover(CoverPage):
    """Emits ``recover_requested(login, code, new password)`` or ``back_requested``."""

    recover_requested = Signal(str, str, str)
    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__(
            "用恢复单重设密码", "恢复单用过一次即作废，重设后会给出新的恢复码，请再次打印存好。", width=34
        )
        self.login = PickBox()
        self.code = QLineEdit()
        self.code.setPlaceholderText("XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX")
        self.go = Button("重设密码", face="primary", on_click=self._on_go)
        self.back = Button("返回", face="quiet", on_click=self.back_requested.emit)
        self.new = password_edit()
        self.again = password_edit(self.go)
        self.code.returnPressed.connect(self.new.setFocus)
        self.new.returnPressed.connect(self.again.setFocus)
        self.add_field("账号", self.login)
        self.add_field("恢复码（恢复单上的七组字符）", self.code, "大小写、空格和短横不影响。")
        self.add_field("新密码（至少 8 个字符）", self.new)
        self.add_field("再输入一次", self.again)
        self.add_foot((self.back,), (self.go,))

    def open(self, logins: tuple[str, ...], chosen: str) -> None:
        """Begin anew."""
        self.login.clear()
        self.login.addItems(logins)
        self.login.setCurrentText(chosen)
        for each in (self.code, self.new, self.again):
            each.clear()
        self.tell(None)
        self.set_busy(False)
        self.code.setFocus()

    def set_busy(self, busy: bool) -> None:
        """Hold the button while it is being tried."""
        self.go.setEnabled(not busy)

    def _on_go(self) -> None:
        if self.new.text() != self.again.text():
            self.tell(UNLIKE)
            self.again.clear()
            self.new.setFocus()
            return
        self.tell(None)
        self.set_busy(True)
        self.recover_requested.emit(self.login.currentText(), self.code.text(), self.new.text())
