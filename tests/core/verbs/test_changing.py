"""``change …``: what is wrong in a file is named, what will end is told, no person is named in an answer."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import Refusal
from core.services import units
from core.verbs import changing
from core.verbs.outcome import UsageFault
from tests.core.services.office_kit import OfficeKit, open_kit

BASIS = "演练编办〔2026〕7号"


@pytest.fixture
def kit(tmp_path: Path) -> OfficeKit:
    """An office of one's own."""
    return open_kit(tmp_path)


def file_of(place: Path, *rows: Any) -> argparse.Namespace:
    path = place / "changes.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", "utf-8")
    return argparse.Namespace(file=path)


def test_a_change_goes_from_a_file_to_its_effect(kit: OfficeKit, tmp_path: Path) -> None:
    with kit.sit("clerk") as clerk:
        unit = kit.unit(clerk)
        named = units.get_unit(clerk, unit).values["uscc"]
        row = {
            "kind": "representative",
            "unit": named,
            "values": {"representative_name": "演新任"},
            "basis": BASIS,
        }
        outcome = changing.add(clerk, file_of(tmp_path, row))
        assert outcome.exit == 0 and outcome.body["dying"]["voids"] is True
        asked = argparse.Namespace(change=outcome.body["change"])
        told = changing.preview(clerk, asked)
        assert told["stage"] == "filed" and told["steps"]["approve"] == "role_missing"
    with kit.sit("reviewer") as reviewer:
        done = changing.approve(reviewer, asked)
        assert done["stage"] == "approved"
        assert units.get_unit(reviewer, unit).representative_no == 2
        assert "演新任" not in json.dumps([outcome.body, told, done], ensure_ascii=False, default=str)
        with pytest.raises(Refusal, match="change_wrong_stage"):
            changing.approve(reviewer, asked)
    kit.close()


def test_every_bad_line_is_named(kit: OfficeKit, tmp_path: Path) -> None:
    with kit.sit("clerk") as clerk:
        unit = kit.unit(clerk)
        good = {"kind": "suspension", "unit": unit, "basis": BASIS, "reason": "dispute"}
        bad = [
            ({"colour": "red"}, "input_malformed"),
            ({"kind": "moonlight"}, "change_kind_unknown"),
            ({"unit": "nobody"}, "unit_unknown"),
            ({"values": {"name": "甲"}}, "change_states_no_values"),
            ({"values": ["x"]}, "input_malformed"),
            ({"basis": ""}, "basis_missing"),
            ({"reason": "mood"}, "reason_unknown"),
            ({"kind": "resumption", "reason": "cause_ended"}, "unit_not_suspended"),
        ]
        outcome = changing.add(clerk, file_of(tmp_path, good, *({**good, **other} for other, _ in bad)))
        assert outcome.exit == 1 and (outcome.body["done"], outcome.body["refused"]) == (1, len(bad))
        assert [line["fault"].code for line in outcome.body["lines"][1:]] == [code for _, code in bad]
        asked = argparse.Namespace(
            change=outcome.body["lines"][0]["change"], reason=["mood"], remark_file=None
        )
        with pytest.raises(UsageFault):
            changing.send_back(clerk, asked)
        assert changing.withdraw(clerk, asked)["stage"] == "withdrawn"
    kit.close()
