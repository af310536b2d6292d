"""Feeds the start page: units found, drafts left over, a draft given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.screens.application import loading
from ui.widgets.confirm import Question, ask

if TYPE_CHECKING:
    from ui.screens.application.screen import ApplicationScreen


class Picking(QObject):
    """Coordinates the screen's picker."""

    def __init__(self, screen: ApplicationScreen) -> None:
        super().__init__(screen)
        self._screen, self._picker, self._desk = screen, screen.picker, screen.desk
        self._picker.searched.connect(self._find)
        self._picker.discarded.connect(self._discard)

    def refresh(self) -> None:
        """Look again for units and drafts."""
        self._find(self._picker.list.search.text())
        form_id = self._screen.form_id
        task = self._desk.ask(self, lambda session, *_: loading.drafts_of(session, form_id), "list drafts")
        task.on_success(self._picker.show_drafts).on_failure(self._screen.fail).start("store")

    def _find(self, query: str) -> None:
        def done(found: tuple[loading.UnitChoice, ...]) -> None:
            if query == self._picker.list.search.text():
                self._picker.show_units(query, found)

        task = self._desk.ask(self, lambda session, *_: loading.pick(session, query), "find units")
        task.on_success(done).on_failure(self._screen.fail).start("store")

    def _discard(self, draft_id: str) -> None:
        question = Question(
            "放弃这份草稿", "草稿里填写的内容将被删除，不能恢复。", "放弃草稿", danger=True
        )  # fmt: skip
        if not ask(self._screen, question):
            return
        self._screen.hand.let_go(draft_id)
        task = self._desk.act(self, lambda session, *_: loading.discard(session, draft_id), "discard draft")
        task.on_success(lambda _: self.refresh()).on_failure(self._screen.fail).start("store")
