"""What the hub gives out about an office and its desks: office certificates and device certificates."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, update

from core.canonical import canonical
from core.clock import from_stamp, to_stamp
from core.credentials.desk_x509 import desk_certificate
from core.errors import Refusal
from core.keys.signer import SoftwareSigner
from core.sync.device_certificate import VALID, DeviceCertificate, sign_device_certificate
from core.sync.enrolment import OfficeCertificate, first_issue, read_certificate, sign_certificate
from hub import tables
from hub.desks import Desk
from hub.engine import insert_new, lock_office
from hub.setup import Hub
from hub.trust_tables import device_certificate

if TYPE_CHECKING:
    from hub.desk_handler import Request

OFFICE_DAYS = 3 * 366
RENEW_OFFICE = timedelta(days=180)
_FRESH = timedelta(days=60)
"""Asked again while more than this is left, the hub gives the same device certificate once more."""


_PURPOSES_BEFORE = (1, 2)
"""What office certificates allowed before attachment 3 could be claimed."""


@dataclass(frozen=True)
class Terms:
    """What whoever accepts an office decides about it."""

    single_clerk: bool
    days: int = OFFICE_DAYS
    purposes: tuple[int, ...] = (1, 2, 3)


# --- offices ------------------------------------------------------------------------------------


def sign_office(
    hub: Hub, certificate: OfficeCertificate, root: SoftwareSigner, span: tuple[datetime, datetime]
) -> dict[str, Any]:
    """Return an office certificate of issue 2 for ``span``, with the hub's keys as they are now."""
    return sign_certificate(
        replace(
            certificate,
            issuer=hub.issuer,
            hub_kid=hub.signer.kid,
            hub_algorithm=hub.signer.algorithm,
            hub_key=hub.signer.public_bytes().hex(),
            hub_exchange_key=hub.exchange_public.hex(),
            not_before=to_stamp(span[0]),
            not_after=to_stamp(span[1]),
            root_algorithm=root.algorithm,
            root_key=root.public_bytes().hex(),
        ),
        root,
        hub.signer,
    )


def find_office(connection: Connection, office: str) -> dict[str, Any] | None:
    """Return an office's certificate as it was given out, None for an office that is not enrolled."""
    table = tables.office
    text = connection.execute(
        select(table.c.certificate).where(table.c.office == office)
    ).scalar_one_or_none()
    return None if text is None else json.loads(text)


def current_office(hub: Hub, connection: Connection, office: str) -> dict[str, Any]:
    """Return an office's certificate in a writing transaction.

    One of issue 1, one about to end, or one from before attachment 3 could be claimed is made anew where the
    root lies at the hub. Raises ``Refusal('office_unknown')``.
    """
    known = find_office(connection, office)
    if known is None:
        raise Refusal("office_unknown")
    certificate = read_certificate(known)
    ends = from_stamp(certificate.not_after)
    lasts, start = ends - hub.clock() > RENEW_OFFICE, hub.clock()
    former = certificate.purposes == _PURPOSES_BEFORE
    if (certificate.issue == 2 and lasts and not former) or not hub.trust.online(connection):
        return known
    if former:
        certificate = replace(certificate, purposes=Terms(single_clerk=False).purposes)
    length = max(ends - from_stamp(certificate.not_before), timedelta(days=1))
    end = ends if (certificate.issue == 1 or lasts) and ends > start else start + length
    return replace_office(hub, connection, certificate, hub.trust.root(connection), (start, end))


def replace_office(
    hub: Hub,
    connection: Connection,
    certificate: OfficeCertificate,
    root: SoftwareSigner,
    span: tuple[datetime, datetime],
) -> dict[str, Any]:
    """Give an enrolled office a new certificate with the terms of ``certificate``."""
    made = sign_office(hub, certificate, root, span)
    table = tables.office
    connection.execute(
        update(table)
        .where(table.c.office == certificate.office)
        .values(certificate=canonical(made).decode(), single_clerk=certificate.single_clerk)
    )
    return made


def as_first_issue(hub: Hub, data: dict[str, Any]) -> dict[str, Any]:
    """Return the same certificate as a program of the first release reads it, signed by the hub's key."""
    certificate = read_certificate(data)
    return data if certificate.issue == 1 else sign_certificate(first_issue(certificate), hub.signer)


# --- desks --------------------------------------------------------------------------------------


def give_certificates(request: Request) -> dict[str, Any]:
    """Answer a desk that asks for its certificates: ``office``, ``device``, ``x509`` (PEM chain or empty).

    Raises ``Refusal('office_certificate_expired')``: then only the province can help.
    """
    hub, desk = request.hub, request.desk
    with hub.database.write() as connection:
        lock_office(connection, desk.office)
        office = current_office(hub, connection, desk.office)
        given = _device(hub, connection, desk, read_certificate(office))
    return {"office_certificate": office, "device_certificate": given[0], "x509": given[1]}


def _device(
    hub: Hub, connection: Connection, desk: Desk, office: OfficeCertificate
) -> tuple[dict[str, Any], str]:
    now, ends = hub.clock(), from_stamp(office.not_after)
    if ends <= now:
        raise Refusal("office_certificate_expired")
    table = device_certificate
    newest = connection.execute(
        select(table)
        .where(table.c.office == desk.office, table.c.device == desk.device)
        .order_by(table.c.number.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and newest.x509 and newest.not_after > (now + _FRESH).timestamp():
        return json.loads(newest.certificate), newest.x509
    end = min(now + VALID, ends)
    made = _sign_device(hub, desk, (now, end))
    x509 = _x509(hub, connection, desk, (now, end))
    number = 1 if newest is None else newest.number + 1
    row = {"office": desk.office, "device": desk.device, "number": number, "at": to_stamp(now)}
    row |= {"certificate": canonical(made).decode(), "x509": x509, "not_after": int(end.timestamp())}
    insert_new(connection, table, row)
    connection.execute(
        update(tables.device)
        .where(tables.device.c.office == desk.office, tables.device.c.device == desk.device)
        .values(not_after=int(end.timestamp()))
    )
    return made, x509


def _sign_device(hub: Hub, desk: Desk, span: tuple[datetime, datetime]) -> dict[str, Any]:
    return sign_device_certificate(
        DeviceCertificate(
            office=desk.office,
            device=desk.device,
            kid=desk.kid,
            algorithm=desk.algorithm,
            key=desk.key.hex(),
            exchange_key=desk.exchange_key.hex(),
            issuer=hub.issuer,
            rehearsal=hub.rehearsal,
            not_before=to_stamp(span[0]),
            not_after=to_stamp(span[1]),
        ),
        hub.signer,
    )


def _x509(hub: Hub, connection: Connection, desk: Desk, span: tuple[datetime, datetime]) -> str:
    authority = hub.trust.authority(connection)
    if authority is None:
        return ""
    names, random = (desk.office, desk.device), hub.random(16)
    own = desk_certificate(authority.seed, authority.pem, names, desk.key, span, hub.rehearsal, random)
    return (own + authority.pem).decode()


def count_certificates(connection: Connection, office: str, device: str) -> int:
    """Return how many device certificates a desk was given so far."""
    table = device_certificate
    query = select(func.count()).select_from(table)
    return int(
        connection.execute(query.where(table.c.office == office, table.c.device == device)).scalar_one()
    )
