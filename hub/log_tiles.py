"""An office's tree as it lies in the hub's database: tiles of hashes, the open end in ``action``."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from core.tlog.entry import entry_bytes, entry_leaf
from core.tlog.merkle import HASH_BYTES
from core.tlog.tiles import HEIGHT, WIDTH, node_from_tiles
from hub import tables
from hub.log_tables import log_tile


def entries(connection: Connection, office: str, start: int, count: int) -> list[tuple[str, str]]:
    """Return (recorded_at, action hash) of ``count`` entries from index ``start`` on, fewer at the end.

    Raises ``ValueError`` when one between them is missing.
    """
    table = tables.action
    rows = connection.execute(
        select(table.c.position, table.c.recorded_at, table.c.hash)
        .where(table.c.office == office, table.c.position > start, table.c.position <= start + count)
        .order_by(table.c.position)
    ).all()
    if [row.position for row in rows] != list(range(start + 1, start + 1 + len(rows))):
        raise ValueError("a position is missing")
    return [(row.recorded_at, row.hash) for row in rows]


def leaves(connection: Connection, office: str, start: int, count: int) -> list[bytes]:
    """Return the leaf hashes of these entries."""
    return [entry_leaf(*entry) for entry in entries(connection, office, start, count)] if count else []


def bundle(connection: Connection, office: str, start: int, count: int) -> list[bytes]:
    """Return these entries as the log's own bytes."""
    return [entry_bytes(*entry) for entry in entries(connection, office, start, count)]


def find_tile(connection: Connection, office: str, level: int, index: int) -> bytes:
    """Return a stored tile. Raises ``ValueError`` when there is none."""
    found = connection.execute(
        select(log_tile.c.hashes).where(
            log_tile.c.office == office, log_tile.c.level == level, log_tile.c.tile == index
        )
    ).scalar()
    if found is None:
        raise ValueError("a tile is missing")
    return bytes(found)


def put_tile(
    connection: Connection, office: str, level: int, index: int, data: bytes, *, grows: bool
) -> None:
    """Write a tile; one that ``grows`` is there already (never at level 0)."""
    if grows and level:
        connection.execute(
            update(log_tile)
            .where(log_tile.c.office == office, log_tile.c.level == level, log_tile.c.tile == index)
            .values(hashes=data)
        )
        return
    connection.execute(insert(log_tile).values(office=office, level=level, tile=index, hashes=data))


class StoredTree:
    """The tree of ``size`` entries; reads each tile once."""

    def __init__(self, connection: Connection, office: str, size: int) -> None:
        self._connection = connection
        self._office = office
        self._size = size
        self._tiles: dict[tuple[int, int], bytes] = {}
        self._node = node_from_tiles(self.tile)

    def tile(self, level: int, index: int) -> bytes:
        """Return a tile as wide as a tree of this size has it. Raises ``ValueError``."""
        key = (level, index)
        if key not in self._tiles:
            self._tiles[key] = self._read(level, index)
        return self._tiles[key]

    def _read(self, level: int, index: int) -> bytes:
        width = min(WIDTH, (self._size >> (level * HEIGHT)) - index * WIDTH)
        if width <= 0:
            raise ValueError("the tree does not reach so far")
        if level == 0 and width < WIDTH:
            data = b"".join(leaves(self._connection, self._office, index * WIDTH, width))
        else:
            data = find_tile(self._connection, self._office, level, index)[: width * HASH_BYTES]
        if len(data) != width * HASH_BYTES:
            raise ValueError("a tile is cut")
        return data

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree (core.tlog.merkle.Node). Raises ``ValueError``."""
        return self._node(level, index)
