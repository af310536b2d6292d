"""操作记录: who did what when, and one button that proves the record whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.errors import CertDeskError
from ui.desk import Desk
from ui.messages import sentence
from ui.navigator import Navigator
from ui.screen import Footer, Header, Screen, ScreenAction
from ui.screens.audit.filter_bar import FilterBar
from ui.screens.audit.state import COLUMNS, Wish, audit_rows, verified_words
from ui.task import CancelToken, ReportProgress, Task
from ui.widgets.buttons import Button
from ui.widgets.labels import label, restyle
from ui.widgets.notice import EmptyState, Notice
from ui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from core.services.audit import AuditLine
    from core.services.session import Session

PAGE = 200
_LOADING, _NOT_YOURS, _NO_MATCH, _ROWS = range(4)

Found = tuple[list["AuditLine"], tuple[tuple[str, str], ...]]
"""Lines of the record, and the people of the office."""


class AuditScreen(Screen):
    """Reads pages of the record; exports nothing."""

    def __init__(self, desk: Desk, navigator: Navigator) -> None:
        super().__init__()
        self._desk, self._navigator = desk, navigator
        self._wish = Wish()
        self._lines: list[AuditLine] = []
        self._wanted = PAGE
        self._reading: Task[Any] | None = None
        self._verifying: Task[Any] | None = None
        self.filter, self.table = FilterBar(), RowTable(COLUMNS, "操作记录")
        self.result, self.problem = Notice(), Notice("", "bad")
        self.count = label("", "hint")
        self.more = Button("继续显示", icon_name="chevron-down", face="quiet", on_click=self._on_more)
        restyle(self.more, low=True)
        self._layers = QStackedWidget()
        self._lay_out()
        self.filter.wished.connect(self._on_wish)
        self.table.opened.connect(self._on_opened)
        desk.changed.connect(self._on_changed)
        desk.locked.connect(self._stop)

    def _lay_out(self) -> None:
        self.problem.add_button(Button("重试", face="quiet", on_click=self.load))
        self.problem.hide()
        self.result.hide()
        foot = QHBoxLayout()
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.more)
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(self.table, 1)
        inside.addLayout(foot)
        clear = Button("清除筛选", on_click=self.filter.clear)
        for each in (
            EmptyState("clock", "正在读取记录…"),
            EmptyState("lock", "操作记录只对审计和管理员开放", "如需查看，请由审计人员或管理员登录。"),
            EmptyState("search", "没有符合条件的记录", "请换一种操作、经手人或查找文字。", clear),
            shown,
        ):
            self._layers.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 10)
        column.setSpacing(8)
        for widget in (self.filter, self.result, self.problem):
            column.addWidget(widget)
        column.addWidget(self._layers, 1)

    # -- what the window asks -----------------------------------------------------------------------

    def header(self) -> Header:
        """Return the heading."""
        return Header("操作记录", "全部操作，只增不改；每条都有经手人的签名")

    def footer(self) -> Footer:
        """Return the key hints."""
        return Footer(hints=("↑↓ 选择", "Enter 查看所属申请", "Ctrl+K 查找"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the proof, and the way to what others did with the office's certificates."""
        allowed = self._layers.currentIndex() != _NOT_YOURS
        why = "" if allowed else "操作记录只对审计和管理员开放"
        able = allowed and self._verifying is None
        run = self.verify
        return (
            ScreenAction("uses", "用证清单", self._navigator.open_uses, "F7", "list-check"),
            ScreenAction("verify", "核验记录完整性", run, "F6", "shield-check", "primary", able, why),
        )

    def on_shown(self) -> None:
        """Read the newest page and put the focus in the list."""
        self.load()
        self.table.setFocus()

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "audit"

    def search(self, text: str) -> None:
        """Filter by what is typed in the window's search line."""
        self.filter.text.setText(text)

    # -- the record ---------------------------------------------------------------------------------

    def load(self) -> None:
        """Read from the newest on, as many lines as were asked for."""
        self._ask(0, self._wanted)

    def _ask(self, after: int, limit: int) -> None:
        if self._reading is not None:
            self._reading.cancel()
        wish = self._wish

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> Found:
            from core.services.audit import RecordFilter, audit_page, people_on_record

            kinds = (wish.kind,) if wish.kind else ()
            lines = audit_page(session, RecordFilter(kinds, wish.person, wish.text), after, limit + 1)
            return lines, people_on_record(session)

        task = self._desk.ask(self, op, "audit")
        self._reading = task
        task.on_success(lambda found: self._on_lines(found, after, limit)).on_failure(self._on_failure)
        task.start("store")

    def _on_lines(self, found: Found, after: int, limit: int) -> None:
        lines, people = found
        self.filter.show_people(people)
        self.more.setVisible(len(lines) > limit)
        self._lines = [*(self._lines if after else []), *lines[:limit]]
        self.table.show_rows(audit_rows(self._lines))
        self.count.setText(f"已显示 {len(self._lines)} 条")
        self.problem.hide()
        self._front(_ROWS if self._lines else _NO_MATCH)

    def _on_failure(self, error: BaseException) -> None:
        code = error.code if isinstance(error, CertDeskError) else ""
        if code == "role_missing":
            self._front(_NOT_YOURS)
        elif code != "desk_locked":
            self.problem.set_text(sentence(error).whole(), "bad")
            self.problem.show()

    def _front(self, layer: int) -> None:
        changed = (layer == _NOT_YOURS) != (self._layers.currentIndex() == _NOT_YOURS)
        self._layers.setCurrentIndex(layer)
        self.filter.setVisible(layer != _NOT_YOURS)
        if changed:
            self.shell_changed.emit()

    def _on_wish(self, wish: Wish) -> None:
        if wish != self._wish:
            self._wish, self._wanted = wish, PAGE
            self.load()

    def _on_more(self) -> None:
        self._wanted += PAGE
        self._ask(self._lines[-1].recorded.position if self._lines else 0, PAGE)

    def _on_changed(self) -> None:
        if self.isVisible():
            self.load()

    def _on_opened(self, key: str) -> None:
        line = next((each for each in self._lines if str(each.recorded.position) == key), None)
        if line is None:
            return
        action = line.recorded.signed.action
        if action.subject_kind == "unit":
            self._navigator.open_units(action.subject)
        elif line.subject:  # claims and certificates are labelled with their case's number
            self._navigator.open_case(line.subject)

    # -- proof --------------------------------------------------------------------------------------

    def verify(self) -> None:
        """F6: check every link and signature, then rebuild the lists and compare."""
        if self._verifying is not None:
            return
        self.result.hide()

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> int:
            from core.services.audit import verify_record

            def seen(done: int, total: int) -> None:
                cancel.check()
                progress(done, total, f"正在核验第 {done} / {total} 条记录…")

            return verify_record(session, seen)

        # Not on the store lane: it may take a while, and it only reads.
        task = self._desk.ask(self, op, "verify")
        task.on_success(self._rebuild).on_failure(self._on_broken).on_cancelled(self._done)
        task.with_progress(self._navigator.advance)
        self._verifying = task
        self._navigator.busy("正在核验记录…", task.cancel)
        self.shell_changed.emit()
        task.start("render")

    def _rebuild(self, count: int) -> None:
        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> str:
            from core.clock import to_stamp
            from core.services.audit import check_rebuild

            check_rebuild(session)
            return to_stamp(session.now())

        task = self._desk.ask(self, op, "rebuild")
        task.on_success(lambda at: self._on_proved(count, at)).on_failure(self._on_broken)
        task.on_cancelled(self._done)
        self._verifying = task
        self._navigator.busy("正在比对台账与记录…")
        task.start("store")

    def _on_proved(self, count: int, at: str) -> None:
        self._done()
        self.result.set_text(verified_words(count, at), "good")
        self.result.show()

    def _on_broken(self, error: BaseException) -> None:
        self._done()
        if isinstance(error, CertDeskError) and error.code == "desk_locked":
            return
        self.result.set_text(f"核验没有通过：{sentence(error).whole()}", "bad")
        self.result.show()

    def _done(self) -> None:
        self._verifying = None
        self._navigator.done()
        self.shell_changed.emit()

    def _stop(self) -> None:
        if self._verifying is not None:
            self._verifying.cancel()


def make(desk: Desk, navigator: Navigator) -> AuditScreen:
    """Return the screen."""
    return AuditScreen(desk, navigator)
