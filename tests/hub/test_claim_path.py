"""From an approved case to the certificate on the phone, judged by our verifier and by a foreign one."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from sd_jwt.verifier import JWK, SDJWTVerifier

from core.claims.offer import CONFIGURATION, DELEGATION, link_offer, offer_by_value, offer_object
from core.credentials.certificate_claims import VCT
from core.credentials.person_digest import matches
from core.credentials.sdjwt import verify
from core.credentials.status import INVALID, VALID, StatusReference, read_token
from core.errors import UserError
from tests.hub.conftest import Station
from tests.hub.sample_office import Approved, SampleOffice
from tests.hub.wallet import http


def test_a_claim_ends_in_a_certificate_that_our_verifier_accepts(
    station: Station, office: SampleOffice
) -> None:
    approved = office.approved_case(0)
    minted = office.mint(approved)
    office.push_all_recorded()
    wallet = station.wallet()
    offered = wallet.offer(minted.text)
    assert offered.json == offer_object(station.hub.issuer, minted.text)
    text = wallet.claim(minted.text, minted.pin)

    seen = verify(text, [station.root], station.hands(), VCT, lambda r: status_of(station, r))

    unit = approved.invented
    assert unit.manager is not None
    assert seen.state == "valid"
    assert seen.cnf == {name: wallet.key[name] for name in ("kty", "crv", "x", "y")}
    assert seen.claims["unit"]["uscc"] == unit.values["uscc"]
    assert seen.claims["unit"]["name"] == unit.values["name"]
    assert seen.claims["representative"] == {"name": unit.representative.name, "no": 1}
    digest = seen.claims["manager"].pop("id_digest")
    assert matches(digest, unit.manager.id_number) and not matches(digest, unit.representative.id_number)
    assert seen.claims["manager"] == {"name": unit.manager.name, "role": "appointed"}
    assert "rehearsal" not in seen.claims
    assert unit.representative.id_number not in text and unit.representative.mobile not in text


def status_of(station: Station, reference: StatusReference) -> int | None:
    reply = http(reference.uri)
    assert reply.headers["content-type"] == "application/statuslist+jwt"
    values = read_token(reply.body.decode(), reference.uri, [station.root], station.hands())
    return values.answer(reference, int(station.hands().timestamp()))


def test_the_foreign_library_accepts_it_too(station: Station, office: SampleOffice) -> None:
    approved = office.approved_case(1)
    minted = office.mint(approved)
    office.push_all_recorded()
    text = station.wallet().claim(minted.text, minted.pin)
    keys = http(f"{station.hub.issuer}/.well-known/jwt-vc-issuer").json["jwks"]["keys"]

    def issuer_key(issuer: str, header: object = None) -> JWK:
        assert issuer == station.hub.issuer
        return JWK(**keys[0])

    payload = SDJWTVerifier(text, issuer_key).get_verified_payload()

    assert payload["unit"]["name"] == approved.invented.values["name"]
    jws, rest = text.split("~", 1)
    forged = f"{jws[:-8]}AAAAAAAA~{rest}"
    with pytest.raises(Exception, match="Verification failed"):
        SDJWTVerifier(forged, issuer_key)


def test_without_an_appointed_manager_the_representative_holds_it(
    station: Station, office: SampleOffice
) -> None:
    approved = office.approved_case(1)
    assert approved.invented.manager is None
    minted = office.mint(approved)
    office.push_all_recorded()

    text = station.wallet().claim(minted.text, minted.pin)

    seen = verify(text, [station.root], station.hands(), VCT)
    name = approved.invented.representative.name
    assert matches(seen.claims["manager"].pop("id_digest"), approved.invented.representative.id_number)
    assert seen.claims["manager"] == {"name": name, "role": "representative"}


def test_a_rehearsal_certificate_is_worth_nothing_outside(make_station: Callable[..., Station]) -> None:
    station = make_station(rehearsal=True)
    office = station.new_office()
    minted = office.mint(office.approved_case())
    office.push_all_recorded()
    text = station.wallet().claim(minted.text, minted.pin)
    with pytest.raises(UserError, match="certificate_refused"):
        verify(text, [station.root], station.hands(), VCT)
    assert verify(text, [station.root], station.hands(), VCT, rehearsal=True).claims["rehearsal"] is True


def test_the_hub_tells_the_desk_what_happened(station: Station, office: SampleOffice) -> None:
    approved = office.approved_case()
    minted = office.mint(approved)
    office.push_all_recorded()
    assert office.progress(minted.jti)[0]["state"] == "waiting"
    wallet = station.wallet()
    wallet.offer(minted.text)
    assert office.progress(minted.jti)[0]["state"] == "scanned"
    wallet.ask_token(minted.text, "000000" if minted.pin != "000000" else "111111")
    row = office.progress(minted.jti)[0]
    assert (row["state"], row["tries_left"]) == ("pin_wrong", 4)
    wallet.ask_token(minted.text, minted.pin)
    assert office.progress(minted.jti)[0]["state"] == "accepted"
    reply = wallet.ask_credential()
    assert office.progress(minted.jti)[0]["state"] == "issued"
    told = {"notification_id": reply.json["notification_id"], "event": "credential_accepted"}
    assert wallet.post("/notification", told).status == 204
    last = office.feed()["items"][-1]["action"]
    assert (last["kind"], last["device"], last["person"]) == ("certificate_issued", "hub", "hub")
    assert last["public"]["case"] == approved.case
    assert last["public"]["jti"] == minted.jti.hex()


def test_the_link_and_the_value_form_carry_the_same_offer(station: Station, office: SampleOffice) -> None:
    minted = office.mint(office.approved_case())
    office.push_all_recorded()
    link = link_offer(station.hub.issuer, minted.text)
    assert http(link).headers["content-type"].startswith("text/html")
    reference = parse_qs(urlsplit(link).query)["credential_offer_uri"][0]
    by_value = parse_qs(urlsplit(offer_by_value(station.hub.issuer, minted.text)).query)
    assert http(reference).json == json.loads(by_value["credential_offer"][0])


def test_a_replacement_voids_the_former_in_the_same_breath(station: Station, office: SampleOffice) -> None:
    approved = office.approved_case()
    first = office.mint(approved)
    office.push_all_recorded()
    old = verify(station.wallet().claim(first.text, first.pin), [station.root], station.hands(), VCT)
    assert status_of(station, old.status) == VALID
    station.hands.forward(seconds=5)
    second = office.mint(approved, purpose=2)
    office.push_all_recorded()

    new = verify(station.wallet().claim(second.text, second.pin), [station.root], station.hands(), VCT)

    assert status_of(station, old.status) == INVALID
    assert status_of(station, new.status) == VALID
    kinds = [item["action"]["kind"] for item in office.feed()["items"]]
    assert kinds[-2:] == ["certificate_voided", "certificate_issued"]


def test_a_lost_answer_is_mended_by_a_replacement(station: Station, office: SampleOffice) -> None:
    approved = office.approved_case()
    first = office.mint(approved)
    office.push_all_recorded()
    lost = station.wallet()
    assert lost.ask_token(first.text, first.pin).status == 200
    station.hands.forward(seconds=5)
    second = office.mint(approved, purpose=2)
    text = station.wallet().claim(second.text, second.pin)
    assert verify(text, [station.root], station.hands(), VCT)
    # The first token must not become a second certificate afterwards.
    assert lost.ask_credential().status == 401


def test_facts_that_have_not_arrived_defer_the_certificate(station: Station, office: SampleOffice) -> None:
    approved = office.approved_case()
    minted = office.mint(approved)
    wallet = station.wallet()
    assert wallet.offer(minted.text).status == 200
    assert wallet.ask_token(minted.text, minted.pin).status == 200
    waiting = wallet.ask_credential()
    assert waiting.status == 202 and waiting.json["interval"] <= 5
    ticket = {"transaction_id": waiting.json["transaction_id"]}
    assert waiting.json["received"] is False
    assert wallet.post("/deferred", ticket).status == 202
    assert office.progress(minted.jti)[0]["state"] == "deferred"
    station.hands.forward(hours=71)
    assert wallet.post("/deferred", ticket).status == 202
    assert wallet.post("/deferred", {"transaction_id": "0" * 32}).json["error"] == "invalid_transaction_id"
    office.push_all_recorded()
    done = wallet.post("/deferred", ticket)
    assert done.status == 200
    text = done.json["credentials"][0]["credential"]
    assert verify(text, [station.root], station.hands(), VCT).cnf["x"] == wallet.key["x"]
    assert wallet.post("/deferred", ticket).status == 400


def test_a_deferred_claim_ends_after_three_days(station: Station, office: SampleOffice) -> None:
    minted = office.mint(office.approved_case())
    wallet = station.wallet()
    wallet.ask_token(minted.text, minted.pin)
    ticket = {"transaction_id": wallet.ask_credential().json["transaction_id"]}
    station.hands.forward(hours=73)
    assert wallet.post("/deferred", ticket).status == 401


def test_deferred_facts_that_turn_out_rejected_are_refused(station: Station, office: SampleOffice) -> None:
    unit = office.invented(0)
    unit_id = office.register(unit)
    case = office.file(unit_id, unit, by=office.reviewer)
    office.submit(case, by=office.reviewer)
    approved = Approved(case, unit_id, unit, office.approve(case).hash)  # by the same person
    minted = office.mint(approved)
    wallet = station.wallet()
    wallet.ask_token(minted.text, minted.pin)
    ticket = {"transaction_id": wallet.ask_credential().json["transaction_id"]}
    codes = [receipt["code"] for receipt in office.push()]
    assert "self_approval" in codes
    refused = wallet.post("/deferred", ticket)
    assert refused.status == 400
    assert refused.json["error"] == "credential_request_denied"
    assert refused.json["error_description"].startswith("rejected")
    assert office.progress(minted.jti)[0]["state"] == "refused"


def test_metadata_stands_between_host_and_path(make_station: Callable[..., Station]) -> None:
    station = make_station(path="/hn")
    host, issuer = station.url, station.hub.issuer
    assert issuer == f"{host}/hn"
    meta = http(f"{host}/.well-known/openid-credential-issuer/hn").json
    assert meta["credential_issuer"] == issuer
    assert set(meta["credential_configurations_supported"]) == {CONFIGURATION, DELEGATION}
    assert "credential_metadata" in meta["credential_configurations_supported"][CONFIGURATION]
    server = http(f"{host}/.well-known/oauth-authorization-server/hn").json
    assert server["issuer"] == issuer
    assert server["pre-authorized_grant_anonymous_access_supported"] is True
    assert http(f"{host}/.well-known/jwt-vc-issuer/hn").json["issuer"] == issuer
    assert http(f"{issuer}/.well-known/openid-credential-issuer").status == 404
    office = station.new_office()
    minted = office.mint(office.approved_case())
    office.push_all_recorded()
    assert verify(station.wallet().claim(minted.text, minted.pin), [station.root], station.hands(), VCT)
