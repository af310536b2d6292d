"""The keyring file: the database's key and each person's signing seed, wrapped under what they know.

Beside the database lies ``keyring.json``. Each entry wraps the same 32-byte data key together with
that person's 32-byte Ed25519 seed, once under the password and once under the recovery code that
was printed. Logins are account labels chosen by the office, never a person's real name, because
they stand here in clear.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import EnvironmentFault, UserError
from core.ids import RandomBytes
from core.keys.passwords import check_new_password, parse_recovery_code, recovery_code, unwrap, wrap
from core.paths import write_atomic

_DATA_KEY = 32


@dataclass(frozen=True)
class Entry:
    """One person's way in."""

    person: str
    login: str
    password: dict[str, Any]
    recovery: dict[str, Any]
    active: bool = True


@dataclass(frozen=True)
class Unlocked:
    """What a right password opens."""

    person: str
    data_key: bytes
    seed: bytes


class Keyring:
    """The entries of one data folder. Every change is written atomically and owner-only."""

    def __init__(self, path: Path, entries: tuple[Entry, ...]) -> None:
        self._path = path
        self.entries = entries

    @classmethod
    def load(cls, path: Path) -> Keyring:
        """Read the file. Raises ``EnvironmentFault`` keyring_missing / keyring_damaged."""
        try:
            data = json.loads(path.read_text("utf-8"))
            return cls(path, tuple(Entry(**entry) for entry in data["entries"]))
        except FileNotFoundError as fault:
            raise EnvironmentFault("keyring_missing") from fault
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as fault:
            raise EnvironmentFault("keyring_damaged") from fault

    @classmethod
    def create(cls, path: Path) -> Keyring:
        """Start an empty keyring. Raises ``UserError('data_folder_in_use')`` if there is one."""
        if path.exists():
            raise UserError("data_folder_in_use")
        return cls(path, ())

    def logins(self) -> tuple[str, ...]:
        """Return the account labels that can unlock."""
        return tuple(entry.login for entry in self.entries if entry.active)

    def find(self, login: str) -> Entry | None:
        """Return the entry with this label."""
        return next((entry for entry in self.entries if entry.login == login), None)

    def unlock(self, login: str, password: str) -> Unlocked:
        """Open with a password. Raises ``UserError('wrong_password')`` for any wrong pair."""
        entry = self.find(login)
        if entry is None or not entry.active:
            raise UserError("wrong_password")
        return _unlocked(entry, unwrap(password, entry.password))

    def recover(self, login: str, code: str) -> Unlocked:
        """Open with the printed recovery code. Raises ``UserError('recovery_code_wrong')``."""
        entry = self.find(login)
        if entry is None or not entry.active:
            raise UserError("recovery_code_wrong")
        try:
            return _unlocked(entry, unwrap(parse_recovery_code(code), entry.recovery))
        except UserError as fault:
            raise UserError("recovery_code_wrong") from fault

    def put(self, unlocked: Unlocked, login: str, password: str, random: RandomBytes) -> str:
        """Write a person's entry under a new password; return the new recovery code (shown once).

        Raises ``UserError`` login_taken / password_too_short, ``EnvironmentFault`` disk_full / write_failed.
        """
        check_new_password(password)
        self._reload()
        taken = self.find(login)
        if taken is not None and taken.person != unlocked.person:
            raise UserError("login_taken")
        code = recovery_code(random)
        payload = unlocked.data_key + unlocked.seed
        entry = Entry(
            unlocked.person,
            login,
            wrap(password, payload, random),
            wrap(parse_recovery_code(code), payload, random),
            taken is None or taken.active,
        )
        others = tuple(item for item in self.entries if item.person != unlocked.person)
        self._write((*others, entry))
        return code

    def adopt(self, entries: tuple[Entry, ...]) -> None:
        """Take over entries that were wrapped at another desk of the office, each in its person's place.

        A label that somebody else has here gets the beginning of the person's id behind it.
        """
        self._reload()
        kept = {item.person: item for item in self.entries}
        for entry in entries:
            labels = {item.login for item in kept.values() if item.person != entry.person}
            login = f"{entry.login}-{entry.person[:4]}" if entry.login in labels else entry.login
            kept[entry.person] = replace(entry, login=login)
        self._write(tuple(kept.values()))

    def set_active(self, person: str, active: bool) -> None:
        """Let a person in or out."""
        self._reload()
        self._write(
            tuple(replace(item, active=active) if item.person == person else item for item in self.entries)
        )

    def _reload(self) -> None:
        """Take in what another process wrote meanwhile, so that nobody's entry is written over."""
        if self._path.exists():
            self.entries = Keyring.load(self._path).entries

    def _write(self, entries: tuple[Entry, ...]) -> None:
        data = json.dumps({"version": 1, "entries": [entry.__dict__ for entry in entries]}, indent=1)
        write_atomic(self._path, data.encode())
        self.entries = entries


def _unlocked(entry: Entry, payload: bytes) -> Unlocked:
    return Unlocked(entry.person, payload[:_DATA_KEY], payload[_DATA_KEY:])
