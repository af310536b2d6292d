"""All the page asks of the hub, on the hub's lane. No hub is an answer too: ``hub_unreachable``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from core.errors import EnvironmentFault
from ui.desk import Desk
from ui.screens.claim import ops
from ui.screens.claim.follower import Failed, Told
from ui.screens.claim.state import Progress
from ui.task import Task

if TYPE_CHECKING:
    from core.services.claims import Minted


class HubLine:
    """Questions for one page; handlers come back on the window's thread."""

    def __init__(self, owner: QWidget, desk: Desk) -> None:
        self._owner, self._desk = owner, desk
        self._pushing = False
        self._push_again = False

    def follow(self, jti: str, told: Told, failed: Failed) -> None:
        """Ask how far the phone has come with one code."""
        hub = self._desk.hub
        if hub is None:
            failed(EnvironmentFault("hub_unreachable"))
            return
        task: Task[Progress] = self._desk.ask(
            self._owner, lambda session, _p, _c: ops.follow(session, hub, jti), "claim progress"
        )
        task.on_success(told).on_failure(failed).start("hub")

    def register_short(self, minted: Minted, done: Callable[[str], None], failed: Failed) -> None:
        """Register the typed code."""
        hub = self._desk.hub
        if hub is None:
            failed(EnvironmentFault("hub_unreachable"))
            return
        task: Task[str] = self._desk.ask(
            self._owner, lambda session, _p, _c: ops.short_code(session, hub, minted), "short code"
        )
        task.on_success(done).on_failure(failed).start("hub")

    def send_to_phone(self, minted: Minted, short: str, done: Callable[[], None], failed: Failed) -> None:
        """Send a code to the phone that shows this short code."""
        hub = self._desk.hub
        if hub is None:
            failed(EnvironmentFault("hub_unreachable"))
            return
        task: Task[None] = self._desk.ask(
            self._owner,
            lambda session, _p, _c: ops.send_to_phone(session, hub, minted, short),
            "reverse claim",
        )
        task.on_success(lambda _none: done()).on_failure(failed)
        task.on_cancelled(lambda: failed(EnvironmentFault("hub_unreachable"))).start("hub")

    def push(self) -> None:
        """Exchange in the background, so that the hub knows the approval; nothing waits for it.

        That it failed is said by the sync strip and by the case's own delivery, not here.
        """
        hub = self._desk.hub
        if hub is None or self._desk.is_locked:
            return
        if self._pushing:
            self._push_again = True
            return
        self._pushing = True
        task: Task[int] = self._desk.ask(
            self._owner, lambda session, _p, _c: ops.push(session, hub), "claim sync"
        )
        task.on_success(self._on_pushed).on_failure(lambda _error: self._on_pushed(0))
        task.on_cancelled(lambda: self._on_pushed(0)).start("hub")

    def _on_pushed(self, moved: int) -> None:
        self._pushing = False
        if moved:
            self._desk.changed.emit()
        if self._push_again:
            self._push_again = False
            self.push()
