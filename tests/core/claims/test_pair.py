"""Six digits and unit tags that office and hub compute alike, and nobody else."""

from __future__ import annotations

import collections
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.claims import pair
from core.errors import EnvironmentFault
from core.keys.sealing import new_exchange_key

OFFICE = new_exchange_key(lambda count: b"\x31" * count)
HUB = new_exchange_key(lambda count: b"\x32" * count)
KEY = pair.pair_key(OFFICE[0], HUB[1])
FIXED = ("630247", "36c0e5a8c9920a76ec0d73522b34f8f9")


def test_both_ends_agree_and_a_third_does_not() -> None:
    third = new_exchange_key(lambda count: b"\x33" * count)
    assert pair.pair_key(HUB[0], OFFICE[1]) == KEY
    assert pair.pair_key(third[0], OFFICE[1]) != KEY != pair.pair_key(third[0], HUB[1])


@given(st.binary(min_size=12, max_size=12))
def test_a_pin_is_six_digits_and_right_only_for_its_code(jti: bytes) -> None:
    pin = pair.pin(KEY, jti)
    assert len(pin) == 6 and pin.isascii() and pin.isdigit()
    assert pair.pin_matches(KEY, jti, pin)
    for wrong in (
        "",
        pin[:5],
        pin + "0",
        f"{(int(pin) + 1) % 1_000_000:06d}",
        "٠١٢٣٤٥",
        "１２３４５６",
        "\ud800",
    ):
        assert not pair.pin_matches(KEY, jti, wrong)


def test_pins_are_spread_evenly() -> None:
    digits = collections.Counter(pair.pin(KEY, i.to_bytes(12, "big"))[0] for i in range(5000))
    assert set(digits) == set("0123456789")
    assert max(digits.values()) < 650


def test_a_unit_tag_is_unlinkable_between_codes_and_between_offices() -> None:
    jtis = [hashlib.sha256(bytes([i])).digest()[:12] for i in range(50)]
    tags = {pair.unit_tag(KEY, jti, "124690230000000193") for jti in jtis}
    assert len(tags) == 50 and {len(tag) for tag in tags} == {16}
    assert pair.unit_tag(KEY, jtis[0], "12469023MB0000000B") not in tags
    assert pair.unit_tag(bytes(32), jtis[0], "124690230000000193") not in tags


def test_fixed_values() -> None:
    """A change of the derivation would lock every office out of its hub."""
    jti = bytes(range(12))
    key = bytes(range(32))
    assert (pair.pin(key, jti), pair.unit_tag(key, jti, "124690230000000193").hex()) == FIXED


@pytest.mark.parametrize("public", [bytes(32), b"x"])
def test_a_key_that_is_none_is_refused(public: bytes) -> None:
    with pytest.raises(EnvironmentFault):
        pair.pair_key(OFFICE[0], public)
