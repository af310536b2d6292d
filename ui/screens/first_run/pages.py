"""The wizard's pages for everybody: welcome, work under way, rehearsal passwords."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout

from ui.roles import ROLE_NAMES
from ui.screens.unlock.cover import CoverPage
from ui.task import Progress
from ui.widgets.buttons import Button
from ui.widgets.cards import frame
from ui.widgets.labels import Picture, label

if TYPE_CHECKING:
    from core.services.rehearsal import Trainee


class Welcome(CoverPage):
    """Three ways to begin, and one back."""

    rehearse_requested = Signal()
    found_requested = Signal()
    join_requested = Signal()
    restore_requested = Signal()
    back_requested = Signal()

    def __init__(self, *, may_go_back: bool, rehearsal_exists: bool) -> None:
        super().__init__("欢迎使用证窗", "事业单位法人电子证书申领窗口。第一次使用，请选择：", width=44)
        self.rehearse = Button(
            "进入演练" if rehearsal_exists else "一键开始演练",
            icon_name="rotate",
            face="primary",
            on_click=self.rehearse_requested.emit,
        )
        self.found = Button("设立登记机关", icon_name="building", on_click=self.found_requested.emit)
        self.join = Button("", icon_name="device-desktop", on_click=self.join_requested.emit)
        self.show_waiting(False)
        self._add_choice(
            "rotate",
            "演练",
            "用虚构的机关、人员和 300 家单位练习全部操作。数据单独存放，屏幕和纸上都有“演练”标记。",
            self.rehearse,
        )
        self._add_choice(
            "building",
            "正式使用",
            "选择本登记管理机关，设置管理员和经办人员，打印密码恢复单，接入平台。",
            self.found,
        )
        self._add_choice(
            "device-desktop",
            "加入已有登记机关",
            "本机关已有电脑在用，这是新增的一台：生成申请，由管理员核对指纹并接纳。",
            self.join,
        )
        self.restore = Button("从备份恢复…", face="quiet", on_click=self.restore_requested.emit)
        self.back = Button("返回登录", face="quiet", on_click=self.back_requested.emit)
        self.back.setVisible(may_go_back)
        self.add_foot((self.restore, self.back), ())
        self.setFocusProxy(self.rehearse)

    def show_waiting(self, waits: bool) -> None:
        """Name the way to a request that waits already."""
        self.join.set_caption("查看加入申请" if waits else "加入登记机关")

    def _add_choice(self, icon: str, title: str, text: str, button: Button) -> None:
        box = frame("notice")
        row = QHBoxLayout(box)
        row.setContentsMargins(18, 14, 16, 14)
        row.setSpacing(14)
        row.addWidget(Picture(icon, "accent_text", 1.6))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "section"))
        words.addWidget(label(text, "muted", wrap=True))
        row.addLayout(words, 1)
        row.addWidget(button)
        self.body.addWidget(box)


class Working(CoverPage):
    """Something takes seconds: what, how far, stop."""

    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__("", "", width=36)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("进度")
        self.stage = label("", "hint")
        self.body.addWidget(self.bar)
        self.body.addWidget(self.stage)
        self.stop = Button("停止", key="Esc", on_click=self.stop_requested.emit)
        self.add_foot((), (self.stop,))
        escape = QShortcut(QKeySequence("Esc"), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.stop.click)
        self.setFocusProxy(self.stop)

    def begin(self, title: str, text: str, *, may_stop: bool) -> None:
        """Show what is going on."""
        self.heading.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.stage.setText("")
        self.bar.setRange(0, 0)
        self.stop.setVisible(may_stop)
        self.stop.setEnabled(True)

    def advance(self, progress: Progress) -> None:
        """Show how far it is."""
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self.stage.setText(progress.stage)

    def stopping(self) -> None:
        """Show that stopping was asked."""
        self.stop.setEnabled(False)
        self.stage.setText("正在停止并清除已建的数据…")


class Passwords(CoverPage):
    """The invented people of a rehearsal and their passwords, shown this once."""

    go_requested = Signal()

    def __init__(self, people: Sequence[Trainee]) -> None:
        super().__init__(
            "演练机关已建好",
            "下面是演练专用账号，密码只显示这一次，请抄下。换人办理时按 Ctrl+L 锁定，再用另一账号登录。",
            width=40,
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(8)
        for column, title in enumerate(("账号", "角色", "密码")):
            grid.addWidget(label(title, "label"), 0, column)
        for row, person in enumerate(people, 1):
            grid.addWidget(label(person.login), row, 0)
            grid.addWidget(label(ROLE_NAMES[person.role]), row, 1)
            password = label(person.password, "strong")
            password.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            password.setAccessibleName(f"{person.login} 的密码 {person.password}")
            grid.addWidget(password, row, 2)
        grid.setColumnStretch(2, 1)
        self.body.addLayout(grid)
        self.go = Button("已抄下，开始演练", face="primary", on_click=self.go_requested.emit)
        self.add_foot((), (self.go,))
        self.go.setDefault(True)
        self.setFocusProxy(self.go)
