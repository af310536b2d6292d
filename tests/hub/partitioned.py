"""Turning a hub's tables into partitioned ones, by SQL alone: what an operator would run (docs/scale.md)."""

from __future__ import annotations

from sqlalchemy import Connection

from hub import schema

PARTS = 8


def partition(connection: Connection, name: str, offices: tuple[str, ...] = ()) -> None:
    """Partition a table by office: hash into eight, or a list partition per office and one for the rest.

    Rows, columns, keys and indexes stay as they are: PostgreSQL copies them and would refuse a unique key
    without the office.
    """
    table, way = f'"{name}"', "LIST" if offices else "HASH"
    run = connection.exec_driver_sql
    run(f'ALTER TABLE {table} RENAME TO "{name}_plain"')
    run(f'CREATE TABLE {table} (LIKE "{name}_plain" INCLUDING ALL) PARTITION BY {way} (office)')
    if offices:
        for number, office in enumerate(offices):
            run(f"CREATE TABLE \"{name}_o{number}\" PARTITION OF {table} FOR VALUES IN ('{office}')")
        run(f'CREATE TABLE "{name}_rest" PARTITION OF {table} DEFAULT')
    else:
        for number in range(PARTS):
            rest = f"FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {number})"
            run(f'CREATE TABLE "{name}_h{number}" PARTITION OF {table} {rest}')
    run(f'INSERT INTO {table} SELECT * FROM "{name}_plain"')
    run(f'DROP TABLE "{name}_plain"')


def partition_all(connection: Connection, offices: tuple[str, ...] = ()) -> list[str]:
    """Partition every table of the hub; returns their names."""
    names = [table.name for table in schema.metadata.sorted_tables]
    for name in names:
        partition(connection, name, offices)
    return names
