"""Status lists: the published vectors, strict reading, and three answers of which only one is valid."""

from __future__ import annotations

import json
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.credentials import status, x509
from core.credentials.jose import Malformed, b64u, sign_compact
from core.credentials.status import StatusList, StatusReference, make_token, read_token
from core.errors import UserError
from tests.core.credentials.samples import (
    ISSUER,
    NOW,
    PLAY_KEY,
    PLAY_LEAF,
    PLAY_ROOT,
    ROOT,
    SIGN,
    STAMP,
    STRANGER_LEAF,
    STRANGER_LEAF_KEY,
    X5C,
)

URI = f"{ISSUER}/status/1"
VECTORS = json.loads((Path(__file__).parent / "status_vectors.json").read_text("utf-8"))["lists"]


def token(**changes: Any) -> str:
    """A signed list with some claims changed; ``None`` removes one."""
    values = StatusList(16)
    values.set(3, status.INVALID)
    values.set(4, status.SUSPENDED)
    payload: dict[str, Any] = {
        "sub": URI,
        "iat": STAMP,
        "exp": STAMP + 3600,
        "ttl": 60,
        "status_list": {"bits": 2, "lst": values.encode()},
    }
    payload = {name: value for name, value in (payload | changes).items() if value is not None}
    return sign_compact({"typ": status.TYP, "x5c": X5C}, payload, SIGN)


def why(text: str, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        read_token(
            text, options.pop("uri", URI), options.pop("roots", [ROOT]), options.pop("now", NOW), **options
        )
    assert caught.value.code == "status_list_refused"
    return str(caught.value.params["why"])


@pytest.mark.parametrize("bits", ["1", "2", "4"])
def test_published_vectors(bits: str) -> None:
    vector = VECTORS[bits]
    read = StatusList.decode(vector["lst"], int(bits))
    assert len(read) == 2**20
    expected = {int(index): value for index, value in vector["statuses"].items()}
    assert {index: read.get(index) for index in range(2**20) if read.get(index)} == expected
    made = StatusList(2**20, int(bits))
    for index, value in expected.items():
        made.set(index, value)
    assert made.raw() == read.raw()
    assert made.encode() == vector["lst"], "zlib 9 gives the published text"


def test_published_examples() -> None:
    # draft-ietf-oauth-status-list-21, 4.1 and 4.2.
    one, two = StatusList(16, 1), StatusList(12, 2)
    for index, value in enumerate([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]):
        one.set(index, value)
    for index, value in enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]):
        two.set(index, value)
    assert (one.raw().hex(), one.encode()) == ("b9a3", "eNrbuRgAAhcBXQ")
    assert (two.raw().hex(), two.encode()) == ("c944f9", "eNo76fITAAPfAgc")


@given(
    st.sampled_from([1, 2, 4, 8]), st.lists(st.tuples(st.integers(0, 99), st.integers(0, 255)), max_size=40)
)
def test_a_list_remembers_the_last_value_of_each_index(bits: int, writes: list[tuple[int, int]]) -> None:
    made = StatusList(100, bits)
    model: dict[int, int] = {}
    for index, value in writes:
        made.set(index, value % (1 << bits))
        model[index] = value % (1 << bits)
    read = StatusList.decode(made.encode(), bits)
    assert [read.get(index) for index in range(100)] == [model.get(index, 0) for index in range(100)]


def test_bounds() -> None:
    made = StatusList(4)
    for index in (-1, 4, True, 1.0):
        with pytest.raises(IndexError):
            made.get(index)  # type: ignore[arg-type]
    for value in (-1, 4, True):
        with pytest.raises(ValueError):
            made.set(0, value)
    for size, bits in ((0, 2), (4, 3), (4, 16)):
        with pytest.raises(ValueError):
            StatusList(size, bits)


def test_odd_packings_are_refused() -> None:
    good = zlib.compress(bytes(4), 9)
    bomb = zlib.compress(bytes(5 * 1024 * 1024), 9)
    for data in (good + b"x", good[:-1], b"", b"nonsense", bomb, good[:-4] + bytes(4), zlib.compress(b"", 9)):
        with pytest.raises(Malformed):
            StatusList.decode(b64u(data))
    with pytest.raises(Malformed):
        StatusList.decode(b64u(good) + "=")
    for bits in (0, 3, True, "2", None):
        with pytest.raises(Malformed):
            StatusList.decode(b64u(good), bits)


def test_a_token_is_read_and_answers() -> None:
    read = read_token(token(), URI, [ROOT], NOW)
    answers = [read.answer(StatusReference(URI, index), STAMP) for index in (2, 3, 4, 16)]
    assert answers == [status.VALID, status.INVALID, status.SUSPENDED, None]
    assert read.answer(StatusReference(URI + "2", 2), STAMP) is None
    assert read.answer(StatusReference(URI, 2), STAMP + 3599) == status.VALID
    assert read.answer(StatusReference(URI, 2), STAMP + 3600) is None


def test_make_token_is_what_read_token_reads() -> None:
    made = make_token(StatusList(100_000), URI, STAMP, STAMP + 3600, 60, SIGN, X5C)
    read = read_token(made + "\n", URI, [ROOT], NOW)
    assert (read.issued_at, read.expires_at, read.ttl, len(read.values)) == (STAMP, STAMP + 3600, 60, 100_000)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sub": None}, "sub"),
        ({"sub": URI + "/"}, "sub"),
        ({"iat": None}, "times"),
        ({"iat": str(STAMP)}, "times"),
        ({"iat": STAMP + 61}, "not_yet"),
        ({"exp": None}, "times"),
        ({"exp": STAMP}, "expired"),
        ({"ttl": 0}, "times"),
        ({"ttl": "60"}, "times"),
        ({"status_list": None}, "lst"),
        ({"status_list": {"bits": 2}}, "lst"),
        ({"status_list": {"bits": 2, "lst": "AAAA"}}, "lst"),
        ({"status_list": {"bits": 3, "lst": "eNrbuRgAAhcBXQ"}}, "bits"),
        ({"status_list": {"lst": "eNrbuRgAAhcBXQ"}}, "bits"),
    ],
)
def test_claims_of_a_token(changes: dict[str, Any], reason: str) -> None:
    assert why(token(**changes)) == reason


def test_who_signed_and_for_what() -> None:
    payload = {
        "sub": URI,
        "iat": STAMP,
        "exp": STAMP + 9,
        "status_list": {"bits": 2, "lst": "eNo76fITAAPfAgc"},
    }
    typed = {"typ": status.TYP, "x5c": X5C}
    assert read_token(sign_compact(typed, payload, SIGN), URI, [ROOT], NOW).ttl is None
    assert why(sign_compact({**typed, "typ": "JWT"}, payload, SIGN)) == "typ"
    assert why(sign_compact({"typ": status.TYP}, payload, SIGN)) == "chain_header"
    stranger = x509.es256_signer(STRANGER_LEAF_KEY)
    assert why(sign_compact(typed, payload, stranger)) == "signature"
    assert why(sign_compact({**typed, "x5c": x509.x5c(STRANGER_LEAF)}, payload, stranger)) == "chain_root"
    play = sign_compact({**typed, "x5c": x509.x5c(PLAY_LEAF)}, payload, x509.es256_signer(PLAY_KEY))
    assert why(play, roots=[PLAY_ROOT]) == "chain_rehearsal"
    assert read_token(play, URI, [PLAY_ROOT], NOW, rehearsal=True)


def test_an_older_list_than_the_newest_seen_is_refused() -> None:
    assert read_token(token(), URI, [ROOT], NOW, newest_seen=STAMP)
    assert why(token(), newest_seen=STAMP + 1) == "rolled_back"


def test_stale_foreign_and_broken_lists_never_answer_valid() -> None:
    good = token()
    assert why(good, now=NOW + timedelta(hours=1)) == "expired"
    assert why(good, uri=URI + "0") == "sub"
    for place in range(0, len(good), 7):
        assert why(good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :])
    assert why(good[:-1]) and why("") and why("a.b.c") and why(good + ".x")


@given(st.text(max_size=60))
def test_any_text_is_refused_politely(text: str) -> None:
    assert why(text)


@given(
    st.none() | st.integers() | st.text() | st.dictionaries(st.text(), st.integers() | st.text(), max_size=3)
)
def test_any_status_claim_is_read_or_refused(claim: Any) -> None:
    for value in (claim, {"status_list": claim}):
        with pytest.raises(Malformed):
            StatusReference.parse(value)


def test_reference_claim() -> None:
    reference = StatusReference(URI, 7)
    assert reference.claim() == {"status_list": {"idx": 7, "uri": URI}}
    assert StatusReference.parse(reference.claim()) == reference
