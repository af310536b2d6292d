"""How fields share rows, decided from their kinds: twelve columns, in paper order. No Qt here.

The one departure from plain reading order: a day that opens a section stands at the right end of its
row, where the paper has 填表日期; the order of the keys stays the paper's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.forms.spec import FieldSpec, Section

COLUMNS = 12
SPANS: Mapping[str, int] = {
    "unit_name": 7, "person_name": 7, "mobile": 5, "date": 5, "uscc": 6, "money": 6, "id_number": 12,
    "text": 12, "long_text": 12, "office_name": 12, "choice": 6, "tick": 12,
}  # fmt: skip
DENSE: Mapping[str, int] = {**SPANS, "person_name": 4, "mobile": 3, "id_number": 5}
"""For low windows: a person on one row, so that the whole form fits without scrolling."""


@dataclass(frozen=True)
class Cell:
    """A field and where it stands in its section."""

    field: FieldSpec
    row: int
    column: int
    span: int


@dataclass(frozen=True)
class Arrangement:
    """The cells of a section, and the tick that stands in its heading (it decides what else is asked)."""

    cells: tuple[Cell, ...]
    heading: FieldSpec | None = None


def arrange(section: Section, dense: bool = False) -> Arrangement:
    """Lay out one section."""
    table = DENSE if dense else SPANS
    heading = _heading(section)
    rows = _rows([each for each in section.fields if each is not heading], table)
    cells: list[Cell] = []
    for number, row in enumerate(rows):
        column = 0
        shown = sorted(row, key=lambda each: each.kind == "date") if number == 0 else row
        for each, span in zip(shown, _stretched([table[each.kind] for each in shown]), strict=True):
            cells.append(Cell(each, number, column, span))
            column += span
    return Arrangement(tuple(cells), heading)


def _heading(section: Section) -> FieldSpec | None:
    deciders = {each.shown_when.field for each in section.fields if each.shown_when}
    return next((each for each in section.fields if each.kind == "tick" and each.id in deciders), None)


def _rows(fields: Sequence[FieldSpec], table: Mapping[str, int]) -> list[list[FieldSpec]]:
    rows: list[list[FieldSpec]] = []
    room = 0
    for each in fields:
        span = table[each.kind]
        alike = bool(rows) and rows[-1][0].shown_when == each.shown_when
        if span <= room and alike:
            rows[-1].append(each)
            room -= span
        else:
            rows.append([each])
            room = COLUMNS - span
    return rows


def _stretched(spans: list[int]) -> list[int]:
    """Give what is left of a row to its widest cell."""
    spare = COLUMNS - sum(spans)
    widest = spans.index(max(spans))
    return [span + (spare if index == widest else 0) for index, span in enumerate(spans)]
