"""Random days at two desks: whatever they do at once, nothing is overwritten unseen, nothing is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.records.states import Delivery
from core.services import applications, claims, review, units
from core.services.applications import get_case
from core.services.conflicts import open_items, settle
from core.services.session import Session
from hub.world import LedgerWorld
from tests.core.services.office_kit import OfficeKit
from tests.core.services.two_desks import DESKS, TwoDesks, two_desks

Do = Callable[[OfficeKit, Session, str], object]


def _amend(kit: OfficeKit, session: Session, case: str) -> None:
    kit.clock.move(seconds=1)
    values = get_case(session, case).case.values
    mobile = f"138{kit.clock.moment.timestamp():.0f}"[:11].ljust(11, "0")
    applications.amend_case(session, case, {**values, "representative_mobile": mobile})


def _correct(kit: OfficeKit, session: Session, case: str) -> None:
    kit.clock.move(seconds=1)
    unit = get_case(session, case).unit
    address = f"演练路{kit.clock.moment.timestamp():.0f}号"
    units.correct_unit(session, unit.id, {**unit.values, "address": address})


def _file(kit: OfficeKit, session: Session, case: str) -> None:
    view = get_case(session, case)
    values = {**view.case.values, "remark": "另一件"}
    applications.file_case(session, "attachment-1", view.unit.id, values)


ACTS: dict[str, tuple[str, Do]] = {
    "amend": ("clerk", _amend),
    "print": ("clerk", lambda kit, session, case: kit.print_case(session, case)),
    "scan": ("clerk", lambda kit, session, case: kit.scan_case(session, case)),
    "papers": ("clerk", lambda kit, session, case: kit.tick_all(session, case)),
    "submit": ("clerk", lambda kit, session, case: applications.submit(session, case)),
    "recall": ("clerk", lambda kit, session, case: applications.recall(session, case)),
    "withdraw": ("clerk", lambda kit, session, case: applications.withdraw(session, case)),
    "correct": ("clerk", _correct),
    "file": ("clerk", _file),
    "approve": ("reviewer", lambda kit, session, case: review.approve(session, case)),
    "return": ("reviewer", lambda kit, session, case: review.return_for_correction(session, case, ["other"])),
    "undo": ("reviewer", lambda kit, session, case: review.undo_approval(session, case)),
    "mint": ("clerk", lambda kit, session, case: claims.mint_claim(session, case)),
}
STARTS = ("ready", "submitted", "approved")
DAYS = st.lists(st.tuples(st.sampled_from(DESKS), st.sampled_from(sorted(ACTS))), min_size=2, max_size=9)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoDesks]:
    """Two desks for all histories; each has a case of its own."""
    with two_desks(tmp_path_factory.mktemp("histories")) as made:
        yield made


def _begin(pair: TwoDesks, start: str) -> str:
    with pair.here.sit("both") as session:
        case = (pair.here.ready_case if start == "ready" else pair.here.submitted_case)(session)
    if start == "approved":
        with pair.here.sit("reviewer") as reviewer:
            review.approve(reviewer, case)
    pair.settle_down()
    return case


def _settle_all(pair: TwoDesks, choose: Callable[[], str]) -> dict[str, set[str]]:
    """Settle what waits at every desk until nothing does; return the hashes settled, by item."""
    settled: dict[str, set[str]] = {}
    for _ in range(20):
        pair.settle_down()
        found = 0
        for name in DESKS:
            with pair.kit(name).sit("both") as session:
                for item in open_items(session):
                    found += 1
                    assert item.id not in settled, "settled before, and open again"
                    settled[item.id] = {deed.hash for deed in item.mine}
                    choice = choose()
                    settle(session, item.id, choice if item.option(choice).open else "drop")
        if not found:
            return settled
    raise AssertionError("the desks never come to rest")


def _rejected(pair: TwoDesks) -> set[str]:
    found: set[str] = set()
    for name in DESKS:
        with pair.kit(name).sit("both") as session, session.read() as uow:
            rows = uow.ledger.record(None, 0, 10_000)
            found |= {row.signed.hash for row in rows if row.receipt and row.receipt.verdict == "rejected"}
    return found


def _built_unseen(pair: TwoDesks) -> list[str]:
    """Return the kinds of recorded actions whose maker's last act on the subject was refused and unsettled.

    From the desks' own chains alone: the order in which a desk did things says what it had seen.
    """
    found: list[str] = []
    for name in DESKS:
        with pair.kit(name).sit("both") as session, session.read() as uow:
            rows = uow.ledger.record(None, 0, 10_000)
            mine = [row for row in reversed(rows) if row.signed.action.device == session.device.id]
        last: dict[tuple[str, str], tuple[str, int]] = {}  # hash and version of what was refused last
        for row in sorted(mine, key=lambda row: (row.signed.action.device_epoch, row.signed.action.seq)):
            action, refused = row.signed.action, row.delivery is Delivery.REJECTED
            if action.kind == "refusal_settled":
                gone = set() if refused else set(action.public["refused"])
                last = {key: held for key, held in last.items() if held[0] not in gone}
                continue
            key = (action.subject_kind, action.subject)
            if refused:
                last[key] = (row.signed.hash, action.base_version)
            elif key in last and last.pop(key)[1] < action.base_version:
                found.append(action.kind)
    return found


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(STARTS), DAYS, st.lists(st.sampled_from(["drop", "redo"]), min_size=1, max_size=8))
def test_whatever_two_desks_do_at_once_comes_to_one_record(
    pair: TwoDesks, start: str, day: list[tuple[str, str]], choices: list[str]
) -> None:
    case = _begin(pair, start)
    before = _rejected(pair)
    for name, act in day:
        login, do = ACTS[act]
        kit = pair.kit(name)
        # What a desk's own judge refuses was never done, and is no conflict.
        with kit.sit(login) as session, contextlib.suppress(UserError):
            do(kit, session, case)
    for name in DESKS:
        pair.sync(name)
    taken = {key: list(entries) for key, entries in pair.recorded().items()}
    turn = iter(choices * 50)
    settled = _settle_all(pair, lambda: next(turn))
    shown = [action_hash for hashes in settled.values() for action_hash in hashes]
    assert len(shown) == len(set(shown)), "one refused action in two items"
    assert set(shown) == _rejected(pair) - before, "a refused action nobody was shown"
    after = pair.recorded()
    for key, entries in taken.items():
        assert after[key][: len(entries)] == entries, "what stood was changed"
    assert _built_unseen(pair) == [], "recorded by chance, on what nobody at that desk had seen"
    pair.in_order()
    _clear(pair, case)


def _clear(pair: TwoDesks, case: str) -> None:
    """Leave no draft behind: histories share their desks."""
    for name in DESKS:
        with pair.kit(name).sit("clerk") as session:
            for draft in applications.drafts(session):
                applications.discard_draft(session, draft.id)


def test_a_day_alone_at_one_desk_is_never_refused(pair: TwoDesks) -> None:
    """A control: without a second desk there is nothing to settle, so the property above is about two."""
    before = _rejected(pair)
    case = _begin(pair, "approved")
    for act in ("mint", "undo", "recall", "amend", "print", "scan", "papers", "submit"):
        login, do = ACTS[act]
        with pair.here.sit(login) as session:
            do(pair.here, session, case)
    pair.settle_down()
    assert _rejected(pair) == before
    pair.in_order()


def test_the_property_finds_a_hub_that_looks_at_versions_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control: the seeded bug is the hub without its memory of refused actions."""
    monkeypatch.setattr(LedgerWorld, "refused_before", lambda self, action: ())
    with two_desks(tmp_path) as pair:
        case = _begin(pair, "ready")
        for name, act in (("here", "amend"), ("there", "amend"), ("there", "papers")):
            with pair.kit(name).sit("clerk") as session:
                ACTS[act][1](pair.kit(name), session, case)
        pair.sync(*DESKS)
        assert _built_unseen(pair) == ["papers_checked"]
