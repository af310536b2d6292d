"""The phone shows a short code of its own and waits for what the clerk sends to it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from core.claims import short_code
from tests.holder.steps import card, expect_problem, expect_state, type_pin
from tests.holder.stub_hub import StubHub


def shown(page: Page, hub: StubHub) -> str:
    """Open the page and ask for a code; return its symbols."""
    page.goto(hub.issuer)
    page.get_by_role("button", name="无法扫码？显示短码").click()
    text = code_on(page).inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", text)
    return short_code.parse(text)


def code_on(page: Page) -> Locator:
    return page.locator(".phone-code")


def test_what_is_sent_to_the_phone_goes_on_by_itself(page: Page, hub: StubHub) -> None:
    short = shown(page, hub)
    expect(page.locator(".left")).to_have_text(re.compile(r"0[45]:\d\d"))
    hub.waiting[short] = hub.open_claim().code
    expect(page.get_by_label("六位验证码")).to_be_visible(timeout=30_000)
    type_pin(page)
    expect(card(page)).to_be_visible()
    expect_state(page, "valid")
    assert not any(short in path for path in hub.paths), "the code is in an address"


def test_a_hub_that_goes_away_is_waited_for(page: Page, hub: StubHub) -> None:
    hub.reverse_away = True
    short = shown(page, hub)
    expect(page.locator(".note")).to_contain_text("正在重试", timeout=30_000)
    hub.waiting[short] = hub.open_claim().code
    hub.reverse_away = False
    expect(page.get_by_label("六位验证码")).to_be_visible(timeout=30_000)


def test_its_end_is_said_and_a_new_code_is_a_button_away(page: Page, hub: StubHub) -> None:
    first = shown(page, hub)
    del hub.waiting[first]
    expect(page.locator(".failure")).to_be_visible(timeout=30_000)
    expect_problem(page, "reverse_gone")
    page.get_by_role("button", name="重新显示短码").click()
    expect(code_on(page)).to_be_visible()
    assert short_code.parse(code_on(page).inner_text()) != first


def test_going_back_asks_no_more(page: Page, hub: StubHub) -> None:
    short = shown(page, hub)
    page.get_by_role("button", name="返回").click()
    expect(page.get_by_label("八位短码")).to_be_visible()
    hub.waiting[short] = hub.open_claim().code
    before = hub.paths.count("/api/v1/holder/reverse/poll")
    page.wait_for_timeout(2500)
    assert hub.paths.count("/api/v1/holder/reverse/poll") == before
    expect(page.get_by_label("八位短码")).to_be_visible()


def test_too_many_is_said_where_one_is(page: Page, hub: StubHub) -> None:
    hub.rate_limited = True
    page.goto(hub.issuer)
    page.get_by_role("button", name="无法扫码？显示短码").click()
    expect_problem(page, "too_many")


def test_a_code_that_the_offer_refuses_is_said(page: Page, hub: StubHub) -> None:
    short = shown(page, hub)
    claim = hub.open_claim()
    del hub.claims[claim.code]
    hub.waiting[short] = claim.code
    expect(page.locator(".failure")).to_be_visible(timeout=30_000)
    expect_problem(page, "malformed")
