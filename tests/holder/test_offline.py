"""The kept certificate: its state, its age, and the page without network."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.holder.steps import card, claim_certificate, expect_state, kept
from tests.holder.stub_hub import MANAGER, UNIT, Served, StubHub


@pytest.fixture
def workers() -> str:
    return "allow"


def wait_for_worker(page: Page) -> None:
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(
        "caches.open('certdesk-holder-3').then((c) => c.keys()).then((k) => k.length >= 25)"
    )


def set_status(hub: StubHub, value: int) -> None:
    for issued in hub.tokens.values():
        hub.statuses.set(issued.index, value)


def later(page: Page, **delta: float) -> None:
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(**delta))


def test_opens_without_the_hub_and_says_as_of(page: Page, served: Served) -> None:
    claim_certificate(page, served.hub)
    wait_for_worker(page)
    served.stop()
    page.goto(served.hub.issuer)
    expect(card(page)).to_contain_text(UNIT["name"])
    expect_state(page, "valid")
    today = datetime.now().astimezone()
    expect(page.locator(".as-of")).to_contain_text(f"截至 {today.year}年")
    page.get_by_role("button", name="刷新状态").click()
    expect(page.locator(".note")).to_contain_text("没有取得新的状态")


def test_without_a_current_list_the_answer_is_unknown(page: Page, served: Served) -> None:
    claim_certificate(page, served.hub)
    wait_for_worker(page)
    served.stop()
    later(page, minutes=59)
    page.goto(served.hub.issuer)
    expect_state(page, "valid")
    later(page, minutes=61)
    page.goto(served.hub.issuer)
    expect_state(page, "unknown")
    expect(page.locator(".state")).to_contain_text("无法确认")
    expect(page.locator(".as-of")).to_contain_text("截至")


def test_clock_set_back_does_not_revive_an_old_state(page: Page, served: Served) -> None:
    claim_certificate(page, served.hub)
    wait_for_worker(page)
    served.stop()
    later(page, days=-2)
    page.goto(served.hub.issuer)
    expect_state(page, "unknown")
    expect(page.locator(".state")).to_contain_text("手机时间")


def test_voided_stays_voided_without_network(page: Page, served: Served) -> None:
    claim_certificate(page, served.hub)
    wait_for_worker(page)
    set_status(served.hub, 1)
    page.get_by_role("button", name="刷新状态").click()
    expect_state(page, "invalid")
    served.stop()
    later(page, days=2)
    page.goto(served.hub.issuer)
    expect_state(page, "invalid")
    expect(page.locator(".state")).to_contain_text("已失效")


def test_suspended_and_lifted(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    set_status(hub, 2)
    page.get_by_role("button", name="刷新状态").click()
    expect_state(page, "suspended")
    expect(page.locator(".state")).to_contain_text("已暂停")
    set_status(hub, 0)
    page.get_by_role("button", name="刷新状态").click()
    expect_state(page, "valid")


def test_an_older_list_changes_nothing(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    set_status(hub, 1)
    page.get_by_role("button", name="刷新状态").click()
    expect_state(page, "invalid")
    set_status(hub, 0)
    hub.status_issued_at = int(time.time()) - 600
    page.get_by_role("button", name="刷新状态").click()
    expect(page.locator(".note")).to_contain_text("没有取得新的状态")
    expect_state(page, "invalid")


def test_a_list_signed_by_nobody_is_not_believed(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    set_status(hub, 1)
    sign = hub.sign
    hub.sign = lambda data: bytes(64)
    page.get_by_role("button", name="刷新状态").click()
    expect(page.locator(".note")).to_contain_text("没有取得新的状态")
    expect_state(page, "valid")
    hub.sign = sign


def test_certificate_ends_with_its_last_day_in_china(page: Page, hub: StubHub) -> None:
    page.goto(hub.issuer)
    ended = page.evaluate(
        """async (day) => {
            const { judge } = await import('/holder/certificate.js');
            const claims = { exp: 4e9, iat: 1, unit: { valid_to: day } };
            const status = { value: 0, issuedAt: 1, expiresAt: 4e9 };
            const end = Date.parse(day + 'T24:00:00+08:00') / 1000;
            const after = judge(claims, status, end);
            return [judge(claims, status, end - 2).state, after.state, after.why];
        }""",
        "2026-03-31",
    )
    assert ended == ["valid", "invalid", "ended"]


def test_rare_name_is_drawn_with_own_glyphs_also_offline(page: Page, served: Served) -> None:
    claim_certificate(page, served.hub)
    wait_for_worker(page)
    served.stop()
    page.goto(served.hub.issuer)
    expect(card(page)).to_contain_text(MANAGER)
    drawn = page.evaluate(
        """[...document.fonts].filter((f) => f.family.includes('CertDesk Rare'))
            .map((f) => [f.status, f.unicodeRange])"""
    )
    assert drawn == [["loaded", "U+3431, U+20BB7, U+2CC56"]]


def test_worker_stores_the_shell_and_no_code(page: Page, hub: StubHub) -> None:
    claim = claim_certificate(page, hub)
    wait_for_worker(page)
    page.goto(hub.link(claim))
    expect(card(page)).to_be_visible()
    stored = page.evaluate(
        """async () => {
            const cache = await caches.open('certdesk-holder-3');
            const found = [];
            for (const request of await cache.keys()) {
                found.push(request.url, (await cache.match(request)).url);
            }
            return found;
        }"""
    )
    assert f"{hub.issuer}/" in stored and f"{hub.issuer}/holder/app.js" in stored
    assert not any(claim.code in url or "?" in url for url in stored)


def test_remove_asks_first(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    page.get_by_text("更多", exact=True).click()
    page.get_by_role("button", name="从这部手机移除").click()
    page.get_by_role("button", name="保留").click()
    assert kept(page) == 1
    page.get_by_role("button", name="从这部手机移除").click()
    page.get_by_role("button", name="移除", exact=True).click()
    expect(page.get_by_label("八位短码")).to_be_visible()
    assert kept(page) == 0
