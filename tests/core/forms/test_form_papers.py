"""The checklist: the union of text and notes, what a visit needs, and what an office may edit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.errors import UserError
from core.forms.papers import (
    checklist,
    default_checklist,
    from_data,
    missing_papers,
    required_papers,
    to_data,
)
from tests.core.forms.samples import ALONE, APPOINTED, CHANGED


def needed(form_id: str, values: dict[str, str]) -> list[str]:
    """Return the ids of the papers a case needs."""
    return [item.id for item in required_papers(default_checklist(form_id), values)]


@pytest.mark.parametrize(
    ("form_id", "values", "papers"),
    [
        ("attachment-1", ALONE, ["application_form", "certificate_duplicate", "manager_id"]),
        ("attachment-1", {**ALONE, "occasion": "setting_up"}, ["application_form", "manager_id"]),
        (
            "attachment-1",
            APPOINTED,
            ["application_form", "certificate_duplicate", "manager_id", "representative_id"],
        ),
        (
            "attachment-1",
            {**APPOINTED, "attendant": "manager"},
            ["application_form", "certificate_duplicate", "manager_id"],
        ),
        (
            "attachment-3",
            CHANGED,
            ["application_form", "certificate_duplicate", "manager_id", "representative_id"],
        ),
        ("unit-record", {}, []),
    ],
)
def test_what_a_visit_needs(form_id: str, values: dict[str, str], papers: list[str]) -> None:
    assert needed(form_id, values) == papers


@pytest.mark.parametrize("form_id", ["attachment-1", "attachment-3"])
def test_every_paper_says_where_it_comes_from(form_id: str) -> None:
    for item in default_checklist(form_id):
        assert "通知正文" in item.source or "表下备注" in item.source
        assert item.original or item.copy


def test_what_is_missing_is_told_by_original_and_copy() -> None:
    ticks = {
        "application_form": {"original": True},
        "certificate_duplicate": {"original": True, "copy": False},
    }
    lines = missing_papers(default_checklist("attachment-1"), ticks, ALONE)
    assert [(line.item.id, line.original, line.copy) for line in lines] == [
        ("certificate_duplicate", False, True),
        ("manager_id", True, True),
    ]


@pytest.mark.parametrize("form_id", ["attachment-1", "attachment-3"])
def test_an_edited_checklist_survives_as_plain_data(form_id: str) -> None:
    items = default_checklist(form_id)
    data = json.loads(json.dumps(to_data(items)))
    assert from_data(data) == items
    assert needed(form_id, CHANGED) == [
        item.id for item in required_papers(checklist(form_id, data), CHANGED)
    ]


def test_an_office_may_ask_for_less_and_for_more() -> None:
    rows = to_data(default_checklist("attachment-1"))
    rows[1]["required"] = False
    rows.append({**rows[0], "id": "letter", "label": "介绍信"})
    assert [item.id for item in required_papers(from_data(rows), ALONE)] == [
        "application_form",
        "manager_id",
        "letter",
    ]


GOOD = {"id": "a", "label": "纸", "source": "本机关", "original": True, "copy": False, "required": True}


@pytest.mark.parametrize(
    "rows",
    [
        [{**GOOD, "id": ""}],
        [{**GOOD, "label": " "}],
        [{**GOOD, "label": "纸" * 201}],
        [{**GOOD, "copy": "yes"}],
        [{"id": "a"}],
        [GOOD, GOOD],
        [{**GOOD, "needed_when": [{"field": "attendant"}]}],
        [{**GOOD, "needed_when": [{"field": "attendant", "equals": 1}]}],
        [{**GOOD, "waived_when": "attendant"}],
        ["a"],
        [None],
        [{**GOOD, "id": str(number)} for number in range(41)],
    ],
)
def test_a_malformed_checklist_is_refused(rows: list[Any]) -> None:
    with pytest.raises(UserError, match="checklist_malformed"):
        from_data(rows)
