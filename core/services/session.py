"""An unlocked desk: store, keys, clock and who sits there. Locking drops all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.clock import Clock, system_clock
from core.errors import EnvironmentFault, UserError
from core.ids import RandomBytes, system_random
from core.keys.keyring import Keyring, Unlocked
from core.keys.signer import SoftwareSigner
from core.paths import DataPaths
from core.records.people import OfficeState, Person
from core.store.unit_of_work import Store, UnitOfWork
from core.sync.enrolment import OfficeCertificate, read_certificate

PERSON_KID = 16


Folder = DataPaths


@dataclass(frozen=True)
class DeviceKeys:
    """This desk's identity, kept inside the encrypted database. Secrets are raw bytes."""

    id: str
    epoch: int
    signing_seed: bytes
    exchange_secret: bytes
    exchange_public: bytes

    @property
    def signer(self) -> SoftwareSigner:
        """The key that signs batches and claim codes."""
        return SoftwareSigner.from_seed(self.signing_seed)

    def to_json(self) -> str:
        """Write for the encrypted database."""
        fields: dict[str, Any] = {"id": self.id, "epoch": self.epoch}
        for name in ("signing_seed", "exchange_secret", "exchange_public"):
            fields[name] = getattr(self, name).hex()
        return json.dumps(fields)

    @classmethod
    def from_json(cls, text: str) -> DeviceKeys:
        """Read what :meth:`to_json` wrote."""
        data = json.loads(text)
        secrets = (
            bytes.fromhex(data[name]) for name in ("signing_seed", "exchange_secret", "exchange_public")
        )
        return cls(data["id"], data["epoch"], *secrets)


@dataclass(frozen=True)
class Ports:
    """Clock and randomness, injected so that tests can hold them still."""

    clock: Clock = system_clock
    random: RandomBytes = system_random


class Session:
    """One person at one unlocked desk. Threads may share it; :meth:`close` locks."""

    def __init__(
        self, folder: Folder, unlocked: Unlocked, store: Store, ports: Ports, keyring: Keyring
    ) -> None:
        self.folder = folder
        self.keyring = keyring
        self.store = store
        self.person = unlocked.person
        self.unlocked = unlocked
        self.signer = SoftwareSigner.from_seed(unlocked.seed, PERSON_KID)
        self.clock = ports.clock
        self.random = ports.random
        with store.read() as uow:
            self.office = _needed(uow, "office")
            self.rehearsal = _needed(uow, "rehearsal") == "yes"
            self.device = DeviceKeys.from_json(_needed(uow, "device"))

    def now(self) -> datetime:
        """Return the moment, UTC."""
        return self.clock()

    def certificate(self, uow: UnitOfWork) -> OfficeCertificate | None:
        """Return this office's certificate, None before enrolment."""
        text = uow.find_meta("certificate")
        return None if text is None else read_certificate(json.loads(text))

    def office_state(self, uow: UnitOfWork) -> OfficeState:
        """Fold the office, with what its certificate grants."""
        certificate = self.certificate(uow)
        world = uow.world(self.office, bool(certificate and certificate.single_clerk))
        state = world.office()
        if state is None:
            raise EnvironmentFault("database_damaged")
        return state

    def me(self, uow: UnitOfWork) -> Person:
        """Return the person who sits here."""
        person = self.office_state(uow).person(self.person)
        if person is None:
            raise EnvironmentFault("database_damaged")
        return person

    @contextmanager
    def begin(self) -> Iterator[UnitOfWork]:
        """Open a writing unit of work."""
        with self.store.begin() as uow:
            yield uow

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """Open a reading unit of work."""
        with self.store.read() as uow:
            yield uow

    def close(self) -> None:
        """Lock: close the database and forget the keys."""
        self.store.close()
        self.unlocked = replace(self.unlocked, data_key=b"", seed=b"")


def _needed(uow: UnitOfWork, key: str) -> str:
    value = uow.find_meta(key)
    if value is None:
        raise EnvironmentFault("database_damaged")
    return value


def unlock(folder: Folder, login: str, password: str, ports: Ports | None = None) -> Session:
    """Open a desk with a password.

    Raises ``UserError('wrong_password')``, ``EnvironmentFault`` keyring_*, database_*, disk_*.
    """
    keyring = Keyring.load(folder.keyring)
    unlocked = keyring.unlock(login, password)
    return _member(open_session(folder, keyring, unlocked, ports or Ports()), "wrong_password")


def unlock_with_recovery(
    folder: Folder, login: str, code: str, new_password: str, ports: Ports | None = None
) -> tuple[Session, str]:
    """Open with the printed recovery code and set a new password; return also the new code."""
    ports = ports or Ports()
    keyring = Keyring.load(folder.keyring)
    unlocked = keyring.recover(login, code)
    session = _member(open_session(folder, keyring, unlocked, ports), "recovery_code_wrong")
    try:
        return session, keyring.put(unlocked, login, new_password, ports.random)
    except BaseException:
        session.close()
        raise


def _member(session: Session, code: str) -> Session:
    """Let in only whom the record knows as active; the keyring file alone proves nothing."""
    try:
        with session.read() as uow:
            person = session.office_state(uow).person(session.person)
        if person is None or not person.active:
            raise UserError(code)
    except BaseException:
        session.close()
        raise
    return session


def open_session(folder: Folder, keyring: Keyring, unlocked: Unlocked, ports: Ports) -> Session:
    """Open the database with an already unwrapped key."""
    store = Store(folder.database, unlocked.data_key, ports.clock, ports.random, folder.backups)
    try:
        return Session(folder, unlocked, store, ports, keyring)
    except BaseException:
        store.close()
        raise
