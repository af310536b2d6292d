"""The direct form: the very text again, one limit, and nothing that a hostile code could gain."""

from __future__ import annotations

import re
import zlib

import pytest
from cryptography import x509 as lib_x509
from hypothesis import given
from hypothesis import strategies as st

from core.credentials import direct, printed
from core.credentials.base45 import b45
from core.credentials.jose import b64u
from resources import resource_path
from tests.core.credentials import shown as s
from tests.core.credentials.samples import LEAF, STAMP

CERTIFICATE, DELEGATION, GOOD = s.certificate(), s.delegation(), s.bundle()
OURS = lib_x509.load_pem_x509_certificate(LEAF)
LEAVES = {printed.kid_of(OURS): OURS}
LARGEST_AT_L = 4296


def said(text: str, given: str | None = GOOD) -> tuple[str, tuple[str, ...]]:
    found = s.judge(text, given).judgement
    return found.answer, found.reasons


@pytest.mark.parametrize("keep", [0, 3, 9, None])
@pytest.mark.parametrize("text", [CERTIFICATE, DELEGATION], ids=["certificate", "delegation"])
def test_the_very_text_comes_out_and_is_judged(text: str, keep: int | None) -> None:
    presentation = s.present(text, keep)
    code = s.direct(presentation)
    assert direct.unpack(code, LEAVES) == presentation
    assert said(code) == ("valid", ())
    assert len(code) < 0.7 * len(b45(presentation.encode()))


def test_the_limit_leaves_room_in_one_symbol_and_is_the_pages_too() -> None:
    assert direct.LIMIT <= 0.85 * LARGEST_AT_L
    page = (resource_path("holder") / "direct.js").read_text("utf-8")
    assert re.findall(r"^const LIMIT = (\d+);$", page, re.M) == [str(direct.LIMIT)]
    assert re.findall(r'^const PREFIX = "(.+)";$', page, re.M) == [direct.PREFIX]


def test_a_certificate_with_every_field_fits_with_a_margin() -> None:
    """Salts and digests are drawn anew each time: none of them comes near the limit."""
    sizes = [len(s.direct(s.present(s.certificate()))) for _ in range(20)]
    assert max(sizes) < 0.85 * direct.LIMIT and max(sizes) - min(sizes) < 60


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_whatever_the_bytes_are(parts: list[bytes]) -> None:
    """Bytes that look like marks, like text, and runs that are no base64url at all."""
    inner = '["' + '","'.join(b64u(part) for part in parts) + '"]'
    text = "~".join([b64u(inner.encode()), *(b64u(part) + "A" for part in parts), "x" * 21])
    assert direct.unpack(s.direct(text), LEAVES) == text


@pytest.mark.parametrize(
    ("trust", "reason"),
    [
        (None, "status_missing"),
        (s.bundle(at=STAMP - 90_000), "status_stale"),
    ],
)
def test_without_a_bundle_there_is_no_leaf_and_no_answer(trust: str | None, reason: str) -> None:
    assert said(s.direct(s.present(CERTIFICATE)), trust) == ("unknown", (reason,))


def test_a_leaf_that_the_bundle_does_not_hold() -> None:
    assert said(s.direct(s.present(CERTIFICATE), leaf=bytes(8))) == ("unknown", ("issuer_key_unknown",))


PRESENTED = s.present(CERTIFICATE, 2)
LAID_OUT = s.lay_out(PRESENTED.encode())
PACKED = zlib.compress(LAID_OUT)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (s.direct(CERTIFICATE), "key_binding_missing"),
        (direct.PREFIX + b45(PACKED[:-1]), "direct"),
        (direct.PREFIX + b45(PACKED + b"x"), "direct"),
        (s.coded(b"x" * 99_000), "direct"),
        (s.coded(LAID_OUT + b"\1\xff\xff"), "direct"),
        (s.coded(LAID_OUT + b"\3\0\2ab"), "direct"),
        (s.coded(LAID_OUT + b"\1"), "direct"),
        (s.coded(LAID_OUT + "é".encode()), "direct"),
        (s.coded(b"\2\0\x13" + b"\2\0\x10" + b"\2\0\x0d" + b"\2\0\x0a" + b"\2\0\7aaaaaaa"), "direct"),
        (direct.PREFIX + b45(b"no zlib"), "direct"),
        (direct.PREFIX + "a", "base45"),
        (direct.PREFIX + "0" * (direct.LIMIT - 4), "size"),
    ],
)  # fmt: skip
def test_refused(code: str, reason: str) -> None:
    assert said(code) == ("not valid", (reason,))


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [(b"dc+sd-jwt", b"dc+sd-jwT", "typ"), (b"sha-256", b"sha-265", "signature")],
)
def test_one_letter_changed_inside(before: bytes, after: bytes, reason: str) -> None:
    assert before in LAID_OUT
    assert said(s.coded(LAID_OUT.replace(before, after))) == ("not valid", (reason,))
