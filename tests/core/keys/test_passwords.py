"""What a person knows opens what was wrapped under it, and weak parameters are never taken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CertDeskError, EnvironmentFault, UserError
from core.keys import passwords

SECRET = "窗口 invented 8"
PAYLOAD = bytes(range(32))
WRAPPED = passwords.wrap(SECRET, PAYLOAD)


def refusal(secret: str, wrapped: Any) -> str:
    with pytest.raises(CertDeskError) as caught:
        passwords.unwrap(secret, wrapped)
    return caught.value.code


def test_right_secret_opens_also_after_json() -> None:
    assert passwords.unwrap(SECRET, json.loads(json.dumps(WRAPPED))) == PAYLOAD


def test_wrong_secret_is_said_so() -> None:
    assert refusal(SECRET + " ", WRAPPED) == "wrong_password"


def test_full_width_typing_is_the_same_password() -> None:
    assert passwords.unwrap("窗口 ｉｎｖｅｎｔｅｄ　８", WRAPPED) == PAYLOAD


def test_the_compiled_cost_is_64_mib_and_3_passes() -> None:
    assert (WRAPPED["memory_kib"], WRAPPED["passes"]) == (65536, 3)
    assert (passwords.MEMORY_KIB, passwords.PASSES) == (65536, 3)


@given(st.integers(-1, 65535), st.integers(-1, 20))
def test_memory_below_the_floor_is_refused_before_any_work(memory: int, passes: int) -> None:
    assert refusal(SECRET, {**WRAPPED, "memory_kib": memory, "passes": passes}) == "kdf_below_floor"


@given(st.integers(65536, 2**40), st.integers(-1, 2))
def test_passes_below_the_floor_are_refused_before_any_work(memory: int, passes: int) -> None:
    assert refusal(SECRET, {**WRAPPED, "memory_kib": memory, "passes": passes}) == "kdf_below_floor"


def test_wrapping_below_the_floor_is_refused_too() -> None:
    with pytest.raises(EnvironmentFault) as caught:
        passwords.wrap(SECRET, PAYLOAD, memory_kib=65535)
    assert caught.value.code == "kdf_below_floor"


def test_higher_cost_is_allowed_and_its_parameters_are_bound() -> None:
    wrapped = passwords.wrap(SECRET, PAYLOAD, passes=4)
    assert passwords.unwrap(SECRET, wrapped) == PAYLOAD
    assert refusal(SECRET, {**wrapped, "passes": 3}) == "wrong_password"


@pytest.mark.parametrize(
    "change",
    [
        {"kdf": "pbkdf2"},
        {"v": 2},
        {"memory_kib": 2**30},
        {"passes": 1000},
        {"lanes": 0},
        {"lanes": "4"},
        {"memory_kib": "65536"},
        {"memory_kib": True},
        {"salt": "***"},
        {"salt": ""},
        {"salt": 5},
        {"sealed": "***"},
        {"sealed": None},
        {"more": 1},
    ],
)
def test_what_is_no_wrap_is_called_damaged(change: dict[str, Any]) -> None:
    assert refusal(SECRET, {**WRAPPED, **change}) == "wrap_damaged"
    assert refusal(SECRET, [WRAPPED]) == "wrap_damaged"


def test_empty_and_short_passwords() -> None:
    with pytest.raises(UserError) as caught:
        passwords.wrap("", PAYLOAD)
    assert caught.value.code == "password_empty"
    with pytest.raises(UserError) as caught:
        passwords.check_new_password("1234567")
    assert caught.value.code == "password_too_short"
    passwords.check_new_password("12345678")


def test_recovery_code_opens_and_is_forgiving() -> None:
    code = passwords.recovery_code(lambda count: b"\x5a" * count)
    assert [len(group) for group in code.split("-")] == [4] * 7
    wrapped = passwords.wrap(code, PAYLOAD)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("5", "ｓ")
    assert passwords.unwrap(passwords.parse_recovery_code(typed), wrapped) == PAYLOAD


@given(st.binary(min_size=16, max_size=16), st.data())
def test_every_wrong_character_of_a_recovery_code_is_found(entropy: bytes, draw: st.DataObject) -> None:
    code = passwords.recovery_code(lambda count: entropy)
    assert passwords.parse_recovery_code(code) == code
    symbols = code.replace("-", "")
    place = draw.draw(st.integers(0, len(symbols) - 1))
    wrong = draw.draw(st.sampled_from([s for s in "0123456789ACDEFGHJKMNPQRTVWXY" if s != symbols[place]]))
    with pytest.raises(UserError) as caught:
        passwords.parse_recovery_code(symbols[:place] + wrong + symbols[place + 1 :])
    assert caught.value.code == "recovery_code_wrong"


def test_recovery_codes_carry_all_128_bits() -> None:
    codes = {
        passwords.recovery_code(lambda count, b=bit: (1 << b).to_bytes(count, "big")) for bit in range(128)
    }
    assert len(codes) == 128


@given(st.text(max_size=80))
def test_any_text_is_either_a_recovery_code_or_refused(text: str) -> None:
    with pytest.raises(UserError):
        passwords.parse_recovery_code(text)
