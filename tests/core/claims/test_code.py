"""A code says what was put in, has one spelling, and is understood by a foreign COSE library."""

from __future__ import annotations

import base64
import sys
import types

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.claims.code import ClaimCode, decode, mint, signing_input, verify_signature
from core.claims.window import check_window
from core.errors import UserError
from tests.core.claims.mutations import raw_of, text_of
from tests.core.claims.samples import CODE, ISSUER, NOW, OTHER, SIGNER, TEXT, code

moments = st.integers(2**30, 2**32 - 601)
codes = st.builds(
    lambda office, at, jti, tag, purpose, no, facts, epoch, seq: ClaimCode(
        str(office), at, at + 600, jti, tag, purpose, no, facts, epoch, seq
    ),
    st.integers(100_000, 999_999),
    moments,
    st.binary(min_size=12, max_size=12),
    st.binary(min_size=16, max_size=16),
    st.integers(1, 3),
    st.integers(1, 255),
    st.binary(min_size=16, max_size=16),
    st.integers(0, 65535),
    st.integers(0, 2**32 - 1),
)


@given(codes)
def test_what_went_in_comes_out_signed(sample: ClaimCode) -> None:
    text = mint(sample, SIGNER, ISSUER)
    decoded = decode(text)
    assert decoded.code == sample
    assert (decoded.kid, decoded.algorithm) == (SIGNER.kid, "Ed25519")
    assert verify_signature(decoded, "Ed25519", SIGNER.public_bytes(), ISSUER)
    assert len(text) <= 219


def test_minting_is_deterministic() -> None:
    assert mint(CODE, SIGNER, ISSUER) == TEXT


def test_the_code_carries_no_names_and_has_the_measured_size() -> None:
    assert (len(raw_of(TEXT)), len(TEXT)) == (159, 212)


def test_key_algorithm_and_audience_come_from_outside() -> None:
    decoded = decode(TEXT)
    public = SIGNER.public_bytes()
    assert verify_signature(decoded, "Ed25519", public, ISSUER)
    assert not verify_signature(decoded, "Ed25519", OTHER.public_bytes(), ISSUER)
    assert not verify_signature(decoded, "Ed25519", public, ISSUER + "/")
    assert not verify_signature(decoded, "ES256", public, ISSUER)
    assert not verify_signature(decoded, "none", public, ISSUER)
    assert not verify_signature(decoded, "Ed25519", b"short", ISSUER)


def why(text: str) -> str:
    with pytest.raises(UserError) as caught:
        decode(text)
    assert caught.value.code == "code_malformed"
    return str(caught.value.params["why"])


def test_every_other_spelling_is_refused_with_its_reason() -> None:
    raw = raw_of(TEXT)
    assert why(TEXT + "=") == "characters"
    assert why(TEXT[:50] + "\n" + TEXT[50:]) == "characters"
    assert why(TEXT.replace("_", "/").replace("-", "+") + "+") == "characters"
    assert why("") == "characters"
    assert why("A" * 400) == "characters"
    assert why(text_of(raw + b"\0")) == "spelling"
    assert why(text_of(raw[:-1])) == "cbor"
    assert why("_" * 200) in ("cbor", "structure")
    parts = cbor2.loads(raw)
    assert why(text_of(cbor2.dumps([parts[0], {1: 1}, *parts[2:]]))) == "structure"
    assert why(text_of(cbor2.dumps(cbor2.CBORTag(18, parts)))) == "structure"


def test_the_unused_bits_of_the_last_character_are_part_of_the_spelling() -> None:
    # 163 bytes leave two characters that can be written in several ways.
    text = mint(code(seq=2**32 - 1, representative_no=255, device_epoch=300), SIGNER, ISSUER)
    assert len(text) % 4
    twins = [text[:-1] + c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"]
    same = [t for t in twins if raw_of(t) == raw_of(text) and t != text]
    assert same
    assert {why(t) for t in same} == {"spelling"}


@given(st.text(max_size=300))
def test_any_text_is_refused_politely(text: str) -> None:
    assert why(text)


@given(st.binary(min_size=120, max_size=164))
def test_any_bytes_are_refused_politely(raw: bytes) -> None:
    assert why(text_of(raw)) in ("cbor", "structure")


@given(
    st.recursive(st.integers() | st.binary() | st.text() | st.none() | st.floats(), st.lists, max_leaves=9)
)
def test_any_cbor_payload_is_refused_politely(value: object) -> None:
    parts = cbor2.loads(raw_of(TEXT))
    payload = cbor2.dumps({1: value, 4: value, 6: value, 7: value, -65537: [value] * 6})
    text = text_of(cbor2.dumps([parts[0], {}, payload, parts[3]]))
    assert why(text) in ("content", "structure", "characters")


@pytest.mark.parametrize(
    "changes",
    [
        {"office": "69023"},
        {"office": "069023"},
        {"office": "46902３"},
        {"purpose": 0},
        {"purpose": 4},
        {"purpose": True},
        {"representative_no": 0},
        {"representative_no": 256},
        {"seq": -1},
        {"seq": 2**32},
        {"device_epoch": 65536},
        {"jti": bytes(11)},
        {"facts": bytes(32)},
        {"unit_tag": bytearray(16)},
        {"expires_at": NOW},
        {"issued_at": 5},
    ],
)
def test_a_code_out_of_range_is_never_made(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        code(**changes)


def test_only_ten_minutes_are_minted_and_only_with_a_device_key() -> None:
    from core.keys.signer import SoftwareSigner

    for seconds in (599, 601):
        with pytest.raises(ValueError):
            mint(code(expires_at=NOW + seconds), SIGNER, ISSUER)
    with pytest.raises(ValueError):
        mint(CODE, SoftwareSigner(SIGNER.seed(), kid_size=16), ISSUER)


def test_signed_bytes_are_the_sig_structure_of_rfc_9052() -> None:
    """Written out by hand, without a CBOR library."""
    decoded = decode(TEXT)
    aad = b"claim-code/1 https://zhengchuang.example.test"
    by_hand = b"\x84" + b"\x6aSignature1"
    by_hand += b"\x49" + b"\xa2\x01\x27\x04\x44" + bytes.fromhex(SIGNER.kid)
    by_hand += b"\x58" + bytes([len(aad)]) + aad
    by_hand += b"\x58" + bytes([len(decoded.payload)]) + decoded.payload
    assert signing_input(decoded.protected, decoded.payload, ISSUER) == by_hand
    payload = b"\xa5\x01\x1a" + (469023).to_bytes(4, "big")
    payload += b"\x04\x1a" + (NOW + 600).to_bytes(4, "big") + b"\x06\x1a" + NOW.to_bytes(4, "big")
    payload += b"\x07\x4c" + CODE.jti + b"\x3a\x00\x01\x00\x00\x86"
    payload += (
        b"\x50" + CODE.unit_tag + b"\x01\x02\x50" + CODE.facts + b"\x01\x19" + (4711).to_bytes(2, "big")
    )
    assert decoded.payload == payload


@pytest.fixture(scope="module")
def cwt():  # type: ignore[no-untyped-def]
    """The foreign library. It wants `certvalidator` for certificates we do not use, and that one cannot

    read the version of a present-day OpenSSL; an empty stand-in lets the COSE part load.
    """
    if "cwt" not in sys.modules:
        absent = types.ModuleType("certvalidator")
        absent.CertificateValidator = absent.ValidationContext = object  # type: ignore[attr-defined]
        sys.modules["certvalidator"] = absent
    import cwt

    return cwt


def _key(cwt, signer):  # type: ignore[no-untyped-def]
    return cwt.COSEKey.new(
        {1: 1, 3: -8, -1: 6, 2: bytes.fromhex(signer.kid), -2: signer.public_bytes(), -4: signer.seed()}
    )


def test_a_foreign_library_verifies_our_code(cwt) -> None:  # type: ignore[no-untyped-def]
    message = cbor2.CBORTag(18, cbor2.loads(raw_of(TEXT)))
    aad = b"claim-code/1 " + ISSUER.encode()
    payload = cwt.COSE.new().decode(message, _key(cwt, SIGNER), external_aad=aad)
    assert payload == decode(TEXT).payload
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new().decode(message, _key(cwt, SIGNER), external_aad=aad + b"/")


def test_we_verify_what_a_foreign_library_signs(cwt) -> None:  # type: ignore[no-untyped-def]
    decoded = decode(TEXT)
    made = cwt.COSE.new().encode_and_sign(
        decoded.payload,
        _key(cwt, SIGNER),
        protected={1: -8, 4: bytes.fromhex(SIGNER.kid)},
        external_aad=b"claim-code/1 " + ISSUER.encode(),
    )
    text = text_of(cbor2.dumps(cbor2.loads(made).value))
    assert verify_signature(decode(text), "Ed25519", SIGNER.public_bytes(), ISSUER)


def test_base64_is_the_url_alphabet_without_padding() -> None:
    assert base64.urlsafe_b64decode(TEXT + "=" * (-len(TEXT) % 4)) == raw_of(TEXT)
    assert not set(TEXT) & set("+/=%")


def refused_at(now: int, sample: ClaimCode = CODE) -> tuple[str, object]:
    with pytest.raises(UserError) as caught:
        check_window(sample, now)
    return caught.value.code, caught.value.params.get("minutes")


def test_the_window() -> None:
    check_window(CODE, NOW - 300)
    check_window(CODE, NOW + 600 + 120)
    assert refused_at(NOW - 301) == ("code_from_future", 6)
    assert refused_at(NOW + 600 + 121) == ("code_expired", 3)
    assert refused_at(NOW, code(expires_at=NOW + 901)) == ("code_lifetime", None)
    check_window(code(expires_at=NOW + 900), NOW)
