"""``stick export`` and ``stick import`` as an operator types them, at both ends."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.verbs.outcome import Outcome
from core.verbs.running import Surroundings, run
from core.verbs.table import VERBS
from hub.verbs import VERBS as HUB_VERBS
from tests.core.services.office_kit import password
from tests.core.services.real_hub import KEY
from tests.core.services.stick_kit import World, make_world
from ui.messages import sentence


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An office, a hub with its key file, a stick."""
    world = make_world(tmp_path / "world")
    (tmp_path / "hub.key").write_text(KEY.hex())
    (tmp_path / "hub.key").chmod(0o600)
    (tmp_path / "password").write_text(password("clerk"))
    (tmp_path / "password").chmod(0o600)
    yield world
    world.close()


def typed(*words: object) -> Outcome:
    """Run a verb with what surrounds it in ``app.py``."""

    def at_hub(more: Sequence[str]) -> Outcome:
        return run(HUB_VERBS, more, around)

    around = Surroundings(
        lambda fault: sentence(fault).whole(),
        lambda _: None,
        lambda _: None,
        at_hub,
        lambda _: None,  # type: ignore[arg-type,return-value]
    )
    return run((*VERBS, *HUB_VERBS), [str(word) for word in words], around)


def at_desk(world: World, tmp_path: Path) -> list[object]:
    return ["--data", world.place / "office", "--as", "clerk", "--password-file", tmp_path / "password"]


def test_there_and_back(world: World, tmp_path: Path) -> None:
    world.kit.approved_case()
    out = typed("stick", "export", world.usb, *at_desk(world, tmp_path))
    assert (out.exit, out.body["actions"], out.body["scans"], out.body["faults"]) == (0, 12, 1, [])
    key = ["--key-file", tmp_path / "hub.key"]
    there = typed("stick", "import", world.usb, "--db", world.real.url, *key)
    assert (there.exit, there.body["files"], there.body["faults"]) == (0, out.body["files"], [])
    again = typed("hub", "stick", world.usb, "--db", world.real.url, *key)
    assert again.body == there.body
    back = typed("stick", "import", world.usb, *at_desk(world, tmp_path))
    assert (back.body["files"], back.body["faults"]) == (there.body["replies"], [])
    assert back.body["pending"] == 0
    assert json.loads(back.line())["files"] == back.body["files"]


def test_a_damaged_file_is_exit_one_and_has_its_sentence(world: World, tmp_path: Path) -> None:
    world.export()
    world.files()[1].write_bytes(b"x")
    key = ["--key-file", tmp_path / "hub.key"]
    outcome = typed("stick", "import", world.usb, "--db", world.real.url, *key)
    assert (outcome.exit, outcome.body["error"]) == (1, "stick_incomplete")
    faults: list[dict[str, Any]] = outcome.body["faults"]
    assert faults[0]["error"] == "stick_damaged" and faults[0]["file"].endswith("000002.cds")
    assert "重新导出" in faults[0]["message"]


def test_no_stick_is_exit_three(world: World, tmp_path: Path) -> None:
    for verb in ("export", "import"):
        outcome = typed("stick", verb, world.usb / "none", *at_desk(world, tmp_path))
        assert (outcome.exit, outcome.body["error"]) == (3, "stick_gone")


@pytest.mark.parametrize(
    "rest",
    [[], ["--data", "d"], ["--db", "sqlite:///x", "--data", "d"], ["--db"], ["--data", "d", "--as", "n"]],
)
def test_where_it_is_taken_in_must_be_said(rest: list[str]) -> None:
    outcome = typed("stick", "import", "somewhere", *rest)
    assert (outcome.exit, outcome.body["error"]) == (2, "usage")
