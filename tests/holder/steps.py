"""What a holder does on the page, in their words."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.holder.stub_hub import PIN, Claim, StubHub


def scan(page: Page, hub: StubHub, claim: Claim) -> None:
    """Open the QR's link form."""
    page.goto(hub.link(claim))


def type_pin(page: Page, digits: str = PIN) -> None:
    page.get_by_label("六位验证码").fill(digits)
    page.keyboard.press("Enter")


def claim_certificate(page: Page, hub: StubHub, **options: object) -> Claim:
    """Scan, type the digits, wait for the certificate with its state."""
    claim = hub.open_claim(**options)
    scan(page, hub, claim)
    type_pin(page)
    expect(card(page)).to_be_visible()
    expect_state(page, "valid")
    return claim


def card(page: Page) -> Locator:
    return page.get_by_role("article", name="事业单位法人证书")


def expect_state(page: Page, state: str) -> None:
    expect(page.locator(".state")).to_have_attribute("data-state", state)


def expect_problem(page: Page, code: str) -> Locator:
    """The problem beside the input, or the page that says so."""
    found = page.locator(f'[data-code="{code}"]:visible')
    expect(found).to_be_visible()
    return found


def kept(page: Page) -> int:
    """How many certificates this phone keeps."""
    script = """() => new Promise((resolve) => {
        const request = indexedDB.open('certdesk-holder', 1);
        request.onsuccess = () => {
            const all = request.result.transaction('certificates').objectStore('certificates').count();
            all.onsuccess = () => { request.result.close(); resolve(all.result); };
        };
    })"""
    return int(page.evaluate(script))
