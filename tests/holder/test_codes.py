"""The page's own QR encoder against a real decoder, and its words against the lists they come from."""

from __future__ import annotations

import re
from random import Random

import pytest
from cryptography import x509
from PIL import Image
from playwright.sync_api import Page

from core.credentials import direct, printed
from core.forms.matters import seed_matters
from resources import resource_path
from tests.core.credentials import shown
from tests.core.credentials.samples import CLAIMS, LEAF
from tests.holder.stub_hub import StubHub
from tests.qr_reader import read_qr
from ui.sentences.delegation import SENTENCES

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
OURS = x509.load_pem_x509_certificate(LEAF)
LEAVES = {printed.kid_of(OURS): OURS}
NOT_ON_THE_PAGE = {"delegation_malformed", "shown_expired", "limit_wrong"}


def samples() -> list[tuple[str, str]]:
    """Texts of both modes at sizes around each change of the count's length, and the largest in use."""
    random = Random(7)
    texts = ["https://hub.example.test/v/AAAAAAAAAAAAAAAAAAAAAAAA", "短 text", "A", direct.PREFIX]
    texts += ["".join(random.choices(ALPHANUMERIC, k=size)) for size in (60, 300, 1100, 2300, direct.LIMIT)]
    texts += ["".join(random.choices("abcdefXYZ-_/?=&", k=size)) for size in (17, 154, 230, 700, 1400)]
    return [(text, level) for text in texts for level in "LM" if len(text) < 2300 or level == "L"]


@pytest.mark.slow
def test_a_decoder_reads_what_the_page_draws(hub: StubHub, page: Page) -> None:
    page.goto(hub.issuer + "/")
    draw = """async ([text, level]) => {
        const { encode } = await import('./holder/qr.js');
        return encode(text, level).map((row) => row.map(Number).join(''));
    }"""
    for text, level in samples():
        rows = page.evaluate(draw, [text, level])
        size = len(rows)
        image = Image.new("L", (size + 8, size + 8), 255)
        for y, row in enumerate(rows):
            for x, module in enumerate(row):
                image.putpixel((x + 4, y + 4), 0 if module == "1" else 255)
        found = read_qr(image.resize((image.width * 4, image.height * 4), 0))
        assert [each.text for each in found] == [text], (len(text), level)
    assert page.evaluate("import('./holder/qr.js').then((m) => m.encode('x'.repeat(3000), 'M'))") is None


def test_the_verifier_reads_what_the_page_packs(hub: StubHub, page: Page) -> None:
    """Salts, digests and signatures are drawn anew each time, so every run sees other bytes."""
    page.goto(hub.issuer + "/")
    pack = """(texts) => import('./holder/direct.js').then(async ({ pack }) => {
        const made = [];
        for (const text of texts) made.push(await pack(text).catch((error) => error.code));
        return made;
    })"""
    purpose = "".join(chr(0x4E00 + i * 7) for i in range(900))
    long = {**CLAIMS, "unit": {**CLAIMS["unit"], "purpose": purpose}}
    presented = [shown.present(shown.certificate(), keep % 20) for keep in range(60)]
    presented += [shown.present(shown.delegation()), shown.present(shown.certificate(long))]
    *codes, too_large = page.evaluate(pack, presented)
    assert too_large == "direct_too_large"
    bundle = shown.bundle()
    for presentation, code in zip(presented, codes, strict=False):
        assert len(code) <= direct.LIMIT and direct.unpack(code, LEAVES) == presentation
        assert shown.judge(code, bundle).judgement.answer == "valid"


def test_the_page_calls_matters_as_the_list_does() -> None:
    text = (resource_path("holder") / "matters.js").read_text("utf-8")
    assert dict(re.findall(r'^  (\w+): "(.+)",$', text, re.M)) == {
        m.code: m.name for m in seed_matters().values()
    }


def test_every_refusal_of_a_holders_request_has_a_sentence_on_the_page() -> None:
    text = (resource_path("holder") / "errors.js").read_text("utf-8")
    said = set(re.findall(r"^  (\w+): \[", text, re.M))
    assert set(SENTENCES) - NOT_ON_THE_PAGE <= said
