"""One person's window: rail with the pages of their roles, and the navigator its screens are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton

from ui.desk import Desk
from ui.icons import icon
from ui.main_window import MainWindow
from ui.navigation import Page
from ui.navigator import FORM_PAGES, PAGES, MakeScreen, PageEntry, make_screen
from ui.roles import role_words
from ui.screen import Screen
from ui.sync_view import SyncView, chip_of, icon_of
from ui.task import Progress
from ui.theme import size, theme

if TYPE_CHECKING:
    from core.services.office_papers import OfficeFace

_FIRST = (("clerk", "apply"), ("reviewer", "review"), ("admin", "cases"), ("auditor", "audit"))


class FootButton(QPushButton):
    """An entry at the foot of the rail that does something instead of opening a page."""

    def __init__(self, caption: str, icon_name: str, key: str, on_click: Callable[[], object]) -> None:
        super().__init__()
        self._icon_name = icon_name
        self.setProperty("face", "rail")
        self.setAutoDefault(False)
        self.setToolTip(key)
        self.clicked.connect(lambda _checked=False: on_click())
        theme().changed.connect(self._fit)
        self.show_entry(caption, icon_name)

    def show_entry(self, caption: str, icon_name: str) -> None:
        """Show other words and another icon."""
        self._icon_name = icon_name
        self.setText(caption)
        self.setAccessibleName(caption)
        self._fit()

    def _fit(self) -> None:
        side = size("icon")
        self.setIcon(icon(self._icon_name, "muted", side))
        self.setIconSize(QSize(side, side))


class Shell:
    """Fills a window for one unlocked person. Implements :class:`ui.navigator.Navigator`."""

    def __init__(
        self, window: MainWindow, desk: Desk, face: OfficeFace, make: MakeScreen = make_screen
    ) -> None:
        self.window, self.desk, self.face, self._make = window, desk, face, make
        self.pages = tuple(page for page in PAGES if self._may(page))
        for page in self.pages:
            made = Page(page.key, page.title, page.icon, self._maker(page), page.at_foot, page.on_rail)
            window.add_page(made)
        window.rail.set_office_line(f"{face.login} · {face.office}")
        window.search_edited.connect(self._on_search_edited)
        window.search_submitted.connect(self._on_search_submitted)
        window.help_requested.connect(self.open_help)
        self.sync_entry: FootButton | None = None

    def add_foot(self, lock: Callable[[], object], open_sync: Callable[[], object]) -> None:
        """Add who sits here, the exchange (F5) and the lock (Ctrl+L) below the pages."""
        self.sync_entry = FootButton("同步", "refresh", "F5", open_sync)
        who = f"{self.face.login} · {role_words(self.face.roles)}"
        entry = FootButton("锁定", "lock", f"Ctrl+L　当前：{who}", lock)
        self.who = who
        column = self.window.rail.layout()
        if column is not None:
            column.addWidget(self.sync_entry)
            column.addWidget(entry)
        for key, run in (("F5", open_sync), ("Ctrl+L", lock)):
            QShortcut(QKeySequence(key), self.window).activated.connect(run)

    def first_page(self) -> str:
        """Return the page that opens after unlocking."""
        keys = {page.key for page in self.pages}
        return next((key for role, key in _FIRST if role in self.face.roles and key in keys), "cases")

    def show_sync(self, view: SyncView) -> None:
        """Show where the exchange stands, in the heading and in the rail."""
        self.window.rail.show_count("refusals", view.open_refusals)
        chip = chip_of(view)
        self.window.set_chips((chip,))
        if self.sync_entry is not None:
            words = f"同步（{view.pending}）" if view.pending else "同步"
            self.sync_entry.show_entry(words, icon_of(view))
            self.sync_entry.setToolTip(f"F5　{chip.text}")

    def save_now(self) -> None:
        """Let every screen hand its half-typed work to the store lane."""
        for page in self.pages:
            save: Any = getattr(self.window.screen_of(page.key), "save_now", None)
            if save is not None:
                save()

    def _may(self, page: PageEntry) -> bool:
        return not page.roles or bool({str(role) for role in self.face.roles} & set(page.roles))

    def _maker(self, page: PageEntry) -> Callable[[], Screen]:
        return lambda: self._make(page, self.desk, self)

    # -- navigator --------------------------------------------------------------------------------

    def _open(self, key: str, call: str, *args: str, **named: str) -> None:
        if all(page.key != key for page in self.pages):
            self.toast("您的角色不能办理此项。", "warn")
            return
        screen = self.window.open(key)
        if self.window.current_page != key or not (any(args) or any(named.values())):
            return
        opener: Any = getattr(screen, call, None)
        if opener is not None:
            opener(*args, **named)

    def open_form(self, form_id: str, unit_id: str = "", case_id: str = "", draft_id: str = "") -> None:
        """See the protocol."""
        self._open(FORM_PAGES[form_id], "open", unit_id=unit_id, case_id=case_id, draft_id=draft_id)

    def open_case(self, case_id: str) -> None:
        """See the protocol."""
        self._open("cases", "open", case_id)

    def open_review(self, case_id: str = "") -> None:
        """See the protocol."""
        self._open("review", "open", case_id)

    def open_claim(self, case_id: str) -> None:
        """See the protocol."""
        self._open("claim", "open", case_id)

    def open_units(self, unit_id: str = "", draft_id: str = "") -> None:
        """See the protocol."""
        self._open("units", "open", unit_id, draft_id)

    def open_uses(self, unit_id: str = "", unit_name: str = "") -> None:
        """See the protocol."""
        self._open("uses", "open", unit_id, unit_name)

    def open_refusals(self, item_id: str = "") -> None:
        """See the protocol."""
        self._open("refusals", "open", item_id)

    def open_changes(self, change_id: str = "", unit_id: str = "", kind: str = "") -> None:
        """See the protocol."""
        self._open("changes", "open", change_id, unit_id, kind)

    def open_help(self, topic: str) -> None:
        """See the protocol."""
        self._open("help", "open", topic)

    def open_settings(self, section: str = "") -> None:
        """See the protocol."""
        self._open("settings", "open", section)

    def toast(self, text: str, tone: str = "good") -> None:
        """See the protocol."""
        self.window.toast.say(text, tone)

    def busy(self, text: str, cancel: Callable[[], object] | None = None) -> None:
        """See the protocol."""
        self.window.busy.begin(text, cancel)

    def advance(self, progress: Progress) -> None:
        """See the protocol."""
        self.window.busy.advance(progress)

    def done(self) -> None:
        """See the protocol."""
        self.window.busy.end()

    # -- search -----------------------------------------------------------------------------------

    def _on_search_edited(self, text: str) -> None:
        search: Any = getattr(self.window.screen_of(self.window.current_page), "search", None)
        if search is not None:
            search(text)

    def _on_search_submitted(self, text: str) -> None:
        if getattr(self.window.screen_of(self.window.current_page), "search", None) is None:
            self._open("cases", "search", text)
