"""Kinds with their counts side by side, one of them chosen: the filter above a list."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ui.widgets.labels import restyle


class CountTabs(QWidget):
    """States as buttons whose words change with the counts; made once, so that the focus stays."""

    chosen = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.buttons: dict[str, QPushButton] = {}

    def show_segments(self, segments: tuple[tuple[str, str], ...], chosen: str) -> None:
        """Show (code, words) pairs; the codes stay the same all along."""
        for code, words in segments:
            button = self.buttons.get(code)
            if button is None:
                button = QPushButton()
                button.setCheckable(True)
                button.setAutoDefault(False)
                button.setProperty("face", "segment")
                restyle(button, low=True)
                button.clicked.connect(lambda _checked=False, code=code: self.chosen.emit(code))
                self._row.addWidget(button)
                self.buttons[code] = button
            button.setText(words)
            button.setAccessibleName(f"{self._name}：{words}")
            button.setChecked(code == chosen)
