"""A new computer's keys while it waits to be admitted: one file, sealed under a password (Argon2id).

``joining.json`` holds in clear only what travels anyway: the signed request, whose fingerprint is read out,
and the account label of who asked. It is gone as soon as the computer has joined or given up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.clock import to_stamp
from core.errors import CertDeskError, EnvironmentFault, UserError
from core.ids import new_id
from core.keys.passwords import check_new_password, unwrap, wrap
from core.keys.sealing import new_exchange_key
from core.paths import write_atomic
from core.services.offices import device_record
from core.services.session import DeviceKeys, Folder, Ports
from core.sync.desk_package import make_request, read_desk_request
from core.sync.enrolment import fingerprint


@dataclass(frozen=True)
class Waiting:
    """What a waiting computer shows without a password.

    ``request`` is empty for a file of a release before: asking again, with a password, brings it up to date.
    """

    request: bytes = b""
    fingerprint: str = ""
    login: str = ""


def mark_of(device: dict[str, str]) -> str:
    """Return a device's fingerprint: over its keys alone, so that asking again shows the same."""
    return fingerprint(bytes.fromhex(device["key"]) + bytes.fromhex(device["exchange_key"]))


def signed_request(device: DeviceKeys, ports: Ports) -> bytes:
    """Return the request of a device, signed by its own key."""
    return make_request(device_record(device), device.signer, to_stamp(ports.clock()))


def find_waiting(folder: Folder) -> Waiting | None:
    """Return what waits in this folder, None if nothing does. Raises waiting_keys_damaged."""
    if not folder.joining.exists():
        return None
    data = _read(folder)
    if "request" not in data:
        return Waiting()
    try:
        request = str(data["request"]).encode()
        return Waiting(request, mark_of(read_desk_request(request)), str(data.get("login", "")))
    except UserError as fault:
        raise EnvironmentFault("waiting_keys_damaged") from fault


def ask(folder: Folder, ports: Ports, password: str, login: str = "") -> Waiting:
    """Make this computer's keys, seal them under ``password`` and return the request.

    Asked again, the same keys ask; those that a release before left in clear are sealed now. Raises
    ``UserError`` password_too_short, password_empty, waiting_password_wrong, ``EnvironmentFault``
    waiting_keys_damaged, disk_full, write_failed, disk_readonly.
    """
    if folder.joining.exists():
        device = open_waiting(folder, password)
        found = find_waiting(folder)
        if found is not None and found.request:
            return found
    else:
        secret, public = new_exchange_key(ports.random)
        device = DeviceKeys(new_id(ports.random), 1, ports.random(32), secret, public)
    check_new_password(password)
    try:
        folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as fault:
        raise EnvironmentFault("disk_readonly") from fault
    request = signed_request(device, ports)
    wrapped = wrap(password, device.to_json().encode(), ports.random)
    data = {"version": 2, "login": login, "request": request.decode(), "wrapped": wrapped}
    write_atomic(folder.joining, json.dumps(data).encode())
    return Waiting(request, mark_of(device_record(device)), login)


def open_waiting(folder: Folder, password: str) -> DeviceKeys:
    """Return the keys that wait here.

    Raises ``UserError`` desk_not_requested, password_empty, waiting_password_wrong,
    ``EnvironmentFault`` waiting_keys_damaged.
    """
    data = _read(folder)
    try:
        if "device" in data:  # in clear: a release before, without a password file
            return DeviceKeys.from_json(data["device"])
        device = DeviceKeys.from_json(unwrap(password, dict(data["wrapped"])).decode())
        if "request" in data and read_desk_request(str(data["request"]).encode()) != device_record(device):
            raise EnvironmentFault("waiting_keys_damaged")
    except (CertDeskError, ValueError, LookupError, TypeError) as fault:
        if isinstance(fault, UserError) and fault.code == "wrong_password":
            raise UserError("waiting_password_wrong") from fault
        if isinstance(fault, UserError) and fault.code == "password_empty":
            raise
        raise EnvironmentFault("waiting_keys_damaged") from fault
    return device


def give_up(folder: Folder) -> None:
    """Destroy the keys that wait here; their request and its package are worth nothing from now on.

    Raises ``UserError('desk_not_requested')``, ``EnvironmentFault('disk_readonly')``.
    """
    try:
        folder.joining.unlink()
    except FileNotFoundError as fault:
        raise UserError("desk_not_requested") from fault
    except OSError as fault:
        raise EnvironmentFault("disk_readonly") from fault


def _read(folder: Folder) -> dict[str, Any]:
    try:
        data = json.loads(folder.joining.read_text("utf-8"))
    except FileNotFoundError as fault:
        raise UserError("desk_not_requested") from fault
    except (OSError, ValueError, RecursionError) as fault:
        raise EnvironmentFault("waiting_keys_damaged") from fault
    if not isinstance(data, dict):
        raise EnvironmentFault("waiting_keys_damaged")
    return data
