"""Putting new widgets in the place of old ones."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QBoxLayout, QWidget


def refill(place: QBoxLayout, widgets: Iterable[QWidget]) -> None:
    """Take everything out of ``place`` and put ``widgets`` in."""
    while (item := place.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            # Hidden at once: deletion waits for the event loop, and two of a kind must not be seen.
            old.hide()
            old.deleteLater()
    for widget in widgets:
        place.addWidget(widget)
