"""Random histories of an office's desks, its hub, the line between them and their disks; and known bugs.

``tests/stateful/sync_machine.py`` is the machine, ``sync_checks.py`` what must hold. A history has 40 steps.
Here a few run. ``CERTDESK_HISTORIES`` sets how many, ``CERTDESK_SEED`` with which seed to begin (each is good
for ten), and ``CERTDESK_HISTORY_SECONDS``, if given, ends them earlier. The full tier:

    CERTDESK_HISTORIES=1000 python3 -m pytest -s tests/stateful/test_sync_machine.py

Each known bug (``sync_bugs.py``) is a test of its own that passes only when the machine finds the bug, in
random histories of the rules that it is about.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import get_state_machine_test

from tests.stateful.sync_bugs import SEARCHED, Bug
from tests.stateful.sync_machine import SyncMachine
from tests.stateful.sync_world import Broken, quick, template

HISTORIES = int(os.environ.get("CERTDESK_HISTORIES", "12"))
SECONDS = float(os.environ.get("CERTDESK_HISTORY_SECONDS", "inf"))
FIRST_SEED = int(os.environ.get("CERTDESK_SEED", "1"))
STEPS, PART = 40, 10
PATIENCE = 300
"""Histories after which a known bug counts as not found."""
KINDS = ("acts", "messages", "recorded", "refused", "halts", "generations", "settled")
EVENTS = ("desk deaths", "hub deaths", "restore", "put_back", "late")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600 + 60 * HISTORIES)]


class Run(Counter[str]):
    """What was counted in this process."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tried = 0


@pytest.fixture(scope="module")
def run(postgres_server: str) -> Iterator[Run]:
    """The machine, ready on a server; says in the end what came of it."""
    SyncMachine.server = postgres_server
    run = Run()
    with quick():
        template(postgres_server)  # made before any bug is put in
        try:
            yield run
        finally:
            template(postgres_server).close()
    sys.stdout.write(
        f"\nmachine: histories {run['histories']}, steps ~{run['steps']}, lost {run['lost']}, doubled"
        f" {run['doubled']}, controls found {len(run.found)} of {run.tried}\n"
    )


def play(
    number: int, histories: int, machine: type[SyncMachine] = SyncMachine, steps: int = STEPS
) -> Counter[str]:
    """Run histories of one seed; return what was counted. Raises what the machine found."""
    tally = SyncMachine.tally
    tally.clear()
    how = settings(
        max_examples=histories,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(get_state_machine_test(machine, settings=how))()
    return Counter(tally)


def test_histories_lose_nothing_and_double_nothing(run: Run) -> None:
    total, began, number = Counter[str](), time.monotonic(), FIRST_SEED
    while total["histories"] < HISTORIES and time.monotonic() - began < SECONDS:
        total += play(number, min(PART, HISTORIES - total["histories"]))
        counted = ", ".join(f"{kind} {total[kind]}" for kind in ("histories", "steps", *KINDS, *EVENTS))
        sys.stdout.write(f"\nup to seed {number}: {counted}, seconds {time.monotonic() - began:.0f}")
        sys.stdout.flush()
        number += 1
    run.update(total)
    # Else it proved little.
    assert all(total[kind] for kind in (*KINDS, *EVENTS)), total


@pytest.mark.parametrize("bug", SEARCHED, ids=lambda bug: bug.__name__)
def test_a_search_finds_a_known_bug(run: Run, bug: Bug) -> None:
    machine = SyncMachine.only(*SEARCHED[bug].split())
    run.tried += 1
    with bug(), pytest.raises(Broken) as broken:
        for number in range(PATIENCE // PART):  # histories of one seed grow much alike
            play(FIRST_SEED + number, PART, machine, 12)
    run.found.append(bug.__name__)
    sys.stdout.write(f"\ncontrol {bug.__name__}: {broken.value}")
