"""The customer's side: the second monitor when there is one, else a full window on demand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from core.errors import CertDeskError
from ui.customer_view import CustomerView
from ui.customer_window import CustomerWindow, FullClaimWindow, choose_screen
from ui.desk import Desk
from ui.screens.claim.state import PinMode


class CustomerDisplay(QObject):
    """Shows ``CustomerView``s and nothing else, on the monitor of the settings.

    ``changed`` tells that a monitor came or went, ``failed`` that the one in use could not be remembered.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, clerk: QWidget, desk: Desk, fetch_pin: Callable[[], str]) -> None:
        super().__init__(clerk)
        self._clerk, self._desk = clerk, desk
        self._fetch_pin = fetch_pin
        self._beside = self._make(desk.settings.second_screen)
        self._full: FullClaimWindow | None = None
        self._view: CustomerView | None = None
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._on_screen_added)
        desk.settings_changed.connect(self._on_settings)
        desk.locked.connect(
            self._close_full
        )  # it lies above the cover, and its button would still show the PIN

    def _make(self, remembered: str) -> CustomerWindow:
        made = CustomerWindow(remembered)
        # It goes with the clerk's window: it must not keep the program alive on its own.
        made.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        made.screen_lost.connect(self.changed)
        self._clerk.destroyed.connect(made.deleteLater)
        return made

    def _on_settings(self) -> None:
        """From now on that monitor, or any other when it is empty or gone."""
        wanted = self._desk.settings.second_screen
        if wanted in ("", self._beside.remembered):
            return
        self._beside.hide()
        self._beside.deleteLater()
        self._beside = self._make(wanted)
        if self._view is not None:
            self.show_view(self._view)

    def remember(self) -> None:
        """Keep the monitor in use as a setting, if none is chosen there."""
        settings, used = self._desk.settings, self._beside.remembered
        if used and not settings.second_screen:
            try:
                self._desk.change_settings(settings.changed(second_screen=used))
            except CertDeskError as error:
                self.failed.emit(error)

    @property
    def beside(self) -> CustomerWindow:
        """The window of the second monitor."""
        return self._beside

    @property
    def full(self) -> FullClaimWindow | None:
        """The full window while it is open."""
        return self._full

    def has_second(self) -> bool:
        """Tell whether the customer has a monitor of their own."""
        return choose_screen(QGuiApplication.screens(), self._clerk.window().screen()) is not None

    def pin_mode(self) -> PinMode:
        """Return how the PIN may show: the customer must not read it off a screen that serves both."""
        if self.has_second():
            return "shown"
        return "held" if self._desk.settings.pin_on_same_screen else "slip"

    def show_view(self, view: CustomerView) -> None:
        """Show a claim on the second monitor if there is one, and in the full window if it is open."""
        self._view = view
        self._beside.show_view(view)
        if not self._beside.isVisible():
            self._beside.open_beside(self._clerk.window())
        if self._full is not None:
            self._full.show_view(view)

    def open_full(self) -> None:
        """Fill the clerk's own screen with the code; the PIN shows only while held, if it may at all."""
        if self._view is None or self._full is not None or self._desk.is_locked:
            return
        full = FullClaimWindow(self._clerk.window(), self._fetch_pin)
        self._full = full
        full.setWindowModality(Qt.WindowModality.ApplicationModal)
        full.pin.setVisible(self._desk.settings.pin_on_same_screen)
        full.show_view(self._view)
        full.closed.connect(self._on_full_closed)
        full.showFullScreen()
        full.back.setFocus()

    def clear(self) -> None:
        """Show nothing to the customer."""
        self._view = None
        self._beside.hide()
        self._close_full()

    def _close_full(self) -> None:
        if self._full is not None:
            self._full.reject()

    def _on_full_closed(self) -> None:
        full, self._full = self._full, None
        if full is not None:
            full.deleteLater()

    def _on_screen_added(self, _screen: object) -> None:
        if self._view is not None:
            self.show_view(self._view)
        self.changed.emit()
