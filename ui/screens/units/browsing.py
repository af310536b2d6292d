"""Which unit is before us: the list with its search, and the chosen unit as the register has it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ui.desk import Desk
from ui.screens.units import ops
from ui.screens.units.state import NEW, UnitFacts
from ui.widgets.line_list import Line, SearchedList

_NONE_FOUND = "没有找到。可以输入名称中的几个字、拼音首字母，或信用代码的开头。"
_NONE_YET = "登记簿还是空的。按 Ctrl+N 登记第一个单位。"


class Browsing(QObject):
    """Fills one list. ``unit`` is :data:`NEW` while none is chosen; ``facts`` are of the unit last read."""

    loaded = Signal()
    failed = Signal(object)

    def __init__(self, list_: SearchedList, desk: Desk) -> None:
        super().__init__(list_)
        self._list, self._desk = list_, desk
        self.unit = NEW
        self.facts: UnitFacts | None = None
        self._searching = 0
        list_.searched.connect(lambda _text: self.reload())

    @property
    def known(self) -> UnitFacts | None:
        """What is known of the chosen unit."""
        return self.facts if self.facts is not None and self.facts.unit == self.unit else None

    def reload(self) -> None:
        """Read the list anew."""
        self._searching += 1
        mine, query = self._searching, self._list.search.text()
        task = self._desk.ask(self, lambda session, _p, _c: ops.find(session, query), "units")
        task.on_success(lambda lines: self._on_found(lines, query) if mine == self._searching else None)
        task.on_failure(self.failed.emit).start("store")

    def _on_found(self, lines: tuple[Line, ...], query: str) -> None:
        self._list.show_lines(lines, self.unit, _NONE_FOUND if query.strip() else _NONE_YET)

    def mark(self, unit_id: str) -> None:
        """Turn to a unit, or to none, without reading it."""
        self.unit = unit_id
        self._list.rows.mark(unit_id)

    def choose(self, unit_id: str) -> None:
        """Turn to a unit and read it."""
        self.mark(unit_id)
        self.load()

    def take(self, facts: UnitFacts) -> None:
        """Turn to a unit that was read already."""
        self.facts = facts
        self.mark(facts.unit)

    def load(self) -> None:
        """Read the chosen unit anew."""
        unit = self.unit
        if unit == NEW:
            return
        task = self._desk.ask(self, lambda session, _p, _c: ops.load(session, unit), "unit")
        task.on_success(self._on_loaded).on_failure(self.failed.emit).start("store")

    def _on_loaded(self, facts: UnitFacts) -> None:
        if facts.unit == self.unit:
            self.facts = facts
            self.loaded.emit()
