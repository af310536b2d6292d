"""The hub over real loopback HTTP: what a socket can do to an answer, and addresses that are none."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from core.errors import CertDeskError, EnvironmentFault, UserError
from core.services import sync
from core.sync.compress import decompress
from core.sync.envelope import MAX_ENVELOPE_BYTES
from core.sync.http_hub import HttpHub, is_loopback
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom

Reply = Callable[[bytes], bytes]
ZSTD = bytes.fromhex("28b52ffd")
"""What every zstd frame begins with."""


@contextmanager
def serving(reply: Reply) -> Iterator[str]:
    """Serve raw bytes on loopback: ``reply`` gets the request's body and returns the whole response."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            # A desk that has read enough hangs up in the middle of an answer.
            with client, suppress(ConnectionError):
                client.settimeout(10)
                head, _, body = _until(client, b"\r\n\r\n").partition(b"\r\n\r\n")
                lines = [line.lower() for line in head.split(b"\r\n")]
                named = [line for line in lines if line.startswith(b"content-length")]
                length = int(named[0].split(b":")[1])
                while len(body) < length:
                    body += client.recv(65536)
                client.sendall(reply(head.split(b" ")[1] + b"\n" + body))

    threading.Thread(target=run, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.close()


def _until(client: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data:
        data += client.recv(65536)
    return data


def _whole(fake: FakeHub) -> Reply:
    def reply(request: bytes) -> bytes:
        path, _, body = request.partition(b"\n")
        body = decompress(body, MAX_ENVELOPE_BYTES) if body.startswith(ZSTD) else body
        status, data = fake.post(path.decode(), body)
        return f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data

    return reply


@pytest.fixture
def fake(kit: OfficeKit) -> FakeHub:
    """A hub that has accepted the office."""
    fake = FakeHub(kit.clock, SeededRandom("hub"))
    kit.enrol(PostedHub(fake.post))
    return fake


def test_a_cycle_over_a_socket(kit: OfficeKit, fake: FakeHub) -> None:
    kit.approved_case()
    with kit.sit("clerk") as clerk, serving(_whole(fake)) as url:
        assert sync.sync(clerk, HttpHub(url, plain_http=True)).pushed == 12


CUTS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda _: b"", "hub_unreachable"),
    "no http": (lambda _: b"hello\r\n\r\n", "hub_unreachable"),
    "empty 200": (lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "hub_answer_damaged"),
    "promised more": (lambda d: d[: len(d) - 100], "hub_answer_damaged"),
    "cut in the head": (lambda d: d[:20], "hub_answer_damaged"),
    "refusal cut": (
        lambda _: b'HTTP/1.1 409 Conflict\r\nContent-Length: 40\r\n\r\n{"error":"chain_g',
        "hub_answer_damaged",
    ),
    "refusal of somebody on the way": (lambda _: b"HTTP/1.1 403 No\r\n\r\n<html>", "hub_answer_damaged"),
    "html": (lambda _: b"HTTP/1.1 200 OK\r\n\r\n<html>", "hub_answer_damaged"),
    "too much": (lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 9_000_000, "hub_answer_damaged"),
    "500": (lambda _: b"HTTP/1.1 500 X\r\n\r\nTraceback", "hub_failing"),
    "503": (lambda _: b"HTTP/1.1 503 X\r\n\r\n", "hub_failing"),
    "401": (lambda _: b'HTTP/1.1 401 X\r\n\r\n{"error":"device_unknown","params":{}}', "device_unknown"),
    "401 stale": (lambda _: b'HTTP/1.1 401 X\r\n\r\n{"error":"request_stale","params":{}}', "hub_refused"),
    "403": (lambda _: b'HTTP/1.1 403 X\r\n\r\n{"error":"device_revoked","params":{}}', "device_revoked"),
    "302": (lambda _: b"HTTP/1.1 302 X\r\nLocation: http://127.0.0.1:1/\r\n\r\n", "hub_answer_damaged"),
    "400 html": (lambda _: b"HTTP/1.1 400 X\r\n\r\n<html>", "hub_answer_damaged"),
}


@pytest.mark.parametrize("how", CUTS)
def test_a_cut_or_odd_answer_is_a_named_fault_and_never_a_success(
    kit: OfficeKit, fake: FakeHub, how: str
) -> None:
    kit.approved_case()
    spoil, code = CUTS[how]
    whole = _whole(fake)
    with kit.sit("clerk") as clerk:
        with serving(lambda request: spoil(whole(request))) as url, pytest.raises(EnvironmentFault) as told:
            sync.sync(clerk, HttpHub(url, plain_http=True))
        assert told.value.code == code
        assert sync.status(clerk).pending == 12
        if how == "401 stale":
            assert told.value.params == {"status": 401, "reason": "request_stale"}
        with serving(whole) as url:
            assert sync.sync(clerk, HttpHub(url, plain_http=True)).pending == 0


BUSY = b'{"error":"desk_busy","params":{"seconds":2}}'
WAITS = {
    b"HTTP/1.1 503 X\r\nRetry-After: 2\r\n\r\n": 2,
    b"HTTP/1.1 429 X\r\nRetry-After: 7\r\n\r\n": 7,
    b"HTTP/1.1 503 X\r\n\r\n": 5,  # a hub of the release before does not say
    b"HTTP/1.1 503 X\r\nRetry-After: 0\r\n\r\n": 1,
    b"HTTP/1.1 503 X\r\nRetry-After: 99999\r\n\r\n": 300,
    b"HTTP/1.1 503 X\r\nRetry-After: 999999999999999999\r\n\r\n": 5,
    b"HTTP/1.1 503 X\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n\r\n": 5,
    b"HTTP/1.1 503 X\r\nRetry-After: \xb2\r\n\r\n": 5,  # a digit to Unicode, no number
}


@pytest.mark.parametrize("number", range(len(WAITS)))
def test_a_busy_hub_says_when_to_come_again_and_stops_nothing(
    kit: OfficeKit, fake: FakeHub, number: int
) -> None:
    """Met at any place of a cycle; the cycles after it go on, and all is recorded once."""
    kit.approved_case()
    head, seconds = list(WAITS.items())[number]
    whole, asked = _whole(fake), [0]

    def reply(request: bytes) -> bytes:
        asked[0] += 1
        return head + BUSY if asked[0] in (1, 3, 5) else whole(request)

    met: list[EnvironmentFault] = []
    with kit.sit("clerk") as clerk, serving(reply) as url:
        for _ in range(20):
            try:
                report = sync.sync(clerk, HttpHub(url, plain_http=True))
            except EnvironmentFault as fault:
                met.append(fault)
            else:
                break
        assert report.pending == 0 and sync.status(clerk).halt is None
    assert len(met) == 3 and {fault.code for fault in met} == {"hub_busy"}
    assert {fault.params["seconds"] for fault in met} == {seconds}
    [office] = fake.offices.values()
    hashes = [signed.hash for signed, _ in office.feed]
    assert len(hashes) == len(set(hashes)) == 12


def test_a_hub_that_is_not_there(kit: OfficeKit, fake: FakeHub) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with kit.sit("clerk") as clerk, pytest.raises(EnvironmentFault, match="hub_unreachable"):
        sync.sync(clerk, HttpHub(f"http://127.0.0.1:{port}", plain_http=True))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "hub_url_wrong"),
        ("127.0.0.1:80", "hub_url_wrong"),
        ("ftp://127.0.0.1", "hub_url_wrong"),
        ("http://", "hub_url_wrong"),
        ("http://[::1", "hub_url_wrong"),
        ("http://127.0.0.1:99999", "hub_url_wrong"),
        ("http://127.0.0.1:x", "hub_url_wrong"),
        ("https://" + "a" * 70 + ".example", "hub_url_wrong"),
        ("https://" + "." * 3, "hub_url_wrong"),
        ("http://hub.example", "hub_url_insecure"),
        ("http://127.0.0.1.example", "hub_url_insecure"),
        ("http://192.0.2.1", "hub_url_insecure"),
        ("http://localhost.example", "hub_url_insecure"),
    ],
)
def test_addresses_that_will_not_do(url: str, code: str) -> None:
    for plain_http in (False, True):  # another machine never, whatever was chosen
        with pytest.raises(UserError) as told:
            HttpHub(url, plain_http=plain_http)
        assert told.value.code == code


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost", "HTTP://127.9.9.9"]
)
def test_plain_http_on_this_machine_has_to_be_chosen(url: str) -> None:
    with pytest.raises(UserError, match="hub_http_not_chosen"):
        HttpHub(url)
    HttpHub(url, plain_http=True)
    HttpHub(url.lower().replace("http:", "https:"))


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)],
)
def test_what_loopback_means(host: str, here: bool) -> None:
    assert is_loopback(host) is here


def test_a_missing_or_odd_authority_file_is_named(kit: OfficeKit, fake: FakeHub, tmp_path: Path) -> None:
    (tmp_path / "odd.pem").write_text("no certificate")
    with kit.sit("clerk") as clerk:
        for name in ("odd.pem", "missing.pem"):
            with pytest.raises(CertDeskError) as told:
                sync.sync(clerk, HttpHub("https://127.0.0.1:1", tmp_path / name))
            assert told.value.code in {"hub_unreachable", "hub_untrusted"}
