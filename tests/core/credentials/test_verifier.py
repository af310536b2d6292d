"""The verifier: three answers, four questions, and the leniencies of other libraries refused."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.credentials import verifier, x509
from core.credentials.base45 import b45, unb45
from core.credentials.jose import b64u, sign_compact, unb64u, write_json
from core.credentials.judgement import Judgement
from core.errors import UserError
from tests.core.credentials import shown as s
from tests.core.credentials.samples import (
    CLAIMS,
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
    STRANGER_ROOT,
    X5C,
    always,
)

GOOD = s.bundle()
COPY = ("holder_not_proven",)
"""What the text of a certificate says of who shows it."""
CERTIFICATE, DELEGATION, SYMBOL = s.certificate(), s.delegation(), s.symbol()


def said(*arguments: Any, **options: Any) -> tuple[str, tuple[str, ...]]:
    found = s.judge(*arguments, **options).judgement
    return found.answer, found.reasons


def test_a_current_bundle_and_a_good_certificate_are_valid() -> None:
    verdict = s.judge(CERTIFICATE, GOOD)
    assert verdict.judgement == Judgement("valid", STAMP, COPY)
    assert verdict.kind == "certificate" and verdict.shown["unit.name"] == CLAIMS["unit"]["name"]
    assert "manager.id_digest" not in verdict.shown and "cnf" not in verdict.shown
    for text, kind in (
        (DELEGATION, "delegation"),
        (SYMBOL, "printed"),
        (s.present(CERTIFICATE), "certificate"),
    ):
        found = s.judge(text, GOOD)
        assert (found.judgement.answer, found.kind) == ("valid", kind)


@pytest.mark.parametrize(
    ("text", "states", "expected"),
    [
        (CERTIFICATE, {4711: 1}, ("not valid", ("certificate_void",))),
        (CERTIFICATE, {4711: 2}, ("not valid", ("certificate_suspended",))),
        (CERTIFICATE, {4711: 3}, ("unknown", ("status_not_understood",))),
        (SYMBOL, {4711: 1}, ("not valid", ("certificate_void",))),
        (DELEGATION, {4711: 1}, ("not valid", ("delegation_void",))),
        (DELEGATION, {12: 1}, ("not valid", ("parent_void",))),
        (DELEGATION, {12: 2}, ("not valid", ("parent_suspended",))),
        (DELEGATION, {12: 3}, ("unknown", ("status_not_understood",))),
        (DELEGATION, {12: 1, 4711: 1}, ("not valid", ("delegation_void", "parent_void"))),
    ],
)
def test_own_status_and_the_one_above_decide(text: str, states: Any, expected: Any) -> None:
    assert said(text, s.bundle(states)) == expected


@pytest.mark.parametrize("text", [CERTIFICATE, DELEGATION, SYMBOL])
@pytest.mark.parametrize(
    ("given_bundle", "options", "reason"),
    [
        (None, {}, "status_missing"),
        ("", {}, "status_refused"),
        ("nonsense", {}, "status_refused"),
        (GOOD, {"now": NOW + timedelta(hours=23, minutes=59, seconds=59)}, None),
        (s.bundle(at=STAMP - 25 * 3600), {}, "status_stale"),
        (s.bundle(at=STAMP - 3600), {"newest_seen": STAMP}, "status_stale"),
        (s.bundle(at=STAMP + 3600), {}, "status_refused"),
        (s.bundle(hours=73), {}, "status_refused"),
        (s.bundle(uri=f"{ISSUER}/status/2"), {}, "status_missing"),
        (s.bundle(size=4), {}, "status_missing"),
        (s.bundle(uri="https://other.test/status/1"), {}, "status_refused"),
    ],
)
def test_without_current_status_nothing_is_valid(
    text: str, given_bundle: str | None, options: Any, reason: str | None
) -> None:
    answer, reasons = said(text, given_bundle, **options)
    if reason is None:
        assert answer == (
            "valid" if options["now"] < NOW + timedelta(days=1) and text != CERTIFICATE else answer
        )
        return
    assert answer == "unknown" and set(reasons) <= {reason, "issuer_key_unknown"}


def test_an_expired_bundle_still_says_of_when_it_was() -> None:
    old = s.judge(CERTIFICATE, s.bundle(at=STAMP - 25 * 3600)).judgement
    assert old == Judgement("unknown", STAMP - 25 * 3600, ("status_stale",))


def test_a_foreign_hub_below_the_same_root_is_no_help() -> None:
    key, leaf = x509.make_leaf(_root_key(), ROOT, "别的平台", "https://other.test", 30, NOW)
    foreign = s.bundle(
        uri="https://other.test/status/1",
        issuer="https://other.test",
        sign=x509.es256_signer(key),
        x5c=x509.x5c(leaf),
    )
    assert said(CERTIFICATE, foreign) == ("unknown", ("status_missing",))
    assert said(SYMBOL, foreign) == ("unknown", ("issuer_key_unknown",))
    lies = s.bundle(uri=s.URI, issuer="https://other.test", sign=x509.es256_signer(key), x5c=x509.x5c(leaf))
    assert said(CERTIFICATE, lies) == ("unknown", ("status_refused",))


def _root_key() -> bytes:
    from tests.core.credentials.samples import ROOT_KEY

    return ROOT_KEY


# --- the four questions -----------------------------------------------------------------------------


def test_may_this_person_act_for_this_unit_in_this_matter_today() -> None:
    asked = {"matter": "BANK", "person": s.USER}
    assert said(DELEGATION, GOOD, **asked) == ("valid", COPY)
    assert said(s.present(DELEGATION), GOOD, **asked) == ("valid", ())
    assert said(s.delegation(["*"]), GOOD, **asked) == ("valid", COPY)
    assert said(DELEGATION, GOOD, matter="TAX") == ("not valid", ("matter_not_covered",))
    assert said(DELEGATION, GOOD, person=s.MANAGER) == ("not valid", ("person_differs",))
    twin = verifier.Person(s.USER.name, s.NUMBER)
    assert said(DELEGATION, GOOD, person=twin) == ("not valid", ("person_differs",))
    assert said(DELEGATION, s.bundle({12: 1}), **asked)[0] == "not valid"
    assert said(DELEGATION, None, **asked) == ("unknown", ("status_missing",))


def test_what_the_holder_withheld_is_unknown() -> None:
    bare = DELEGATION.split("~")[0] + "~"
    assert said(bare, GOOD) == ("valid", COPY)
    assert said(bare, GOOD, matter="BANK", person=s.USER) == (
        "unknown",
        ("matter_not_shown", "person_not_shown"),
    )
    assert said(bare, GOOD, person=s.USER) == ("unknown", ("person_not_shown",))
    assert said(s.certificate(CLAIMS), GOOD, person=s.MANAGER) == ("unknown", ("person_not_shown",))


def test_the_certificate_speaks_for_its_manager_in_every_matter() -> None:
    assert said(CERTIFICATE, GOOD, matter="BANK", person=s.MANAGER) == ("valid", COPY)
    stranger = verifier.Person("某丁", s.NUMBER)
    assert said(CERTIFICATE, GOOD, person=stranger) == ("not valid", ("person_differs",))
    known_by_name = verifier.Person(CLAIMS["representative"]["name"], s.OTHER_NUMBER)
    assert said(CERTIFICATE, GOOD, person=known_by_name) == ("unknown", ("person_not_shown",))
    assert said(SYMBOL, GOOD, person=known_by_name) == ("unknown", ("person_not_shown",))
    assert said(SYMBOL, GOOD, person=stranger) == ("not valid", ("person_differs",))


@pytest.mark.parametrize("text", [CERTIFICATE, DELEGATION, s.delegation(["*"]), SYMBOL])
def test_a_matter_without_a_person_is_never_valid(text: str) -> None:
    assert said(text, GOOD)[0] == "valid"
    assert said(text, GOOD, matter="BANK") == ("unknown", ("person_not_asked",))
    assert said(s.present(text) if text != SYMBOL else text, GOOD, matter="BANK")[0] == "unknown"


def test_no_matter_that_nobody_knows_is_covered_by_every_matter() -> None:
    unknown = ("unknown", ("matter_unknown",))
    asked = {"matter": "NOSUCH", "person": s.USER}
    assert said(CERTIFICATE, GOOD, matter="NOSUCH", person=s.MANAGER) == unknown
    assert said(s.delegation(["*"]), GOOD, **asked) == unknown
    assert said(s.delegation(["*", "BANK"]), GOOD, **asked) == unknown
    assert said(DELEGATION, GOOD, **asked) == ("not valid", ("matter_not_covered",))
    assert said(s.delegation(["NOSUCH"]), GOOD, **asked) == ("valid", COPY), "a hub added it and named it"
    trust = verifier.open_trust((ROOT,), GOOD, NOW)
    listed = verifier.Asked("NOSUCH", s.USER, known={"NOSUCH"})
    assert verifier.judge(s.delegation(["*"]), trust, NOW, listed).judgement.answer == "valid"
    assert "matter_unknown" in said(SYMBOL, GOOD, **asked | {"person": None})[1]


def test_a_presentation_without_its_phones_signature_says_so() -> None:
    """Anybody who has seen a presentation can cut the signature off and show the rest."""
    for text in (CERTIFICATE, DELEGATION):
        shown = s.present(text, keep=4)
        assert said(shown, GOOD) == ("valid", ())
        stripped = shown.rpartition("~")[0] + "~"
        assert said(stripped, GOOD) == ("valid", COPY)
        assert said(stripped, s.bundle({4711: 1}))[0] == "not valid"


@pytest.mark.parametrize(
    ("start", "days", "reason"),
    [
        ("2026-11-01", 60, "delegation_expired"),
        ("2026-11-01", 39, "delegation_expired"),
        ("2026-11-01", 38, None),
        ("2026-11-24", 0, "delegation_not_yet"),
        ("2026-11-24", 1, None),
        ("24.11.2026", 0, "dates"),
    ],
)
def test_a_delegation_has_its_own_days(start: str, days: int, reason: str | None) -> None:
    now = NOW + timedelta(days=days)
    stamp = int(now.timestamp())
    text = s.delegation(start=start, iat=stamp, nbf=stamp, exp=stamp + 86400)
    expected = ("valid", COPY) if reason is None else ("not valid", (reason,))
    assert said(text, s.bundle(at=stamp), now=now) == expected


# --- what is refused --------------------------------------------------------------------------------


def _resigned(payload: dict[str, Any], header: dict[str, Any], tail: str = "") -> str:
    return sign_compact(header, payload, SIGN) + "~" + tail


HEADER = {"typ": "dc+sd-jwt", "x5c": X5C}
EXTRA = b64u(write_json(["salt", "unit", {"name": "别的单位"}]))
NONE = b64u(write_json({"alg": "none"}))
PARTS = CERTIFICATE.rstrip("~").split("~")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        # claim.md 4: @sd-jwt accepts these
        ("~".join([*PARTS, EXTRA, ""]), "disclosure_unsigned"),
        ("~".join([*PARTS, PARTS[1], ""]), "disclosure_repeated"),
        (_resigned(always(), {**HEADER, "typ": "JWT"}), "typ"),
        (_resigned(always(), {**HEADER, "typ": "example+sd-jwt"}), "typ"),
        (_resigned(always(vct=None), HEADER), "vct"),
        (_resigned(always(vct="urn:other"), HEADER), "vct"),
        # sd-jwt for Python accepts these
        (_resigned(always(exp=STAMP), HEADER), "expired"),
        (_resigned(always(exp=None), HEADER), "times"),
        (_resigned(always(nbf=STAMP + 3600), HEADER), "not_yet"),
        # base64 and JSON decoders accept these
        (PARTS[0].replace(".", ".=", 1) + "~", "base64url"),
        (PARTS[0] + "=~", "base64url"),
        ("~".join([*PARTS[:1], PARTS[1] + "!", ""]), "base64url"),
        (".".join([NONE, PARTS[0].split(".")[1], ""]) + "~", "alg"),
        # trust
        (s.certificate(sign=x509.es256_signer(STRANGER_LEAF_KEY), x5c=x509.x5c(STRANGER_LEAF)), "chain_root"),
        (s.certificate(sign=x509.es256_signer(STRANGER_LEAF_KEY)), "signature"),
        (_resigned(always(iss="https://other.test"), HEADER), "iss"),
        # shape and size
        ("", "not_a_certificate"),
        ("hello", "not_a_certificate"),
        ("~", "segments"),
        (CERTIFICATE + "x" * verifier.LIMIT, "size"),
        ("~".join([PARTS[0], *[EXTRA] * 201, ""]), "shape"),
        # presentations
        (s.present(CERTIFICATE, age=121), "key_binding"),
        (s.present(CERTIFICATE, age=-61), "key_binding"),
        (s.present(CERTIFICATE, audience=f"{ISSUER}"), "key_binding"),
        (s.present(CERTIFICATE).replace(PARTS[2] + "~", ""), "key_binding"),
        (s.direct(CERTIFICATE), "key_binding_missing"),
        (s.delegation(authority=None), "authority"),
        (s.delegation(authority={"uri": s.URI, "idx": -1, "no": 1}), "authority"),
    ],
)  # fmt: skip
def test_refused(text: str, reason: str) -> None:
    assert said(text, GOOD) == ("not valid", (reason,))


def test_repeated_names_in_a_signed_payload() -> None:
    body = json.dumps(always())[:-1] + ', "vct": "urn:x"}'
    head = b64u(write_json({"alg": "ES256", **HEADER}))
    signing = f"{head}.{b64u(body.encode())}"
    text = f"{signing}.{b64u(SIGN(signing.encode()))}~"
    assert said(text, GOOD) == ("not valid", ("repeated_key",))


def test_a_link_asks_for_the_network() -> None:
    assert said(f"{ISSUER}/v/abc", GOOD) == ("unknown", ("shown_needs_network",))


def test_status_lists_that_other_libraries_accept() -> None:
    """claim.md 4: wrong ``sub``, wrong ``typ``, no ``iat``."""
    from core.credentials import bundle as bundles

    payload = {"sub": s.URI, "iat": STAMP, "exp": STAMP + 60}
    payload |= {"status_list": {"bits": 2, "lst": s.status_list().encode()}}
    head = {"typ": "statuslist+jwt", "x5c": X5C}
    bad = [
        (head, payload | {"sub": f"{ISSUER}/status/9"}),
        ({**head, "typ": "JWT"}, payload),
        (head, {name: value for name, value in payload.items() if name != "iat"}),
        (head, {name: value for name, value in payload.items() if name != "exp"}),
        (head, payload | {"iat": STAMP - 1}),
        ({"typ": "statuslist+jwt"}, payload),
    ]
    made = [
        bundles.make_bundle(ISSUER, STAMP, STAMP + 60, [sign_compact(h, p, SIGN)], X5C, SIGN) for h, p in bad
    ]
    made.append(
        bundles.make_bundle(ISSUER, STAMP, STAMP + 60, [sign_compact(head, payload, SIGN)] * 2, X5C, SIGN)
    )
    assert [said(CERTIFICATE, each)[0] for each in made] == ["unknown"] * 7
    fine = bundles.make_bundle(ISSUER, STAMP, STAMP + 60, [sign_compact(head, payload, SIGN)], X5C, SIGN)
    assert said(CERTIFICATE, fine)[0] == "valid"


# --- printed symbols --------------------------------------------------------------------------------


def _cose(change: Any) -> str:
    parts = cbor2.loads(unb45(SYMBOL.removeprefix("CDP1:"), 900))
    return "CDP1:" + b45(change(parts))


def _long_form(parts: list[Any]) -> bytes:
    # The list of four, announced with a two-byte length.
    return b"\x98\x04" + cbor2.dumps(parts)[1:]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (_cose(lambda parts: cbor2.dumps(parts) + b"\x00"), "cbor_spelling"),
        (_cose(_long_form), "cbor_spelling"),
        (_cose(lambda parts: cbor2.dumps([*parts[:3], bytes(64)])), "signature"),
        (_cose(lambda parts: cbor2.dumps([parts[0], {1: 2}, *parts[2:]])), "cose"),
        (_cose(lambda parts: cbor2.dumps([cbor2.dumps({1: -8, 4: bytes(8)}), *parts[1:]])), "alg"),
        (_cose(lambda parts: b"\x84" + cbor2.dumps(parts[0]) + b"\xa0"), "cbor"),
        (_cose(lambda parts: cbor2.dumps([*parts[:2], b"\xa2\x04\x01\x04\x02", parts[3]])), "cwt"),
        (s.symbol(expires=STAMP), "expired"),
        ("CDP1:" + "A" * 901, "size"),
        ("CDP1:a", "base45"),
    ],
    # The texts hold signatures: as names they would differ from worker to worker.
    ids=lambda value: value if value.isidentifier() else "symbol",
)
def test_refused_symbols(text: str, reason: str) -> None:
    assert said(text, GOOD) == ("not valid", (reason,))


def test_a_symbol_is_short_and_a_changed_face_does_not_verify() -> None:
    assert len(SYMBOL) < 520
    forged = s.symbol(sign=x509.es256_signer(STRANGER_LEAF_KEY), representative="某戊")
    assert said(forged, GOOD) == ("not valid", ("signature",))
    unknown = s.symbol(sign=x509.es256_signer(STRANGER_LEAF_KEY), leaf=STRANGER_LEAF)
    assert said(unknown, GOOD) == ("unknown", ("issuer_key_unknown",))


# --- the two worlds ---------------------------------------------------------------------------------


def test_rehearsals_are_never_valid_below_real_roots() -> None:
    play = {"sign": x509.es256_signer(PLAY_KEY), "x5c": x509.x5c(PLAY_LEAF)}
    text, given_bundle = s.certificate(rehearsal=True, **play), s.bundle(**play)
    assert said(text, given_bundle, roots=(ROOT,)) == ("not valid", ("chain_root",))
    assert said(text, given_bundle, roots=(ROOT, PLAY_ROOT)) == ("not valid", ("chain_root",))
    assert said(text, given_bundle, roots=(PLAY_ROOT,)) == ("valid", ("rehearsal", *COPY))
    paper = s.symbol(sign=play["sign"], leaf=PLAY_LEAF)
    assert said(paper, given_bundle, roots=(ROOT,))[0] == "unknown"
    assert said(paper, given_bundle, roots=(PLAY_ROOT,)) == ("valid", ("rehearsal",))
    assert said(CERTIFICATE, GOOD, roots=(PLAY_ROOT,)) == ("not valid", ("chain_root",))
    assert said(CERTIFICATE, GOOD, roots=(STRANGER_ROOT,))[0] == "not valid"


@pytest.mark.parametrize("roots", [(), (b"nothing",), (ROOT, b"")])
def test_a_trust_that_is_none(roots: tuple[bytes, ...]) -> None:
    with pytest.raises(UserError, match="trust_unreadable"):
        verifier.open_trust(roots, None, NOW)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="~.-_aZ09=", max_size=200).map(lambda text: "CDP1:" + text))
def test_any_text_has_an_answer_and_never_valid(text: str) -> None:
    assert s.judge(text, GOOD).judgement.answer != "valid"


def test_the_disclosed_signature_part_is_canonical() -> None:
    """base64url with stray bits at its end is another text for the same signature."""
    head, body, signature = PARTS[0].split(".")
    raw = base64.urlsafe_b64encode(unb64u(signature)).decode().rstrip("=")
    other = raw[:-1] + chr(ord(raw[-1]) + 1)
    assert said("~".join([f"{head}.{body}.{other}", *PARTS[1:], ""]), GOOD)[0] == "not valid"
