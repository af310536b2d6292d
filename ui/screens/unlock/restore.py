"""An office back from its backup file."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ui.files import BACKUP, Chooser, DialogChooser
from ui.messages import Message
from ui.screens.unlock.cover import CoverPage, password_edit
from ui.widgets.buttons import Button

_MISSING = Message("请核对", "还没有选择备份文件、账号或密码。", "请填写完整后再恢复。")


class Restore(CoverPage):
    """Emits ``restore_requested(file, login, password)`` or ``back_requested``."""

    restore_requested = Signal(str, str, str)
    back_requested = Signal()

    def __init__(self, chooser: Chooser | None = None) -> None:
        super().__init__(
            "从备份恢复",
            "备份文件是加密的，须用备份当时有效的账号和密码打开。现有数据不会删除，会另存在旁边的文件夹里。",
            width=36,
        )
        self.chooser: Chooser = chooser or DialogChooser()
        self.file = QLineEdit()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.file, 1)
        self.browse = Button("选择…", on_click=self._on_browse)
        row.addWidget(self.browse)
        holder = QWidget()
        holder.setLayout(row)
        self.add_field("备份文件", holder)
        self.file.setAccessibleName("备份文件")
        self.login = QLineEdit()
        self.go = Button("恢复", icon_name="database-import", face="primary", on_click=self._on_go)
        self.back = Button("返回", face="quiet", on_click=self.back_requested.emit)
        self.password = password_edit(self.go)
        self.login.returnPressed.connect(self.password.setFocus)
        self.add_field("账号", self.login)
        self.add_field("密码", self.password)
        self.add_foot((self.back,), (self.go,))

    def open(self) -> None:
        """Begin anew."""
        self.password.clear()
        self.tell(None)
        self.go.setEnabled(True)
        self.file.setFocus()

    def _on_browse(self) -> None:
        chosen = self.chooser.open(self, "选择备份文件", BACKUP)
        if chosen:
            self.file.setText(chosen)
            self.login.setFocus()

    def _on_go(self) -> None:
        if not (self.file.text() and self.login.text() and self.password.text()):
            self.tell(_MISSING)
            return
        self.go.setEnabled(False)
        self.tell(Message("", "正在核对并恢复，请稍候…"), "accent")
        self.restore_requested.emit(self.file.text(), self.login.text(), self.password.text())
