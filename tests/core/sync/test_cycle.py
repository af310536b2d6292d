"""The cycle against a hub and a network that fail in every way we know; nothing is lost, doubled or believed.

Invariants (store-sync.md §4): every action is exactly one of pending, recorded, rejected-and-known;
recorded at most once; positions have no gap; after healing the desk is what the hub says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from core.errors import Cancelled, CertDeskError, EnvironmentFault
from core.keys.signer import SoftwareSigner
from core.records.model import action_from_body
from core.records.states import Delivery, Lifecycle
from core.services import applications, audit, review, sync
from core.services.session import Session
from core.sync import cycle
from core.sync.envelope import unwrap, wrap
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom

Answer = tuple[int, bytes]


class Line:
    """The wire between desk and hub, which does to each message what the plan says; then works."""

    def __init__(self, fake: FakeHub) -> None:
        self.fake = fake
        self.plan: list[str] = []
        self.said: list[tuple[str, Answer]] = []

    def post(self, path: str, body: bytes) -> Answer:
        """Carry one message."""
        if path not in ("/api/v1/actions", "/api/v1/feed"):  # the lane and certificates have their own tests
            return self.fake.post(path, body)
        how = self.plan.pop(0) if self.plan else "well"
        if how == "request lost":
            raise EnvironmentFault("hub_unreachable")
        if how == "hub down":
            return 503, b""
        answer = self.fake.post(path, body)
        if how == "duplicated":
            answer = self.fake.post(path, body)
        self.said.append((path, answer))
        return _spoilt(how, path, answer, self)


def _spoilt(how: str, path: str, answer: Answer, line: Line) -> Answer:
    status, data = answer
    if how == "answer lost":
        raise EnvironmentFault("hub_unreachable")
    if how == "empty":
        return status, b""
    if how == "cut":
        return status, data[: len(data) // 2]
    if how == "flipped":
        return status, data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]
    if how == "forged":
        stranger = SoftwareSigner.from_seed(b"f" * 32)
        outer = json.loads(wrap(unwrap(data).payload, stranger))
        outer["kid"] = line.fake.signer.kid
        return status, json.dumps(outer, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    if how == "older answer":
        same = [said for where, said in line.said if where == path]
        return same[0]
    if how == "other answer":
        others = [said for where, said in line.said if where != path]
        return others[-1] if others else (200, b"")
    assert how in ("well", "duplicated")
    return answer


HOWS = (
    "well",
    "request lost",
    "hub down",
    "duplicated",
    "answer lost",
    "empty",
    "cut",
    "flipped",
    "forged",
    "older answer",
    "other answer",
)


@pytest.fixture
def line(kit: OfficeKit) -> Line:
    """An enrolled office and its line."""
    fake = FakeHub(kit.clock, SeededRandom("hub"))
    kit.enrol(PostedHub(fake.post))
    return Line(fake)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches and pages of three, so that a case takes several."""
    monkeypatch.setattr(cycle, "BATCH_LIMITS", {1: 3, 2: 3})


def _healed(session: Session, line: Line) -> None:
    """Sync over a good line, then check every invariant."""
    line.plan = []
    hub = PostedHub(line.post)
    sync.sync(session, hub)
    last = sync.sync(session, hub)
    assert (last.pushed, last.rejected, last.pulled, last.pending) == (0, (), 0, 0)
    office = line.fake.offices[session.office]
    at_hub = {signed.hash: place for place, (signed, _) in enumerate(office.feed, 1)}
    assert len(at_hub) == len(office.feed)  # recorded at most once
    with session.read() as uow:
        here = {row.signed.hash: row for row in uow.ledger.record(None, 0, 10_000)}
        for action_hash, row in here.items():
            assert row.receipt is not None
            if row.delivery is Delivery.RECORDED:
                assert at_hub[action_hash] == row.receipt.position
            else:
                assert action_hash not in at_hub and row.receipt.code
        assert set(at_hub) <= set(here)  # nothing is missing here
        for kind, subject in office.world.subjects:
            ours = [entry.hash for entry in uow.ledger.entries(kind, subject)]
            assert ours == [entry.hash for entry in office.world.entries(kind, subject)]
    assert audit.verify_record(session) == len(here)
    audit.check_rebuild(session)


def test_everything_is_recorded_and_the_lists_say_so(kit: OfficeKit, line: Line) -> None:
    case_id = kit.approved_case()
    seen: list[tuple[int, int]] = []
    with kit.sit("clerk") as clerk:
        assert sync.status(clerk) == sync.SyncStatus(True, 12, "", scans_waiting=1)
        report = sync.sync(clerk, PostedHub(line.post), lambda *step: seen.append(step))
        assert (report.pushed, report.rejected, report.pending) == (12, (), 0)
        assert seen[-1] == (12, 12)
        assert sync.status(clerk).pending == 0 and sync.status(clerk).last_sync.startswith("2026-11-23T02:")
        with clerk.read() as uow:
            assert [row.delivery for row in uow.lists.cases()] == ["recorded"]
            assert [row.delivery for row in uow.lists.units()] == ["recorded"]
        applications.get_case(clerk, case_id)
        _healed(clerk, line)


@pytest.mark.parametrize("how", [how for how in HOWS if how != "well"])
@pytest.mark.parametrize("at", [0, 5, *(pytest.param(at, marks=pytest.mark.slow) for at in (1, 2, 3, 4, 6))])
def test_one_fault_at_any_message_costs_nothing(
    kit: OfficeKit, line: Line, small_batches: None, how: str, at: int
) -> None:
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        line.plan = ["well"] * at + [how]
        try:
            sync.sync(clerk, PostedHub(line.post))
        except EnvironmentFault as told:
            assert told.code in {
                "hub_unreachable",
                "hub_failing",
                "hub_answer_damaged",
                "hub_answer_forged",
                "receipts_incomplete",
            }
        else:
            # Harmless by nature, or the very answer that was due anyway.
            assert how in ("duplicated", "older answer") or at > 5
        _healed(clerk, line)


@pytest.mark.parametrize("seed", range(6))
def test_a_history_of_faults_heals(kit: OfficeKit, line: Line, seed: int) -> None:
    _history(kit, line, Random(f"history {seed}"), 10)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6, 66))
def test_a_longer_history_of_faults_heals(kit: OfficeKit, line: Line, seed: int) -> None:
    _history(kit, line, Random(f"history {seed}"), 25)


def _history(kit: OfficeKit, line: Line, random: Random, steps: int) -> None:
    clerk, reviewer = kit.open("clerk"), kit.open("reviewer")
    cases: list[str] = []
    told: list[str] = []
    for _ in range(steps):
        step = random.choice(["file", "go on", "go on", "sync", "sync", "other desk", "review"])
        try:
            if step == "file" or not cases:
                cases.append(kit.filed_case(clerk))
            elif step == "sync":
                line.plan = random.choices(HOWS, k=random.randrange(5))
                told += [code for _, code in sync.sync(clerk, PostedHub(line.post)).rejected]
            elif step == "other desk":
                _other_desk_withdraws(line.fake, clerk.office, random.choice(cases))
            else:
                _go_on(kit, clerk, reviewer, random.choice(cases))
        except CertDeskError as fault:
            told.append(fault.code)
    assert set(told) <= EXPECTED, set(told) - EXPECTED
    _healed(clerk, line)


EXPECTED = {
    "hub_unreachable",
    "hub_failing",
    "hub_answer_damaged",
    "hub_answer_forged",
    "receipts_incomplete",
    "version_conflict",
    "case_wrong_state",
    "case_unknown",
    "refusal_unsettled",
}


def _go_on(kit: OfficeKit, clerk: Session, reviewer: Session, case_id: str) -> None:
    """Do what comes next in the life of a case."""
    view = applications.get_case(clerk, case_id)
    if view.case.lifecycle is Lifecycle.SUBMITTED:
        review.approve(reviewer, case_id)
    elif view.case.lifecycle is Lifecycle.APPROVED:
        review.undo_approval(reviewer, case_id)
    elif view.case.signed_scan() is None:
        kit.print_case(clerk, case_id)
        kit.scan_case(clerk, case_id)
    elif view.missing:
        kit.tick_all(clerk, case_id)
    else:
        applications.submit(clerk, case_id)


def _other_desk_withdraws(fake: FakeHub, office_id: str, case_id: str) -> None:
    """Another desk of the office gets in first: recorded at the hub, unknown here."""
    office = fake.offices[office_id]
    entries = office.world.entries("case", case_id)
    if not entries:
        return
    body = entries[0].action.body() | {"id": f"other-{len(office.feed)}", "device": "desk-2"}
    place = {"base_version": len(entries), "seq": 10 * len(office.feed)}  # gaps, as a feed has them
    body |= {"kind": "case_withdrawn", "public": {}, **place}
    body |= {"commitments": {}}
    _record_by(fake, office_id, body)


def _record_by(fake: FakeHub, office_id: str, body: dict[str, Any]) -> None:
    from core.records.model import sign_action
    from tests.core.services.office_kit import _template

    people = {item.person: item for item in _template().unlocked.values()}
    signer = SoftwareSigner.from_seed(people[body["person"]].seed, 16)
    fake._keep(fake.offices[office_id], sign_action(action_from_body(body), signer), {})


# --- rejections -------------------------------------------------------------------------------------


def test_a_rejection_folds_the_case_back_and_is_shown(kit: OfficeKit, line: Line) -> None:
    hub = PostedHub(line.post)
    with kit.sit("clerk") as clerk:
        case_id = kit.ready_case(clerk)
        sync.sync(clerk, hub)
        _other_desk_withdraws(line.fake, clerk.office, case_id)
        applications.submit(clerk, case_id)  # built on what is no longer so
        assert applications.get_case(clerk, case_id).case.lifecycle is Lifecycle.SUBMITTED
        report = sync.sync(clerk, hub)
        assert [code for _, code in report.rejected] == ["version_conflict"] and report.pulled == 1
        assert applications.get_case(clerk, case_id).case.lifecycle is Lifecycle.WITHDRAWN
        with clerk.read() as uow:
            row = uow.lists.cases()[0]
            assert (row.lifecycle, row.delivery) == ("withdrawn", Delivery.REJECTED)
        lines = audit.audit_lines(clerk, case_id)
        told = [item.recorded for item in lines if item.recorded.delivery is Delivery.REJECTED]
        assert len(told) == 1 and told[0].receipt is not None and told[0].receipt.code == "version_conflict"
        _healed(clerk, line)


def test_what_the_hub_rejects_is_rejected_with_all_that_was_built_on_it(kit: OfficeKit, line: Line) -> None:
    hub = PostedHub(line.post)
    with kit.sit("clerk") as clerk:
        case_id = kit.filed_case(clerk)
        sync.sync(clerk, hub)
        line.fake.offices[clerk.office].world.subjects[("case", case_id)].append(
            line.fake.offices[clerk.office].world.propose("x", "case_withdrawn", ("case", case_id))
        )
        kit.print_case(clerk, case_id)
        kit.scan_case(clerk, case_id)
        kit.tick_all(clerk, case_id)
        applications.submit(clerk, case_id)
        report = sync.sync(clerk, hub)
        assert len(report.rejected) == 4
        assert applications.get_case(clerk, case_id).case.lifecycle is Lifecycle.FILED
        with clerk.read() as uow:
            assert uow.lists.cases()[0].delivery == Delivery.REJECTED
        audit.check_rebuild(clerk)


# --- resuming ---------------------------------------------------------------------------------------


def test_a_cycle_stopped_between_batches_goes_on_where_it_was(
    kit: OfficeKit, line: Line, small_batches: None
) -> None:
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        done: list[int] = []
        with pytest.raises(Cancelled):
            sync.sync(clerk, PostedHub(line.post), lambda n, _total: done.append(n), lambda: len(done) == 2)
        assert done == [3, 6]
        assert sync.status(clerk) == sync.SyncStatus(True, 6, "", scans_waiting=1)
        report = sync.sync(clerk, PostedHub(line.post))
        assert report.pushed == 6
        _healed(clerk, line)


def test_the_pushed_are_not_pushed_again_when_only_the_feed_failed(kit: OfficeKit, line: Line) -> None:
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        line.plan = ["well", "request lost"]
        hub = PostedHub(line.post)
        with pytest.raises(EnvironmentFault, match="hub_unreachable"):
            sync.sync(clerk, hub)
        assert sync.status(clerk).pending == 0
        assert sync.sync(clerk, hub).pushed == 0


# --- answers that are signed and wrong ----------------------------------------------------------------


Change = Callable[[dict[str, Any]], Any]


def _retold(fake: FakeHub, kind: str, change: Change) -> Callable[[str, bytes], Answer]:
    """A hub whose own answers of one kind are changed before it signs them."""

    def post(path: str, body: bytes) -> Answer:
        status, data = fake.post(path, body)
        if status != 200:
            return status, data
        payload = unwrap(data).payload
        if payload["type"] == kind:
            change(payload)
        return status, wrap(payload, fake.signer)

    return post


ODD_RECEIPTS: dict[str, Change] = {
    "none": lambda p: p.update(receipts=[]),
    "one missing": lambda p: p["receipts"].pop(),
    "one twice": lambda p: p["receipts"].append(p["receipts"][0]),
    "for another action": lambda p: p["receipts"][0].update(action="x"),
    "for another hash": lambda p: p["receipts"][0].update(hash="0" * 64),
    "two hashes swapped": lambda p: p["receipts"][0].update(hash=p["receipts"][1]["hash"]),
    "unknown verdict": lambda p: p["receipts"][0].update(verdict="maybe"),
    "rejected with a position": lambda p: p["receipts"][0].update(verdict="rejected"),
    "recorded nowhere": lambda p: p["receipts"][0].update(position=None),
    "position as text": lambda p: p["receipts"][0].update(position="1"),
    "no receipts at all": lambda p: p.pop("receipts"),
    "not a list": lambda p: p.update(receipts=7),
    "no time": lambda p: p.pop("hub_time"),
    "odd time": lambda p: p.update(hub_time="yesterday"),
    "params no object": lambda p: p["receipts"][0].update(params=7),
}


@pytest.mark.parametrize("how", ODD_RECEIPTS)
def test_odd_receipts_are_a_damaged_answer_and_nothing_is_kept(kit: OfficeKit, line: Line, how: str) -> None:
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        with pytest.raises(EnvironmentFault) as told:
            sync.sync(clerk, PostedHub(_retold(line.fake, "receipts", ODD_RECEIPTS[how])))
        assert told.value.code in {"hub_answer_damaged", "receipts_incomplete"}
        assert sync.status(clerk).pending == 12
        _healed(clerk, line)


def _foreign(payload: dict[str, Any], **change: Any) -> None:
    for item in payload["items"]:
        item["action"].update(change)


ODD_FEEDS: dict[str, Change] = {
    "another nonce": lambda p: p.update(nonce="00"),
    "no nonce": lambda p: p.pop("nonce"),
    "another type": lambda p: p.update(type="claim-progress"),
    "no items": lambda p: p.pop("items"),
    "next is text": lambda p: p.update(next="x"),
    "items are numbers": lambda p: p.update(items=[1]),
    "of another office": lambda p: _foreign(p, office="elsewhere"),
    "of an unknown kind": lambda p: _foreign(p, kind="office_abolished"),
    "a person's act by the hub": lambda p: _foreign(p, kind="case_approved", subject_kind="case"),
    "the hub's act by a person": lambda p: _foreign(p, person="somebody"),
    "changed, so wrongly signed": lambda p: _foreign(p, at="2020-01-01T00:00:00.000Z"),
    "personal values of somebody else": lambda p: [i.update(sealed="AAAA") for i in p["items"]],
}


@pytest.mark.parametrize("how", ODD_FEEDS)
def test_an_odd_feed_is_refused_whole_and_the_cursor_stays(kit: OfficeKit, line: Line, how: str) -> None:
    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        sync.sync(clerk, PostedHub(line.post))
        line.fake.issue(clerk.office, case_id)
        with pytest.raises(EnvironmentFault) as told:
            sync.sync(clerk, PostedHub(_retold(line.fake, "feed", ODD_FEEDS[how])))
        assert told.value.code in {"hub_answer_damaged", "hub_answer_forged"}
        assert applications.get_case(clerk, case_id).case.lifecycle is Lifecycle.APPROVED
        _healed(clerk, line)
        assert applications.get_case(clerk, case_id).case.lifecycle is Lifecycle.CLAIMED


def test_a_chain_that_does_not_fit_halts_the_desk_and_the_receipts_before_it_are_kept(
    kit: OfficeKit, line: Line
) -> None:
    kit.approved_case()

    def stopped(payload: dict[str, Any]) -> None:
        payload["receipts"] = payload["receipts"][:5]
        del payload["log"]  # which speaks of all twelve
        payload["stopped"] = {"error": "chain_forked", "params": {"seq": 6, "prev": "0" * 64, "odd": [1]}}

    with kit.sit("clerk") as clerk:
        with pytest.raises(EnvironmentFault, match="chain_forked"):
            sync.sync(clerk, PostedHub(_retold(line.fake, "receipts", stopped)))
        known = sync.status(clerk)
        assert known.pending == 7 and known.halt is not None
        assert (known.halt.code, known.halt.params) == ("chain_forked", {"seq": 6, "prev": "0" * 64})
        asked = PostedHub(line.post)
        with pytest.raises(EnvironmentFault, match="chain_forked"):
            sync.sync(clerk, asked)
        assert asked.asked == []  # nothing goes out until somebody has decided


def test_the_line_of_these_tests_would_see_a_desk_that_believes_too_much(kit: OfficeKit, line: Line) -> None:
    """A control: an outbox cleared before the answer is read loses actions, and ``_healed`` says so."""
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        from core.store.action_rows import Receipt

        with clerk.begin() as uow:  # as if "sent" meant "received"
            for signed in uow.outbox.oldest(clerk.device.id, 100):
                at = "2026-11-23T02:00:00.000Z"
                uow.ledger.add_receipt(Receipt(signed.hash, "recorded", signed.action.seq, "", {}, at))
        with pytest.raises((AssertionError, KeyError, EnvironmentFault)):
            _healed(clerk, line)


@pytest.fixture(autouse=True)
def _no_leftovers(kit: OfficeKit) -> Iterator[None]:
    yield
    assert not list(kit.folder.root.glob("*.part"))
