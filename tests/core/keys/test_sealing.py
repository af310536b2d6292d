"""Sealed bytes open with the right key and the right purpose, and in no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import EnvironmentFault
from core.keys import sealing

KEY = bytes(range(32))
PRIVATE, PUBLIC = sealing.new_exchange_key(lambda count: b"\x11" * count)
OTHER_PRIVATE, OTHER_PUBLIC = sealing.new_exchange_key(lambda count: b"\x22" * count)


def code_of(call):  # type: ignore[no-untyped-def]
    with pytest.raises(EnvironmentFault) as caught:
        call()
    return caught.value.code


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_both_kinds_give_back_what_went_in(data: bytes, aad: bytes) -> None:
    assert sealing.unseal(KEY, sealing.seal(KEY, data, aad), aad) == data
    assert sealing.open_sealed(PRIVATE, sealing.seal_to(PUBLIC, data, aad), aad) == data


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_bit_a_cut_and_an_addition_are_found(data: bytes, draw: st.DataObject) -> None:
    for blob, opened in (
        (sealing.seal(KEY, data, b"a"), lambda b: sealing.unseal(KEY, b, b"a")),
        (sealing.seal_to(PUBLIC, data, b"a"), lambda b: sealing.open_sealed(PRIVATE, b, b"a")),
    ):
        place = draw.draw(st.integers(0, len(blob) * 8 - 1))
        flipped = bytearray(blob)
        flipped[place // 8] ^= 1 << place % 8
        # X25519 ignores the top bit of a public key; the key derivation does not.
        assert code_of(lambda o=opened, f=bytes(flipped): o(f)) == "sealed_damaged"
        cut = draw.draw(st.integers(0, len(blob) - 1))
        assert code_of(lambda o=opened, f=blob[:cut]: o(f)) == "sealed_damaged"
        assert code_of(lambda o=opened, f=blob + b"\0": o(f)) == "sealed_damaged"


def test_another_purpose_another_key_and_the_other_kind_are_refused() -> None:
    blob, box = sealing.seal(KEY, b"x", b"case/1"), sealing.seal_to(PUBLIC, b"x", b"case/1")
    assert code_of(lambda: sealing.unseal(KEY, blob, b"case/2")) == "sealed_damaged"
    assert code_of(lambda: sealing.unseal(bytes(32), blob, b"case/1")) == "sealed_damaged"
    assert code_of(lambda: sealing.open_sealed(PRIVATE, box, b"case/2")) == "sealed_damaged"
    assert code_of(lambda: sealing.open_sealed(OTHER_PRIVATE, box, b"case/1")) == "sealed_damaged"
    assert code_of(lambda: sealing.unseal(KEY, box, b"case/1")) == "sealed_damaged"
    assert code_of(lambda: sealing.open_sealed(PRIVATE, blob, b"case/1")) == "sealed_damaged"


def test_no_two_sealings_are_alike_and_none_shows_its_content() -> None:
    blobs = {sealing.seal(KEY, b"the same text", b"") for _ in range(20)}
    boxes = {sealing.seal_to(PUBLIC, b"the same text", b"") for _ in range(20)}
    assert len(blobs) == len(boxes) == 20
    assert not any(b"same" in blob for blob in blobs | boxes)


def test_a_source_that_repeats_itself_shows_equality_and_nothing_more() -> None:
    stuck = lambda count: b"\x07" * count  # noqa: E731
    one, two = sealing.seal(KEY, b"A" * 32, b"", stuck), sealing.seal(KEY, b"B" * 32, b"", stuck)
    # Under plain GCM these two would differ by exactly "A" xor "B" in every byte.
    difference = bytes(a ^ b for a, b in zip(one[13:45], two[13:45], strict=True))
    assert difference != bytes([ord("A") ^ ord("B")]) * 32


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"short"])
def test_a_public_key_that_is_none_is_refused(public: bytes) -> None:
    assert code_of(lambda: sealing.seal_to(public, b"x", b"")) == "exchange_key_damaged"


def test_subkeys_are_apart() -> None:
    assert sealing.subkey(KEY, "index") != sealing.subkey(KEY, "scans") != sealing.subkey(bytes(32), "scans")
    assert sealing.subkey(KEY, "index") == sealing.subkey(KEY, "index")


def test_a_key_of_another_length_is_a_bug_not_a_fault() -> None:
    with pytest.raises(ValueError):
        sealing.seal(b"x" * 16, b"", b"")


def test_sizes_are_as_documented() -> None:
    assert len(sealing.seal(KEY, b"", b"")) == 29
    assert len(sealing.seal_to(PUBLIC, b"", b"")) == 49
