"""How a further desk of an office comes to be: its request, and the package that answers it.

The new desk makes its own keys and asks with the public halves (an envelope signed by its device key).
An administrator at a desk of the office answers with a package: what the office is, who its people are
and their wrapped keys. The package is signed by the admitting desk and sealed to the new one, so a lost
or copied package tells nobody anything and opens nothing anywhere else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from core.canonical import canonical
from core.errors import EnvironmentFault, Refusal, UserError
from core.ids import RandomBytes
from core.keys.sealing import open_sealed, seal_to
from core.keys.signer import Signer, key_id
from core.records.fold_office import fold_office
from core.records.model import Entry, Salted, SignedAction, verify_private
from core.records.people import OfficeState
from core.sync.enrolment import OfficeCertificate, read_certificate
from core.sync.envelope import OLDEST_PROTOCOL, Opened, action_item, read_item, unwrap, wrap

ASKING: Final = "desk-request"
_PACKAGE: Final = "desk-package"
_FORMAT: Final = "certdesk-desk-package/1"
LIMIT: Final = 16 * 1024 * 1024
"""Most bytes of a package's file; an office's people and checklists take some kilobytes."""


@dataclass(frozen=True)
class Told:
    """One recorded action of the office as a package carries it; ``receipt`` is the hub's, if it is here."""

    signed: SignedAction
    private: dict[str, Salted]
    receipt: dict[str, Any] | None


@dataclass(frozen=True)
class Package:
    """What a package holds. ``keyring`` are wrapped entries with ``key``, the person's public key (hex)."""

    office: str
    rehearsal: bool
    device: str
    by: str
    made_at: str
    certificate: dict[str, Any]
    hub_url: str
    plain_http: bool
    ca: str
    keyring: tuple[dict[str, Any], ...]
    actions: tuple[Told, ...]


# --- the request ----------------------------------------------------------------------------------


def make_request(device: dict[str, str], signer: Signer, sent_at: str) -> bytes:
    """Return a new desk's request. ``device`` is its public half (id, algorithm, key, exchange_key)."""
    payload = {"type": ASKING, "protocol": OLDEST_PROTOCOL, "device": device, "sent_at": sent_at}
    return wrap(payload, signer)


def read_desk_request(data: bytes) -> dict[str, str]:
    """Return the device that asks, once its own key is seen to have signed.

    Raises ``Refusal`` desk_request_malformed / desk_request_forged.
    """
    try:
        opened = unwrap(data)
        device = {str(name): str(value) for name, value in opened.payload["device"].items()}
        if opened.payload["type"] != ASKING or set(device) != {"id", "algorithm", "key", "exchange_key"}:
            raise ValueError("shape")
        key = bytes.fromhex(device["key"])
        sizes = len(key), len(bytes.fromhex(device["exchange_key"]))
        if sizes != (32, 32) or device["algorithm"] != "Ed25519" or not 0 < len(device["id"]) <= 64:
            raise ValueError("device")
    except (Refusal, LookupError, TypeError, ValueError, AttributeError) as fault:
        raise Refusal("desk_request_malformed") from fault
    if opened.kid != key_id(key) or opened.algorithm != device["algorithm"] or not opened.verify(key):
        raise Refusal("desk_request_forged")
    return device


# --- the package ----------------------------------------------------------------------------------


def seal_package(package: Package, exchange_key: bytes, signer: Signer, random: RandomBytes) -> bytes:
    """Return the package's file: signed by the admitting desk, sealed to ``exchange_key``."""
    fields = {**package.__dict__, "keyring": list(package.keyring)}
    fields["actions"] = [_told(item) for item in package.actions]
    signed = wrap({"type": _PACKAGE, "protocol": OLDEST_PROTOCOL, **fields}, signer)
    sealed = seal_to(exchange_key, signed, _aad(package.device), random)
    outer = {"format": _FORMAT, "device": package.device, "sealed": base64.b64encode(sealed).decode()}
    return canonical(outer)


def _told(item: Told) -> dict[str, Any]:
    private = {name: [value.salt, value.value] for name, value in item.private.items()}
    return {"item": action_item(item.signed, ""), "private": private, "receipt": item.receipt}


def _aad(device: str) -> bytes:
    return f"{_FORMAT} {device}".encode()


def open_package(data: bytes, device: str, exchange_secret: bytes) -> tuple[Package, Opened]:
    """Open a package; its signature is checked by :func:`check_package`, which knows the office's desks.

    Raises ``UserError`` package_for_another_desk, package_damaged.
    """
    try:
        outer = json.loads(data)
        if outer["format"] != _FORMAT:
            raise ValueError("format")
        if outer["device"] != device:
            raise UserError("package_for_another_desk")
        sealed = base64.b64decode(outer["sealed"], validate=True)
        opened = unwrap(open_sealed(exchange_secret, sealed, _aad(device)))
        return _read(opened.payload), opened
    except UserError as fault:
        if fault.code == "package_for_another_desk":
            raise
        raise UserError("package_damaged") from fault
    except (EnvironmentFault, LookupError, TypeError, ValueError, AttributeError, RecursionError) as fault:
        raise UserError("package_damaged") from fault


def _read(payload: dict[str, Any]) -> Package:
    if payload["type"] != _PACKAGE:
        raise ValueError("type")
    texts = {name: str(payload[name]) for name in ("office", "device", "by", "made_at", "hub_url", "ca")}
    return Package(
        **texts,
        rehearsal=payload["rehearsal"] is True,
        plain_http=payload.get("plain_http") is True,  # the release before never told
        certificate=dict(payload["certificate"]),
        keyring=tuple(dict(entry) for entry in payload["keyring"]),
        actions=tuple(_read_told(item) for item in payload["actions"]),
    )


def _read_told(item: dict[str, Any]) -> Told:
    signed, _ = read_item(item["item"])
    private = {name: Salted(str(salt), str(value)) for name, (salt, value) in item["private"].items()}
    receipt = item["receipt"]
    return Told(signed, private, None if receipt is None else dict(receipt))


def check_package(package: Package, opened: Opened) -> tuple[OfficeCertificate, OfficeState]:
    """Check a package by itself: certificate, founding, every person's signature, the admitting desk's.

    Raises ``Refusal`` package_forged, or the certificate's own codes.
    """
    certificate = read_certificate(package.certificate)
    if (certificate.office, certificate.rehearsal) != (package.office, package.rehearsal):
        raise Refusal("package_forged")
    try:
        state = _folded(package.office, package.actions)
        founding = package.actions[0].signed.action.public
        device = state.devices[package.by]
    except (Refusal, LookupError, TypeError, ValueError, AttributeError) as fault:
        raise Refusal("package_forged") from fault
    first = dict(founding["device"])
    if (first.get("id"), first.get("key")) != (certificate.device, certificate.device_key):
        raise Refusal("package_forged")
    if opened.algorithm != device.algorithm or not opened.verify(device.public_key):
        raise Refusal("package_forged")
    return certificate, state


def _folded(office: str, actions: Iterable[Told]) -> OfficeState:
    """Fold the office action by action, each signed by somebody who was of the office by then."""
    entries: list[Entry] = []
    state: OfficeState | None = None
    for item in actions:
        action = item.signed.action
        if (action.office, action.subject_kind, action.subject) != (office, "office", office):
            raise ValueError("subject")
        if (action.kind == "office_founded") != (state is None) or action.base_version != len(entries):
            raise ValueError("order")
        if item.private:
            verify_private(action, item.private)
        entry = Entry(action, item.signed.hash, {name: salted.value for name, salted in item.private.items()})
        entries.append(entry)
        after = fold_office(entries)
        person = (state or after or _nobody()).people[action.person]
        if item.signed.algorithm != person.algorithm or not item.signed.verify(person.public_key):
            raise ValueError("signature")
        state = after
    return state or _nobody()


def _nobody() -> OfficeState:
    raise ValueError("no founding")
