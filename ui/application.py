"""The application around the windows: language, fonts, theme, and the door for unexpected faults.

Not needed for the first paint: what comes before that is in :mod:`ui.first_paint`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTranslator, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from ui import faults
from ui.assets import find_fonts
from ui.first_paint import bare_application
from ui.theme import theme
from ui.tokens import ThemeName


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


def furnish_application(
    application: QApplication, theme_name: ThemeName = "light", base: int = 14, *, catch_faults: bool = True
) -> None:
    """Give the application the door for faults, its language, the shipped fonts and the theme.

    ``catch_faults=False`` leaves ``sys.excepthook`` alone.
    """
    if catch_faults:  # first, so that a fault in the rest is told too
        _install_excepthook(application)
    application.setStyle("Fusion")
    _speak_chinese(application)
    theme().apply(theme_name, base, load_fonts())


def make_application(
    arguments: Sequence[str] = (),
    *,
    theme_name: ThemeName = "light",
    base: int = 14,
    catch_faults: bool = True,
) -> QApplication:
    """Return the application, in Chinese, with the shipped fonts and the theme in force.

    Returns the existing one when there is one (tests share it).
    """
    application = bare_application(arguments)
    furnish_application(application, theme_name, base, catch_faults=catch_faults)
    return application
