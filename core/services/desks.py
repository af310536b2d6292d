"""Further desks of an office: asked for at the new one, admitted at an old one, joined by a package.

The new desk opens with everybody's own password, because the package carries the wrapped keys as they
are. Everything else comes from the hub, which learns of the desk when the admitting one syncs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.clock import to_stamp
from core.errors import Cancelled, EnvironmentFault, Refusal, UserError
from core.keys.keyring import Entry, Keyring
from core.keys.signer import key_id
from core.paths import write_atomic
from core.records.people import OfficeState
from core.services.device_certificates import certificate_or_refuse
from core.services.embedded_hub import plan
from core.services.hub_link import HUB_URL, PLAIN_HTTP, ca_place
from core.services.offices import device_record, set_aside
from core.services.recording import PACKAGED, record
from core.services.session import DeviceKeys, Folder, Ports, Session, open_session, unlock
from core.services.waiting_keys import ask, give_up, mark_of, open_waiting, signed_request
from core.store.action_rows import Receipt, Recorded
from core.store.unit_of_work import Store, UnitOfWork
from core.sync.desk_package import (
    LIMIT,
    Package,
    Told,
    check_package,
    open_package,
    read_desk_request,
    seal_package,
)
from core.sync.envelope import Opened

MERGED = "keyring_merged"
"""Which signing key each person's wrapped entry had when a package last brought it: {person: hex}."""
STEPS = 5
"""Steps of joining, for :data:`Progress`: keys opened, package checked, person known, database, opened."""
_MADE_AT = "package_made_at"
_ALL = 10**6

Progress = Callable[[int, int], None]
"""Called with (done, total)."""


@dataclass(frozen=True)
class DeskLine:
    """A desk of the office, for lists. Stamps are UTC; ``revoked_at`` as the hub last told, else None."""

    device: str
    kid: str
    added_at: str
    here: bool
    revoked_at: str | None


# --- the new desk asks ----------------------------------------------------------------------------


def request_desk(
    folder: Folder,
    ports: Ports | None = None,
    *,
    password: str = "",
    login: str = "",
    session: Session | None = None,
) -> tuple[bytes, str]:
    """Return a new desk's request and its fingerprint; asked again, the same desk asks.

    The keys are made here and stay here, sealed under ``password`` until :func:`join_office` takes them into
    the encrypted database; ``login`` is remembered beside them. ``session``: a desk that is already one asks
    for what is new (people added at another desk) and needs no password.
    Raises ``UserError`` data_folder_in_use and as :func:`core.services.waiting_keys.ask` does.
    """
    ports = ports or Ports()
    if session is not None:
        return signed_request(session.device, ports), mark_of(device_record(session.device))
    if folder.exists():
        raise UserError("data_folder_in_use")
    asked = ask(folder, ports, password, login)
    return asked.request, asked.fingerprint


# --- an administrator admits ----------------------------------------------------------------------


def requested(request: bytes) -> str:
    """Return the fingerprint of a request, to be compared before admitting.

    Raises ``Refusal`` desk_request_malformed / desk_request_forged.
    """
    return mark_of(read_desk_request(request))


def admit_desk(session: Session, request: bytes, target: Path) -> str:
    """Admit the desk that asks and write its package to ``target``; return the request's fingerprint.

    Admitted before, it only gets a newer package. Sync afterwards, so that the hub knows the desk. Raises
    ``Refusal`` desk_request_*, role_missing, device_exists, ``UserError`` not_enrolled, office_has_own_hub,
    ``EnvironmentFault`` disk_*.
    """
    device = read_desk_request(request)
    certificate_or_refuse(session)
    if plan(session) is not None:
        raise UserError("office_has_own_hub")
    with session.begin() as uow:
        known = session.office_state(uow).devices.get(device["id"])
        if known is None:
            record(session, uow, "office", session.office, "device_added", dict(device))
        elif known.public_key.hex() != device["key"] or known.exchange_key.hex() != device["exchange_key"]:
            raise Refusal("device_exists")
        package = _package(session, uow, device["id"])
    sealed = seal_package(
        package, bytes.fromhex(device["exchange_key"]), session.device.signer, session.random
    )
    write_atomic(target, sealed)
    return mark_of(device)


def _package(session: Session, uow: UnitOfWork, device: str) -> Package:
    place = ca_place(session)
    kept = uow.find_meta("certificate")
    assert kept is not None
    people = session.office_state(uow).people
    known = Keyring.load(session.folder.keyring).entries
    return Package(
        office=session.office,
        rehearsal=session.rehearsal,
        device=device,
        by=session.device.id,
        made_at=to_stamp(session.now()),
        certificate=json.loads(kept),
        hub_url=uow.find_meta(HUB_URL) or "",
        plain_http=uow.find_meta(PLAIN_HTTP) == "yes",
        ca=place.read_text("ascii") if place.exists() else "",
        keyring=tuple(
            {**entry.__dict__, "key": people[entry.person].public_key.hex()}
            for entry in known
            if entry.person in people
        ),
        actions=tuple(_told(uow, item) for item in _recorded(session, uow)),
    )


def _recorded(session: Session, uow: UnitOfWork) -> list[Recorded]:
    """Return the office's own actions that the hub has, first to last; the founding came by enrolment."""
    rows = uow.ledger.record(session.office, 0, _ALL)
    standing = [row for row in rows if row.receipt is not None and row.receipt.verdict == "recorded"]
    standing += [row for row in rows if row.receipt is None and row.signed.action.kind == "office_founded"]
    return sorted(standing, key=lambda row: row.receipt.position or 0 if row.receipt else 0)


def _told(uow: UnitOfWork, item: Recorded) -> Told:
    return Told(
        item.signed,
        uow.ledger.private_of(item.signed),
        None if item.receipt is None else dict(item.receipt.__dict__),
    )


# --- the new desk joins ---------------------------------------------------------------------------


def read_package(path: Path) -> bytes:
    """Return a package's bytes. Raises ``EnvironmentFault('file_unreadable')``, ``UserError`` as below."""
    try:
        with path.open("rb") as handle:
            data = handle.read(LIMIT + 1)
    except OSError as fault:
        raise EnvironmentFault("file_unreadable", file="package") from fault
    if len(data) > LIMIT:
        raise UserError("package_damaged")
    return data


def join_office(
    folder: Folder,
    package: bytes,
    login: str,
    password: str,
    ports: Ports | None = None,
    *,
    asked_with: str = "",
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Session:
    """Make this folder a desk of the office and open it; at a desk that has joined, take in new people.

    ``asked_with`` is the password of the request where it is another one. ``progress`` counts steps.
    Raises ``UserError`` desk_not_requested, waiting_password_wrong, package_for_another_desk,
    package_damaged, package_older, wrong_password, person_not_recorded, ``Refusal`` package_forged,
    ``Cancelled``, ``EnvironmentFault`` disk_*, waiting_keys_damaged. Nothing half made is left behind.
    """
    ports = ports or Ports()
    if folder.exists():
        session = unlock(folder, login, password, ports)
        try:
            merge_package(session, package)
        except BaseException:
            session.close()
            raise
        return session

    def step(done: int) -> None:
        if cancelled():
            raise Cancelled()
        progress(done, STEPS)

    step(0)
    device = open_waiting(folder, asked_with or password)
    step(1)
    opened = open_package(package, device.id, device.exchange_secret)
    _, state = check_package(*opened)
    step(2)
    return _join(folder, opened[0], state, device, (login, password), ports, step)


def _join(
    folder: Folder,
    package: Package,
    state: OfficeState,
    device: DeviceKeys,
    who: tuple[str, str],
    ports: Ports,
    step: Callable[[int], None],
) -> Session:
    entries = tuple(_entry(item) for item in package.keyring)
    unlocked = Keyring(folder.keyring, entries).unlock(*who)
    person = state.people.get(unlocked.person)
    if person is None or not person.active:
        raise UserError("person_not_recorded")
    step(3)
    set_aside(folder, to_stamp(ports.clock()).replace(":", ""))
    keyring = Keyring(folder.keyring, ())
    session: Session | None = None
    try:
        _fill(folder, package, unlocked.data_key, device, ports)
        step(4)
        keyring.adopt(entries)
        session = open_session(folder, keyring, unlocked, ports)
        if package.ca:
            write_atomic(ca_place(session), package.ca.encode("ascii"))
        step(5)
        give_up(folder)
    except BaseException:
        if session is not None:
            session.close()
        for path in (folder.keyring, *folder.root.glob("desk.db*")):
            if "-unopened-" not in path.name:
                path.unlink(missing_ok=True)
        raise
    return session


def _entry(item: dict[str, Any]) -> Entry:
    try:
        return Entry(**{name: value for name, value in item.items() if name != "key"})
    except TypeError as fault:
        raise UserError("package_damaged") from fault


def _fill(folder: Folder, package: Package, data_key: bytes, device: DeviceKeys, ports: Ports) -> None:
    store = Store(folder.database, data_key, ports.clock, ports.random, folder.backups)
    facts = {
        "office": package.office,
        "rehearsal": "yes" if package.rehearsal else "no",
        "device": device.to_json(),
        "certificate": json.dumps(package.certificate),
        PACKAGED: str(len(package.actions)),
        MERGED: json.dumps({item["person"]: item["key"] for item in package.keyring}),
        _MADE_AT: package.made_at,
        PLAIN_HTTP: "yes" if package.plain_http else "no",
    }
    try:
        with store.begin() as uow:
            for name, value in facts.items():
                uow.set_meta(name, value)
            if package.hub_url:
                uow.set_meta(HUB_URL, package.hub_url)
            for item in package.actions:
                uow.ledger.append_many([(item.signed, item.private)])
                if item.receipt is not None:
                    uow.ledger.add_receipt(Receipt(**item.receipt))
    finally:
        store.close()


# --- a desk that has joined -----------------------------------------------------------------------


def merge_package(session: Session, data: bytes) -> int:
    """Take in the people whom another desk's package brings; return how many entries were taken.

    Only who is unknown here, and whose key was made anew at another desk since: a password changed at this
    desk stays. Raises as :func:`join_office` does.
    """
    package, opened = open_package(data, session.device.id, session.device.exchange_secret)
    with session.begin() as uow:
        _check_newer(session, uow, package, opened)
        merged = json.loads(uow.find_meta(MERGED) or "{}")
        elsewhere = _keyed_elsewhere(session, uow)
        here = {entry.person for entry in Keyring.load(session.folder.keyring).entries}
        people = session.office_state(uow).people
        taken = [
            item
            for item in package.keyring
            if item["person"] not in here
            or (
                item["person"] in elsewhere
                and item["key"] == people[item["person"]].public_key.hex() != merged.get(item["person"])
            )
        ]
        uow.set_meta(MERGED, json.dumps(merged | {item["person"]: item["key"] for item in taken}))
        uow.set_meta(_MADE_AT, package.made_at)
        if taken:
            session.keyring.adopt(tuple(_entry(item) for item in taken))
    return len(taken)


def _check_newer(session: Session, uow: UnitOfWork, package: Package, opened: Opened) -> None:
    device = session.office_state(uow).devices.get(package.by)
    if package.office != session.office or device is None:
        raise Refusal("package_forged")
    if opened.algorithm != device.algorithm or not opened.verify(device.public_key):
        raise Refusal("package_forged")
    if package.by in {line.device for line in _lines(session, uow) if line.revoked_at}:
        raise Refusal("package_forged")
    if package.made_at < (uow.find_meta(_MADE_AT) or ""):
        raise UserError("package_older")


def _keyed_elsewhere(session: Session, uow: UnitOfWork) -> set[str]:
    """Return the people whose newest key was made at another desk."""
    made: dict[str, str] = {}
    for entry in uow.ledger.entries("office", session.office):
        action = entry.action
        if action.kind == "office_founded":
            made[str(action.public["founder"]["person"])] = action.device
        elif action.kind in ("person_added", "person_rekeyed"):
            made[str(action.public["person"])] = action.device
    return {person for person, device in made.items() if device != session.device.id}


# --- lists ----------------------------------------------------------------------------------------


def devices(session: Session) -> tuple[DeskLine, ...]:
    """Return the desks of this office, first to last."""
    with session.read() as uow:
        return _lines(session, uow)


def _lines(session: Session, uow: UnitOfWork) -> tuple[DeskLine, ...]:
    told = json.loads(uow.find_meta("revoked_devices") or "[]")
    revoked = {str(item["device"]): str(item["at"]) for item in told}
    found = []
    for entry in uow.ledger.entries("office", session.office):
        action = entry.action
        if action.kind not in ("office_founded", "device_added"):
            continue
        data = dict(action.public["device"] if action.kind == "office_founded" else action.public)
        kid = key_id(bytes.fromhex(data["key"]))
        here = data["id"] == session.device.id
        found.append(DeskLine(data["id"], kid, action.at, here, revoked.get(data["id"])))
    return tuple(found)
