"""The page against the true hub: nothing of the stub is needed, also below a path of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.claims.offer import link_offer
from tests.holder.steps import card, expect_problem, expect_state, type_pin
from tests.hub.conftest import Station, make_station

__all__ = ["make_station"]
# The database makes no difference to a page; tests/hub runs on both.
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("make_station", ["sqlite"], indirect=True)]


def opened(page: Page, station: Station, text: str) -> None:
    page.goto(link_offer(station.hub.issuer, text))


@pytest.mark.parametrize("path", ["", "/hn"])
def test_claim_from_the_true_hub(page: Page, make_station: Callable[..., Station], path: str) -> None:
    station = make_station(rehearsal=True, path=path)
    office = station.new_office()
    approved = office.approved_case(0)
    minted = office.mint(approved)
    office.push_all_recorded()
    opened(page, station, minted.text)
    expect(page.locator("#band")).to_contain_text("演练")
    type_pin(page, "000000" if minted.pin != "000000" else "111111")
    assert "还可以试 4 次" in expect_problem(page, "pin_wrong").inner_text()
    type_pin(page, minted.pin)
    expect_state(page, "valid")
    expect(card(page)).to_contain_text(approved.invented.values["name"])
    expect(card(page)).to_contain_text(approved.invented.values["uscc"])
    assert page.url == f"{station.hub.issuer}/"
    other = page.context.browser.new_context()  # type: ignore[union-attr]
    second = other.new_page()
    opened(second, station, minted.text)
    expect_problem(second, "used")
    other.close()


def test_facts_that_arrive_later_at_the_true_hub(page: Page, make_station: Callable[..., Station]) -> None:
    station = make_station(rehearsal=True)
    office = station.new_office()
    minted = office.mint(office.approved_case(0))
    opened(page, station, minted.text)
    type_pin(page, minted.pin)
    expect(page.locator('[data-state="waiting"]')).to_be_visible()
    office.push_all_recorded()
    expect(card(page)).to_be_visible()


def test_code_past_its_time_at_the_true_hub(page: Page, make_station: Callable[..., Station]) -> None:
    station = make_station(rehearsal=True)
    office = station.new_office()
    minted = office.mint(office.approved_case(0))
    office.push_all_recorded()
    station.hands.forward(minutes=20)
    opened(page, station, minted.text)
    expect_problem(page, "expired")
