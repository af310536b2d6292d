"""What one day brought, counted from the record itself for the closing sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from core.store import tables as t


@dataclass(frozen=True)
class DayCounts:
    """Actions made between two moments: ``standing`` by kind (not refused), ``refused`` by the hub."""

    standing: Mapping[str, int]
    refused: int


def count_day(connection: Connection, start: str, end: str) -> DayCounts:
    """Count what was done from ``start`` up to but not including ``end`` (UTC stamps)."""
    rows = connection.execute(
        select(t.action.c.kind, t.receipt.c.verdict, func.count().label("count"))
        .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
        .where(t.action.c.at >= start, t.action.c.at < end)
        .group_by(t.action.c.kind, t.receipt.c.verdict)
    ).all()
    standing: dict[str, int] = {}
    refused = 0
    for row in rows:
        if row.verdict == "rejected":
            refused += row._mapping["count"]
        else:
            standing[row.kind] = standing.get(row.kind, 0) + row._mapping["count"]
    return DayCounts(standing, refused)
