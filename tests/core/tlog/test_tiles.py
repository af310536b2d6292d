"""Tiles: paths as the format's document shows them, bytes from which the tree comes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.tlog import merkle, tiles
from core.tlog.entry import entry_bytes, entry_leaf, read_entry
from core.tlog.merkle import Tree, leaf_hash
from core.tlog.tiles import ENTRIES, Tile


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 1234067), "tile/1/x001/x234/067"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(ENTRIES, 1234067, 8), "tile/entries/x001/x234/067.p/8"),
        (Tile(63, 999999), "tile/63/x999/999"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert tile.path() == path
    assert tiles.parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/001/000",
        "tile/0/../000",
        "/tile/0/000",
        "tile/entries",
        "tile/0/٠٠٠",
        "tile/-1/000",
    ],
)
def test_other_spellings_are_refused(path: str) -> None:
    with pytest.raises(ValueError):
        tiles.parse_path(path)


def test_the_documents_own_example() -> None:
    found = list(tiles.tiles_of(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in found) == 273
    assert [tile for tile in found if tile.level == 0 and tile.width < 256] == [Tile(0, 273, 112)]
    assert [tile for tile in found if tile.level == 1] == [Tile(1, 0), Tile(1, 1, 17)]
    assert [tile for tile in found if tile.level == 2] == [Tile(2, 0, 1)]
    assert list(tiles.tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]


def _shelf(tree: Tree, size: int) -> dict[tuple[int, int], bytes]:
    return {
        (tile.level, tile.index): b"".join(
            tree.node(tile.level * 8, tile.index * 256 + at) for at in range(tile.width)
        )
        for tile in tiles.tiles_of(size)
    }


@settings(max_examples=20)
@given(st.integers(1, 1500), st.data())
def test_the_tree_comes_back_from_its_tiles(size: int, data: st.DataObject) -> None:
    tree = Tree(leaf_hash(str(number).encode()) for number in range(size))
    shelf = _shelf(tree, size)
    node = tiles.node_from_tiles(lambda level, index: shelf[level, index])
    assert merkle.compact_range(node, size).root() == tree.root()
    index = data.draw(st.integers(0, size - 1))
    assert merkle.inclusion_proof(node, index, size) == merkle.inclusion_proof(tree.node, index, size)
    old = data.draw(st.integers(1, size))
    assert merkle.consistency_proof(node, old, size) == merkle.consistency_proof(tree.node, old, size)


@given(st.integers(0, 200_000), st.integers(0, 3000))
def test_what_is_new_completes_what_was(old: int, more: int) -> None:
    new = old + more
    fresh = set(tiles.tiles_of(new, old))
    assert fresh <= set(tiles.tiles_of(new))
    kept = {tile for tile in tiles.tiles_of(old) if tile.width == 256} if old < 5000 else set()
    assert not fresh & kept
    if old < 5000:
        assert {tile for tile in tiles.tiles_of(new) if tile not in set(tiles.tiles_of(old))} == fresh


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_come_back(entries: list[bytes]) -> None:
    assert tiles.unpack_entries(tiles.pack_entries(entries)) == entries


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x02a", b"\x00\x01a\x00", b"\x00\x00" * 257])
def test_a_cut_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        tiles.unpack_entries(data)


@pytest.mark.parametrize("data", [b"", b"\x00" * 31, b"\x00" * 32 * 257])
def test_a_cut_tile_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        tiles.split_tile(data)


def test_an_entry_says_when_and_what() -> None:
    entry = entry_bytes("2026-11-23T08:00:00.000Z", "ab" * 32)
    assert entry == b"2026-11-23T08:00:00.000Z " + b"ab" * 32 + b"\n"
    assert read_entry(entry) == ("2026-11-23T08:00:00.000Z", "ab" * 32)
    assert entry_leaf("2026-11-23T08:00:00.000Z", "ab" * 32) == leaf_hash(entry)
    for wrong in (entry[:-1], entry + b"x", entry.replace(b" ", b"  "), entry.upper(), b""):
        with pytest.raises(ValueError):
            read_entry(wrong)
