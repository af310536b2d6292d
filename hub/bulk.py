"""Thousands of rows, or questions about thousands of keys, in one statement on either database.

PostgreSQL takes rows by COPY, on the same connection and in the same transaction as everything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows whose values (texts and whole numbers) stand in the table's order of columns."""
    names = ", ".join(column.name for column in table.columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" for _ in table.columns)
        sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"
        connection.exec_driver_sql(sql, [tuple(row) for row in rows])
        return
    lines = ("\t".join([str(value).translate(_ESCAPES) for value in row]) for row in rows)
    copy_text(connection, table, "\n".join(lines) + "\n")


def copy_text(connection: Connection, table: Table, text: str) -> None:
    """Insert rows given in COPY's text format, values escaped already. PostgreSQL only."""
    names = ", ".join(column.name for column in table.columns)
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        copy.write(text)


def found_among(
    connection: Connection, table: Table, column: str, office: str, values: Sequence[str]
) -> set[str]:
    """Return which of ``values`` stand in a column of the office's rows."""
    select = f"SELECT {column} FROM {table.name} WHERE office ="
    if connection.dialect.name == "sqlite":
        given: tuple[Any, ...] = (office, json.dumps(list(values)))
        rows = connection.exec_driver_sql(
            f"{select} ? AND {column} IN (SELECT value FROM json_each(?))", given
        )
    else:
        rows = connection.exec_driver_sql(f"{select} %s AND {column} = ANY(%s)", (office, list(values)))
    return {str(row[0]) for row in rows}
