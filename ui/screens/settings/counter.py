"""The counter: where the scanner puts its files, and which screen the customer sees."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from ui.customer_window import screen_key
from ui.screens.settings.section import Section
from ui.widgets.choices import PickBox
from ui.widgets.labels import label

_AUTO = "（自动：有第二块屏幕就用它）"


class Counter(Section):
    """Watched folder and customer screen."""

    title = "扫描与客户屏"

    def build(self) -> None:
        """Two cards."""
        scan = self.add_card(
            "扫描件监视文件夹",
            "扫描仪或高拍仪保存到这个文件夹的新文件会自动出现在办理中的申请里；原文件不会删除。",
        )
        self.folder = self.add_folder(scan, "watched_folder", "文件夹", "留空表示不监视。")
        screen = self.add_card("客户屏", "第二块屏幕只显示领取二维码、单位名称和隐去的姓名，不显示验证码。")
        self.screen_choice = PickBox()
        self.screen_choice.setAccessibleName("客户屏")
        self.screen_choice.activated.connect(lambda at: self._on_screen())
        screen.body.addWidget(label("使用的屏幕", "label", buddy=self.screen_choice))
        screen.body.addWidget(self.screen_choice)
        self.same = self.add_tick(
            screen, "pin_on_same_screen", "没有第二块屏幕时，允许在本屏按住显示领取验证码"
        )
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenAdded.connect(self._on_screens)
            app.screenRemoved.connect(self._on_screens)

    def refresh(self) -> None:
        """Show the settings and the screens there are."""
        super().refresh()
        self._on_screens()

    def _on_screens(self) -> None:
        self._keys = {"": _AUTO}
        for number, screen in enumerate(QGuiApplication.screens(), 1):
            area = screen.geometry()
            self._keys[screen_key(screen)] = f"屏幕 {number}　{area.width()} × {area.height()}"
        chosen = self.desk.settings.second_screen
        if chosen not in self._keys:
            self._keys[chosen] = "上次选的屏幕（现在没有接上）"
        self.screen_choice.clear()
        self.screen_choice.addItems(list(self._keys.values()))
        self.screen_choice.setCurrentText(self._keys[chosen])

    def _on_screen(self) -> None:
        at = self.screen_choice.currentIndex()
        self.save(second_screen=list(self._keys)[at])
