"""The Merkle tree of RFC 6962 section 2.1: roots, proofs and their verification, all pure.

A tree is read through a :data:`Node` function, so that the same proofs come from a list in memory
(:class:`Tree`), from a database's tiles or from files. Hashes are 32 raw bytes, SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""``node(level, index)``: hash of the complete subtree over leaves [index << level, (index + 1) << level)."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a log entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """What is left of a tree of ``size`` leaves when only its growth and its root matter.

    ``hashes`` are the roots of its complete subtrees, one for each 1 bit of ``size``, the largest first.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self._size = size
        self._hashes = list(hashes)
        if size < 0 or len(self._hashes) != size.bit_count():
            raise ValueError("a compact range has one hash for each 1 bit of its size")
        if any(len(item) != HASH_BYTES for item in self._hashes):
            raise ValueError("a hash has 32 bytes")

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees, the largest first."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add one leaf (its hash)."""
        size, hashes = self._size, self._hashes
        while size & 1:
            leaf = node_hash(hashes.pop(), leaf)
            size >>= 1
        hashes.append(leaf)
        self._size += 1

    def extended(self, leaves: Iterable[bytes]) -> CompactRange:
        """Return this range with more leaves; the range itself stays as it is."""
        longer = CompactRange(self._size, self._hashes)
        for leaf in leaves:
            longer.append(leaf)
        return longer

    def root(self) -> bytes:
        """Return the tree's root hash."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root

    def to_text(self) -> str:
        """Return ``size hash hash …`` in decimal and hex."""
        return " ".join([str(self._size), *(item.hex() for item in self._hashes)])

    @classmethod
    def from_text(cls, text: str) -> CompactRange:
        """Read what :meth:`to_text` wrote. Raises ``ValueError``."""
        size, *hashes = text.split(" ")
        if not size.isascii() or not size.isdigit():
            raise ValueError("a size is a decimal number")
        return cls(int(size), (bytes.fromhex(item) for item in hashes))


def range_nodes(size: int) -> Iterator[tuple[int, int]]:
    """Yield (level, index) of the complete subtrees of a tree of ``size`` leaves, the largest first."""
    start = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


def compact_range(node: Node, size: int) -> CompactRange:
    """Return the compact range of the first ``size`` leaves."""
    return CompactRange(size, (node(level, index) for level, index in range_nodes(size)))


class Tree:
    """A whole tree in memory: 64 bytes a leaf, every proof in logarithmic time."""

    def __init__(self, leaves: Iterable[bytes]) -> None:
        self._levels: list[list[bytes]] = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            pairs = zip(below[0::2], below[1::2], strict=False)
            self._levels.append([node_hash(left, right) for left, right in pairs])

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree. Raises ``IndexError`` when it is not complete."""
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first ``size`` leaves (all by default)."""
        return compact_range(self.node, self.size if size is None else size).root()


# --- making proofs -------------------------------------------------------------------------------


def subtree_hash(node: Node, start: int, end: int) -> bytes:
    """Return MTH(D[start:end]); ``start`` is a multiple of the range's size rounded up to a power of two."""
    length = end - start
    level = length.bit_length() - 1
    if length == 1 << level:
        return node(level, start >> level)
    middle = start + (1 << level)
    return node_hash(node(level, start >> level), subtree_hash(node, middle, end))


def _split(size: int) -> int:
    """Return the largest power of two below ``size`` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf ``index`` in the tree of ``size`` leaves. Raises ``ValueError``."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(subtree_hash(node, middle, end))
            end = middle
        else:
            proof.append(subtree_hash(node, start, middle))
            start = middle
    proof.reverse()
    return proof


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of ``old`` leaves is the beginning of that of ``new``.

    Raises ``ValueError`` unless ``0 < old <= new``.
    """
    if not 0 < old <= new:
        raise ValueError("an old tree is not empty and not larger than the new one")
    proof: list[bytes] = []
    start, end = 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(subtree_hash(node, middle, end))
            end = middle
        else:
            proof.append(subtree_hash(node, start, middle))
            start = middle
    if start:  # else the old tree is the new one's left subtree, and its root is known to who checks
        proof.append(subtree_hash(node, start, end))
    proof.reverse()
    return proof


# --- checking proofs -----------------------------------------------------------------------------


def _hashes(proof: Sequence[bytes], *others: bytes) -> bool:
    return all(len(item) == HASH_BYTES for item in (*proof, *others))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether ``proof`` shows ``leaf`` (a leaf hash) at ``index`` under ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _hashes(proof, leaf, root):
        return False
    first, last, found = index, size - 1, leaf
    for item in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node_hash(item, found)
            while first and not first & 1:
                first >>= 1
                last >>= 1
        else:
            found = node_hash(found, item)
        first >>= 1
        last >>= 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether ``proof`` shows that the older tree is the newer one's beginning (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new or not _hashes(proof, old_root, new_root):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    first, last = old - 1, new - 1
    while first & 1:
        first >>= 1
        last >>= 1
    older = newer = path[0]
    for item in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            older, newer = node_hash(item, older), node_hash(item, newer)
            while first and not first & 1:
                first >>= 1
                last >>= 1
        else:
            newer = node_hash(newer, item)
        first >>= 1
        last >>= 1
    return last == 0 and older == old_root and newer == new_root
