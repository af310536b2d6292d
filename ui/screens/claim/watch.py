"""The two clocks of the code in front: the second that counts down, and the question how far the phone is."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.messages import sentence
from ui.screens.claim.codes import Codes, KeptCode
from ui.screens.claim.follower import Follower
from ui.screens.claim.hub_line import HubLine
from ui.screens.claim.state import Progress, unreachable, worth_asking


class Watch(QObject):
    """Runs while there is a code; asks only while somebody looks. What the hub said is kept with the code."""

    second = Signal()
    told = Signal()
    """Something new is known of a code."""

    def __init__(self, page: QWidget, desk: Desk, codes: Codes, hub: HubLine, second_ms: int) -> None:
        super().__init__(page)
        self._page, self._desk, self._codes, self._hub = page, desk, codes, hub
        self._loopback = False
        self.follower = Follower(hub.follow, second_ms, self)
        self.follower.told.connect(self._on_progress)
        self.follower.failed.connect(self._on_no_answer)
        desk.locked.connect(self.follower.stop)
        self._timer = QTimer(self)
        self._timer.setInterval(second_ms)
        self._timer.timeout.connect(self.second)

    def run(self, code: KeptCode | None, loopback: bool) -> None:
        """Follow this code, or none. ``loopback``: its hub is on this machine, which words a silence."""
        self._loopback = loopback
        if code is None:
            self._timer.stop()
            self.follower.stop()
            return
        if not self._timer.isActive():
            self._timer.start()
        asks = worth_asking(code.progress, self._codes.remaining(code), code.voided)
        if asks and self._page.isVisible() and not self._desk.is_locked:
            self.follower.start(code.minted.jti)
        else:
            self.follower.stop()

    def _on_progress(self, jti: str, progress: Progress) -> None:
        code = self._codes.with_jti(jti)
        if code is None or not code.take(progress):
            return
        if progress.state in ("deferred", "issued"):
            # What the hub waits for goes out now; what it made comes down as a fact.
            self._hub.push()
        self.told.emit()

    def _on_no_answer(self, jti: str, error: BaseException) -> None:
        code = self._codes.with_jti(jti)
        if code is not None and not self._desk.is_locked:
            code.gone = unreachable(sentence(error), self._loopback)
            self.told.emit()
