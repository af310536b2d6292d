"""The process: keys, ports, https, stopping; and the tables as PostgreSQL would make them."""

from __future__ import annotations

import io
import os
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from core.clock import system_clock
from core.errors import EnvironmentFault, UserError
from core.ids import system_random
from hub import tables
from hub.keyfile import default_key_file, key_for, key_from_stdin, make_key
from hub.serve import bind, check_binding
from hub.setup import init, open_hub
from hub.tls import make_test_tls
from tests.hub.conftest import Station, free_port

PROGRAM = """
import sys
from pathlib import Path
from hub.keyfile import key_from_stdin
from hub.serve import serve
db, port, cert, key = sys.argv[1:]
tls = (Path(cert), Path(key)) if cert else None
serve(db, "127.0.0.1", int(port), key_from_stdin(sys.stdin.buffer), tls,
      lambda address: print(address, flush=True), http=tls is None)
print("ended", flush=True)
"""


def make_hub(folder: Path, scheme: str) -> tuple[str, bytes, int]:
    port, key = free_port(), system_random(32)
    db = f"sqlite:///{folder / 'hub.db'}"
    init(db, f"{scheme}://127.0.0.1:{port}", folder / "root.pem", key, False).database.close()
    return db, key, port


@contextmanager
def started(
    db: str, key: bytes, port: int, tls: tuple[Path, Path] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    names = [str(path) for path in tls] if tls else ["", ""]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, db, str(port), *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdin and process.stdout
    process.stdin.write(key.hex().encode() + b"\n")
    process.stdin.close()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


@pytest.mark.skipif(os.name != "posix", reason="SIGTERM")
def test_a_served_hub_ends_on_sigterm_also_with_a_phone_connected(tmp_path: Path) -> None:
    db, key, port = make_hub(tmp_path, "http")
    with started(db, key, port) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline().decode().strip() == f"http://127.0.0.1:{port}"
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.sendall(b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=4) == 0
        assert process.stdout.read() == b"ended\n"
        assert key.hex().encode() not in process.stderr.read()


def test_https_with_our_own_ca(tmp_path: Path) -> None:
    db, key, port = make_hub(tmp_path, "https")
    cert, secret, ca = make_test_tls(tmp_path / "tls", system_clock())
    if os.name == "posix":
        assert secret.stat().st_mode & 0o077 == 0
    with started(db, key, port, (cert, secret)) as process:
        assert process.stdout
        address = process.stdout.readline().decode().strip()
        assert address == f"https://127.0.0.1:{port}"
        trusting = ssl.create_default_context(cafile=str(ca))
        url = f"{address}/.well-known/openid-credential-issuer"
        with urllib.request.urlopen(url, context=trusting) as answer:
            assert answer.status == 200
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(url, context=ssl.create_default_context())


@pytest.mark.parametrize(
    ("host", "tls", "http", "code"),
    [
        ("127.0.0.1", None, False, "tls_required"),
        ("0.0.0.0", None, True, "http_not_loopback"),
        ("hub.example", None, True, "http_not_loopback"),
        ("127.0.0.1", (Path("c"), Path("k")), True, "tls_and_http"),
    ],
)
def test_plain_http_stays_on_this_machine(
    host: str, tls: tuple[Path, Path] | None, http: bool, code: str
) -> None:
    with pytest.raises(UserError, match=code):
        check_binding(host, tls, http)


def test_allowed_bindings_pass() -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        check_binding(host, None, True)
    check_binding("0.0.0.0", (Path("c"), Path("k")), False)


def test_a_taken_port_is_said() -> None:
    taken = bind("127.0.0.1", 0)
    try:
        with pytest.raises(EnvironmentFault, match="port_taken"):
            bind("127.0.0.1", taken.getsockname()[1])
    finally:
        taken.close()


# --- keys -------------------------------------------------------------------------------------------


def test_a_key_file_is_the_owners_alone(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'hub.db'}"
    key = make_key(db)
    path = default_key_file(db)
    assert path == tmp_path / "hub.db.key" and key_for(db) == key == make_key(db)
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o644)
        with pytest.raises(EnvironmentFault, match="key_file_open"):
            key_for(db)
        path.chmod(0o600)
    path.write_bytes(b"zz")
    with pytest.raises(EnvironmentFault, match="key_file_damaged"):
        key_for(db)
    path.unlink()
    with pytest.raises(EnvironmentFault, match="key_file_missing"):
        key_for(db)


def test_the_key_of_another_database_lies_in_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = default_key_file("postgresql+psycopg://hub@127.0.0.1/hub")
    assert path.parent == tmp_path / ".config" / "certdesk" and path.suffix == ".key"


def test_the_key_comes_through_a_pipe() -> None:
    key = system_random(32)
    assert key_from_stdin(io.BytesIO(key.hex().encode() + b"\n")) == key
    with pytest.raises(EnvironmentFault, match="key_file_damaged"):
        key_from_stdin(io.BytesIO(b""))


def test_the_wrong_key_opens_nothing(station: Station, capfd: pytest.CaptureFixture[str]) -> None:
    own = station.db_url.startswith("sqlite")  # elsewhere what is sealed in the rows stays shut
    with pytest.raises(EnvironmentFault, match="database_unreadable" if own else "sealed_damaged"):
        open_hub(station.db_url, system_random(32))
    capfd.readouterr()  # SQLCipher says so on standard error


def test_a_hub_is_made_once(tmp_path: Path) -> None:
    db, key, port = make_hub(tmp_path, "https")
    root = (tmp_path / "root.pem").read_bytes()
    with pytest.raises(UserError, match="hub_exists"):
        init(db, f"https://127.0.0.1:{port}", tmp_path / "root.pem", key, False)
    assert (tmp_path / "root.pem").read_bytes() == root
    assert open_hub(db, key).issuer == f"https://127.0.0.1:{port}"


def test_a_database_without_a_hub_is_said(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="hub_missing"):
        open_hub(f"sqlite:///{tmp_path / 'none.db'}", system_random(32))


def test_an_issuer_that_cannot_be_is_refused(tmp_path: Path) -> None:
    for url in ("http://hub.example", "https://hub.example/", "ftp://hub.example", "https://h.example/?x"):
        with pytest.raises(UserError, match="issuer_wrong"):
            init(f"sqlite:///{tmp_path / 'hub.db'}", url, tmp_path / "root.pem", system_random(32), False)


# --- tables -----------------------------------------------------------------------------------------


def test_every_key_starts_with_the_office() -> None:
    for table in tables.metadata.sorted_tables:
        keys = [c for c in table.constraints if isinstance(c, (PrimaryKeyConstraint, UniqueConstraint))]
        assert keys
        assert {next(iter(key.columns)).name for key in keys} == {"office"}, table.name


def test_the_tables_are_postgresql_too() -> None:
    for table in tables.metadata.sorted_tables:
        text = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "SERIAL" not in text and "AUTOINCREMENT" not in text
