"""谁查验过 in real Chromium against the true hub: nobody, many, no network, and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.claims.offer import link_offer
from core.records.uses import ANSWERS, BUNDLE, FUNCTIONS, GIVEN
from hub.receipts import PAGE
from resources import resource_path
from tests.holder.steps import expect_problem, expect_state, type_pin
from tests.holder.test_delegation import picture, press, view
from tests.hub.conftest import Station, make_station
from tests.hub.department import Department
from tests.hub.test_desk_basic import REASON
from tests.hub.test_desk_basic import ask as ask_at_a_desk

__all__ = ["make_station"]
pytestmark = pytest.mark.parametrize("make_station", ["sqlite"], indirect=True)


def claimed(page: Page, station: Station) -> dict[str, str]:
    """Claim a certificate; what a department calls its unit."""
    office = station.new_office()
    approved = office.approved_case(4)
    minted = office.mint(approved)
    office.push_all_recorded()
    page.goto(link_offer(station.hub.issuer, minted.text))
    type_pin(page, minted.pin)
    expect_state(page, "valid")
    return {"uscc": approved.invented.values["uscc"]}


@pytest.mark.slow
def test_nobody_then_many_page_by_page(page: Page, make_station: Callable[..., Station]) -> None:
    station = make_station(rehearsal=True)
    unit = claimed(page, station)
    picture(page, "certificate")
    press(page, "谁查验过")
    place = view(page, "receipts")
    expect(place.locator(".empty:visible")).to_contain_text("还没有部门查验过")
    expect(page.locator("h1")).to_be_focused()
    picture(page, "receipts-empty")
    press(page, "返回")
    expect_state(page, "valid")

    department = Department(station.hub)
    department.register()
    for turn in range(PAGE + 3):
        department.ask("basic", unit=unit, reason=f"核对缴费单位名称，第{turn}次")
    station.hands.forward(seconds=1)  # those before are all of one second
    holder = {"role": "manager", "name": "张演练", "id_number": "110101199003070011"}
    assert department.ask("compare", unit=unit, holder=holder).body["answer"] == "not valid"
    press(page, "谁查验过")
    expect(place.locator("li")).to_have_count(PAGE)
    newest = place.locator("li").first
    expect(newest).to_contain_text("持证人信息比对")
    expect(newest).to_contain_text("演练市人力资源和社会保障局")
    expect(newest).to_contain_text("无效")
    expect(place.locator("li").nth(5)).to_contain_text("社会保险登记 · 基础信息查询")
    expect(place.locator("li").nth(5)).to_contain_text("事由：核对缴费单位名称，第")
    expect(place).not_to_contain_text("核验员演练")
    picture(page, "receipts")
    page.emulate_media(color_scheme="dark")
    picture(page, "receipts-dark")

    older = page.get_by_role("button", name="更早的记录")
    older.focus()
    page.keyboard.press("Enter")
    expect(place.locator("li")).to_have_count(PAGE + 4)
    expect(place.locator("li").nth(PAGE)).to_be_focused()
    expect(older).to_be_hidden()
    said = [text for text in place.locator("li").all_inner_texts() if "事由：核对" in text]
    assert len({text.split("第")[1] for text in said}) == PAGE + 3
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_state(page, "valid")


@pytest.mark.slow
def test_a_registration_office_that_asked_stands_there_too(
    page: Page, make_station: Callable[..., Station]
) -> None:
    station = make_station(rehearsal=True)
    unit = claimed(page, station)
    office = station.new_office()
    assert ask_at_a_desk(office, unit["uscc"])["answer"] == "valid"
    press(page, "谁查验过")
    line = view(page, "receipts").locator("li")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("登记管理核对 · 基础信息查询")
    expect(line).to_contain_text(f"事由：{REASON}")
    assert office.certificate is not None
    expect(line).to_contain_text(office.certificate.name)
    expect(line).not_to_contain_text("受理员")
    picture(page, "receipts-office")


@pytest.mark.slow
def test_without_network_it_says_so_and_goes_on(page: Page, make_station: Callable[..., Station]) -> None:
    station = make_station(rehearsal=True)
    claimed(page, station)
    page.context.set_offline(True)
    press(page, "谁查验过")
    expect(expect_problem(page, "request_offline")).to_contain_text("请打开移动数据或无线网络后重试")
    picture(page, "receipts-offline")
    page.context.set_offline(False)
    press(page, "重试")
    expect(page.locator(".empty:visible")).to_contain_text("还没有部门查验过")
    expect(page.get_by_role("button", name="重试")).to_be_hidden()


@pytest.mark.slow
def test_it_says_that_it_is_asking(page: Page, make_station: Callable[..., Station]) -> None:
    station = make_station(rehearsal=True)
    claimed(page, station)
    held: list[object] = []
    page.route("**/api/v1/holder/receipts", lambda route: held.append(route))
    press(page, "谁查验过")
    expect(page.get_by_role("status").filter(has_text="正在查询")).to_be_visible()
    expect(page.get_by_role("button", name="返回")).to_be_visible()


def test_the_page_speaks_of_functions_and_answers_as_the_use_list_does(make_station: object) -> None:
    text = (resource_path("holder") / "receipts.js").read_text("utf-8")
    block = re.search(r"FUNCTIONS = \{(.+?)\};", text, re.S)
    assert block and dict(re.findall(r'(\w+): "(.+?)"', block[1])) == {
        name: words
        for name, words in FUNCTIONS.items()
        if name != BUNDLE  # no line of it is about a unit
    }
    block = re.search(r"ANSWERS = \{(.+?)\};", text, re.S)
    assert block and dict(re.findall(r'"?(\w[\w ]*)"?: \["(.+?)"', block[1])) == {
        name: words for name, words in ANSWERS.items() if name != GIVEN
    }
