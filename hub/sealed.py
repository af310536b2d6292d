"""Personal values at rest: sealed under a key per subject, which is sealed under the hub's own.

Deleting a subject's key (:func:`erase`) destroys its values; the actions, their chains and
signatures stay whole, because they hold only salted commitments.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from core.canonical import canonical, parse_canonical
from core.errors import EnvironmentFault, Refusal
from core.ids import RandomBytes
from core.keys.sealing import seal, subkey, unseal
from core.records.model import Action, Private, Salted, verify_private
from hub import tables
from hub.bulk import among
from hub.engine import insert_new
from hub.scan_store import drop_scans

_PERSON_KINDS = {"office_founded", "person_added"}


def sealing_subject(action: Action) -> str:
    """Return whose key an action's values lie under: the subject's, or for a member's name the member's."""
    if action.kind in _PERSON_KINDS:
        public = action.public
        person = public["person"] if action.kind == "person_added" else public["founder"]["person"]
        return f"person:{person}"[:64]
    return action.subject


class SealedValues:
    """Reads and writes the personal values of one hub."""

    def __init__(self, key: bytes, random: RandomBytes) -> None:
        self._key = subkey(key, "hub subject keys")
        self._random = random

    def put(self, connection: Connection, action: Action, action_hash: str, private: Private) -> None:
        """Store an action's values at once; those of an erased subject are dropped."""
        keys = self.subject_keys(connection, action.office, [sealing_subject(action)])
        for table, row in keys.seal(action, action_hash, private):
            insert_new(connection, table, row)

    def get(self, connection: Connection, office: str, action_hash: str) -> dict[str, Salted] | None:
        """Return an action's values with their salts, or None if destroyed or never disclosed."""
        return self.get_many(connection, office, [action_hash]).get(action_hash)

    def get_many(
        self, connection: Connection, office: str, hashes: Collection[str]
    ) -> dict[str, dict[str, Salted]]:
        """Return the values of those of these actions that have any, by hash; otherwise as :meth:`get`."""
        if not hashes:
            return {}
        value, keys = tables.private_value, tables.subject_key
        rows = connection.execute(
            select(value.c.action_hash, value.c.subject, value.c.sealed, keys.c.sealed.label("key"))
            .join(keys, (keys.c.office == value.c.office) & (keys.c.subject == value.c.subject))
            .where(value.c.office == office, among(connection, value.c.action_hash, hashes))
        )
        opened: dict[str, bytes] = {}
        found: dict[str, dict[str, Salted]] = {}
        for row in rows:
            if row.subject not in opened:
                opened[row.subject] = self.unwrap(office, row.subject, row.key)
            found[row.action_hash] = self.unseal(opened[row.subject], row.action_hash, row.sealed)
        return found

    def subject_keys(self, connection: Connection, office: str, subjects: Iterable[str]) -> SubjectKeys:
        """Return what seals new values of these subjects, for the length of one transaction."""
        return SubjectKeys(self, connection, office, subjects)

    def find_key(self, connection: Connection, office: str, subject: str) -> bytes | None:
        """Return a subject's key, None once it was destroyed."""
        keys = tables.subject_key
        row = connection.execute(
            select(keys.c.sealed).where(keys.c.office == office, keys.c.subject == subject)
        ).one_or_none()
        return self.unwrap(office, subject, row.sealed) if row else None

    def subject_key(self, connection: Connection, office: str, subject: str) -> bytes:
        """Return a subject's key, made at once if need be; never for an erased one."""
        found = self.find_key(connection, office, subject)
        if found is not None:
            return found
        fresh, row = self.new_key(office, subject)
        insert_new(connection, tables.subject_key, row)
        return fresh

    def unwrap(self, office: str, subject: str, sealed: bytes) -> bytes:
        """Return a subject's key from what ``subject_key`` holds."""
        return unseal(self._key, sealed, _aad(office, subject))

    def new_key(self, office: str, subject: str) -> tuple[bytes, dict[str, object]]:
        """Return a key for a subject that has none yet, and the row to keep it in."""
        fresh = self._random(32)
        sealed = seal(self._key, fresh, _aad(office, subject), self._random)
        return fresh, {"office": office, "subject": subject, "sealed": sealed}

    def seal(self, key: bytes, plain: bytes, what: str) -> bytes:
        """Seal bytes under a subject's key, bound to what they are."""
        return seal(key, plain, what.encode(), self._random)

    def unseal(self, key: bytes, action_hash: str, sealed: bytes) -> dict[str, Salted]:
        """Open the values of an action."""
        pairs = parse_canonical(unseal(key, sealed, action_hash.encode()))
        return {name: Salted(salt, text) for name, (salt, text) in pairs.items()}


class SubjectKeys:
    """The keys of some subjects of one office, read once; those that are missing are made when needed."""

    def __init__(
        self, values: SealedValues, connection: Connection, office: str, subjects: Iterable[str]
    ) -> None:
        self._values = values
        self._connection = connection
        self._office = office
        self._keys: dict[str, bytes | None] = {}
        self._erased: set[str] = set()
        self.read(subjects)

    def read(self, subjects: Iterable[str]) -> None:
        """Find the keys of further subjects, and which of those were erased."""
        wanted = [subject for subject in dict.fromkeys(subjects) if subject not in self._keys]
        if not wanted:
            return
        self._keys.update(dict.fromkeys(wanted))
        for table, found in ((tables.subject_key, self._found), (tables.erasure, self._gone)):
            where = (table.c.office == self._office, among(self._connection, table.c.subject, wanted))
            for row in self._connection.execute(select(table).where(*where)):
                found(row)

    def _found(self, row: Any) -> None:
        self._keys[row.subject] = self._values.unwrap(self._office, row.subject, row.sealed)

    def _gone(self, row: Any) -> None:
        self._erased.add(row.subject)

    def is_erased(self, subject: str) -> bool:
        """Tell whether a subject's values were destroyed."""
        if subject not in self._keys:
            self.read([subject])
        return subject in self._erased

    def seal(self, action: Action, action_hash: str, private: Private) -> list[tuple[Table, dict[str, Any]]]:
        """Return the rows that an action's values become: none for an erased subject."""
        subject = sealing_subject(action)
        if not private or self.is_erased(subject):
            return []
        rows: list[tuple[Table, dict[str, Any]]] = []
        key = self._keys[subject]
        if key is None:
            key, row = self._values.new_key(self._office, subject)
            self._keys[subject] = key
            rows.append((tables.subject_key, row))
        plain = canonical({name: [item.salt, item.value] for name, item in private.items()})
        value = {
            "office": self._office,
            "action_hash": action_hash,
            "subject": subject,
            "sealed": self._values.seal(key, plain, action_hash),
        }
        return [*rows, (tables.private_value, value)]


def require_committed(action: Action, private: Private) -> None:
    """Hold values as they lie here against what their action committed to.

    Raises ``EnvironmentFault('record_damaged')``: it is this hub's record that is wrong, no desk's action.
    """
    try:
        verify_private(action, private)
    except (Refusal, ValueError) as fault:
        raise EnvironmentFault("record_damaged", office=action.office, why="private") from fault


def _aad(office: str, subject: str) -> bytes:
    return f"subject-key {office} {subject}".encode()


def is_erased(connection: Connection, office: str, subject: str) -> bool:
    """Tell whether a subject's values were destroyed."""
    table = tables.erasure
    found = connection.execute(
        select(table.c.subject).where(table.c.office == office, table.c.subject == subject)
    ).one_or_none()
    return found is not None


def erase(connection: Connection, office: str, subject: str, at: str) -> None:
    """Destroy the personal values of a subject (``person:<id>`` for a member of the office), scans too."""
    drop_scans(connection, office, subject)
    for table in (tables.subject_key, tables.private_value):
        connection.execute(delete(table).where(table.c.office == office, table.c.subject == subject))
    insert_new(connection, tables.erasure, {"office": office, "subject": subject, "at": at})


def plain(private: Mapping[str, Salted] | None) -> dict[str, str] | None:
    """Return values without salts, as folds and rules read them."""
    return None if private is None else {name: item.value for name, item in private.items()}
