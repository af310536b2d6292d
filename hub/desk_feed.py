"""The feed: what an office's ledger holds after a position, sealed anew to the desk that asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from core.errors import Refusal
from core.records.model import Salted
from core.records.register import PAGE_KIND
from core.sync.envelope import BATCH_LIMITS, seal_private
from hub import tables
from hub.delegation_settings import on_manager_change
from hub.desk_handler import Payload, Request
from hub.desks import revoked_of
from hub.log import checkpoint
from hub.register import feed_part

FEED_BYTES = 4 * 1024 * 1024
MOST_HELD = 100
"""Register pages that a desk may name as held."""


def give_page(request: Request) -> Payload:
    """Answer ``feed`` with items after position ``after``; ``next`` is the ``after`` of the next request.

    A page is cut short at four megabytes, so only an empty one is the end. Raises ``Refusal``
    envelope_malformed, and desk_outdated where a register page or a delegation comes next and the desk speaks
    protocol 1.
    """
    most = BATCH_LIMITS[request.protocol]
    after, limit = request.payload.get("after"), request.payload.get("limit", most)
    if type(after) is not int or type(limit) is not int or not 0 <= after < 2**53 or limit < 1:
        raise Refusal("envelope_malformed")
    held = _held(request)
    with request.hub.database.read() as connection:
        items = _items(connection, request, after, min(limit, most), held)
        # After the page: where a look is not one moment the head may be newer, never older.
        note = checkpoint(connection, request.desk.office) if request.protocol > 1 else ""
        told: Payload = {"log": {"checkpoint": note}} if note else {}
        if request.protocol > 1:
            told["revoked"] = revoked_of(connection, request.desk.office)
            told["on_manager_change"] = on_manager_change(connection)
    return {
        **told,
        "items": items,
        "next": items[-1]["position"] if items else after,
    }


def _items(
    connection: Connection, request: Request, after: int, limit: int, held: frozenset[str]
) -> list[Payload]:
    table, size = tables.action, 0
    rows = connection.execute(
        select(table)
        .where(table.c.office == request.desk.office, table.c.position > after)
        .order_by(table.c.position)
        .limit(limit)
    )
    items: list[Payload] = []
    page, mine = rows.all(), _own_part(connection, request)
    sealed = [row.hash for row in page if row.kind != PAGE_KIND and not mine(row)]
    values = request.hub.sealed.get_many(connection, request.desk.office, sealed)
    for row in page:
        if (row.kind == PAGE_KIND or row.subject_kind == "delegation") and request.protocol == 1:
            if items:
                break
            # An older desk could neither read nor keep it, and must not think that it has everything.
            raise Refusal("desk_outdated", protocol=request.protocol)
        carried = _carried(connection, request, row, held, values.get(row.hash))
        size += len(row.body) + sum(map(len, carried.values()))
        if items and size > FEED_BYTES:
            break
        items.append(_item(row, request.protocol) | carried)
    return items


def _held(request: Request) -> frozenset[str]:
    """Return the pages that the desk says it has; what it says wrongly is its own loss."""
    held = request.payload.get("held", [])
    known = isinstance(held, list) and len(held) <= MOST_HELD and all(isinstance(page, str) for page in held)
    if not known:
        raise Refusal("envelope_malformed")
    return frozenset(held)


def _own_part(connection: Connection, request: Request) -> Callable[[Any], bool]:
    """Return what tells whether the desk made a row's action itself and says that it still holds it.

    It names an action of its chain that stands here. Whoever holds that holds the same ones before it, too:
    each names its predecessor by its hash.
    """
    desk, table, own = request.desk, tables.action, request.payload.get("own", "")
    if not isinstance(own, str):
        raise Refusal("envelope_malformed")
    query = select(table.c.body).where(table.c.office == desk.office, table.c.hash == own)
    body = connection.execute(query).scalar() if own and "\0" not in own else None
    newest = json.loads(body) if body else {"device": ""}
    if newest["device"] != desk.device:
        return lambda row: False

    def mine(row: Any) -> bool:
        made = json.loads(row.body)
        chain = (made["device"], made["device_epoch"])
        return chain == (desk.device, newest["device_epoch"]) and bool(made["seq"] <= newest["seq"])

    return mine


def _carried(
    connection: Connection,
    request: Request,
    row: Any,
    held: frozenset[str],
    private: dict[str, Salted] | None,
) -> dict[str, str]:
    hub, desk = request.hub, request.desk
    if row.kind == PAGE_KIND and row.hash in held:
        return {"sealed": ""}
    if row.kind == PAGE_KIND:
        return feed_part(hub, connection, desk.office, row.hash, desk.exchange_key)
    return {"sealed": seal_private(private, desk.exchange_key, row.hash, hub.random) if private else ""}


def _item(row: Any, protocol: int) -> Payload:
    item: Payload = {
        "position": row.position,
        "action": json.loads(row.body),
        "algorithm": row.algorithm,
        "signature": row.signature,
    }
    if protocol > 1:  # the log's leaves are made of it
        item["recorded_at"] = row.recorded_at
    return item
