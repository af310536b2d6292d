"""``unit import``: a file of lines becomes a register, or every line that is wrong is named."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.services import units
from core.verbs.units import import_file
from tests.core.services.office_kit import OfficeKit, invented_units, open_kit


@pytest.fixture
def kit(tmp_path: Path) -> OfficeKit:
    """An office of one's own."""
    return open_kit(tmp_path)


def lines(place: Path, *rows: Mapping[str, Any] | str) -> argparse.Namespace:
    """Write a file of lines and return what the verb is called with."""
    texts = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path = place / "units.jsonl"
    path.write_text("\n".join(texts) + "\n", "utf-8")
    return argparse.Namespace(file=path)


def values(index: int) -> dict[str, str]:
    """Return what a file says of a unit: office and state are filled in."""
    filled = ("office_name", "state")
    return {name: value for name, value in invented_units()[index].values.items() if name not in filled}


def test_every_line_becomes_a_unit(kit: OfficeKit, tmp_path: Path) -> None:
    tidied = {**values(2), "name": f" {values(2)['name']} ", "uscc": values(2)["uscc"].lower()}
    with kit.sit("clerk") as clerk:
        outcome = import_file(clerk, lines(tmp_path, values(0), {"values": values(1)}, "", tidied))
        assert (outcome.exit, outcome.body) == (0, {"done": 3, "pages": 1, "refused": 0})
        for index in range(3):
            unit = units.unit_by_code(clerk, values(index)["uscc"])
            assert unit is not None
            assert unit.values == {
                name: each for name, each in invented_units()[index].values.items() if each
            }
    kit.close()


def test_every_bad_line_is_named_and_nothing_is_done(kit: OfficeKit, tmp_path: Path) -> None:
    strange = {**values(1), "colour": "red"}
    with kit.sit("clerk") as clerk:
        file = lines(tmp_path, values(0), strange, "{", {**values(2), "name": 7}, values(0), values(3))
        outcome = import_file(clerk, file)
        assert outcome.exit == 1 and outcome.body["fault"].code == "lines_refused"
        told = [(line["line"], line["fault"].code) for line in outcome.body["lines"]]
        assert told == [
            (2, "input_malformed"),
            (3, "input_malformed"),
            (4, "input_malformed"),
            (5, "unit_twice"),
        ]
        assert (outcome.body["done"], outcome.body["refused"]) == (0, 4)
        assert units.find_units(clerk) == []
    kit.close()
