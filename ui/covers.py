"""The covers over the window: the sign-in of an office's data folder, or the wizard where there is none yet.

There are two data folders, the real office's and the rehearsal's; one of them is before us.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.paths import DataPaths
from ui.first_paint import starts_in_rehearsal
from ui.screens.first_run.screen import FirstRun
from ui.screens.unlock.screen import UnlockCover
from ui.task import CancelToken, ReportProgress, Task
from ui.widgets.confirm import Question, ask

PRODUCT = "证窗"
_RENEW = Question(
    "重新开始演练",
    "现有的演练机关和演练中办理的全部事项将被删除，再建立一个新的演练机关和新的密码。",
    "删除并重新开始",
    ("正式登记机关的数据不受影响",),
    danger=True,
)


class Covers(QObject):
    """Makes covers and hears them. ``place`` is the data folder before us."""

    entered = Signal(object)
    """Somebody signed in (:class:`ui.screens.unlock.opened.Opened`)."""
    trying = Signal()
    restoring = Signal()
    turned = Signal(object)
    """The person wants the other data folder (:class:`core.paths.DataPaths`)."""
    renewal_wanted = Signal()
    leave_requested = Signal()

    def __init__(self, parent: QObject, root: Path, units: int) -> None:
        super().__init__(parent)
        self.real, self.rehearsal = DataPaths(root), DataPaths(root).rehearsal
        self.place = self.rehearsal if starts_in_rehearsal(self.real) else self.real
        self._units = units

    @property
    def in_rehearsal(self) -> bool:
        """Whether the data before us is invented."""
        return self.place is self.rehearsal

    def first(self) -> QWidget:
        """Return the cover of the folder before us; where no office is yet, the wizard of the real one."""
        if self.place.exists():
            return self.sign_in()
        self.place = self.real
        return self._first_run()

    def sign_in(self, login: str = "", text: str = "请选择账号并输入密码。") -> UnlockCover:
        """Return the sign-in of the folder before us."""
        if self.in_rehearsal:
            waits = "查看加入申请…" if self.real.joining.exists() else "设立或加入登记机关…"
            other = "转到正式登记机关" if self.real.exists() else waits
        else:
            other = "转到演练"
        title = f"{PRODUCT} · 演练" if self.in_rehearsal else PRODUCT
        cover = UnlockCover(self.place.root, title=title, text=text, other=other, login=login)
        cover.entered.connect(self.entered)
        cover.trying.connect(self.trying)
        cover.restoring.connect(self.restoring)
        cover.other_requested.connect(self._turn)
        cover.leave_requested.connect(self.leave_requested)
        cover.sign_in.renew.setVisible(self.in_rehearsal)
        cover.sign_in.renew_requested.connect(lambda: self._ask_renewal(cover))
        return cover

    def _first_run(self) -> FirstRun:
        cover = FirstRun(
            self.real.root,
            self.rehearsal.root,
            may_go_back=self.real.exists() or self.rehearsal.exists(),
            rehearsal_exists=self.rehearsal.exists(),
            units=self._units,
        )
        cover.entered.connect(self.entered)
        cover.restoring.connect(self.restoring)
        cover.rehearsal_requested.connect(lambda: self.turned.emit(self.rehearsal))
        cover.back_requested.connect(
            lambda: self.turned.emit(self.real if self.real.exists() else self.rehearsal)
        )
        cover.sign_in_requested.connect(lambda: self.turned.emit(self.real))
        return cover

    def _turn(self) -> None:
        self.turned.emit(self.real if self.in_rehearsal else self.rehearsal)

    # -- beginning the rehearsal anew -------------------------------------------------------------

    def _ask_renewal(self, cover: QWidget) -> None:
        if ask(cover.window(), _RENEW):
            self.renewal_wanted.emit()

    def forget_rehearsal(self, done: Callable[[], None], failed: Callable[[BaseException], None]) -> None:
        """Throw the rehearsal's data away; nobody may have them open."""
        root = self.rehearsal.root

        def op(progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services.rehearsal import forget_rehearsal
            from core.services.session import Folder

            forget_rehearsal(Folder(root))

        task: Task[None] = Task(self, op, "forget rehearsal")
        task.on_success(lambda _none: done()).on_failure(failed).start("store")
