"""Personal values at rest: sealed under a key per subject, which is sealed under the hub's own.

Deleting a subject's key (:func:`erase`) destroys its values; the actions, their chains and
signatures stay whole, because they hold only salted commitments.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from core.canonical import canonical, parse_canonical
from core.ids import RandomBytes
from core.keys.sealing import seal, subkey, unseal
from core.records.model import Action, Private, Salted
from hub import tables
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
        """Store an action's values; those of an erased subject are dropped."""
        subject = sealing_subject(action)
        if not private or is_erased(connection, action.office, subject):
            return
        key = self.subject_key(connection, action.office, subject)
        plain = canonical({name: [item.salt, item.value] for name, item in private.items()})
        row = {
            "office": action.office,
            "action_hash": action_hash,
            "subject": subject,
            "sealed": seal(key, plain, action_hash.encode(), self._random),
        }
        insert_new(connection, tables.private_value, row)

    def get(self, connection: Connection, office: str, action_hash: str) -> dict[str, Salted] | None:
        """Return an action's values with their salts, or None if destroyed or never disclosed."""
        value = tables.private_value
        row = connection.execute(
            select(value.c.subject, value.c.sealed).where(
                value.c.office == office, value.c.action_hash == action_hash
            )
        ).one_or_none()
        key = self.find_key(connection, office, row.subject) if row else None
        if row is None or key is None:
            return None
        pairs = parse_canonical(unseal(key, row.sealed, action_hash.encode()))
        return {name: Salted(salt, text) for name, (salt, text) in pairs.items()}

    def find_key(self, connection: Connection, office: str, subject: str) -> bytes | None:
        """Return a subject's key, None once it was destroyed."""
        keys = tables.subject_key
        row = connection.execute(
            select(keys.c.sealed).where(keys.c.office == office, keys.c.subject == subject)
        ).one_or_none()
        return unseal(self._key, row.sealed, _aad(office, subject)) if row else None

    def subject_key(self, connection: Connection, office: str, subject: str) -> bytes:
        """Return a subject's key, made if need be; never for an erased one."""
        found = self.find_key(connection, office, subject)
        if found is not None:
            return found
        fresh, row = self.new_key(office, subject)
        insert_new(connection, tables.subject_key, row)
        return fresh

    def new_key(self, office: str, subject: str) -> tuple[bytes, dict[str, object]]:
        """Return a key for a subject that has none yet, and the row to keep it in."""
        fresh = self._random(32)
        sealed = seal(self._key, fresh, _aad(office, subject), self._random)
        return fresh, {"office": office, "subject": subject, "sealed": sealed}

    def seal(self, key: bytes, plain: bytes, what: str) -> bytes:
        """Seal bytes under a subject's key, bound to what they are."""
        return seal(key, plain, what.encode(), self._random)


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
