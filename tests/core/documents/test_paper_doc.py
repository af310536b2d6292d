"""docs/paper.md holds the table of millimetres that the layouts really have."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.documents.layout import Cell, DateCells, Layout, Sentence, Tick, Wording
from core.documents.layouts import LAYOUTS

DOC = Path(__file__).parents[3] / "docs" / "paper.md"


def rows(layout: Layout) -> list[str]:
    """The table of one layout, row by row as the document has it."""
    found = []
    for part in layout.parts:
        if isinstance(part, Wording):
            what = part.text.replace("\n", " / ")
            what = what if len(what) <= 14 else what[:12] + "…"
        elif isinstance(part, Cell):
            what = f"`{part.field}`"
        elif isinstance(part, DateCells):
            what = f"`{part.field}` {('year', 'month', 'day')[part.part]}"
        elif isinstance(part, Sentence):
            held = dict.fromkeys(
                f"`{item.field}`" + (" box" if isinstance(item, Tick) else " blank")
                for item in part.items
                if not isinstance(item, str)
            )
            what = "sentence with " + ", ".join(held)
        box, style = part.box, part.style
        numbers = " | ".join(f"{value:.10g}" for value in (box.x, box.y, box.w, box.h))
        found.append(f"| {what} | {numbers} | {style.role.value} {style.size:g} | {style.least:g} |")
    return found


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.form_id)
def test_the_document_has_every_row(layout: Layout) -> None:
    text = DOC.read_text("utf-8")
    section = text.split(f"### {layout.form_id} ", 1)[1].split("\n### ", 1)[0]
    table = [line for line in section.splitlines() if line.startswith("| ") and not line.startswith("| what")]
    assert table == rows(layout)
