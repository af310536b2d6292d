"""Everything that must happen around QApplication before the first window.

``prepare_environment`` has to run before QApplication exists: Qt reads the input method and the
rounding policy once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import MutableMapping, Sequence
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTranslator, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication

from ui import faults
from ui.assets import find_fonts
from ui.theme import theme
from ui.tokens import ThemeName


def arrange_input_method(environment: MutableMapping[str, str], platform: str) -> None:
    """Send fcitx desktops through the ibus portal: the Qt wheels carry no fcitx plugin.

    ``QT_IM_MODULE=ibus`` alone does not do: the plugin stays off without a daemon or the portal
    switch (``design/ux.md`` §0.3).
    """
    if platform.startswith("linux") and environment.get("QT_IM_MODULE", "").startswith("fcitx"):
        environment["QT_IM_MODULE"] = "ibus"
        environment.setdefault("IBUS_USE_PORTAL", "1")


def prepare_environment() -> None:
    """Set what Qt reads only once. Call before QApplication is made."""
    arrange_input_method(os.environ, sys.platform)
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)


class _FaultDoor(QObject):
    """Carries an unexpected exception from any thread to a calm dialog in the window's thread."""

    arrived = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._open = False
        self.arrived.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def _show(self, error: BaseException) -> None:
        # One dialog at a time: a fault in a paint event would otherwise open one per frame.
        if self._open:
            return
        self._open = True
        try:
            from ui.messages import sentence
            from ui.widgets.confirm import tell

            tell(QApplication.activeWindow(), sentence(error))
        finally:
            self._open = False


def _install_excepthook(application: QApplication) -> None:
    door = _FaultDoor(application)

    def on_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, (KeyboardInterrupt, SystemExit)):
            sys.__excepthook__(kind, error, trace)
            return
        faults.reference(error)
        door.arrived.emit(error)

    def on_thread_fault(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            on_fault(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = on_fault
    threading.excepthook = on_thread_fault


def load_fonts() -> tuple[str, ...]:
    """Register the shipped fonts and return their families in the order of the fallback."""
    families: list[str] = []
    for path in find_fonts():
        for family in QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(path))):
            if family not in families:
                families.append(family)
    return tuple(families)


def _speak_chinese(application: QApplication) -> None:
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    translator = QTranslator(application)
    if translator.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)


def make_application(
    arguments: Sequence[str] = (),
    *,
    theme_name: ThemeName = "light",
    base: int = 14,
    catch_faults: bool = True,
) -> QApplication:
    """Return the application, in Chinese, with the shipped fonts and the theme in force.

    Returns the existing one when there is one (tests share it). ``catch_faults=False`` leaves
    ``sys.excepthook`` alone.
    """
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        application = existing
    else:
        prepare_environment()
        application = QApplication(list(arguments) or ["certdesk"])
    application.setApplicationName("certdesk")
    application.setApplicationDisplayName("证窗")
    application.setStyle("Fusion")
    _speak_chinese(application)
    theme().apply(theme_name, base, load_fonts())
    if catch_faults:
        _install_excepthook(application)
    return application
