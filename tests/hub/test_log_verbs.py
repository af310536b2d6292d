"""``verify-log`` and ``hub export-log`` as they are typed, on both databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app import main
from core.tlog.tiles import unpack_entries
from hub import log, tables
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice

Captured = pytest.CaptureFixture[bytes]


@pytest.fixture
def office(station: Station) -> SampleOffice:
    office = station.new_office()
    office.approved_case()
    office.push_all_recorded()
    return office


@pytest.fixture
def where(station: Station, tmp_path: Path) -> list[str]:
    """The database as the verb is told of it; PostgreSQL is read without any key."""
    if not station.db_url.startswith("sqlite"):
        return ["--db", station.db_url]
    key = tmp_path / "key"
    key.write_text(station.key.hex())
    key.chmod(0o600)
    return ["--db", station.db_url, "--key-file", str(key)]


def run(captured: Captured, *typed: str) -> tuple[int, dict[str, Any]]:
    captured.readouterr()
    code = main(list(typed))
    answer: dict[str, Any] = json.loads(captured.readouterr().out)
    return code, answer


def hub_key(station: Station) -> str:
    return station.hub.signer.public_bytes().hex()


def kept(station: Station, office: SampleOffice, place: Path) -> Path:
    path = place / f"{office.office}.txt"
    with station.hub.database.read() as connection:
        path.write_text(log.checkpoint(connection, office.office), "utf-8")
    return path


def test_an_honest_log_is_whole(
    station: Station, office: SampleOffice, where: list[str], tmp_path: Path, capfdbinary: Captured
) -> None:
    old = kept(station, office, tmp_path)
    old.write_bytes(old.read_bytes().rstrip(b"\n").replace(b"\n", b"\r\n"))  # as a scanner gives it back
    office.register(office.invented(5))
    office.push_all_recorded()
    key_file = tmp_path / "hub.pub"
    key_file.write_text(hub_key(station) + "\n")
    for key in (hub_key(station), str(key_file)):
        typed = ("verify-log", *where, "--office", office.office, "--hub-key", key, "--checkpoint", str(old))
        code, answer = run(capfdbinary, *typed)
        assert (code, answer["ok"], answer["entries"]) == (0, True, office.seq)
        assert answer["offices"][0]["office"] == office.office


def test_the_export_is_the_log_and_holds_nothing_personal(
    station: Station, office: SampleOffice, where: list[str], tmp_path: Path, capfdbinary: Captured
) -> None:
    out = tmp_path / "out"
    code, answer = run(capfdbinary, "hub", "export-log", *where, "--out", str(out), "--office", office.office)
    assert (code, answer["offices"]) == (0, [{"office": office.office, "entries": office.seq}])
    place = out / office.office
    bundle = unpack_entries((place / f"tile/entries/000.p/{office.seq}").read_bytes())
    assert len(bundle) == office.seq
    written = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    person = office.invented(0).representative
    for secret in (person.name, person.id_number, person.mobile, office.clerk.name, office.admin.name):
        assert secret.encode() not in written
        assert json.dumps(secret).strip('"').encode() not in written
    typed = ("verify-log", "--dir", str(out), "--hub-key", hub_key(station))
    assert run(capfdbinary, *typed)[0] == 0
    code, answer = run(capfdbinary, "hub", "export-log", *where, "--out", str(out), "--office", office.office)
    assert (code, answer["error"]) == (1, "file_exists")


def test_a_changed_row_is_named(
    station: Station, office: SampleOffice, where: list[str], tmp_path: Path, capfdbinary: Captured
) -> None:
    table = tables.action
    mine = (table.c.office == office.office, table.c.position == 3)
    with station.hub.database.write() as connection:
        right = connection.execute(table.select().where(*mine)).one()
        connection.execute(update(table).where(*mine).values(signature="00" * 64))
    code, answer = run(
        capfdbinary, "verify-log", *where, "--hub-key", hub_key(station), "--office", office.office
    )
    with station.hub.database.write() as connection:
        connection.execute(update(table).where(*mine).values(signature=right.signature))
    assert (code, answer["error"]) == (1, "log_tampered")
    assert answer["params"] == {"office": office.office, "check": "signature", "position": 3}
    assert answer["message"]


def test_what_is_asked_wrongly_is_said(
    station: Station, office: SampleOffice, where: list[str], tmp_path: Path, capfdbinary: Captured
) -> None:
    old, key = str(kept(station, office, tmp_path)), hub_key(station)
    other = station.new_office().office
    empty = tmp_path / "note.txt"
    empty.write_text("no note")
    for typed, code, error in (
        ([*where, "--hub-key", "ab" * 31], 3, "file_unreadable"),
        ([*where, "--hub-key", "zz" * 32], 1, "hub_key_malformed"),
        ([*where, "--hub-key", "00" * 32, "--checkpoint", old], 1, "checkpoint_forged"),
        ([*where, "--hub-key", key, "--checkpoint", str(empty)], 1, "checkpoint_malformed"),
        ([*where, "--hub-key", key, "--checkpoint", old, "--office", other], 2, "usage"),
        ([*where, "--hub-key", key, "--dir", str(tmp_path)], 2, "usage"),
        (["--hub-key", key], 2, "usage"),
        (["--hub-key", key, "--dir", str(tmp_path / "nowhere")], 3, "log_missing"),
        ([*where, "--hub-key", key, "--office", "nobody"], 1, "log_tampered"),
    ):
        found, answer = run(capfdbinary, "verify-log", *typed)
        assert (found, answer["error"]) == (code, error), (typed, answer)
        assert error == "usage" or answer["message"]
    typed = ["--out", str(tmp_path / "x"), "--office", "nobody"]
    assert run(capfdbinary, "hub", "export-log", *where, *typed)[1]["error"] == "log_unknown"
