"""T27 at a real hub: one desk that takes all it can get is told to wait, and the others do not notice.

Held by what is open, not by time: the flood's bodies are kept back until the others are done. How long the
others wait under load is measured, not asserted: ``benchmarks/flood.py``.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.errors import EnvironmentFault
from core.sync.http_hub import HttpHub
from core.sync.identity import Identity
from hub import tables
from hub.engine import lock_office
from hub.enrolments import accept
from hub.turns import DESK, INSIDE
from tests.hub.conftest import Station, run_station
from tests.hub.sample_office import SampleOffice

PATH = "/api/v1/actions"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def secured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A hub over TLS, where a desk is known by the certificate that it shows."""
    folder, db = tmp_path_factory.mktemp("flooded"), ""
    if request.param == "postgresql":
        db = request.getfixturevalue("postgres_url")
    with contextmanager(run_station)(folder, tls=True, db=db) as running:
        yield running


class TlsDesk:
    """An enrolled office with its certificate, and the raw line under it."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.ca = station.folder / "tls" / "ca.pem"
        self.office = SampleOffice(lambda path, data: (500, b""), station.hands)
        self.office.enrolled(accept(station.hub, self.office.enrolment(), False))
        self.hub = HttpHub(station.url, self.ca)
        self.identity = Identity(self.ask("device-certificate")["x509"], self.office.signer.seed())
        self.hub.present(self.identity)

    def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        assert self.office.certificate is not None
        payload = json.loads(self.office.envelope(kind, **fields))["payload"]
        return self.hub.ask(f"/api/v1/{kind}", payload, self.office.signer, self.office.certificate)

    def push(self) -> list[str]:
        """Push what waits; the verdicts."""
        told = self.ask("actions", device_epoch=self.office.epoch, actions=self.office.outbox)["receipts"]
        self.office.outbox.clear()
        return [receipt["verdict"] for receipt in told]

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.ca))
        self.identity.show_in(context)
        place = ("127.0.0.1", int(self.station.url.rpartition(":")[2]))
        return context.wrap_socket(socket.create_connection(place, timeout=60), server_hostname=place[0])

    def begin(self, body: bytes) -> ssl.SSLSocket:
        """Announce a body and keep it back; returns once the hub has given it a place (100 Continue)."""
        line = self.connect()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        line.sendall(head.encode())
        told = line.recv(1)
        assert told == b"H"
        while not told.endswith(b"\r\n\r\n"):
            told += line.recv(1)
        assert told.startswith(b"HTTP/1.1 100"), told
        return line


def answered(line: ssl.SSLSocket, body: bytes) -> int:
    """Send the body that was kept back; the status."""
    line.sendall(body)
    response = http.client.HTTPResponse(line)
    response.begin()
    response.read()
    return response.status


def recorded(station: Station, office: SampleOffice) -> list[str]:
    table = tables.action
    with station.hub.database.read() as connection:
        query = select(table.c.hash).where(table.c.office == office.office)
        return list(connection.execute(query).scalars())


def test_one_desk_holds_its_places_and_the_others_sync(secured: Station) -> None:
    """With its places full it is told when to come again; nothing is lost, nothing is there twice."""
    flood, other = TlsDesk(secured), TlsDesk(secured)
    assert flood.push() == other.push() == ["recorded"] * 3
    made = flood.office.act(
        "person_disabled", "office", flood.office.office, person(flood), by=flood.office.admin
    )
    body = flood.office.batch(flood.office.outbox)
    with ExitStack() as lines:
        begun = [lines.enter_context(closing(flood.begin(body))) for _ in range(DESK.places)]
        for _ in range(2):  # however often it tries
            with pytest.raises(EnvironmentFault) as told:
                flood.push()
            assert (told.value.code, told.value.params) == ("hub_busy", {"seconds": 2})
        other.office.act(
            "person_disabled", "office", other.office.office, person(other), by=other.office.admin
        )
        assert other.push() == ["recorded"]
        assert len(other.ask("feed", after=0)["items"]) == 4
        assert made.hash not in recorded(secured, flood.office)
        with ThreadPoolExecutor(len(begun)) as pool:
            assert set(pool.map(lambda line: answered(line, body), begun)) == {200}
    assert flood.push() == ["recorded"], "waited as told, and is told the same again"
    assert recorded(secured, flood.office).count(made.hash) == 1
    assert len(recorded(secured, flood.office)) == 4


def test_a_refused_desk_takes_no_memory_for_its_body(secured: Station) -> None:
    """Refused by its head: the hub never asked for the eight megabytes."""
    flood = TlsDesk(secured)
    body = flood.office.batch(flood.office.outbox)
    with ExitStack() as lines:
        for _ in range(DESK.places):
            lines.enter_context(closing(flood.begin(body)))
        line = lines.enter_context(closing(flood.connect()))
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {8 << 20}\r\nExpect: 100-continue\r\n\r\n"
        line.sendall(head.encode())
        response = http.client.HTTPResponse(line)
        response.begin()
        assert (response.status, response.headers["Retry-After"]) == (503, "2")
        assert json.loads(response.read()) == {"error": "desk_busy", "params": {"seconds": 2}}


def test_more_connections_than_its_share_are_closed_and_a_phone_is_served(secured: Station) -> None:
    flood = TlsDesk(secured)
    with ExitStack() as lines:
        for _ in range(DESK.connections):
            line = lines.enter_context(closing(flood.connect()))
            line.sendall(b"GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(12) == b"HTTP/1.1 200"
        one_more = lines.enter_context(closing(flood.connect()))
        with suppress(OSError):
            one_more.sendall(b"GET /c HTTP/1.1\r\nHost: x\r\n\r\n")
            assert one_more.recv(12) == b""
        assert TlsDesk(secured).push() == ["recorded"] * 3
        phone = http.client.HTTPSConnection(
            "127.0.0.1",
            int(secured.url.rpartition(":")[2]),
            context=ssl.create_default_context(cafile=str(flood.ca)),
        )
        phone.request("GET", "/.well-known/openid-credential-issuer")
        assert phone.getresponse().status == 200
        phone.close()
    assert flood.push() == ["recorded"] * 3


def person(desk: TlsDesk) -> dict[str, Any]:
    return {"person": desk.office.clerk.id}


def test_without_certificates_a_desk_is_counted_by_the_key_that_signed(
    make_station: Callable[..., Station], tmp_path: Path
) -> None:
    """Everybody comes from one address here. The flood's requests wait for the lock that the test holds."""
    station = make_station()
    flood, other = station.new_office(), station.new_office()
    data = [flood.batch([]) for _ in range(INSIDE)]

    def insist(body: bytes) -> int:
        while (status := station.post(PATH, body)[0]) == 503:
            time.sleep(0.02)
        return status

    with ThreadPoolExecutor(len(data)) as pool:
        with station.hub.database.write() as connection:
            lock_office(connection, flood.office)
            pending = [pool.submit(insist, each) for each in data]
            while True:
                status, body = station.post("/api/v1/feed", flood.envelope("feed", after=0))
                if status == 503:
                    break
                time.sleep(0.02)
            assert json.loads(body) == {"error": "desk_busy", "params": {"seconds": 2}}
            assert len(other.feed()["items"]) == 3
        assert [each.result() for each in pending] == [200] * len(data)
    assert len(flood.feed()["items"]) == 3
    with station.hub.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(tables.action)).scalar_one() == 6
