"""A short word at the lower edge of the window, also told to screen readers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.messages import Message
from ui.widgets.buttons import Button
from ui.widgets.labels import Picture, label, restyle

SHOWN_MS = 5000
_ICONS = {
    "": "info-circle",
    "accent": "info-circle",
    "good": "circle-check",
    "warn": "alert-triangle",
    "bad": "alert-circle",
}


class Toast(QFrame):
    """One toast per window. Good news leaves by itself; warnings and faults stay until closed."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setProperty("face", "toast")
        self._picture = Picture("info-circle")
        self._text = label(wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 8, 10)
        row.setSpacing(10)
        row.addWidget(self._picture)
        row.addWidget(self._text, 1)
        close = Button("知道了", face="quiet", on_click=self.hide)
        restyle(close, low=True)
        row.addWidget(close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """The words shown."""
        return self._text.text()

    def say(self, text: str, tone: str = "good") -> None:
        """Show ``text``; ``tone`` "bad" and "warn" stay until closed."""
        restyle(self, tone=tone)
        self._picture.show_icon(_ICONS[tone], {"": "muted", "accent": "accent_text"}.get(tone, tone))
        self._text.setText(text)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        if tone in ("bad", "warn"):
            self._timer.stop()
        else:
            self._timer.start(SHOWN_MS)

    def say_message(self, message: Message, tone: str = "bad") -> None:
        """Show a sentence of ``ui.messages`` with its remedy."""
        self.say(message.whole(), tone)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the lower edge when the window changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _place(self) -> None:
        window = self._window
        width = min(560, window.width() - 48)
        wanted = self.fontMetrics().horizontalAdvance(self._text.text()) + 180
        width = min(width, max(280, wanted))
        self.setFixedWidth(width)
        self._text.setFixedWidth(max(80, width - 150))
        self.adjustSize()
        self.move((window.width() - width) // 2, window.height() - self.height() - 76)
