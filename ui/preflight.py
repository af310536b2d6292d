"""A calm line where something begins that rests on what the hub last told: how old that is, and sync now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.desk import Desk
from ui.widgets.buttons import Button
from ui.widgets.notice import Notice

if TYPE_CHECKING:
    from core.services.session import Session


class PreFlight(Notice):
    """Hidden while the knowledge is fresh, or there is no hub to ask. It never stands in the way."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.sync = Button("立即同步", icon_name="refresh", face="quiet", on_click=self._on_sync)
        self.add_button(self.sync)
        self.hide()
        for signal in (desk.changed, desk.synced, desk.unlocked):
            signal.connect(self.look)
        self.look()

    def look(self) -> None:
        """Ask how old the knowledge is; also to be called when the page comes to the front."""
        if self._desk.is_locked:
            return
        task = self._desk.ask(self, lambda session, _progress, _cancel: _age(session), "staleness")
        task.on_success(self._show).on_failure(lambda error: None).start("store")

    def _show(self, found: tuple[int | None, str]) -> None:
        days, level = found
        words = preflight_words(days, level)
        if words:
            self.set_text(words, "warn" if level == "stale" else "accent")
        self.setVisible(bool(words))

    def _on_sync(self) -> None:
        self.set_text("已开始同步，右上角可以看到进展；这里照常办理。")
        self._desk.sync_wanted.emit()


def preflight_words(days: int | None, level: str) -> str:
    """Return what the line says, empty while nothing needs saying."""
    if level not in ("old", "stale"):
        return ""
    age = "本机还没有与平台同步过" if days is None else f"本机掌握的平台情况是 {days} 天前的"
    return f"{age}，其他窗口的新情况可能还没有收到。建议先同步；也可以照常办理。"


def _age(session: Session) -> tuple[int | None, str]:
    from core.services.offices import is_enrolled
    from core.services.sync import staleness

    if not is_enrolled(session):
        return None, ""
    found = staleness(session)
    return found.days, found.level
