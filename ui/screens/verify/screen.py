"""核验: one field for the scanner, the questions beside it, and one large answer. Nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout

from core.errors import CertDeskError, UserError
from ui.desk import Desk
from ui.files import Chooser, DialogChooser
from ui.folder_eye import FolderEye
from ui.messages import sentence
from ui.navigator import Navigator
from ui.screen import Footer, Header, Screen, ScreenAction
from ui.screens.verify.answer_pane import AnswerPane
from ui.screens.verify.ask_pane import NO_HUB, AskPane
from ui.screens.verify.state import AnswerView, answer_view, basic_view
from ui.task import CancelToken, ReportProgress, Task
from ui.theme import size, theme
from ui.widgets.notice import Notice

if TYPE_CHECKING:
    from core.forms.matters import Matter
    from core.intake.symbols import Shown
    from core.services.hub_questions import BasicData
    from core.services.session import Session
    from core.services.verification import Checked

T = TypeVar("T")

SHOWN_MS = 120_000
"""An answer with what was shown stays so long at most."""
OFFLINE = "连不上省级平台，查不到基本信息。请检查网络后按 F9 重试；急用的，请对方亮证后扫码核验。"
SHOWS = "图片、PDF 或证书文本 (*.png *.jpg *.jpeg *.pdf *.txt *.sdjwt);;所有文件 (*)"


class VerifyScreen(Screen):
    """The page."""

    def __init__(self, desk: Desk, navigator: Navigator, *, chooser: Chooser | None = None) -> None:
        super().__init__()
        self._desk, self._navigator = desk, navigator
        self._chooser: Chooser = chooser or DialogChooser()
        self._running: Task[Any] | None = None
        self.ask, self.answer = AskPane(), AnswerPane()
        self.problem = Notice("", "warn")
        self.problem.hide()
        self.eye = FolderEye(self)
        self.eye.looked.connect(self._arrived)
        self.eye.failed.connect(lambda error: navigator.toast(sentence(error).whole(), "warn"))
        self._end = QTimer(self)
        self._end.setSingleShot(True)
        self._end.setInterval(SHOWN_MS)
        self._end.timeout.connect(self.clear)
        row = QHBoxLayout()
        row.setSpacing(14)
        self._left = self._asking()
        self._fit()
        theme().changed.connect(self._fit)
        row.addWidget(self._left)
        row.addWidget(self.answer, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 10)
        column.setSpacing(8)
        column.addWidget(self.problem)
        column.addLayout(row, 1)
        self.ask.wanted.connect(self.verify_typed)
        self.ask.basic_wanted.connect(self.ask_basic)
        desk.locked.connect(self.clear)

    def _asking(self) -> QScrollArea:
        """The left side; with large letters it is higher than a small screen."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.ask)
        return area

    def _fit(self) -> None:
        self._left.setFixedWidth(round(size("body") * 31))

    # -- what the window asks -----------------------------------------------------------------------

    def header(self) -> Header:
        """Return the heading."""
        return Header("核验", "查验电子证书、授权、亮证码和纸质打印件；不保存对方的证书信息")

    def footer(self) -> Footer:
        """Return the key hints."""
        return Footer(hints=("扫码或 Enter 核验", "Esc 清除"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the buttons."""
        linked = self._desk.hub is not None
        return (
            ScreenAction("paste", "粘贴并核验", self.paste, "F6", "copy"),
            ScreenAction("file", "选择文件…", self.choose, "F7", "photo"),
            ScreenAction(
                "basic", "查询基本信息", self.ask_basic, "F9", "search", "", linked, "" if linked else NO_HUB
            ),
            ScreenAction("verify", "核验", self.verify_typed, "F8", "shield-check", "primary"),
        )

    def on_shown(self) -> None:
        """Put the focus where the scanner types."""
        folder = self._desk.settings.watched_folder
        self.ask.show_folder(folder)
        self.ask.show_linked(self._desk.hub is not None)
        self.eye.watch(folder)
        self.ask.code.setFocus()
        self._desk.ask(self, _matters, "matters").on_success(self.ask.show_matters).start("store")

    def _arrived(self, there: frozenset[Path], fresh: list[Path]) -> None:
        if fresh:
            self.verify_file(fresh[-1])  # a document camera's newest picture is the one meant

    def may_leave(self) -> bool:
        """Forget everything when another page comes to the front."""
        self.clear()
        return True

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "verify"

    # -- ways in ------------------------------------------------------------------------------------

    def verify_typed(self) -> None:
        """Verify what stands in the field."""
        text = self.ask.code.text().strip()
        if text:
            self._start(lambda: text)
        else:
            self._say(UserError("nothing_shown"))
            self.ask.code.setFocus()

    def paste(self) -> None:
        """Verify what lies on the clipboard, without showing it."""
        text = QGuiApplication.clipboard().text().strip()
        if text:
            self._start(lambda: text)
        else:
            self._say(UserError("clipboard_empty"))

    def choose(self) -> None:
        """Ask for a picture, PDF or text file and verify it."""
        chosen = self._chooser.open(self, "选择要核验的图片或文件", SHOWS)
        if chosen:
            self.verify_file(Path(chosen))

    def verify_file(self, place: Path) -> None:
        """Verify a file; pictures are parsed in the limited child."""

        def read() -> Shown:
            from core.intake.scan import read_scan
            from core.intake.symbols import read_shown

            return read_shown(read_scan(place))

        self._start(read)

    # -- asking -------------------------------------------------------------------------------------

    def ask_basic(self) -> None:
        """F9: ask the hub for a unit's registered facts; the question stays until it is answered."""
        hub, uscc, reason = self._desk.hub, self.ask.uscc.text().strip(), self.ask.reason.text().strip()
        if hub is None:
            return
        if not uscc or not reason:
            self._say(UserError("basic_incomplete"))
            (self.ask.reason if uscc else self.ask.uscc).setFocus()
            return

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> BasicData:
            from core.services.hub_questions import basic_data

            return basic_data(session, hub, uscc, reason)

        self._run(op, self._on_basic, self._on_basic_failed)

    def _on_basic(self, found: BasicData) -> None:
        self.ask.forget_basic()
        self._show(basic_view(found))
        self.ask.uscc.setFocus()

    def _run(
        self, op: Callable[..., T], done: Callable[[T], None], failed: Callable[[BaseException], None]
    ) -> None:
        """Start a question; one that is under way is dropped."""
        if self._running is not None:
            self._running.cancel()
        self.problem.hide()
        self.answer.show_asking()
        task = self._desk.ask(self, op, "verify")
        self._running = task
        task.on_success(done).on_failure(failed).start("hub")

    def _show(self, view: AnswerView) -> None:
        self._running = None
        self.answer.show_answer(view)
        self._end.start()

    def _start(self, read: Callable[[], Shown | str]) -> None:
        matter, name, number = self.ask.question()
        if bool(name) != bool(number):
            self._say(UserError("person_incomplete"))
            (self.ask.number if name else self.ask.name).setFocus()
            return
        self.ask.forget()
        hub = self._desk.hub

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> Checked:
            from core.services.verification import Asked, Person, check

            person = Person(name, number) if name else None
            return check(session, hub, read(), Asked(matter or None, person))

        self._run(op, self._on_answer, self._on_failed)

    def _on_answer(self, checked: Checked) -> None:
        self.ask.show_matters(checked.matters)
        self._show(answer_view(checked))
        self.ask.code.setFocus()

    def _on_failed(self, error: BaseException) -> None:
        self._fail(error)
        self.ask.code.setFocus()

    def _on_basic_failed(self, error: BaseException) -> None:
        unreachable = isinstance(error, CertDeskError) and error.code == "hub_unreachable"
        self._fail(error, OFFLINE if unreachable else "")
        self.ask.uscc.setFocus()

    def _fail(self, error: BaseException, words: str = "") -> None:
        self._running = None
        self.answer.clear()
        if not (isinstance(error, CertDeskError) and error.code == "desk_locked"):
            self._say(error, words)

    def _say(self, error: BaseException, words: str = "") -> None:
        self.problem.set_text(words or sentence(error).whole(), "warn")
        self.problem.show()

    def clear(self) -> None:
        """Forget question and answer."""
        self._end.stop()
        if self._running is not None:
            self._running.cancel()
            self._running = None
        self.problem.hide()
        self.ask.forget()
        self.ask.forget_basic()
        self.answer.clear()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop looking into the folder."""
        self.eye.watch("")
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape clears."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.ask.code.setFocus()
        else:
            super().keyPressEvent(event)


def _matters(session: Session, progress: ReportProgress, cancel: CancelToken) -> Mapping[str, Matter]:
    from core.services.matters import known_matters

    return known_matters(session)


def make(desk: Desk, navigator: Navigator) -> VerifyScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return VerifyScreen(desk, navigator)
