"""How often a department may ask: counted in the database, exact to the last request, over restarts too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, select, update

from core.clock import china_date
from hub.engine import insert_new
from hub.party_profile import Budget
from hub.party_tables import party_budget
from hub.setup import Hub
from hub.tables import PROVINCE


def windows(now: datetime) -> tuple[int, int]:
    """Return the minute since 1970 and the day of China's calendar that ``now`` lies in, as numbers."""
    return int(now.timestamp()) // 60, china_date(now).toordinal()


def take(hub: Hub, connection: Connection, party: str, function: str, budget: Budget) -> str | None:
    """Count one request; return the window that is used up already (``minute``, ``day``), else None.

    What is over the budget is not counted and changes nothing. The row is this department's and function's
    alone; requests queue up behind it until they are answered.
    """
    minute, day = windows(hub.clock())
    table = party_budget
    key = {"office": PROVINCE, "party": party, "function": function}
    mine = [table.c[name] == value for name, value in key.items()]
    in_minute = case((table.c.minute == minute, table.c.minute_used), else_=0)
    in_day = case((table.c.day == day, table.c.day_used), else_=0)
    count = (
        update(table)
        .where(*mine, in_minute < budget.minute, in_day < budget.day)
        .values(minute=minute, minute_used=in_minute + 1, day=day, day_used=in_day + 1)
    )
    if _counted(connection, count):
        return None
    first = {**key, "minute": minute, "minute_used": 0, "day": day, "day_used": 0}
    insert_new(connection, table, first)
    if _counted(connection, count):
        return None
    spent = connection.execute(select(table.c.day, table.c.day_used).where(*mine)).one()
    return "day" if spent.day == day and spent.day_used >= budget.day else "minute"


def _counted(connection: Connection, statement: object) -> bool:
    done = connection.execute(statement, execution_options={"preserve_rowcount": True})  # type: ignore[call-overload]
    return bool(done.rowcount == 1)


def used_today(connection: Connection, now: datetime) -> dict[tuple[str, str], int]:
    """Return how much of the day's budgets was used, by department and function."""
    _, day = windows(now)
    rows = connection.execute(
        select(party_budget).where(party_budget.c.office == PROVINCE, party_budget.c.day == day)
    )
    return {(row.party, row.function): int(row.day_used) for row in rows}
