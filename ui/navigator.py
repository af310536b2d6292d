"""How a screen asks for another one, and the table of pages, each imported when it is first opened.

Screens know this protocol and nothing of each other, so that opening the window imports none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ui.desk import Desk
    from ui.screen import Screen
    from ui.task import Progress


class Navigator(Protocol):
    """What a screen may ask of the window around it. Every call is made on the window's thread."""

    def open_form(self, form_id: str, unit_id: str = "", case_id: str = "", draft_id: str = "") -> None:
        """Open 申领登记 ("attachment-1") or 变更责任人 ("attachment-3") with a unit, case or draft.

        The screen's ``open(unit_id=, case_id=, draft_id=)`` is called when one of them is given.
        """

    def open_case(self, case_id: str) -> None:
        """Open 受理台账 at a case (its ``open(case_id)``)."""

    def open_review(self, case_id: str = "") -> None:
        """Open 审核核准, at a case if one is given (its ``open(case_id)``)."""

    def open_claim(self, case_id: str) -> None:
        """Open 领取码 for a case (its ``open(case_id)``)."""

    def open_units(self, unit_id: str = "", draft_id: str = "") -> None:
        """Open 单位登记, at a unit or at a draft if one is given (its ``open(unit_id, draft_id)``)."""

    def open_uses(self, unit_id: str = "", unit_name: str = "") -> None:
        """Open 用证清单, narrowed to a unit if one is given (its ``open(unit_id, unit_name)``)."""

    def open_refusals(self, item_id: str = "") -> None:
        """Open 退回事项, at an item if one is given (its ``open(item_id)``)."""

    def open_changes(self, change_id: str = "", unit_id: str = "", kind: str = "") -> None:
        """Open 变更办理 at a change, or to file one for a unit (its ``open(change_id, unit_id, kind)``)."""

    def open_help(self, topic: str) -> None:
        """Open 操作手册 at a topic: a page of docs/manual or a field id."""

    def open_settings(self, section: str = "") -> None:
        """Open 设置, at a section if one is given."""

    def toast(self, text: str, tone: str = "good") -> None:
        """Say something at the lower edge; tone good, warn, bad, accent or ""."""

    def busy(self, text: str, cancel: Callable[[], object] | None = None) -> None:
        """Show the strip "something is going on" until :meth:`done`."""

    def advance(self, progress: Progress) -> None:
        """Show how far it is (a ``Task.with_progress`` handler)."""

    def done(self) -> None:
        """Hide the strip."""


class Opens(Protocol):
    """A screen that can be opened at something; which names it takes is the screen's own."""

    def open(self, *args: str, **named: str) -> None: ...


class SavesNow(Protocol):
    """A screen that keeps half-typed work: called right before the desk is locked or closed.

    It runs on the window's thread and hands its save to the store lane; the session is closed on the
    same lane after it.
    """

    def save_now(self) -> None: ...


@dataclass(frozen=True)
class PageEntry:
    """A page: where its screen is made, who sees it (empty = everybody), whether the rail has it."""

    key: str
    title: str
    icon: str
    module: str
    arguments: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    at_foot: bool = False
    on_rail: bool = True


PAGES: tuple[PageEntry, ...] = (
    PageEntry(
        "apply", "申领登记", "certificate", "ui.screens.application.screen", ("attachment-1",), ("clerk",)
    ),
    PageEntry(
        "change", "变更责任人", "user-edit", "ui.screens.application.screen", ("attachment-3",), ("clerk",)
    ),
    PageEntry("changes", "变更办理", "rotate", "ui.screens.changes.screen", (), ("clerk", "reviewer")),
    PageEntry("cases", "受理台账", "clipboard-list", "ui.screens.cases.screen"),
    PageEntry(
        "refusals",
        "退回事项",
        "alert-triangle",
        "ui.screens.refusals.screen",
        (),
        ("clerk", "reviewer", "admin"),
    ),
    PageEntry("review", "审核核准", "rubber-stamp", "ui.screens.review.screen", (), ("reviewer",)),
    PageEntry("claim", "领取码", "qrcode", "ui.screens.claim.screen", (), ("clerk",)),
    PageEntry("verify", "核验", "shield-check", "ui.screens.verify.screen", (), ("clerk", "reviewer")),
    PageEntry("units", "单位登记", "building-community", "ui.screens.units.screen"),
    PageEntry("uses", "用证清单", "list-check", "ui.screens.uses.screen", on_rail=False),
    PageEntry("audit", "操作记录", "history", "ui.screens.audit.screen", (), ("auditor", "admin")),
    PageEntry("help", "操作手册", "help-circle", "ui.screens.help.screen", at_foot=True),
    PageEntry("settings", "设置", "settings", "ui.screens.settings.screen", at_foot=True),
)
"""The pages in the rail's order. ``module.make(desk, navigator, *arguments)`` gives the screen."""

FORM_PAGES = {"attachment-1": "apply", "attachment-3": "change"}


MakeScreen = Callable[[PageEntry, "Desk", Navigator], "Screen"]


def make_screen(entry: PageEntry, desk: Desk, navigator: Navigator) -> Screen:
    """Import a page's module and let it make its screen."""
    make: Any = import_module(entry.module).make
    screen: Screen = make(desk, navigator, *entry.arguments)
    return screen
