"""The look: theme, letter size, and how soon an unattended desk locks."""

from __future__ import annotations

from ui.screens.settings.section import Section


class Look(Section):
    """Takes effect at once."""

    title = "界面与锁定"

    def build(self) -> None:
        """Two cards."""
        look = self.add_card("界面")
        self.theme_choice = self.add_segments(
            look, "theme", "主题", (("light", "浅色"), ("dark", "深色"), ("system", "跟随系统"))
        )
        self.size_choice = self.add_segments(
            look, "font_size", "字号", ((14, "标准"), (16, "稍大"), (18, "大"), (20, "特大"))
        )
        lock = self.add_card("自动锁定", "无人操作到时即锁定，填写的内容先存为草稿。随时可按 Ctrl+L 锁定。")
        self.idle = self.add_segments(
            lock,
            "idle_lock_minutes",
            "无操作多久锁定",
            tuple((minutes, f"{minutes} 分钟") for minutes in range(1, 6)),
        )
