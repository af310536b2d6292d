"""The bar that offers what was left half typed. Dumb: one setter, two wishes."""

from __future__ import annotations

from PySide6.QtCore import Signal

from ui.screens.units.ops import Unfinished
from ui.widgets.buttons import Button
from ui.widgets.notice import Notice


class UnfinishedBar(Notice):
    """``draft`` is what it offers, None while it offers nothing."""

    go_on = Signal()
    drop = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.draft: Unfinished | None = None
        self.resume = Button("继续", face="quiet", on_click=self.go_on.emit)
        for button in (self.resume, Button("放弃", face="quiet", on_click=self.drop.emit)):
            self.add_button(button)
        self.hide()

    def offer(self, draft: Unfinished | None, *, visible: bool) -> None:
        """Offer a draft; while something else is typed it waits unseen."""
        self.draft = draft
        self.setVisible(draft is not None and visible)
        if draft is not None:
            self.set_text(f"上次未完成：{draft.values.get('name') or '未填名称的单位'}", "accent")
