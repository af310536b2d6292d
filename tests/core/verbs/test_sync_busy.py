"""``sync`` waits as a busy hub says, and goes on by itself; it does not wait for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import EnvironmentFault
from core.services.session import Session
from core.sync.cycle import CycleReport
from core.verbs import syncing
from tests.core.services.office_kit import OfficeKit, open_kit

DONE = CycleReport(pushed=3, rejected=(), pulled=0, pending=0, hub_offset_seconds=0)


def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: list[EnvironmentFault]
) -> tuple[list[float], int]:
    """Run the verb against a hub that fails like this, one after another; the pauses, and its exit."""
    waited: list[float] = []

    def sync(session: Session, hub: object) -> CycleReport:
        if faults:
            raise faults.pop(0)
        return DONE

    monkeypatch.setattr(syncing, "sync", sync)
    monkeypatch.setattr(syncing, "hub_of", lambda session, ca: None)
    kit: OfficeKit = open_kit(tmp_path)
    try:
        with kit.sit("clerk") as clerk:
            return waited, syncing.sync_once(clerk, None, waited.append).exit
    finally:
        kit.close()


def busy(seconds: int) -> EnvironmentFault:
    return EnvironmentFault("hub_busy", seconds=seconds)


def test_it_waits_as_told_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(tmp_path, monkeypatch, [busy(2), busy(7)]) == ([2, 7], 0)


def test_anything_else_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvironmentFault, match="hub_failing"):
        run(tmp_path, monkeypatch, [busy(2), EnvironmentFault("hub_failing", status=500)])


def test_it_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvironmentFault, match="hub_busy"):
        run(tmp_path, monkeypatch, [busy(1) for _ in range(syncing.WAITS + 1)])
