"""What is past its time is cleared away, a little with every new row: it never piles up, and nobody waits."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, delete, select

from hub.bulk import among

CLEARED: Final = 100
"""Rows cleared with each that is added: more than one, so that they never pile up."""


def clear_old(
    connection: Connection, key: Column[Any], old: ColumnElement[bool], *mine: ColumnElement[bool]
) -> None:
    """Delete rows among ``mine`` that are ``old``, named by ``key`` there; at most :data:`CLEARED`.

    Where the rows are the whole province's, what another transaction is clearing away is left to it.
    """
    # Looked up first: as a subquery of the DELETE, PostgreSQL asks it anew for each row that is not old.
    found = select(key).where(*mine, old).limit(CLEARED).with_for_update(skip_locked=True)
    gone = connection.execute(found).scalars().all()
    if gone:
        connection.execute(delete(key.table).where(*mine, among(connection, key, gone)))
