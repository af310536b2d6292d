"""Checking an office's whole log as a stranger would: with public keys and, best, one old checkpoint.

Every statement the log makes is made again from what lies in front of us: tree, tiles, bodies, chains,
signatures. Who made an action is asked of the record itself, as it stood when the action was recorded. An
old checkpoint from elsewhere is what no rewriting can get around, not even one signed by the hub's own key.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.canonical import digest
from core.errors import Refusal
from core.records.fold import fold_office
from core.records.kinds import KINDS
from core.records.model import GENESIS, HUB, Action, Entry, SignedAction, action_from_body
from core.tlog.checkpoint import Checkpoint, verify_cosignature, verify_note, witness_name
from core.tlog.entry import read_entry
from core.tlog.merkle import Tree, leaf_hash
from core.tlog.tiles import HEIGHT, WIDTH, Tile, tiles_of

COLUMNS = ("id", "subject_kind", "subject", "base_version", "kind")


class Tampered(Exception):
    """What was found first: which ``check`` failed and, where one can tell, at which ``position``."""

    def __init__(self, check: str, position: int = 0) -> None:
        super().__init__(f"{check} {position}")
        self.check = check
        self.position = position


@dataclass(frozen=True)
class Row:
    """An action as the copy gives it. ``columns`` are what tables say of it beside its body, if they do."""

    position: int
    recorded_at: str
    hash: str
    body: str
    algorithm: str
    signature: str
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LogCopy:
    """One office's log from a database or a folder.

    ``tile`` returns the bytes of a tile of hashes (or None when there is no such file); ``rejected`` holds
    hashes of refused actions, which are links of the desks' chains; ``cosignatures`` (device, note).
    """

    office: str
    note: str
    entries: Sequence[bytes]
    tile: Callable[[Tile], bytes | None]
    rows: Iterable[Row]
    rejected: frozenset[str] = frozenset()
    cosignatures: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Verdict:
    """What was found of one office: ``check`` is empty when everything is as it should be."""

    office: str
    entries: int
    root: str = ""
    check: str = ""
    position: int = 0

    @property
    def ok(self) -> bool:
        """Tell whether nothing was found."""
        return not self.check


def audit(copy: LogCopy, hub_key: bytes, old: Sequence[Checkpoint] = ()) -> Verdict:
    """Check one office's log; ``old`` are checkpoints of this log that were kept elsewhere."""
    count = len(copy.entries)
    try:
        head = _head(copy, hub_key, old)
        tree = Tree(leaf_hash(entry) for entry in copy.entries)
        _check_tree(copy, tree, head)
        for known in old:
            _check_known(tree, known, "old")
        office = _Record(hub_key)
        said = [read_entry(entry) for entry in copy.entries]
        _check_rows(copy, said, office)
        if any(action_hash in copy.rejected for _, action_hash in said):
            raise Tampered("rejected")
        _check_cosignatures(copy, tree, hub_key, head.origin, office)
    except Tampered as found:
        return Verdict(copy.office, count, check=found.check, position=found.position)
    except (ValueError, LookupError, TypeError, AttributeError, Refusal):
        # What cannot even be read was written by nobody who keeps to the rules.
        return Verdict(copy.office, count, check="form")
    return Verdict(copy.office, count, root=head.root.hex())


def _head(copy: LogCopy, hub_key: bytes, old: Sequence[Checkpoint]) -> Checkpoint:
    try:
        head = verify_note(copy.note, hub_key)
    except Refusal as fault:
        raise Tampered("head") from fault
    wanted = {known.origin for known in old} or {head.origin}
    if {head.origin} != wanted or not head.origin.endswith(f"/log/{copy.office}"):
        raise Tampered("head")
    return head


def _check_tree(copy: LogCopy, tree: Tree, head: Checkpoint) -> None:
    if tree.size != head.size:
        raise Tampered("size", min(tree.size, head.size) + 1)
    for place in tiles_of(head.size):
        first = place.index * WIDTH
        right = b"".join(tree.node(place.level * HEIGHT, first + at) for at in range(place.width))
        if copy.tile(place) != right:
            raise Tampered("tiles", (first << (place.level * HEIGHT)) + 1)
    if tree.root() != head.root:
        raise Tampered("root")


def _check_known(tree: Tree, known: Checkpoint, check: str) -> None:
    if known.size > tree.size or tree.root(known.size) != known.root:
        raise Tampered(check, known.size)


def _check_cosignatures(copy: LogCopy, tree: Tree, hub_key: bytes, origin: str, office: _Record) -> None:
    for device, note in copy.cosignatures:
        key = office.device_key(device)
        try:
            known = verify_note(note, hub_key, origin)
            if key is None:
                raise Tampered("cosignature", known.size)
            verify_cosignature(note, witness_name(origin, device), key)
        except Refusal as fault:
            raise Tampered("cosignature") from fault
        _check_known(tree, known, "cosignature")


def _check_rows(copy: LogCopy, said: Sequence[tuple[str, str]], office: _Record) -> None:
    chains = _Chains(copy.rejected)
    position = 0
    for position, row in enumerate(copy.rows, 1):
        if row.position != position or position > len(said):
            raise Tampered("positions", position)
        body = row.body.encode()
        if digest("action/1", body).hex() != said[position - 1][1] or row.hash != said[position - 1][1]:
            raise Tampered("body", position)
        if row.recorded_at != said[position - 1][0]:
            raise Tampered("moment", position)
        action = action_from_body(json.loads(body))
        signed = SignedAction(action, row.algorithm, row.signature)
        if action.office != copy.office or any(
            getattr(action, name) != value for name, value in row.columns.items()
        ):
            raise Tampered("columns", position)
        if not chains.fits(action, row.hash):
            raise Tampered("chain", position)
        if not office.made(signed, row.hash):
            raise Tampered("signature", position)
    if position != len(said):
        raise Tampered("positions", position + 1)


class _Chains:
    """Each device's actions follow one another; between them only what the hub refused."""

    def __init__(self, rejected: frozenset[str]) -> None:
        self._rejected = rejected
        self._newest: dict[tuple[str, int], tuple[int, str]] = {}

    def fits(self, action: Action, action_hash: str) -> bool:
        """Tell whether this is the next recorded one of its chain."""
        key = (action.device, action.device_epoch)
        seq, newest = self._newest.get(key, (0, GENESIS))
        self._newest[key] = (action.seq, action_hash)
        if action.seq == seq + 1:
            return action.prev == newest
        return action.seq > seq and action.prev in self._rejected


class _Record:
    """Who the office's people and desks are, as far as the record has been read."""

    def __init__(self, hub_key: bytes) -> None:
        self._hub_key = hub_key
        self._entries: list[Entry] = []
        self._office = fold_office(())

    def made(self, signed: SignedAction, action_hash: str) -> bool:
        """Take in the next action; tell whether it was signed by the one who may sign such a thing."""
        action = signed.action
        kind = KINDS.get(action.kind)
        by_hub = action.person == HUB
        if kind is None or by_hub != (not kind.roles) or by_hub != (action.device == HUB):
            return False
        if action.subject_kind == "office":
            before = self._office
            self._entries.append(Entry(action, action_hash, {}))
            self._office = fold_office(self._entries)
            if before is not None:
                return self._signed(signed, before)
        return self._signed(signed, self._office)

    def _signed(self, signed: SignedAction, office: Any) -> bool:
        if signed.action.person == HUB:
            return signed.algorithm == "Ed25519" and signed.verify(self._hub_key)
        person = None if office is None else office.person(signed.action.person)
        return (
            person is not None and signed.algorithm == person.algorithm and signed.verify(person.public_key)
        )

    def device_key(self, device: str) -> bytes | None:
        """Return the signing key of a desk the record names."""
        known = None if self._office is None else self._office.devices.get(device)
        return None if known is None else known.public_key
