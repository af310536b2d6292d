"""The desk as a witness: what it believes of the hub's log, what it keeps, and what makes it stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.errors import EnvironmentFault, Refusal
from core.keys.signer import SoftwareSigner
from core.store.action_rows import Receipt
from core.store.checkpoints import Checkpoints, KeptCheckpoint
from core.store.unit_of_work import Store, UnitOfWork
from core.sync import witness
from core.sync.comparing import edge_of, extend_edge, hear_checkpoint
from core.sync.desk import Desk
from core.sync.enrolment import OfficeCertificate
from core.tlog import checkpoint as notes
from core.tlog import merkle
from core.tlog.entry import entry_leaf
from tests.core.services.office_kit import MovableClock, SeededRandom
from tests.core.store.store_kit import append, open_store, unit_facts

HUB = SoftwareSigner.from_seed(b"h" * 32)
DESK = SoftwareSigner.from_seed(b"d" * 32)
ISSUER = "http://127.0.0.1:18443"
TIME = "2026-11-23T08:{:02d}:00.000Z"
CERTIFICATE = OfficeCertificate(
    office="office",
    code="469023",
    name="演练机关",
    device="desk",
    kid=DESK.kid,
    device_key=DESK.public_bytes().hex(),
    exchange_key="00" * 32,
    single_clerk=False,
    rehearsal=True,
    issuer=ISSUER,
    hub_kid=HUB.kid,
    hub_algorithm="Ed25519",
    hub_key=HUB.public_bytes().hex(),
    hub_exchange_key="00" * 32,
    not_before=TIME.format(0),
    not_after=TIME.format(1),
)


def entry(number: int, story: str = "") -> tuple[str, str]:
    """An invented entry; another ``story`` is another history."""
    return TIME.format(number % 60), merkle.leaf_hash(f"{story}{number}".encode()).hex()


@dataclass
class Line:
    """A hub's log as one desk is told it."""

    told: list[tuple[str, str]] = field(default_factory=list)
    signer: SoftwareSigner = HUB

    def grow(self, count: int, story: str = "") -> Line:
        self.told += [entry(len(self.told) + at, story) for at in range(count)]
        return self

    def tree(self) -> merkle.Tree:
        return merkle.Tree(entry_leaf(*each) for each in self.told)

    def note(self, size: int | None = None, root: bytes | None = None) -> str:
        size = len(self.told) if size is None else size
        head = notes.Checkpoint("127.0.0.1:18443/log/office", size, root or self.tree().root(size))
        return notes.sign_note(head, self.signer)

    def answer(self, minute: int, size: int | None = None) -> dict[str, object]:
        return {"hub_time": TIME.format(minute), "log": {"checkpoint": self.note(size)}}

    def batch(self, first: int, missing: tuple[int, ...] = ()) -> tuple[list[Receipt], dict[str, object]]:
        """Receipts of everything from ``first`` on, but what the hub itself did (``missing``)."""
        receipts = [
            Receipt(each[1], "recorded", position, "", {}, each[0])
            for position, each in enumerate(self.told, 1)
            if position >= first and position not in missing
        ]
        left = merkle.compact_range(self.tree().node, first - 1).hashes
        own = [[position, entry_leaf(*self.told[position - 1]).hex()] for position in missing]
        return receipts, {
            "checkpoint": self.note(),
            "first": first,
            "left": [item.hex() for item in left],
            "hub": own,
        }


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path)
    yield store
    store.close()


def pull(store: Store, line: Line, minute: int, upto: int | None = None) -> None:
    """Take in a page of the feed with its head, as the inbox does."""
    with store.begin() as uow:
        edge = edge_of(uow)
        assert edge is not None
        page = line.told[edge.size : upto]
        extend_edge(uow, page)
        uow.set_meta("feed_cursor", str(edge.size + len(page)))
        hear_checkpoint(uow, CERTIFICATE, line.answer(minute))


def kept(store: Store) -> list[int]:
    with store.read() as uow:
        return [head.size for head in Checkpoints(uow.connection).kept()]


def diverges(act: Callable[[], object]) -> EnvironmentFault:
    with pytest.raises(EnvironmentFault, match="log_diverged") as caught:
        act()
    return caught.value


# --- following ------------------------------------------------------------------------------------


def test_a_head_is_kept_when_it_is_the_head_of_what_we_hold(store: Store) -> None:
    line = Line().grow(5)
    pull(store, line, 1, upto=3)
    assert kept(store) == []
    pull(store, line, 1)
    pull(store, line, 2)
    assert kept(store) == [5]
    pull(store, line.grow(4), 3)
    assert kept(store) == [5, 9]


def test_another_root_of_what_we_hold_stops_the_desk(store: Store) -> None:
    pull(store, Line().grow(5), 1)
    other = Line().grow(4).grow(1, "rewritten")
    assert diverges(lambda: pull(store, other, 2)).params["size"] == 5
    assert kept(store) == [5]


def test_a_continued_history_that_was_rewritten_stops_the_desk(store: Store) -> None:
    pull(store, Line().grow(5), 1)
    diverges(lambda: pull(store, Line().grow(4).grow(3, "rewritten"), 2))


def test_a_shorter_log_stops_the_desk_unless_the_answer_is_an_older_one(store: Store) -> None:
    line = Line().grow(9)
    pull(store, line, 10)
    with store.begin() as uow:
        hear_checkpoint(uow, CERTIFICATE, line.answer(5, size=6))  # a stick that was long under way
    with store.begin() as uow:
        diverges(lambda: hear_checkpoint(uow, CERTIFICATE, line.answer(11, size=6)))
    with store.begin() as uow:
        wrong = Line().grow(5).grow(1, "rewritten")
        diverges(lambda: hear_checkpoint(uow, CERTIFICATE, wrong.answer(5)))


def test_a_hub_that_stops_speaking_of_its_log_stops_the_desk(store: Store) -> None:
    with store.begin() as uow:
        hear_checkpoint(uow, CERTIFICATE, {"hub_time": TIME.format(1)})
    pull(store, Line().grow(2), 1)
    with store.begin() as uow:
        diverges(lambda: hear_checkpoint(uow, CERTIFICATE, {"hub_time": TIME.format(2)}))


def test_a_head_by_another_key_or_of_another_log_is_forged(store: Store) -> None:
    other = Line(signer=DESK).grow(2)
    foreign = notes.sign_note(notes.Checkpoint("127.0.0.1:18443/log/else", 0, merkle.EMPTY_ROOT), HUB)
    for note in (other.note(), foreign):
        with store.begin() as uow, pytest.raises(Refusal, match="checkpoint_forged"):
            witness.hear(uow, edge_of(uow), CERTIFICATE, note, TIME.format(1))


def test_a_whole_feed_fetched_again_is_compared_entry_by_entry(store: Store) -> None:
    line = Line().grow(5)
    pull(store, line, 1)
    for told, fine in ((line, True), (Line().grow(2).grow(3, "rewritten"), False)):
        with store.begin() as uow:
            uow.set_meta("feed_cursor", "0")
            uow.set_meta("log_edge", "")
        if fine:
            pull(store, told, 2)
        else:
            assert diverges(lambda told=told: pull(store, told, 2)).params["position"] == 3  # type: ignore[misc]


# --- pushes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [(), (4,), (4, 6)])
def test_a_batch_is_proven_and_its_head_is_a_promise(store: Store, missing: tuple[int, ...]) -> None:
    line = Line().grow(6)
    receipts, log = line.batch(3, missing)
    with store.begin() as uow:
        witness.verify_batch(uow, CERTIFICATE, receipts, log)
        assert Checkpoints(uow.connection).promised() == {6: {line.tree().root().hex()}}
    pull(store, line, 1)
    with store.read() as uow:
        assert Checkpoints(uow.connection).promised() == {}


def test_a_batch_that_is_not_under_its_head_stops_the_desk(store: Store) -> None:
    line = Line().grow(6)
    receipts, log = line.batch(3)
    late = Receipt(receipts[0].hash, "recorded", 3, "", {}, TIME.format(59))
    odd: list[tuple[list[Receipt], dict[str, object]]] = [
        (receipts[1:], log),
        (receipts[:-1], log),
        ([late, *receipts[1:]], log),
        (receipts, {**log, "left": ["00" * 32]}),
        (receipts, {**log, "checkpoint": line.note(5)}),
        (receipts, {**log, "hub": [[7, "00" * 32]]}),
    ]
    for told, proof in odd:
        with store.begin() as uow:
            diverges(lambda told=told, proof=proof: witness.verify_batch(uow, CERTIFICATE, told, proof))  # type: ignore[misc]


def test_known_receipts_of_a_batch_sent_again_need_no_new_proof(store: Store) -> None:
    line = Line().grow(6)
    receipts, _ = line.batch(3)
    _, log = line.batch(7)
    with store.begin() as uow:
        witness.verify_batch(uow, CERTIFICATE, receipts, log)


def test_two_histories_are_seen_when_the_feed_does_not_keep_what_the_push_promised(store: Store) -> None:
    pushed = Line().grow(6)
    receipts, log = pushed.batch(3)
    with store.begin() as uow:
        witness.verify_batch(uow, CERTIFICATE, receipts, log)
    fed = Line().grow(5).grow(3, "for others")
    assert diverges(lambda: pull(store, fed, 2)).params["size"] == 6


# --- what is handed on ----------------------------------------------------------------------------


def test_the_newest_head_goes_back_with_our_signature(store: Store) -> None:
    desk = Desk("office", "desk", 1, DESK, b"", MovableClock(), SeededRandom("desk"))
    with store.read() as uow:
        assert witness.cosigned(uow, desk, CERTIFICATE) == ""
    line = Line().grow(5)
    pull(store, line, 1)
    with store.read() as uow:
        note = witness.cosigned(uow, desk, CERTIFICATE)
    assert notes.verify_note(note, HUB.public_bytes()).size == 5
    name = "127.0.0.1:18443/log/office/desk/desk"
    found = notes.verify_cosignature(note, name, DESK.public_bytes())
    assert found.checkpoint.root == line.tree().root()


def test_a_receipts_proof_is_made_here_and_checked_by_anybody(store: Store) -> None:
    line = Line().grow(4)
    with store.begin() as uow:
        signed = append(uow, ("unit", "u"), "unit_registered", unit_facts("甲"))
        line.told.append((TIME.format(9), signed.hash))
        line.grow(3)
        uow.ledger.add_receipt(Receipt(signed.hash, "recorded", 5, "", {}, TIME.format(9)))
        assert witness.receipt_proofs(uow, [signed.hash]) == []
    pull(store, line, 1)
    with store.read() as uow:
        [proof] = witness.receipt_proofs(uow, [signed.hash, "00" * 32])
    head = notes.verify_note(proof.note, HUB.public_bytes())
    leaf = merkle.leaf_hash(proof.entry)
    assert proof.entry == f"{TIME.format(9)} {signed.hash}\n".encode()
    assert merkle.verify_inclusion(leaf, proof.index, head.size, proof.path, head.root)
    assert not merkle.verify_inclusion(leaf, proof.index + 1, head.size, proof.path, head.root)


# --- what is kept ---------------------------------------------------------------------------------


def test_a_kept_head_is_not_replaced(store: Store) -> None:
    head = KeptCheckpoint(5, "aa" * 32, "note", TIME.format(1))
    with store.begin() as uow:
        keep = Checkpoints(uow.connection)
        keep.keep(head)
        keep.keep(head)
        diverges(lambda: keep.keep(KeptCheckpoint(5, "bb" * 32, "note", TIME.format(2))))
        diverges(lambda: keep.keep(KeptCheckpoint(4, "aa" * 32, "note", TIME.format(2))))
        keep.keep(KeptCheckpoint(6, "cc" * 32, "note", TIME.format(2)))
        assert [each.size for each in keep.kept()] == [5, 6]


def test_entries_have_no_gaps(store: Store) -> None:
    with store.begin() as uow:
        keep = Checkpoints(uow.connection)
        keep.add(1, [entry(0), entry(1)])
        keep.add(2, [entry(1), entry(2)])
        assert (keep.size(), keep.entries(2)) == (3, [entry(0), entry(1)])
        with pytest.raises(ValueError):
            keep.add(5, [entry(4)])
        diverges(lambda: keep.add(3, [entry(9)]))


def test_an_edge_behind_the_feed_is_not_followed(store: Store) -> None:
    with store.begin() as uow:
        uow.set_meta("feed_cursor", "3")  # a hub of protocol 1 told no moments
        extend_edge(uow, [entry(3)])
        assert edge_of(uow) is None and _size(uow) == 0


def _size(uow: UnitOfWork) -> int:
    return Checkpoints(uow.connection).size()
