"""The page against the true hub: nothing of the stub is needed, also below a path of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.claims.offer import link_offer
from core.errors import UserError
from core.services.claims import follow, mint_claim, send_to_phone
from core.services.sync import sync
from core.sync.http_hub import HttpHub
from tests.core.services.office_kit import open_kit
from tests.holder.steps import card, expect_problem, expect_state, type_pin
from tests.hub.conftest import Station, make_station
from tests.ui.screens.claim.room import make_station as make_desk_station

__all__ = ["make_station"]
# The database makes no difference to a page; tests/hub runs on both.
pytestmark = pytest.mark.slow
on_sqlite = pytest.mark.parametrize("make_station", ["sqlite"], indirect=True)


def opened(page: Page, station: Station, text: str) -> None:
    page.goto(link_offer(station.hub.issuer, text))


@on_sqlite
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


@on_sqlite
def test_facts_that_arrive_later_at_the_true_hub(page: Page, make_station: Callable[..., Station]) -> None:
    station = make_station(rehearsal=True)
    office = station.new_office()
    minted = office.mint(office.approved_case(0))
    opened(page, station, minted.text)
    type_pin(page, minted.pin)
    expect(page.locator('[data-state="waiting"]')).to_be_visible()
    office.push_all_recorded()
    expect(card(page)).to_be_visible()


@on_sqlite
def test_code_past_its_time_at_the_true_hub(page: Page, make_station: Callable[..., Station]) -> None:
    station = make_station(rehearsal=True)
    office = station.new_office()
    minted = office.mint(office.approved_case(0))
    office.push_all_recorded()
    station.hands.forward(minutes=20)
    opened(page, station, minted.text)
    expect_problem(page, "expired")


def test_the_phone_shows_a_code_and_the_desk_service_sends_the_claim(page: Page, tmp_path: Path) -> None:
    kit = open_kit(tmp_path)
    kit.clock.moment = datetime.now(UTC)  # the browser's proof is dated by the real time
    with closing(kit), closing(make_desk_station(kit, tmp_path)) as station:
        case = kit.approved_case()
        hub = HttpHub(station.url, plain_http=True)
        page.goto(station.url)
        page.get_by_role("button", name="无法扫码？显示短码").click()
        short = page.locator(".phone-code").inner_text()
        with kit.sit("clerk") as clerk:
            sync(clerk, hub)
            minted = mint_claim(clerk, case)
            sync(clerk, hub)
            with pytest.raises(UserError, match="reverse_wrong"):
                send_to_phone(clerk, hub, minted.code, short[:-1] + ("3" if short[-1] != "3" else "4"))
            send_to_phone(clerk, hub, minted.code, short)
        type_pin(page, minted.pin)
        expect_state(page, "valid")
        expect(card(page)).to_be_visible()
        with kit.sit("clerk") as clerk:
            assert follow(clerk, hub, minted.jti).state == "issued"
