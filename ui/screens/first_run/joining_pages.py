"""The pages of a computer that joins an office: who asks, and what is waited for."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ui.files import PACKAGE, Chooser, DialogChooser
from ui.messages import Message
from ui.screens.first_run.state import JoinWish, login_problem, password_problem
from ui.screens.unlock.cover import CoverPage, password_edit
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.choices import TickBox
from ui.widgets.labels import label

_ASK = (
    "本机关已有电脑在用时，在这里为这台电脑生成加入申请。请填写您在本机关登录用的账号和密码："
    "密码同时保护等待加入的密钥，加入时还要输入。"
)
_WAITING = "这台电脑已生成加入申请，还不是本机关的电脑。关闭程序后可以再来。"
_STEPS = (
    "1. 把申请文件带到本机关已在用的电脑，请管理员在“设置—电脑—新增电脑…”里选它。",
    "2. 请管理员把那边显示的指纹与下面的逐字核对，完全一致才可以接纳：",
    "3. 把管理员写出的资料包（.cdpack）带回这台电脑，在下面选它并加入。",
)
_GONE = "这台电脑上的加入申请打不开。"


class AskToJoin(CoverPage):
    """Account and password; ``next_requested`` once nothing is wrong."""

    next_requested = Signal()
    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__("加入已有登记机关", _ASK, width=40)
        self.next = Button("生成申请文件…", icon_name="usb", face="primary", on_click=self._on_next)
        self.back = Button("返回", face="quiet", on_click=self.back_requested.emit)
        self.login = QLineEdit()
        self.login.setMaxLength(40)
        self.password, self.again = password_edit(), password_edit(self.next)
        self.add_field("账号", self.login, "与在其他电脑上登录时选的账号相同，例如：窗口一。")
        self.add_field("密码", self.password)
        self.add_field("再输入一次", self.again)
        self.login.returnPressed.connect(self.password.setFocus)
        self.password.returnPressed.connect(self.again.setFocus)
        self.add_foot((self.back,), (self.next,))
        self.setFocusProxy(self.login)

    def clear_passwords(self) -> None:
        """Keep no password in the fields."""
        self.password.clear()
        self.again.clear()

    def _on_next(self) -> None:
        problem = login_problem(self.login.text()) or password_problem(
            self.password.text(), self.again.text()
        )
        if problem:
            self.tell(Message("", problem))
            return
        self.tell(None)
        self.next_requested.emit()


class WaitToJoin(CoverPage):
    """等待接纳: the fingerprint, what to do, and the way in once the package is here."""

    join_requested = Signal()
    write_requested = Signal()
    give_up_requested = Signal()
    back_requested = Signal()

    def __init__(self, chooser: Chooser | None = None) -> None:
        super().__init__("等待接纳", _WAITING, width=50)
        self.chooser: Chooser = chooser or DialogChooser()
        self.mark = label("", "title")
        self._add_steps()
        self.file = QLineEdit()
        self.browse = Button("选择…", on_click=self._on_browse)
        self.add_field("管理员写出的资料包", _row(self.file, self.browse))
        self.file.setAccessibleName("管理员写出的资料包")
        self.join = Button("加入", icon_name="device-desktop", face="primary", on_click=self._on_join)
        self.login = QLineEdit()
        self.password = password_edit(self.join)
        self.login.setAccessibleName("账号")
        self.password.setAccessibleName("密码")
        self.body.addWidget(label("账号和登录密码", "label", buddy=self.login))
        self.body.addWidget(_row(self.login, self.password))
        self.login.returnPressed.connect(self.password.setFocus)
        self.another = TickBox("生成申请时用的是另一个密码")
        self.asked_with = password_edit(self.join)
        self.asked_with.setAccessibleName("生成申请时的密码")
        self.asked_with.setPlaceholderText("生成申请时的密码")
        self.body.addWidget(self.another)
        self.body.addWidget(self.asked_with)
        self.asked_with.hide()
        self.another.toggled.connect(self.asked_with.setVisible)
        self.back = Button("返回", face="quiet", on_click=self.back_requested.emit)
        self.write = Button("再写一份申请…", face="quiet", on_click=self.write_requested.emit)
        self.give_up = Button("放弃申请…", face="quiet", on_click=self.give_up_requested.emit)
        self.add_foot((self.back, self.write, self.give_up), (self.join,))
        self.setFocusProxy(self.browse)

    def _add_steps(self) -> None:
        self.mark.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        box = frame("notice", "accent")
        row = QHBoxLayout(box)
        row.setContentsMargins(14, 10, 14, 10)
        row.addWidget(self.mark)
        row.addStretch(1)
        for text in _STEPS[:2]:
            self.body.addWidget(label(text, wrap=True))
        self.body.addWidget(box)
        self.body.addWidget(label(_STEPS[2], wrap=True))

    def show_waiting(self, mark: str, login: str) -> None:
        """Show whose request waits; an empty ``mark``: it cannot be read, only given up."""
        self.mark.setText(mark or _GONE)
        self.mark.setAccessibleName(f"本机指纹 {mark}" if mark else _GONE)
        self.login.setText(self.login.text() or login)
        for each in (self.join, self.write):
            each.setEnabled(bool(mark))
        self.tell(None)

    def wish(self) -> JoinWish:
        """Return what stands in the fields."""
        asked_with = self.asked_with.text() if self.another.isChecked() else ""
        return JoinWish(self.file.text().strip(), self.login.text().strip(), self.password.text(), asked_with)

    def clear_passwords(self) -> None:
        """Keep no password in the fields."""
        self.password.clear()
        self.asked_with.clear()

    def ask_for_other(self) -> None:
        """The keys are under another password: show where it goes."""
        self.another.setChecked(True)
        self.asked_with.setFocus()

    def _on_browse(self) -> None:
        chosen = self.chooser.open(self, "选择管理员写出的资料包", PACKAGE)
        if chosen:
            self.file.setText(chosen)
            (self.password if self.login.text() else self.login).setFocus()

    def _on_join(self) -> None:
        problem = self.wish().problem()
        if problem:
            self.tell(Message("", problem))
            return
        self.tell(None)
        self.join_requested.emit()


def _row(*parts: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme().base // 2)
    for index, part in enumerate(parts):
        row.addWidget(part, 0 if index and isinstance(part, Button) else 1)
    return holder
