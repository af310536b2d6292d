"""用证清单: the hub tells who verified the office's units; nothing of it is kept at the desk.

What was fetched stays in memory until the window ends, and says as of when it was told.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.errors import CertDeskError
from ui.desk import Desk
from ui.files import Chooser, DialogChooser
from ui.messages import sentence
from ui.navigator import Navigator
from ui.screen import Footer, Header, Screen, ScreenAction
from ui.screens.uses.filter_bar import FilterBar
from ui.screens.uses.line_card import LineCard
from ui.screens.uses.state import (
    COLUMNS,
    KINDS,
    Wish,
    chosen_words,
    count_words,
    file_name,
    party_choices,
    period,
    use_rows,
)
from ui.task import CancelToken, ReportProgress, Task
from ui.widgets.buttons import Button
from ui.widgets.labels import label, restyle
from ui.widgets.notice import EmptyState, Notice
from ui.widgets.row_table import RowTable

if TYPE_CHECKING:
    from core.services.hub_questions import UseList
    from core.services.session import Session

PAGE = 200
OFFLINE = "连不上省级平台，用证清单须联网取得。"
FETCHING, NO_HUB, NOT_FETCHED, NO_USE, NO_MATCH, ROWS = range(6)


class UsesScreen(Screen):
    """``open(unit_id, unit_name)`` comes from the navigator; without a unit it shows the whole office."""

    def __init__(self, desk: Desk, navigator: Navigator, *, chooser: Chooser | None = None) -> None:
        super().__init__()
        self._desk, self._navigator = desk, navigator
        self._chooser: Chooser = chooser or DialogChooser()
        self._unit = self._unit_name = ""
        self._limit = PAGE
        self._fetched: UseList | None = None
        self._chosen: UseList | None = None
        self._fetching: Task[UseList] | None = None
        self._narrowing: Task[UseList] | None = None
        self.filter, self.table, self.card = FilterBar(), RowTable(COLUMNS, "用证清单"), LineCard()
        self.only, self.problem = Notice(), Notice("", "warn")
        self.count = label("", "hint")
        self.more = Button("继续显示", icon_name="chevron-down", face="quiet", on_click=self._on_more)
        restyle(self.more, low=True)
        self.layers = QStackedWidget()
        self._lay_out()
        self.filter.days_wanted.connect(self.fetch)
        self.filter.narrowed.connect(self._on_narrowed)
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(self._on_opened)
        desk.locked.connect(self._stop)
        QShortcut(QKeySequence("F3"), self).activated.connect(self.filter.words.setFocus)

    def _lay_out(self) -> None:
        self.problem.add_button(Button("重试", face="quiet", on_click=self.fetch))
        self.only.add_button(Button("显示全部单位", face="quiet", on_click=lambda: self.open()))
        self.problem.hide()
        self.only.hide()
        shown = QWidget()
        inside = QVBoxLayout(shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        inside.addWidget(self.table, 1)
        inside.addWidget(self.card)
        foot = QHBoxLayout()
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.more)
        clear = Button("清除筛选", on_click=self.clear)
        for each in (
            EmptyState("clock", "正在从省级平台取得用证清单…"),
            EmptyState(
                "cloud-off", "本机还没有接入省级平台", "用证清单由省级平台记录。请管理员在“设置”里接入。"
            ),
            EmptyState(
                "cloud-off",
                "还没有取得用证清单",
                "用证清单由省级平台记录，须联网取得，本机不保存。",
                Button("重新取得", on_click=self.fetch),
            ),
            EmptyState("clipboard-list", "这些天没有部门查验过", "可以换一段日期。"),
            EmptyState("search", "没有符合条件的查验", "请换一个部门、单位或查找文字。", clear),
            shown,
        ):
            self.layers.addWidget(each)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 10)
        column.setSpacing(8)
        for widget in (self.filter, self.only, self.problem):
            column.addWidget(widget)
        column.addWidget(self.layers, 1)
        column.addLayout(foot)

    # -- what the window asks -----------------------------------------------------------------------

    def header(self) -> Header:
        """Return the heading."""
        return Header("用证清单", "哪些部门、何时、为办什么查验过本机关的单位；经办人已遮盖")

    def footer(self) -> Footer:
        """Return the key hints."""
        return Footer(hints=("F3 查找", "↑↓ 选择", "Enter 打开单位"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the buttons."""
        idle, some = self._fetching is None, bool(self._chosen and self._chosen.lines)
        why = "" if some else "没有可以保存的内容"
        able = idle and some
        # While something is fetched, Escape stops that.
        key = "Esc" if idle else ""
        return (
            ScreenAction("back", "单位登记", self._back, key, "arrow-left"),
            ScreenAction("fetch", "重新取得", self.fetch, "F6", "refresh", "", idle and self._linked),
            ScreenAction("pdf", "保存 PDF", lambda: self.export(".pdf"), "F7", "file-text", "", able, why),
            ScreenAction(
                "table", "导出表格", lambda: self.export(".csv"), "F8", "download", "primary", able, why
            ),
        )

    @property
    def _linked(self) -> bool:
        return self._desk.hub is not None

    def on_shown(self) -> None:
        """Fetch anew; what was fetched before stays in sight meanwhile."""
        self.fetch()
        self.table.setFocus()

    def may_leave(self) -> bool:
        """Stop fetching when another page comes to the front."""
        self._stop()
        return True

    def help_topic(self) -> str:
        """Return the manual's page."""
        return "uses"

    def search(self, text: str) -> None:
        """Filter by what is typed in the window's search line."""
        self.filter.words.setText(text)

    def open(self, unit_id: str = "", unit_name: str = "") -> None:
        """Show the lines about one unit, or about all."""
        self._unit, self._unit_name = unit_id, unit_name
        self.only.set_text(f"只显示“{unit_name}”", "accent")
        self.only.setVisible(bool(unit_id))
        self.filter.clear()

    def clear(self) -> None:
        """Want every line of the days again."""
        self.open()

    def _back(self) -> None:
        self._navigator.open_units(self._unit)

    # -- fetching -----------------------------------------------------------------------------------

    def fetch(self) -> None:
        """F6: ask the hub for the lines of the days wanted."""
        self._stop()
        hub = self._desk.hub
        self.problem.hide()
        if hub is None:
            self._front(NO_HUB)
            return
        wanted = self.filter.days

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> UseList:
            from core.clock import china_date
            from core.services.hub_questions import use_list

            def seen(count: int) -> None:
                cancel.check()
                progress(count, 0, f"正在取得用证清单：已取得 {count} 条…")

            return use_list(session, hub, *period(*wanted, china_date(session.now())), seen)

        task = self._desk.ask(self, op, "uses")
        task.on_success(self._on_fetched).on_failure(self._on_failure).on_cancelled(self._on_stopped)
        task.with_progress(self._navigator.advance)
        self._fetching = task
        self._navigator.busy("正在取得用证清单…", task.cancel)
        if self._fetched is None:
            self._front(FETCHING)
        self.shell_changed.emit()
        task.start("hub")

    def _on_fetched(self, found: UseList) -> None:
        self._done()
        self._fetched, self._limit = found, PAGE
        self.filter.show_parties(party_choices(found.lines))
        self._narrow()

    def _on_failure(self, error: BaseException) -> None:
        self._done()
        if isinstance(error, CertDeskError) and error.code == "desk_locked":
            return
        kept = "下面是先前取得的内容。" if self._fetched is not None else ""
        unreachable = isinstance(error, CertDeskError) and error.code == "hub_unreachable"
        said = OFFLINE if unreachable else sentence(error).whole()
        self.problem.set_text(said + kept, "warn")
        self.problem.show()
        if self._fetched is None:
            self._front(NOT_FETCHED)

    def _on_stopped(self) -> None:
        self._done()
        if self._fetched is None:
            self._front(NOT_FETCHED)

    def _done(self) -> None:
        if self._fetching is not None:
            self._fetching = None
            self._navigator.done()
        self.shell_changed.emit()

    def _stop(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            self._done()

    # -- showing ------------------------------------------------------------------------------------

    def _on_narrowed(self) -> None:
        self._limit = PAGE
        self._narrow()

    def _narrow(self) -> None:
        """Choose lines off the window's thread: a year of a province's city may be many."""
        found = self._fetched
        if self._narrowing is not None:
            self._narrowing.cancel()
        if found is None:
            return
        wish = Wish(self._unit, self.filter.wanted_party, self.filter.words.text().strip())

        def op(progress: ReportProgress, cancel: CancelToken) -> UseList:
            from core.services.use_lists import narrowed

            return narrowed(found, wish.unit, wish.party, wish.words)

        self._narrowing = Task(self, op, "narrow uses")
        self._narrowing.on_success(lambda chosen: self._show(chosen, wish)).start("render")

    def _show(self, chosen: UseList, wish: Wish) -> None:
        self._chosen = chosen
        lines = chosen.lines[: self._limit]
        self.table.show_rows(use_rows(lines))
        self._on_chosen(self.table.current_key())
        if self._fetched is not None:
            self.count.setText(count_words(self._fetched, len(lines), len(chosen.lines)))
        self.more.setVisible(len(lines) < len(chosen.lines))
        self._front(ROWS if lines else NO_MATCH if wish.narrows else NO_USE)

    def _on_more(self) -> None:
        self._limit += PAGE
        self._narrow()

    def _front(self, layer: int) -> None:
        self.layers.setCurrentIndex(layer)
        if layer < NO_USE:
            self.count.clear()
            self.more.hide()
        self.filter.setEnabled(layer != NO_HUB)
        self.shell_changed.emit()

    def _on_chosen(self, key: str) -> None:
        lines = self._chosen.lines if self._chosen else ()
        self.card.show_line(next((line for line in lines if line.use == key), None))

    def _on_opened(self, key: str) -> None:
        lines = self._chosen.lines if self._chosen else ()
        unit = next((line.unit for line in lines if line.use == key), "")
        if unit:
            self._navigator.open_units(unit)

    # -- keeping ------------------------------------------------------------------------------------

    def export(self, suffix: str) -> None:
        """F7, F8: write the lines in sight, and those below them, to a file."""
        found = self._chosen
        if found is None or not found.lines or self._fetching is not None:
            return
        chosen = self._chooser.save(self, "保存用证清单", file_name(found, suffix), KINDS[suffix])
        if not chosen:
            return
        place = Path(chosen if chosen.lower().endswith(suffix) else f"{chosen}{suffix}")
        said = chosen_words(self._unit_name, self._party_name(), self.filter.words.text().strip())

        def op(session: Session, progress: ReportProgress, cancel: CancelToken) -> str:
            from core.paths import write_atomic
            from core.services.use_lists import use_list_file

            write_atomic(place, use_list_file(session, found, suffix, said))
            return place.name

        self._navigator.busy("正在写入文件…")
        task = self._desk.ask(self, op, "write uses")
        task.on_success(lambda name: self._on_written(f"已保存为 {name}。", "good"))
        task.on_failure(lambda error: self._on_written(sentence(error).whole(), "bad"))
        task.start("render")

    def _on_written(self, words: str, tone: str) -> None:
        self._navigator.done()
        self._navigator.toast(words, tone)

    def _party_name(self) -> str:
        return self.filter.party.currentText() if self.filter.wanted_party else ""


def make(desk: Desk, navigator: Navigator) -> UsesScreen:
    """Return the page (``ui.navigator.PAGES``)."""
    return UsesScreen(desk, navigator)
