"""An invented issuer, unit and phone for the tests of this room."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from core.credentials import sdjwt, x509
from core.credentials.certificate_claims import build_always, build_claims
from core.credentials.key_proof import new_holder_key
from core.credentials.status import StatusReference

ISSUER = "https://zhengchuang.example.test"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())


def seeded(seed: str) -> Any:
    """A randomness port that is the same in every run and never repeats."""
    counter = [0]

    def random(count: int) -> bytes:
        counter[0] += 1
        return hashlib.shake_256(f"{seed} {counter[0]}".encode()).digest(count)

    return random


RANDOM = seeded("credentials")
ROOT_KEY, ROOT = x509.make_root("海南省发证根", 3650, NOW, False, RANDOM)
LEAF_KEY, LEAF = x509.make_leaf(ROOT_KEY, ROOT, "海南省发证", ISSUER, 1825, NOW, RANDOM)
SIGN = x509.es256_signer(LEAF_KEY)
X5C = x509.x5c(LEAF)

PLAY_ROOT_KEY, PLAY_ROOT = x509.make_root("发证根", 30, NOW, True, RANDOM)
PLAY_KEY, PLAY_LEAF = x509.make_leaf(PLAY_ROOT_KEY, PLAY_ROOT, "发证", ISSUER, 30, NOW, RANDOM)

STRANGER_KEY, STRANGER_ROOT = x509.make_root("海南省发证根", 3650, NOW, False, RANDOM)
STRANGER_LEAF_KEY, STRANGER_LEAF = x509.make_leaf(
    STRANGER_KEY, STRANGER_ROOT, "海南省发证", ISSUER, 1825, NOW, RANDOM
)

HOLDER = new_holder_key()
HOLDER_PUBLIC = {name: HOLDER[name] for name in ("kty", "crv", "x", "y")}
STATUS = StatusReference(f"{ISSUER}/status/1", 4711)
UNIT = {
    "uscc": "124690230000000193",
    "name": "虚构县图书馆",
    "second_name": "虚构县少年儿童图书馆",
    "third_name": "",
    "purpose": "保存借阅图书资料。",
    "address": "虚构县虚构路1号",
    "funding_source": "财政补助",
    "starting_capital": "600万元",
    "sponsor": "虚构县文化局；虚构县教育局",
    "office_name": "虚构县事业单位登记管理局",
    "valid_from": "2026-11-23",
    "valid_to": "2031-11-22",
    "state": "正常",
}
CLAIMS = build_claims(UNIT, "\U00020000某甲", 2, "某乙\U0002a6d6", "appointed")


def always(**changes: Any) -> dict[str, Any]:
    """The clear claims with some changed; ``None`` removes one."""
    made = build_always(ISSUER, STAMP, STAMP, STAMP + 86400, HOLDER_PUBLIC, STATUS, False)
    made |= changes
    return {name: value for name, value in made.items() if value is not None}


CERTIFICATE = sdjwt.issue(CLAIMS, None, always(), SIGN, X5C, RANDOM)
