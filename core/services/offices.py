"""Setting an office up: folder, keys, founder, people; enrolment at the hub."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.clock import to_stamp
from core.errors import CertDeskError, EnvironmentFault, Refusal, UserError
from core.forms.divisions import Office
from core.ids import new_id
from core.keys.keyring import Keyring, Unlocked
from core.keys.sealing import new_exchange_key
from core.keys.signer import SoftwareSigner
from core.records.people import Role
from core.services.device_certificates import certificate_or_refuse as certificate_or_refuse
from core.services.device_certificates import keep_certificate, renew_if_due
from core.services.people import NewPerson, add_person
from core.services.recording import record
from core.services.session import (
    PERSON_KID,
    DeviceKeys,
    Folder,
    Ports,
    Session,
    open_session,
)
from core.store.unit_of_work import Store
from core.sync.enrolment import OfficeCertificate, read_certificate
from core.sync.envelope import OLDEST_PROTOCOL, action_item, wrap
from core.sync.hub import Hub


@dataclass(frozen=True)
class Founded:
    """A new office: the founder's open session and every person's recovery code, to be printed once."""

    session: Session
    recovery: dict[str, str]


def found_office(
    folder: Folder,
    office: Office,
    name: str,
    founder: NewPerson,
    others: Iterable[NewPerson] = (),
    *,
    rehearsal: bool = False,
    ports: Ports | None = None,
) -> Founded:
    """Set up an office in an empty folder; the founder is its first administrator.

    ``name`` is the registration office's name as it stands on papers. Nothing half made is left
    behind. Raises ``UserError`` data_folder_in_use, desk_waits, founder_not_admin, login_taken, password_*.
    """
    ports = ports or Ports()
    if Role.ADMIN not in founder.roles:
        raise UserError("founder_not_admin")
    if folder.exists():
        raise UserError("data_folder_in_use")
    if folder.joining.exists():
        raise UserError("desk_waits")
    try:
        folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        set_aside(folder, to_stamp(ports.clock()).replace(":", ""))
    except OSError as fault:
        raise EnvironmentFault("disk_readonly") from fault
    keyring = Keyring.create(folder.keyring)
    seed = ports.random(32)
    person_id = new_id(ports.random)
    unlocked = Unlocked(person_id, ports.random(32), seed)
    session: Session | None = None
    try:
        session = _first_session(folder, keyring, unlocked, office, name, founder, rehearsal, ports)
        recovery = {founder.login: keyring.put(unlocked, founder.login, founder.password, ports.random)}
        for person in others:
            recovery[person.login] = add_person(session, person)
    except BaseException:
        if session is not None:
            session.close()
        for path in (folder.keyring, *_database_files(folder)):
            path.unlink(missing_ok=True)
        raise
    return Founded(session, recovery)


def set_aside(folder: Folder, moment: str) -> None:
    """Move a database without a keyring out of the way: a founding was killed, or the keyring is lost.

    Its key is gone, but whoever finds the keyring again finds the database too.
    """
    for path in _database_files(folder):
        path.rename(path.with_name(f"{path.name}-unopened-{moment}"))


def _database_files(folder: Folder) -> list[Path]:
    return [path for path in folder.root.glob("desk.db*") if "-unopened-" not in path.name]


def _first_session(
    folder: Folder,
    keyring: Keyring,
    unlocked: Unlocked,
    office: Office,
    name: str,
    founder: NewPerson,
    rehearsal: bool,
    ports: Ports,
) -> Session:
    secret, public = new_exchange_key(ports.random)
    device = DeviceKeys(new_id(ports.random), 1, ports.random(32), secret, public)
    office_id = new_id(ports.random)
    store = Store(folder.database, unlocked.data_key, ports.clock, ports.random, folder.backups)
    try:
        with store.begin() as uow:
            uow.set_meta("office", office_id)
            uow.set_meta("rehearsal", "yes" if rehearsal else "no")
            uow.set_meta("device", device.to_json())
    finally:
        store.close()
    session = open_session(folder, keyring, unlocked, ports)
    signer = SoftwareSigner.from_seed(unlocked.seed, PERSON_KID)
    facts: dict[str, Any] = {
        "code": office.code,
        "name": name,
        "level": office.level,
        "parent": office.parent or "",
        "device": device_record(device),
        "founder": {
            "person": unlocked.person,
            "roles": sorted(founder.roles),
            "algorithm": signer.algorithm,
            "key": signer.public_bytes().hex(),
        },
    }
    try:
        with session.begin() as uow:
            record(session, uow, "office", office_id, "office_founded", facts, {"name": founder.name})
    except BaseException:
        session.close()
        raise
    return session


def device_record(device: DeviceKeys) -> dict[str, str]:
    """Return a desk's public half, as actions and enrolment requests carry it."""
    return {
        "id": device.id,
        "algorithm": device.signer.algorithm,
        "key": device.signer.public_bytes().hex(),
        "exchange_key": device.exchange_public.hex(),
    }


def enrolment_request(session: Session, *, single_clerk: bool = False) -> bytes:
    """Return the request for an office certificate, made once and kept, so that asking again is the same."""
    with session.begin() as uow:
        kept = uow.find_meta("enrolment_request")
        if kept is not None:
            return kept.encode()
        founding = uow.ledger.record(session.office, 0, 10_000)[-1].signed
        request = wrap(
            {
                "type": "enrolment",
                "protocol": OLDEST_PROTOCOL,
                "office": session.office,
                "device": device_record(session.device),
                "founding": action_item(founding, ""),
                "single_clerk": single_clerk,
                "sent_at": to_stamp(session.now()),
            },
            session.device.signer,
        )
        uow.set_meta("enrolment_request", request.decode())
        return request


def enrol(session: Session, hub: Hub, *, single_clerk: bool = False) -> OfficeCertificate | None:
    """Ask the hub for the office certificate; None while its operator has not decided.

    The province's root and the hub's keys are pinned at the first certificate: a later one that they do
    not vouch for is refused (``Refusal('hub_changed')``). The device certificate is fetched along with
    it. Raises ``EnvironmentFault`` hub_unreachable and the like.
    """
    answer = hub.enrol(enrolment_request(session, single_clerk=single_clerk))
    if answer.get("state") != "enrolled":
        return None
    # A hub of the first release knows issue 1 only.
    data = answer.get("office_certificate") or answer.get("certificate")
    certificate = read_certificate(data)
    if (certificate.device, certificate.device_key) != (
        session.device.id,
        session.device.signer.public_bytes().hex(),
    ):
        raise Refusal("certificate_foreign")
    with session.begin() as uow:
        keep_certificate(session, uow, certificate, data)
    renew_if_due(session, hub)
    return certificate


def is_enrolled(session: Session) -> bool:
    """Tell whether the hub has recognised this office."""
    try:
        certificate_or_refuse(session)
    except CertDeskError:
        return False
    return True
