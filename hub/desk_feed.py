"""The feed: what an office's ledger holds after a position, sealed anew to the desk that asks."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from core.errors import Refusal
from core.sync.envelope import BATCH_LIMITS, seal_private
from hub import tables
from hub.desk_handler import Payload, Request
from hub.log import checkpoint

FEED_BYTES = 4 * 1024 * 1024


def give_page(request: Request) -> Payload:
    """Answer ``feed`` with items after position ``after``; ``next`` is the ``after`` of the next request.

    A page is cut short at four megabytes, so only an empty one is the end. Raises
    ``Refusal('envelope_malformed')``.
    """
    most = BATCH_LIMITS[request.protocol]
    after, limit = request.payload.get("after"), request.payload.get("limit", most)
    if type(after) is not int or type(limit) is not int or not 0 <= after < 2**53 or limit < 1:
        raise Refusal("envelope_malformed")
    with request.hub.database.read() as connection:
        items = _items(connection, request, after, min(limit, most))
        # After the page: where a look is not one moment the head may be newer, never older.
        note = checkpoint(connection, request.desk.office) if request.protocol > 1 else ""
    return {
        **({"log": {"checkpoint": note}} if note else {}),
        "items": items,
        "next": items[-1]["position"] if items else after,
    }


def _items(connection: Connection, request: Request, after: int, limit: int) -> list[Payload]:
    table, size = tables.action, 0
    rows = connection.execute(
        select(table)
        .where(table.c.office == request.desk.office, table.c.position > after)
        .order_by(table.c.position)
        .limit(limit)
    )
    items: list[Payload] = []
    for row in rows.all():
        sealed = _reseal(connection, request, row.hash)
        size += len(row.body) + len(sealed)
        if items and size > FEED_BYTES:
            break
        items.append(_item(row, sealed, request.protocol))
    return items


def _reseal(connection: Connection, request: Request, action_hash: str) -> str:
    hub, desk = request.hub, request.desk
    private = hub.sealed.get(connection, desk.office, action_hash)
    return seal_private(private, desk.exchange_key, action_hash, hub.random) if private else ""


def _item(row: Any, sealed: str, protocol: int) -> Payload:
    item: Payload = {
        "position": row.position,
        "action": json.loads(row.body),
        "algorithm": row.algorithm,
        "signature": row.signature,
        "sealed": sealed,
    }
    if protocol > 1:  # the log's leaves are made of it
        item["recorded_at"] = row.recorded_at
    return item
