"""What keeps partitions, replicas and distributed databases open (docs/scale.md).

Every key starts with the office, and nothing of PostgreSQL's own is leant on. Held against the sources and
against the database that the migrations make.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from hub import schema
from hub.engine import open_database

HUB = Path(schema.__file__).parent
TRICKS = {
    "extension": r"create\s+extension",
    "advisory lock": r"advisory",
    "transaction id": r"txid_|pg_current_xact|pg_snapshot|pg_visible_in|\bxmin\b|\bxmax\b",
    "physical place": r"\bctid\b",
    "sequence": r"\bbigserial\b|\bserial\s+primary|nextval|setval|create\s+sequence|\b(Sequence|Identity)\(",
    "notification": r"\bpg_notify\b|(?-i:\bNOTIFY\s)",
    "table lock": r"\block\s+table\b",
    "trigger": r"create\s+(or\s+replace\s+)?(trigger|function|procedure)",
    "unlogged": r"\bunlogged\b|create\s+temp",
}


def tricks(source: str) -> set[str]:
    """Name what a source leans on."""
    return {name for name, pattern in TRICKS.items() if re.search(pattern, source, re.IGNORECASE)}


def test_the_hub_leans_on_nothing_of_postgresqls_own() -> None:
    sources = sorted(HUB.rglob("*.py"))
    assert len(sources) > 40
    assert {path.name: found for path in sources if (found := tricks(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "CREATE EXTENSION pg_trgm",
        "select pg_advisory_xact_lock(1)",
        "where xmin::text = '1'",
        "select txid_current()",
        "id BIGSERIAL PRIMARY KEY",
        "Column('id', Integer, Identity())",
        "NOTIFY news, 'x'",
        "lock table action",
        "create or replace function f()",
        "CREATE TEMP TABLE t (a int)",
    ],
)
def test_a_trick_trips_the_rule(source: str) -> None:
    assert tricks(source)


def test_the_database_holds_tables_and_indexes_only(postgres_url: str) -> None:
    database = open_database(postgres_url, bytes(32))
    database.create()
    mine = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
    with database.read() as connection:
        kinds = connection.execute(
            text(
                "SELECT DISTINCT c.relkind::text FROM pg_class c"
                f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {mine}"
            )
        )
        assert set(kinds.scalars()) == {"r", "i"}
        assert list(connection.execute(text("SELECT extname FROM pg_extension")).scalars()) == ["plpgsql"]
        for catalogue in ("pg_trigger", "pg_event_trigger", "pg_publication"):
            assert connection.execute(text(f"SELECT count(*) FROM {catalogue}")).scalar_one() == 0
        own = connection.execute(
            text(f"SELECT count(*) FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE {mine}")
        )
        assert own.scalar_one() == 0
    database.close()


def test_every_primary_and_unique_key_of_the_database_starts_with_the_office(postgres_url: str) -> None:
    """Read from the catalogue, so that an index made by a migration alone is seen as well."""
    database = open_database(postgres_url, bytes(32))
    database.create()
    query = text(
        "SELECT t.relname, i.relname, a.attname FROM pg_index x"
        " JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid"
        " JOIN pg_namespace n ON n.oid = t.relnamespace"
        " LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]"
        " WHERE x.indisunique AND n.nspname = current_schema()"
    )
    with database.read() as connection:
        keys = connection.execute(query).all()
    database.close()
    assert len({key[0] for key in keys}) == len(schema.metadata.tables) + 1
    assert {tuple(key) for key in keys if key[2] != "office"} == {
        ("alembic_version", "alembic_version_pkc", "version_num")
    }
