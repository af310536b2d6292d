"""The wizard's pages for a real office: which one, who works there, where certificates come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidgetItem, QVBoxLayout, QWidget

from ui.files import CERTIFICATE, Chooser, DialogChooser
from ui.messages import Message
from ui.screens.first_run.person_dialog import PersonDialog
from ui.screens.first_run.state import HubWish, PersonDraft, is_plain, people_advice, people_problem
from ui.screens.unlock.cover import CoverPage
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.choices import Segments, TickBox
from ui.widgets.labels import label
from ui.widgets.side_list import SideList

if TYPE_CHECKING:
    from core.forms.divisions import Office


class OfficeChoice(CoverPage):
    """One of the province's offices, found by typing; its name as it stands on papers."""

    next_requested = Signal()
    back_requested = Signal()

    def __init__(self, offices: Sequence[Office]) -> None:
        super().__init__("选择登记管理机关", "输入地名筛选，用上下键选择。", width=42)
        self._offices = {office.code: office for office in offices}
        self.search = QLineEdit()
        self.search.setPlaceholderText("例如：澄迈、龙华")
        self.list = SideList("登记管理机关")
        self.list.setMinimumHeight(theme().base * 15)
        self.name = QLineEdit()
        self.next = Button("下一步", face="primary", on_click=self._on_next)
        self.back = Button("上一步", face="quiet", on_click=self.back_requested.emit)
        self.add_field("地名", self.search)
        self.add_field("登记管理机关", self.list)
        self.add_field("机关名称（印在纸件上，可修改）", self.name)
        self.add_foot((self.back,), (self.next,))
        self.search.textEdited.connect(self._fill)
        self.search.returnPressed.connect(self.list.setFocus)
        self.list.currentItemChanged.connect(self._on_current)
        self.list.itemActivated.connect(lambda item: self.name.setFocus())
        self.name.returnPressed.connect(self.next.click)
        self._fill("")
        self.setFocusProxy(self.search)

    def chosen(self) -> tuple[Office, str] | None:
        """Return the office and the name on papers."""
        item = self.list.currentItem()
        if item is None:
            return None
        return self._offices[item.data(Qt.ItemDataRole.UserRole)], self.name.text().strip()

    def _fill(self, text: str) -> None:
        self.list.clear()
        for office in self._offices.values():
            words = f"{office.registrar}　{office.code}　{office.level}级"
            if text.strip() in words or text.strip() in office.name:
                item = QListWidgetItem(words)
                item.setData(Qt.ItemDataRole.UserRole, office.code)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _on_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.name.setText(self._offices[item.data(Qt.ItemDataRole.UserRole)].registrar)

    def _on_next(self) -> None:
        chosen = self.chosen()
        if chosen is None or not chosen[1]:
            self.tell(Message("", "请选择登记管理机关，并填写机关名称。"))
            return
        self.tell(None)
        self.next_requested.emit()


class People(CoverPage):
    """Who works here; each person types their own password."""

    next_requested = Signal()
    back_requested = Signal()

    def __init__(self) -> None:
        super().__init__(
            "人员",
            "先添加管理员，再添加受理、审核人员。同一份申请不能由同一人受理又审核。密码请由本人输入。",
            width=42,
        )
        self.people: tuple[PersonDraft, ...] = ()
        self.list = SideList("已添加")
        self.list.setMinimumHeight(theme().base * 11)
        self.add = Button("添加人员…", icon_name="user-plus", on_click=self.open_dialog)
        self.remove = Button("移除", icon_name="trash", on_click=self._on_remove)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.remove)
        row.addStretch(1)
        self.add_field("已添加", self.list)
        self.body.addLayout(row)
        self.next = Button("下一步", face="primary", on_click=self._on_next)
        self.back = Button("上一步", face="quiet", on_click=self.back_requested.emit)
        self.add_foot((self.back,), (self.next,))
        self.setFocusProxy(self.add)
        self._show()

    def open_dialog(self) -> None:
        """Ask for one more person."""
        roles = () if self.people else ("admin",)
        dialog = PersonDialog(self, "添加人员", [person.login for person in self.people], roles)
        if dialog.exec():
            self.put(dialog.draft)
        self.next.setFocus() if self.people else self.add.setFocus()

    def put(self, person: PersonDraft) -> None:
        """Add a person."""
        self.people = (*self.people, person)
        self._show()

    def _on_remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0:
            self.people = (*self.people[:row], *self.people[row + 1 :])
            self._show()

    def _show(self) -> None:
        self.list.clear()
        for person in self.people:
            self.list.addItem(person.line())
        self.remove.setEnabled(bool(self.people))
        advice = people_advice(self.people) if self.people else ""
        self.tell(Message("", advice) if advice else None, "warn")

    def _on_next(self) -> None:
        problem = people_problem(self.people)
        if problem:
            self.tell(Message("", problem))
            return
        self.next_requested.emit()


_HUBS = (("province", "省级平台"), ("embedded", "单机平台"), ("later", "以后再说"))
_HUB_WORDS = {
    "embedded": "平台就在这台电脑上运行，只供本机窗口使用。办理、审核和发证密钥都在同一台电脑上，"
    "不具备“两把钥匙分开保管”的保护，只适合演练和单机试用。",
    "province": "接入省级平台。提交申请后，请把显示的指纹用电话报给上级核对，核准后自动接通。",
    "later": "先在本机登记、打印和审核；领取码要在接入平台后才能生成。",
}


def plain_box(url: QLineEdit) -> TickBox:
    """Return the box that allows plain http; it is there only while such an address is typed."""
    box = TickBox("本机试用：允许 http 明文（平台就在这台电脑上）")
    box.hide()

    def follow(text: str) -> None:
        box.setVisible(is_plain(text))
        box.setChecked(box.isChecked() and is_plain(text))

    url.textChanged.connect(follow)
    return box


class HubChoice(CoverPage):
    """Where certificates come from."""

    next_requested = Signal()
    back_requested = Signal()

    def __init__(self, chooser: Chooser | None = None) -> None:
        super().__init__("接入平台", width=42)
        self.chooser: Chooser = chooser or DialogChooser()
        self.kind = Segments(_HUBS, "平台")
        self.kind.chosen.connect(self._on_kind)
        self.words = label("", "muted", wrap=True)
        self.body.addWidget(self.kind)
        self.body.addWidget(self.words)
        self.details = QWidget()
        inside = QVBoxLayout(self.details)
        inside.setContentsMargins(0, 0, 0, 0)
        self.url, self.ca = QLineEdit(), QLineEdit()
        self.url.setPlaceholderText("https://")
        self.browse = Button("选择…", on_click=self._on_browse)
        row = QHBoxLayout()
        row.addWidget(self.ca, 1)
        row.addWidget(self.browse)
        self.single = TickBox("申请核准为单人窗口（本机关只有一名经办人）")
        self.url.setAccessibleName("平台地址")
        self.ca.setAccessibleName("服务器证书的签发机构文件")
        inside.addWidget(label("地址", "label", buddy=self.url))
        inside.addWidget(self.url)
        self.plain = plain_box(self.url)
        inside.addWidget(self.plain)
        inside.addWidget(label("签发机构证书文件（上级提供；没有则留空）", "label", buddy=self.ca))
        inside.addLayout(row)
        inside.addWidget(self.single)
        self.body.addWidget(self.details)
        self.next = Button("设立机关", face="primary", on_click=self._on_next)
        self.back = Button("上一步", face="quiet", on_click=self.back_requested.emit)
        self.url.returnPressed.connect(self.next.click)
        self.add_foot((self.back,), (self.next,))
        self.kind.set_value("province")
        self._on_kind("province")
        self.setFocusProxy(self.kind.focus_target())

    def wish(self) -> HubWish:
        """Return the answers."""
        kind = self.kind.value()
        if kind != "province":
            return HubWish(kind)
        url, ca, single = self.url.text().strip(), self.ca.text().strip(), self.single.isChecked()
        return HubWish(kind, url, ca, single, self.plain.isChecked())

    def _on_kind(self, kind: str) -> None:
        self.words.setText(_HUB_WORDS[kind])
        self.details.setVisible(kind == "province")
        self.tell(None)

    def _on_browse(self) -> None:
        chosen = self.chooser.open(self, "选择签发机构证书", CERTIFICATE)
        if chosen:
            self.ca.setText(chosen)

    def _on_next(self) -> None:
        problem = self.wish().problem()
        if problem:
            self.tell(Message("", problem))
            self.url.setFocus()
            return
        self.next_requested.emit()
