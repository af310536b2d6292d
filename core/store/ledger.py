"""The desk's ledger inside one unit of work: append, read back as entries, receipts, erasure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, or_, select, true

from core.canonical import canonical
from core.errors import EnvironmentFault, Refusal
from core.ids import RandomBytes
from core.keys.sealing import seal, unseal
from core.records.model import (
    SUBJECT_KINDS,
    Action,
    Entry,
    Private,
    Salted,
    SignedAction,
    action_from_body,
    effective,
)
from core.records.states import Delivery
from core.store import tables as t
from core.store.register import RegisterPages

# Built once: folds ask these for every subject, and building a statement costs more than running it.
_ENTRIES = (
    select(t.action, t.receipt.c.verdict, t.receipt.c.position.label("hub_position"), t.sealed.c.blob)
    .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
    .outerjoin(t.sealed, t.sealed.c.hash == t.action.c.hash)
    .where(t.action.c.subject_kind == bindparam("of_kind"), t.action.c.subject == bindparam("of"))
)
_KEY = select(t.subject_key.c.key).where(t.subject_key.c.subject == bindparam("of"))


@dataclass(frozen=True)
class Receipt:
    """The hub's verdict on one action (``hash``): recorded at ``position``, or rejected with ``code``."""

    hash: str
    verdict: str
    position: int | None
    code: str
    params: dict[str, Any]
    at: str


@dataclass(frozen=True)
class Recorded:
    """One row of the record as the auditor sees it, newest facts included."""

    position: int
    signed: SignedAction
    receipt: Receipt | None

    @property
    def delivery(self) -> Delivery:
        """What the hub said of this action."""
        if self.receipt is None:
            return Delivery.PENDING
        return Delivery.RECORDED if self.receipt.verdict == "recorded" else Delivery.REJECTED


class Ledger:
    """Reads and appends on one connection; knows nothing of rules (the judge does)."""

    def __init__(self, connection: Connection, random: RandomBytes) -> None:
        self._connection = connection
        self._random = random
        self.pages = RegisterPages(connection, random)

    # --- writing ------------------------------------------------------------------------------

    def append(self, signed: SignedAction, private: Private, *, fed: bool = False) -> None:
        """Insert one action and its sealed personal values. The table refuses any second version.

        ``fed``: it comes down the hub's feed and stands beside whatever this desk did meanwhile.
        """
        action = signed.action
        attempt = self._twins(action) if fed else self._rejected(action)
        self._connection.execute(
            insert(t.action).values(
                id=action.id,
                hash=signed.hash,
                office=action.office,
                subject_kind=action.subject_kind,
                subject=action.subject,
                base_version=action.base_version,
                attempt=attempt,
                kind=action.kind,
                at=action.at,
                device=action.device,
                device_epoch=action.device_epoch,
                seq=action.seq,
                person=action.person,
                body=canonical(action.body()).decode(),
                algorithm=signed.algorithm,
                signature=signed.signature,
            )
        )
        if private:
            self._seal(signed, private)

    def _rejected(self, action: Action) -> int:
        query = (
            select(func.count()).select_from(t.action).join(t.receipt, t.receipt.c.hash == t.action.c.hash)
        )
        return int(
            self._connection.execute(
                query.where(
                    t.action.c.subject == action.subject,
                    t.action.c.base_version <= action.base_version,
                    t.action.c.device == action.device,
                    t.receipt.c.verdict == "rejected",
                )
            ).scalar_one()
        )

    def _twins(self, action: Action) -> int:
        query = select(func.coalesce(func.max(t.action.c.attempt) + 1, 0)).where(
            t.action.c.subject == action.subject,
            t.action.c.base_version == action.base_version,
            t.action.c.device == action.device,
        )
        return int(self._connection.execute(query).scalar_one())

    def _seal(self, signed: SignedAction, private: Private) -> None:
        key = self._subject_key(signed.action.subject)
        plain = canonical({name: [item.salt, item.value] for name, item in private.items()})
        blob = seal(key, plain, signed.hash.encode(), self._random)
        self._connection.execute(
            insert(t.sealed).values(hash=signed.hash, subject=signed.action.subject, blob=blob)
        )

    def _subject_key(self, subject: str) -> bytes:
        key = self.find_subject_key(subject)
        if key is None:
            key = self._random(32)
            self._connection.execute(insert(t.subject_key).values(subject=subject, key=key))
        return key

    def find_subject_key(self, subject: str) -> bytes | None:
        """Return the key that seals this subject's personal values, None once destroyed."""
        found = self._connection.execute(_KEY, {"of": subject}).scalar()
        return None if found is None else bytes(found)

    def attachment_key(self, subject: str) -> bytes:
        """Return (making it if need be) the key for this subject's attachments."""
        return self._subject_key(subject)

    def erase(self, subject: str) -> None:
        """Destroy a subject's personal values: key, sealed blobs, blind index. Chains stay whole."""
        self.pages.erase(subject)
        for table in (t.sealed, t.subject_key, t.blind_index):
            self._connection.execute(delete(table).where(table.c.subject == subject))

    def add_receipt(self, receipt: Receipt) -> None:
        """Keep the hub's verdict; a second, equal receipt changes nothing."""
        known = self._connection.execute(
            select(t.receipt.c.hash).where(t.receipt.c.hash == receipt.hash)
        ).first()
        if known is None:
            values = {**receipt.__dict__, "params": json.dumps(receipt.params)}
            self._connection.execute(insert(t.receipt).values(**values))

    # --- reading ------------------------------------------------------------------------------

    def last_of_chain(self, device: str, epoch: int) -> tuple[int, str] | None:
        """Return (seq, hash) of the newest action of a device's chain."""
        row = self._connection.execute(
            select(t.action.c.seq, t.action.c.hash)
            .where(t.action.c.device == device, t.action.c.device_epoch == epoch)
            .order_by(t.action.c.seq.desc())
            .limit(1)
        ).first()
        return None if row is None else (int(row.seq), str(row.hash))

    def entries(self, subject_kind: str, subject: str) -> list[Entry]:
        """Return the subject's effective entries in order of version."""
        rows = self._connection.execute(_ENTRIES, {"of_kind": subject_kind, "of": subject}).all()
        key = self.find_subject_key(subject)
        far = 2**62
        rows = sorted(
            rows, key=lambda row: (far if row.hub_position is None else row.hub_position, row.position)
        )
        rejected = frozenset(row.hash for row in rows if row.verdict == "rejected")
        entries = [_entry(row, key) for row in rows]
        if subject_kind == "unit" and (listed := self.pages.entry_of(subject)) is not None:
            entries.insert(0, listed)  # registered by a page of the register
        return effective(entries, rejected)

    def private_of(self, signed: SignedAction) -> dict[str, Salted]:
        """Return salts and values of an action, empty when it has none or they were destroyed."""
        blob = self._connection.execute(
            select(t.sealed.c.blob).where(t.sealed.c.hash == signed.hash)
        ).scalar()
        key = self.find_subject_key(signed.action.subject)
        if blob is None or key is None:
            return {}
        plain = json.loads(unseal(key, bytes(blob), signed.hash.encode()))
        return {name: Salted(salt, value) for name, (salt, value) in plain.items()}

    def pending(
        self, device: str, limit: int, skip: int = 0, kinds: Collection[str] = ()
    ) -> list[SignedAction]:
        """Return the oldest actions of a device without a receipt, but the first ``skip``: its outbox.

        ``kinds``: only of these.
        """
        query = (
            select(t.action)
            .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(t.receipt.c.hash.is_(None), t.action.c.device == device)
            .order_by(t.action.c.position)
            .limit(limit)
            .offset(skip)
        )
        if kinds:
            query = query.where(t.action.c.kind.in_(sorted(kinds)))
        return [_signed(row) for row in self._connection.execute(query)]

    def waits_at(self, action: Action) -> bool:
        """Tell whether an action without a receipt has this action's place in its chain."""
        query = (
            select(t.action.c.hash)
            .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(
                t.action.c.device == action.device,
                t.action.c.device_epoch == action.device_epoch,
                t.action.c.seq == action.seq,
                t.receipt.c.hash.is_(None),
            )
        )
        return self._connection.execute(query).first() is not None

    def pending_kinds(self, device: str) -> dict[str, int]:
        """Return how many actions of a device wait for the hub, by kind."""
        query = (
            select(t.action.c.kind, func.count().label("waiting"))
            .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(t.receipt.c.hash.is_(None), t.action.c.device == device)
            .group_by(t.action.c.kind)
        )
        return {str(row.kind): int(row.waiting) for row in self._connection.execute(query)}

    def count_pending(self, device: str) -> int:
        """Return how many actions of a device wait for the hub."""
        return sum(self.pending_kinds(device).values())

    def count_recorded(self) -> int:
        """Return how many actions stand at the hub, as far as we have its word."""
        return int(self._connection.execute(select(func.count(t.receipt.c.position))).scalar_one())

    def known(self, hashes: Iterable[str]) -> set[str]:
        """Return which of these actions are in the record."""
        found: set[str] = set()
        for some in _portions(hashes):
            query = select(t.action.c.hash).where(t.action.c.hash.in_(some))
            found.update(str(row.hash) for row in self._connection.execute(query))
        return found

    def receipts_of(self, hashes: Iterable[str]) -> dict[str, Receipt]:
        """Return the receipts of these actions by hash; those without one are left out."""
        found: dict[str, Receipt] = {}
        for some in _portions(hashes):
            query = select(t.receipt).where(t.receipt.c.hash.in_(some))
            for row in self._connection.execute(query):
                values = {**row._mapping, "params": json.loads(row.params)}
                found[row.hash] = Receipt(**values)
        return found

    def delivery(self, subjects: Iterable[str]) -> Delivery:
        """Return what the hub said of these subjects as a whole, the worst first.

        A rejection counts until a person has settled it.
        """
        wanted = list(subjects)
        of_them = and_(t.action.c.subject_kind.in_(SUBJECT_KINDS), t.action.c.subject.in_(wanted))
        rows = self._connection.execute(
            select(t.action.c.hash, t.action.c.subject_kind, t.receipt.c.verdict)
            .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(or_(of_them, t.action.c.hash.in_(self.pages.pages_of(wanted))))
        ).all()
        rejected = {row.hash for row in rows if row.verdict == "rejected"}
        if rejected and rejected - self.settled():
            return Delivery.REJECTED
        return Delivery.PENDING if any(row.verdict is None for row in rows) else Delivery.RECORDED

    def settled(self) -> frozenset[str]:
        """Return the hashes of refused actions that a settlement names which was not itself refused."""
        each = func.json_each(t.action.c.body, "$.public.refused").table_valued("value")
        query = (
            select(each.c.value)
            .select_from(t.action)
            .join(each, true())
            .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
            .where(
                t.action.c.subject_kind == "refusal",
                or_(t.receipt.c.verdict.is_(None), t.receipt.c.verdict != "rejected"),
            )
        )
        return frozenset(str(row.value) for row in self._connection.execute(query))

    def record(self, subject: str | None, after: int, limit: int) -> list[Recorded]:
        """Return rows of the record below position ``after`` (0 = from the newest), newest first."""
        wanted = [] if subject is None else [t.action.c.subject == subject]
        return recorded_rows(self._connection, wanted, after, limit)

    def chain(self) -> Iterator[SignedAction]:
        """Yield every action in local order. Raises ``EnvironmentFault('record_tampered')``.

        Rows that do not say what the signed body says, gaps in the numbering, a cut end and missing
        guards are tampering: reads go by the columns, so a moved column would hide an action.
        """
        if not self._guarded():
            raise EnvironmentFault("record_tampered", action="")
        last = 0
        for row in self._connection.execute(select(t.action).order_by(t.action.c.position)):
            last += 1
            try:
                signed = _signed(row)
            except (Refusal, ValueError) as fault:
                raise EnvironmentFault("record_tampered", action=str(row.id)) from fault
            if row.position != last or any(getattr(row, n) != getattr(signed.action, n) for n in _COLUMNS):
                raise EnvironmentFault("record_tampered", action=str(row.id))
            if row.hash != signed.hash or row.body != canonical(signed.action.body()).decode():
                raise EnvironmentFault("record_tampered", action=str(row.id))
            yield signed
        highest = self._connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'action'")
        if (highest.scalar() or 0) != last:
            raise EnvironmentFault("record_tampered", action="")

    def _guarded(self) -> bool:
        names = self._connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return set(t.guard_names()) <= {str(row[0]) for row in names}

    def subjects(self, subject_kind: str) -> list[str]:
        """Return the ids of all subjects of a kind, oldest first."""
        query = (
            select(t.action.c.subject)
            .where(t.action.c.subject_kind == subject_kind)
            .group_by(t.action.c.subject)
            .order_by(func.min(t.action.c.position))
        )
        return [str(row.subject) for row in self._connection.execute(query)]

    def delegations_below(self, unit: str) -> list[str]:
        """Return the ids of all authorisations that were granted below a unit's certificates."""
        query = select(t.action.c.subject).where(
            t.action.c.kind == "delegation_granted",
            func.json_extract(t.action.c.body, "$.public.unit") == unit,
        )
        return [str(row.subject) for row in self._connection.execute(query.order_by(t.action.c.position))]

    def subjects_of(self, hashes: Iterable[str]) -> list[tuple[str, str]]:
        """Return the (kind, id) of the subjects these actions speak of, units first."""
        found: set[tuple[str, str]] = set()
        for some in _portions(hashes):
            query = select(t.action.c.subject_kind, t.action.c.subject).where(t.action.c.hash.in_(some))
            found |= {(str(row.subject_kind), str(row.subject)) for row in self._connection.execute(query)}
        order = {"office": 0, "register": 1, "unit": 2, "certificate": 3, "case": 4}
        return sorted(found, key=lambda pair: (order.get(pair[0], len(order)), pair))

    # --- blind index --------------------------------------------------------------------------

    def set_blind(self, subject: str, tags: dict[str, bytes]) -> None:
        """Replace the blind-index tags of a subject."""
        self._connection.execute(delete(t.blind_index).where(t.blind_index.c.subject == subject))
        for name, tag in tags.items():
            self._connection.execute(insert(t.blind_index).values(subject=subject, field=name, tag=tag))

    def find_blind(self, fields: Iterable[str], tag: bytes) -> list[str]:
        """Return the subjects one of whose ``fields`` has this tag."""
        query = select(t.blind_index.c.subject).where(
            and_(t.blind_index.c.tag == tag, or_(*(t.blind_index.c.field == name for name in fields)))
        )
        return sorted({str(row.subject) for row in self._connection.execute(query)})


_COLUMNS = (
    "id",
    "office",
    "subject_kind",
    "subject",
    "base_version",
    "kind",
    "at",
    "device",
    "device_epoch",
    "seq",
    "person",
)


def _portions(hashes: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    """Cut into lists that one statement may hold as parameters."""
    every = list(hashes)
    return (every[start : start + size] for start in range(0, len(every), size))


def _signed(row: Any) -> SignedAction:
    return SignedAction(action_from_body(json.loads(row.body)), row.algorithm, row.signature)


def _entry(row: Any, key: bytes | None) -> Entry:
    action = action_from_body(json.loads(row.body))
    private: dict[str, str] | None = {}
    if action.commitments:
        if key is None or row.blob is None:
            private = None
        else:
            plain = json.loads(unseal(key, bytes(row.blob), row.hash.encode()))
            private = {name: value for name, (_salt, value) in plain.items()}
    return Entry(action, row.hash, private)


def recorded_rows(
    connection: Connection, wanted: Iterable[ColumnElement[bool]], after: int, limit: int
) -> list[Recorded]:
    """Return rows of the record that meet all of ``wanted``, below position ``after``, newest first."""
    query = (
        select(
            t.action,
            t.receipt.c.verdict,
            t.receipt.c.position.label("hub_position"),
            t.receipt.c.code,
            t.receipt.c.params,
            t.receipt.c.at.label("receipt_at"),
        )
        .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
        .order_by(t.action.c.position.desc())
        .limit(limit)
        .where(*wanted)
    )
    if after:
        query = query.where(t.action.c.position < after)
    return [_recorded(row) for row in connection.execute(query)]


def _recorded(row: Any) -> Recorded:
    receipt = None
    if row.verdict is not None:
        receipt = Receipt(
            row.hash, row.verdict, row.hub_position, row.code, json.loads(row.params), row.receipt_at
        )
    return Recorded(int(row.position), _signed(row), receipt)
