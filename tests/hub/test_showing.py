"""Showing: left at the hub for two minutes, by whom, and that nobody reads it without the reference."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.credentials.certificate_claims import VCT
from core.credentials.key_binding import KeyBinding, nonce_of
from core.credentials.sdjwt import verify
from core.errors import Refusal
from hub.delegation_tables import shown_presentation
from hub.facts import void_certificates
from hub.showing import KEPT_SECONDS, take
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice
from tests.hub.test_delegation import CertificateHolder, in_office, manager

__all__ = ["manager"]


def taken(station: Station, ref: str) -> str:
    with station.hub.database.read() as connection:
        return take(station.hub, connection, ref)


def test_what_is_shown_can_be_had_for_two_minutes(station: Station, manager: CertificateHolder) -> None:
    shown = manager.phone.show("uscc", "name")
    assert shown.status == 200 and shown.json["expires_in"] == KEPT_SECONDS == 120
    ref = shown.json["ref"]
    assert shown.json["link"] == f"{station.hub.issuer}/v/{ref}"
    presentation = taken(station, ref)
    wanted = KeyBinding(f"{station.hub.issuer}/v", nonce_of(presentation), 120)
    seen = verify(presentation, [station.root], station.hands(), VCT, key_binding=wanted)
    assert set(seen.claims["unit"]) == {"uscc", "name"}
    assert taken(station, ref) == presentation
    station.hands.forward(seconds=119)
    assert taken(station, ref) == presentation
    station.hands.forward(seconds=1)
    with pytest.raises(Refusal, match="shown_expired"):
        taken(station, ref)


def test_the_database_alone_gives_nothing_away(station: Station, manager: CertificateHolder) -> None:
    ref = manager.phone.show("uscc").json["ref"]
    presentation = taken(station, ref)
    with station.hub.database.read() as connection:
        rows = connection.execute(select(shown_presentation)).all()
    for row in rows:
        assert ref not in row.ref and presentation.split(".")[1].encode() not in bytes(row.sealed)
    for wrong in ("", ref[:-1], ref[:-1] + ("A" if ref[-1] != "A" else "B"), ref + "A", "../../etc/passwd"):
        with pytest.raises(Refusal, match="shown_expired"):
            taken(station, wrong)


def test_what_is_over_is_cleared_away(station: Station, manager: CertificateHolder) -> None:
    for _ in range(3):
        assert manager.phone.show().status == 200
    station.hands.forward(seconds=121)
    assert manager.phone.show().status == 200
    with station.hub.database.read() as connection:
        rows = connection.execute(select(shown_presentation.c.expires_at)).all()
    assert [row for row in rows if row.expires_at <= station.hub.now()] == []


def test_only_the_phone_itself_and_only_what_stands(station: Station, manager: CertificateHolder) -> None:
    issuer = station.hub.issuer
    for audience in (issuer, f"{issuer}/v/", f"{issuer}/api/v1/holder/show"):
        wrong = manager.phone.presentation(audience)
        assert manager.phone.ask("show", presentation=wrong).json["error"] == "certificate_refused"
    once = manager.phone.presentation(f"{issuer}/v")
    assert manager.phone.ask("show", presentation=once).status == 200
    assert manager.phone.ask("show", presentation=once).json["error"] == "nonce_invalid"
    bare = once[: once.rindex("~") + 1]
    assert manager.phone.ask("show", presentation=bare).json["error"] == "certificate_refused"
    in_office(manager, void_certificates, manager.approved.unit, "why")
    assert manager.phone.show().json["error"] == "credential_void"


def test_a_body_that_is_none_is_refused(station: Station, office: SampleOffice) -> None:
    for body in (b"", b"[]", b'{"presentation": 1}', b'{"presentation": "' + b"a" * 30_000 + b'"}'):
        status, answer = station.post("/api/v1/holder/show", body)
        assert status in (400, 413), answer
    status, answer = station.post("/api/v1/holder/show", b'{"presentation": "a~b~c"}')
    assert status == 400 and b"certificate_refused" in answer
