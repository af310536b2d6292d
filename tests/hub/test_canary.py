"""No person's name, ID number or telephone number lies readable in anything the hub writes."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy import select

from hub import tables
from tests.hub.conftest import Station
from tests.hub.sample_office import Approved, SampleOffice


def spellings(word: str) -> Iterable[bytes]:
    """The ways a word could lie in a file."""
    for coding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        yield word.encode(coding)
    yield base64.b64encode(word.encode())[:-4]
    yield word.encode("unicode_escape")
    yield word.encode().hex().encode()


def hits(data: bytes, words: Iterable[str]) -> set[str]:
    return {word for word in words if any(len(s) > 3 and s in data for s in spellings(word))}


def people_of(office: SampleOffice, approved: Approved) -> list[str]:
    unit = approved.invented
    people = [unit.representative, *([unit.manager] if unit.manager else [])]
    words = [text for person in people for text in (person.name, person.id_number, person.mobile)]
    return [*words, office.admin.name, office.clerk.name, office.reviewer.name]


def dump(station: Station) -> bytes:
    """Every value of every row, as somebody who had the database's key would read it."""
    found = bytearray()
    with station.hub.database.read() as connection:
        for table in tables.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for value in row:
                    found += value if isinstance(value, bytes) else str(value).encode()
                    found += b"\n"
    return bytes(found)


def test_nothing_personal_is_readable(
    make_station: Callable[..., Station], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        station = make_station()
        office = station.new_office()
        approved = office.approved_case(0)
        minted = office.mint(approved)
        office.push_all_recorded()
        station.wallet().ask_token(minted.text, "000000")
        text = station.wallet().claim(minted.text, minted.pin)
        office.feed()
        words = people_of(office, approved)
        files = [path for path in station.folder.rglob("*") if path.is_file()]
        written = {path.name for path in files}
        on_file = {"hub.db", "hub.db-wal"} if station.db_url.startswith("sqlite:") else set()
        assert {"root.pem", *on_file} <= written
        found = {path.name: hits(path.read_bytes(), words) for path in files}
        assert found == {name: set() for name in written}
        rows = dump(station)
        assert hits(rows, words) == set()
        assert hits(caplog.text.encode(), words) == set()
        # The certificate itself is not kept, neither are codes' digits nor tokens.
        assert text.split("~")[0].encode() not in rows
        # Control: the search does find what is public, in the same rows and with the same spellings.
        assert hits(rows, [approved.invented.values["name"]])


def test_the_search_finds_a_planted_word(tmp_path: Path) -> None:
    for coding in ("utf-8", "utf-16-le", "gb18030"):
        path = tmp_path / coding
        path.write_bytes(b"\x00" * 99 + "张演练".encode(coding) + b"\x00" * 99)
        assert hits(path.read_bytes(), ["张演练", "王演练"]) == {"张演练"}


def test_private_keys_are_sealed_in_their_table(station: Station) -> None:
    hub, rows = station.hub, dump(station)
    for secret in (hub.signer.seed(), hub.exchange_secret, hub.nonce_key, station.key):
        assert secret not in rows
    assert b"PRIVATE KEY" not in rows
    assert hub.exchange_public in rows  # control
