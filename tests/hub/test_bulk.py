"""Bulk statements on both databases: odd values find themselves only, rows come back as they went."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlcipher3
from sqlalchemy import Connection, create_engine, select

from hub import tables
from hub.bulk import among, found_among, insert_new_rows, insert_rows, put_rows

ODD = [
    "a",
    'b"c',
    "d\\e",
    "",
    "{x}",
    "n'ull",
    "NULL",
    "ü,é",
    '\\"',
    "tab\t",
    "line\nend\r",
    "\\N",
    "\\.",
    "𬱖",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest) -> Iterator[Connection]:
    if request.param == "sqlite":
        engine = create_engine("sqlite://", module=sqlcipher3)
    else:
        engine = create_engine(request.getfixturevalue("make_postgres")())
    tables.metadata.create_all(engine)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def subjects(connection: Connection, office: str = "o") -> dict[str, str]:
    table = tables.erasure
    rows = connection.execute(select(table).where(table.c.office == office))
    return {row.subject: row.at for row in rows}


def rows(values: list[str], at: str = "1") -> list[dict[str, str]]:
    return [{"office": "o", "subject": value, "at": at} for value in values]


def test_odd_values_come_back_as_they_went(connection: Connection) -> None:
    insert_rows(connection, tables.erasure, rows(ODD))
    assert set(subjects(connection)) == set(ODD)


def test_bytes_and_what_is_empty_come_back_as_they_went(connection: Connection) -> None:
    table, sealed = tables.private_value, [bytes(range(256)), b"", b"\\x00", b"\\"]
    lines = [
        {"office": "o", "action_hash": str(place), "subject": "s", "sealed": blob}
        for place, blob in enumerate(sealed)
    ]
    insert_rows(connection, table, lines)
    found = connection.execute(select(table.c.sealed).order_by(table.c.action_hash))
    assert [bytes(row.sealed) for row in found] == sealed


@pytest.mark.parametrize("value", [*ODD, "never there"])
def test_a_value_finds_itself_alone(connection: Connection, value: str) -> None:
    insert_rows(connection, tables.erasure, rows(ODD))
    column = tables.erasure.c.subject
    for wanted in ([value], [value, value, "a\x00b", "absent"]):
        found = connection.execute(select(column).where(among(connection, column, wanted))).scalars().all()
        assert found == [each for each in ODD if each == value]
        assert found_among(connection, tables.erasure, "subject", "o", [value]) == set(found)


def test_all_and_none_are_found(connection: Connection) -> None:
    insert_rows(connection, tables.erasure, rows(ODD))
    column = tables.erasure.c.subject
    assert set(connection.execute(select(column).where(among(connection, column, ODD))).scalars()) == set(ODD)
    assert not connection.execute(select(column).where(among(connection, column, []))).all()


def test_what_is_taken_is_left_or_changed_as_asked(connection: Connection) -> None:
    insert_rows(connection, tables.erasure, rows(["a", "b"], "1"))
    insert_new_rows(connection, tables.erasure, rows(["b", "c"], "2"))
    assert subjects(connection) == {"a": "1", "b": "1", "c": "2"}
    put_rows(connection, tables.erasure, rows(["c", "d"], "3"))
    assert subjects(connection) == {"a": "1", "b": "1", "c": "3", "d": "3"}


def test_only_the_named_columns_change_and_nothing_is_emptied(connection: Connection) -> None:
    table = tables.case_view
    first = {"office": "o", "case": "c", "unit": "u", "form": "f", "lifecycle": "filed"}
    put_rows(connection, table, [first])
    put_rows(connection, table, [{**first, "unit": "v", "lifecycle": "approved"}], changing=["unit"])
    assert connection.execute(select(table)).mappings().one() == {**first, "unit": "v"}
