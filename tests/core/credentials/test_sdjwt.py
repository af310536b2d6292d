"""Our certificate verifies here and in a foreign library; what libraries let pass is refused here."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sd_jwt.verifier import JWK, SDJWTVerifier

from core.credentials import sdjwt, x509
from core.credentials.certificate_claims import VCT
from core.credentials.disclosures import Reveal, conceal
from core.credentials.jose import Malformed, b64u, read_json, sign_compact, unb64u, write_json
from core.credentials.key_binding import KeyBinding, bind
from core.errors import UserError
from tests.core.credentials.samples import (
    CERTIFICATE,
    CLAIMS,
    HOLDER,
    HOLDER_PUBLIC,
    ISSUER,
    LEAF_KEY,
    NOW,
    PLAY_KEY,
    PLAY_LEAF,
    PLAY_ROOT,
    RANDOM,
    ROOT,
    SIGN,
    STAMP,
    STATUS,
    STRANGER_LEAF,
    STRANGER_LEAF_KEY,
    STRANGER_ROOT,
    X5C,
    always,
)


def digest_of(encoded: str) -> str:
    """RFC 9901, 4.2.3, without our code."""
    return base64.urlsafe_b64encode(hashlib.sha256(encoded.encode("ascii")).digest()).rstrip(b"=").decode()


def verify(text: str, **options: Any) -> sdjwt.VerifiedCertificate:
    settings: dict[str, Any] = {"roots": [ROOT], "now": NOW, "expected_vct": VCT} | options
    return sdjwt.verify(text, **settings)


def why(text: str, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        verify(text, **options)
    assert caught.value.code == "certificate_refused"
    return str(caught.value.params["why"])


def signed(payload: dict[str, Any], header: dict[str, Any] | None = None, *disclosures: str) -> str:
    """Anything at all, properly signed by the real leaf: only what it says is wrong."""
    head = {"typ": sdjwt.TYP, "x5c": X5C} if header is None else header
    return "~".join([sign_compact(head, payload, SIGN), *disclosures, ""])


def disclosure(*parts: Any) -> str:
    return b64u(write_json(list(parts)))


def test_the_whole_certificate_shows_everything() -> None:
    found = verify(CERTIFICATE)
    assert {name: found.claims[name] for name in CLAIMS} == CLAIMS
    assert found.claims["vct"] == VCT and found.claims["iss"] == ISSUER
    assert found.cnf == HOLDER_PUBLIC and found.status == STATUS
    assert not found.rehearsal and "_sd" not in json.dumps(found.claims)


def test_nothing_about_unit_or_person_stands_in_the_signed_part() -> None:
    payload = read_json(unb64u(CERTIFICATE.split("~")[0].split(".")[1]))
    text = json.dumps(payload, ensure_ascii=False)
    for value in sdjwt.leaves(CLAIMS).values():
        assert str(value) not in text or len(str(value)) < 2
    assert payload["unit"].keys() == {"_sd"} and payload["_sd_alg"] == "sha-256"
    for group in ("unit", "representative", "manager"):
        assert payload[group]["_sd"] == sorted(payload[group]["_sd"])


def test_salts_are_128_bits_and_never_repeat() -> None:
    salts = [read_json(unb64u(text))[0] for text in CERTIFICATE.split("~")[1:-1]]
    assert len(salts) == len(set(salts)) == len(sdjwt.leaves(CLAIMS))
    assert {len(unb64u(salt)) for salt in salts} == {16}


@given(st.data())
def test_a_holder_may_show_any_part(draw: st.DataObject) -> None:
    jws, *disclosures, _ = CERTIFICATE.split("~")
    shown = draw.draw(st.lists(st.sampled_from(disclosures), unique=True))
    found = sdjwt.leaves(verify("~".join([jws, *shown, ""])).claims)
    everything = sdjwt.leaves(CLAIMS)
    visible = {name: value for name, value in found.items() if name in everything}
    assert len(visible) == len(shown)
    assert visible.items() <= everything.items()


def test_a_foreign_library_reads_our_certificate() -> None:
    key = JWK.from_json(json.dumps(x509_jwk()))
    payload = SDJWTVerifier(CERTIFICATE, lambda issuer, header: key).get_verified_payload()
    assert {name: payload[name] for name in CLAIMS} == CLAIMS
    bound = bind(CERTIFICATE, "https://dept.example.test", "n-1", STAMP, x509.es256_signer(pem_of(HOLDER)))
    again = SDJWTVerifier(bound, lambda issuer, header: key, "https://dept.example.test", "n-1")
    assert again.get_verified_payload()["vct"] == VCT


def x509_jwk() -> dict[str, str]:
    return verify(CERTIFICATE).leaf.jwk


def pem_of(jwk: dict[str, str]) -> bytes:
    return JWK.from_json(json.dumps(jwk)).export_to_pem(private_key=True, password=None)


def test_what_the_foreign_library_lets_pass_is_refused_here() -> None:
    """The gotchas of claim.md, each one accepted over there (the control) and refused here."""
    key = JWK.from_json(json.dumps(x509_jwk()))
    unsigned = disclosure("c2FsdHNhbHRzYWx0", "role", "invented")
    cases = {
        "disclosure_unsigned": CERTIFICATE + unsigned + "~",
        "typ": signed(always(), {"typ": "vc+sd-jwt", "x5c": X5C}),
        "expired": signed(always(exp=STAMP - 1)),
        "vct": signed(always(vct=None)),
    }
    for reason, text in cases.items():
        assert SDJWTVerifier(text, lambda issuer, header: key).get_verified_payload()
        assert why(text) == reason


def test_disclosures_are_used_exactly_once() -> None:
    jws, *disclosures, _ = CERTIFICATE.split("~")
    assert why("~".join([jws, *disclosures, disclosures[0], ""])) == "disclosure_repeated"
    first = disclosure("s" * 22, "a", 1)
    digest = digest_of(first)
    assert why(signed(always(_sd=[digest, digest]), None, first)) == "digest_repeated"
    assert why(signed(always(_sd=[digest], x={"_sd": [digest]}), None, first)) == "digest_repeated"
    assert why(signed(always(_sd=[digest_of("other")]), None, first)) == "disclosure_unsigned"


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (["s", "_sd", []], "disclosure_name"),
        (["s", "...", "x"], "disclosure_name"),
        (["s", "_sd_alg", "sha-256"], "disclosure_name"),
        (["s", "iss", "https://elsewhere.example.test"], "disclosure_name"),
        (["s", "status", {}], "disclosure_name"),
        (["s", "rehearsal", False], "disclosure_name"),
        (["s", 5, "x"], "disclosure_name"),
        (["s", "x"], "disclosure_shape"),
        (["s"], "disclosure_shape"),
        (["s", "a", "b", "c"], "disclosure_shape"),
        ([5, "a", "b"], "disclosure_shape"),
        (["s", "a", {"...": "x"}], "digest_shape"),
        (["s", "a", {"_sd_alg": "sha-256"}], "digest_shape"),
        (["s", "a", {"_sd": "x"}], "digest_shape"),
        (["s", "a", {"_sd": [5]}], "digest_shape"),
    ],
)
def test_disclosures_of_a_wrong_kind(parts: list[Any], reason: str) -> None:
    text = disclosure(*parts)
    assert why(signed(always(_sd=[digest_of(text)]), None, text)) == reason


def test_nested_and_array_disclosures_as_in_rfc_9901() -> None:
    inner = disclosure("s1", "inner", "深")
    outer = disclosure("s2", "outer", {"_sd": [digest_of(inner), digest_of("decoy")]})
    item = disclosure("s3", {"DE": 1})
    payload = always(_sd=[digest_of(outer)], list=["US", {"...": digest_of(item)}, {"...": digest_of("no")}])
    found = verify(signed(payload, None, inner, outer, item)).claims
    assert found["outer"] == {"inner": "深"} and found["list"] == ["US", {"DE": 1}]
    assert why(signed(payload, None, inner)) == "disclosure_unsigned"
    wrong = always(list=[{"...": digest_of(outer)}])
    assert why(signed(wrong, None, outer)) == "disclosure_shape"
    assert why(signed(always(list=[{"...": digest_of(item), "x": 1}]), None, item)) == "digest_shape"


def test_published_disclosure_digest() -> None:
    # RFC 9901, 4.2.3: the family_name disclosure with its salt.
    text = "WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest_of(text) == "uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY"
    assert Reveal([text]).apply({"_sd": [digest_of(text)]}) == {"family_name": "Möbius"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"vct": "urn:other"}, "vct"),
        ({"iss": "https://elsewhere.example.test"}, "iss"),
        ({"iss": None}, "iss"),
        ({"exp": None}, "times"),
        ({"exp": str(STAMP + 9)}, "times"),
        ({"exp": True}, "times"),
        ({"exp": STAMP}, "expired"),
        ({"iat": None}, "times"),
        ({"iat": STAMP + 61}, "not_yet"),
        ({"nbf": STAMP + 61}, "not_yet"),
        ({"nbf": None}, "times"),
        ({"cnf": None}, "cnf"),
        ({"cnf": {"jwk": HOLDER}}, "private_key"),
        ({"cnf": {"jwk": {**HOLDER_PUBLIC, "y": HOLDER_PUBLIC["x"]}}}, "jwk"),
        ({"cnf": {"jwk": HOLDER_PUBLIC, "kid": "x"}}, "cnf"),
        ({"status": None}, "status"),
        ({"status": {"status_list": {"idx": -1, "uri": "https://x.test"}}}, "status"),
        ({"status": {"status_list": {"idx": True, "uri": "https://x.test"}}}, "status"),
        ({"status": {"status_list": {"idx": 1, "uri": ""}}}, "status"),
        ({"rehearsal": True}, "rehearsal"),
        ({"rehearsal": "no"}, "rehearsal"),
        ({"_sd_alg": "sha-512"}, "sd_alg"),
    ],
)
def test_clear_claims_are_all_checked(changes: dict[str, Any], reason: str) -> None:
    assert why(signed(always(**changes))) == reason


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"x5c": X5C}, "typ"),
        ({"typ": "JWT", "x5c": X5C}, "typ"),
        ({"typ": sdjwt.TYP}, "chain_header"),
        ({"typ": sdjwt.TYP, "x5c": []}, "chain_header"),
        ({"typ": sdjwt.TYP, "x5c": X5C * 2}, "chain_header"),
        ({"typ": sdjwt.TYP, "x5c": ["***"]}, "chain_header"),
        ({"typ": sdjwt.TYP, "x5c": x509.x5c(STRANGER_LEAF)}, "chain_root"),
        ({"typ": sdjwt.TYP, "x5c": x509.x5c(ROOT)}, "chain_leaf"),
        ({"typ": sdjwt.TYP, "x5c": x509.x5c(PLAY_LEAF)}, "chain_root"),
        ({"typ": sdjwt.TYP, "x5c": X5C, "alg": "none"}, "alg"),
        ({"typ": sdjwt.TYP, "x5c": X5C, "alg": "HS256"}, "alg"),
        ({"typ": sdjwt.TYP, "x5c": X5C, "crit": ["exp"]}, "crit"),
    ],
)
def test_headers(header: dict[str, Any], reason: str) -> None:
    assert why(signed(always(), header)) == reason


def test_a_strangers_signature_does_not_count() -> None:
    stranger = x509.es256_signer(STRANGER_LEAF_KEY)
    forged = sdjwt.issue(CLAIMS, None, always(), stranger, X5C, RANDOM)
    assert why(forged) == "signature"
    whole = sdjwt.issue(CLAIMS, None, always(), stranger, x509.x5c(STRANGER_LEAF), RANDOM)
    assert why(whole) == "chain_root"
    assert verify(whole, roots=[ROOT, STRANGER_ROOT])


def test_rehearsal_and_real_never_meet() -> None:
    play = sdjwt.issue(
        CLAIMS, None, always(rehearsal=True), x509.es256_signer(PLAY_KEY), x509.x5c(PLAY_LEAF), RANDOM
    )
    assert verify(play, roots=[PLAY_ROOT], rehearsal=True).rehearsal
    assert why(play, roots=[PLAY_ROOT]) == "chain_rehearsal"
    assert why(play, roots=[ROOT, PLAY_ROOT]) == "chain_rehearsal"
    assert why(CERTIFICATE, rehearsal=True) == "chain_rehearsal"
    unmarked = sdjwt.issue(CLAIMS, None, always(), x509.es256_signer(PLAY_KEY), x509.x5c(PLAY_LEAF), RANDOM)
    assert why(unmarked, roots=[PLAY_ROOT], rehearsal=True) == "rehearsal"


def test_time_moves_on() -> None:
    assert verify(CERTIFICATE, now=NOW + timedelta(seconds=86399))
    assert why(CERTIFICATE, now=NOW + timedelta(seconds=86400)) == "expired"
    assert why(CERTIFICATE, now=NOW - timedelta(seconds=61)) == "not_yet"
    assert why(CERTIFICATE, now=NOW + timedelta(days=1826)) == "chain_time"


def test_status_has_three_answers_and_only_one_is_valid() -> None:
    asked = []

    def check(value: int | None) -> Any:
        return lambda reference: asked.append(reference) or value

    states = {value: verify(CERTIFICATE, status_check=check(value)).state for value in (0, 1, 2, 3, None)}
    assert states == {0: "valid", 1: "invalid", 2: "suspended", 3: "unknown", None: "unknown"}
    assert verify(CERTIFICATE).state == "unknown"
    assert set(asked) == {STATUS}


def test_key_binding() -> None:
    sign = x509.es256_signer(pem_of(HOLDER))
    wanted = KeyBinding("https://dept.example.test", "n-1")
    bound = bind(CERTIFICATE, wanted.audience, wanted.nonce, STAMP, sign)
    assert verify(bound, key_binding=wanted)
    assert why(bound) == "key_binding_unasked"
    assert why(CERTIFICATE, key_binding=wanted) == "key_binding_missing"
    for wrong in (
        bind(CERTIFICATE, wanted.audience, "n-2", STAMP, sign),
        bind(CERTIFICATE, "https://other.example.test", "n-1", STAMP, sign),
        bind(CERTIFICATE, wanted.audience, "n-1", STAMP - 301, sign),
        bind(CERTIFICATE, wanted.audience, "n-1", STAMP + 61, sign),
        CERTIFICATE + sign_compact({"typ": "JWT"}, {}, sign),
    ):
        assert why(wrong, key_binding=wanted) == "key_binding"
    other = bind(CERTIFICATE, wanted.audience, "n-1", STAMP, x509.es256_signer(LEAF_KEY))
    assert why(other, key_binding=wanted) == "signature"
    jws, *disclosures, jwt = bound.split("~")
    assert why("~".join([jws, *disclosures[1:], jwt]), key_binding=wanted) == "key_binding"


@given(st.integers(0, len(CERTIFICATE) - 1), st.sampled_from("A_-~.b=+ \n"))
def test_no_changed_character_is_accepted(place: int, character: str) -> None:
    text = CERTIFICATE[:place] + character + CERTIFICATE[place + 1 :]
    if text != CERTIFICATE:
        assert why(text)


@given(st.text(max_size=200) | st.binary(max_size=90).map(b64u))
def test_any_text_is_refused_politely(text: str) -> None:
    for whole in (text, f"{text}~", f"{CERTIFICATE}{text}", f"{text}.{text}.{text}~"):
        if whole != CERTIFICATE:
            assert why(whole)


def test_json_is_read_in_one_way() -> None:
    for text in (b'{"a":1,"a":2}', b'{"a":NaN}', b"{", b"\xff", b"[" * 100_000, b'"' + b"1" * 9, b"Infinity"):
        with pytest.raises(Malformed):
            read_json(text)


def test_repeated_names_in_a_signed_payload_are_refused() -> None:
    raw = write_json(always())[:-1] + b',"exp":9999999999}'
    head = b64u(write_json({"alg": "ES256", "typ": sdjwt.TYP, "x5c": X5C}))
    body = f"{head}.{b64u(raw)}"
    assert why(f"{body}.{b64u(SIGN(body.encode()))}~") == "repeated_key"


@pytest.mark.parametrize(
    ("claims", "paths"),
    [
        ({"_sd": 1}, None),
        ({"iss": "x"}, None),
        ({"a": 1}, ["b"]),
        ({"a": {"...": 1}}, None),
        ({"vct": 1}, []),
    ],
)
def test_what_can_not_be_issued(claims: dict[str, Any], paths: list[str] | None) -> None:
    with pytest.raises(ValueError):
        sdjwt.issue(claims, paths, always(), SIGN, X5C, RANDOM)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
names = st.text(min_size=1, max_size=6).filter(lambda n: n not in ("_sd", "...", "_sd_alg") and "." not in n)
groups = st.dictionaries(
    names, json_values | st.dictionaries(names, json_values, min_size=1, max_size=4), max_size=4
)


@given(groups, st.data())
def test_concealed_claims_come_back_whole(claims: dict[str, Any], draw: st.DataObject) -> None:
    paths = sorted(sdjwt.leaves(claims))
    hidden = draw.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    shown, disclosures = conceal(claims, hidden, RANDOM)
    assert len(disclosures) == len(hidden)
    assert Reveal(disclosures).apply(shown) == claims
    assert sdjwt.leaves(Reveal([]).apply(shown)).keys() == set(paths) - set(hidden)
