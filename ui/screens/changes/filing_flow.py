"""From the choice of a unit to a filed change: the way through the two pages of a filing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.records.changes import REPRESENTATIVE
from ui.desk import Desk, SessionOperation
from ui.messages import sentence
from ui.navigator import Navigator
from ui.screen import Footer, Header, ScreenAction
from ui.screens.changes import ops
from ui.screens.changes.filing import Filing
from ui.screens.changes.state import NOT_FOUND
from ui.task import Newest
from ui.widgets.confirm import Question
from ui.widgets.line_list import Line, SearchedList

Ask = Callable[[QWidget | None, Question], bool]
LIST, PICK, FILE = range(3)
_DROP = Question(
    "放弃填报", "这项变更还没有提交，已填写的内容将不保留。", "放弃填报", danger=True, stay="继续填报"
)


class FilingFlow(QObject):
    """Owns both pages. ``front_wanted`` names the layer to show, ``filed`` the change that came of it."""

    front_wanted = Signal(int)
    filed = Signal(str)
    changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        screen: QWidget,
        desk: Desk,
        navigator: Navigator,
        ask: Callable[[QWidget | None, Question], bool],
    ) -> None:
        super().__init__(screen)
        self._screen, self._desk, self._navigator, self._ask = screen, desk, navigator, ask
        self._at, self._working = LIST, False
        self._newest = Newest()
        self.units = SearchedList("单位", "哪个单位要变更：名称、拼音首字母、信用代码")
        self.filing = Filing(ops.record_form())
        self.units.searched.connect(lambda _text: self._find())
        self.units.entered.connect(lambda key: self.begin(key))
        self.units.rows.clicked.connect(lambda _at: self.begin(self.units.rows.current_key()))
        self.filing.look_wanted.connect(self._look)
        self.filing.changed.connect(self.changed)
        self.filing.submit_requested.connect(self.submit)

    # -- what the window asks -----------------------------------------------------------------------

    def header(self) -> Header:
        """Return the heading while filing."""
        return Header("变更办理", "填报变更" if self._at == FILE else "填报变更：选择单位")

    def footer(self) -> Footer:
        """Return the key hints while filing."""
        if self._at == FILE:
            return Footer(hints=("Tab 下一项", "F8 提交审核", "Esc 放弃"))
        return Footer(hints=("↑↓ 选择", "Enter 选定"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the acts while filing."""
        if self._at != FILE:
            return (ScreenAction("drop", "返回", self.drop, "Esc"),)
        return (
            ScreenAction("drop", "放弃", self.drop, "Esc"),
            ScreenAction("file", "提交审核", self.submit, "F8", "send", "primary", not self._working),
        )

    # -- steps --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Choose the unit first."""
        self._go(PICK)
        self.units.search.clear()
        self._find()
        self.units.focus_search()

    def begin(self, unit_id: str, kind: str = "") -> None:
        """Ask for a change of a unit, of ``kind`` at first."""
        if not unit_id:
            return

        def begun(found: tuple[ops.UnitFacts, tuple[tuple[str, str], ...]]) -> None:
            self.filing.set_offices(found[1])
            self._go(FILE)
            self.filing.begin(found[0], kind or REPRESENTATIVE)

        self._run("unit", lambda session, _p, _c: (ops.unit(session, unit_id), ops.offices(session)), begun)

    def submit(self) -> None:
        """F8: file the change; what is missing or refused is said above the form, and nothing is lost."""
        filing, unit = self.filing, self.filing.unit
        if self._at != FILE or unit is None or self._working:
            return
        if filing.missing():
            filing.show_problem(filing.missing())
            filing.reveal()
            return
        kind, typed, basis, details = filing.asks.kind, filing.typed, filing.basis.text(), filing.details
        self._working = True
        self.changed.emit()
        task = self._desk.act(
            self, lambda session, _p, _c: ops.file(session, unit.unit, kind, typed, basis, details), "file"
        )
        task.on_success(self._on_filed).on_failure(self._on_refused).on_cancelled(self._on_stopped)
        task.start("store")

    def _on_filed(self, change_id: str) -> None:
        self._on_stopped()
        self._end()
        self._navigator.toast("变更已提交，由另一位工作人员审核。")
        self.filed.emit(change_id)

    def _on_refused(self, error: BaseException) -> None:
        self._on_stopped()
        self.filing.show_problem(sentence(error))

    def _on_stopped(self) -> None:
        self._working = False
        self.changed.emit()

    def drop(self) -> None:
        """Escape: back to the list, after asking if something was typed."""
        self.leave()

    def leave(self) -> bool:
        """Leave the filing; False when the person wants to go on."""
        if self._at == FILE and self.filing.dirty and not self._ask(self._screen.window(), _DROP):
            return False
        if self._at != LIST:
            self._end()
        return True

    def focus_search(self) -> None:
        """F3 while a unit is being chosen."""
        if self._at == PICK:
            self.units.focus_search()

    def _end(self) -> None:
        self.filing.end()
        self._go(LIST)

    def _go(self, layer: int) -> None:
        self._at = layer
        self.front_wanted.emit(layer)

    # -- reading ------------------------------------------------------------------------------------

    def _run(self, slot: str, op: SessionOperation[Any], done: Callable[[Any], None]) -> None:
        task = self._desk.ask(self, op, slot).on_success(done).on_failure(self.failed.emit)
        self._newest.start(slot, task)

    def _find(self) -> None:
        query = self.units.search.text()

        def found(lines: tuple[Line, ...]) -> None:
            if query == self.units.search.text():
                self.units.show_lines(lines, lines[0].key if lines else "", NOT_FOUND)

        self._run("units", lambda session, _p, _c: ops.units(session, query), found)

    def _look(self) -> None:
        unit, kind, typed = self.filing.unit, self.filing.asks.kind, self.filing.typed
        if unit is None:
            return

        def looked(found: ops.Looked) -> None:
            if self.filing.unit is unit and self.filing.asks.kind == kind:
                self.filing.show_looked(found)

        self._run("look", lambda session, _p, _c: ops.look(session, unit.unit, kind, typed), looked)
