"""Enrolment: an office asks, an operator compares the fingerprint and accepts.

Accepting records the founding action as the first of the office's ledger; the province's root signs the
office certificate, which alone says whether a single clerk may approve.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from core.canonical import canonical
from core.clock import china_date, to_stamp
from core.errors import Refusal, UserError
from core.keys.signer import SoftwareSigner, key_id
from core.records.fold_office import fold_office
from core.records.judge import judge
from core.records.model import Entry, SignedAction
from core.sync.device_certificate import VALID
from core.sync.enrolment import OfficeCertificate, fingerprint
from core.sync.envelope import read_item, unwrap
from hub import chain, tables
from hub.after_batch import after_batch
from hub.certificates import Terms, as_first_issue, current_office, find_office, sign_office
from hub.desks import check_device, device_row
from hub.engine import insert_new, lock_office
from hub.ledger import Ledger
from hub.setup import Hub
from hub.world import LedgerWorld

MAX_PENDING = 1000
MAX_REQUEST_BYTES = 64 * 1024


def request(hub: Hub, data: bytes) -> dict[str, Any]:
    """Take in an enrolment request; asked again it gives the same answer.

    Returns ``{"state": "pending", "fingerprint"}`` or ``{"state": "enrolled", "certificate",
    "office_certificate"}`` (the same certificate as issue 1 and as it stands). Raises
    ``Refusal``: the envelope's codes, enrolment_malformed, enrolment_forged, rehearsal_mismatch,
    office_exists, enrolments_full.
    """
    payload, founding = read_request(hub, data)
    office = payload["office"]
    with hub.database.write() as connection:
        if find_office(connection, office) is not None:
            return _enrolled(hub, connection, founding)
        mark = fingerprint(data)
        pending = connection.execute(
            select(func.count()).select_from(tables.enrolment).where(tables.enrolment.c.state == "pending")
        ).scalar_one()
        if pending >= MAX_PENDING:
            raise Refusal("enrolments_full")
        row = {
            "office": office,
            "fingerprint": mark,
            "request": data,
            "state": "pending",
            "device": payload["device"]["id"],
            "founding": founding.hash,
            "certificate": None,
            "at": hub.stamp(),
        }
        insert_new(connection, tables.enrolment, row)
    return {"state": "pending", "fingerprint": mark}


def _enrolled(hub: Hub, connection: Connection, founding: SignedAction) -> dict[str, Any]:
    """Answer an enrolled office: the certificate, and for programs that read no other, issue 1 of it."""
    _require_same(connection, founding)
    current = current_office(hub, connection, founding.action.office)
    return {"state": "enrolled", "certificate": as_first_issue(hub, current), "office_certificate": current}


def _require_same(connection: Connection, founding: SignedAction) -> None:
    table = tables.action
    known = connection.execute(
        select(table.c.hash).where(table.c.office == founding.action.office, table.c.hash == founding.hash)
    ).one_or_none()
    if known is None:
        raise Refusal("office_exists")


def read_request(hub: Hub, data: bytes) -> tuple[dict[str, Any], SignedAction]:
    """Read and check an enrolment request; return its payload and the founding action in it."""
    if len(data) > MAX_REQUEST_BYTES:
        raise Refusal("envelope_too_large", limit=MAX_REQUEST_BYTES)
    opened = unwrap(data)
    payload = opened.payload
    try:
        if payload["type"] != "enrolment":
            raise Refusal("enrolment_malformed", why="type")
        device = payload["device"]
        check_device(device)
        if opened.algorithm != device["algorithm"] or opened.kid != key_id(bytes.fromhex(device["key"])):
            raise Refusal("enrolment_forged")
        if not opened.verify(bytes.fromhex(device["key"])):
            raise Refusal("enrolment_forged")
        founding, _ = read_item(payload["founding"])
        _check_founding(hub, payload, founding)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise Refusal("enrolment_malformed", why="fields") from fault
    return payload, founding


def _check_founding(hub: Hub, payload: dict[str, Any], founding: SignedAction) -> None:
    action = founding.action
    link = chain.read_link(action.body())
    if link is None or (link.seq, action.base_version) != (1, 0) or link.prev != "0" * 64:
        raise Refusal("enrolment_malformed", why="founding")
    if action.kind != "office_founded" or not chain.is_name(payload["office"]):
        raise Refusal("enrolment_malformed", why="founding")
    if action.office != payload["office"] or action.subject != action.office:
        raise Refusal("enrolment_malformed", why="office")
    if dict(action.public["device"]) != payload["device"] or action.device != payload["device"]["id"]:
        raise Refusal("enrolment_malformed", why="device")
    state = fold_office([Entry(action, founding.hash, {})])
    founder = state.person(action.person) if state else None
    if state is None or founder is None or not chain.is_name(founder.id):
        raise Refusal("enrolment_malformed", why="founder")
    if not (state.code[:6].isascii() and state.code[:6].isdigit() and 6 <= len(state.code) <= 16):
        raise Refusal("enrolment_malformed", why="code")
    if founding.algorithm != founder.algorithm or not founding.verify(founder.public_key):
        raise Refusal("enrolment_forged")
    if action.rehearsal != hub.rehearsal:
        raise Refusal("rehearsal_mismatch")


def pending(hub: Hub) -> list[dict[str, str]]:
    """Return the waiting requests: fingerprint, office id, its code and name as it says, moment."""
    table = tables.enrolment
    with hub.database.read() as connection:
        rows = connection.execute(select(table).where(table.c.state == "pending").order_by(table.c.at))
        return [_waiting(hub, row) for row in rows]


def _waiting(hub: Hub, row: Any) -> dict[str, str]:
    _, founding = read_request(hub, bytes(row.request))
    told = {name: str(founding.action.public[name]) for name in ("code", "name")}
    return {"fingerprint": row.fingerprint, "office": row.office, **told, "at": row.at}


def accept(hub: Hub, wanted: bytes | str, single_clerk: bool) -> dict[str, Any]:
    """Accept a request, given as the envelope's bytes or as the fingerprint of one that arrived.

    Returns the office certificate ``{body, signature, hub_signature}``; accepted again, the same one.
    Raises ``UserError`` enrolment_unknown, root_offline (then a ceremony is the way, docs/trust.md) or
    what :func:`request` raises.
    """
    with hub.database.read() as connection:
        hub.trust.root(connection)
    data = find_request(hub, wanted) if isinstance(wanted, str) else wanted
    with hub.database.write() as connection:
        root = hub.trust.root(connection)
        return accept_in(hub, connection, data, Terms(single_clerk), root)


def accept_in(
    hub: Hub, connection: Connection, data: bytes, terms: Terms, root: SoftwareSigner
) -> dict[str, Any]:
    """Accept a request inside the caller's writing transaction. Raises what :func:`request` raises."""
    payload, founding = read_request(hub, data)
    office = payload["office"]
    insert_new(connection, tables.feed_counter, {"office": office, "last": 0})
    lock_office(connection, office)
    if find_office(connection, office) is not None:
        _require_same(connection, founding)
        return current_office(hub, connection, office)
    judge(founding.action, {}, LedgerWorld(connection, office, hub.sealed), china_date(hub.clock()))
    certificate = enrol_office(hub, connection, payload, founding, terms, root)
    connection.execute(
        update(tables.enrolment)
        .where(tables.enrolment.c.office == office, tables.enrolment.c.fingerprint == fingerprint(data))
        .values(state="accepted", certificate=canonical(certificate).decode())
    )
    return certificate


def find_request(hub: Hub, mark: str) -> bytes:
    """Return a request that was handed in, by its fingerprint. Raises ``UserError('enrolment_unknown')``."""
    table = tables.enrolment
    with hub.database.read() as connection:
        row = connection.execute(
            select(table.c.request).where(table.c.fingerprint == mark.strip().lower())
        ).scalar_one_or_none()
    if row is None:
        raise UserError("enrolment_unknown")
    return bytes(row)


def enrol_office(
    hub: Hub,
    connection: Connection,
    payload: dict[str, Any],
    founding: SignedAction,
    terms: Terms,
    root: SoftwareSigner,
) -> dict[str, Any]:
    """Enrol an office inside a writing transaction: certificate, first desk, first action of its ledger."""
    action, device = founding.action, payload["device"]
    start = hub.clock()
    end = start + timedelta(days=terms.days)
    asked = OfficeCertificate(
        office=action.office,
        code=action.public["code"],
        name=action.public["name"],
        device=device["id"],
        kid=key_id(bytes.fromhex(device["key"])),
        device_key=device["key"],
        exchange_key=device["exchange_key"],
        single_clerk=terms.single_clerk,
        rehearsal=hub.rehearsal,
        purposes=terms.purposes,
        issuer=hub.issuer,
        hub_kid=hub.signer.kid,
        hub_algorithm=hub.signer.algorithm,
        hub_key=hub.signer.public_bytes().hex(),
        hub_exchange_key=hub.exchange_public.hex(),
        not_before=to_stamp(start),
        not_after=to_stamp(end),
    )
    certificate = sign_office(hub, asked, root, (start, end))
    row = {
        "office": action.office,
        "code": action.public["code"],
        "name": action.public["name"],
        "single_clerk": terms.single_clerk,
        "certificate": canonical(certificate).decode(),
        "enrolled_at": hub.stamp(),
    }
    insert_new(connection, tables.office, row)
    # The desk was founded before it was enrolled, perhaps days: codes count from the enrolment on.
    last = min(start + VALID, end)
    first = device_row(action.office, device, int(start.timestamp()) - 300, int(last.timestamp()))
    insert_new(connection, tables.device, {**first, "epoch": action.device_epoch})
    _record_founding(hub, connection, founding)
    return certificate


def _record_founding(hub: Hub, connection: Connection, founding: SignedAction) -> None:
    link, office = chain.read_link(founding.action.body()), founding.action.office
    assert link is not None
    chain.extend(connection, office, link, founding.hash)
    ledger = Ledger(hub, connection, office)
    ledger.append(founding, {})
    after_batch(hub, connection, ledger, office)
