"""The layouts against the form specs and the notice: every field has its place, and nothing is added."""

from __future__ import annotations

from itertools import pairwise

import pytest

from core.documents.compose import prepare
from core.documents.fit import fit
from core.documents.fonts import font_book
from core.documents.ink import spell_lines
from core.documents.layout import (
    MM,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Box,
    Cell,
    DateCells,
    Layout,
    Sentence,
    Tick,
    Wording,
)
from core.documents.layouts import LAYOUTS, get_layout
from core.documents.layouts.grid import LEFT, RIGHT
from core.forms.spec import FormSpec
from tests.core.documents.samples import FORMS

pairs = pytest.mark.parametrize(
    ("form", "layout"), [(f, get_layout(f.id, f.version)) for f in FORMS], ids=[f.id for f in FORMS]
)


def boxes(layout: Layout) -> list[Box]:
    return [part.box for part in layout.parts]


@pairs
def test_every_printed_field_has_a_place_and_every_place_is_a_printed_field(
    form: FormSpec, layout: Layout
) -> None:
    printed = {field.id for field in form.fields() if field.printed}
    assert set(layout.placements()) == printed


@pairs
def test_the_title_is_the_forms(form: FormSpec, layout: Layout) -> None:
    assert layout.title == form.title


def test_there_are_two_separate_layouts() -> None:
    assert set(LAYOUTS) == {("attachment-1", 1), ("attachment-3", 1)}


@pairs
def test_the_reason_boxes_are_the_choices_of_the_spec(form: FormSpec, layout: Layout) -> None:
    ticks = [
        i for part in layout.parts if isinstance(part, Sentence) for i in part.items if isinstance(i, Tick)
    ]
    for tick in ticks:
        assert tick.choice in {choice.code for choice in form.field(tick.field).choices}
    assert len(ticks) == (2 if form.id == "attachment-3" else 0)


@pairs
def test_boxes_lie_inside_frame_and_page_and_do_not_overlap(form: FormSpec, layout: Layout) -> None:
    everything = boxes(layout)
    for box in everything:
        assert box.x >= LEFT and box.x + box.w <= RIGHT
        assert box.y > 0 and box.y + box.h < PAGE_HEIGHT
    for index, a in enumerate(everything):
        for b in everything[index + 1 :]:
            apart = a.x + a.w <= b.x or b.x + b.w <= a.x or a.y + a.h <= b.y or b.y + b.h <= a.y
            assert apart, (a, b)


@pairs
def test_no_line_of_the_table_runs_through_a_box(form: FormSpec, layout: Layout) -> None:
    for box in boxes(layout):
        for rule in layout.rules:
            across = (
                rule.x0 < box.x + box.w and rule.x1 > box.x and rule.y0 < box.y + box.h and rule.y1 > box.y
            )
            upright = (
                rule.x0 == rule.x1
                and box.x < rule.x0 < box.x + box.w
                and not (rule.y1 <= box.y or rule.y0 >= box.y + box.h)
            )
            assert not (across or upright), (box, rule)


@pairs
def test_fixed_wording_fits_at_the_size_of_the_design(form: FormSpec, layout: Layout) -> None:
    book = font_book()
    for part in layout.parts:
        if isinstance(part, Wording):
            letters = spell_lines(book, part.text, part.style, "")
            block = fit(letters, part.style, part.box.w * MM, part.box.h * MM, indent=part.indent)
            assert block.size >= min(part.style.size, 11), part.text


@pairs
def test_the_table_is_where_the_normative_picture_has_it(form: FormSpec, layout: Layout) -> None:
    # Measured from look/attachment-1.png (100 dpi) and attachment-3.png (70 dpi), so to half a millimetre.
    measured = {
        "attachment-1": [62.0, 74.1, 86.0, 97.9, 110.1, 122.0, 184.0, 196.0, 208.2, 222.0],
        "attachment-3": [73.8, 86.2, 98.2, 110.1, 122.1, 134.1, 200.1, 212.1, 224.1, 237.9],
    }[form.id]
    rows = sorted({rule.y0 for rule in layout.rules if rule.y0 == rule.y1})
    assert rows == pytest.approx(measured, abs=0.3)
    columns = sorted({rule.x0 for rule in layout.rules if rule.x0 == rule.x1})
    assert columns == pytest.approx([25.0, 70.0, 118.0, 138.0, 185.0], abs=0.3)


@pairs
def test_an_id_number_has_one_cell(form: FormSpec, layout: Layout) -> None:
    cells = [part for part in layout.parts if isinstance(part, Cell) and part.field.endswith("_id")]
    assert [cell.field for cell in cells] == ["representative_id", "manager_id"]
    assert all(cell.box.w > 100 for cell in cells)


@pairs
def test_digits_of_the_date_do_not_touch_the_characters_beside_them(form: FormSpec, layout: Layout) -> None:
    line = [
        p for p in layout.parts if isinstance(p, DateCells) or (isinstance(p, Wording) and p.text in "年月日")
    ]
    line = [p for p in line if p.box.y < 75]
    for left, right in pairwise(line):
        assert left.box.x + left.box.w <= right.box.x + 0.01


@pairs
def test_fixed_parts_are_drawn_once_a_process(form: FormSpec, layout: Layout) -> None:
    assert prepare(font_book(), layout, False) is prepare(font_book(), layout, False)
    assert prepare(font_book(), layout, True) is not prepare(font_book(), layout, False)


def test_a4() -> None:
    assert (PAGE_WIDTH, PAGE_HEIGHT) == (210, 297)
