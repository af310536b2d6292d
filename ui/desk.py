"""The desk as screens see it: one unlocked session, its lanes, and one signal when something changed.

Screens never hold a session; they hand plain operations to :meth:`Desk.ask` (reading) or
:meth:`Desk.act` (writing), which run on the store lane, one after the other. Locking takes the session
away; operations that come later fail with ``UserError('desk_locked')`` and screens keep what they show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from core.errors import UserError
from ui.task import CancelToken, Operation, ReportProgress, Task, lanes

if TYPE_CHECKING:
    from core.services.session import Session
    from core.settings import Settings
    from core.sync.hub import Hub

T = TypeVar("T")
SessionOperation = Callable[["Session", ReportProgress, CancelToken], T]


class Desk(QObject):
    """What every screen is given. Lives on the window's thread."""

    changed = Signal()
    """Something was written: lists and open views refresh."""
    settings_changed = Signal()
    sync_wanted = Signal()
    """A screen asks for an exchange now; the window's sync strip hears it."""
    synced = Signal()
    """An exchange went through; what is known of the hub is fresh."""
    locked = Signal()
    unlocked = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._hub: Hub | None = None
        self._settings = settings
        self.save_settings: Callable[[Settings], None] = lambda settings: None
        """Writes the settings file; set by the composition root."""

    # --- session ------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The unlocked session. Raises ``UserError('desk_locked')``."""
        if self._session is None:
            raise UserError("desk_locked")
        return self._session

    @property
    def is_locked(self) -> bool:
        """Whether nobody is signed in."""
        return self._session is None

    def unlock_with(self, session: Session, hub: Hub | None) -> None:
        """Take a fresh session (and the hub it speaks to, if enrolled)."""
        self._session, self._hub = session, hub
        self.unlocked.emit()

    def lock(self) -> None:
        """Drop the session. Drafts were saved; screens stay as they are under the cover."""
        session, self._session = self._session, None
        if session is not None:
            self.locked.emit()
            session.close()

    @property
    def hub(self) -> Hub | None:
        """The hub port, None before enrolment."""
        return self._hub

    def set_hub(self, hub: Hub | None) -> None:
        """Change the hub (after enrolment)."""
        self._hub = hub
        self.changed.emit()

    # --- settings -----------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    def change_settings(self, settings: Settings) -> None:
        """Keep new settings. Raises ``EnvironmentFault`` if they cannot be written."""
        self.save_settings(settings)
        self._settings = settings
        self.settings_changed.emit()

    # --- work ---------------------------------------------------------------------------------

    def ask(self, owner: QObject, op: SessionOperation[T], name: str = "") -> Task[T]:
        """Return a task that reads; connect handlers, then ``start("store")``."""
        return Task(owner, self._with_session(op), name)

    def act(self, owner: QObject, op: SessionOperation[T], name: str = "") -> Task[T]:
        """Return a task that writes; :attr:`changed` is emitted after it succeeded."""
        inner = self._with_session(op)

        def run(progress: ReportProgress, cancel: CancelToken) -> T:
            result = inner(progress, cancel)
            lanes().post(self.changed.emit)
            return result

        return Task(owner, run, name)

    def _with_session(self, op: SessionOperation[T]) -> Operation[T]:
        def run(progress: ReportProgress, cancel: CancelToken) -> T:
            return op(self.session, progress, cancel)

        return run
