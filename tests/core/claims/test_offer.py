"""Offers as wallets read them: small, percent-proof, and the same code in each form."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.claims import offer
from core.claims.code import mint
from core.errors import UserError
from tests.core.claims.samples import HOST, ISSUER, SIGNER, TEXT, code

LONGEST = mint(
    code(representative_no=255, device_epoch=65535, seq=2**32 - 1), SIGNER, ISSUER
)  # the longest a code can get


def test_the_link_fits_the_screen_for_a_host_of_24_characters() -> None:
    assert len(HOST) == 24
    assert len(offer.link_offer(ISSUER, TEXT).encode()) <= 320
    assert len(offer.link_offer(ISSUER, LONGEST).encode()) <= 320
    assert len(offer.offer_by_value(ISSUER, LONGEST).encode()) <= 600


def test_every_allowed_issuer_fits_with_the_longest_code() -> None:
    issuer = offer.check_issuer("https://" + "h" * (offer.MAX_ISSUER - 8))
    assert len(offer.link_offer(issuer, LONGEST)) == 320
    assert len(offer.offer_by_value(issuer, LONGEST)) <= 600


def test_link_and_scheme_name_the_same_offer() -> None:
    for text in (offer.link_offer(ISSUER, TEXT), offer.scheme_offer(ISSUER, TEXT)):
        query = parse_qs(urlsplit(text).query, strict_parsing=True)
        assert query == {"credential_offer_uri": [f"{ISSUER}/o/{TEXT}"]}
        assert "%" not in text


def test_by_value_survives_one_and_two_decodings() -> None:
    text = offer.offer_by_value(ISSUER, TEXT)
    query = urlsplit(text).query
    ((name, once),) = parse_qsl(query, strict_parsing=True)
    assert name == "credential_offer"
    assert once == unquote(once), "a second decoding must change nothing"
    assert json.loads(once) == offer.offer_object(ISSUER, TEXT)
    assert "+" not in query


def test_the_object_is_a_1_0_offer() -> None:
    assert offer.offer_object(ISSUER, TEXT) == {
        "credential_issuer": ISSUER,
        "credential_configuration_ids": [offer.CONFIGURATION],
        "grants": {
            "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
                "pre-authorized_code": TEXT,
                "tx_code": {"input_mode": "numeric", "length": 6},
            }
        },
    }


@pytest.mark.parametrize(
    "issuer",
    [
        "https://hub.example.test",
        "https://hub.example.test:8443/hi",
        "http://127.0.0.1:8123",
        "http://localhost:1",
        "http://[::1]:8123",
    ],
)
def test_good_issuers(issuer: str) -> None:
    assert offer.check_issuer(issuer) == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "https://",
        "hub.example.test",
        "http://hub.example.test",
        "http://192.0.2.1:80",
        "https://hub.example.test/",
        "https://Hub.example.test",
        "https://a.test/?q",
        "https://a.test/#f",
        "https://a.test/%41",
        "https://a.test/a+b",
        "https://u:p@a.test",
        "ftp://a.test",
        "https://a.test:99999",
        "https://a.test//b",
        "https://单位.test",
        "https://a.test\n",
        "https://[::1",
    ],
)
def test_bad_issuers(issuer: str) -> None:
    with pytest.raises(UserError) as caught:
        offer.check_issuer(issuer)
    assert caught.value.code == "issuer_wrong"


def test_a_long_issuer_is_refused_at_set_up_and_never_makes_a_large_symbol() -> None:
    issuer = "https://" + "h" * 40
    with pytest.raises(UserError) as caught:
        offer.check_issuer(issuer)
    assert caught.value.code == "issuer_too_long"
    with pytest.raises(UserError) as caught:
        offer.link_offer(issuer, LONGEST)
    assert caught.value.code == "offer_too_long"


@given(st.text(max_size=60))
def test_any_text_as_issuer_is_judged_politely(text: str) -> None:
    try:
        assert offer.check_issuer(text) == text
    except UserError as error:
        assert error.code in ("issuer_wrong", "issuer_too_long")
