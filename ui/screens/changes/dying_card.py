"""What a change ends, one line each, before anybody confirms it (product.md D1)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.dying_words import DyingView
from ui.screens.changes.state import ReachView
from ui.widgets.cards import Card
from ui.widgets.labels import Picture, label
from ui.widgets.notice import Notice
from ui.widgets.refill import refill


class DyingCard(Card):
    """``show_dying`` in; under another title it shows how far the end has reached."""

    def __init__(self, title: str = "失效内容") -> None:
        super().__init__(title)
        self.head = Notice("", "accent")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self.body.addWidget(self.head)
        self.body.addLayout(self._lines)
        self.shown: DyingView | ReachView | None = None

    def show_dying(self, view: DyingView | ReachView) -> None:
        """Show what ends."""
        self.shown = view
        self.head.set_text(view.headline, view.tone)
        rows = [_line(icon, words, view.tone) for icon, words in view.lines]
        if isinstance(view, DyingView) and view.after:
            rows.append(_line("info-circle", view.after, "accent"))
        refill(self._lines, rows)


def _line(icon: str, words: str, tone: str) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(14, 0, 0, 0)
    row.setSpacing(10)
    row.addWidget(
        Picture(icon, tone if tone in ("bad", "warn", "good") else "muted"), 0, Qt.AlignmentFlag.AlignTop
    )
    row.addWidget(label(words, wrap=True), 1)
    return box
