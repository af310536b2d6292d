"""Which approved case is before us: the list on the left, and the chosen case as the record has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.desk import Desk
from ui.screens.claim import ops
from ui.screens.claim.state import CaseFacts
from ui.widgets.line_list import SearchedList

if TYPE_CHECKING:
    from ui.screens.claim.ops import Choices

_NONE_FOUND = "没有找到。请核对单位名称、信用代码或受理号。"
_NONE_YET = "还没有已核准的申请。核准后会出现在这里。"


class Choosing(QObject):
    """Fills one list. ``case`` is empty while nothing is chosen, ``facts`` None until they are read."""

    turned = Signal()
    """Another case was chosen; nothing is known of it yet."""
    loaded = Signal(bool)
    """The chosen case was read; True: for the first time."""
    found = Signal()
    failed = Signal(object)

    def __init__(self, list_: SearchedList, desk: Desk) -> None:
        super().__init__(list_)
        self._list, self._desk = list_, desk
        self.case = ""
        self.facts: CaseFacts | None = None
        self._choices: Choices | None = None
        self._searching = 0
        list_.searched.connect(lambda _text: self.reload())
        list_.chosen.connect(self.choose)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The cases that wait for a phone."""
        return self._choices.unclaimed if self._choices else ()

    @property
    def others(self) -> tuple[str, ...]:
        """Those that wait beside the chosen one."""
        return tuple(each for each in self.waiting if each != self.case)

    def open(self, case_id: str) -> None:
        """Choose a case that the list may not show."""
        self._list.search.clear()
        self.choose(case_id)

    def reload(self) -> None:
        """Read the list anew."""
        self._searching += 1
        mine, query = self._searching, self._list.search.text()
        task = self._desk.ask(self, lambda session, _p, _c: ops.find_cases(session, query), "claim list")
        task.on_success(lambda found: self._on_found(found, query) if mine == self._searching else None)
        task.on_failure(self.failed.emit).start("store")

    def _on_found(self, found: Choices, query: str) -> None:
        if not query.strip():
            self._choices = found
        self._list.show_lines(found.lines, self.case, _NONE_FOUND if query.strip() else _NONE_YET)
        self.found.emit()

    def choose(self, case_id: str) -> None:
        """Turn to a case, and read it."""
        if case_id != self.case:
            self.case, self.facts = case_id, None
            self._list.rows.mark(case_id)
            self.turned.emit()
        self.load()

    def load(self) -> None:
        """Read the chosen case anew."""
        case = self.case
        if not case:
            return
        task = self._desk.ask(self, lambda session, _p, _c: ops.load_case(session, case), "claim case")
        task.on_success(self._on_loaded).on_failure(self.failed.emit).start("store")

    def _on_loaded(self, facts: CaseFacts) -> None:
        if facts.case == self.case:
            first, self.facts = self.facts is None, facts
            self.loaded.emit(first)
