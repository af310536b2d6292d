"""Ticks and scans of the application in hand: from the panel to the record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ui.screens.application import loading, words
from ui.screens.application.papers_state import PapersState, papers_state
from ui.screens.application.scan_desk import ScanDesk
from ui.screens.application.scan_viewer import ScanViewer
from ui.screens.application.work import SIGNED_FORM, Work

if TYPE_CHECKING:
    from ui.screens.application.screen import ApplicationScreen

TICK_PAUSE_MS = 700
SCANS = "扫描件 (*.jpg *.jpeg *.png *.pdf)"


class PaperDesk(QObject):
    """Coordinates the papers panel of one screen."""

    def __init__(self, screen: ApplicationScreen) -> None:
        super().__init__(screen)
        self._screen = screen
        self._role = ""
        self.unsaved = False
        """True from a tick until the record holds exactly what is ticked."""
        self.scans = ScanDesk(screen, screen.desk, screen.navigator)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TICK_PAUSE_MS)
        self._pause.timeout.connect(self.keep_ticks)
        papers = screen.bench.papers
        papers.ticked.connect(self._on_ticked)
        papers.role_changed.connect(self._on_role)
        papers.path_entered.connect(lambda path, role: self.add([path], role))
        papers.dropped.connect(self.add)
        papers.choose_requested.connect(self._choose)
        papers.offer_taken.connect(self._take_offer)
        papers.offer_declined.connect(self.scans.take_offer)
        papers.scan_opened.connect(self._open)
        self.scans.changed.connect(lambda: screen.show_work())
        self.scans.kept.connect(lambda _case: screen.hand.refresh_soon())

    def begin(self) -> None:
        """Other work is on the bench: its previews and its choice of role are forgotten."""
        self._pause.stop()
        self._role, self.unsaved = "", False
        self.scans.forget()

    def state(self, work: Work) -> PapersState:
        """Work out the panel, and fetch previews that are missing."""
        if work.case is not None:
            self.scans.want_previews([scan.id for scan in work.case.scans])
        offer = self.scans.offers[0].name if self.scans.offers else ""
        return papers_state(work, self._role, offer, dict(self.scans.previews))

    # -- ticks ------------------------------------------------------------------------------------

    def _on_ticked(self, item: str, which: str, on: bool) -> None:
        work = self._screen.hand.work
        if work is None:
            return
        self._screen.hand.take(work.with_tick(item, which, on))
        if work.case is None:
            self._screen.hand.keeper.touch()
        else:
            self.unsaved = True
            self._pause.start()

    def settle_ticks(self) -> None:
        """The case was just written: what was ticked while that ran still has to be."""
        work = self._screen.hand.work
        self.unsaved = work is not None and work.ticks_changed
        if self.unsaved:
            self._pause.start()

    def keep_ticks_now(self) -> None:
        """Do not wait for the pause."""
        if self._pause.isActive():
            self._pause.stop()
            self.keep_ticks()

    def keep_ticks(self) -> None:
        """Write the ticks down: one act for a handful of them."""
        work, desk = self._screen.hand.work, self._screen.desk
        if work is None or not self.unsaved or desk.is_locked:
            return
        if self._screen.hand.keeper.held:
            self._pause.start()
            return
        session = desk.session

        def done(_: None) -> None:
            now = self._screen.hand.work
            # Other work may have come to the bench meanwhile: its own ticks are another matter.
            if now is None or now.case is None or work.case is None:
                return
            if now.case.id == work.case.id and now.ticks == work.ticks:
                self.unsaved = False

        task = desk.act(self, lambda *_: loading.keep_ticks(session, work), "keep ticks")
        task.on_success(done).on_failure(self._screen.fail).start("store")

    # -- scans ------------------------------------------------------------------------------------

    def add(self, paths: list[str], role: str) -> None:
        """Examine files and keep them as scans of ``role``."""
        work, toast = self._screen.hand.work, self._screen.navigator.toast
        if work is None or work.case is None or not work.editable:
            toast("申请表打印之后，就可以添加扫描件。", "warn")
        elif role == SIGNED_FORM and not work.printed:
            toast(words.why_not_submitted(work) or "请先打印当前内容。", "warn")
        else:
            self._role = ""
            self.scans.add(work.case.id, [Path(path).expanduser() for path in paths], role)

    def _on_role(self, role: str) -> None:
        self._role = role
        self._screen.show_work()

    def _choose(self, role: str) -> None:
        chosen = self._screen.chooser.open(self._screen, "选择扫描件", SCANS)
        if chosen:
            self.add([chosen], role)

    def _take_offer(self, role: str) -> None:
        path = self.scans.take_offer()
        if path is not None:
            self.add([str(path)], role)

    def _open(self, scan_id: str) -> None:
        work = self._screen.hand.work
        scan = next((s for s in work.case.scans if s.id == scan_id), None) if work and work.case else None
        picture = self.scans.previews.get(scan_id)
        if work is None or scan is None:
            return
        if picture is None:
            self._screen.navigator.toast("正在准备这份扫描件，请稍候再点。", "")
            return
        ScanViewer(self._screen, words.role_words(work, scan.role), picture, scan.pages).open()
