"""Who sits at the window: one person's desk with its shell and its exchange, from the first sign-in on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.errors import CertDeskError
from core.settings import Settings, load_settings, save_settings
from ui.desk import Desk
from ui.first_paint import theme_name
from ui.hub_keeper import HubKeeper
from ui.main_window import MainWindow
from ui.messages import Message, sentence
from ui.navigator import MakeScreen
from ui.shell import Shell
from ui.sync_strip import SyncStrip
from ui.theme import theme

if TYPE_CHECKING:
    from ui.screens.unlock.opened import Opened
    from ui.sync_dialog import SyncDialog


class Person:
    """Made unlocked, by a ``way`` in. ``problem`` is what was wrong with the settings file, if anything."""

    def __init__(
        self,
        parent: QObject,
        window: MainWindow,
        way: Opened,
        settings_file: Path,
        keeper: HubKeeper,
        make: MakeScreen,
    ) -> None:
        self._window, self._way = window, way
        self.problem: Message | None = None
        self.desk = Desk(self._settings(settings_file), parent)
        self.desk.save_settings = lambda wanted: save_settings(settings_file, wanted)
        self.desk.settings_changed.connect(self.look)
        self.desk.unlock_with(way.session, None)
        self.shell = Shell(window, self.desk, way.face, make)
        self.strip = SyncStrip(self.desk, keeper, self.desk)
        self.strip.changed.connect(self.shell.show_sync)
        self._dialog: SyncDialog | None = None
        self.look()

    def _settings(self, file: Path) -> Settings:
        try:
            return load_settings(file)
        except CertDeskError as fault:
            self.problem = sentence(fault)
            return Settings()

    def look(self) -> None:
        """Put the theme of the settings in force."""
        settings = self.desk.settings
        wanted = theme_name(settings.theme)
        if (theme().name, theme().base) != (wanted, settings.font_size):
            theme().apply(wanted, settings.font_size)

    @property
    def login(self) -> str:
        """The account by which they came in last."""
        return self._way.face.login

    def is_same(self, way: Opened) -> bool:
        """Tell whether this locked desk is what a way in leads back to."""
        face, mine = way.face, self._way.face
        known = (self._way.place, mine.person, mine.office, mine.roles)
        return self.desk.is_locked and known == (way.place, face.person, face.office, face.roles)

    def come_back(self, way: Opened) -> None:
        """Unlock the desk as it was left."""
        self._way = way
        self.desk.unlock_with(way.session, None)

    def open_sync(self) -> None:
        """Run a cycle and show how it goes."""
        from ui.sync_dialog import SyncDialog

        if self._dialog is None:
            self._dialog = SyncDialog(self._window, self.strip, self.shell)
            self._dialog.finished.connect(self._on_sync_closed)
        self._dialog.show()
        self._dialog.activateWindow()
        self.strip.sync_now()

    def _on_sync_closed(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None

    def leave(self) -> None:
        """Somebody else will sit here: session, shell and desk go."""
        if self._dialog is not None:
            self._dialog.close()
        self.strip.pause()
        self.desk.lock()
        self.desk.deleteLater()
