"""The ceremony: the province's root is made or taken out, and does what one reviewed file says.

Everything is verified before anything is written, in one transaction, and then all of it happens or
nothing. What happened stands in a transcript that the root signs; it lies in the database, too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from core.canonical import canonical, digest
from core.clock import china_date
from core.errors import CertDeskError, Refusal, UserError
from core.keys.passwords import check_new_password
from core.keys.signer import SoftwareSigner, verify
from core.sync.enrolment import OfficeCertificate, key_fingerprint, read_certificate
from hub import tables
from hub.ceremony_plan import CREATE, Certify, Plan, read_plan
from hub.certificates import find_office, replace_office
from hub.engine import insert_new, lock_office
from hub.enrolments import accept_in, read_request
from hub.revocation import find_key, revoke_in
from hub.root_file import RootFile, open_root, seal_root, write_new
from hub.setup import Hub
from hub.tables import PROVINCE
from hub.trust_tables import ceremony

FORMAT: Final = "ceremony-transcript/1"


@dataclass(frozen=True, repr=False)
class Vault:
    """Where an offline root lies, and the password that opens it."""

    path: Path
    password: str


@dataclass(frozen=True)
class Held:
    """What a ceremony did, or would do: the signed transcript, and whether it made the root."""

    transcript: dict[str, Any]
    root_made: bool


class _OnlyRehearsed(Exception):
    """Takes everything back at the end of a dry run."""


def hold(hub: Hub, data: bytes, target: Path, vault: Vault | None = None, *, dry_run: bool = False) -> Held:
    """Hold the ceremony that ``data`` (the reviewed file) describes; write its transcript to ``target``.

    Raises ``UserError`` or ``Refusal`` with the code of the first mistake found; then neither database nor
    disk has changed. ``dry_run`` changes nothing either way.
    """
    plan = read_plan(data)
    _check_now(hub, plan, target)
    held: Held | None = None
    with contextlib.suppress(_OnlyRehearsed), _files() as written, hub.database.write() as connection:
        root = _root(hub, connection, plan, vault)
        _check(hub, connection, plan, root.signer)
        held = _act(hub, connection, plan, data, root)
        if dry_run:
            raise _OnlyRehearsed
        if plan.root == CREATE and vault is not None:
            written.append((vault.path, seal_root(root, hub.issuer, vault.password, hub.random)))
        written.append((target, canonical(held.transcript) + b"\n"))
        _write(written)
    assert held is not None
    return held


# --- files ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def _files() -> Iterator[list[tuple[Path, bytes]]]:
    """Files that exist only if the transaction inside is committed."""
    files: list[tuple[Path, bytes]] = []
    try:
        yield files
    except BaseException:
        for path, data in files:
            with contextlib.suppress(OSError):
                if path.read_bytes() == data:
                    path.unlink()
        raise


def _write(files: list[tuple[Path, bytes]]) -> None:
    """Before the commit: a key that signed something must be on disk when the database says so."""
    for path, data in files:
        write_new(path, data)


# --- checks ---------------------------------------------------------------------------------------


def _check_now(hub: Hub, plan: Plan, target: Path) -> None:
    if plan.held_on != china_date(hub.clock()).isoformat():
        raise UserError("ceremony_day", day=china_date(hub.clock()).isoformat())
    if target.exists():
        raise UserError("file_exists")


def _check(hub: Hub, connection: Connection, plan: Plan, root: SoftwareSigner) -> None:
    own = hub_keys(hub, connection)
    for name, value in own.items():
        if plan.hub[name] != value:
            raise UserError("ceremony_other_hub", field=name)
    query = select(ceremony.c.name).where(ceremony.c.office == PROVINCE, ceremony.c.name == plan.name)
    if connection.execute(query).one_or_none() is not None:
        raise UserError("ceremony_held_before", name=plan.name)
    if hub.trust.root_public(connection) not in (None, root.public_bytes()):
        raise UserError("root_changed")
    for item in plan.certify:
        _check_request(hub, connection, item)
    for item in plan.renew:
        _known(connection, item)
    for key in plan.revoke:
        row = find_key(connection, key.kid, key.office)
        if row.revoked_at is not None:
            raise UserError("key_revoked_before", kid=key.kid)


def hub_keys(hub: Hub, connection: Connection) -> dict[str, Any]:
    """Return what a ceremony's file has to say of the hub, word for word."""
    return {
        "issuer": hub.issuer,
        "rehearsal": hub.rehearsal,
        "signer": hub.signer.public_bytes().hex(),
        "exchange": hub.exchange_public.hex(),
        "desk_authority": hub.trust.authority_public(connection).hex(),
    }


def _root(hub: Hub, connection: Connection, plan: Plan, vault: Vault | None) -> RootFile:
    online = hub.trust.online(connection)
    if plan.root == CREATE:
        if online or hub.trust.root_public(connection) is not None:
            raise UserError("root_exists")
        if vault is None:
            raise UserError("root_file_needed")
        if vault.path.exists():
            raise UserError("file_exists")
        check_new_password(vault.password)
        return RootFile(SoftwareSigner.generate(hub.random), hub.trust.take_verifier_root(connection))
    if online:
        if vault is not None:
            raise UserError("root_is_online")
        root = RootFile(hub.trust.root(connection), b"")
    elif vault is None:
        raise UserError("root_file_needed")
    else:
        root = open_root(vault.path, vault.password)
    if key_fingerprint(root.signer.public_bytes()) != plan.root_fingerprint:
        raise UserError("root_fingerprint_differs")
    return root


def _request(connection: Connection, item: Certify) -> bytes:
    table = tables.enrolment
    query = select(table.c.request, table.c.state).where(table.c.fingerprint == item.fingerprint)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UserError("enrolment_unknown")
    if row.state != "pending":
        raise UserError("ceremony_certified_before", office=item.code)
    return bytes(row.request)


def _check_request(hub: Hub, connection: Connection, item: Certify) -> None:
    _, founding = read_request(hub, _request(connection, item))
    public = founding.action.public
    for name, said in (("code", item.code), ("name", item.name)):
        if public[name] != said:
            raise UserError("ceremony_office_differs", field=name)
    if find_office(connection, founding.action.office) is not None:
        raise UserError("ceremony_certified_before", office=item.code)


def _known(connection: Connection, item: Certify) -> OfficeCertificate:
    data = find_office(connection, item.office)
    if data is None:
        raise Refusal("office_unknown")
    certificate = read_certificate(data)
    for name, said in (("code", item.code), ("name", item.name)):
        if getattr(certificate, name) != said:
            raise UserError("ceremony_office_differs", field=name)
    return certificate


# --- acts -----------------------------------------------------------------------------------------


def _act(hub: Hub, connection: Connection, plan: Plan, data: bytes, root: RootFile) -> Held:
    made = plan.root == CREATE
    if made:
        hub.trust.install_root(connection, root.signer, hub.clock(), hub.rehearsal)
    certified = [_certify(hub, connection, item, root.signer) for item in plan.certify]
    certified += [_renew(hub, connection, item, root.signer) for item in plan.renew]
    revoked = [asdict(revoke_in(hub, connection, key.kid, key.reason, key.office)) for key in plan.revoke]
    body = {
        "format": FORMAT,
        "plan": dict(plan.raw),
        "plan_sha256": hashlib.sha256(data).hexdigest(),
        "at": hub.stamp(),
        "root_key": root.signer.public_bytes().hex(),
        "root_algorithm": root.signer.algorithm,
        "root_fingerprint": key_fingerprint(root.signer.public_bytes()),
        "root_made": made,
        "certified": certified,
        "revoked": revoked,
    }
    signature = root.signer.sign(digest(FORMAT, canonical(body))).hex()
    transcript = {"body": body, "signature": signature}
    row = {"office": PROVINCE, "name": plan.name, "at": hub.stamp()}
    insert_new(connection, ceremony, row | {"transcript": canonical(transcript).decode()})
    return Held(transcript, made)


def _certify(hub: Hub, connection: Connection, item: Certify, root: SoftwareSigner) -> dict[str, Any]:
    try:
        made = accept_in(hub, connection, _request(connection, item), item.terms, root)
    except CertDeskError as fault:
        raise UserError("ceremony_request_refused", office=item.code, reason=fault.code) from fault
    return _line(made)


def _renew(hub: Hub, connection: Connection, item: Certify, root: SoftwareSigner) -> dict[str, Any]:
    known, start = _known(connection, item), hub.clock()
    lock_office(connection, known.office)
    terms = replace(known, single_clerk=item.terms.single_clerk, purposes=item.terms.purposes)
    span = (start, start + timedelta(days=item.terms.days))
    return _line(replace_office(hub, connection, terms, root, span))


def _line(certificate: dict[str, Any]) -> dict[str, Any]:
    body = certificate["body"]
    names = ("office", "code", "name", "device", "kid", "single_clerk", "purposes", "not_after")
    told = {name: body[name] for name in names}
    return told | {"sha256": hashlib.sha256(canonical(certificate)).hexdigest()}


def read_transcript(data: bytes) -> dict[str, Any]:
    """Return a transcript's body once the root that it names is seen to have signed it.

    Compare ``root_fingerprint`` with the one you know. Raises ``UserError('transcript_damaged')``.
    """
    try:
        outer = json.loads(data)
        body, signature = outer["body"], bytes.fromhex(outer["signature"])
        key, signed = bytes.fromhex(body["root_key"]), digest(FORMAT, canonical(body))
        good = body["format"] == FORMAT and verify(str(body["root_algorithm"]), key, signature, signed)
    except (ValueError, LookupError, TypeError, RecursionError) as fault:
        raise UserError("transcript_damaged") from fault
    if not good or key_fingerprint(key) != body.get("root_fingerprint"):
        raise UserError("transcript_damaged")
    return dict(body)
