"""Headless Chromium against a stub hub on loopback. One browser for all tests, one profile for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.holder.stub_hub import Served, StubHub, serving

expect.set_options(timeout=30_000)
"""How long a page may take where a machine has much else to do; nothing here measures time."""


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as running:
        yield running


@pytest.fixture
def hub(served: Served) -> StubHub:
    return served.hub


@pytest.fixture
def workers() -> Literal["allow", "block"]:
    """Whether the page may keep itself for offline use; installing costs time where a test needs it not."""
    return "block"


@pytest.fixture
def phone(browser: Browser, workers: Literal["allow", "block"]) -> Iterator[BrowserContext]:
    """A phone-sized profile of its own. Fails the test on script errors and on violations of the policy."""
    context = browser.new_context(
        service_workers=workers,
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        is_mobile=True,
        has_touch=True,
    )
    context.set_default_timeout(60_000)
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert complaints == []


@pytest.fixture
def page(phone: BrowserContext) -> Page:
    return phone.new_page()
