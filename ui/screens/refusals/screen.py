"""退回事项: a list of what the hub refused of this desk, one item in front, two buttons below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.errors import CertDeskError
from ui.desk import Desk
from ui.messages import sentence
from ui.navigator import Navigator
from ui.screen import Footer, Header, Screen, ScreenAction
from ui.screens.refusals.sides_pane import SidesPane
from ui.screens.refusals.state import again_question, drop_question, item_view, lines
from ui.task import CancelToken, ReportProgress, Task
from ui.theme import size
from ui.widgets.buttons import Button
from ui.widgets.confirm import Question, ask
from ui.widgets.line_list import LineList
from ui.widgets.notice import EmptyState, Notice

if TYPE_CHECKING:
    from core.services.conflicts import Settled, WorkItem
    from core.services.session import Session

    Found = tuple[tuple[WorkItem, ...], int]
    """Items, and the year it is in the office."""

Ask = Callable[[QWidget | None, Question], bool]
LOADING, EMPTY, ITEMS = range(3)
NARROW_EMS = 60
"""Below this width list and item do not fit side by side."""

_DONE = {
    "drop": "已处理：保留省级已记录的。",
    "again": "已处理：按本机的重做了，等待送达省级。",
    "draft": "已按本机的内容填好，请核对后保存。",
}


class RefusalsScreen(Screen):
    """``open(item_id)`` comes from the navigator."""

    def __init__(self, desk: Desk, navigator: Navigator, *, ask_first: Ask = ask) -> None:
        super().__init__()
        self._desk, self._navigator, self._ask_first = desk, navigator, ask_first
        self._items: tuple[WorkItem, ...] = ()
        self._year = 0
        self._chosen = ""
        self._in_front = False
        self._settling = False
        self._wants_focus = False
        self._loading: Task[Found] | None = None
        self.list, self.pane = LineList("退回事项"), SidesPane()
        self.problem = Notice("", "bad")
        self.problem.add_button(Button("重试", face="quiet", on_click=self.load))
        self.problem.hide()
        self._layers = QStackedWidget()
        self._lay_out()
        self.list.chosen.connect(self._on_chosen)
        self.list.entered_key.connect(self._on_entered)
        self.pane.back_requested.connect(self._on_back)
        desk.changed.connect(self._on_changed)
        desk.unlocked.connect(self._on_changed)
        self._arrange()

    def _lay_out(self) -> None:
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        row.addWidget(self.list)
        row.addWidget(self.pane, 1)
        for each in (
            EmptyState("clock", "正在读取退回事项…"),
            EmptyState(
                "circle-check",
                "没有要处理的退回事项",
                "省级没有采用的操作会出现在这里，两边的内容并排列出，由您决定用哪一边。",
            ),
            both,
        ):
            self._layers.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 10)
        column.setSpacing(8)
        column.addWidget(self.problem)
        column.addWidget(self._layers, 1)

    # -- what the window asks -----------------------------------------------------------------------

    def header(self) -> Header:
        """Return the heading."""
        return Header("退回事项", "省级没有采用的操作，由您决定用哪一边")

    def footer(self) -> Footer:
        """Return the key hints."""
        if not self._items:
            return Footer()
        return Footer(hints=("↑↓ 选择", "Enter 查看", "Esc 返回列表"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the two choices for the item in front; nobody chooses between sides not shown."""
        view = self.pane.shown
        if view is None or self._layers.currentIndex() != ITEMS or self.pane.isHidden():
            return ()
        idle = not self._settling
        return (
            ScreenAction(
                "drop",
                "保留已记录的",
                lambda: self.settle("drop"),
                "F7",
                "cloud-check",
                "",
                view.may_drop and idle,
                "" if view.may_drop else view.drop,
            ),
            ScreenAction(
                "redo",
                "按本机的重做",
                lambda: self.settle("redo"),
                "F8",
                "rotate",
                "primary",
                view.may_redo and idle,
                "" if view.may_redo else view.redo,
            ),
        )

    def on_shown(self) -> None:
        """Read anew and put the focus in the list."""
        self._wants_focus = True
        self.load()

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "refusals"

    def open(self, item_id: str = "") -> None:
        """Show an item."""
        self._chosen, self._in_front = item_id, bool(item_id)
        self.load()

    # -- reading ------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the items; an answer that is still under way is dropped."""
        if self._loading is not None:
            self._loading.cancel()

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> Found:
            from core.clock import china_date
            from core.services.conflicts import open_items

            return open_items(session), china_date(session.now()).year

        self._loading = self._desk.ask(self, op, "refusals")
        self._loading.on_success(self._on_items).on_failure(self._on_failed).start("store")

    def _on_items(self, found: Found) -> None:
        self._items, self._year = found
        self.problem.hide()
        if self._items and all(item.id != self._chosen for item in self._items):
            self._chosen = self._items[0].id
        self.list.show_lines(lines(self._items, self._year), self._chosen)
        self._layers.setCurrentIndex(ITEMS if self._items else EMPTY)
        self._show()
        if self._wants_focus:
            self._wants_focus = False
            self._focus()

    def _focus(self) -> None:
        if self.pane.back.isVisible():
            self.pane.focus_start()
        else:
            self.list.setFocus()

    def _on_failed(self, error: BaseException) -> None:
        if not _locked(error):
            self.problem.set_text(sentence(error).whole(), "bad")
            self.problem.show()

    def _on_changed(self) -> None:
        if self.isVisible() and not self._desk.is_locked:
            self.load()

    def _item(self) -> WorkItem | None:
        return next((item for item in self._items if item.id == self._chosen), None)

    def _show(self) -> None:
        item = self._item()
        if item is not None:
            self.pane.show_item(item_view(item, self._year))
        self._arrange()
        self.shell_changed.emit()

    def _on_chosen(self, item_id: str) -> None:
        self._chosen = item_id
        self._show()

    def _on_entered(self, item_id: str) -> None:
        self._chosen, self._in_front = item_id, True
        self._show()
        self.pane.focus_start()

    # -- choosing -----------------------------------------------------------------------------------

    def settle(self, choice: str) -> None:
        """Keep what stands (asks first) or do it again (asks when it is done at once)."""
        item, view = self._item(), self.pane.shown
        if item is None or view is None or self._settling or not item.option(choice).open:
            return
        question = drop_question(view) if choice == "drop" else None
        if choice == "redo" and item.redo.way == "again":
            question = again_question(view)
        if question is not None and not self._ask_first(self.window(), question):
            return
        self._settling = True
        self.shell_changed.emit()
        item_id = item.id

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> Settled:
            from core.services.conflicts import settle

            return settle(session, item_id, choice)

        task = self._desk.act(self, op, "settle refusal")
        task.on_success(self._on_settled).on_failure(self._on_not_settled).on_cancelled(self._on_stopped)
        task.start("store")

    def _on_settled(self, done: Settled) -> None:
        self._settling, self._in_front = False, False
        said = "drop" if done.choice == "drop" else "again" if done.way == "again" else "draft"
        self._navigator.toast(_DONE[said])
        if done.form == "unit-record":
            self._navigator.open_units(done.unit, done.draft)
        elif done.draft:
            self._navigator.open_form(done.form, draft_id=done.draft)
        else:
            self._wants_focus = True
            self.load()

    def _on_not_settled(self, error: BaseException) -> None:
        self._on_stopped()
        if not _locked(error):
            self._navigator.toast(sentence(error).whole(), "bad")
            self.load()

    def _on_stopped(self) -> None:
        self._settling = False
        self.shell_changed.emit()

    # -- room ---------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Side by side where there is room; else the item in place of the list, Escape goes back."""
        narrow = self.width() < NARROW_EMS * size("body")
        in_front = narrow and self._in_front
        before = self.pane.isHidden()
        self.list.setVisible(not in_front)
        self.pane.setVisible(in_front or not narrow)
        self.pane.back.setVisible(in_front)
        share = round(self.width() * 0.27)
        if narrow:
            self.list.setMinimumWidth(0)
            self.list.setMaximumWidth(16_777_215)
        else:
            self.list.setFixedWidth(min(round(size("body") * 24), max(260, share)))
        if self.pane.isHidden() != before:
            self.shell_changed.emit()

    def _on_back(self) -> None:
        self._in_front = False
        self._arrange()
        self.list.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room out anew."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the list."""
        if event.key() == Qt.Key.Key_Escape:
            self._on_back()
        else:
            super().keyPressEvent(event)


def _locked(error: BaseException) -> bool:
    return isinstance(error, CertDeskError) and error.code == "desk_locked"


def make(desk: Desk, navigator: Navigator) -> RefusalsScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return RefusalsScreen(desk, navigator)
