"""The customer's side: the second monitor when there is one, else a full window on demand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from ui.customer_view import CustomerView
from ui.customer_window import CustomerWindow, FullClaimWindow, choose_screen


class CustomerDisplay(QObject):
    """Shows ``CustomerView``s and nothing else. ``changed`` tells that a monitor came or went."""

    changed = Signal()

    def __init__(self, clerk: QWidget, fetch_pin: Callable[[], str], remembered: str = "") -> None:
        super().__init__(clerk)
        self._clerk = clerk
        self._fetch_pin = fetch_pin
        self._beside = self._make(remembered)
        self._full: FullClaimWindow | None = None
        self._view: CustomerView | None = None
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self._on_screen_added)

    def _make(self, remembered: str) -> CustomerWindow:
        made = CustomerWindow(remembered)
        # It goes with the clerk's window: it must not keep the program alive on its own.
        made.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        made.screen_lost.connect(self.changed)
        self._clerk.destroyed.connect(made.deleteLater)
        return made

    def use_monitor(self, remembered: str) -> None:
        """Follow the setting: from now on that monitor, or any other when it is empty or gone."""
        if remembered in ("", self.remembered):
            return
        self._beside.hide()
        self._beside.deleteLater()
        self._beside = self._make(remembered)
        if self._view is not None:
            self.show_view(self._view)

    @property
    def beside(self) -> CustomerWindow:
        """The window of the second monitor."""
        return self._beside

    @property
    def full(self) -> FullClaimWindow | None:
        """The full window while it is open."""
        return self._full

    @property
    def remembered(self) -> str:
        """The monitor last used."""
        return self._beside.remembered

    def has_second(self) -> bool:
        """Tell whether the customer has a monitor of their own."""
        return choose_screen(QGuiApplication.screens(), self._clerk.window().screen()) is not None

    def show_view(self, view: CustomerView) -> None:
        """Show a claim on the second monitor if there is one, and in the full window if it is open."""
        self._view = view
        self._beside.show_view(view)
        if not self._beside.isVisible():
            self._beside.open_beside(self._clerk.window())
        if self._full is not None:
            self._full.show_view(view)

    def open_full(self, pin_allowed: bool) -> None:
        """Fill the clerk's own screen with the code; the PIN shows only while held, if it may at all."""
        if self._view is None or self._full is not None:
            return
        full = FullClaimWindow(self._clerk.window(), self._fetch_pin)
        self._full = full
        full.setWindowModality(Qt.WindowModality.ApplicationModal)
        full.pin.setVisible(pin_allowed)
        full.show_view(self._view)
        full.closed.connect(self._on_full_closed)
        full.showFullScreen()
        full.back.setFocus()

    def clear(self) -> None:
        """Show nothing to the customer."""
        self._view = None
        self._beside.hide()
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
