"""Asks the hub every second how far the phone has come; slower while it is gone, not while nobody looks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from ui.screens.claim.state import Progress, wait_before

Told = Callable[[Progress], None]
Failed = Callable[[BaseException], None]
AskHub = Callable[[str, Told, Failed], None]
"""Asks for one code off the window's thread and calls exactly one of the two back on it."""


class Follower(QObject):
    """One code at a time. ``told`` and ``failed`` carry the code's jti; a question out is never doubled."""

    told = Signal(str, object)
    failed = Signal(str, object)

    def __init__(self, ask: AskHub, second_ms: int = 1000, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ask = ask
        self._second = second_ms
        self._jti = ""
        self._asking = False
        self._failures = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)

    @property
    def active(self) -> bool:
        """Whether a code is followed."""
        return bool(self._jti)

    def start(self, jti: str) -> None:
        """Follow a code; the first question goes out at once. The one followed already goes on."""
        if jti != self._jti:
            self._jti, self._failures = jti, 0
            self._timer.start(0)

    def stop(self) -> None:
        """Ask no more; an answer under way is dropped."""
        self._jti = ""
        self._timer.stop()

    def _go(self) -> None:
        if self._asking or not self._jti:
            return
        jti, self._asking = self._jti, True
        self._ask(jti, lambda progress: self._on_told(jti, progress), lambda e: self._on_failed(jti, e))

    def _on_told(self, jti: str, progress: Progress) -> None:
        self._asking = False
        if jti == self._jti:
            self._failures = 0
            self.told.emit(jti, progress)
        self._again(progress)

    def _on_failed(self, jti: str, error: BaseException) -> None:
        self._asking = False
        if jti == self._jti:
            self._failures += 1
            self.failed.emit(jti, error)
        self._again(Progress())

    def _again(self, progress: Progress) -> None:
        # The listener may have stopped us, or turned us to another code.
        if self._jti and not self._timer.isActive():
            self._timer.start(round(wait_before(progress, self._failures) * self._second))
