"""Each office's log: the Merkle tree over its accepted actions, grown in the transaction that recorded them.

What is signed here can be kept by anyone, and whoever keeps it finds out when an accepted action is
changed, moved, back-dated or taken away afterwards (docs/log.md). Nothing is signed that was not read
back from the database and hashed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select, update

from core.canonical import digest
from core.errors import EnvironmentFault, Refusal
from core.records.kinds import KINDS
from core.tlog.checkpoint import (
    Checkpoint,
    origin_of,
    sign_note,
    verify_cosignature,
    verify_note,
    witness_name,
)
from core.tlog.entry import entry_leaf
from core.tlog.merkle import CompactRange, compact_range
from core.tlog.tiles import HEIGHT, WIDTH, split_tile, tile_root
from hub import tables
from hub.alarms import raise_alarm
from hub.desks import find_desk
from hub.engine import insert_new, lock_office
from hub.log_tables import log_cosignature, log_tree
from hub.log_tiles import StoredTree, find_tile, leaves, put_tile

if TYPE_CHECKING:
    from hub.setup import Hub

CHUNK = 4096
"""Rows read at once when a log catches up with an older database."""

_BY_HUB = [name for name, kind in KINDS.items() if not kind.roles]


def origin(hub: Hub, office: str) -> str:
    """Return the name of an office's log."""
    return origin_of(hub.issuer, office)


def checkpoint(connection: Connection, office: str) -> str:
    """Return the office's newest signed checkpoint, empty before its first action."""
    found = connection.execute(select(log_tree.c.note).where(log_tree.c.office == office)).scalar()
    return found or ""


# --- growing -------------------------------------------------------------------------------------


def extend(hub: Hub, connection: Connection, office: str) -> None:
    """Take the actions recorded since into the log and sign its new head; the office's lock is held.

    Raises ``EnvironmentFault('log_damaged')`` when what lies in the database does not hash to what was
    signed: then nothing is signed, and the transaction must not be committed.
    """
    before, fresh = _edge(hub, connection, office)
    try:
        edge = _grow(connection, office, before)
    except ValueError as fault:
        raise EnvironmentFault("log_damaged", office=office, why="tile") from fault
    if edge.size == before.size:
        return
    head = Checkpoint(origin(hub, office), edge.size, edge.root())
    values = {"size": edge.size, "edge": edge.to_text(), "note": sign_note(head, hub.signer)}
    if fresh:
        connection.execute(insert(log_tree).values(office=office, **values))
    else:
        connection.execute(update(log_tree).where(log_tree.c.office == office).values(**values))


def _edge(hub: Hub, connection: Connection, office: str) -> tuple[CompactRange, bool]:
    """Return what the log had grown to, checked against what was signed, and whether it is the first time."""
    row = connection.execute(select(log_tree).where(log_tree.c.office == office)).one_or_none()
    if row is None:
        return CompactRange(), True
    try:
        edge = CompactRange.from_text(row.edge)
        head = verify_note(row.note, hub.signer.public_bytes(), origin(hub, office))
    except (ValueError, Refusal) as fault:
        raise EnvironmentFault("log_damaged", office=office, why="head") from fault
    if (edge.size, edge.size, edge.root()) != (row.size, head.size, head.root):
        raise EnvironmentFault("log_damaged", office=office, why="head")
    return edge, False


def _grow(connection: Connection, office: str, edge: CompactRange) -> CompactRange:
    written: list[tuple[int, int]] = []
    while True:
        rows = _rows(connection, office, edge.size)
        hashes = [_leaf(row, edge.size + at + 1) for at, row in enumerate(rows)]
        written += _store_tiles(connection, office, edge.size, hashes)
        edge = edge.extended(hashes)
        if len(rows) < CHUNK:
            break
    if written:
        _check_tiles(connection, office, written, edge)
    return edge


def _rows(connection: Connection, office: str, after: int) -> list[Any]:
    table = tables.action
    query = (
        select(table.c.office, table.c.position, table.c.hash, table.c.body, table.c.recorded_at)
        .where(table.c.office == office, table.c.position > after)
        .order_by(table.c.position)
        .limit(CHUNK)
    )
    return list(connection.execute(query).all())


def _leaf(row: Any, position: int) -> bytes:
    """Return a row's leaf, once its body is seen to hash to its name and nothing is missing before it."""
    if row.position != position or digest("action/1", row.body.encode()).hex() != row.hash:
        raise EnvironmentFault("log_damaged", office=row.office, why="action")
    return entry_leaf(row.recorded_at, row.hash)


def _store_tiles(
    connection: Connection, office: str, size: int, hashes: list[bytes]
) -> list[tuple[int, int]]:
    """Write what ``hashes`` add to a tree of ``size`` leaves; return (level, index) of every tile written."""
    written: list[tuple[int, int]] = []
    level, start = 0, size
    while hashes:
        first, tail = divmod(start, WIDTH)
        if level == 0 and tail + len(hashes) < WIDTH:
            break  # the open end of level 0 is the action table itself
        if tail:
            hashes = [*_begun(connection, office, level, first, tail), *hashes]
        roots: list[bytes] = []
        for at in range(0, len(hashes), WIDTH):
            part = hashes[at : at + WIDTH]
            if len(part) == WIDTH:
                roots.append(tile_root(part))
            elif level == 0:
                continue
            index = first + at // WIDTH
            put_tile(connection, office, level, index, b"".join(part), grows=at == 0 and tail > 0)
            written.append((level, index))
        level, start, hashes = level + 1, first, roots
    return written


def _begun(connection: Connection, office: str, level: int, index: int, width: int) -> list[bytes]:
    """Return the hashes of the tile that has begun: ``width`` of them."""
    if level == 0:
        hashes = leaves(connection, office, index * WIDTH, width)
    else:
        hashes = split_tile(find_tile(connection, office, level, index))
    if len(hashes) != width:
        raise ValueError("a tile is cut")
    return hashes


def _check_tiles(
    connection: Connection, office: str, written: list[tuple[int, int]], edge: CompactRange
) -> None:
    """Read back what was written and hash it up to the edge, which grew leaf by leaf (security.md T29)."""
    tree = StoredTree(connection, office, edge.size)
    for level, index in sorted(set(written)):
        hashes = split_tile(tree.tile(level, index))
        if len(hashes) == WIDTH and tile_root(hashes) != tree.node(HEIGHT * (level + 1), index):
            raise ValueError("a tile does not hash to what stands above it")
    if compact_range(tree.node, edge.size).hashes != edge.hashes:
        raise ValueError("the tiles do not hash to the edge")


def catch_up(hub: Hub) -> None:
    """Make the logs of a database that an older program filled. Raises as :func:`extend` does."""
    counter = tables.feed_counter
    behind = (
        select(counter.c.office)
        .outerjoin(log_tree, log_tree.c.office == counter.c.office)
        .where(counter.c.last > 0, log_tree.c.office.is_(None))
    )
    with hub.database.read() as connection:
        offices = list(connection.execute(behind).scalars())
    for office in offices:
        with hub.database.write() as connection:
            lock_office(connection, office)
            extend(hub, connection, office)


def next_entry(connection: Connection, office: str) -> int:
    """Return the position that the office's next recorded action will have."""
    counter = tables.feed_counter
    last = connection.execute(select(counter.c.last).where(counter.c.office == office)).scalar()
    return (last or 0) + 1


# --- telling desks -------------------------------------------------------------------------------


def log_answer(connection: Connection, office: str, first_position: int) -> dict[str, Any]:
    """Return what proves that a batch's newly recorded actions are under the checkpoint.

    ``first_position``: where the first of them stands, or would have (:func:`next_entry` before the batch).
    ``left`` is the compact range (hex) of everything before it; ``hub`` lists [position, leaf hash] of what
    the hub itself recorded since, which the desk does not have yet. Left range + own leaves + these = the
    root. Before the office's first action the checkpoint is empty.
    """
    row = connection.execute(
        select(log_tree.c.size, log_tree.c.note).where(log_tree.c.office == office)
    ).one_or_none()
    if row is None:
        return {"checkpoint": "", "first": first_position, "left": [], "hub": []}
    tree = StoredTree(connection, office, row.size)
    table = tables.action
    own = connection.execute(
        select(table.c.position, table.c.recorded_at, table.c.hash)
        .where(table.c.office == office, table.c.position >= first_position, table.c.kind.in_(_BY_HUB))
        .order_by(table.c.position)
    )
    return {
        "checkpoint": row.note,
        "first": first_position,
        "left": [item.hex() for item in compact_range(tree.node, first_position - 1).hashes],
        "hub": [[each.position, entry_leaf(each.recorded_at, each.hash).hex()] for each in own],
    }


def add_cosignature(hub: Hub, connection: Connection, office: str, device: str, text: Any) -> bool:
    """Keep a desk's cosignature of one of our checkpoints; tell whether it is worth keeping.

    A checkpoint that we signed and that does not fit our own log any more is kept as well, and raises an
    alarm: it is the desk's proof that the record was changed. Anything else is passed over.
    """
    desk = find_desk(connection, office, device)
    if desk is None or not isinstance(text, str):
        return False
    name = origin(hub, office)
    try:
        head = verify_note(text, hub.signer.public_bytes(), name)
        verify_cosignature(text, witness_name(name, device), desk.key)
    except Refusal:
        return False
    row = {"office": office, "device": device, "size": head.size, "note": text, "at": hub.stamp()}
    if insert_new(connection, log_cosignature, row) and not _fits(connection, office, head):
        _alarm(hub, connection, office, device, head)
    return True


def _fits(connection: Connection, office: str, head: Checkpoint) -> bool:
    size = connection.execute(select(log_tree.c.size).where(log_tree.c.office == office)).scalar()
    if size is None or head.size > size:
        return False
    try:
        return compact_range(StoredTree(connection, office, size).node, head.size).root() == head.root
    except ValueError:
        return False


def _alarm(hub: Hub, connection: Connection, office: str, device: str, head: Checkpoint) -> None:
    params = {"size": head.size, "root": head.root.hex()}
    raise_alarm(connection, office, device, "log_diverged", params, hub.stamp())
