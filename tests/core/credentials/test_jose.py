"""One spelling only, and a checked chain that is kept between two verifications still dies on its day."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from core.credentials import chain, jose, x509
from core.credentials.disclosures import digests_of
from core.credentials.jose import (
    Malformed,
    b64u,
    parse_compact,
    public_jwk,
    read_json,
    sign_compact,
    thumbprint,
    unb64u,
    verify_compact,
)
from tests.core.credentials.samples import (
    HOLDER,
    LEAF,
    NOW,
    PLAY_LEAF,
    PLAY_ROOT,
    ROOT,
    ROOT_KEY,
    SIGN,
    STRANGER_ROOT,
    X5C,
)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
    max_leaves=12,
)
_SPELLED = st.tuples(_JSON, st.booleans(), st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", ":")])).map(
    lambda drawn: json.dumps(drawn[0], ensure_ascii=drawn[1], separators=drawn[2])
)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _read(reader: Any, data: bytes) -> str:
    try:
        return repr(reader(data))  # tells 1 from 1.0 and from True, 0.0 from -0.0
    except Malformed as fault:
        return f"refused: {fault}"


@given(_SPELLED.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=12))
@example(b'{"a":1,"a":1}')
@example(b'[{"a":{"b":1,"b":2}}]')
@example(b'["\\ud800"]')
@example(b'{"a":NaN}')
@example(b"[18446744073709551616,-0,-0.0,1e2,1E400,1.0]")
@example(b"\xef\xbb\xbf[]")
@example(b"[" * 3000)
def test_the_quick_reader_of_json_never_says_other_than_the_strict_one(data: bytes) -> None:
    assert _read(read_json, data) == _read(jose._read_strictly, data)


def test_a_repeated_key_is_refused_however_it_is_spelled() -> None:
    for text in ('{"a":1,"a":1}', '{"a":1, "a":2}', '{"a":1,"\\u0061":1}', '[{"b":{"a":[],"a":[]}}]'):
        with pytest.raises(Malformed, match="repeated_key"):
            read_json(text.encode())


@given(st.lists(st.text(alphabet="ABCxyz019-_", max_size=9), max_size=5))
def test_digests_spelled_together_are_those_spelled_one_by_one(disclosures: list[str]) -> None:
    alone = [b64u(hashlib.sha256(text.encode("ascii")).digest()) for text in disclosures]
    assert digests_of(disclosures) == alone


@given(st.text(alphabet="ABCQgwxyz019-_+/= \n.é\0", max_size=14))
@example("")
@example("QQ")
@example("QR")
@example("QQ==")
@example("QUI")
@example("QUJ")
@example("A")
@example("AB+/")
@example("AB==")
@example("AB\n")
def test_what_is_read_is_spelled_in_one_way(text: str) -> None:
    try:
        data = unb64u(text)
    except Malformed:
        return
    assert b64u(data) == text


@given(st.binary(max_size=80))
def test_whatever_is_written_is_read(data: bytes) -> None:
    assert unb64u(b64u(data)) == data


@pytest.mark.parametrize(
    "text", ["QR", "QUJ", "QQ==", "QUI=", "A", "ABCDE", "AB+/", "A\n", "QQ\n", "é", "\ud800", "."]
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(Malformed, match="base64url"):
        unb64u(text)


def test_the_name_of_a_key_is_the_one_that_others_give_it() -> None:
    public = public_jwk({name: HOLDER[name] for name in ("kty", "crv", "x", "y")})
    assert thumbprint(public) == ECKey.import_key(dict(public)).thumbprint()


def test_a_point_off_the_curve_is_no_key() -> None:
    for x, y in ((HOLDER["x"], HOLDER["x"]), ("A" * 43, "A" * 43)):
        with pytest.raises(Malformed, match="jwk"):
            public_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})


@pytest.mark.parametrize(
    ("r", "s"), [(0, 0), (0, 1), (1, 0), (ORDER, 1), (1, ORDER), (ORDER + 1, 1), (2**256 - 1, 2**256 - 1)]
)
def test_numbers_that_no_signature_has(r: int, s: int) -> None:
    text = sign_compact({}, {"a": 1}, lambda _: r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    with pytest.raises(Malformed, match="signature"):
        verify_compact(parse_compact(text), chain.public_jwk_of(LEAF))


def test_a_signature_covers_the_very_text() -> None:
    key, text = chain.public_jwk_of(LEAF), sign_compact({"typ": "x"}, {"a": 1}, SIGN)
    verify_compact(parse_compact(text), key)
    other = text.split(".")
    other[0] = b64u(unb64u(other[0]).replace(b'"x"', b'"x" '))
    with pytest.raises(Malformed, match="signature"):
        verify_compact(parse_compact(".".join(other)), key)


# --- the kept chain --------------------------------------------------------------------------------


def refused(*arguments: object, **options: object) -> str:
    with pytest.raises(Malformed) as caught:
        chain.check_chain(*arguments, **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_kept_chain_is_judged_by_the_moment_each_time() -> None:
    found = chain.check_chain(X5C, [ROOT], NOW)
    assert chain.check_chain(X5C, [ROOT], NOW + timedelta(days=1)) == found
    assert refused(X5C, [ROOT], found.not_after + timedelta(seconds=1)) == "chain_time"
    assert refused(X5C, [ROOT], NOW - timedelta(days=1)) == "chain_time"
    assert chain.check_chain(X5C, [ROOT], NOW) == found


def test_a_kept_chain_holds_for_its_roots_and_world_only() -> None:
    found = chain.check_chain(X5C, [ROOT], NOW)
    assert refused(X5C, [STRANGER_ROOT], NOW) == "chain_root"
    assert refused(X5C, [], NOW) == "chain_root"
    assert refused(X5C, [ROOT], NOW, rehearsal=True) == "chain_rehearsal"
    play = x509.x5c(PLAY_LEAF)
    assert chain.check_chain(play, [PLAY_ROOT], NOW, rehearsal=True).rehearsal
    assert refused(play, [PLAY_ROOT], NOW) == "chain_rehearsal"
    withdrawn = x509.make_crl(ROOT_KEY, ROOT, [found.serial], NOW, 24)
    assert refused(X5C, [ROOT], NOW, crl=withdrawn) == "chain_revoked"
    assert chain.check_chain(X5C, [ROOT], NOW, crl=x509.make_crl(ROOT_KEY, ROOT, [], NOW, 24)) == found


def test_one_letter_in_a_kept_chain_makes_another() -> None:
    chain.check_chain(X5C, [ROOT], NOW)
    for place in (40, len(X5C[0]) // 2, len(X5C[0]) - 20):
        letter = "A" if X5C[0][place] != "A" else "B"
        assert refused([X5C[0][:place] + letter + X5C[0][place + 1 :]], [ROOT], NOW).startswith("chain_")
