"""The schema: migrations make what the code believes in, and older databases come along whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

import hub
from core.canonical import canonical, digest
from core.clock import from_stamp
from core.errors import EnvironmentFault
from core.ids import system_random
from core.keys.signer import SoftwareSigner
from core.sync.envelope import unwrap, wrap
from hub import schema, tables
from hub.app import build
from hub.engine import open_database
from hub.migrations.versions import m0001_schema
from hub.setup import init, open_hub
from tests.asgi import post

KEY = bytes(range(32))
DATA = Path(__file__).parent / "data"
MIGRATIONS = Path(hub.schema.__file__).parent / "migrations"
OLD: dict[str, Any] = json.loads((DATA / "issue2-hub.json").read_text("utf-8"))
OLD_KEY = bytes.fromhex(OLD["key"])


@pytest.fixture(params=["sqlite", "postgresql"])
def make_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Addresses of empty databases."""
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path / name}.db"
    make = request.getfixturevalue("make_postgres")
    return lambda _name: make()


def shape(connection: Connection) -> set[tuple[str, ...]]:
    """Everything the database knows of its tables, as comparable lines."""
    look, found = inspect(connection), set()
    for table in look.get_table_names():
        if table == schema.VERSION_TABLE:
            continue
        for column in look.get_columns(table):
            found.add((table, "column", column["name"], str(column["type"]), str(column["nullable"])))
        found.add((table, "primary", *look.get_pk_constraint(table)["constrained_columns"]))
        found |= {(table, "unique", *key["column_names"]) for key in look.get_unique_constraints(table)}
        for index in look.get_indexes(table):
            found.add(
                (table, "index", str(index["name"]), str(index["unique"]), *map(str, index["column_names"]))
            )
        found |= {(table, "foreign", str(key)) for key in look.get_foreign_keys(table)}
    return found


def test_the_revision_this_program_writes_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [schema.HEAD]
    assert [each.revision for each in script.walk_revisions()][-1] == schema.FIRST


def test_the_migrations_make_what_the_code_believes_in(make_url: Callable[[str], str]) -> None:
    migrated, believed = open_database(make_url("a"), KEY), open_database(make_url("b"), KEY)
    migrated.create()
    with believed.write() as connection:
        schema.metadata.create_all(connection)
        wanted = shape(connection)
    with migrated.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
        assert shape(connection) == wanted
        assert len(wanted) > 100
    migrated.close()
    believed.close()


def test_every_module_of_tables_is_part_of_the_schema() -> None:
    found = {path.stem for path in Path(hub.schema.__file__).parent.glob("*tables.py")}
    text = Path(schema.__file__).read_text("utf-8")
    assert {name for name in found if f"hub.{name}" not in text and name not in text} == set()


# --- an issue-2 database --------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The hub that the first release left: enrolled, one case approved, claimed, no revision."""
    path = tmp_path / "hub.db"
    shutil.copy2(DATA / "issue2-hub.db", path)
    if request.param == "sqlite":
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("make_postgres")()
    before, after = open_database(f"sqlite:///{path}", OLD_KEY), open_database(url, OLD_KEY)
    with before.read() as reading, after.write() as writing:
        for statement in m0001_schema._TABLES.replace("BINARY", "BYTEA").split(";;"):
            writing.exec_driver_sql(statement)
        kept = inspect(reading).get_table_names()
        for table in schema.metadata.sorted_tables:
            rows = reading.execute(select(table)).mappings().all() if table.name in kept else []
            if rows:
                writing.execute(table.insert(), [dict(row) for row in rows])
    before.close()
    after.close()
    return url


@pytest.fixture
def old(old_url: str) -> Iterator[hub.setup.Hub]:
    opened = open_hub(old_url, OLD_KEY, lambda: from_stamp(OLD["now"]))
    yield opened
    opened.database.close()


def test_a_hub_of_the_first_release_is_opened_and_brought_up_to_date(old: hub.setup.Hub) -> None:
    with old.database.read() as connection:
        assert schema.revision(connection) == schema.HEAD
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    assert old.signer.public_bytes().hex() == OLD["hub_key"]


def test_it_still_answers_its_desk_and_takes_what_waits_there(old: hub.setup.Hub) -> None:
    signer = SoftwareSigner.from_seed(bytes.fromhex(OLD["device_seed"]))

    def ask(path: str, kind: str, **fields: Any) -> dict[str, Any]:
        head = {"type": kind, "protocol": 1, "office": OLD["office"], "device": OLD["device"]}
        tail = {"sent_at": OLD["now"], "nonce": system_random(16).hex()}
        status, body = post(build(old), path, wrap({**head, **tail, **fields}, signer))
        assert status == 200, body
        opened = unwrap(body)
        assert opened.verify(old.signer.public_bytes())
        return opened.payload

    feed = ask("/api/v1/feed", "feed", after=0, limit=500)["items"]
    assert [digest("action/1", canonical(item["action"])).hex() for item in feed] == OLD["feed"]
    receipts = ask("/api/v1/actions", "actions", device_epoch=OLD["epoch"], actions=OLD["pending"])[
        "receipts"
    ]
    assert [receipt["verdict"] for receipt in receipts] == ["recorded"]
    assert receipts[0]["position"] == len(OLD["feed"]) + 1


def test_the_file_is_copied_aside_before_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    shutil.copy2(DATA / "issue2-hub.db", path)
    open_hub(f"sqlite:///{path}", OLD_KEY).database.close()
    copies = list(tmp_path.glob("hub.db.schema-0001-*"))
    assert len(copies) == 1
    copy = open_database(f"sqlite:///{copies[0]}", OLD_KEY)
    with copy.read() as connection:
        assert schema.revision(connection) == "0001"
        assert not inspect(connection).has_table(schema.VERSION_TABLE)
        rows = connection.execute(select(tables.action.c.hash).order_by(tables.action.c.position)).scalars()
        assert list(rows) == OLD["feed"]
    copy.close()
    # Opened again it is up to date: nothing more is copied.
    open_hub(f"sqlite:///{path}", OLD_KEY).database.close()
    assert list(tmp_path.glob("hub.db.schema-0001-*")) == copies


def test_a_migration_that_fails_leaves_everything_as_it_was(
    old_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last revision wanted does not exist: what the ones before it did is taken back as well."""
    monkeypatch.setattr(schema, "HEAD", "0999")
    with pytest.raises(Exception, match="0999"):
        open_hub(old_url, OLD_KEY)
    database = open_database(old_url, OLD_KEY)
    with database.read() as connection:
        assert not inspect(connection).has_table(schema.VERSION_TABLE)
        assert schema.revision(connection) == "0001"
    database.close()


def test_a_newer_database_is_refused_and_left_as_it_is(
    make_url: Callable[[str], str], tmp_path: Path
) -> None:
    url = make_url("hub")
    made = init(url, "https://hub.example", tmp_path / "root.pem", KEY, True)
    with made.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    made.database.close()
    for attempt in (lambda: open_hub(url, KEY), lambda: init(url, made.issuer, tmp_path / "r", KEY, True)):
        with pytest.raises(EnvironmentFault, match="database_newer") as told:
            attempt()
        assert told.value.params == {"revision": "9999"}
    assert not (tmp_path / "r").exists()
    assert not list(tmp_path.glob("*.schema-*"))


def test_two_programs_that_open_an_older_database_at_once_both_succeed(old_url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_hub(old_url, OLD_KEY), range(4)))
    for each in opened:
        with each.database.read() as connection:
            assert schema.revision(connection) == schema.HEAD
            assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
        each.database.close()
