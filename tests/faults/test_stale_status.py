"""T17: a status that is missing, old, swapped, oversized, foreign or wrongly signed never makes *valid*.

Verifications of a void certificate, a void delegation and a printed symbol of it: 1,700 here, 10,000 with
CERTDESK_STALE_TIMES=10000. The known-bad control is a verifier as others write them, one that does not
look at a list's expiry and takes a missing list for a good one: it has to say *valid*.
"""

from __future__ import annotations

import os
import random
import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.credentials import bundle as bundles
from core.credentials import verifier
from core.credentials.jose import b64u, parse_compact, sign_compact
from core.credentials.status import StatusList, StatusReference
from core.credentials.x509 import es256_signer, x5c
from tests.core.credentials import shown as s
from tests.core.credentials.samples import (
    ISSUER,
    NOW,
    PLAY_KEY,
    PLAY_LEAF,
    SIGN,
    STAMP,
    STRANGER_LEAF,
    STRANGER_LEAF_KEY,
    X5C,
)

TIMES = int(os.environ.get("CERTDESK_STALE_TIMES", "1700"))
VOID = {4711: 1, 12: 1}
BEFORE = s.bundle(at=STAMP - 30 * 3600)
"""From before the voiding: everything in it was good, and it has run out."""
TRUE = s.bundle(VOID)
SHOWN = (s.certificate(), s.delegation(), s.symbol())


def _token(text: str) -> str:
    return str(parse_compact(text, bundles.LIMIT).payload["lists"][0])


def _wrap(tokens: list[str], at: int = STAMP, hours: int = 24) -> str:
    return bundles.make_bundle(ISSUER, at, at + hours * 3600, tokens, X5C, SIGN)


def _flipped(rng: random.Random, text: str) -> str:
    place = rng.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ 1 << rng.randrange(6)) + text[place + 1 :]


def _foreign(key: bytes, leaf: bytes) -> str:
    return s.bundle(sign=es256_signer(key), x5c=x5c(leaf))


def _oversized_list() -> str:
    """A list of all zeros that unpacks to more than anybody allows."""
    lst = b64u(zlib.compress(bytes(9 * 1024 * 1024), 9))
    payload = {"sub": s.URI, "iat": STAMP, "exp": STAMP + 3600, "status_list": {"bits": 2, "lst": lst}}
    return _wrap([sign_compact({"typ": "statuslist+jwt", "x5c": X5C}, payload, SIGN)])


OTHER_LIST = s.bundle(uri=f"{ISSUER}/status/2")
STRANGER, REHEARSAL = _foreign(STRANGER_LEAF_KEY, STRANGER_LEAF), _foreign(PLAY_KEY, PLAY_LEAF)
OVERSIZED = _oversized_list()

KINDS: dict[str, Callable[[random.Random], str | None]] = {
    "missing": lambda rng: None,
    "empty": lambda rng: _wrap([]),
    "old": lambda rng: s.bundle(at=STAMP - rng.randint(86400, 10**7)),
    "old list, new bundle": lambda rng: _wrap([_token(BEFORE)]),
    "of the future": lambda rng: s.bundle(at=STAMP + rng.randint(61, 10**6)),
    "for too long": lambda rng: s.bundle(hours=rng.randint(73, 9999)),
    "another list": lambda rng: OTHER_LIST,
    "another issuer's": lambda rng: s.bundle(uri=f"https://{rng.randrange(10**6)}.test/status/1"),
    "too short": lambda rng: s.bundle(size=rng.randint(1, 12)),
    "oversized list": lambda rng: OVERSIZED,
    "oversized text": lambda rng: TRUE + "A" * bundles.LIMIT,
    "stranger's": lambda rng: STRANGER,
    "rehearsal's": lambda rng: REHEARSAL,
    "flipped": lambda rng: _flipped(rng, s.bundle()),
    "cut": lambda rng: TRUE[: rng.randrange(len(TRUE))],
    "signature of another": lambda rng: s.bundle().rpartition(".")[0] + "." + TRUE.rpartition(".")[2],
    "true": lambda rng: TRUE,
}


@pytest.mark.slow
def test_no_bad_list_makes_valid() -> None:
    rng = random.Random(17)
    said: dict[str, int] = {}
    for turn in range(TIMES):
        kind = list(KINDS)[turn % len(KINDS)]
        verdict = s.judge(SHOWN[turn // len(KINDS) % 3], KINDS[kind](rng))
        answer = verdict.judgement.answer
        said[answer] = said.get(answer, 0) + 1
        assert answer != "valid", kind
        assert answer == ("not valid" if kind == "true" else "unknown"), kind
    assert said["unknown"] > 0 and said["not valid"] > 0


def test_a_sound_list_does_make_valid() -> None:
    for text in SHOWN:
        assert s.judge(text, s.bundle()).judgement.answer == "valid"


def test_controls_that_are_lax_do_trip() -> None:
    """The list of before is good in itself: who forgets its expiry is fooled."""
    values = parse_compact(_token(BEFORE), bundles.LIMIT).payload["status_list"]
    place = StatusReference(s.URI, 4711)
    without_expiry = StatusList.decode(values["lst"], values["bits"]).get(place.idx)
    assert without_expiry == 0
    assert verifier.open_trust([s.ROOT], BEFORE, NOW).bundle is None
    late = verifier.open_trust([s.ROOT], s.bundle(at=STAMP - 120, hours=0.02), NOW - timedelta(seconds=90))
    assert late.bundle is not None
    assert [verifier.judge(text, late, NOW).judgement.answer for text in SHOWN] == ["unknown"] * 3

    class Lax(bundles.Bundle):
        def answer(self, reference: StatusReference, now: int) -> int | None:
            found = self.lists.get(reference.uri)
            return 0 if found is None else found.values.get(reference.idx)

    bad = Lax(
        **{name: getattr(late.bundle, name) for name in ("issuer", "as_of", "expires_at", "lists", "leaves")}
    )
    fooled = verifier.Trust(late.roots, late.rehearsal, bad, as_of=bad.as_of)
    assert [verifier.judge(text, fooled, NOW).judgement.answer for text in SHOWN] == ["valid"] * 3


@pytest.mark.slow
def test_no_spoiled_text_is_accepted() -> None:
    """Bits flipped, characters lost and doubled, in every kind of text that may be shown."""
    rng, trust = random.Random(9), verifier.open_trust([s.ROOT], s.bundle(), NOW)
    texts = (*SHOWN, s.present(SHOWN[0]), s.direct(s.present(SHOWN[1], 3)))
    done = 0
    for text in texts:
        assert verifier.judge(text, trust, NOW).judgement.answer == "valid"
        for place in rng.sample(range(len(text)), min(len(text), TIMES // 20)):
            spoiled = [
                text[:place] + chr(ord(text[place]) ^ 1 << rng.randrange(7)) + text[place + 1 :],
                text[:place] + text[place + 1 :],
                text[:place] + text[place] + text[place:],
            ]
            for each in spoiled:
                answer = verifier.judge(each, trust, NOW).judgement.answer
                assert answer != "valid" or each.strip() == text, place
                done += 1
    assert done > 5 * min(TIMES // 20, 400)
