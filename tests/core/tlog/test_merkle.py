"""The tree against the published vectors of Certificate Transparency and a naive reading of RFC 6962."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tlog import merkle
from core.tlog.merkle import CompactRange, Tree, leaf_hash
from tests.core.tlog import naive

# Test vectors of the Certificate Transparency project (eight leaves, their roots and proofs).
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCY = {
    (1, 1): (),
    (1, 8): INCLUSION[0, 8],
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): INCLUSION[1, 5][1:],
    (6, 7): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}


def tree(entries: list[bytes]) -> Tree:
    return Tree(leaf_hash(entry) for entry in entries)


def hexes(proof: list[bytes]) -> tuple[str, ...]:
    return tuple(item.hex() for item in proof)


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    edge = CompactRange().extended(leaf_hash(entry) for entry in ENTRIES[:size])
    assert edge.root().hex() == ROOTS[size - 1]
    assert tree(ENTRIES).root(size).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_published_root() -> None:
    assert CompactRange().root() == tree([]).root() == merkle.EMPTY_ROOT
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(("place", "expected"), INCLUSION.items())
def test_inclusion_proofs_are_the_published_ones(place: tuple[int, int], expected: tuple[str, ...]) -> None:
    assert hexes(merkle.inclusion_proof(tree(ENTRIES).node, *place)) == expected


@pytest.mark.parametrize(("sizes", "expected"), CONSISTENCY.items())
def test_consistency_proofs_are_the_published_ones(sizes: tuple[int, int], expected: tuple[str, ...]) -> None:
    assert hexes(merkle.consistency_proof(tree(ENTRIES).node, *sizes)) == expected


@pytest.mark.parametrize("size", [*range(1, 20), 31, 32, 33, 64, 65])
def test_everything_agrees_with_the_naive_reading(size: int) -> None:
    entries = numbered(size)
    whole = tree(entries)
    assert whole.root() == naive.mth(entries)
    for index in range(size):
        proof = merkle.inclusion_proof(whole.node, index, size)
        assert proof == naive.path(index, entries)
        assert merkle.verify_inclusion(leaf_hash(entries[index]), index, size, proof, whole.root())
    for old in range(1, size + 1):
        proof = merkle.consistency_proof(whole.node, old, size)
        assert proof == naive.proof(old, entries)
        assert merkle.verify_consistency(old, size, whole.root(old), whole.root(), proof)


@given(st.integers(1, 300), st.data())
def test_proofs_of_any_tree_hold_and_nothing_near_them_does(size: int, data: st.DataObject) -> None:
    whole = tree(numbered(size))
    root = whole.root()
    index = data.draw(st.integers(0, size - 1))
    leaf, proof = whole.node(0, index), merkle.inclusion_proof(whole.node, index, size)
    assert merkle.verify_inclusion(leaf, index, size, proof, root)
    assert not merkle.verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not merkle.verify_inclusion(leaf, size, size, proof, root)
    assert not merkle.verify_inclusion(leaf, -1, size, proof, root)
    assert not merkle.verify_inclusion(leaf, index, size, [*proof, root], root)
    other = data.draw(
        st.integers(0, size - 1).filter(lambda number: number != index) if size > 1 else st.none()
    )
    if other is not None:
        assert not merkle.verify_inclusion(leaf, other, size, proof, root)
    if proof:
        at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
        flipped = bytearray(proof[at])
        flipped[bit // 8] ^= 1 << bit % 8
        wrong = [*proof[:at], bytes(flipped), *proof[at + 1 :]]
        assert not merkle.verify_inclusion(leaf, index, size, wrong, root)
        assert not merkle.verify_inclusion(leaf, index, size, proof[:-1], root)


@given(st.integers(1, 300), st.data())
def test_consistency_holds_between_true_heads_only(size: int, data: st.DataObject) -> None:
    whole = tree(numbered(size))
    old = data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(whole.node, old, size)
    heads = whole.root(old), whole.root()
    assert merkle.verify_consistency(old, size, *heads, proof)
    changed = numbered(size)
    changed[data.draw(st.integers(0, old - 1))] = b"rewritten"
    forged = tree(changed)
    fresh = merkle.consistency_proof(forged.node, old, size)
    assert not merkle.verify_consistency(old, size, heads[0], forged.root(), fresh)
    assert not merkle.verify_consistency(old, size, heads[0], forged.root(), proof)
    assert not merkle.verify_consistency(size, old, *heads, proof) or old == size
    assert not merkle.verify_consistency(old, size, *heads, [*proof, heads[0]])


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_compact_range_grows_like_the_tree(first: int, second: int) -> None:
    whole = tree(numbered(first + second))
    edge = merkle.compact_range(whole.node, first)
    again = CompactRange.from_text(edge.to_text())
    assert again.root() == whole.root(first)
    longer = again.extended(whole.node(0, index) for index in range(first, first + second))
    assert longer.size == first + second and longer.root() == whole.root()
    assert again.size == first


@pytest.mark.parametrize("text", ["", "1", "0 00", "x", "-1", "2 " + "00" * 31, "2 zz", "1 " + "00" * 33])
def test_a_damaged_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        CompactRange.from_text(text)


def test_proofs_of_what_is_not_there_are_refused() -> None:
    whole = tree(numbered(5))
    for index, size in ((5, 5), (-1, 5), (0, 0)):
        with pytest.raises(ValueError):
            merkle.inclusion_proof(whole.node, index, size)
    for old, new in ((0, 5), (6, 5)):
        with pytest.raises(ValueError):
            merkle.consistency_proof(whole.node, old, new)
