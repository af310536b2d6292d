"""The one shape of an answer, and the digest of an ID number."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from core.credentials.jose import unb64u
from core.credentials.judgement import Judgement, combine
from core.credentials.person_digest import matches, person_digest

NUMBER, OTHER = "110101199003070011", "11010119900307002X"
SALT = bytes(range(16))


def test_the_worst_answer_decides_and_the_oldest_time_counts() -> None:
    valid, unknown = Judgement("valid", 200), Judgement("unknown", 100, ("status_stale",))
    void = Judgement("not valid", 300, ("certificate_void",))
    assert combine([valid, valid]) == Judgement("valid", 200)
    assert combine([valid, unknown]) == Judgement("unknown", 100, ("status_stale",))
    assert combine([valid, unknown, void, void]) == Judgement("not valid", 100, ("certificate_void",))
    assert combine([]).answer == "unknown"
    assert void.as_json() == {"answer": "not valid", "as_of": 300, "reasons": ["certificate_void"]}


def test_a_number_matches_its_digest_however_it_was_typed() -> None:
    digest = person_digest(OTHER, SALT)
    assert OTHER not in digest and len(digest) == 22 + 1 + 43
    assert matches(digest, "１１０１０１ 19900307 002x") and matches(digest, OTHER.replace("X", "×"))
    assert not matches(digest, NUMBER)
    assert person_digest(OTHER, bytes(16)) != digest


@pytest.mark.parametrize("bad", ["", ".", "a.b", "a" * 22, None, 7, person_digest(NUMBER, SALT) + ".x"])
def test_what_is_no_digest_matches_nobody(bad: object) -> None:
    assert not matches(bad, NUMBER) and not matches(bad, "")
    with pytest.raises(ValueError):
        person_digest(NUMBER, b"short")
    with pytest.raises(ValueError):
        person_digest(" ", SALT)


def test_the_stretch_is_the_scrypt_that_the_text_promises() -> None:
    other = Scrypt(salt=SALT, length=32, n=1 << 14, r=8, p=1).derive(NUMBER.encode())
    assert unb64u(person_digest(NUMBER, SALT).split(".")[1]) == other
