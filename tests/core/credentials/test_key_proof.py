"""A phone proves its key, and only that way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey
from joserfc.jws import JWSRegistry, serialize_compact

from core.credentials.jose import thumbprint
from core.credentials.key_proof import TYP, make_proof, new_holder_key, verify_proof
from core.errors import UserError
from tests.core.credentials.samples import HOLDER, HOLDER_PUBLIC, ISSUER, STAMP

PROOF = make_proof(HOLDER, ISSUER, "n-1", STAMP)


def never(nonce: str) -> bool:
    raise AssertionError("a proof refused for another reason must not use the nonce up")


def why(jwt: str, now: int = STAMP) -> str:
    with pytest.raises(UserError) as caught:
        verify_proof(jwt, ISSUER, never, now)
    assert caught.value.code == "proof_invalid"
    return str(caught.value.params["why"])


def foreign(header: dict[str, Any], payload: Any = None, key: Any = None, algorithm: str = "ES256") -> str:
    """A proof as some wallet's library makes it."""
    body = {"aud": ISSUER, "iat": STAMP, "nonce": "n-1"} if payload is None else payload
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    signing = ECKey.import_key(dict(HOLDER)) if key is None else key
    return serialize_compact({"alg": algorithm, **header}, json.dumps(body), signing, registry=registry)


def test_a_good_proof_gives_the_public_key() -> None:
    asked: list[str] = []
    assert verify_proof(PROOF, ISSUER, lambda n: asked.append(n) is None, STAMP) == HOLDER_PUBLIC
    assert asked == ["n-1"]
    extra = {"typ": TYP, "jwk": {**HOLDER_PUBLIC, "use": "sig", "alg": "ES256"}, "trust_chain": ["x"]}
    assert verify_proof(foreign(extra), ISSUER, lambda n: True, STAMP) == HOLDER_PUBLIC


def test_a_nonce_that_is_not_ours_has_its_own_code() -> None:
    with pytest.raises(UserError) as caught:
        verify_proof(PROOF, ISSUER, lambda nonce: False, STAMP)
    assert caught.value.code == "nonce_invalid"


def test_no_iss_is_needed_and_one_does_no_harm() -> None:
    payload = {"aud": ISSUER, "iat": STAMP, "nonce": "n-1", "iss": "wallet"}
    assert verify_proof(foreign({"typ": TYP, "jwk": HOLDER_PUBLIC}, payload), ISSUER, lambda n: True, STAMP)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"aud": ISSUER + "/", "iat": STAMP, "nonce": "n"}, "aud"),
        ({"aud": [ISSUER], "iat": STAMP, "nonce": "n"}, "aud"),
        ({"iat": STAMP, "nonce": "n"}, "aud"),
        ({"aud": ISSUER, "nonce": "n"}, "iat"),
        ({"aud": ISSUER, "iat": True, "nonce": "n"}, "iat"),
        ({"aud": ISSUER, "iat": STAMP - 86_401, "nonce": "n"}, "iat"),
        ({"aud": ISSUER, "iat": STAMP + 86_401, "nonce": "n"}, "iat"),
        ({"aud": ISSUER, "iat": STAMP}, "nonce"),
        ({"aud": ISSUER, "iat": STAMP, "nonce": 5}, "nonce"),
    ],
)
def test_content(payload: dict[str, Any], reason: str) -> None:
    assert why(foreign({"typ": TYP, "jwk": HOLDER_PUBLIC}, payload)) == reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"jwk": HOLDER_PUBLIC}, "typ"),
        ({"typ": "JWT", "jwk": HOLDER_PUBLIC}, "typ"),
        ({"typ": TYP}, "jwk"),
        ({"typ": TYP, "jwk": HOLDER_PUBLIC, "x5c": ["x"]}, "key_twice"),
        ({"typ": TYP, "jwk": HOLDER_PUBLIC, "kid": "did:x"}, "key_twice"),
        ({"typ": TYP, "jwk": HOLDER}, "private_key"),
        ({"typ": TYP, "jwk": {**HOLDER_PUBLIC, "crv": "P-384"}}, "jwk"),
        ({"typ": TYP, "jwk": {**HOLDER_PUBLIC, "kty": "OKP"}}, "jwk"),
        ({"typ": TYP, "jwk": {**HOLDER_PUBLIC, "x": HOLDER_PUBLIC["y"]}}, "jwk"),
        ({"typ": TYP, "jwk": {**HOLDER_PUBLIC, "x": "A" * 44}}, "jwk"),
        ({"typ": TYP, "jwk": {"kty": "EC", "crv": "P-256"}}, "jwk"),
    ],
)
def test_header(header: dict[str, Any], reason: str) -> None:
    assert why(foreign(header)) == reason


def test_another_key_or_algorithm_is_refused() -> None:
    other = new_holder_key()
    assert why(foreign({"typ": TYP, "jwk": HOLDER_PUBLIC}, key=ECKey.import_key(dict(other)))) == "signature"
    okp = OKPKey.generate_key("Ed25519", private=True)
    assert why(foreign({"typ": TYP, "jwk": HOLDER_PUBLIC}, key=okp, algorithm="Ed25519")) == "alg"
    secret = OctKey.import_key("s" * 64)
    assert why(foreign({"typ": TYP, "jwk": HOLDER_PUBLIC}, key=secret, algorithm="HS256")) == "alg"


@given(st.integers(0, len(PROOF) - 1), st.sampled_from("A_-.b=+ \n"))
def test_no_changed_character_is_accepted(place: int, character: str) -> None:
    text = PROOF[:place] + character + PROOF[place + 1 :]
    if text != PROOF:
        assert why(text)


@given(st.text(max_size=100))
def test_any_text_is_refused_politely(text: str) -> None:
    assert why(text)


def test_thumbprint_names_a_key() -> None:
    # RFC 7638 counts only the required members.
    assert thumbprint(HOLDER_PUBLIC) == ECKey.import_key({**HOLDER_PUBLIC, "use": "sig"}).thumbprint()
    assert len(thumbprint(HOLDER_PUBLIC)) == 43
