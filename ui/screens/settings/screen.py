"""The settings page: sections at the left, one of them at the right, made when first opened."""

from __future__ import annotations

from importlib import import_module

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QStackedWidget

from ui.desk import Desk
from ui.files import Chooser, DialogChooser
from ui.navigator import Navigator
from ui.screen import Footer, Header, Screen
from ui.screens.settings.section import Section
from ui.theme import theme
from ui.widgets.side_list import SideList

SECTIONS = (
    ("people", "人员", "People"),
    ("office", "机关与手机程序", "Office"),
    ("hub", "平台", "HubPage"),
    ("desks", "电脑", "Desks"),
    ("papers", "材料清单", "Papers"),
    ("printing", "打印", "Printing"),
    ("counter", "扫描与客户屏", "Counter"),
    ("look", "界面与锁定", "Look"),
    ("backup", "备份与恢复", "Backup"),
    ("about", "关于", "About"),
)


class SettingsScreen(Screen):
    """Up and Down choose a section, Tab goes into it."""

    def __init__(self, desk: Desk, navigator: Navigator, chooser: Chooser | None = None) -> None:
        super().__init__()
        self._desk, self._navigator, self._chooser = desk, navigator, chooser or DialogChooser()
        self._made: dict[str, Section] = {}
        self.list = SideList("设置分类")
        for key, title, _ in SECTIONS:
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, key)
            self.list.addItem(item)
        self.stack = QStackedWidget()
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 14, 18, 14)
        row.setSpacing(14)
        row.addWidget(self.list)
        row.addWidget(self.stack, 1)
        self.list.currentRowChanged.connect(self._on_row)
        desk.settings_changed.connect(self._refresh)
        desk.changed.connect(self._refresh)
        self._fit()
        theme().changed.connect(self._fit)

    def _fit(self) -> None:
        self.list.setFixedWidth(theme().base * 12)

    def header(self) -> Header:
        """Name the section."""
        at = self.list.currentRow()
        return Header("设置", SECTIONS[at][1] if at >= 0 else "")

    def footer(self) -> Footer:
        """Say that lines save themselves."""
        return Footer(hints=("↑ ↓ 选择分类", "Tab 进入", "改动离开该项时自动保存", "F1 帮助"))

    def on_shown(self) -> None:
        """Bring the section up to date."""
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        else:
            self._refresh()
        self.list.setFocus()

    def help_topic(self) -> str:
        """Name the section's page of the manual."""
        at = self.list.currentRow()
        return f"settings_{SECTIONS[at][0]}" if at >= 0 else "settings"

    def open(self, section: str) -> None:
        """Show a section by its key; an unknown one leaves what is shown."""
        for at, (key, _, _) in enumerate(SECTIONS):
            if key == section:
                self.list.setCurrentRow(at)

    def section(self, key: str) -> Section:
        """Return a section, making it if need be. Raises ``KeyError``."""
        if key not in self._made:
            name = {each: kind for each, _, kind in SECTIONS}[key]
            kind: type[Section] = getattr(import_module(f"ui.screens.settings.{key}"), name)
            self._made[key] = kind(self._desk, self._navigator, self._chooser)
            self.stack.addWidget(self._made[key])
        return self._made[key]

    def _on_row(self, at: int) -> None:
        if at >= 0:
            section = self.section(SECTIONS[at][0])
            self.stack.setCurrentWidget(section)
            section.say(None)
            section.refresh()
            self.shell_changed.emit()

    def _refresh(self) -> None:
        front = self.stack.currentWidget()
        if isinstance(front, Section) and front.isVisible() and not self._desk.is_locked:
            front.refresh()


def make(desk: Desk, navigator: Navigator) -> Screen:
    """Return the screen (called by the shell on the first visit)."""
    return SettingsScreen(desk, navigator)
