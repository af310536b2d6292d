"""The settings' small sums."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.forms.papers import default_checklist, from_data, to_data
from ui.screens.settings.state import (
    OWN_SOURCE,
    MemberLine,
    PaperRow,
    items_of,
    moved,
    read_offset,
    rows_of,
    rows_problem,
)

DEFAULT = default_checklist("attachment-1")


def test_rows_and_back_change_nothing() -> None:
    assert items_of(rows_of(DEFAULT)) == DEFAULT


def test_known_items_keep_their_conditions_and_new_ones_get_an_id_of_their_own() -> None:
    rows = rows_of(DEFAULT)
    changed = (PaperRow(" 委托书 ", True, True, False), *rows[1:], PaperRow("承诺书", True, False, True))
    items = items_of(changed)
    assert (items[0].id, items[0].label, items[0].source) == ("office_1", "委托书", OWN_SOURCE)
    assert items[-1].id == "office_2" and not items[0].required
    assert items[1].waived_when == DEFAULT[1].waived_when != ()
    assert from_data(to_data(items)) == items
    again = items_of((*rows_of(items), PaperRow("第三份", True, False, True)))
    assert again[-1].id == "office_3"


def test_faulty_rows_are_named() -> None:
    assert "不能为空" in rows_problem(())
    assert "第 2 项没有名称" in rows_problem((rows_of(DEFAULT)[0], PaperRow(" ", True, False, True)))
    assert "至少勾选" in rows_problem((PaperRow("x", False, False, True),))
    assert rows_problem(rows_of(DEFAULT)) == ""


def test_moving() -> None:
    rows = rows_of(DEFAULT)
    assert moved(rows, 0, 1)[:2] == (rows[1], rows[0])
    assert moved(rows, 0, -1) == rows and moved(rows, len(rows) - 1, 1) == rows


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0),
        ("1.5", 1.5),
        ("-2", -2),
        ("１．５毫米", 1.5),
        ("−1mm", -1),
        ("30", 30),
        ("30.1", None),
        ("abc", None),
    ],
)
def test_offsets_as_typed(text: str, value: float | None) -> None:
    assert read_offset(text) == value


@given(st.text(max_size=30))
def test_any_offset_text_is_a_small_number_or_none(text: str) -> None:
    value = read_offset(text)
    assert value is None or -30 <= value <= 30


def test_member_cells() -> None:
    line = MemberLine("id", "窗口一", "", ("clerk", "reviewer"), False)
    assert line.cells() == ("窗口一", "—", "受理、审核", "已停用")
