"""A strip that says what is going on, how far it is, and lets it be stopped."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from ui.task import Progress
from ui.widgets.buttons import Button
from ui.widgets.labels import label


class BusyStrip(QWidget):
    """Hidden while nothing runs. ``begin`` … ``advance`` … ``end``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = label(role="label")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._stop = Button("停止", key="Esc", face="quiet", on_click=self._on_stop)
        self._cancel: Callable[[], object] | None = None
        self._key = QShortcut(QKeySequence("Esc"), self)
        # While something runs, Escape stops that first, whatever else it means on the screen in front.
        for pressed in (self._key.activated, self._key.activatedAmbiguously):
            pressed.connect(self._on_stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        for widget in (self._text, self._bar, self._stop):
            row.addWidget(widget)
        self.hide()

    def begin(self, text: str, cancel: Callable[[], object] | None = None) -> None:
        """Show the strip; ``cancel`` (usually ``task.cancel``) gives it a stop button."""
        self._cancel = cancel
        self._text.setText(text)
        self._bar.setAccessibleName(text)
        self._bar.setRange(0, 0)
        self._stop.setVisible(cancel is not None)
        self._stop.setEnabled(True)
        self._key.setEnabled(cancel is not None)
        self.show()

    def advance(self, progress: Progress) -> None:
        """Show how far it is (a ``with_progress`` handler)."""
        if progress.stage:
            self._text.setText(progress.stage)
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)

    def end(self) -> None:
        """Hide the strip."""
        self._cancel = None
        self.hide()

    def _on_stop(self) -> None:
        self._stop.setEnabled(False)
        self._key.setEnabled(False)
        self._text.setText("正在停止…")
        if self._cancel is not None:
            self._cancel()
