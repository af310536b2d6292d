"""The embedded hub's set-up survives being cut short: a lock or a kill in the middle costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import EnvironmentFault
from core.services import embedded_hub
from core.services.offices import certificate_or_refuse
from tests.core.services.office_kit import open_kit


@pytest.mark.parametrize("lost", ["hub init", "hub enrol"])
def test_a_set_up_cut_short_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str) -> None:
    kit = open_kit(tmp_path)
    session = kit.open("admin")
    whole = embedded_hub._run

    def cut(known: embedded_hub.HubPlan, *arguments: str) -> None:
        whole(known, *arguments)
        if " ".join(arguments[:2]) == lost:
            raise EnvironmentFault("hub_setup_failed")

    monkeypatch.setattr(embedded_hub, "_run", cut)
    with pytest.raises(EnvironmentFault):
        embedded_hub.start_embedded(session)
    assert embedded_hub.plan(session) is None
    monkeypatch.setattr(embedded_hub, "_run", whole)
    running = embedded_hub.start_embedded(session)
    try:
        certificate = certificate_or_refuse(session)
        planned = embedded_hub.plan(session)
        assert planned is not None and certificate.issuer == planned.issuer
    finally:
        running.stop()
        kit.close()


def test_a_ready_hub_is_not_made_anew(tmp_path: Path) -> None:
    kit = open_kit(tmp_path)
    session = kit.open("admin")
    first = embedded_hub.set_up(session)
    made = (session.folder.hub / "hub.db").stat().st_ino
    assert embedded_hub.set_up(session) == first
    assert (session.folder.hub / "hub.db").stat().st_ino == made
    kit.close()
