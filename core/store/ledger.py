"""The desk's ledger inside one unit of work: append, read back as entries, receipts, erasure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    delete,
    func,
    or_,
    select,
    true,
)

from core.canonical import canonical
from core.errors import EnvironmentFault, Refusal
from core.ids import RandomBytes
from core.keys.sealing import seal
from core.records.model import (
    Entry,
    Private,
    Salted,
    SignedAction,
)
from core.records.states import Delivery
from core.store import statements as sql
from core.store import tables as t
from core.store.action_rows import (
    COLUMNS,
    Receipt,
    Recorded,
    opened,
    portions,
    recorded_rows,
    row_of,
    signed_of,
    standing,
)
from core.store.register import RegisterPages


class Ledger:
    """Reads and appends on one connection; knows nothing of rules (the judge does)."""

    def __init__(self, connection: Connection, random: RandomBytes) -> None:
        self._connection = connection
        self._random = random
        self.pages = RegisterPages(connection, random)
        self._office: tuple[str, list[Entry]] | None = None

    # --- writing ------------------------------------------------------------------------------

    def append(self, signed: SignedAction, private: Private) -> None:
        """Insert one action of this desk, personal values sealed. The table refuses any second version."""
        row = row_of(signed)
        row["attempt"] = self._connection.execute(sql.REJECTED_BEFORE, row).scalar_one()
        self._insert([row], [(signed, private)])

    def append_many(self, made: Sequence[tuple[SignedAction, Private]]) -> None:
        """Insert actions that stand beside whatever this desk did meanwhile, in a few statements.

        They come down the hub's feed, or speak of subjects that nobody knew before.
        """
        rows = [row_of(signed) for signed, _ in made]
        places = [tuple(row[name] for name in sql.PLACE) for row in rows]
        free = dict.fromkeys(places, 0)
        for *place, attempt in self._connection.exec_driver_sql(sql.TWINS, (json.dumps([*free]),)):
            free[tuple(place)] = attempt
        for row, taken in zip(rows, places, strict=True):
            row["attempt"] = free[taken]
            free[taken] += 1
        self._insert(rows, made)

    def _insert(self, rows: list[dict[str, Any]], made: Sequence[tuple[SignedAction, Private]]) -> None:
        self._office = None
        personal = [(signed, private) for signed, private in made if private]
        keys, new_keys = self._subject_keys(signed.action.subject for signed, _ in personal)
        sealed = [
            self._sealed_row(signed, private, keys[signed.action.subject]) for signed, private in personal
        ]
        for statement, lines in ((sql.APPEND, rows), (sql.SEAL, sealed), (sql.ADD_KEY, new_keys)):
            if lines:
                self._connection.execute(statement, lines)

    def _subject_keys(self, subjects: Iterable[str]) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
        """Return the keys that seal these subjects' values, and rows of those that had none."""
        wanted = list(dict.fromkeys(subjects))
        keys = {}
        for some in portions(wanted):
            query = select(t.subject_key).where(t.subject_key.c.subject.in_(some))
            keys.update({row.subject: bytes(row.key) for row in self._connection.execute(query)})
        new = {subject: self._random(32) for subject in wanted if subject not in keys}
        return keys | new, [{"subject": subject, "key": key} for subject, key in new.items()]

    def _sealed_row(self, signed: SignedAction, private: Private, key: bytes) -> dict[str, Any]:
        plain = canonical({name: [item.salt, item.value] for name, item in private.items()})
        blob = seal(key, plain, signed.hash.encode(), self._random)
        return {"hash": signed.hash, "subject": signed.action.subject, "blob": blob}

    def find_subject_key(self, subject: str) -> bytes | None:
        """Return the key that seals this subject's personal values, None once destroyed."""
        found = self._connection.execute(sql.KEY_OF, {"subject": subject}).scalar()
        return None if found is None else bytes(found)

    def attachment_key(self, subject: str) -> bytes:
        """Return (making it if need be) the key for this subject's attachments."""
        keys, new = self._subject_keys([subject])
        if new:
            self._connection.execute(sql.ADD_KEY, new)
        return keys[subject]

    def erase(self, subject: str) -> None:
        """Destroy a subject's personal values: key and sealed blobs. Chains stay whole."""
        self.pages.erase(subject)
        self._office = None
        for table in (t.sealed, t.subject_key):
            self._connection.execute(delete(table).where(table.c.subject == subject))

    def add_receipt(self, receipt: Receipt) -> None:
        """Keep the hub's verdict; a second, equal receipt changes nothing."""
        if self._connection.execute(sql.HAS_RECEIPT, {"hash": receipt.hash}).first() is None:
            self.add_receipts([receipt])

    def add_receipts(self, receipts: Iterable[Receipt]) -> None:
        """Keep the hub's verdicts on actions that have none yet."""
        rows = [{**receipt.__dict__, "params": json.dumps(receipt.params)} for receipt in receipts]
        if rows:
            self._connection.execute(sql.ADD_RECEIPT, rows)
            self._office = None

    # --- reading ------------------------------------------------------------------------------

    def last_of_chain(self, device: str, epoch: int) -> tuple[int, str] | None:
        """Return (seq, hash) of the newest action of a device's chain."""
        row = self._connection.execute(sql.LAST_OF_CHAIN, {"device": device, "epoch": epoch}).first()
        return None if row is None else (int(row.seq), str(row.hash))

    def newest_recorded(self, device: str, epoch: int) -> str:
        """Return the newest action of a device's chain that stands at the hub, empty when none does."""
        asked = {"device": device, "epoch": epoch}
        return str(self._connection.execute(sql.NEWEST_RECORDED, asked).scalar() or "")

    def entries(self, subject_kind: str, subject: str) -> list[Entry]:
        """Return the subject's effective entries in order of version.

        Those of the office, which everything asks for, are read once in a unit of work.
        """
        if subject_kind != "office":
            return self._entries(subject_kind, subject)
        if self._office is None or self._office[0] != subject:
            self._office = subject, self._entries(subject_kind, subject)
        return list(self._office[1])

    def _entries(self, subject_kind: str, subject: str) -> list[Entry]:
        asked = {"kind": subject_kind, "subject": subject}
        rows = self._connection.execute(sql.OF_SUBJECT, asked).all()
        if not rows and subject_kind != "unit":
            return []
        key = self.find_subject_key(subject) if rows else None
        listed = self.pages.entry_of(subject) if subject_kind == "unit" else None
        return standing(rows, key, listed)

    def entries_of_units(self, units: Iterable[str]) -> dict[str, list[Entry]]:
        """Return what :meth:`entries` does of each of these units, read in a few queries."""
        found: dict[str, list[Entry]] = {}
        for some in portions(units):
            own: dict[str, list[Any]] = {unit: [] for unit in some}
            of_them = (t.action.c.subject_kind == "unit", t.action.c.subject.in_(some))
            for row in self._connection.execute(sql.OF_ANY.where(*of_them)):
                own[row.subject].append(row)
            keys_of = select(t.subject_key).where(t.subject_key.c.subject.in_(some))
            keys = {row.subject: bytes(row.key) for row in self._connection.execute(keys_of)}
            listed = self.pages.entries_of(some)
            for unit, rows in own.items():
                found[unit] = standing(rows, keys.get(unit), listed.get(unit))
        return found

    def privates_of(self, many: Sequence[SignedAction]) -> dict[str, dict[str, Salted]]:
        """Return salts and values by action hash; left out are actions without any, and destroyed ones."""
        found: dict[str, dict[str, Salted]] = {}
        both = select(t.sealed.c.hash, t.sealed.c.blob, t.subject_key.c.key)
        both = both.join(t.subject_key, t.subject_key.c.subject == t.sealed.c.subject)
        for some in portions(signed.hash for signed in many):
            for row in self._connection.execute(both.where(t.sealed.c.hash.in_(some))):
                found[row.hash] = opened(bytes(row.key), bytes(row.blob), row.hash)
        return found

    def private_of(self, signed: SignedAction) -> dict[str, Salted]:
        """Return salts and values of an action, empty when it has none or they were destroyed."""
        blob = self._connection.execute(sql.BLOB_OF, {"hash": signed.hash}).scalar()
        key = self.find_subject_key(signed.action.subject)
        if blob is None or key is None:
            return {}
        return opened(key, bytes(blob), signed.hash)

    def count_recorded(self) -> int:
        """Return how many actions stand at the hub, as far as we have its word."""
        return int(self._connection.execute(select(func.count(t.receipt.c.position))).scalar_one())

    def find_signed(self, action_hash: str) -> SignedAction | None:
        """Return an action of the record by its hash."""
        row = self._connection.execute(select(t.action).where(t.action.c.hash == action_hash)).one_or_none()
        return None if row is None else signed_of(row)

    def known(self, hashes: Iterable[str]) -> set[str]:
        """Return which of these actions are in the record."""
        found: set[str] = set()
        for some in portions(hashes):
            query = select(t.action.c.hash).where(t.action.c.hash.in_(some))
            found.update(str(row.hash) for row in self._connection.execute(query))
        return found

    def receipts_of(self, hashes: Iterable[str]) -> dict[str, Receipt]:
        """Return the receipts of these actions by hash; those without one are left out."""
        found: dict[str, Receipt] = {}
        for some in portions(hashes):
            query = select(t.receipt).where(t.receipt.c.hash.in_(some))
            for row in self._connection.execute(query):
                values = {**row._mapping, "params": json.loads(row.params)}
                found[row.hash] = Receipt(**values)
        return found

    def delivery(self, subjects: Iterable[str]) -> Delivery:
        """Return what the hub said of these subjects as a whole, the worst first.

        A rejection counts until a person has settled it.
        """
        rows = self._connection.exec_driver_sql(sql.VERDICTS, (json.dumps(list(subjects)),)).all()
        rejected = {action_hash for action_hash, verdict in rows if verdict == "rejected"}
        if rejected and rejected - self.settled():
            return Delivery.REJECTED
        return Delivery.PENDING if any(verdict is None for _, verdict in rows) else Delivery.RECORDED

    def any_rejected(self) -> bool:
        """Tell whether the hub has ever refused anything of this desk's."""
        return self._connection.exec_driver_sql(sql.ANY_REJECTED).first() is not None

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
                signed = signed_of(row)
            except (Refusal, ValueError) as fault:
                raise EnvironmentFault("record_tampered", action=str(row.id)) from fault
            if row.position != last or any(getattr(row, n) != getattr(signed.action, n) for n in COLUMNS):
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
        for some in portions(hashes):
            query = select(t.action.c.subject_kind, t.action.c.subject).where(t.action.c.hash.in_(some))
            found |= {(str(row.subject_kind), str(row.subject)) for row in self._connection.execute(query)}
        return self.in_order(found)

    def in_order(self, subjects: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Order (kind, id) so that those come first of which the others' lists speak."""
        order = {"office": 0, "register": 1, "unit": 2, "certificate": 3, "case": 4}
        return sorted(subjects, key=lambda pair: (order.get(pair[0], len(order)), pair))
