"""Thousands of rows, or questions about thousands of keys, in one statement on either database.

PostgreSQL takes rows by COPY, on the same connection and in the same transaction as everything else, and a
list of keys as one array; SQLite takes prepared statements and the list as one piece of JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Connection, Table, cast, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]

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
    copy_text(connection, table, ["\n".join(lines) + "\n"])


def copy_text(connection: Connection, table: Table, texts: Iterable[str]) -> None:
    """Insert rows given in COPY's text format, values escaped already. PostgreSQL only.

    It takes in each text while the next one is being made.
    """
    names = ", ".join(column.name for column in table.columns)
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for text in texts:
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


def is_sqlite(connection: Connection) -> bool:
    """Tell which of the two databases this is."""
    return connection.dialect.name == "sqlite"


def among(connection: Connection, column: Column[str], values: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``values``."""
    wanted = [value for value in values if "\x00" not in value]  # no row can hold one
    if is_sqlite(connection):
        listed = func.json_each(json.dumps(wanted)).table_valued("value")
        return column.in_(select(listed.c.value))
    # The array is spelled out here: the driver takes as long for each of its values as for a statement.
    joined = "\0".join(wanted).replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
    listed_text = f'{{"{joined}"}}' if wanted else "{}"
    # Not = ANY(array): on a table without statistics it is tried on every row of the office, value by value.
    return column.in_(select(func.unnest(cast(literal(listed_text), ARRAY(column.type)))))


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows none of whose keys is taken; raises the database's ``IntegrityError`` if one is."""
    if not rows:
        return
    names = [column.name for column in table.columns]
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    lines = list(map(itemgetter(*names), rows))
    if is_sqlite(connection):
        marks = ", ".join("?" for _ in names)
        connection.exec_driver_sql(f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})", lines)
        return
    driver: Any = connection.connection.driver_connection  # COPY is psycopg's own
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as copy,
    ):
        for line in lines:
            copy.write_row(line)


def insert_new_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, leaving out those one of whose keys is taken."""
    if rows:
        statement = (sqlite if is_sqlite(connection) else postgresql).insert(table)
        connection.execute(statement.on_conflict_do_nothing(), list(rows))


def put_rows(
    connection: Connection, table: Table, rows: Sequence[Row], changing: Iterable[str] | None = None
) -> None:
    """Insert rows; where the primary key is there already, change the row's other columns.

    ``changing`` names those that are changed, all of them by default; what is None is left as it was.
    """
    if not rows:
        return
    statement = (sqlite if is_sqlite(connection) else postgresql).insert(table)
    key = [column.name for column in table.primary_key.columns]
    names = [column.name for column in table.columns if column.name not in key]
    changed = {name: func.coalesce(statement.excluded[name], table.c[name]) for name in changing or names}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), list(rows))
