"""White cards with a numbered heading; the ground every screen lays its parts on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.widgets.labels import label, restyle


def frame(face: str, tone: str = "") -> QFrame:
    """Return a frame with one of the style sheet's faces (card, rail, header, footer, ground, line, …)."""
    made = QFrame()
    made.setProperty("face", face)
    made.setProperty("tone", tone)
    return made


class Card(QFrame):
    """A card: heading line (number, title, things at its right) over ``body``."""

    def __init__(self, title: str = "", number: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("face", "card")
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 7, 18, 10)
        outer.setSpacing(4)
        self.heading = QHBoxLayout()
        self.heading.setSpacing(8)
        if number:
            self.heading.addWidget(label(str(number), "number"), 0, Qt.AlignmentFlag.AlignVCenter)
        self.title = label(title, "section")
        self.heading.addWidget(self.title)
        self.heading.addStretch(1)
        if title:
            outer.addLayout(self.heading)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        outer.addLayout(self.body, 1)

    def add_to_heading(self, widget: QWidget) -> None:
        """Put ``widget`` at the right end of the heading line; a button becomes the low kind."""
        if isinstance(widget, QPushButton):
            restyle(widget, low=True)
        self.heading.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
