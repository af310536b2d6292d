"""Withdrawing a desk's key: from that moment it neither syncs nor are its codes honoured.

What was issued through it stays what it is: certificates are the hub's, and the actions in the ledger
are signed by people. Claims that still wait for its facts end, because a thief's would look the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from core.errors import UserError
from hub import tables
from hub.certificates import count_certificates
from hub.desks import revoke_desk
from hub.engine import insert_new, lock_office
from hub.setup import Hub
from hub.trust_tables import key_revocation

MAX_REASON = 500


@dataclass(frozen=True)
class Revoked:
    """A withdrawn key, and how many claims that waited on it ended with it."""

    office: str
    device: str
    kid: str
    at: str
    claims_ended: int


def revoke_key(hub: Hub, kid: str, reason: str = "", office: str | None = None) -> Revoked:
    """Withdraw the desk with this key id. Raises as :func:`revoke_in`."""
    with hub.database.write() as connection:
        return revoke_in(hub, connection, kid, reason, office)


def revoke_in(
    hub: Hub, connection: Connection, kid: str, reason: str = "", office: str | None = None
) -> Revoked:
    """Withdraw a key inside the caller's writing transaction.

    Raises ``UserError`` key_unknown, key_ambiguous (four bytes may name desks of two offices: say
    which) or key_revoked_before.
    """
    row = find_key(connection, kid.strip().lower(), office)
    lock_office(connection, row.office)
    if not revoke_desk(connection, row.office, row.device, hub.now()):
        raise UserError("key_revoked_before", kid=row.kid)
    note = {"office": row.office, "device": row.device, "kid": row.kid, "at": hub.stamp()}
    insert_new(connection, key_revocation, {**note, "reason": reason[:MAX_REASON]})
    ended = _waiting(hub, connection, row.office, row.device)
    return Revoked(row.office, row.device, row.kid, note["at"], ended)


def find_key(connection: Connection, kid: str, office: str | None) -> Any:
    """Return the desk's row that a key id names. Raises ``UserError`` key_unknown / key_ambiguous."""
    table = tables.device
    query = select(table).where(table.c.kid == kid)
    if office is not None:
        query = query.where(table.c.office == office)
    rows = connection.execute(query).all()
    if not rows:
        raise UserError("key_unknown", kid=kid[:16])
    if len(rows) > 1:
        raise UserError("key_ambiguous", kid=kid, offices=[row.office for row in rows])
    return rows[0]


def _waiting(hub: Hub, connection: Connection, office: str, device: str) -> int:
    """Count the claims of a desk that have not become a certificate; none of them does any more.

    Each asks again for the desk's standing when its phone comes back (:mod:`hub.delivery`), and is told.
    """
    codes, spent = tables.claim_code, tables.redemption
    own = select(codes.c.jti).where(codes.c.office == office, codes.c.device == device)
    query = (
        select(func.count())
        .select_from(spent)
        .where(
            spent.c.office == office,
            spent.c.jti.in_(own),
            spent.c.certificate.is_(None),
            spent.c.dead.is_(False),
            func.coalesce(spent.c.deferred_until, spent.c.expires_at) > hub.now(),
        )
    )
    return int(connection.execute(query).scalar_one())


def devices(hub: Hub) -> list[dict[str, Any]]:
    """Return every desk of every office, oldest office first: for the operator's list."""
    desk, office, why = tables.device, tables.office, key_revocation
    with hub.database.read() as connection:
        rows = connection.execute(
            select(desk, office.c.code, office.c.enrolled_at, why.c.at.label("revoked"), why.c.reason)
            .join(office, office.c.office == desk.c.office)
            .outerjoin(why, (why.c.office == desk.c.office) & (why.c.device == desk.c.device))
            .order_by(office.c.enrolled_at, desk.c.office, desk.c.not_before, desk.c.device)
        ).all()
        return [
            {
                "office": row.office,
                "code": row.code,
                "device": row.device,
                "kid": row.kid,
                "not_before": row.not_before,
                "not_after": row.not_after,
                "certificates": count_certificates(connection, row.office, row.device),
                "revoked": row.revoked_at is not None,
                "revoked_at": row.revoked_at,
                "reason": row.reason or "",
            }
            for row in rows
        ]


def alarms(hub: Hub) -> list[dict[str, Any]]:
    """Return what an operator has to look at, newest first."""
    table = tables.alarm
    with hub.database.read() as connection:
        rows = connection.execute(select(table).order_by(table.c.at.desc(), table.c.alarm))
        return [
            {
                "office": row.office,
                "device": row.device,
                "kind": row.kind,
                "at": row.at,
                "params": json.loads(row.params),
            }
            for row in rows
        ]
