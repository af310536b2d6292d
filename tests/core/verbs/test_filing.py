"""``case add`` in this process: a hundred applications at a time, every line with its answer."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.services.session import Session
from core.verbs import filing
from tests.core.services.office_kit import OfficeKit, open_kit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    kit = open_kit(tmp_path)
    yield kit
    kit.close()


def row(kit: OfficeKit, clerk: Session, **other: Any) -> dict[str, Any]:
    """A right line of a new unit."""
    unit = kit.unit(clerk)
    return {"form": "attachment-1", "unit": unit, "values": kit.typed(clerk, unit), "papers": "all", **other}


def test_lines_of_several_groups_stand_or_fall_by_themselves(
    kit: OfficeKit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "TOGETHER", 2)
    with kit.sit("clerk") as clerk:
        good = row(kit, clerk)
        wrong = row(kit, clerk)
        wrong["values"] = {**wrong["values"], "representative_id": "1", "representative_mobile": "2"}
        odd = {**row(kit, clerk), "unit": "nobody"}
        last = row(kit, clerk, papers={})
        lines = [json.dumps(each, ensure_ascii=False) for each in (good, wrong, odd, good, last)]
        path = tmp_path / "cases.jsonl"
        path.write_text("\n".join([*lines[:3], "{", *lines[3:]]) + "\n", "utf-8")
        outcome = filing.add(clerk, argparse.Namespace(file=path))
        said = outcome.body["lines"]
        codes = [line["fault"].code if "fault" in line else "" for line in said]
        assert codes == ["", "form_incomplete", "unit_unknown", "input_malformed", "unit_has_open_case", ""]
        assert (outcome.exit, outcome.body["done"], outcome.body["refused"]) == (1, 2, 4)
        assert [line["line"] for line in said] == [1, 2, 3, 4, 5, 6]
        fields = {each["field"] for each in said[1]["fault"].params["findings"]}
        assert fields == {"representative_id", "representative_mobile"}
        assert said[0]["missing"] == [] and said[5]["missing"] and said[0]["case_no"].endswith("0001")
        alone = filing.add_case(clerk, row(kit, clerk))
        assert alone["case_no"].endswith("0003")
