"""Where the window stood, and putting away what stands in front of it."""

from __future__ import annotations

from pathlib import Path


class WindowMemory:
    """The window's place, in a file of its own: settings belong to the office, this to the machine."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def load(self) -> str:
        """Return the place as hex text, or empty."""
        try:
            return self._place.read_text("ascii")[:4000]
        except (OSError, ValueError):
            return ""

    def save(self, geometry: str) -> None:
        """Keep the place, if the disk lets us."""
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._place.write_text(geometry, "ascii")
        except OSError:
            return  # a window that forgets its place is no reason to stop anybody


def close_dialogs() -> None:
    """Reject every open dialog: nothing of the desk may stay readable in front of the cover."""
    # Here, because the first paint waits for this module and these names cost milliseconds.
    from PySide6.QtWidgets import QApplication, QDialog

    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.reject()
