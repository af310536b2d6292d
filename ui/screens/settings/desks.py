"""The office's computers: which there are, and for an administrator the way to one more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableWidget, QTableWidgetItem

from core.errors import EnvironmentFault
from ui.files import PACKAGE, REQUEST
from ui.messages import Message
from ui.screens.settings.section import Section
from ui.sync_view import clock_words
from ui.theme import size
from ui.widgets.buttons import Button
from ui.widgets.confirm import Question, ask
from ui.widgets.labels import label

if TYPE_CHECKING:
    from core.services.desks import DeskLine
    from core.services.office_papers import OfficeFace
    from core.services.session import Session

_HEADINGS = ("电脑", "钥匙编号", "加入时间", "状态")
_LARGEST = 1 << 20


class Desks(Section):
    """A table, and one button for administrators."""

    title = "电脑"
    needs_face = True

    def build(self) -> None:
        """One card."""
        self.ask_first = ask
        self.lines: tuple[DeskLine, ...] = ()
        card = self.add_card("本机关的电脑", "每台电脑各有自己的钥匙。停用由上级办理，停用后本机同步时得知。")
        self.table = QTableWidget(0, len(_HEADINGS))
        self.table.setHorizontalHeaderLabels(_HEADINGS)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setAccessibleName("本机关的电脑")
        self.table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        card.body.addWidget(self.table)
        row = QHBoxLayout()
        self.add = Button("新增电脑…", icon_name="device-desktop", on_click=self._on_add)
        row.addWidget(self.add)
        row.addStretch(1)
        card.body.addLayout(row)
        self.how = label(
            "先在新电脑上生成申请文件，再在这里选它、核对指纹、写出资料包，带回新电脑使用。",
            "hint",
            wrap=True,
        )
        card.body.addWidget(self.how)
        self.add.hide()
        self._build_newer()

    def _build_newer(self) -> None:
        self.newer = self.add_card(
            "取得新的登录资料",
            "别的电脑上新增的人员、重置的密码，要凭资料包取到本机：写出更新申请，请管理员在那台电脑的"
            "“新增电脑…”里选它，再把写出的资料包带回来导入。",
        )
        row = QHBoxLayout()
        self.ask_newer = Button("写出更新申请…", icon_name="usb", on_click=self._on_ask_newer)
        self.take_newer = Button("导入资料包…", icon_name="download", on_click=self._on_take_newer)
        row.addWidget(self.ask_newer)
        row.addWidget(self.take_newer)
        row.addStretch(1)
        self.newer.body.addLayout(row)
        self.newer.hide()

    def refresh(self) -> None:
        """Ask which there are."""
        super().refresh()
        self.ask(_devices, self._show)

    def show_face(self, face: OfficeFace) -> None:
        """Learn whether an administrator looks at it."""
        admin = "admin" in face.roles
        self.add.setVisible(admin)
        self.how.setText(
            "先在新电脑上生成申请文件，再在这里选它、核对指纹、写出资料包，带回新电脑使用。"
            if admin
            else "新增电脑由管理员办理。"
        )

    def _show(self, lines: tuple[DeskLine, ...]) -> None:
        self.lines = lines
        self.newer.setVisible(any(not line.here for line in lines))
        self.table.setRowCount(len(lines))
        for row, line in enumerate(lines):
            for column, text in enumerate(cells_of(row, line)):
                item = QTableWidgetItem(text)
                item.setToolTip(line.device if column == 0 else line.kid if column == 1 else "")
                self.table.setItem(row, column, item)
            self.table.setRowHeight(row, size("row_height"))
        shown = min(8, max(2, len(lines)))
        self.table.setFixedHeight(size("row_height") * (shown + 1) + 8)

    # -- one more ---------------------------------------------------------------------------------

    def _on_add(self) -> None:
        self.say(None)
        chosen = self.chooser.open(self, "选择新电脑的申请文件", REQUEST)
        if chosen:
            self.ask(lambda session: _requested(Path(chosen)), self._on_requested)

    def _on_requested(self, found: tuple[bytes, str]) -> None:
        request, mark = found
        question = Question(
            "新增电脑",
            "请看新电脑上显示的指纹，与下面逐字核对。完全一致才可以继续。",
            "一致，写出资料包…",
            (mark,),
            danger=True,
        )
        if not self.ask_first(self, question):
            return
        target = self.chooser.save(self, "资料包写到", "新电脑资料包.cdpack", PACKAGE)
        if target:
            self.act(lambda session: _admit(session, request, Path(target)), self._on_admitted)

    def _on_admitted(self, name: str) -> None:
        self.desk.sync_wanted.emit()
        self.say(
            Message("", f"资料包已写到 {name}。请带到新电脑上使用；本机正在同步，让平台认识它。"), "good"
        )
        self.refresh()

    # -- what other computers have brought --------------------------------------------------------

    def _on_ask_newer(self) -> None:
        target = self.chooser.save(self, "更新申请写到", "更新申请.cdreq", REQUEST)
        if target:
            self.act(lambda session: _ask_newer(session, Path(target)), self._on_asked_newer)

    def _on_asked_newer(self, written: tuple[str, str]) -> None:
        name, mark = written
        self.say(Message("", f"更新申请已写到 {name}。本机指纹 {mark}，请管理员核对。"), "good")

    def _on_take_newer(self) -> None:
        chosen = self.chooser.open(self, "选择管理员写出的资料包", PACKAGE)
        if chosen:
            self.act(lambda session: _take_newer(session, Path(chosen)), self._on_taken)

    def _on_taken(self, count: int) -> None:
        text = (
            f"已取得 {count} 人新的登录资料，他们现在可以用自己的密码在本机登录。"
            if count
            else "资料包里没有比本机更新的登录资料。"
        )
        self.say(Message("", text), "good" if count else "accent")


def cells_of(row: int, line: DeskLine) -> tuple[str, str, str, str]:
    """Return a line's texts."""
    state = f"已停用 {clock_words(line.revoked_at)}" if line.revoked_at else "在用"
    name = f"{row + 1} 号" + ("（本机）" if line.here else "")
    return name, f"{line.kid[:12]}…", clock_words(line.added_at), state


def _devices(session: Session) -> tuple[DeskLine, ...]:
    from core.services.desks import devices

    return devices(session)


def _requested(path: Path) -> tuple[bytes, str]:
    from core.services.desks import requested

    try:
        with path.open("rb") as handle:
            request = handle.read(_LARGEST)
    except OSError as fault:
        raise EnvironmentFault("file_unreadable", file="request") from fault
    return request, requested(request)


def _admit(session: Session, request: bytes, target: Path) -> str:
    from core.services.desks import admit_desk

    admit_desk(session, request, target)
    return target.name


def _ask_newer(session: Session, target: Path) -> tuple[str, str]:
    from core.paths import write_atomic
    from core.services.desks import request_desk

    request, mark = request_desk(session.folder, session=session)
    write_atomic(target, request)
    return target.name, mark


def _take_newer(session: Session, path: Path) -> int:
    from core.services.desks import merge_package, read_package

    return merge_package(session, read_package(path))
