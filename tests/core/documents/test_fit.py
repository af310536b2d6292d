"""Whatever is to be set stays inside its box with every character, or is refused by the name of its field."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.fit import CANNOT_END, CANNOT_START, Style, break_lines, fit
from core.documents.fonts import font_book
from core.documents.typeface import Letter
from core.errors import UserError

TEXTS = st.text(alphabet="海南省示范县人民政府，。（）《》abc018 -\n", min_size=1, max_size=260)


def atoms(text: str) -> list[Letter]:
    found: list[Letter] = []
    for index, line in enumerate(text.split("\n")):
        if index:
            found.append(Letter("\n", None, 0.0))
        found += font_book().spell(line)
    return found


@given(TEXTS, st.floats(20, 400), st.floats(8, 120), st.sampled_from([0.0, 2.0]))
def test_nothing_leaves_its_box_and_nothing_is_lost(
    text: str, width: float, height: float, indent: float
) -> None:
    style = Style(14, 10.5, 6.5)
    letters = atoms(text)
    try:
        block = fit(letters, style, width, height, field="remark", indent=indent)
    except UserError as refusal:
        assert (refusal.code, refusal.params) == ("text_too_long", {"field": "remark"})
        return
    assert style.least <= block.size <= style.size
    assert ((len(block.lines) - 1) * style.leading + 1) * block.size <= height + 0.01
    kept = ""
    for row, line in enumerate(block.lines):
        used = sum(atom.em * block.size for atom in letters[line.start : line.end])
        assert used + (indent * block.size if row == 0 else 0) <= width + 0.01
        assert line.width == pytest.approx(used)
        kept += "".join(atom.character for atom in letters[line.start : line.end])
    assert kept == text.replace("\n", "")


def test_a_short_text_keeps_the_size_of_the_design_and_a_longer_one_shrinks_before_it_wraps() -> None:
    style = Style(14, 10.5, 6.5)
    assert fit(atoms("海南省"), style, 200, 30).size == 14
    shrunk = fit(atoms("海" * 18), style, 200, 30)
    assert (shrunk.size, len(shrunk.lines)) == (11, 1)
    wrapped = fit(atoms("海" * 24), style, 200, 30)
    assert (wrapped.size, len(wrapped.lines)) == (10.5, 2)


def test_what_cannot_fit_is_refused_and_never_cut() -> None:
    with pytest.raises(UserError, match="text_too_long"):
        fit(atoms("海" * 400), Style(14), 200, 30, field="address")


def test_lines_do_not_begin_with_closing_marks_nor_end_with_opening_ones() -> None:
    text = "海南省示范县，人民政府（办公室）主管《事业单位》登记。" * 4
    letters = atoms(text)
    for width in range(60, 300, 7):
        lines = break_lines(letters, 12, width)
        for before, after in pairwise(lines):
            assert letters[after.start].character not in CANNOT_START
            assert letters[before.end - 1].character not in CANNOT_END


def test_numbers_and_latin_words_stay_together() -> None:
    letters = atoms("住所在人民路18号楼13800000001室")
    for line in break_lines(letters, 10, 75):
        text = "".join(atom.character for atom in letters[line.start : line.end])
        assert "13800000001" in text or "3" not in text
