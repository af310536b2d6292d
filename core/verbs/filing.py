"""``case add``: applications by the line; a line is filed with its papers, or not at all."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from core.errors import Refusal, UserError
from core.forms.check import normalise
from core.forms.papers import PaperItem, checklist, required_papers
from core.forms.registry import latest
from core.forms.spec import Finding
from core.services import applications, units
from core.services.applications import CaseView
from core.services.many_cases import Filing, file_cases
from core.services.session import Session
from core.verbs.files import read_rows
from core.verbs.lines import Row, in_groups, only, texts, tried
from core.verbs.outcome import Outcome
from core.verbs.units import tell_all, told

_WHAT = "case"
_FORMS = ("attachment-1", "attachment-3")
Ticks = dict[str, dict[str, bool]]
TOGETHER = 100
"""Applications that are filed in one unit of work."""


def add(session: Session, options: argparse.Namespace) -> Outcome:
    """File every application of a file."""
    return in_groups(read_rows(options.file, _WHAT), TOGETHER, lambda group: _add(session, group))


def add_case(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    """File one application: ``form``, ``unit`` (id or credit code), ``values``, ``papers``.

    Raises ``UserError`` input_malformed, form_unknown, unit_unknown, paper_unknown, and ``Refusal``.
    """
    said = _add(session, [(1, dict(row))])[0]
    if isinstance(said, UserError):
        raise said
    return said


def _add(session: Session, rows: list[Row]) -> list[dict[str, Any] | UserError]:
    read = [tried(row, lambda row: _read(session, row)) for _, row in rows]
    filed = iter(file_cases(session, [each[0] for each in read if isinstance(each, tuple)]))
    return [each if isinstance(each, UserError) else _told(session, *each, next(filed)) for each in read]


def _read(session: Session, row: Mapping[str, Any]) -> tuple[Filing, tuple[Finding, ...]]:
    """Return a row as it is to be filed, and what the rules say of its values."""
    only(row, ("form", "unit", "values", "papers"), _WHAT)
    form, unit = row.get("form"), row.get("unit")
    if form not in _FORMS:
        raise UserError("form_unknown")
    if not isinstance(unit, str):
        raise UserError("input_malformed", file=_WHAT, why="unit")
    unit_id = _unit(session, unit)
    given = texts(row.get("values", {}), _WHAT)
    only(given, (field.id for field in latest(form).fields()), _WHAT)
    typed = {**applications.start_values(session, form, unit_id), **given}
    ticks = read_ticks(session, form, row.get("papers", {}), typed)
    found = applications.check_typed(session, form, typed, unit_id)
    return Filing(form, unit_id, typed, ticks), found


def _told(
    session: Session, filing: Filing, found: tuple[Finding, ...], said: str | Refusal
) -> dict[str, Any] | UserError:
    if isinstance(said, Refusal):
        tell_all(said, found)
        return said
    view = applications.get_case(session, said)
    return {
        "case": said,
        "case_no": view.case.case_no,
        "unit": filing.unit,
        "missing": [line.item.id for line in view.missing],
        **told(found),
    }


def _unit(session: Session, id_or_code: str) -> str:
    found = units.unit_by_code(session, id_or_code.strip().upper())
    return found.id if found is not None else units.get_unit(session, id_or_code).id


def read_ticks(session: Session, form: str, papers: Any, typed: Mapping[str, str]) -> Ticks:
    """Return which papers were seen and kept: ``"all"`` that the case needs, or item by item."""
    with session.read() as uow:
        office = session.office_state(uow)
    items = checklist(form, office.checklists.get(form))
    if papers == "all":
        return all_ticked(items, normalise(latest(form), typed))
    if not isinstance(papers, Mapping):
        raise UserError("input_malformed", file=_WHAT, why="papers")
    return {name: _tick(name, tick, items) for name, tick in papers.items()}


def all_ticked(items: tuple[PaperItem, ...], values: Mapping[str, str]) -> Ticks:
    """Tick everything that a case with these values has to bring."""
    return {
        item.id: {"original": item.original, "copy": item.copy} for item in required_papers(items, values)
    }


def _tick(name: str, tick: Any, items: tuple[PaperItem, ...]) -> dict[str, bool]:
    if name not in {item.id for item in items}:
        raise UserError("paper_unknown", item=name[:60])
    if not isinstance(tick, Mapping) or not all(isinstance(seen, bool) for seen in tick.values()):
        raise UserError("input_malformed", file=_WHAT, why="papers")
    only(tick, ("original", "copy"), _WHAT)
    return dict(tick)


def still_missing(view: CaseView) -> list[dict[str, Any]]:
    """Return what has still to be brought, paper by paper."""
    return [{"paper": line.item.id, "original": line.original, "copy": line.copy} for line in view.missing]
