"""A fetched use list (用证清单): narrowed to what is looked for, and as a file to keep."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from core.documents.use_list import render_use_list, use_list_csv
from core.records.uses import UseLine
from core.services.hub_questions import UseList
from core.services.session import Session
from core.words import fold, pinyin_initials

FILES = (".csv", ".pdf")


def narrowed(found: UseList, unit: str = "", party: str = "", words: str = "") -> UseList:
    """Return the lines about a unit (its id), of a department (its id), and of units that ``words`` name.

    ``words``: part of a name, pinyin initials, the beginning of a credit code or a serial number.
    """
    wanted = fold(words)
    return replace(
        found,
        lines=tuple(
            line
            for line in found.lines
            if unit in ("", line.unit) and party in ("", line.party) and _named(line, wanted)
        ),
    )


def _named(line: UseLine, wanted: str) -> bool:
    if not wanted or wanted in fold(line.unit_name):
        return True
    if any(fold(text).startswith(wanted) for text in (line.uscc, line.serial)):
        return True
    return any(wanted in letters for letters in _initials(line.unit_name))


@lru_cache(maxsize=10_000)
def _initials(name: str) -> frozenset[str]:
    return frozenset(pinyin_initials(name))


def use_list_file(session: Session, found: UseList, suffix: str, chosen_by: str = "") -> bytes:
    """Return the bytes of a .csv or .pdf file; ``chosen_by`` says on the PDF how the lines were narrowed."""
    if suffix == ".csv":
        return use_list_csv(found.lines, rehearsal=session.rehearsal)
    whose = "　".join(part for part in (found.office, chosen_by) if part)
    first, last = found.first.isoformat(), found.last.isoformat()
    return render_use_list(whose, first, last, found.lines, rehearsal=session.rehearsal).pdf
