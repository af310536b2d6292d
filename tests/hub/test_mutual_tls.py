"""Transport (T25): both sides show certificates, the desk's is over the key that signs."""

from __future__ import annotations

import base64
import json
import os
import random
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import system_clock
from core.credentials.desk_x509 import authority_certificate, desk_certificate, root_certificate
from core.errors import EnvironmentFault
from core.ids import system_random
from core.keys.signer import SoftwareSigner
from core.sync.http_hub import HttpHub
from core.sync.identity import Identity
from hub import tables
from hub.enrolments import accept
from hub.revocation import revoke_key
from tests.hub.conftest import Station, run_station
from tests.hub.sample_office import SampleOffice
from tests.hub.spoiling_proxy import How, Spoiler, spoiling


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with contextmanager(run_station)(tmp_path_factory.mktemp("tls-hub"), tls=True) as running:
        yield running


@dataclass
class TlsDesk:
    """An enrolled office that speaks to the hub as the product's desks do."""

    station: Station
    office: SampleOffice
    hub: HttpHub

    @property
    def ca(self) -> Path:
        return self.station.folder / "tls" / "ca.pem"

    def ask(self, kind: str, path: str = "", **fields: Any) -> dict[str, Any]:
        certificate = self.office.certificate
        assert certificate is not None
        payload = json.loads(self.office.envelope(kind, **fields))["payload"]
        return self.hub.ask(f"/api/v1/{path or kind}", payload, self.office.signer, certificate)

    def identity(self) -> Identity:
        return Identity(self.ask("device-certificate")["x509"], self.office.signer.seed())

    def push(self) -> dict[str, Any]:
        return self.ask("actions", device_epoch=self.office.epoch, actions=self.office.outbox)

    def refused(self, hub: HttpHub | None = None) -> tuple[str, str]:
        """Code and reason with which a feed request fails."""
        self.hub = hub or self.hub
        with pytest.raises(EnvironmentFault) as caught:
            self.ask("feed", after=0)
        return caught.value.code, str(caught.value.params.get("reason", ""))


def enrolled(station: Station) -> TlsDesk:
    office = SampleOffice(lambda path, data: (500, b""), station.hands)
    office.enrolled(accept(station.hub, office.enrolment(), False))
    return TlsDesk(station, office, HttpHub(station.url, station.folder / "tls" / "ca.pem"))


@pytest.fixture
def desk(station: Station) -> TlsDesk:
    """A desk that shows its certificate."""
    made = enrolled(station)
    made.hub.present(made.identity())
    return made


def in_ledger(station: Station, office: str) -> set[str]:
    table = tables.action
    with station.hub.database.read() as connection:
        return set(connection.execute(select(table.c.hash).where(table.c.office == office)).scalars())


# --- who may speak --------------------------------------------------------------------------------


def test_a_desk_with_its_certificate_syncs(desk: TlsDesk) -> None:
    receipts = desk.push()["receipts"]
    assert [item["verdict"] for item in receipts] == ["recorded"] * 3
    assert len(desk.ask("feed", after=0)["items"]) == 3


def test_without_one_a_desk_can_ask_for_one_and_for_nothing_else(station: Station) -> None:
    desk = enrolled(station)
    assert desk.refused() == ("hub_refused", "client_certificate_missing")
    with pytest.raises(EnvironmentFault) as caught:
        desk.push()
    assert caught.value.params["reason"] == "client_certificate_missing"
    assert in_ledger(station, desk.office.office) == {desk.office.founding.hash}  # type: ignore[union-attr]
    assert desk.hub.enrol(desk.office.enrolment())["state"] == "enrolled"
    desk.hub.present(desk.identity())
    assert len(desk.ask("feed", after=0)["items"]) == 1


def test_a_certificate_of_another_desk_opens_nothing(station: Station, desk: TlsDesk) -> None:
    other = enrolled(station)
    stolen = HttpHub(station.url, desk.ca, desk.identity())
    assert other.refused(stolen) == ("hub_refused", "client_certificate_differs")
    with pytest.raises(EnvironmentFault):
        other.ask("device-certificate")  # nor a new certificate
    assert other.refused(HttpHub(station.url, desk.ca)) == ("hub_refused", "client_certificate_missing")


def test_a_certificate_of_another_province_does_not_even_connect(station: Station) -> None:
    desk = enrolled(station)
    now, root, authority = system_clock(), SoftwareSigner.generate(), SoftwareSigner.generate()
    top = root_certificate(root.seed(), now, False, system_random(16))
    below = authority_certificate(root.seed(), top, authority.public_bytes(), now, False, system_random(16))
    names, key = (desk.office.office, desk.office.device), desk.office.signer
    made = desk_certificate(
        authority.seed(), below, names, key.public_bytes(), (now, now.replace(year=now.year + 1)), False,
        system_random(16),
    )  # fmt: skip
    chain = (made + below + top).decode()
    code, _ = desk.refused(HttpHub(station.url, desk.ca, Identity(chain, key.seed())))
    assert code in ("desk_certificate_refused", "hub_unreachable")  # the alert may be lost with the line
    with station.hub.database.read() as connection:
        seen = connection.execute(select(tables.action).where(tables.action.c.office == desk.office.office))
        assert len(seen.all()) == 1


def test_a_withdrawn_desks_certificate_is_worth_nothing(station: Station, desk: TlsDesk) -> None:
    revoke_key(station.hub, desk.office.signer.kid, "", desk.office.office)
    assert desk.refused() == ("hub_refused", "device_revoked")
    with pytest.raises(EnvironmentFault) as caught:
        desk.push()
    assert caught.value.params["reason"] == "device_revoked"
    with pytest.raises(EnvironmentFault) as caught:
        desk.ask("device-certificate")
    assert caught.value.params["reason"] == "device_revoked"


def test_phones_need_no_certificate(station: Station) -> None:
    context = ssl.create_default_context(cafile=str(station.folder / "tls" / "ca.pem"))
    for path in ("/.well-known/openid-credential-issuer", "/c"):
        with urllib.request.urlopen(f"{station.url}{path}", context=context) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_hub_speaks_two_versions_of_tls(desk: TlsDesk, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cafile=str(desk.ca))
    context.maximum_version = context.minimum_version = version
    desk.identity().show_in(context)
    desk.hub._context = context
    assert len(desk.ask("feed", after=0)["items"]) == 1


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_desk_speaks_nothing_below_1_3(desk: TlsDesk, newest: ssl.TLSVersion) -> None:
    """Whoever stands in between cannot talk it down."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*(desk.station.folder / "tls" / name for name in ("server.pem", "server.key")))
    server.maximum_version = newest
    to_server, to_desk = ssl.MemoryBIO(), ssl.MemoryBIO()
    hub = server.wrap_bio(to_server, to_desk, server_side=True)
    ours = desk.hub._tls().wrap_bio(to_desk, to_server, server_hostname="127.0.0.1")

    def shake() -> None:
        for side in (ours, hub, ours, hub):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()

    if newest is ssl.TLSVersion.TLSv1_2:
        with pytest.raises(ssl.SSLError, match=r"(?i)version|protocol"):
            shake()
    else:
        shake()
        assert ours.version() == hub.version() == "TLSv1.3"


def test_older_tls_is_not_spoken(station: Station) -> None:
    context = ssl.create_default_context(cafile=str(station.folder / "tls" / "ca.pem"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(station.url, context=context)


def test_the_key_is_never_in_clear_on_disk(
    desk: TlsDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen: list[bytes] = []

    class Watching(ssl.SSLContext):
        def load_cert_chain(self, certfile: Any, keyfile: Any = None, password: Any = None) -> None:
            place = Path(certfile)
            seen.append(place.read_bytes())
            if os.name == "posix":
                assert place.parent.stat().st_mode & 0o077 == 0
            super().load_cert_chain(certfile, keyfile, password)

    desk.identity().show_in(Watching(ssl.PROTOCOL_TLS_CLIENT))
    seed = desk.office.signer.seed()
    [written] = seen
    assert b"ENCRYPTED PRIVATE KEY" in written
    for plain in (seed, seed.hex().encode(), base64.b64encode(seed)):
        assert plain not in written
    lines = [line for line in written.splitlines() if b"-" not in line and len(line) % 4 == 0]
    assert seed not in b"".join(map(base64.b64decode, lines))
    assert list(tmp_path.iterdir()) == []


# --- a spoiled line -------------------------------------------------------------------------------

ATTEMPTS = 400
WAYS: tuple[How, ...] = ("turn", "turn", "drop", "cut")


def act(desk: TlsDesk, index: int) -> str:
    """One more small action in the outbox; its hash."""
    kind = "person_enabled" if index % 2 else "person_disabled"
    office = desk.office
    return office.act(kind, "office", office.office, {"person": office.clerk.id}, by=office.admin).hash


def settle(desk: TlsDesk, line: HttpHub) -> None:
    """Send over a good line what is still in the outbox; all of it must be recorded."""
    spoiled, desk.hub = desk.hub, line
    assert {told["verdict"] for told in desk.push()["receipts"]} <= {"recorded"}
    desk.office.outbox.clear()
    desk.hub = spoiled


def test_nothing_altered_on_the_way_is_accepted(
    station: Station, desk: TlsDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiler, dice, wrong = Spoiler(), random.Random(25), 0
    target = ("127.0.0.1", int(station.url.rpartition(":")[2]))
    good, identity = desk.hub, desk.identity()
    settle(desk, good)
    made = in_ledger(station, desk.office.office)
    with spoiling(target, spoiler) as port:
        desk.hub = HttpHub(f"https://127.0.0.1:{port}", desk.ca, identity)
        made.add(act(desk, 0))
        desk.push()  # unspoiled, to learn how much passes either way
        desk.office.outbox.clear()
        up, down = spoiler.passed[True], spoiler.passed[False]
        for index in range(1, ATTEMPTS + 1):
            made.add(act(desk, index))
            forth = index % 2 == 0
            spoiler.plan(forth, dice.randrange(up if forth else down), dice.choice(WAYS))
            try:
                receipts = desk.push()["receipts"]
                wrong += any(told["hash"] not in made or told["verdict"] != "recorded" for told in receipts)
            except EnvironmentFault:
                wrong += not in_ledger(station, desk.office.office) <= made
            if index % 10 == 0:
                settle(desk, good)
    accepted = in_ledger(station, desk.office.office)
    assert (wrong, accepted) == (0, made)
    assert spoiler.spoiled > 0.9 * ATTEMPTS
    with capsys.disabled():
        print(f"\nT25 line: places turned, dropped or cut {spoiler.spoiled}, accepted changes 0, lost 0")


def test_the_same_line_without_tls_lets_altered_bytes_through(tmp_path: Path) -> None:
    """The control: what the proxy spoils does reach the hub; then the envelope's signature is what holds."""
    with contextmanager(run_station)(tmp_path) as station:
        desk = TlsDesk(
            station,
            office := SampleOffice(station.post, station.hands),
            HttpHub(station.url, plain_http=True),
        )
        office.enrolled(accept(station.hub, office.enrolment(), False))
        spoiler, reasons = Spoiler(ends=False), set[str]()
        with spoiling(("127.0.0.1", int(station.url.rpartition(":")[2])), spoiler) as port:
            desk.hub = HttpHub(f"http://127.0.0.1:{port}", plain_http=True)
            desk.ask("feed", after=0)
            for at in range(spoiler.passed[True] // 2, spoiler.passed[True], 5):
                spoiler.plan(True, at, "turn")
                try:
                    desk.ask("feed", after=0)
                except EnvironmentFault as fault:
                    reasons.add(str(fault.params.get("reason")))
        assert {"signature_wrong", "envelope_malformed"} <= reasons
