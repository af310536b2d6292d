"""What a desk sent, read before the transaction begins; slow and pure questions answered ahead of it.

Whether a key made a signature and what a sealed box holds depends on nothing but the bytes. A batch's worth
of such questions is answered by a few threads (the arithmetic runs outside of Python's lock), for the keys
that people have when the batch comes in. Whoever judges asks :class:`Ahead` in the very same words; a
question that was not foreseen, because a key changed within the batch, is answered then and there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from core.canonical import canonical, digest
from core.errors import Refusal
from core.keys.sealing import BoxOpener
from core.records.model import Salted, SignedAction
from core.sync.envelope import open_private, read_item
from hub.chain import Link, read_link
from hub.setup import Hub
from hub.world import LedgerWorld

THREADS = max(1, min(4, os.cpu_count() or 1))
WORTHWHILE = 16
"""Below that many items handing them to threads costs more than it saves."""

_POOL = ThreadPoolExecutor(THREADS, thread_name_prefix="ahead")

Keys = Mapping[str, tuple[str, bytes]]
"""A person's id -> algorithm and public key."""


@dataclass(frozen=True)
class Incoming:
    """One item of a batch: place in the chain, hash, and what it says, or why it says nothing."""

    item: Any
    link: Link | None
    hash: str
    signed: SignedAction | None
    sealed: str
    fault: Refusal | None

    def read(self) -> SignedAction:
        """Return the signed action. Raises ``Refusal('action_malformed')``."""
        if self.fault is not None or self.signed is None:
            raise self.fault or Refusal("action_malformed", why="item")
        return self.signed


def read_incoming(item: Any) -> Incoming:
    """Read an item of an unwrapped envelope; whatever is odd about it is said when its turn comes."""
    body = item.get("action") if isinstance(item, dict) else None
    link = read_link(body)
    try:
        signed, sealed = read_item(item, spelled=True)
    except Refusal as fault:
        action_hash = digest("action/1", canonical(body)).hex()
        return Incoming(item, link, action_hash, None, "", fault)
    return Incoming(item, link, signed.hash, signed, sealed, None)


class Ahead:
    """Answers to pure questions about a batch, found ahead or on asking."""

    def __init__(self, exchange_secret: bytes) -> None:
        self._opener = BoxOpener(exchange_secret)
        self._signatures: dict[tuple[str, bytes, str, str], bool] = {}
        self._boxes: dict[tuple[str, str], dict[str, Salted] | Refusal] = {}

    def prepare(self, batch: Sequence[Incoming], keys: Keys) -> None:
        """Answer for a whole batch in the pool's threads."""
        share = -(-len(batch) // THREADS)
        parts = [batch[start : start + share] for start in range(0, len(batch), share)]
        for _ in _POOL.map(lambda part: self._answer(part, keys), parts):
            pass

    def _answer(self, part: Sequence[Incoming], keys: Keys) -> None:
        for each in part:
            signed = each.signed
            if signed is None:
                continue
            algorithm, key = keys.get(signed.action.person, ("", b""))
            if signed.algorithm == algorithm:
                self._signatures[algorithm, key, signed.signature, each.hash] = signed.verify(key)
            if each.sealed:
                self._boxes[each.sealed, each.hash] = self._opened(each.sealed, each.hash)

    def verify(self, signed: SignedAction, key: bytes) -> bool:
        """Tell whether ``key`` made the signature."""
        known = self._signatures.get((signed.algorithm, key, signed.signature, signed.hash))
        return signed.verify(key) if known is None else known

    def open(self, sealed: str, action_hash: str) -> dict[str, Salted]:
        """Return the values in a box. Raises ``Refusal('private_unreadable')``."""
        found = self._boxes.get((sealed, action_hash)) or self._opened(sealed, action_hash)
        if isinstance(found, Refusal):
            raise found
        return found

    def _opened(self, sealed: str, action_hash: str) -> dict[str, Salted] | Refusal:
        try:
            return open_private(sealed, self._opener, action_hash)
        except Refusal as fault:
            return fault


@dataclass(frozen=True)
class ReadBatch:
    """A batch as :meth:`hub.ledger.Ledger.take` wants it."""

    items: tuple[Incoming, ...]
    ahead: Ahead


def read_batch(hub: Hub, office: str, items: Sequence[Any]) -> ReadBatch:
    """Read an office's batch, and answer ahead what can be; no writing transaction has to be open."""
    batch = ReadBatch(tuple(read_incoming(item) for item in items), Ahead(hub.exchange_secret))
    if len(batch.items) >= WORTHWHILE:
        with hub.database.read() as connection:
            state = LedgerWorld(connection, office, hub.sealed).office()
        people = state.people.values() if state else ()
        batch.ahead.prepare(batch.items, {each.id: (each.algorithm, each.public_key) for each in people})
    return batch
