"""What is past its time goes a little with each new row, and what is not costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Column, Connection, Engine, Table, event, func, insert, select

from hub.clearing import CLEARED, clear_old
from hub.delegation_tables import shown_presentation
from hub.party_tables import party_request
from hub.tables import PROVINCE, used_nonce
from tests.hub.conftest import Station

KEYS: dict[Table, Column[str]] = {
    used_nonce: used_nonce.c.nonce,
    shown_presentation: shown_presentation.c.ref,
    party_request: party_request.c.jti,
}
MORE: dict[Table, dict[str, object]] = {shown_presentation: {"sealed": b"x"}, party_request: {"party": "p"}}


@contextmanager
def deletes() -> Iterator[list[str]]:
    """Collect every DELETE that is sent."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("DELETE"):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def fill(connection: Connection, table: Table, key: str, ends: range) -> None:
    more = (
        {"party": "p"} if table is party_request else {"sealed": b"x"} if table is shown_presentation else {}
    )
    rows = [{"office": PROVINCE, key: f"row-{end}", "expires_at": end, **more} for end in ends]
    connection.execute(insert(table), rows)


@pytest.mark.parametrize("table", KEYS, ids=lambda table: table.name)
def test_a_hundred_at_a_time_and_nothing_is_deleted_that_lives(station: Station, table: Table) -> None:
    key = KEYS[table]
    mine = [table.c.office == PROVINCE] + ([table.c.party == "p"] if table is party_request else [])
    count = select(func.count()).select_from(table).where(*mine)
    with pytest.raises(ZeroDivisionError), station.hub.database.write() as connection:
        connection.execute(table.delete())
        fill(connection, table, key.name, range(1000, 1000 + 2 * CLEARED + 30))
        left = []
        with deletes() as sent:
            for now in (1000, 1000 + CLEARED + 20, 5000, 5000, 5000):
                clear_old(connection, key, table.c.expires_at < now, *mine)
                left.append(connection.execute(count).scalar_one())
        assert left == [230, 130, 30, 0, 0]
        assert len(sent) == 3, "asked for nothing where nothing is old: that cost a verification 35 ms"
        raise ZeroDivisionError  # the session's hub stays as it was
