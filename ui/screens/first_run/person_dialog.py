"""One person's account: label, name, roles, password twice. Used by the wizard and by the settings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.messages import Message
from ui.roles import ROLE_NAMES
from ui.screens.first_run.state import PersonDraft, password_problem, person_problem
from ui.screens.unlock.cover import password_edit
from ui.widgets.buttons import Button
from ui.widgets.choices import TickBox
from ui.widgets.labels import label
from ui.widgets.notice import Notice


class _Frame(QDialog):
    """Fields over a notice over two buttons."""

    def __init__(self, parent: QWidget | None, title: str, confirm: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(420)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 18)
        self.column.setSpacing(6)
        self.column.addWidget(label(title, "section"))
        self.notice = Notice("", "bad")
        self.notice.hide()
        self.stay = Button("返回", key="Esc", on_click=self.reject)
        self.confirm = Button(confirm, face="primary", on_click=self.on_confirm)

    def add_field(self, caption: str, editor: QLineEdit, hint: str = "") -> None:
        """Append a caption over a line; Enter goes on."""
        editor.setAccessibleName(caption)
        self.column.addWidget(label(caption, "label", buddy=editor))
        self.column.addWidget(editor)
        if hint:
            self.column.addWidget(label(hint, "hint", wrap=True))

    def close_layout(self) -> None:
        """Append notice and buttons."""
        self.column.addSpacing(6)
        self.column.addWidget(self.notice)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.stay)
        row.addWidget(self.confirm)
        self.column.addLayout(row)

    def complain(self, problem: str) -> bool:
        """Show what is wrong; return whether something was."""
        self.notice.setVisible(bool(problem))
        self.notice.set_text(Message("", problem).whole() if problem else "", "bad")
        return bool(problem)

    def on_confirm(self) -> None:
        """Check and accept."""


class PersonDialog(_Frame):
    """Ends with :attr:`draft` filled in."""

    def __init__(
        self, parent: QWidget | None, title: str, taken: Sequence[str], roles: Sequence[str] = ()
    ) -> None:
        super().__init__(parent, title, "添加")
        self._taken = tuple(taken)
        self.draft = PersonDraft()
        self.login, self.name = QLineEdit(), QLineEdit()
        self.password, self.again = password_edit(), password_edit(self.confirm)
        self.login.setMaxLength(40)
        self.add_field("账号（显示在登录界面，不要用真实姓名）", self.login, "例如：窗口一、审核一。")
        self.add_field("姓名", self.name)
        row = QHBoxLayout()
        self.roles = {role: TickBox(name) for role, name in ROLE_NAMES.items()}
        for role, box in self.roles.items():
            box.setChecked(role in roles)
            row.addWidget(box)
        row.addStretch(1)
        self.column.addWidget(label("角色", "label"))
        self.column.addLayout(row)
        self.add_field("密码（至少 8 个字符，由本人输入）", self.password)
        self.add_field("再输入一次", self.again)
        for before, after in (
            (self.login, self.name),
            (self.name, self.password),
            (self.password, self.again),
        ):
            before.returnPressed.connect(after.setFocus)
        self.close_layout()
        self.login.setFocus()

    def typed(self) -> PersonDraft:
        """Return what stands in the fields."""
        roles = frozenset(role for role, box in self.roles.items() if box.isChecked())
        return PersonDraft(
            self.login.text().strip(),
            self.name.text().strip(),
            roles,
            self.password.text(),
            self.again.text(),
        )

    def on_confirm(self) -> None:
        """Accept once nothing is wrong."""
        draft = self.typed()
        if not self.complain(person_problem(draft, self._taken)):
            self.draft = draft
            self.accept()


class PasswordDialog(_Frame):
    """A new password twice, and the old one where ``with_old``."""

    def __init__(self, parent: QWidget | None, title: str, *, with_old: bool) -> None:
        super().__init__(parent, title, "设置新密码")
        self.old: QLineEdit | None = None
        self.password, self.again = password_edit(), password_edit(self.confirm)
        if with_old:
            self.old = password_edit()
            self.old.returnPressed.connect(self.password.setFocus)
            self.add_field("现在的密码", self.old)
        self.add_field("新密码（至少 8 个字符，由本人输入）", self.password)
        self.add_field("再输入一次", self.again)
        self.password.returnPressed.connect(self.again.setFocus)
        self.close_layout()
        (self.old or self.password).setFocus()

    def on_confirm(self) -> None:
        """Accept once nothing is wrong."""
        if not self.complain(password_problem(self.password.text(), self.again.text())):
            self.accept()


class RolesDialog(_Frame):
    """Which roles a person holds."""

    def __init__(self, parent: QWidget | None, login: str, roles: Sequence[str]) -> None:
        super().__init__(parent, f"{login} 的角色", "保存")
        self.boxes = {role: TickBox(name) for role, name in ROLE_NAMES.items()}
        for role, box in self.boxes.items():
            box.setChecked(role in roles)
            self.column.addWidget(box)
        self.close_layout()

    def chosen(self) -> frozenset[str]:
        """Return the ticked roles."""
        return frozenset(role for role, box in self.boxes.items() if box.isChecked())

    def on_confirm(self) -> None:
        """Accept once a role is left."""
        if not self.complain("" if self.chosen() else "请至少选择一个角色。"):
            self.accept()
