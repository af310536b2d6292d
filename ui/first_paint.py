"""The first paint: the real window, empty, in the right place and colour, before anything else is imported.

Somebody who clicks sees the window as soon as Qt can show one; the rest of the program is imported while it
stands there and is built into it. So nothing of ours may be imported here that is not needed for that (a
test counts the modules) and settings are only glanced at; reading them properly comes later. Of Qt not even
``Qt``, ``QEvent`` or ``QStyle`` is named: PySide makes their enumerations at the first mention, which takes
3 to 25 ms each.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, MutableMapping, Sequence
from typing import NamedTuple

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from core.paths import DataPaths
from ui.main_window import MainWindow
from ui.tokens import BASE_SIZES, THEMES, ThemeName
from ui.window_memory import WindowMemory

LOOK_MS = 2
LONGEST_WAIT_MS = 1000
"""A window nobody sees (minimised, another workspace) is never painted; the program goes on all the same."""


class Look(NamedTuple):
    """Theme and letter size to begin with."""

    theme: ThemeName = "light"
    base: int = 14


def arrange_input_method(environment: MutableMapping[str, str], platform: str) -> None:
    """Send fcitx desktops through the ibus portal: the Qt wheels carry no fcitx plugin.

    ``QT_IM_MODULE=ibus`` alone does not do: the plugin stays off without a daemon or the portal
    switch (``design/ux.md`` §0.3).
    """
    if platform.startswith("linux") and environment.get("QT_IM_MODULE", "").startswith("fcitx"):
        environment["QT_IM_MODULE"] = "ibus"
        environment.setdefault("IBUS_USE_PORTAL", "1")


def bare_application(arguments: Sequence[str] = ()) -> QApplication:
    """Return the application with no more than an empty window needs (the existing one, if there is one)."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        application = existing
    else:
        # Before it is made: Qt reads the input method once. Scale factors are not rounded, Qt's own choice.
        arrange_input_method(os.environ, sys.platform)
        name, *others = arguments or ("certdesk",)
        # Asked for by argument, the style is the first that is made; nothing is painted in another one.
        application = QApplication([name, "-style", "Fusion", *others])
    # Before any window: the window system learns the program's name and the title's ending from it.
    application.setApplicationName("certdesk")
    application.setApplicationDisplayName("证窗")
    return application


def theme_name(wanted: str) -> ThemeName:
    """Return the theme for a setting; "system" asks the desktop."""
    if wanted == "system":
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QGuiApplication

        hints = QGuiApplication.styleHints()
        dark = hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"
    return "dark" if wanted == "dark" else "light"


def memory_of(paths: DataPaths) -> WindowMemory:
    """Return where the window's place is kept; one for the office and its rehearsal."""
    return WindowMemory(paths.root / "window.txt")


def starts_in_rehearsal(paths: DataPaths) -> bool:
    """Tell whether only the rehearsal was set up, so that the program begins there."""
    return not paths.keyring.exists() and paths.rehearsal.keyring.exists()


def first_look(paths: DataPaths) -> Look:
    """Glance at the settings; what cannot be read is left as it is and said after unlocking."""
    place = paths.rehearsal if starts_in_rehearsal(paths) else paths
    try:
        written = place.settings.read_bytes()
    except OSError:
        return Look()
    import json

    try:
        found = json.loads(written)
    except ValueError:
        return Look()
    if not isinstance(found, dict):
        return Look()
    base = found.get("font_size")
    return Look(theme_name(str(found.get("theme"))), base if base in BASE_SIZES else Look().base)


def first_window(paths: DataPaths, look: Look) -> MainWindow:
    """Return the empty window, not yet shown, where it stood last, on the theme's ground."""
    palette = QPalette()
    # The application's, not the window's own: the theme laid over later then replaces it without a trace.
    palette.setColor(QPalette.ColorRole.Window, QColor(THEMES[look.theme]["ground"]))
    QApplication.setPalette(palette)
    return MainWindow(memory=memory_of(paths), furnished=False)


def after_first_paint(window: MainWindow, go: Callable[[], object]) -> None:
    """Call ``go`` once, as soon as the window was painted; never when it was closed before that."""
    timer = QTimer(window)
    looks = 0

    # Held by PySide as long as the timer, and the timer as long as the window: none of them goes before Qt
    # deletes the window. (Deleting the timer here could take the window with it, from inside.)
    def look() -> None:
        nonlocal looks
        looks += 1
        handle = window.windowHandle()
        # Qt paints while it handles the exposure: exposed, seen from a timer, means painted. Overriding an
        # event to see the paint itself would make PySide build all event types before it.
        exposed = handle is not None and handle.isExposed()
        if not exposed and looks * LOOK_MS < LONGEST_WAIT_MS:
            return
        timer.stop()
        if not window.isHidden():  # closed already: nothing is begun any more
            go()

    timer.timeout.connect(look)
    timer.start(LOOK_MS)
