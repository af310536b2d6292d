"""What the papers panel shows, worked out from a piece of work. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ui.screens.application.words import role_words, short
from ui.screens.application.work import SIGNED_FORM, Work

FORM_ITEM = "application_form"
"""The checklist's own line for the signed form; an office may have taken it out."""


@dataclass(frozen=True)
class Tile:
    """A scan: ``current`` is False for a signed form whose text has changed since."""

    id: str
    pages: int
    current: bool = True


@dataclass(frozen=True)
class PaperRow:
    """A paper of the checklist. None for a tick means that it is not asked."""

    item: str
    text: str
    whole: str
    original: bool | None
    copy: bool | None
    needed: bool
    role: str
    tiles: tuple[Tile, ...] = ()


@dataclass(frozen=True)
class PapersState:
    """Everything the panel shows. ``roles`` are pairs of role and words, the likely one first chosen."""

    rows: tuple[PaperRow, ...] = ()
    enabled: bool = True
    roles: tuple[tuple[str, str], ...] = ()
    role: str = ""
    scan_note: str = ""
    can_scan: bool = False
    offer: str = ""
    missing: int = 0
    previews: Mapping[str, bytes] = field(default_factory=dict)


def paper_role(item: str) -> str:
    """Return the role of a scan of one paper; the form's own line takes the signed form."""
    return SIGNED_FORM if item == FORM_ITEM else f"paper:{item}"


def papers_state(work: Work, chosen_role: str, offer: str, previews: Mapping[str, bytes]) -> PapersState:
    """Work out the panel. ``chosen_role`` is what the clerk picked, or empty."""
    can_scan = work.case is not None and work.editable
    roles = [SIGNED_FORM, *(f"paper:{item.id}" for item in work.checklist if item.id != FORM_ITEM)]
    role = chosen_role if chosen_role in roles else likely_role(work, roles)
    return PapersState(
        rows=tuple(_rows(work)),
        enabled=work.editable,
        roles=tuple((each, role_words(work, each)) for each in roles),
        role=role,
        scan_note=scan_note(work, role),
        can_scan=can_scan,
        offer=offer,
        missing=len(work.missing),
        previews=previews,
    )


def likely_role(work: Work, roles: list[str]) -> str:
    """Return what is probably scanned next: the signed form until it is there, then papers without scan."""
    if not work.signed:
        return SIGNED_FORM
    have = {scan.role for scan in work.case.scans} if work.case else set()
    return next((role for role in roles if role not in have), SIGNED_FORM)


def scan_note(work: Work, role: str) -> str:
    """Return why a scan cannot be added yet, or what may be added."""
    if not work.editable:
        return ""
    if work.case is None:
        return "申请表打印之后，就可以添加扫描件（JPG、PNG、PDF）。"
    if role == SIGNED_FORM and not work.printed:
        return "内容改过或还没有打印：请先按 F9 打印，再扫描签好的这一份。"
    return ""


def _rows(work: Work) -> list[PaperRow]:
    rows = []
    lines = [(item, paper_role(item.id)) for item in work.checklist]
    for item, role in lines:
        ticks = work.ticks.get(item.id, {})
        rows.append(
            PaperRow(
                item.id,
                short(item.label),
                item.label,
                bool(ticks.get("original")) if item.original else None,
                bool(ticks.get("copy")) if item.copy else None,
                item.needed(work.values),
                role,
                _tiles(work, role),
            )
        )
    if all(role != SIGNED_FORM for _, role in lines):
        tiles = _tiles(work, SIGNED_FORM)
        words = role_words(work, SIGNED_FORM)
        rows.insert(0, PaperRow("", words, words, None, None, True, SIGNED_FORM, tiles))
    return rows


def _tiles(work: Work, role: str) -> tuple[Tile, ...]:
    if work.case is None:
        return ()
    content = work.case.content if not work.changed else ""
    return tuple(
        Tile(scan.id, scan.pages, role != SIGNED_FORM or scan.content == content)
        for scan in work.case.scans
        if scan.role == role
    )
