"""Authorising and showing in real Chromium against the true hub: two phones, one tree, codes read off."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from core.claims.offer import link_offer
from core.clock import china_date
from core.credentials import certificate_claims, delegation_claims, direct
from core.credentials.key_binding import KeyBinding, nonce_of
from core.credentials.sdjwt import VerifiedCertificate, verify
from core.credentials.verifier import judge, open_trust
from core.rehearsal.people import make_people
from hub.bundle import bundle
from hub.showing import take
from tests.holder.steps import expect_problem, expect_state, type_pin
from tests.hub.conftest import Station, make_station
from tests.qr_reader import read_qr

__all__ = ["make_station"]
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("make_station", ["sqlite"], indirect=True)]
ROOT = Path(__file__).parents[2]
PICTURES = os.environ.get("CERTDESK_PICTURES", "")


def picture(page: Page, name: str) -> None:
    """Keep a look at the page where somebody asked for it."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def read_code(page: Page) -> str:
    """Read the code off the screen, as another phone's camera does."""
    place = page.locator(".qr")
    expect(place).to_be_visible()
    image = Image.open(io.BytesIO(place.screenshot()))
    found = read_qr(image.resize((image.width * 3, image.height * 3)))
    assert len(found) == 1
    return str(found[0].text)


def view(page: Page, name: str) -> Locator:
    found = page.locator(f'[data-view="{name}"]')
    expect(found).to_be_visible()
    return found


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def second_phone(page: Page) -> BrowserContext:
    browser = page.context.browser
    assert browser is not None
    look = {
        "viewport": {"width": 390, "height": 844},
        "locale": "zh-CN",
        "is_mobile": True,
        "has_touch": True,
    }
    context = browser.new_context(service_workers="block", **look)
    context.set_default_timeout(60_000)
    return context


def judged(station: Station, presentation: str, vct: str) -> VerifiedCertificate:
    wanted = KeyBinding(f"{station.hub.issuer}/v", nonce_of(presentation), 120)
    roots = [station.root]
    return verify(presentation, roots, station.hands(), vct, rehearsal=True, key_binding=wanted)


def managing(page: Page, station: Station) -> None:
    """Claim a certificate and open 授权管理."""
    office = station.new_office()
    minted = office.mint(office.approved_case(4))
    office.push_all_recorded()
    page.goto(link_offer(station.hub.issuer, minted.text))
    type_pin(page, minted.pin)
    expect_state(page, "valid")
    press(page, "授权管理")
    view(page, "grants")


def test_from_the_first_managers_phone_to_another_and_back(
    page: Page, make_station: Callable[..., Station]
) -> None:
    station = make_station(rehearsal=True)
    person = make_people(Random(3), 3, china_date(station.hands()))[1]
    managing(page, station)
    expect(page.locator(".empty")).to_contain_text("还没有授权给任何人")
    picture(page, "grants-empty")
    press(page, "新增授权")
    press(page, "授权并生成领取码")
    expect_problem(page, "delegation_name_wrong")
    page.get_by_label("姓名").fill(person.name)
    page.get_by_label("身份证号码").fill(
        person.id_number[:-1] + ("0" if person.id_number[-1] != "0" else "1")
    )
    press(page, "授权并生成领取码")
    expect_problem(page, "delegation_id_number_wrong")
    page.get_by_label("身份证号码").fill(person.id_number)
    page.get_by_label("全部事项").uncheck()
    page.get_by_label("税务登记和办税").check()
    picture(page, "grant-form")
    press(page, "授权并生成领取码")
    view(page, "offer")
    picture(page, "offer")
    link = read_code(page)
    assert person.name not in link and person.id_number not in link
    expect(page.locator(".digits")).to_have_count(0)
    press(page, "对方已扫描，显示验证码")
    expect(page.locator(".qr")).to_have_count(0)
    digits = page.locator(".digits").inner_text()
    picture(page, "offer-digits")

    phone = second_phone(page)
    other = phone.new_page()
    other.goto(link)
    expect(other.get_by_role("heading", name="领取用证授权")).to_be_visible()
    picture(other, "claim")
    type_pin(other, digits)
    expect(other.get_by_role("article", name="用证授权")).to_contain_text(person.name)
    expect_state(other, "valid")
    expect(other.get_by_role("article")).to_contain_text("税务登记和办税")
    expect(other.get_by_role("button", name="授权管理")).to_have_count(0)
    picture(other, "delegation")

    press(other, "亮证")
    picture(other, "choose")
    other.get_by_label("被授权人").uncheck()
    press(other, "出示二维码")
    link = read_code(other)
    picture(other, "show")
    assert link.startswith(f"{station.hub.issuer}/v/")
    with station.hub.database.read() as connection:
        presented = take(station.hub, connection, link.rsplit("/", 1)[1])
    claims = judged(station, presented, delegation_claims.VCT).claims
    assert claims["matters"] == ["TAX"] and claims["role"] == "user" and claims["person"] == {}
    press(other, "立即换新")
    expect(other.locator(".code-place")).not_to_have_attribute("data-text", link)
    press(other, "结束出示")

    press(page, "完成")
    expect(page.locator(".person")).to_contain_text("有效")
    expect(page.locator(".person")).not_to_contain_text(person.id_number)
    picture(page, "grants")
    press(page, "撤销")
    page.locator("dialog").get_by_role("button", name="保留").click()
    expect(page.locator(".person")).to_contain_text("有效")
    press(page, "撤销")
    picture(page, "revoke")
    page.locator("dialog").get_by_role("button", name="撤销").click()
    expect(page.locator(".empty")).to_be_visible()
    page.locator("summary").click()
    expect(page.locator(".person")).to_contain_text("已终止")

    press(other, "刷新状态")
    expect_state(other, "invalid")
    press(other, "亮证")
    press(other, "出示二维码")
    expect_problem(other, "credential_void")
    phone.close()


def test_the_certificate_shown_with_and_without_network(
    page: Page, make_station: Callable[..., Station], tmp_path: Path
) -> None:
    station = make_station(rehearsal=True)
    managing(page, station)
    press(page, "返回")
    press(page, "亮证")
    view(page, "choose")
    press(page, "出示二维码")
    link = read_code(page)
    with station.hub.database.read() as connection:
        presented = take(station.hub, connection, link.rsplit("/", 1)[1])
    claims = judged(station, presented, certificate_claims.VCT).claims
    assert set(claims["unit"]) == {"uscc", "name", "valid_from", "valid_to"} and claims["manager"] == {}
    page.context.set_offline(True)
    press(page, "立即换新")
    expect(page.get_by_text("手机没有网络，这是离线码")).to_be_visible()
    picture(page, "show-offline")
    text = read_code(page)
    assert len(text) < 0.7 * direct.LIMIT, "two fields leave room for all others"
    trust = open_trust([station.root], bundle(station.hub), station.hands())
    verdict = judge(text, trust, station.hands())
    assert (verdict.judgement.answer, verdict.judgement.reasons) == ("valid", ("rehearsal",))
    assert {f"unit.{name}": value for name, value in claims["unit"].items()} == verdict.shown
    press(page, "更改内容")
    for box in page.locator('[data-view="choose"] input').all():
        box.check()
    press(page, "出示二维码")
    expect(page.get_by_text("手机没有网络，这是离线码")).to_be_visible()
    picture(page, "show-offline-all")
    whole = judge(read_code(page), trust, station.hands())
    assert whole.judgement.answer == "valid" and set(verdict.shown) < set(whole.shown)
    assert verified_by_the_verb(page, station, tmp_path) == "valid"


def verified_by_the_verb(page: Page, station: Station, folder: Path) -> str:
    """Take a picture of the phone's screen to a computer that has the root and a bundle, and no network."""
    screen, given = folder / "screen.png", folder / "bundle.jws"
    page.screenshot(path=str(screen))
    given.write_text(bundle(station.hub))
    trust = ["--trust", str(station.folder / "root.pem"), "--bundle", str(given)]
    told = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "verify", str(screen), *trust],
        capture_output=True,
        timeout=120,
    )
    return str(json.loads(told.stdout)["answer"])


def test_a_manager_authorises_a_user_and_both_see_their_part(
    page: Page, make_station: Callable[..., Station]
) -> None:
    station = make_station(rehearsal=True)
    people = make_people(Random(3), 3, china_date(station.hands()))
    managing(page, station)
    phones = [page]
    for person, role in ((people[1], "其他管理人"), (people[2], "")):
        press(phones[-1], "新增授权")
        if role:
            phones[-1].get_by_label(role).check()
        phones[-1].get_by_label("姓名").fill(person.name)
        phones[-1].get_by_label("身份证号码").fill(person.id_number)
        press(phones[-1], "授权并生成领取码")
        link = read_code(phones[-1])
        press(phones[-1], "对方已扫描，显示验证码")
        digits = phones[-1].locator(".digits").inner_text()
        other = second_phone(page).new_page()
        other.goto(link)
        type_pin(other, digits)
        expect_state(other, "valid")
        press(phones[-1], "完成")
        expect(phones[-1].locator(".person")).to_contain_text(person.name)
        if role:
            press(other, "授权管理")
            expect(other.locator(".empty")).to_be_visible()
            phones.append(other)
    press(page, "返回")
    press(page, "授权管理")
    expect(page.locator(".person")).to_have_count(2)
    expect(page.locator(".person.below")).to_contain_text(people[2].name)
    picture(page, "grants-tree")
    expect(phones[1].locator(".person")).to_have_count(1)
    press(page, "返回")
    expect_state(page, "valid")
    for phone in phones[1:]:
        phone.context.close()
