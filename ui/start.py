"""Opening the window: Qt and the empty window first, the program after its first paint.

Shell, fonts and theme are imported while the empty window stands on the screen; the store, the keys and
everything else follow on the store lane, behind the cover.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QTimer
from PySide6.QtWidgets import QApplication

from core.errors import CertDeskError
from core.paths import DataPaths, data_paths
from ui.first_paint import Look, after_first_paint, bare_application, first_look, first_window
from ui.main_window import MainWindow

if TYPE_CHECKING:
    from ui.desktop import Desktop

EXIT_DONE, EXIT_ENVIRONMENT = 0, 3


def open_window(data_dir: Path | str | None = None, arguments: Sequence[str] = ()) -> int:
    """Show the window on a data folder (the default one without) and return the exit code when it closes.

    ``arguments`` may name the folder too: ``--data DIR``.
    """
    paths = data_paths(data_dir or _data_of(arguments))
    application = bare_application([sys.argv[0] or "certdesk"])
    look = first_look(paths)
    lock = _single(paths)
    if lock is None:
        _tell_open_already(application, look)
        return EXIT_ENVIRONMENT
    window = first_window(paths, look)
    opening = _Opening(application, paths, window, look)
    after_first_paint(window, opening.build)
    window.show()
    try:
        application.exec()
    finally:
        opening.end()
        lock.unlock()
    return opening.code


class _Opening:
    """The program being built into the window that is on the screen already."""

    def __init__(self, application: QApplication, paths: DataPaths, window: MainWindow, look: Look) -> None:
        self._application, self._paths, self._window, self._look = application, paths, window, look
        self._begun = False
        self._desktop: Desktop | None = None

    def build(self) -> None:
        """Import and build everything; one turn of the loop, so nothing half-built is ever painted."""
        self._begun = True
        from ui.application import furnish_application

        furnish_application(self._application, self._look.theme, self._look.base)
        from ui.desktop import Desktop
        from ui.task import lanes

        desktop = Desktop(self._paths.root, window=self._window)
        desktop.closed.connect(self._application.quit)
        lanes().on_unhandled = lambda error: _say(desktop, error)
        desktop.show()
        QTimer.singleShot(0, desktop, lambda: _start_logging(self._paths))
        self._desktop = desktop

    def end(self) -> None:
        """Stop the lanes; nothing to stop when the window was closed before anything was built."""
        if self._begun:
            from ui.task import lanes

            lanes().shutdown()

    @property
    def code(self) -> int:
        """The exit code: building may have failed, after which the empty window can only be closed."""
        return EXIT_ENVIRONMENT if self._begun and self._desktop is None else EXIT_DONE


def _data_of(arguments: Sequence[str]) -> str | None:
    for at, word in enumerate(arguments):
        if word == "--data" and at + 1 < len(arguments):
            return arguments[at + 1]
        if word.startswith("--data="):
            return word.removeprefix("--data=")
    return None


def lock_file(root: Path) -> Path:
    """Return where the mark "a window is open on this folder" lies: beside it, so a restore may move it."""
    return root.with_name(f".{root.name}.open")


def _single(paths: DataPaths) -> QLockFile | None:
    """Take the mark; None when another window has it. A crash frees it at once."""
    place = lock_file(paths.root)
    with contextlib.suppress(OSError):  # the data folder itself will say what is wrong
        place.parent.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(place))
    lock.setStaleLockTime(0)
    if not lock.tryLock(100) and lock.error() == QLockFile.LockError.LockFailedError:
        return None
    return lock


def _tell_open_already(application: QApplication, look: Look) -> None:
    from ui.application import furnish_application
    from ui.messages import Message
    from ui.widgets.confirm import tell

    furnish_application(application, look.theme, look.base)
    tell(None, Message("证窗已经打开", "这个数据文件夹已在另一个窗口中使用。", "请切换到已打开的窗口。"))


def _start_logging(paths: DataPaths) -> None:
    from core.logs import start_logging
    from core.paths import private_folder

    try:
        # The folder first: as a mere parent of the logs it would be open to others.
        private_folder(paths.root)
        start_logging(paths.logs)
    except CertDeskError:
        return  # a log that cannot be written costs the log, never the clerk's work


def _say(desktop: Desktop, error: BaseException) -> None:
    from ui.messages import sentence

    desktop.window.toast.say_message(sentence(error))
