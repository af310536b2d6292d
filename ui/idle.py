"""Locks the desk nobody sits at (security.md T10): at most five minutes after the last key or touch.

Time is read from the wall clock at every input, because timers stand still while a machine sleeps: the
first key after the night must find the desk locked.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

LONGEST_MINUTES = 5
_LOOK_MS = 5_000
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.InputMethod,
    }
)


class IdleWatch(QObject):
    """Emits ``idle`` once when the limit has passed without input; ``now`` gives seconds."""

    idle = Signal()

    def __init__(self, parent: QObject, minutes: int, now: Callable[[], float] = time.time) -> None:
        super().__init__(parent)
        self._now = now
        self._last = now()
        self._armed = False
        self._seconds = 0.0
        self.set_minutes(minutes)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.check)

    def set_minutes(self, minutes: int) -> None:
        """Set the limit; never more than five minutes."""
        self._seconds = 60.0 * min(LONGEST_MINUTES, max(1, minutes))

    def arm(self) -> None:
        """Begin to watch (somebody unlocked)."""
        self._armed, self._last = True, self._now()
        self._timer.start()

    def disarm(self) -> None:
        """Stop watching (locked already)."""
        self._armed = False
        self._timer.stop()

    def check(self) -> bool:
        """Lock if the limit has passed; return whether it had."""
        if self._armed and self._now() - self._last >= self._seconds:
            self.disarm()
            self.idle.emit()
            return True
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note an input; the one that comes too late locks and is swallowed."""
        if not self._armed or event.type() not in _INPUT:
            return False
        if self.check():
            return True
        self._last = self._now()
        return False
