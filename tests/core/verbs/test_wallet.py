"""Our small phone against an issuer that is not our hub."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from core.errors import EnvironmentFault, UserError
from core.verbs.wallet import claim, well_known
from tests.core.verbs.issuer import CERTIFICATE, CODE, PIN, Issuer, running


def by_reference(issuer: Issuer) -> str:
    return f"{issuer.url}/c?credential_offer_uri={issuer.url}/o/{CODE}"


def by_value(issuer: Issuer) -> str:
    return "openid-credential-offer://?credential_offer=" + quote(json.dumps(issuer.offer()))


@pytest.mark.parametrize("spell", [by_reference, by_value])
@pytest.mark.parametrize("waits", [0, 2])
def test_a_certificate_is_claimed_at_once_or_later(spell: object, waits: int) -> None:
    assert callable(spell)
    with running(Issuer(waits=waits)) as issuer:
        claimed = claim(spell(issuer), PIN)
    assert claimed.certificate == CERTIFICATE
    assert issuer.told == ["credential_accepted"]
    assert issuer.waits == 0


def test_a_wrong_pin_is_told_by_its_word_alone() -> None:
    with running(Issuer()) as issuer, pytest.raises(UserError) as refusal:
        claim(by_reference(issuer), "999999")
    assert refusal.value.params == {"status": 400, "error": "invalid_grant", "word": "pin_wrong"}


@pytest.mark.parametrize("wrong", ["issuer", "token"])
def test_an_issuer_that_contradicts_itself_is_refused(wrong: str) -> None:
    with running(Issuer(wrong=wrong)) as issuer, pytest.raises(UserError) as refusal:
        claim(by_reference(issuer), PIN)
    assert refusal.value.code == "wallet_answer_malformed"


@pytest.mark.parametrize(
    ("offer", "code"),
    [
        ("", "offer_malformed"),
        ("openid-credential-offer://?credential_offer={", "wallet_answer_malformed"),
        ("openid-credential-offer://?credential_offer={}", "wallet_answer_malformed"),
        ("x://?credential_offer=%7B%7D&credential_offer_uri=http://127.0.0.1:1/o", "offer_malformed"),
        ("x://?credential_offer_uri=http://192.0.2.1/o", "hub_url_insecure"),
        ("x://?credential_offer_uri=file:///etc/passwd", "hub_url_insecure"),
    ],
)
def test_what_is_no_offer_is_refused(offer: str, code: str) -> None:
    with pytest.raises(UserError) as refusal:
        claim(offer, PIN)
    assert refusal.value.code == code


def test_nobody_there() -> None:
    with running(Issuer()) as issuer:
        offer = by_reference(issuer)
    with pytest.raises(EnvironmentFault) as fault:
        claim(offer, PIN)
    assert fault.value.code == "hub_unreachable"


def test_the_well_known_part_goes_between_host_and_path() -> None:
    assert well_known("https://hub.test/a/b", "x") == "https://hub.test/.well-known/x/a/b"
    assert well_known("https://hub.test", "x") == "https://hub.test/.well-known/x"
