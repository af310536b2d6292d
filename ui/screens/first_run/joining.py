"""A new computer's way into an office: ask, wait (also over a restart), join, or give up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.errors import CertDeskError
from core.paths import DataPaths
from ui.files import REQUEST, Chooser, DialogChooser
from ui.messages import Message, sentence
from ui.screens.first_run.joining_pages import AskToJoin, WaitToJoin
from ui.screens.first_run.pages import Working
from ui.screens.unlock.opened import Opened, opened
from ui.task import CancelToken, ReportProgress, Task
from ui.widgets.confirm import Question, ask

if TYPE_CHECKING:
    from core.services.waiting_keys import Waiting

_NAME = "新电脑申请.cdreq"
_STAGES = ("打开等待加入的密钥", "核对资料包", "核对账号和密码", "建立本机数据", "打开本机数据", "完成")
_OLDER = Message(
    "", "以前的版本在这台电脑上留下了一份加入申请，还没有用密码保护。", "请设置密码，申请和指纹不变"
)
_WRITTEN = "申请文件已写到 {name}。请带到已在用的电脑上，并请管理员核对指纹。"
_GIVEN_UP = Message("", "申请已放弃，等待加入的密钥已销毁。")
_STOPPED = Message("", "已停止，这台电脑还没有加入，申请仍然有效。")


def _question(mark: str) -> Question:
    return Question(
        "放弃加入申请",
        "等待加入的密钥将被销毁，已写出的申请文件和资料包都不能再用。",
        "销毁密钥并放弃",
        (*((f"本机指纹 {mark}",) if mark else ()), "管理员若已接纳这台电脑，请告诉他不再使用它"),
        danger=True,
    )


class Joining(QObject):
    """Pages and what happens between them; ``front`` brings a page to the front.

    ``entered(Opened)`` when the computer is one of the office's; ``left(Message | None)`` back to the
    start; ``sign_in_requested`` when it joined although stopping was asked.
    """

    entered = Signal(object)
    left = Signal(object)
    sign_in_requested = Signal()

    def __init__(
        self,
        parent: QWidget,
        place: Path,
        working: Working,
        front: Callable[[QWidget], None],
        chooser: Chooser | None,
    ) -> None:
        super().__init__(parent)
        self._place, self._working, self._front = place, working, front
        self._chooser: Chooser = chooser or DialogChooser()
        self.ask_first = ask
        self.asking, self.waiting = AskToJoin(), WaitToJoin(chooser)
        self._request = b""
        self._mark = ""
        self.task: Task[Opened] | None = None
        self.asking.back_requested.connect(lambda: self._leave(None))
        self.asking.next_requested.connect(self._on_ask)
        self.waiting.back_requested.connect(lambda: self._leave(None))
        self.waiting.write_requested.connect(self._on_write)
        self.waiting.give_up_requested.connect(self._on_give_up)
        self.waiting.join_requested.connect(self._on_join)

    # -- where it stands --------------------------------------------------------------------------

    def open(self) -> None:
        """Find out whether this computer waits already, and show the page that follows from it."""
        place = self._place

        def op(progress: ReportProgress, cancel: CancelToken) -> Waiting | None:
            from core.services.session import Folder
            from core.services.waiting_keys import find_waiting

            return find_waiting(Folder(place))

        Task(self, op, "find waiting").on_success(self._on_found).on_failure(self._on_unreadable).start(
            "store"
        )

    def _on_found(self, found: Waiting | None) -> None:
        if found is None or not found.request:
            self.asking.tell(None if found is None else _OLDER, "warn")
            self._front(self.asking)
            return
        self._show(found)
        self._front(self.waiting)

    def _show(self, found: Waiting) -> None:
        self._request, self._mark = found.request, found.fingerprint
        self.waiting.show_waiting(found.fingerprint, found.login)

    def _on_unreadable(self, error: BaseException) -> None:
        self._mark = ""
        self.waiting.show_waiting("", "")
        self.waiting.tell(sentence(error))
        self._front(self.waiting)
        self.waiting.give_up.setFocus()

    def _leave(self, message: Message | None) -> None:
        self.asking.clear_passwords()
        self.waiting.clear_passwords()
        self.left.emit(message)

    # -- asking -----------------------------------------------------------------------------------

    def _on_ask(self) -> None:
        target = self._chooser.save(self.asking, "申请文件写到", _NAME, REQUEST)
        if not target:
            return
        place, login, password = self._place, self.asking.login.text().strip(), self.asking.password.text()
        self._working.begin("正在生成加入申请", "制作这台电脑的密钥，用密码保护。", may_stop=False)
        self._front(self._working)

        def op(progress: ReportProgress, cancel: CancelToken) -> Waiting:
            from core.services.session import Folder, Ports
            from core.services.waiting_keys import ask as ask_to_join

            return ask_to_join(Folder(place), Ports(), password, login)

        def done(found: Waiting) -> None:
            self._show(found)
            self.asking.clear_passwords()
            self._write(target)

        Task(self, op, "ask to join").on_success(done).on_failure(self._on_not_asked).start("store")

    def _on_not_asked(self, error: BaseException) -> None:
        self.asking.tell(sentence(error))
        self._front(self.asking)

    def _on_write(self) -> None:
        target = self._chooser.save(self.waiting, "申请文件写到", _NAME, REQUEST)
        if target:
            self._write(target)

    def _write(self, target: str) -> None:
        request, path = self._request, Path(target)

        def op(progress: ReportProgress, cancel: CancelToken) -> str:
            from core.paths import write_atomic

            write_atomic(path, request)
            return path.name

        def done(name: str) -> None:
            self.waiting.tell(Message("", _WRITTEN.format(name=name)), "good")
            self._front(self.waiting)

        task: Task[str] = Task(self, op, "write request")
        task.on_success(done).on_failure(self._on_failed).start("store")

    def _on_failed(self, error: BaseException) -> None:
        self.waiting.tell(sentence(error))
        self._front(self.waiting)

    # -- giving up --------------------------------------------------------------------------------

    def _on_give_up(self) -> None:
        if not self.ask_first(self.waiting, _question(self._mark)):
            return
        place = self._place

        def op(progress: ReportProgress, cancel: CancelToken) -> None:
            from core.services.session import Folder
            from core.services.waiting_keys import give_up

            give_up(Folder(place))

        def done(nothing: None) -> None:
            self._request, self._mark = b"", ""
            self._leave(_GIVEN_UP)

        task: Task[None] = Task(self, op, "give up joining")
        task.on_success(done).on_failure(self._on_failed).start("store")

    # -- joining ----------------------------------------------------------------------------------

    def _on_join(self) -> None:
        place, wish = self._place, self.waiting.wish()
        self._working.begin("正在加入登记机关", "核对资料包，建立本机数据，约需几秒。", may_stop=True)
        self._front(self._working)

        def op(progress: ReportProgress, cancel: CancelToken) -> Opened:
            from core.services.desks import join_office, read_package
            from core.services.session import Folder

            session = join_office(
                Folder(place),
                read_package(Path(wish.file)),
                wish.login,
                wish.password,
                asked_with=wish.asked_with,
                progress=lambda done, total: progress(done, total, _STAGES[done]),
                cancelled=lambda: cancel.cancelled,
            )
            way = opened(session, place)
            if cancel.cancelled:  # too late: it has joined, and nobody will take this session
                session.close()
            return way

        self.task = Task(self, op, "join office")
        self.task.with_progress(self._working.advance).on_success(self._on_joined)
        self.task.on_failure(self._on_not_joined).on_cancelled(self._on_stopped).start("store")

    def _on_joined(self, way: Opened) -> None:
        self.task = None
        self.waiting.clear_passwords()
        self.entered.emit(way)

    def _on_not_joined(self, error: BaseException) -> None:
        self.task = None
        self._on_failed(error)
        if isinstance(error, CertDeskError) and error.code == "waiting_password_wrong":
            self.waiting.ask_for_other()

    def _on_stopped(self) -> None:
        self.task = None
        if DataPaths(self._place).exists():
            self.sign_in_requested.emit()
            return
        self.waiting.tell(_STOPPED, "accent")
        self._front(self.waiting)
