"""What wallets of other authors send that ours does not, as seen when they were driven against a hub."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from core.claims.offer import CONFIGURATION
from hub.claims import DEFERRED_SECONDS
from tests.hub.conftest import Station
from tests.hub.sample_office import Minted, SampleOffice
from tests.hub.wallet import Reply, Wallet, http


@pytest.fixture
def minted(office: SampleOffice) -> Minted:
    approved = office.approved_case()
    office.push_all_recorded()
    return office.mint(approved)


@pytest.fixture
def holder(station: Station, minted: Minted) -> Wallet:
    """A wallet that has its token."""
    wallet = station.wallet()
    assert wallet.ask_token(minted.text, minted.pin).status == 200
    return wallet


def options(url: str, **headers: str) -> tuple[int, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, headers=named, method="OPTIONS")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, {k.lower(): v for k, v in refused.headers.items()}


# --- wallets that are web pages -------------------------------------------------------------------


@pytest.mark.parametrize("path", ["token", "nonce", "credential", "deferred", "notification"])
def test_a_browser_may_post_from_another_origin(station: Station, path: str) -> None:
    asked = {
        "Origin": "https://wallet.example",
        "Access_Control_Request_Method": "POST",
        "Access_Control_Request_Headers": "authorization,content-type,dpop",
    }
    status, headers = options(f"{station.hub.issuer}/{path}", **asked)
    assert status == 200
    assert headers["access-control-allow-origin"] == "*"
    assert "POST" in headers["access-control-allow-methods"]
    assert "authorization" in headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in headers


def test_refusals_are_readable_from_another_origin_too(station: Station) -> None:
    reply = http(f"{station.hub.issuer}/credential", b"{}", Origin="https://wallet.example")
    assert reply.status == 401
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-expose-headers"] == "WWW-Authenticate"


def test_options_alone_runs_nothing(station: Station, minted: Minted) -> None:
    for path in ("nonce", "token", f"o/{minted.text}"):
        assert options(f"{station.hub.issuer}/{path}")[0] == 204


# --- naming the credential ------------------------------------------------------------------------


def details(**changed: object) -> str:
    wanted = {"type": "openid_credential", "credential_configuration_id": CONFIGURATION, "claims": []}
    return json.dumps([{**wanted, **changed}])


def ask(wallet: Wallet, **body: object) -> Reply:
    return wallet.post("/credential", {"proofs": {"jwt": [wallet.proof()]}, **body})


def test_authorization_details_are_answered_with_an_identifier(station: Station, minted: Minted) -> None:
    wallet = station.wallet()
    reply = wallet.ask_token(minted.text, minted.pin, authorization_details=details())
    (answer,) = reply.json["authorization_details"]
    assert (answer["type"], answer["credential_configuration_id"]) == ("openid_credential", CONFIGURATION)
    (identifier,) = answer["credential_identifiers"]
    assert ask(wallet, credential_identifier=identifier).status == 200


def test_a_wallet_that_asks_for_no_identifier_is_told_none(station: Station, minted: Minted) -> None:
    assert "authorization_details" not in station.wallet().ask_token(minted.text, minted.pin).json


@pytest.mark.parametrize(
    "text", ["x", "5", '{"a":1}', "[1]", details(type="payment"), details(credential_configuration_id="x")]
)
def test_wrong_authorization_details_burn_no_code(station: Station, minted: Minted, text: str) -> None:
    wallet = station.wallet()
    reply = wallet.ask_token(minted.text, minted.pin, authorization_details=text)
    assert (reply.status, reply.json["error"]) == (400, "invalid_authorization_details")
    assert wallet.ask_token(minted.text, minted.pin).status == 200


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "invalid_credential_request"),
        ({"credential_identifier": "x"}, "unknown_credential_identifier"),
        ({"credential_configuration_id": "x"}, "unknown_credential_configuration"),
        (
            {"credential_identifier": CONFIGURATION, "credential_configuration_id": CONFIGURATION},
            "invalid_credential_request",
        ),
    ],
)
def test_naming_no_credential_of_ours(holder: Wallet, body: dict[str, str], error: str) -> None:
    reply = ask(holder, **body)
    assert (reply.status, reply.json["error"]) == (400, error)
    assert holder.ask_credential().status == 200


# --- proofs ---------------------------------------------------------------------------------------


def test_two_proofs_are_refused_and_burn_nothing(station: Station, holder: Wallet) -> None:
    """No batch size in the metadata: one certificate, one key."""
    nonce = holder.nonce()
    two = {"jwt": [holder.proof(nonce), station.wallet().proof(nonce)]}
    reply = ask(holder, credential_configuration_id=CONFIGURATION, proofs=two)
    assert (reply.status, reply.json["error"]) == (400, "invalid_proof")
    assert holder.ask_credential(holder.proof(nonce)).status == 200


def test_the_drafts_single_proof_is_taken(holder: Wallet) -> None:
    proof = {"proof_type": "jwt", "jwt": holder.proof()}
    body = {"credential_configuration_id": CONFIGURATION, "proof": proof, "format": "dc+sd-jwt"}
    assert holder.post("/credential", body).status == 200


@pytest.mark.parametrize("proof", [{"proof_type": "jwt"}, {"proof_type": "cwt", "jwt": "x"}, "x"])
def test_a_single_proof_that_is_none(holder: Wallet, proof: object) -> None:
    reply = holder.post("/credential", {"credential_configuration_id": CONFIGURATION, "proof": proof})
    assert (reply.status, reply.json["error"]) == (400, "invalid_proof")


def test_a_phone_in_the_wrong_time_zone_claims(station: Station, holder: Wallet) -> None:
    """The nonce shows that a proof is fresh; the phone's clock is often an hour or eight off."""
    nonce = holder.nonce()
    station.hands.forward(hours=-8)
    proof = holder.proof(nonce)
    station.hands.forward(hours=8)
    assert holder.ask_credential(proof).status == 200


# --- waiting --------------------------------------------------------------------------------------


def test_a_token_that_has_to_wait_says_so(station: Station, office: SampleOffice) -> None:
    """A wallet drops a token when ``expires_in`` is over: it must not be told less than the wait."""
    minted = office.mint(office.approved_case())
    wallet = station.wallet()
    assert wallet.ask_token(minted.text, minted.pin).json["expires_in"] == DEFERRED_SECONDS
    station.hands.forward(hours=1)
    waiting = wallet.ask_credential()
    assert waiting.status == 202
    office.push_all_recorded()
    done = wallet.post("/deferred", {"transaction_id": waiting.json["transaction_id"]})
    # No notification_id, which the specification leaves open and a much used client chokes on.
    assert (done.status, set(done.json)) == (200, {"credentials"})
