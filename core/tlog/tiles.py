"""The tree as files: paths and bytes of C2SP tlog-tiles (height 8, partial tiles, entry bundles).

Anyone's tool for that format can read an office's log from a web server or a folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.tlog.merkle import HASH_BYTES, Node, node_hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
ENTRIES: Final = -1
"""``level`` of an entry bundle, which lies beside the tiles of level 0."""

_NUMBER = r"(?:x\d{3}/)*\d{3}"
_PATH = re.compile(rf"tile/(entries|0|[1-9]\d?)/({_NUMBER})(?:\.p/([1-9]\d{{0,2}}))?", re.ASCII)


@dataclass(frozen=True)
class Tile:
    """Where a tile stands: level (:data:`ENTRIES` for a bundle), index in its level, how many hashes."""

    level: int
    index: int
    width: int = WIDTH

    def path(self) -> str:
        """Return the resource's path below the log's address."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_number(self.index)}{partial}"


def _number(index: int) -> str:
    parts = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03}")
    return "/".join(reversed(parts))


def parse_path(path: str) -> Tile:
    """Read a tile's path; only the one right spelling of it. Raises ``ValueError``."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise ValueError("not a tile's path")
    level, number, width = found.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(number.replace("x", "").replace("/", "")),
        int(width) if width else WIDTH,
    )
    if tile.level > 63 or tile.path() != path:
        raise ValueError("not a tile's path")
    return tile


def tiles_of(size: int, old: int = 0) -> Iterator[Tile]:
    """Yield the tiles of hashes of a tree of ``size`` leaves that a tree of ``old`` leaves did not have."""
    level = 0
    while size >> (level * HEIGHT):
        had, have = old >> (level * HEIGHT), size >> (level * HEIGHT)
        if have > had:
            for index in range(had // WIDTH, have // WIDTH):
                yield Tile(level, index)
            if have % WIDTH:
                yield Tile(level, have // WIDTH, have % WIDTH)
        level += 1


def bundles_of(size: int) -> Iterator[Tile]:
    """Yield the entry bundles of a log of ``size`` entries."""
    for index in range(size // WIDTH):
        yield Tile(ENTRIES, index)
    if size % WIDTH:
        yield Tile(ENTRIES, size // WIDTH, size % WIDTH)


def tile_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a tile's hashes; their number is a power of two (256 for a full tile)."""
    if not hashes or len(hashes) & (len(hashes) - 1):
        raise ValueError("not a complete subtree")
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def split_tile(data: bytes) -> list[bytes]:
    """Return a tile's hashes. Raises ``ValueError`` when its length is not that of 1 to 256 hashes."""
    if not data or len(data) % HASH_BYTES or len(data) > WIDTH * HASH_BYTES:
        raise ValueError("not a tile")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def node_from_tiles(read: Callable[[int, int], bytes]) -> Node:
    """Return the tree behind tiles; ``read(level, index)`` fetches the longest such tile there is."""

    def node(level: int, index: int) -> bytes:
        height, up = divmod(level, HEIGHT)
        start = index << up
        data = read(height, start // WIDTH)
        first = start % WIDTH
        hashes = data[first * HASH_BYTES : (first + (1 << up)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << up:
            raise ValueError("the tile does not reach so far")
        return tile_root(split_tile(hashes))

    return node


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """Return an entry bundle: each entry behind its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(data: bytes) -> list[bytes]:
    """Return the entries of a bundle. Raises ``ValueError``."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise ValueError("a bundle was cut")
        entries.append(data[at + 2 : end])
        at = end
    if not 0 < len(entries) <= WIDTH:
        raise ValueError("a bundle holds 1 to 256 entries")
    return entries
