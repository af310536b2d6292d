"""The customer's screen: on the second monitor when there is one, else over the whole window on demand.

It receives a ``CustomerView`` and nothing else. On the second monitor it never takes the clerk's focus;
where one screen serves both, the PIN is fetched only while the clerk holds the button.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QScreen
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.customer_view import CustomerView
from ui.widgets.buttons import Button
from ui.widgets.customer_panel import CustomerPanel
from ui.widgets.hold_to_show import HoldToShow


def screen_key(screen: QScreen) -> str:
    """Return what a monitor is remembered by: its name and serial number."""
    return f"{screen.name()}|{screen.serialNumber()}"


def choose_screen(screens: Sequence[QScreen], clerk: QScreen | None, remembered: str = "") -> QScreen | None:
    """Return the customer's monitor: the remembered one, else any but the clerk's, else None."""
    others = [each for each in screens if each is not clerk]
    return next((each for each in others if screen_key(each) == remembered), others[0] if others else None)


class CustomerWindow(QWidget):
    """The window on the second monitor. Hidden at once when that monitor goes away (``screen_lost``)."""

    screen_lost = Signal()

    def __init__(self, remembered: str = "") -> None:
        super().__init__(None, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint
                         | Qt.WindowType.WindowDoesNotAcceptFocus)  # fmt: skip
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle("证窗 · 领取窗口")
        self._remembered = remembered
        self._on: QScreen | None = None
        self._panel = CustomerPanel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._panel)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenRemoved.connect(self._on_screen_removed)

    @property
    def remembered(self) -> str:
        """The monitor last used, for the settings."""
        return self._remembered

    @property
    def panel(self) -> CustomerPanel:
        """The face."""
        return self._panel

    def show_view(self, view: CustomerView) -> None:
        """Show a claim (again every second)."""
        self._panel.show_view(view)

    def open_beside(self, clerk_window: QWidget) -> bool:
        """Open on another monitor than the clerk's; return False, and stay hidden, when there is none."""
        target = choose_screen(QGuiApplication.screens(), clerk_window.screen(), self._remembered)
        if target is None:
            return False
        self._on, self._remembered = target, screen_key(target)
        self.setGeometry(target.geometry())
        self.showFullScreen()
        return True

    def _on_screen_removed(self, screen: QScreen) -> None:
        # Qt would move the window onto the clerk's own monitor.
        if screen is self._on:
            self._on = None
            self.hide()
            self.screen_lost.emit()


class FullClaimWindow(QDialog):
    """One screen for clerk and customer: the QR fills it, the PIN shows only while held, Esc closes."""

    closed = Signal()

    def __init__(self, parent: QWidget | None, fetch_pin: Callable[[], str]) -> None:
        super().__init__(parent)
        self.setWindowTitle("领取二维码")
        self._panel = CustomerPanel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._panel)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addStretch(1)
        self.pin = HoldToShow(fetch_pin)
        row.addWidget(self.pin)
        self.back = Button("返回", key="Esc", on_click=self.reject)
        row.addWidget(self.back)
        row.addStretch(1)
        self._panel.footer.addLayout(row)
        self.back.setFocus()

    @property
    def panel(self) -> CustomerPanel:
        """The face."""
        return self._panel

    def show_view(self, view: CustomerView) -> None:
        """Show a claim (again every second)."""
        self._panel.show_view(view)

    def done(self, result: int) -> None:
        """Tell that it was closed."""
        self.pin.cover()
        super().done(result)
        self.closed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cover the PIN before the last picture."""
        self.pin.cover()
        super().closeEvent(event)
