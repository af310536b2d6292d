"""Opening the window: only Qt and the shell are imported before the first paint.

The store, the keys and everything else follow on the store lane, behind the cover.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLockFile, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from core.errors import CertDeskError
from core.paths import DataPaths, data_paths
from core.settings import Settings, load_settings
from ui.tokens import ThemeName

EXIT_DONE, EXIT_ENVIRONMENT = 0, 3


def theme_name(wanted: str) -> ThemeName:
    """Return the theme for a setting; "system" asks the desktop."""
    if wanted == "system":
        hints = QGuiApplication.styleHints()
        dark = hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"
    return "dark" if wanted == "dark" else "light"


def open_window(data_dir: Path | str | None = None, arguments: Sequence[str] = ()) -> int:
    """Show the window on a data folder (the default one without) and return the exit code when it closes.

    ``arguments`` may name the folder too: ``--data DIR``.
    """
    from ui.application import make_application

    paths = data_paths(data_dir or _data_of(arguments))
    settings = _first_settings(paths)
    application = make_application([sys.argv[0] or "certdesk"], base=settings.font_size)
    from ui.theme import theme

    theme().apply(theme_name(settings.theme), settings.font_size)
    lock = _single(paths)
    if lock is None:
        return EXIT_ENVIRONMENT
    return _run(application, paths, lock)


def _run(application: QApplication, paths: DataPaths, lock: QLockFile) -> int:
    from ui.desktop import Desktop
    from ui.task import lanes

    desktop = Desktop(paths.root)
    desktop.closed.connect(application.quit)
    lanes().on_unhandled = lambda error: _say(desktop, error)
    desktop.show()
    QTimer.singleShot(0, desktop, lambda: _start_logging(paths))
    try:
        application.exec()
    finally:
        lanes().shutdown()
        lock.unlock()
    return EXIT_DONE


def _data_of(arguments: Sequence[str]) -> str | None:
    for at, word in enumerate(arguments):
        if word == "--data" and at + 1 < len(arguments):
            return arguments[at + 1]
        if word.startswith("--data="):
            return word.removeprefix("--data=")
    return None


def _first_settings(paths: DataPaths) -> Settings:
    """Look and size for the first paint; a damaged file is said so after unlocking."""
    place = paths if paths.keyring.exists() or not paths.rehearsal.keyring.exists() else paths.rehearsal
    try:
        return load_settings(place.settings)
    except CertDeskError:
        return Settings()


def lock_file(root: Path) -> Path:
    """Return where the mark "a window is open on this folder" lies: beside it, so a restore may move it."""
    return root.with_name(f".{root.name}.open")


def _single(paths: DataPaths) -> QLockFile | None:
    """Take the mark; None (after saying so) when another window has it. A crash frees it at once."""
    place = lock_file(paths.root)
    with contextlib.suppress(OSError):  # the data folder itself will say what is wrong
        place.parent.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(place))
    lock.setStaleLockTime(0)
    if not lock.tryLock(100) and lock.error() == QLockFile.LockError.LockFailedError:
        from ui.messages import Message
        from ui.widgets.confirm import tell

        tell(None, Message("证窗已经打开", "这个数据文件夹已在另一个窗口中使用。", "请切换到已打开的窗口。"))
        return None
    return lock


def _start_logging(paths: DataPaths) -> None:
    from core.logs import start_logging
    from core.paths import private_folder

    try:
        # The folder first: as a mere parent of the logs it would be open to others.
        private_folder(paths.root)
        start_logging(paths.logs)
    except CertDeskError:
        return  # a log that cannot be written costs the log, never the clerk's work


def _say(desktop: object, error: BaseException) -> None:
    from ui.desktop import Desktop
    from ui.messages import sentence

    if isinstance(desktop, Desktop):
        desktop.window.toast.say_message(sentence(error))
