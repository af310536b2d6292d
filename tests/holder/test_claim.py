"""A holder claims a certificate on the page and sees all of it."""

from __future__ import annotations

import json
from urllib.parse import quote

from playwright.sync_api import Page, expect

from core.claims.offer import offer_object
from tests.holder.steps import card, claim_certificate, expect_problem, expect_state, kept, scan, type_pin
from tests.holder.stub_hub import MANAGER, PIN, REPRESENTATIVE, UNIT, Served, StubHub, serving


def test_scan_type_six_digits_see_the_certificate(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    shown = card(page).inner_text()
    dates = {"2026-01-01": "2026年1月1日", "2031-01-01": "2031年1月1日"}
    for value in (*UNIT.values(), REPRESENTATIVE, MANAGER):
        assert dates.get(value, value) in shown
    assert "由法定代表人授权" in shown
    assert "演练" not in card(page).locator("header").inner_text()
    assert hub.notifications == ["credential_accepted"]
    assert page.url == f"{hub.issuer}/"


def test_offer_by_value(page: Page, hub: StubHub) -> None:
    offer = json.dumps(offer_object(hub.issuer, hub.open_claim().code))
    page.goto(f"{hub.issuer}/c?credential_offer={quote(offer)}")
    type_pin(page)
    expect_state(page, "valid")


def test_private_key_cannot_leave_the_browser(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    script = """() => new Promise((resolve) => {
        const request = indexedDB.open('certdesk-holder', 1);
        request.onsuccess = () => {
            const all = request.result.transaction('certificates').objectStore('certificates').getAll();
            all.onsuccess = async () => {
                const { privateKey } = all.result[0].keyPair;
                const taken = await crypto.subtle.exportKey('jwk', privateKey).then(() => true, () => false);
                resolve([privateKey.extractable, privateKey.usages, taken]);
            };
        };
    })"""
    assert page.evaluate(script) == [False, ["sign"], False]


def test_pasted_and_full_width_digits_are_understood(page: Page, hub: StubHub) -> None:
    scan(page, hub, hub.open_claim())
    field = page.get_by_label("六位验证码")
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in PIN)
    field.fill(f"验证码：{full_width[:3]} {full_width[3:]}。")
    expect(field).to_have_value(PIN)
    assert field.get_attribute("autocomplete") == "one-time-code"
    assert field.get_attribute("inputmode") == "numeric"


def test_wrong_digits_then_right_ones(page: Page, hub: StubHub) -> None:
    scan(page, hub, hub.open_claim())
    type_pin(page, "000000")
    assert "还可以试 4 次" in expect_problem(page, "pin_wrong").inner_text()
    expect(page.get_by_label("六位验证码")).to_be_focused()
    type_pin(page)
    expect_state(page, "valid")


def test_five_wrong_tries_lock(page: Page, hub: StubHub) -> None:
    scan(page, hub, hub.open_claim(tries=2))
    type_pin(page, "000000")
    expect_problem(page, "pin_wrong")
    type_pin(page, "000001")
    expect_problem(page, "locked")
    type_pin(page)
    expect_problem(page, "locked")
    assert kept(page) == 0


def test_five_digits_are_not_sent(page: Page, hub: StubHub) -> None:
    scan(page, hub, hub.open_claim())
    type_pin(page, "12345")
    expect_problem(page, "pin_short")
    assert "/token" not in hub.paths


def test_a_nonce_that_aged_is_renewed_once(page: Page, hub: StubHub) -> None:
    hub.reject_nonces = 1
    claim_certificate(page, hub)
    assert hub.paths.count("/credential") == 2


def test_same_link_again_shows_the_kept_certificate(page: Page, hub: StubHub) -> None:
    claim = claim_certificate(page, hub)
    scan(page, hub, claim)
    expect_state(page, "valid")
    assert hub.paths.count("/token") == 1


def test_replacement_takes_the_place_of_the_lost_one(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    claim_certificate(page, hub)
    assert kept(page) == 1


def test_second_unit_is_kept_beside_the_first(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    other = {**UNIT, "uscc": "12460000MB0A000258", "name": "海南省示范图书馆（虚构）"}
    claim_certificate(page, hub, unit=other)
    assert kept(page) == 2
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("button", name=UNIT["name"]).click()
    expect(card(page)).to_contain_text(UNIT["uscc"])


def test_facts_not_arrived_wait_survive_a_closed_page_and_arrive(page: Page, hub: StubHub) -> None:
    claim = hub.open_claim(arrived=False)
    scan(page, hub, claim)
    type_pin(page)
    expect(page.locator('[data-state="waiting"]')).to_be_visible()
    expect(page.locator(".ladder .done")).to_have_text(["✓登记机关已核准：已完成"])
    expect(page.locator(".ladder .ahead")).to_have_count(3)
    expect(page.get_by_text("核准信息还没有到达")).to_be_visible()
    claim.received = True
    expect(page.locator(".ladder .done")).to_have_count(2)
    expect(page.get_by_text("省级平台已收到核准信息")).to_be_visible()
    page.close()
    again = page.context.new_page()
    again.goto(hub.issuer)
    expect(again.locator('[data-state="waiting"]')).to_be_visible()
    claim.arrived = True
    expect(card(again)).to_be_visible()
    assert hub.paths.count("/credential") == 1


def test_wait_ends_when_the_approval_is_refused(page: Page, hub: StubHub) -> None:
    claim = hub.open_claim(arrived=False)
    scan(page, hub, claim)
    type_pin(page)
    expect(page.locator('[data-state="waiting"]')).to_be_visible()
    claim.refuse = "rejected approval refused by the hub"
    expect_problem(page, "refused")
    page.goto(hub.issuer)
    expect(page.get_by_label("八位短码")).to_be_visible()


def test_wait_bears_a_hub_that_goes_and_comes(page: Page, served: Served) -> None:
    claim = served.hub.open_claim(arrived=False)
    scan(page, served.hub, claim)
    type_pin(page)
    expect(page.locator('[data-state="waiting"]')).to_be_visible()
    served.stop()
    expect(page.get_by_text("连接不上省级平台")).to_be_visible()
    claim.arrived = True
    served.start()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(card(page)).to_be_visible()


def test_typed_code(page: Page, hub: StubHub) -> None:
    code = hub.short(hub.open_claim())
    page.goto(hub.issuer)
    field = page.get_by_label("八位短码")
    swapped = code[:-1] + ("3" if code[-1] != "3" else "4")
    field.fill(swapped)
    page.keyboard.press("Enter")
    expect_problem(page, "short_wrong")
    assert "/api/v1/holder/short" not in hub.paths
    field.fill(f"{code[:4].lower()} - {code[4:].lower()}")
    page.keyboard.press("Enter")
    type_pin(page)
    expect_state(page, "valid")


def test_typed_code_unknown_or_tried_too_often(page: Page, hub: StubHub) -> None:
    code = hub.short(hub.open_claim())
    hub.shorts.clear()
    page.goto(hub.issuer)
    page.get_by_label("八位短码").fill(code)
    page.keyboard.press("Enter")
    expect_problem(page, "short_unknown")
    hub.rate_limited = True
    page.keyboard.press("Enter")
    expect_problem(page, "too_many")


def test_rehearsal_is_marked_on_every_view(page: Page) -> None:
    with serving(rehearsal=True) as served:
        hub = served.hub
        band = page.locator("#band")
        page.goto(hub.issuer)
        expect(band).to_contain_text("演练")
        claim = hub.open_claim()
        scan(page, hub, claim)
        expect(page.get_by_label("六位验证码")).to_be_visible()
        expect(band).to_contain_text("没有法律效力")
        type_pin(page)
        expect(card(page).locator(".stamp")).to_have_text("演练证书 · 无法律效力")
        assert card(page).locator(".watermark span").count() >= 20
        expect(band).to_be_visible()


def test_no_name_and_no_digit_of_the_pin_in_any_address(page: Page, hub: StubHub) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    claim = claim_certificate(page, hub)
    page.reload()
    expect_state(page, "valid")
    asked += hub.paths
    for secret in (*UNIT.values(), REPRESENTATIVE, MANAGER, *MANAGER, PIN):
        assert not any(secret in url or quote(secret) in url for url in asked)
    assert all(claim.code not in url for url in asked if "/o/" not in url)
    assert hub.glyph_requests == ["㐱𠮷𬱖"]
