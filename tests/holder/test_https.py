"""The page over https of our own: the hub asks for a certificate, and a phone without one claims."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.claims.offer import link_offer
from hub.desk_requests import answer
from hub.enrolments import accept
from tests.holder.steps import card, expect_state, type_pin
from tests.hub.conftest import Station, run_station
from tests.hub.sample_office import SampleOffice

pytestmark = pytest.mark.slow


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    with contextmanager(run_station)(tmp_path, rehearsal=True, tls=True) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone that has been told to trust the test authority."""
    context = browser.new_context(ignore_https_errors=True, service_workers="block", locale="zh-CN")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def test_a_phone_without_a_certificate_claims_over_https(station: Station, page: Page) -> None:
    def by_hand(path: str, data: bytes) -> tuple[int, bytes]:
        return 200, answer(station.hub, path.rpartition("/")[2], data, fresh=True)

    office = SampleOffice(by_hand, station.hands, True)
    office.enrolled(accept(station.hub, office.enrolment(), False))
    approved = office.approved_case(0)
    minted = office.mint(approved)
    office.push_all_recorded()
    page.goto(link_offer(station.hub.issuer, minted.text))
    type_pin(page, minted.pin)
    expect_state(page, "valid")
    assert approved.invented.values["name"] in card(page).inner_text()
