"""A clerk saves while the desk takes in a long feed: writers of one process wait for their turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import EnvironmentFault
from core.services import sync
from core.services.applications import drafts, save_draft
from core.services.session import Session
from core.store import engine
from core.store.unit_of_work import Store
from core.sync import inbox
from tests.core.services.two_desks import TwoDesks, two_desks


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoDesks]:
    """Two desks whose databases wait for no other process: who collides fails at once."""
    pragmas = tuple(each for each in engine._PRAGMAS if "busy_timeout" not in each)
    monkeypatch.setattr(engine, "_PRAGMAS", (*pragmas, "PRAGMA busy_timeout = 0"))
    with two_desks(tmp_path) as made:
        yield made


def type_on(session: Session, draft: str, text: str) -> str:
    return save_draft(session, draft, "attachment-1", "", {"manager_name": text})


def test_a_clerk_saves_while_a_long_feed_is_taken_in(pair: TwoDesks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "PIECE", 5)
    with pair.here.sit("clerk") as clerk:
        for _ in range(15):
            pair.here.filed_case(clerk)
    pair.sync("here")
    there = pair.there.open("clerk")
    failed: list[BaseException] = []

    def pull() -> None:
        try:
            assert not sync.sync(there, pair.wire).rejected
        except BaseException as error:
            failed.append(error)

    draft, saved, during = type_on(there, "", "0"), 0, 0
    pulling = threading.Thread(target=pull)
    pulling.start()
    while pulling.is_alive():
        saved += 1
        type_on(there, draft, str(saved))
        during += pulling.is_alive()
    pulling.join()
    assert not failed and during > 1, "the control: keystrokes fell into the pull"
    assert [each.values["manager_name"] for each in drafts(there)] == [str(saved)]
    with there.read() as uow:
        assert len(uow.lists.cases()) == 15
    pair.in_order()


def test_a_save_waits_for_whoever_writes_in_this_process(pair: TwoDesks) -> None:
    clerk, reviewer = pair.here.open("clerk"), pair.here.open("reviewer")
    typing = threading.Event()
    saved: list[str] = []

    def save() -> None:
        typing.set()
        saved.append(type_on(reviewer, "", "waited"))

    with clerk.begin() as uow:
        uow.set_meta("long", "work")
        waiting = threading.Thread(target=save)
        waiting.start()
        assert typing.wait(10)
        waiting.join(0.3)  # it would have failed by now
        assert waiting.is_alive() and not saved
    waiting.join(10)
    assert len(saved) == 1, "another session of this process, one database, one turn"


def test_another_process_is_told_apart(pair: TwoDesks) -> None:
    clerk = pair.here.open("clerk")
    other = Store(
        clerk.store.path, pair.here.unlocked["clerk"].data_key, pair.here.clock, clerk.random, Path("unused")
    )
    other._turn = type(other._turn)()  # as a verb in a process of its own has it
    with other.begin() as uow:
        uow.set_meta("long", "work")
        with pytest.raises(EnvironmentFault, match="database_busy"):
            type_on(clerk, "", "too late")
    other.close()


def test_what_contradicts_the_signed_head_leaves_no_piece_behind(
    pair: TwoDesks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PIECE", 2)
    with pair.here.sit("clerk") as clerk:
        for _ in range(4):
            pair.here.filed_case(clerk)
    pair.sync("here")
    there = pair.there.open("clerk")
    real = inbox.read_item
    told: list[int] = []

    def later(item):  # type: ignore[no-untyped-def]
        told.append(item["position"])
        if len(told) == 5:  # one moment of recording is another than the log has
            item["recorded_at"] = "2026-01-01T00:00:00Z"
        return real(item)

    monkeypatch.setattr(inbox, "read_item", later)
    with there.read() as uow:
        before = uow.ledger.count_recorded()
    with pytest.raises(EnvironmentFault, match="log_diverged"):
        sync.sync(there, pair.wire)
    with there.read() as uow:
        assert uow.ledger.count_recorded() == before and len(told) > 5
