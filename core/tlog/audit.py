"""Checking an office's whole log as a stranger would: with public keys and, best, one old checkpoint.

Every statement the log makes is made again from what lies in front of us: tree, tiles, bodies, chains,
signatures. Who made an action is asked of the record itself, as it stood when the action was recorded. An
old checkpoint from elsewhere is what no rewriting can get around, not even one signed by the hub's own key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from core.canonical import digest
from core.errors import Refusal
from core.records.fold_office import fold_office
from core.records.kinds import KINDS
from core.records.model import GENESIS, HUB, Action, Entry, SignedAction, action_from_body
from core.records.people import OfficeState
from core.records.register import PAGE_KIND, page_digest
from core.tlog.checkpoint import Checkpoint, verify_cosignature, verify_note, witness_name
from core.tlog.entry import read_entry
from core.tlog.merkle import Tree, leaf_hash
from core.tlog.signatures import Signatures
from core.tlog.tiles import HEIGHT, WIDTH, Tile, tiles_of

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, Refusal, msgspec.MsgspecError)
_TELL = 10_000
"""Entries between two words of progress."""

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
    hashes of refused actions, which are links of the desks' chains; ``cosignatures`` (device, note); ``page``
    returns the text of a page of the register by its action's hash.
    """

    office: str
    note: str
    entries: Sequence[bytes]
    tile: Callable[[Tile], bytes | None]
    rows: Iterable[Row]
    rejected: frozenset[str] = frozenset()
    cosignatures: Sequence[tuple[str, str]] = ()
    page: Callable[[str], bytes | None] = lambda action_hash: None


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


Progress = Callable[[str, int, int], None]
"""Hears what is being checked (``log``: tree, tiles and heads; ``actions``), how far, of how many entries."""


def audit(
    copy: LogCopy,
    hub_key: bytes,
    old: Sequence[Checkpoint] = (),
    progress: Progress = lambda what, done, total: None,
) -> Verdict:
    """Check one office's log; ``old`` are checkpoints of this log that were kept elsewhere.

    ``progress`` may raise to stop.
    """
    count = len(copy.entries)
    try:
        head = _head(copy, hub_key, old)
        progress("log", 0, count)
        tree = Tree(leaf_hash(entry) for entry in copy.entries)
        _check_tree(copy, tree, head)
        for known in old:
            _check_known(tree, known, "old")
        progress("log", count, count)
        office = _Record(hub_key)
        said = [read_entry(entry) for entry in copy.entries]
        _check_actions(copy, said, office, progress)
        if any(action_hash in copy.rejected for _, action_hash in said):
            raise Tampered("rejected")
        _check_cosignatures(copy, tree, hub_key, head.origin, office)
    except Tampered as found:
        return Verdict(copy.office, count, check=found.check, position=found.position)
    except _UNREADABLE:
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


def _check_actions(
    copy: LogCopy, said: Sequence[tuple[str, str]], office: _Record, progress: Progress
) -> None:
    """Check the actions one by one, their signatures a little later; what is told is what comes first."""
    with Signatures() as signatures:
        try:
            _check_rows(copy, said, office, signatures, progress)
        except (Tampered, *_UNREADABLE) as found:
            if isinstance(found, Tampered) and found.check == "signature":
                raise
            wrong = signatures.settle()  # of what stands before that
            if wrong:
                raise Tampered("signature", wrong) from found
            raise
        wrong = signatures.settle()
        if wrong:
            raise Tampered("signature", wrong)
    progress("actions", len(said), len(said))


def _check_rows(
    copy: LogCopy,
    said: Sequence[tuple[str, str]],
    office: _Record,
    signatures: Signatures,
    progress: Progress,
) -> None:
    chains = _Chains(copy.rejected)
    position = 0
    for position, row in enumerate(copy.rows, 1):
        if position % _TELL == 1:
            progress("actions", position - 1, len(said))
        if row.position != position or position > len(said):
            raise Tampered("positions", position)
        body = row.body.encode()
        if digest("action/1", body).hex() != said[position - 1][1] or row.hash != said[position - 1][1]:
            raise Tampered("body", position)
        if row.recorded_at != said[position - 1][0]:
            raise Tampered("moment", position)
        action = action_from_body(msgspec.json.decode(body), spelled=True)
        if action.encoded != body:  # no spelling but the canonical one is what was hashed and signed
            raise Tampered("body", position)
        signed = SignedAction(action, row.algorithm, row.signature)
        if action.office != copy.office or any(
            getattr(action, name) != value for name, value in row.columns.items()
        ):
            raise Tampered("columns", position)
        if action.kind == PAGE_KIND and page_digest(copy.page(row.hash) or b"") != action.public["digest"]:
            raise Tampered("page", position)
        if not chains.fits(action, row.hash):
            raise Tampered("chain", position)
        key = office.key_of(signed, row.hash)
        wrong = position if key is None else signatures.ask(position, signed, key)
        if wrong:
            raise Tampered("signature", wrong if key is not None else signatures.settle() or wrong)
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
        self._office: OfficeState | None = None

    def key_of(self, signed: SignedAction, action_hash: str) -> bytes | None:
        """Take in the next action; return the key of the one who may sign such a thing, if there is one."""
        action = signed.action
        kind = KINDS.get(action.kind)
        by_hub = action.person == HUB
        if kind is None or by_hub != (not kind.roles) or by_hub != (action.device == HUB):
            return None
        if action.subject_kind == "office":
            before = self._office
            self._office = fold_office([Entry(action, action_hash, {})], before)
            if before is not None:
                return self._key(signed, before)
        return self._key(signed, self._office)

    def _key(self, signed: SignedAction, office: OfficeState | None) -> bytes | None:
        if signed.action.person == HUB:
            return self._hub_key if signed.algorithm == "Ed25519" else None
        person = None if office is None else office.person(signed.action.person)
        known = person is not None and signed.algorithm == person.algorithm
        return person.public_key if person is not None and known else None

    def device_key(self, device: str) -> bytes | None:
        """Return the signing key of a desk the record names."""
        known = None if self._office is None else self._office.devices.get(device)
        return None if known is None else known.public_key
