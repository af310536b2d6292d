"""``sync --dry-run``: what would go, said without a network and without changing anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services import sync
from core.sync.desk import keep_halt
from core.verbs.outcome import Outcome
from core.verbs.running import Surroundings, run
from core.verbs.table import VERBS
from tests.core.services.office_kit import password
from tests.core.services.stick_kit import World, make_world
from ui.messages import sentence


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An enrolled office whose wire is dead."""
    world = make_world(tmp_path / "world")
    (tmp_path / "password").write_text(password("clerk"))
    (tmp_path / "password").chmod(0o600)
    yield world
    world.close()


def dry(world: World, tmp_path: Path) -> Outcome:
    """Type the verb."""

    def no_hub(more: object) -> Outcome:
        raise AssertionError("nothing of a hub is asked for")

    around = Surroundings(
        lambda fault: sentence(fault).whole(),
        lambda _: None,
        lambda _: None,
        no_hub,
        lambda _: None,  # type: ignore[arg-type,return-value]
    )
    office = ["--data", world.place / "office", "--as", "clerk", "--password-file", tmp_path / "password"]
    return run(VERBS, [str(word) for word in ("sync", "--dry-run", *office)], around)


def test_what_waits_is_said_by_kind_and_goes_nowhere(world: World, tmp_path: Path) -> None:
    with world.kit.sit("clerk") as clerk:
        world.kit.ready_case(clerk)
        before = sync.status(clerk).pending
        kinds = sync.preview(clerk).pending
    asked = len(world.real.said)
    told = dry(world, tmp_path)
    assert told.exit == 0 and told.body["pending"] == before > 0
    assert told.body["kinds"] == kinds and sum(kinds.values()) == before
    assert {"case_filed": 1, "scan_attached": 1}.items() <= kinds.items()
    assert (told.body["scans"], told.body["halt"], told.body["last_sync"]) == (1, None, "")
    assert len(world.real.said) == asked
    assert dry(world, tmp_path).body == told.body


def test_a_halt_and_its_age_are_said(world: World, tmp_path: Path) -> None:
    with world.kit.sit("clerk") as clerk, clerk.begin() as uow:
        halt = keep_halt(uow, sync.desk_of(clerk), "log_diverged", {})
    told = dry(world, tmp_path)
    assert told.body["halt"] == {"code": "log_diverged", "at": halt.at}
    assert told.body["age"] == "stale"
