"""The file: its key, its durability, its schema, and every way a disk can fail us, each with its name."""

from __future__ import annotations

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import core.store
from core.errors import EnvironmentFault
from core.ids import system_random
from core.store import tables as t
from core.store.engine import HEAD, make_engine, naming_faults
from core.store.unit_of_work import Store
from tests.core.services.office_kit import MovableClock, SeededRandom
from tests.core.store.store_kit import KEY, append, open_store, unit_facts

MIGRATIONS = Path(core.store.__file__).parent / "migrations"


def _filled(folder: Path, count: int = 40) -> Path:
    store = open_store(folder)
    with store.begin() as uow:
        for number in range(count):
            values = unit_facts(f"演练单位{number}", f"1246{number:014d}", purpose="事业" * 200)
            append(uow, ("unit", f"u{number}"), "unit_registered", values, {"representative_name": "演甲"})
    store.close()
    return store.path


def _open(path: Path, key: bytes = KEY) -> Store:
    return Store(path, key, MovableClock(), SeededRandom(1), path.parent / "backups")


# --- schema ---------------------------------------------------------------------------------------


def _folded(sql: str) -> str:
    return " ".join(sql.split()).replace("( ", "(").replace(" )", ")")


def test_the_migrations_make_what_the_code_believes_in(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.read() as uow:
        context = MigrationContext.configure(
            uow.connection,
            opts={"include_object": lambda _o, name, kind, *_: not (kind == "table" and _foreign(name))},
        )
        assert compare_metadata(context, t.metadata) == []
        rows = uow.connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = {str(row[0]): _folded(str(row[1])) for row in rows}
        search = uow.connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'unit_search'")
        assert _folded(str(search.scalar())) == _folded(t.UNIT_SEARCH_DDL)
    assert triggers == dict(zip(t.guard_names(), map(_folded, t.guard_ddl()), strict=True))
    store.close()


def _foreign(name: str | None) -> bool:
    return str(name).startswith(("unit_search", "alembic_version", "sqlite_"))


def test_the_migrations_make_every_index_and_constraint_of_the_code(tmp_path: Path) -> None:
    made, believed = open_store(tmp_path / "a"), tmp_path / "b.db"
    engine = make_engine(believed, KEY)
    t.metadata.create_all(engine)
    found = []
    with made.read() as uow, engine.connect() as other:
        for connection in (uow.connection, other):
            shape = set()
            for table in t.metadata.tables:
                for pragma in ("table_info", "foreign_key_list"):
                    rows = connection.exec_driver_sql(f'PRAGMA {pragma}("{table}")')
                    shape |= {(table, pragma, *map(str, row[1:6])) for row in rows.all()}
                for index in connection.exec_driver_sql(f'PRAGMA index_list("{table}")').all():
                    columns = connection.exec_driver_sql(f'PRAGMA index_info("{index[1]}")').all()
                    shape.add((table, "index", str(index[2]), *(str(column[2]) for column in columns)))
            found.append(shape)
    assert found[0] == found[1]
    engine.dispose()
    made.close()


def test_the_revision_this_program_writes_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_newer_schema_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = _filled(tmp_path)
    with _open(path).begin() as uow:
        uow.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(EnvironmentFault) as told:
        _open(path)
    assert told.value.code == "database_newer" and told.value.params == {"revision": "9999"}
    assert path.read_bytes() == before and not (tmp_path / "backups").exists()


def test_before_a_migration_the_file_is_copied_aside(tmp_path: Path) -> None:
    path = _filled(tmp_path)
    store = _open(path)
    with store.begin() as uow:  # make it look like the revision before the first
        uow.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    store.close()
    # No migration leads from 0000, so the upgrade fails: the copy must exist all the same, whole.
    with pytest.raises(Exception, match="0000"):
        _open(path)
    copies = list((tmp_path / "backups").glob("before-migration-0000-*.db"))
    assert len(copies) == 1
    shutil.copy2(copies[0], tmp_path / "copy.db")
    engine = make_engine(tmp_path / "copy.db", KEY)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM action").scalar() == 40
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0000"
    engine.dispose()


def test_a_schema_half_made_by_a_killed_program_never_exists(tmp_path: Path) -> None:
    """Killed inside the first migration, the next start begins from nothing and succeeds."""
    program = (
        "import os, sys, signal; from alembic import op; from pathlib import Path;"
        "from tests.core.store.store_kit import open_store;"
        "real = op.execute; seen = [];"
        "f = lambda s: (seen.append(s), len(seen) == 9 and os.kill(os.getpid(), signal.SIGKILL), real(s));"
        "op.execute = f; open_store(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    open_store(tmp_path).close()


# --- durability -----------------------------------------------------------------------------------


def test_every_connection_is_wal_and_full(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    modes = []

    def look() -> None:
        with store.read() as uow:
            pragma = uow.connection.exec_driver_sql
            modes.append(
                tuple(
                    str(pragma(f"PRAGMA {name}").scalar())
                    for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "temp_store")
                )
            )
            barrier.wait(10)

    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert modes == [("wal", "2", "1", "1", "2")] * 4
    store.close()


def test_writers_in_many_threads_lose_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)

    def work(number: int) -> None:
        for step in range(10):
            with store.begin() as uow:
                append(uow, ("unit", f"u{number}-{step}"), "unit_registered", unit_facts("甲"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as uow:
        chain = list(uow.ledger.chain())
    assert [signed.action.seq for signed in chain] == list(range(1, 41))
    store.close()


def test_an_exception_leaves_nothing_behind(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(KeyboardInterrupt), store.begin() as uow:
        append(uow, ("unit", "u"), "unit_registered", unit_facts("甲"))
        uow.set_meta("x", "1")
        raise KeyboardInterrupt
    with store.read() as uow:
        assert list(uow.ledger.chain()) == [] and uow.find_meta("x") is None
        uow.set_meta("x", "thrown away")
    with store.read() as uow:
        assert uow.find_meta("x") is None
    store.close()


# --- secrecy and damage ---------------------------------------------------------------------------


def test_the_file_is_encrypted_and_its_key_is_needed(tmp_path: Path) -> None:
    path = _filled(tmp_path)
    data = path.read_bytes()
    assert b"SQLite format 3" not in data and "演练单位".encode() not in data
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(path).execute("SELECT * FROM sqlite_master")
    with pytest.raises(EnvironmentFault, match="database_key_wrong"):
        _open(path, bytes(32))
    assert path.read_bytes() == data


def _flips(size: int) -> list[int]:
    random = __import__("random").Random(20261123)
    return sorted({random.randrange(size) for _ in range(60)} | {0, 20, size - 1})


def test_any_flipped_bit_is_found_before_a_record_is_shown(tmp_path: Path) -> None:
    path = _filled(tmp_path)
    good = path.read_bytes()
    flips = _flips(len(good))
    assert len({place // 4096 for place in flips}) > 15  # many pages
    found = 0
    for place in flips:
        damaged = bytearray(good)
        damaged[place] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        with pytest.raises(EnvironmentFault) as told:
            store = _open(path)
            try:
                store.verify()
            finally:
                store.close()
        assert told.value.code in {"database_damaged", "database_key_wrong"}, place
        found += 1
    path.write_bytes(good)
    store = _open(path)
    store.verify()  # the control: undamaged, it passes
    store.close()
    assert found == len(flips)


@pytest.mark.parametrize("keep", [0, 100, 4096, 20_000])
def test_a_cut_file_is_named_damaged_or_is_plainly_empty(tmp_path: Path, keep: int) -> None:
    path = _filled(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    if keep == 0:
        store = _open(path)  # nothing left to find: the office's facts are missing, which a session says
        with store.read() as uow:
            assert uow.find_meta("office") is None
        store.close()
        return
    with pytest.raises(EnvironmentFault) as told:
        store = _open(path)
        store.verify()
    assert told.value.code in {"database_damaged", "database_key_wrong"}


# --- disk -----------------------------------------------------------------------------------------


def test_a_full_database_says_disk_full_and_keeps_what_was_there(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.begin() as uow:
        append(uow, ("unit", "u0"), "unit_registered", unit_facts("甲"))
    with store.read() as uow:
        pages = int(uow.connection.exec_driver_sql("PRAGMA page_count").scalar() or 0)
    with pytest.raises(EnvironmentFault, match="disk_full"), store.begin() as uow:
        uow.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
        for number in range(1, 200):
            append(uow, ("unit", f"u{number}"), "unit_registered", unit_facts("乙" * 500))
    store.verify()
    with store.read() as uow:
        assert len(list(uow.ledger.chain())) == 1
    store.close()


_FILL = """
import resource, signal, sys
from pathlib import Path
from core.errors import EnvironmentFault
from tests.core.store.store_kit import append, open_store, unit_facts
store = open_store(Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
done = 0
try:
    while True:
        with store.begin() as uow:
            append(uow, ("unit", f"u{done}"), "unit_registered", unit_facts("甲" * 300))
        done += 1
except EnvironmentFault as fault:
    print(done, fault.code)
with store.read() as uow:
    assert len(list(uow.ledger.chain())) == done
"""


def test_a_disk_that_takes_no_more_gives_a_named_fault_and_loses_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FILL, str(tmp_path)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    count, code = done.stdout.split()
    assert int(count) > 10 and code in {"disk_full", "disk_fault"}
    store = open_store(tmp_path)  # with room again, all that was acknowledged is there
    store.verify()
    with store.begin() as uow:
        assert len(list(uow.ledger.chain())) == int(count)
        append(uow, ("unit", "again"), "unit_registered", unit_facts("甲"))
    store.close()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1_500_000


@pytest.fixture
def little_disk(tmp_path: Path) -> Path:
    """A disk of three megabytes, where this machine lets us make one."""
    place = tmp_path / "disk"
    place.mkdir()
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "certdesk-test", str(place)],
            check=False,
            capture_output=True,
        )
    except OSError:
        pytest.skip("no mount here; RLIMIT_FSIZE above covers the same")
    if mounted.returncode != 0:
        pytest.skip("no right to mount here; RLIMIT_FSIZE above covers the same")
    return place


def test_a_really_full_disk(little_disk: Path) -> None:
    store = open_store(little_disk)
    try:
        done = 0
        with pytest.raises(EnvironmentFault) as told:
            while True:
                with store.begin() as uow:
                    append(uow, ("unit", f"u{done}"), "unit_registered", unit_facts("甲" * 300))
                done += 1
        assert told.value.code == "disk_full"
        with store.read() as uow:
            assert len(list(uow.ledger.chain())) == done > 10
    finally:
        store.close()
        subprocess.run(["umount", str(little_disk)], check=True, capture_output=True)


_READ_ONLY = """
import os, sys, tempfile
from pathlib import Path
from core.errors import EnvironmentFault
from tests.core.store.store_kit import append, open_store, unit_facts
with tempfile.TemporaryDirectory() as other:  # loads everything while we still may read it
    store = open_store(Path(other))
    with store.begin() as uow:
        append(uow, ("unit", "x"), "unit_registered", unit_facts("甲"))
    store.close()
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    store = open_store(Path(sys.argv[1]))
    with store.begin() as uow:
        append(uow, ("unit", "x"), "unit_registered", unit_facts("甲"))
    print("written")
except EnvironmentFault as fault:
    print(fault.code)
"""


@pytest.mark.parametrize("filled", [True, False])
def test_a_read_only_folder_is_named(tmp_path: Path, filled: bool) -> None:
    place = tmp_path / "data"
    place.mkdir()
    if filled:
        _filled(place)
    place.chmod(0o555)
    base = Path(tempfile.gettempdir())
    for folder in (tmp_path, *tmp_path.parents):
        if base in folder.parents:
            folder.chmod(0o755)  # the child gives up root, for whom nothing is read-only
    for file in place.iterdir():
        file.chmod(0o444)
    done = subprocess.run(
        [sys.executable, "-B", "-c", _READ_ONLY, str(place)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "disk_readonly"


def test_a_missing_folder_is_named_and_a_bug_is_not_disguised(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="disk_readonly"):
        _open(tmp_path / "nowhere" / "desk.db")
    store = open_store(tmp_path)
    with pytest.raises(Exception, match="no such table") as told, naming_faults(), store.read() as uow:
        uow.connection.exec_driver_sql("SELECT * FROM nonsense")
    assert not isinstance(told.value, EnvironmentFault)
    store.close()


def test_what_people_typed_is_in_no_fault(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(Exception, match="NOT NULL") as told, store.begin() as uow:
        uow.connection.execute(
            t.draft.insert().values(id="d", kind="k", subject="s", person="王秘密", body=None)
        )
    assert "王秘密" not in str(told.value) and "王秘密" not in repr(told.value)
    store.close()


def test_the_system_random_is_what_a_program_uses() -> None:
    assert len({system_random(16) for _ in range(100)}) == 100
