"""An office's log at the hub: what it signs, what it refuses to sign, and what it tells desks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select, update

from core.errors import EnvironmentFault
from core.keys.signer import SoftwareSigner
from core.tlog import checkpoint as notes
from core.tlog import merkle
from core.tlog.merkle import CompactRange, Tree
from hub import log, tables
from hub.engine import insert_new
from hub.log_tables import log_cosignature, log_tile, log_tree
from hub.log_tiles import StoredTree, put_tile
from hub.setup import Hub, init
from tests.hub.log_rows import add_rows, leaf

KEY = bytes(range(32))
ISSUER = "https://hub.example/p"
OFFICE = "office-1"
DESK = SoftwareSigner.from_seed(bytes(range(1, 33)))


@pytest.fixture(params=["sqlite", "postgresql"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hub]:
    """A hub that nobody serves, without an office."""
    url = f"sqlite:///{tmp_path / 'hub.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_postgres")()
    made = init(url, ISSUER, tmp_path / "root.pem", KEY, rehearsal=True)
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def quick_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One hub on SQLite for many examples, each with an office of its own or rolled back."""
    folder = tmp_path_factory.mktemp("log")
    made = init(f"sqlite:///{folder / 'hub.db'}", ISSUER, folder / "root.pem", KEY, rehearsal=True)
    yield made
    made.database.close()


def grow(hub: Hub, *counts: int, office: str = OFFICE) -> int:
    """Record ``counts`` actions, one transaction each; return how many there are."""
    done = 0
    for count in counts:
        with hub.database.write() as connection:
            add_rows(connection, office, done + 1, count)
            log.extend(hub, connection, office)
        done += count
    return done


def tree(size: int, office: str = OFFICE) -> Tree:
    return Tree(leaf(office, position) for position in range(1, size + 1))


def head(hub: Hub, connection: Connection, office: str = OFFICE) -> notes.Checkpoint:
    note = log.checkpoint(connection, office)
    return notes.verify_note(note, hub.signer.public_bytes(), f"hub.example/p/log/{office}")


@pytest.mark.parametrize("counts", [(1,), (255, 1), (256,), (300, 300), (1, 255, 256, 1), (5000,), (4096, 1)])
def test_the_head_is_that_of_the_tree_however_it_grew(hub: Hub, counts: tuple[int, ...]) -> None:
    size = grow(hub, *counts)
    expected = tree(size)
    with hub.database.read() as connection:
        found = head(hub, connection)
        assert (found.size, found.root) == (size, expected.root())
        stored = StoredTree(connection, OFFICE, size)
        assert merkle.compact_range(stored.node, size).root() == expected.root()
        assert merkle.inclusion_proof(stored.node, size // 2, size) == merkle.inclusion_proof(
            expected.node, size // 2, size
        )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
def test_any_growth_gives_the_trees_head(quick_hub: Hub, counts: list[int]) -> None:
    office = str(uuid4())
    size = grow(quick_hub, *counts, office=office)
    with quick_hub.database.read() as connection:
        if not size:
            assert log.checkpoint(connection, office) == ""
            return
        found = head(quick_hub, connection, office)
        assert (found.size, found.root) == (size, tree(size, office).root())


def test_offices_have_logs_of_their_own(hub: Hub) -> None:
    grow(hub, 3)
    grow(hub, 2, office="office-2")
    with hub.database.read() as connection:
        assert head(hub, connection).size == 3
        assert head(hub, connection, "office-2").root == tree(2, "office-2").root()
        assert log.checkpoint(connection, "office-3") == ""


def test_nothing_new_signs_nothing_new(hub: Hub) -> None:
    grow(hub, 3)
    with hub.database.write() as connection:
        before = log.checkpoint(connection, OFFICE)
        log.extend(hub, connection, OFFICE)
        assert log.checkpoint(connection, OFFICE) == before


def test_a_database_of_an_older_program_gets_its_logs(hub: Hub) -> None:
    with hub.database.write() as connection:
        add_rows(connection, OFFICE, 1, 700)
        insert_new(connection, tables.feed_counter, {"office": OFFICE, "last": 700})
        insert_new(connection, tables.feed_counter, {"office": "empty", "last": 0})
    log.catch_up(hub)
    log.catch_up(hub)
    with hub.database.read() as connection:
        assert head(hub, connection).root == tree(700).root()
        assert connection.execute(select(log_tree.c.office)).scalars().all() == [OFFICE]


# --- what a desk is told ------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "more"), [(0, 1), (1, 4), (255, 3), (300, 700), (512, 1)])
def test_left_and_own_leaves_make_the_signed_root(hub: Hub, before: int, more: int) -> None:
    grow(hub, *([before] if before else []), more)
    with hub.database.read() as connection:
        told = log.log_answer(connection, OFFICE, before + 1)
    assert told["hub"] == []
    left = CompactRange(told["first"] - 1, (bytes.fromhex(item) for item in told["left"]))
    own = [leaf(OFFICE, position) for position in range(before + 1, before + more + 1)]
    found = notes.verify_note(told["checkpoint"], hub.signer.public_bytes())
    assert left.extended(own).root() == found.root
    assert left.extended(own[:-1]).root() != found.root


def test_the_hubs_own_actions_are_named_to_who_lacks_them(hub: Hub) -> None:
    grow(hub, 5)
    with hub.database.write() as connection:
        add_rows(connection, OFFICE, 6, 3)
        connection.execute(
            update(tables.action).where(tables.action.c.position == 7).values(kind="certificate_voided")
        )
        log.extend(hub, connection, OFFICE)
        told = log.log_answer(connection, OFFICE, 6)
    assert told["hub"] == [[7, leaf(OFFICE, 7).hex()]]


def test_a_batch_without_anything_new_is_told_the_head(hub: Hub) -> None:
    with hub.database.read() as connection:
        assert log.log_answer(connection, OFFICE, 1)["checkpoint"] == ""
    grow(hub, 300)
    with hub.database.read() as connection:
        told = log.log_answer(connection, OFFICE, 301)
    left = CompactRange(told["first"] - 1, (bytes.fromhex(item) for item in told["left"]))
    assert (left.size, left.root()) == (300, tree(300).root())


# --- what is not signed -------------------------------------------------------------------------


def refused(hub: Hub, connection: Connection, office: str = OFFICE) -> str:
    """Extend must refuse, and leave the signed head as it was; returns why."""
    before = log.checkpoint(connection, office)
    with pytest.raises(EnvironmentFault, match="log_damaged") as caught:
        log.extend(hub, connection, office)
    assert log.checkpoint(connection, office) == before
    return str(caught.value.params["why"])


def test_a_body_that_is_not_what_its_name_says_is_not_signed(hub: Hub) -> None:
    grow(hub, 5)
    with hub.database.write() as connection:
        add_rows(connection, OFFICE, 6, 2)
        table = tables.action
        connection.execute(update(table).where(table.c.position == 7).values(body=table.c.body.concat(" ")))
        assert refused(hub, connection) == "action"


def test_a_missing_position_is_not_signed_over(hub: Hub) -> None:
    grow(hub, 5)
    with hub.database.write() as connection:
        add_rows(connection, OFFICE, 7, 1)
        assert refused(hub, connection) == "action"


def test_a_cut_tail_stops_the_log(hub: Hub) -> None:
    grow(hub, 300)
    with hub.database.write() as connection:
        connection.execute(delete(tables.action).where(tables.action.c.position > 290))
        add_rows(connection, OFFICE, 301, 300)
        assert refused(hub, connection) == "tile"


def test_a_head_that_was_put_back_stops_the_log(hub: Hub) -> None:
    grow(hub, 5)
    with hub.database.read() as connection:
        old = connection.execute(select(log_tree)).one()
    with hub.database.write() as connection:
        add_rows(connection, OFFICE, 6, 1)
        log.extend(hub, connection, OFFICE)
        connection.execute(update(log_tree).values(edge=old.edge))
        add_rows(connection, OFFICE, 7, 1)
        assert refused(hub, connection) == "head"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_flipped_bit_is_signed(quick_hub: Hub, data: st.DataObject) -> None:
    """T29: whatever bit of the log flips before the head is signed, no wrong head is signed."""
    office = "flips"
    with quick_hub.database.read() as connection:
        known = log.checkpoint(connection, office)
    if not known:
        grow(quick_hub, 600, office=office)
    with quick_hub.database.engine.connect() as connection, connection.begin() as transaction:
        more = data.draw(st.sampled_from([1, 168, 400]))
        add_rows(connection, office, 601, more)
        flip(connection, office, data)
        try:
            log.extend(quick_hub, connection, office)
        except EnvironmentFault as fault:
            assert fault.code == "log_damaged"
        else:
            assert head(quick_hub, connection, office).root == tree(600 + more, office).root()
        transaction.rollback()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([0, 1]))
def test_a_tile_that_comes_back_changed_is_not_signed(quick_hub: Hub, bit: int, level: int) -> None:
    """T29: a disk that flips a bit of a tile on its way is found out before the head is signed."""

    def lying(connection: Connection, office: str, at: int, index: int, data: bytes, *, grows: bool) -> None:
        wrong = bytearray(data)
        if at == level:
            wrong[bit // 8 % len(data)] ^= 1 << bit % 8
        put_tile(connection, office, at, index, bytes(wrong), grows=grows)

    with pytest.MonkeyPatch.context() as patch, quick_hub.database.engine.connect() as connection:
        patch.setattr(log, "put_tile", lying)
        with connection.begin() as transaction:
            add_rows(connection, "lied", 1, 300)
            assert refused(quick_hub, connection, "lied") == "tile"
            transaction.rollback()


def flip(connection: Connection, office: str, data: st.DataObject) -> None:
    """Flip one bit of a stored tile, of the edge, of the signed head, or of a new action."""
    what = data.draw(st.sampled_from(["tile", "edge", "note", "hash", "body"]))
    if what == "tile":
        level, index = data.draw(st.sampled_from([(0, 0), (0, 1), (1, 0)]))
        chosen = (log_tile.c.office == office, log_tile.c.level == level, log_tile.c.tile == index)
        hashes = bytearray(connection.execute(select(log_tile.c.hashes).where(*chosen)).scalar_one())
        bit = data.draw(st.integers(0, len(hashes) * 8 - 1))
        hashes[bit // 8] ^= 1 << bit % 8
        connection.execute(update(log_tile).where(*chosen).values(hashes=bytes(hashes)))
        return
    table = log_tree if what in ("edge", "note") else tables.action
    chosen = (
        (table.c.office == office,)
        if table is log_tree
        else (table.c.office == office, table.c.position == 601)
    )
    text = bytearray(str(connection.execute(select(table.c[what]).where(*chosen)).scalar_one()).encode())
    at, bit = data.draw(st.integers(0, len(text) - 1)), data.draw(st.integers(0, 6))
    text[at] ^= 1 << bit
    changed = text.decode("utf-8", "replace")
    connection.execute(update(table).where(*chosen).values({what: changed}))


# --- witnesses ----------------------------------------------------------------------------------


def enrol_desk(connection: Connection) -> None:
    insert_new(
        connection,
        tables.device,
        {
            "office": OFFICE,
            "device": "desk-1",
            "kid": DESK.kid,
            "algorithm": "Ed25519",
            "key": DESK.public_bytes(),
            "exchange_key": bytes(32),
            "epoch": 1,
            "not_before": 0,
            "not_after": 2**40,
            "revoked_at": None,
            "clock_offset": 0,
        },
    )


def kept(connection: Connection) -> list[int]:
    return list(connection.execute(select(log_cosignature.c.size)).scalars())


def alarms(connection: Connection) -> list[str]:
    return list(connection.execute(select(tables.alarm.c.kind)).scalars())


def test_a_desks_cosignature_is_kept_once(hub: Hub) -> None:
    grow(hub, 5)
    with hub.database.write() as connection:
        enrol_desk(connection)
        note = log.checkpoint(connection, OFFICE)
        name = notes.witness_name(log.origin(hub, OFFICE), "desk-1")
        cosigned = notes.cosign(note, name, DESK, 1_700_000_000)
        assert log.add_cosignature(hub, connection, OFFICE, "desk-1", cosigned)
        assert log.add_cosignature(hub, connection, OFFICE, "desk-1", cosigned)
        assert (kept(connection), alarms(connection)) == ([5], [])


def test_what_is_no_cosignature_of_ours_is_passed_over(hub: Hub) -> None:
    grow(hub, 5)
    with hub.database.write() as connection:
        enrol_desk(connection)
        note = log.checkpoint(connection, OFFICE)
        origin = log.origin(hub, OFFICE)
        name = notes.witness_name(origin, "desk-1")
        forged = notes.sign_note(notes.Checkpoint(origin, 9, bytes(32)), DESK)
        for text in (
            note,
            notes.cosign(note, name, hub.signer, 1),
            notes.cosign(note, notes.witness_name(origin, "desk-2"), DESK, 1),
            notes.cosign(forged, name, DESK, 1),
            "",
            None,
            ["x"],
        ):
            assert not log.add_cosignature(hub, connection, OFFICE, "desk-1", text)
        assert not log.add_cosignature(hub, connection, OFFICE, "desk-2", notes.cosign(note, name, DESK, 1))
        assert kept(connection) == []


def test_a_head_that_does_not_fit_any_more_raises_an_alarm(hub: Hub) -> None:
    grow(hub, 5)
    with hub.database.write() as connection:
        enrol_desk(connection)
        origin = log.origin(hub, OFFICE)
        name = notes.witness_name(origin, "desk-1")
        for size in (4, 6):  # the hub once said something else of four, and had six
            other = notes.sign_note(notes.Checkpoint(origin, size, bytes(32)), hub.signer)
            assert log.add_cosignature(hub, connection, OFFICE, "desk-1", notes.cosign(other, name, DESK, 1))
        assert sorted(kept(connection)) == [4, 6]
        assert alarms(connection) == ["log_diverged", "log_diverged"]
