"""Our verifier beside two of other authors: whatever we accept they accept, and what they let pass is known.

The oracles are `sd-jwt` (the reference implementation) and `openvc-core`; symbols are read by `cwt`. Both
judge issuer JWTs by the machine's clock, so these certificates are made now.
"""

from __future__ import annotations

import json
import random
import runpy
import sys
import types
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import cbor2
import pytest
from cryptography import x509 as lib_x509
from cryptography.hazmat.primitives import serialization
from openvc.proof.sd_jwt import SdJwtVcProofSuite
from sd_jwt.verifier import JWK, SDJWTVerifier

from core.credentials import bundle as bundles
from core.credentials import verifier, x509
from core.credentials.base45 import unb45
from core.credentials.jose import b64u, sign_compact, unb64u, write_json
from core.credentials.key_binding import bind
from core.credentials.sdjwt import issue
from core.credentials.status import StatusList, make_token
from tests.core.credentials import shown as s
from tests.core.credentials.samples import CLAIMS, HOLDER_PUBLIC, ISSUER, STATUS

NOW = datetime.now(UTC).replace(microsecond=0)
STAMP = int(NOW.timestamp())
ROOT_KEY, ROOT = x509.make_root("海南省发证根", 3650, NOW, False)
LEAF_KEY, LEAF = x509.make_leaf(ROOT_KEY, ROOT, "海南省发证", ISSUER, 1825, NOW)
SIGN, X5C = x509.es256_signer(LEAF_KEY), x509.x5c(LEAF)
JWK_OF_LEAF = json.loads(JWK.from_pem(lib_x509.load_pem_x509_certificate(LEAF).public_bytes(
    serialization.Encoding.PEM)).export_public())  # fmt: skip
TOKEN = make_token(StatusList(100_000), s.URI, STAMP, STAMP + 3600, 60, SIGN, X5C)
TRUST = verifier.open_trust([ROOT], bundles.make_bundle(ISSUER, STAMP, STAMP + 3600, [TOKEN], X5C, SIGN), NOW)


def clear(**changes: Any) -> dict[str, Any]:
    made = {"iss": ISSUER, "iat": STAMP, "nbf": STAMP, "exp": STAMP + 3600, "vct": verifier.VCT}
    made |= {"cnf": {"jwk": HOLDER_PUBLIC}, "status": STATUS.claim(), **changes}
    return {name: value for name, value in made.items() if value is not None}


CERTIFICATE = issue(CLAIMS, None, clear(), SIGN, X5C)
PARTS = CERTIFICATE.rstrip("~").split("~")


def ours(text: str) -> bool:
    return verifier.judge(text, TRUST, NOW).judgement.answer == "valid"


def sd_jwt(text: str) -> bool:
    key = JWK.from_json(json.dumps(JWK_OF_LEAF))
    bound = () if text.endswith("~") else (f"{ISSUER}/v", "n-1")
    try:
        return bool(SDJWTVerifier(text, lambda issuer, header: key, *bound).get_verified_payload())
    except Exception:  # whatever it raises, it did not accept
        return False


def openvc(text: str) -> bool:
    bound = {} if text.endswith("~") else {"audience": f"{ISSUER}/v", "nonce": "n-1"}
    try:
        return bool(SdJwtVcProofSuite().verify(text, public_key_jwk=JWK_OF_LEAF, **bound))
    except Exception:  # whatever it raises, it did not accept
        return False


VERIFIERS: tuple[Callable[[str], bool], ...] = (ours, sd_jwt, openvc)


def resigned(payload: dict[str, Any], **header: Any) -> str:
    return sign_compact({"typ": "dc+sd-jwt", "x5c": X5C, **header}, payload, SIGN) + "~"


def bound_to(text: str, audience: str = f"{ISSUER}/v", nonce: str = "n-1") -> str:
    return bind(text, audience, nonce, STAMP, s.sign_holder)


EXTRA = b64u(write_json(["c2FsdHNhbHRzYWx0", "role", "invented"]))
CASES: dict[str, tuple[str, tuple[bool, bool, bool]]] = {
    "whole": (CERTIFICATE, (True, True, True)),
    "one field": ("~".join([*PARTS[:2], ""]), (True, True, True)),
    "nothing": (PARTS[0] + "~", (True, True, True)),
    "bound": (bound_to(CERTIFICATE), (True, True, True)),
    "bound, less shown": (bound_to("~".join([*PARTS[:3], ""])), (True, True, True)),
    "bound elsewhere": (bound_to(CERTIFICATE, "https://other.test"), (False, False, False)),
    "bound, then less": (bound_to(CERTIFICATE).replace(PARTS[2] + "~", ""), (False, False, False)),
    "disclosure twice": ("~".join([*PARTS, PARTS[1], ""]), (False, False, False)),
    "disclosure of nobody": ("~".join([*PARTS, EXTRA, ""]), (False, True, False)),
    "another typ": (resigned(clear(), typ="example+sd-jwt"), (False, True, False)),
    "no vct": (resigned(clear(vct=None)), (False, True, False)),
    "another vct": (resigned(clear(vct="urn:other")), (False, True, True)),
    "expired": (resigned(clear(exp=STAMP - 600)), (False, True, False)),
    "no expiry": (resigned(clear(exp=None)), (False, True, True)),
    "not yet": (resigned(clear(nbf=STAMP + 86_400)), (False, True, False)),
    "no status": (resigned(clear(status=None)), (False, True, True)),
    "another issuer than the leaf's": (resigned(clear(iss="https://other.test")), (False, True, True)),
    "padding": (PARTS[0] + "=~", (False, True, True)),
    "unknown crit": (resigned(clear(), crit=["x"], x=1), (False, False, False)),
}  # fmt: skip


@cache
def fresh() -> dict[str, Any]:
    """Return this file's names made anew: some judges read the true clock, and collecting was long ago."""
    return runpy.run_path(__file__)


@pytest.mark.parametrize("name", CASES)
def test_who_accepts_what(name: str) -> None:
    text, expected = fresh()["CASES"][name]
    assert tuple(judge(text) for judge in fresh()["VERIFIERS"]) == expected


def test_what_we_accept_of_spoiled_texts_the_others_accept_too() -> None:
    """300 certificates with a few characters changed, doubled or lost: ours is never the laxer."""
    rng = random.Random(4)
    accepted = [0, 0, 0]
    for _ in range(300):
        text = list(CERTIFICATE)
        for _ in range(rng.randint(1, 3)):
            place = rng.randrange(len(text))
            text[place] = rng.choice(["", text[place] * 2, rng.choice("AZaz09-_~.")])
        spoiled = "".join(text)
        answers = [judge(spoiled) for judge in VERIFIERS]
        accepted = [count + answer for count, answer in zip(accepted, answers, strict=True)]
        assert spoiled == CERTIFICATE or not answers[0]
    assert accepted[0] <= min(accepted[1:])


@pytest.fixture
def cwt() -> Any:
    """The foreign reader. It wants `certvalidator`, which cannot read a present-day OpenSSL's version; a

    stand-in lets the COSE part load (as in tests/core/claims/test_code.py).
    """
    if "cwt" not in sys.modules:
        absent = types.ModuleType("certvalidator")
        absent.CertificateValidator = absent.ValidationContext = object  # type: ignore[attr-defined]
        sys.modules["certvalidator"] = absent
    import cwt

    return cwt


def test_a_foreign_library_reads_our_symbol(cwt: Any) -> None:
    parts = cbor2.loads(unb45(s.symbol(SIGN, LEAF).removeprefix("CDP1:"), 900))
    kid = cbor2.loads(parts[0])[4]
    x, y = (unb64u(JWK_OF_LEAF[name]) for name in ("x", "y"))
    key = cwt.COSEKey.new({1: 2, 3: -7, -1: 1, 2: kid, -2: x, -3: y})
    payload = cwt.COSE.new().decode(cbor2.CBORTag(18, parts), key, external_aad=b"certdesk-printed/1")
    read = cbor2.loads(payload) if isinstance(payload, bytes) else payload
    assert read[-65537][1] == CLAIMS["unit"]["name"] and read[65535] == s.OWN.claim()
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new().decode(cbor2.CBORTag(18, parts), key, external_aad=b"claim-code/1")
