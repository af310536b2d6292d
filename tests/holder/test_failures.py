"""Every failure has a sentence of its own, nothing is kept by halves, and no try is burned in vain."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from hub.refusals import WORDS
from tests.holder.steps import claim_certificate, expect_problem, kept, scan, type_pin
from tests.holder.stub_hub import StubHub

# error_description of a refused token or offer -> what the page calls it
REFUSALS = {
    "expired 3 min ago": "expired",
    "expired 3 min ago, office clock behind by 9 min": "office_behind",
    "used already redeemed": "used",
    "voided by the office": "voided",
    "voided approval withdrawn": "withdrawn",
    "voided unit": "unit_voided",
    "future office clock ahead by 7 min": "future",
    "office clock ahead by 7 min": "future",
    "forged signature": "forged",
    "forged unit": "unit_mismatch",
    "forged facts": "refused",
    "unknown_key": "unknown_key",
    "revoked office key": "office_revoked",
    "malformed characters": "malformed",
    "locked five wrong codes": "locked",
    "superseded by a newer code": "newer_code",
    "superseded by a newer representative": "superseded",
    "unit_expired certificate period has ended": "unit_expired",
    "incomplete unit record": "incomplete",
    "busy too many claims await the office": "busy",
    "never heard of this word": "gone",
}


def test_each_refusal_of_the_hub_has_its_sentence(page: Page, hub: StubHub) -> None:
    page.goto(hub.issuer)
    found = page.evaluate(
        """async (descriptions) => {
            const { refusal, wording } = await import('/holder/errors.js');
            return descriptions.map((description) => {
                const error = refusal(400, { error: 'invalid_grant', error_description: description });
                return [error.code, wording(error).title, wording(error).text];
            });
        }""",
        list(REFUSALS),
    )
    assert [code for code, _, _ in found] == list(REFUSALS.values())
    for (code, title, text), description in zip(found, REFUSALS, strict=True):
        assert len(title) >= 4 and text.endswith("。") and "undefined" not in text
        if code in ("future", "office_behind"):
            assert re.findall(r"\d+", description)[-1] in text


def test_every_word_of_the_hub_is_known_and_every_sentence_differs(page: Page, hub: StubHub) -> None:
    page.goto(hub.issuer)
    words = [word for word in WORDS if word != "not_arrived"]  # that one is not a failure: the page waits
    codes, sentences = page.evaluate(
        """async (words) => {
            const { refusal, SENTENCES, HolderError, wording } = await import('/holder/errors.js');
            const ask = (word) => refusal(400, { error: 'other', error_description: word });
            const said = Object.keys(SENTENCES).map((code) => wording(new HolderError(code)));
            return [words.map((word) => ask(word).code), said.map(({ title, text }) => title + text)];
        }""",
        words,
    )
    assert "answer_wrong" not in codes
    assert len(set(sentences)) == len(sentences) >= 40


@pytest.mark.parametrize(
    "description", ["expired 3 min ago", "used already redeemed", "voided by the office"]
)
def test_refused_the_same_way_at_the_offer_and_at_the_token(
    page: Page, hub: StubHub, description: str
) -> None:
    scan(page, hub, hub.open_claim(refuse_offer=description))
    expect_problem(page, REFUSALS[description])
    scan(page, hub, hub.open_claim(refuse=description))
    type_pin(page)
    expect_problem(page, REFUSALS[description])
    assert kept(page) == 0


def test_offer_of_another_origin_is_not_even_fetched(page: Page, hub: StubHub) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{hub.issuer}/c?credential_offer_uri=https://elsewhere.example/o/{'a' * 60}")
    assert "elsewhere.example" in expect_problem(page, "offer_foreign").inner_text()
    assert not any("//elsewhere.example" in url.split("?")[0] for url in asked)


def test_address_that_only_begins_like_ours_is_foreign(page: Page, hub: StubHub) -> None:
    page.goto(f"{hub.issuer}/c?credential_offer_uri={hub.issuer}.elsewhere.example/o/{'a' * 60}")
    expect_problem(page, "offer_foreign")


@pytest.mark.parametrize(
    "query", ["credential_offer=%7Bnot", "credential_offer_uri=nonsense", "credential_offer=null"]
)
def test_unreadable_offer(page: Page, hub: StubHub, query: str) -> None:
    page.goto(f"{hub.issuer}/c?{query}")
    expect_problem(page, "offer_unreadable")


@pytest.mark.parametrize(
    ("damage", "code"),
    [("signature", "signature_wrong"), ("disclosure", "signature_wrong"), ("holder", "certificate_foreign")],
)
def test_wrong_certificate_is_refused_and_not_kept(page: Page, hub: StubHub, damage: str, code: str) -> None:
    hub.damage = damage
    scan(page, hub, hub.open_claim())
    type_pin(page)
    expect_problem(page, code)
    assert kept(page) == 0
    assert hub.notifications == ["credential_failure"]


def test_phone_without_network(page: Page, hub: StubHub) -> None:
    scan(page, hub, hub.open_claim())
    expect(page.get_by_label("六位验证码")).to_be_visible()
    page.context.set_offline(True)
    type_pin(page)
    expect_problem(page, "network_gone")
    page.context.set_offline(False)
    type_pin(page)
    expect(page.locator(".state")).to_be_visible()


def test_hub_away(page: Page, hub: StubHub) -> None:
    page.route("**/.well-known/**", lambda route: route.abort())
    scan(page, hub, hub.open_claim())
    expect_problem(page, "server_gone")


def test_hub_broken(page: Page, hub: StubHub) -> None:
    page.route(f"{hub.issuer}/o/*", lambda route: route.fulfill(status=500, body="<h1>stack</h1>"))
    scan(page, hub, hub.open_claim())
    assert "stack" not in expect_problem(page, "server_error").inner_text()


def test_lost_token_answer_is_told_honestly(page: Page, hub: StubHub) -> None:
    scan(page, hub, hub.open_claim())

    def lose(route: Any) -> None:
        route.fetch()  # the hub has spent the code
        route.abort()

    page.route("**/token", lose)
    type_pin(page)
    expect_problem(page, "answer_lost")
    page.unroute("**/token")
    type_pin(page)
    assert "补发" in expect_problem(page, "used").inner_text()


def test_phone_clock_wrong_is_said_and_does_no_harm(page: Page, hub: StubHub) -> None:
    page.add_init_script("const real = Date.now; Date.now = () => real() + 40 * 60000;")
    scan(page, hub, hub.open_claim())
    assert "40 分钟" in expect_problem(page, "clock_wrong").inner_text()
    type_pin(page)
    expect(page.locator(".state")).to_have_attribute("data-state", "valid")


QUOTA = "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); };"
BROWSERS = [
    (
        "delete globalThis.indexedDB; Object.defineProperty(globalThis, 'indexedDB', { value: undefined });",
        "storage_refused",
    ),
    (
        "IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); };",
        "storage_refused",
    ),
    (
        "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'DataCloneError'); };",
        "storage_refused",
    ),
    (QUOTA, "storage_full"),
    ("Object.defineProperty(globalThis, 'isSecureContext', { value: false });", "insecure_origin"),
    ("Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });", "no_crypto"),
    ("delete Blob.prototype.stream;", "browser_old"),
]


@pytest.mark.parametrize(("lack", "code"), BROWSERS, ids=[str(i) for i in range(len(BROWSERS))])
def test_phone_that_cannot_keep_it_is_told_before_the_code_is_spent(
    page: Page, hub: StubHub, lack: str, code: str
) -> None:
    page.add_init_script(lack)
    scan(page, hub, hub.open_claim())
    expect_problem(page, code)
    assert "/token" not in hub.paths


def test_browser_inside_an_app_is_told_apart(browser: Browser, hub: StubHub) -> None:
    context = browser.new_context(user_agent="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0")
    page = context.new_page()
    page.add_init_script("Object.defineProperty(globalThis, 'indexedDB', { value: undefined });")
    scan(page, hub, hub.open_claim())
    assert "浏览器打开" in expect_problem(page, "in_app_browser").inner_text()
    context.close()


def test_damaged_certificate_in_the_phone_is_said(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    page.evaluate(
        """() => new Promise((resolve) => {
            const request = indexedDB.open('certdesk-holder', 1);
            request.onsuccess = () => {
                const change = request.result.transaction('certificates', 'readwrite');
                const store = change.objectStore('certificates');
                store.getAll().onsuccess = (event) => {
                    const [kept] = event.target.result;
                    store.put({ ...kept, sdJwt: kept.sdJwt.replace('~', '~WyJ4Il0~') }).onsuccess = resolve;
                };
            };
        }).then(() => null)"""
    )
    page.goto(hub.issuer)
    expect_problem(page, "certificate_damaged")


def test_failure_with_a_kept_certificate_leads_back_to_it(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    scan(page, hub, hub.open_claim(refuse_offer="expired 3 min ago"))
    expect_problem(page, "expired")
    page.get_by_role("button", name="查看已有证书").click()
    expect(page.locator(".state")).to_have_attribute("data-state", "valid")
