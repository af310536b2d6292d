"""Composes the window: cover or shell, who sits at it, lock and unlock, the end.

A desk belongs to one shell. Locking lays the cover (:mod:`ui.covers`) over it and closes the session behind
the last draft (:mod:`ui.closing`); the same person finds it as it was, another person gets a fresh one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from core.paths import DataPaths
from ui.closing import Closing
from ui.covers import PRODUCT, Covers
from ui.desk import Desk
from ui.first_paint import memory_of
from ui.hub_keeper import HubKeeper
from ui.idle import IdleWatch
from ui.main_window import MainWindow
from ui.messages import sentence
from ui.navigator import MakeScreen, make_screen
from ui.person import Person
from ui.screens.first_run.screen import FirstRun
from ui.screens.unlock.screen import UnlockCover
from ui.shell import Shell
from ui.sync_strip import SyncStrip
from ui.task import Progress
from ui.window_memory import close_dialogs

if TYPE_CHECKING:
    from ui.screens.unlock.opened import Opened


class Desktop(QObject):
    """The program's window, whoever sits at it. ``now`` gives seconds (idle lock).

    ``window`` is the empty one already on the screen (:mod:`ui.first_paint`): it is furnished and kept.
    """

    closed = Signal()
    opened = Signal()
    locked = Signal()

    def __init__(
        self,
        root: Path,
        *,
        keeper: HubKeeper | None = None,
        now: Callable[[], float] = time.time,
        units: int = 300,
        make: MakeScreen = make_screen,
        window: MainWindow | None = None,
    ) -> None:
        super().__init__()
        self._make = make
        self.covers = Covers(self, root, units)
        self._keeper = keeper or HubKeeper()
        self._person: Person | None = None
        self._closing = Closing(self)
        self._leaving = False
        self.idle = IdleWatch(self, 5, now)
        self.idle.idle.connect(self.lock)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self.idle)
        self.window = self._new_window(self.covers.in_rehearsal, furnish=window)
        self._connect()

    def _connect(self) -> None:
        covers = self.covers
        covers.entered.connect(self._enter)
        covers.trying.connect(self._closing.hurry)
        covers.restoring.connect(self._on_restoring)
        covers.turned.connect(self._go_to)
        covers.renewal_wanted.connect(self.renew_rehearsal)
        covers.leave_requested.connect(lambda: self.window.close())
        self._closing.progressed.connect(self._on_closing_progress)
        self._closing.closed.connect(self.locked)

    # -- windows and covers -----------------------------------------------------------------------

    def _new_window(self, rehearsal: bool, furnish: MainWindow | None = None) -> MainWindow:
        window = furnish or MainWindow(memory=memory_of(self.covers.real), furnished=False)
        window.furnish(PRODUCT, rehearsal=rehearsal)
        window.before_close = self._may_close
        self._marked = rehearsal
        return window

    def show(self) -> None:
        """Show the window with its first cover; loading goes on behind it."""
        active = self.window.isActiveWindow()
        cover = self.covers.first()
        self.window.lock(cover)
        self.window.show()
        if active:  # a window that is on the screen already keeps the keyboard, whatever was shown meanwhile
            self.window.activateWindow()
        self._prepare(cover)

    def _prepare(self, cover: QWidget) -> None:
        if isinstance(cover, UnlockCover):
            cover.prepare()

    def renew_rehearsal(self) -> None:
        """Throw the rehearsal away and begin another."""
        self._drop_person()
        self._keeper.stop()
        self.covers.forget_rehearsal(self._on_forgotten, self._on_not_forgotten)

    def _on_forgotten(self) -> None:
        self._go_to(self.covers.rehearsal)
        for wizard in self.window.findChildren(FirstRun):
            wizard.welcome.rehearse.click()

    def _on_not_forgotten(self, error: BaseException) -> None:
        for cover in self.window.findChildren(UnlockCover):
            cover.note(sentence(error))

    def _go_to(self, place: DataPaths) -> None:
        """Show the cover of the other data folder, or the wizard where there is none yet."""
        self._drop_person()
        self.covers.place = place
        self._replace_window(self.covers.in_rehearsal)
        cover = self.covers.first()
        self.window.lock(cover)
        self._prepare(cover)

    def _replace_window(self, rehearsal: bool) -> None:
        """Put a fresh window where the old one was."""
        old, self.window = self.window, self._new_window(rehearsal)
        self.window.restoreGeometry(old.saveGeometry())
        shown = old.isVisible()
        if shown:
            self.window.show()
        old.before_close = None
        old.hide()
        if shown:
            self.window.activateWindow()
        old.deleteLater()

    # -- entering ---------------------------------------------------------------------------------

    def _enter(self, way: Opened) -> None:
        before = self._person
        same = before is not None and before.is_same(way)
        if before is not None and same:
            person = before
            person.come_back(way)
        else:
            person = self._fresh_person(way)
        # Armed before any screen is made or shown: whatever a screen does, the desk locks again.
        self.idle.set_minutes(person.desk.settings.idle_lock_minutes)
        self.idle.arm()
        self.window.unlock()
        person.strip.resume()
        if not same:
            self.window.open(person.shell.first_page())
            if person.problem is not None:
                person.shell.toast(person.problem.whole(), "warn")
        self.opened.emit()

    def _fresh_person(self, way: Opened) -> Person:
        self._drop_person()
        covers = self.covers
        covers.place = covers.rehearsal if way.place == covers.rehearsal.root else covers.real
        if self._marked != way.face.rehearsal or self.window.current_page:
            self._replace_window(way.face.rehearsal)
        made = Person(self, self.window, way, covers.place.settings, self._keeper, self._make)
        made.desk.settings_changed.connect(self._on_settings)
        made.shell.add_foot(self.lock, self.open_sync)
        self._person = made
        return made

    def _on_settings(self) -> None:
        if self._person is not None:
            self.idle.set_minutes(self._person.desk.settings.idle_lock_minutes)

    def _drop_person(self) -> None:
        if self._person is not None:
            self._person.leave()
            self._person = None

    @property
    def desk(self) -> Desk | None:
        """The desk of the person at the window, locked or not."""
        return self._person.desk if self._person else None

    @property
    def shell(self) -> Shell | None:
        """The shell of that person."""
        return self._person.shell if self._person else None

    @property
    def strip(self) -> SyncStrip | None:
        """The exchange of that person."""
        return self._person.strip if self._person else None

    def open_sync(self) -> None:
        """Run a cycle and show how it goes."""
        if self._person is not None and not self.window.locked:
            self._person.open_sync()

    # -- locking ----------------------------------------------------------------------------------

    def lock(self) -> None:
        """Save drafts, lay the cover, back up if today has none, close the session. Ctrl+L and idleness."""
        person = self._person
        if person is None or self.window.locked:
            return
        self.idle.disarm()
        person.shell.save_now()
        person.strip.pause()
        close_dialogs()
        cover = self.covers.sign_in(person.login, "已锁定。填写的内容已保存为草稿，解锁后继续。")
        self.window.lock(cover)
        self._prepare(cover)
        self._closing.begin(person.desk, cover)

    def _on_closing_progress(self, progress: Progress) -> None:
        if self._leaving:
            self.window.busy.advance(progress)

    def _on_restoring(self) -> None:
        self._drop_person()
        self._keeper.stop()

    # -- the end ----------------------------------------------------------------------------------

    def _may_close(self) -> bool:
        """Close at once when locked; else save, back up and lock first, and close when that is done."""
        person = self._person
        if person is None or person.desk.is_locked or self._leaving:
            self._finish()
            return True
        self._leaving = True
        self.idle.disarm()
        person.shell.save_now()
        person.strip.pause()
        close_dialogs()
        self.window.busy.begin("正在保存并备份…", self._closing.hurry)
        self.locked.connect(self.window.close)
        self._closing.begin(person.desk)
        return False

    def _finish(self) -> None:
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self.idle)
        self._drop_person()
        self._keeper.stop()
        self.closed.emit()
