"""The cover over a locked desk. Heavy imports happen on the store lane while somebody types.

The cover owns no session: a way in ends with ``entered`` and whoever laid the cover goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from core.errors import CertDeskError
from ui.files import Chooser
from ui.messages import Message, sentence
from ui.screens.unlock.opened import Opened, opened
from ui.screens.unlock.recover import Recover
from ui.screens.unlock.restore import Restore
from ui.screens.unlock.sign_in import SignIn
from ui.task import CancelToken, ReportProgress, Task

if TYPE_CHECKING:
    from ui.screens.first_run.slips import Slips

Recovered = tuple[Opened, str, str]
"""Who got in by a slip: opened desk, account, new code."""


class UnlockCover(QStackedWidget):
    """Pages: sign in, recover, restore, new slip. ``trying`` comes before any way in is tried."""

    entered = Signal(object)
    trying = Signal()
    restoring = Signal()
    other_requested = Signal()
    leave_requested = Signal()

    def __init__(
        self,
        place: Path,
        *,
        title: str = "证窗",
        text: str = "请选择账号并输入密码。",
        other: str = "",
        other_tip: str = "",
        login: str = "",
        chooser: Chooser | None = None,
    ) -> None:
        super().__init__()
        self._place = place
        self._login = login
        self.sign_in = SignIn(title, text, other, other_tip)
        self.recover = Recover()
        self.restore = Restore(chooser)
        self.slips: Slips | None = None
        for page in (self.sign_in, self.recover, self.restore):
            self.addWidget(page)
        self.sign_in.unlock_requested.connect(self._unlock)
        self.sign_in.recover_requested.connect(self._open_recover)
        self.sign_in.restore_requested.connect(self._open_restore)
        self.sign_in.other_requested.connect(self.other_requested)
        self.sign_in.leave_requested.connect(self.leave_requested)
        self.recover.back_requested.connect(self._open_sign_in)
        self.recover.recover_requested.connect(self._recover)
        self.restore.back_requested.connect(self._open_sign_in)
        self.restore.restore_requested.connect(self._restore)
        self.setFocusProxy(self.sign_in.password)

    def prepare(self) -> None:
        """Load what unlocking needs and find out who can sign in."""
        place = self._place

        def op(progress: ReportProgress, cancel: CancelToken) -> tuple[str, ...]:
            from core.keys.keyring import Keyring
            from core.services import office_papers, session  # noqa: F401  the import is the work

            return Keyring.load(session.Folder(place).keyring).logins()

        self._start(op, self._on_logins, self._on_no_logins)

    def note(self, message: Message) -> None:
        """Say something above the password (a backup that did not succeed)."""
        self.sign_in.show_state(replace(self.sign_in.state, problem=message))

    def _on_logins(self, logins: tuple[str, ...]) -> None:
        self.sign_in.show_state(replace(self.sign_in.state, logins=logins, busy=""))
        self.sign_in.choose(self._login)
        if self.currentWidget() is self.sign_in and not self.sign_in.login.hasFocus():
            self.sign_in.password.setFocus()

    def _on_no_logins(self, error: BaseException) -> None:
        self.sign_in.show_state(replace(self.sign_in.state, busy="", problem=sentence(error)))

    # -- pages ------------------------------------------------------------------------------------

    def _open_sign_in(self) -> None:
        self.setCurrentWidget(self.sign_in)
        self.sign_in.reset()

    def _open_recover(self) -> None:
        self.setCurrentWidget(self.recover)
        self.recover.open(self.sign_in.state.logins, self.sign_in.login.currentText())

    def _open_restore(self) -> None:
        self.setCurrentWidget(self.restore)
        self.restore.open()

    # -- ways in ----------------------------------------------------------------------------------

    def _unlock(self, login: str, password: str) -> None:
        place = self._place
        self.trying.emit()
        self.sign_in.show_state(replace(self.sign_in.state, busy="正在解锁…", problem=None))

        def op(progress: ReportProgress, cancel: CancelToken) -> Opened:
            from core.services.session import Folder, unlock

            return opened(unlock(Folder(place), login, password), place)

        self._start(op, self._on_entered, self._on_refused)

    def _on_entered(self, found: Opened) -> None:
        self.sign_in.show_state(replace(self.sign_in.state, busy="", wrong=0))
        self.entered.emit(found)

    def _on_refused(self, error: BaseException) -> None:
        wrong = isinstance(error, CertDeskError) and error.code == "wrong_password"
        state = self.sign_in.state
        self.sign_in.show_state(
            replace(state, busy="", problem=sentence(error), wrong=state.wrong + 1 if wrong else 0)
        )
        self.sign_in.reset()

    def _recover(self, login: str, code: str, new: str) -> None:
        place = self._place
        self.trying.emit()

        def op(progress: ReportProgress, cancel: CancelToken) -> Recovered:
            from core.services.session import Folder, unlock_with_recovery

            session, fresh = unlock_with_recovery(Folder(place), login, code, new)
            return opened(session, place), login, fresh

        self._start(op, self._on_recovered, self._on_not_recovered)

    def _on_recovered(self, found: Recovered) -> None:
        from ui.screens.first_run.slips import Slips, slip_maker

        way, login, code = found
        self.slips = Slips({login: code}, slip_maker(way.session, ""))
        self.slips.finished.connect(lambda: self.entered.emit(way))
        self.addWidget(self.slips)
        self.setCurrentWidget(self.slips)
        self.slips.kept.setFocus()

    def _on_not_recovered(self, error: BaseException) -> None:
        self.recover.set_busy(False)
        self.recover.tell(sentence(error))
        self.recover.code.setFocus()

    def _restore(self, file: str, login: str, password: str) -> None:
        place = self._place
        self.trying.emit()
        self.restoring.emit()

        def op(progress: ReportProgress, cancel: CancelToken) -> Opened:
            from core.services.backup import restore
            from core.services.session import Folder

            return opened(restore(Path(file), Folder(place), login, password), place)

        self._start(op, lambda found: self.entered.emit(found), self._on_not_restored)

    def _on_not_restored(self, error: BaseException) -> None:
        self.restore.go.setEnabled(True)
        self.restore.tell(sentence(error))
        self.restore.password.setFocus()

    def _start(
        self,
        op: Callable[[ReportProgress, CancelToken], object],
        done: Callable[..., None],
        failed: Callable[[BaseException], None],
    ) -> None:
        Task(self, op, "unlock").on_success(done).on_failure(failed).start("store")
