"""People: add, roles, new password, disable; everybody may change their own password."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableWidget, QTableWidgetItem

from ui.messages import Message
from ui.screens.first_run.person_dialog import PasswordDialog, PersonDialog, RolesDialog
from ui.screens.first_run.slips import Slips, SlipsDialog, slip_maker
from ui.screens.first_run.state import PersonDraft
from ui.screens.settings.section import Section
from ui.screens.settings.state import MemberLine, member_line
from ui.theme import size
from ui.widgets.buttons import Button
from ui.widgets.confirm import Question, ask

if TYPE_CHECKING:
    from core.services.office_papers import OfficeFace
    from core.services.session import Session

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_HEADINGS = ("账号", "姓名", "角色", "状态")


class People(Section):
    """A table and what may be done with the chosen line."""

    title = "人员"
    needs_face = True

    def build(self) -> None:
        """Table over buttons."""
        self.lines: tuple[MemberLine, ...] = ()
        self._admin, self._me = False, ""
        card = self.add_card(
            "人员与角色", "受理和审核须由两个人办理。停用立即生效；离开岗位的人员请停用，不要转让密码。"
        )
        self.table = QTableWidget(0, len(_HEADINGS))
        self.table.setHorizontalHeaderLabels(_HEADINGS)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setAccessibleName("人员")
        self.table.horizontalHeader().setDefaultAlignment(_LEFT)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._enable)
        card.body.addWidget(self.table)
        row = QHBoxLayout()
        self.add = Button("添加人员…", icon_name="user-plus", on_click=self._on_add)
        self.roles = Button("改角色…", icon_name="user-edit", on_click=self._on_roles)
        self.reset = Button("重设密码…", icon_name="key", on_click=self._on_reset)
        self.switch = Button("停用", icon_name="ban", on_click=self._on_switch)
        for button in (self.add, self.roles, self.reset, self.switch):
            row.addWidget(button)
        row.addStretch(1)
        card.body.addLayout(row)
        own = self.add_card("我的密码", "修改后会给出新的恢复码，原恢复单作废。")
        self.own = Button("修改我的密码…", icon_name="key", on_click=self._on_own)
        line = QHBoxLayout()
        line.addWidget(self.own)
        line.addStretch(1)
        own.body.addLayout(line)
        self._enable()

    def refresh(self) -> None:
        """Ask who is there."""
        super().refresh()

        def op(session: Session) -> tuple[MemberLine, ...]:
            from core.services.people import members

            return tuple(member_line(member) for member in members(session))

        self.ask(op, self._show)

    def show_face(self, face: OfficeFace) -> None:
        """Learn whether an administrator looks at it."""
        self._admin, self._me = "admin" in face.roles, face.person
        if not self._admin:
            self.say(Message("", "人员由管理员维护；您可以在这里修改自己的密码。"), "accent")
        self._enable()

    def _show(self, lines: tuple[MemberLine, ...]) -> None:
        chosen = self._chosen()
        self.lines = lines
        self.table.setRowCount(len(lines))
        for row, line in enumerate(lines):
            for column, text in enumerate(line.cells()):
                self.table.setItem(row, column, QTableWidgetItem(text))
            self.table.setRowHeight(row, size("row_height"))
        shown = min(8, max(3, len(lines)))
        self.table.setFixedHeight(size("row_height") * (shown + 1) + 8)
        keep = [row for row, line in enumerate(lines) if chosen and line.id == chosen.id]
        self.table.selectRow(keep[0] if keep else 0)
        self._enable()

    def _chosen(self) -> MemberLine | None:
        row = self.table.currentRow()
        return self.lines[row] if 0 <= row < len(self.lines) else None

    def _enable(self) -> None:
        line = self._chosen()
        self.add.setEnabled(self._admin)
        for button in (self.roles, self.reset, self.switch):
            button.setEnabled(self._admin and line is not None)
        if line is not None:
            self.switch.set_caption("停用" if line.active else "重新启用")
            if line.id == self._me:
                self.reset.setEnabled(False)

    # -- acts -------------------------------------------------------------------------------------

    def _on_add(self) -> None:
        dialog = PersonDialog(self, "添加人员", [line.login for line in self.lines])
        if dialog.exec():
            self.put(dialog.draft)

    def put(self, draft: PersonDraft) -> None:
        """Add a person as typed; the new recovery code follows."""

        def op(session: Session) -> str:
            from core.records.people import Role
            from core.services.people import NewPerson, add_person

            roles = frozenset(Role(role) for role in draft.roles)
            return add_person(session, NewPerson(draft.login, draft.name, draft.password, roles))

        self.act(op, self._show_slip(draft.login))

    def _on_roles(self) -> None:
        line = self._chosen()
        if line is None:
            return
        dialog = RolesDialog(self, line.login, line.roles)
        if not dialog.exec():
            return
        wanted = dialog.chosen()

        def op(session: Session) -> None:
            from core.records.people import Role
            from core.services.people import set_roles

            set_roles(session, line.id, frozenset(Role(role) for role in wanted))

        self.act(op, lambda nothing: self._done("角色已更改，下次登录时生效。"))

    def _on_reset(self) -> None:
        line = self._chosen()
        if line is None:
            return
        dialog = PasswordDialog(self, f"为 {line.login} 重设密码", with_old=False)
        if dialog.exec():
            self.reset_password(line, dialog.password.text())

    def reset_password(self, line: MemberLine, new: str) -> None:
        """Give a person a new password, key and recovery code."""

        def op(session: Session) -> str:
            from core.services.people import reset_password

            return reset_password(session, line.id, new)

        self.act(op, self._show_slip(line.login))

    def _on_switch(self) -> None:
        line = self._chosen()
        if line is None:
            return
        if line.active and not ask(
            self,
            Question(
                "停用人员",
                "停用后此账号立即不能登录，已办理的记录保留。",
                "停用",
                (line.login,),
                danger=True,
            ),
        ):
            return

        def op(session: Session) -> None:
            from core.services.people import set_active

            set_active(session, line.id, not line.active)

        self.act(op, lambda nothing: self._done("已停用。" if line.active else "已重新启用。"))

    def _on_own(self) -> None:
        dialog = PasswordDialog(self, "修改我的密码", with_old=True)
        if dialog.exec() and dialog.old is not None:
            self.change_own(dialog.old.text(), dialog.password.text())

    def change_own(self, old: str, new: str) -> None:
        """Change the password of the person at the desk."""

        def op(session: Session) -> str:
            from core.services.people import change_password

            return change_password(session, old, new)

        mine = next((line.login for line in self.lines if line.id == self._me), "")
        self.act(op, self._show_slip(mine))

    def _done(self, words: str) -> None:
        self.navigator.toast(words)
        self.refresh()

    def _show_slip(self, login: str) -> Callable[[str], None]:
        def show(code: str) -> None:
            self.refresh()
            settings = self.desk.settings
            slips = Slips(
                {login: code},
                slip_maker(self.desk.session, settings.office_phone),
                printer_name=settings.printer,
                chooser=self.chooser,
            )
            self.dialog = SlipsDialog(self, slips)
            self.dialog.open()

        return show
