"""What is before us: the list of the tab, and the change or waiting unit that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from ui.desk import Desk, SessionOperation
from ui.screens.changes import ops
from ui.screens.changes.panes import ChangePane
from ui.screens.changes.state import (
    NOT_FOUND,
    NOTHING,
    PERIOD,
    RECLAIM,
    TABS,
    WAITING,
    ChangeView,
    ReachView,
    ReclaimView,
)
from ui.task import Newest
from ui.widgets.count_tabs import CountTabs
from ui.widgets.line_list import SearchedList


class Reading(QObject):
    """Fills tabs, list and pane. ``in_front``: where only one of the two has room, the pane."""

    listed = Signal()
    shown = Signal()
    """The pane shows something else."""
    failed = Signal(object)

    def __init__(self, tabs: CountTabs, list_: SearchedList, pane: ChangePane, desk: Desk) -> None:
        super().__init__(pane)
        self._tabs, self._list, self._pane, self._desk = tabs, list_, pane, desk
        self._tab, self._chosen, self.in_front = WAITING, "", False
        self.page = ops.Page((), {}, False)
        self._newest = Newest()
        tabs.chosen.connect(self.turn)
        list_.searched.connect(lambda _text: self.load())
        list_.chosen.connect(self.choose)
        list_.entered.connect(lambda key: self.choose(key, in_front=True))
        self._show_tabs()

    # -- turning to something -----------------------------------------------------------------------

    def turn(self, tab: str) -> None:
        """Turn to a tab; its first line is chosen."""
        self._tab, self._chosen, self.in_front = tab, "", False
        self._show_tabs()
        self.load()

    def open(self, change_id: str, *, in_front: bool) -> None:
        """Turn to a change among those that wait; without one to whichever is first."""
        self._tab, self._chosen, self.in_front = WAITING, change_id, in_front
        self._list.search.clear()
        self.load()
        self.look()

    def choose(self, key: str, *, in_front: bool | None = None) -> None:
        """Turn to a line of the list."""
        self._chosen = key
        self.in_front = self.in_front if in_front is None else in_front
        self.look()

    def forget(self) -> None:
        """What was chosen is settled: read the list anew and turn to its first line."""
        self._chosen, self.in_front = "", False
        self.load()

    # -- reading ------------------------------------------------------------------------------------

    def _run(self, slot: str, op: SessionOperation[Any], done: Callable[[Any], None]) -> None:
        task = self._desk.ask(self, op, slot).on_success(done).on_failure(self.failed.emit)
        self._newest.start(slot, task)

    def load(self) -> None:
        """Read the list of the tab."""
        tab, query = self._tab, self._list.search.text()
        self._run("changes", lambda session, _p, _c: ops.page(session, tab, query), self._on_page)

    def _on_page(self, page: ops.Page) -> None:
        self.page = page
        self._show_tabs()
        keys = [line.key for line in page.rows]
        if self._chosen not in keys and not self.in_front:
            self._chosen = keys[0] if keys else ""
            self.look()
        nothing = NOT_FOUND if self._list.search.text().strip() else NOTHING[self._tab]
        self._list.show_lines(page.rows, self._chosen, nothing)
        self.listed.emit()

    def _show_tabs(self) -> None:
        counts = self.page.counts
        segments = tuple(
            (code, f"{words} {counts[code]}" if code in counts else words) for code, words in TABS
        )
        self._tabs.show_segments(segments, self._tab)

    def look(self) -> None:
        """Read what is chosen."""
        key = self._chosen
        if not key:
            self._on_reclaim(None)
        elif self._tab in (RECLAIM, PERIOD):
            look = ops.reclaim if self._tab == RECLAIM else ops.period
            self._run("one", lambda session, _p, _c: look(session, key), self._on_reclaim)
        else:
            self._run("one", lambda session, _p, _c: ops.change(session, key), self._on_change)

    def _on_change(self, view: ChangeView) -> None:
        self._pane.show_change(view)
        self.shown.emit()
        if view.voided:
            self._ask_reach(view)

    def _ask_reach(self, view: ChangeView) -> None:
        """Fill the reach meter; without a line to the hub it stays away."""
        hub = self._desk.hub
        if hub is None:
            return

        def told(found: ReachView | None) -> None:
            if found is not None:
                self._pane.show_reach(view.id, found)

        task = self._desk.ask(self, lambda session, _p, _c: ops.reach(session, hub, view.unit), "reach")
        task.on_success(told).on_failure(lambda _error: None).start("hub")

    def _on_reclaim(self, view: ReclaimView | None) -> None:
        if view is None:
            self._pane.show_nothing()
        else:
            self._pane.show_reclaim(view)
        self.shown.emit()
