"""The public verification page against the true hub: what a phone shows, three answers, nothing but text."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from joserfc.jwk import ECKey
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from core.credentials.key_binding import bind
from core.credentials.x509 import es256_signer
from core.documents.qr import matrix, png
from core.rehearsal.people import Person, make_people
from hub.engine import lock_office
from hub.facts import void_certificates
from hub.ledger import Ledger
from hub.nonces import make_nonce
from hub.showing import audience, keep
from tests.hub.conftest import Station
from tests.hub.wallet import http

pytestmark = pytest.mark.parametrize("make_station", ["sqlite"], indirect=True)


class Shown:
    """A claimed certificate, and its phone."""

    def __init__(self, station: Station) -> None:
        self.station, self.office = station, station.new_office()
        self.approved = self.office.approved_case(0)
        minted = self.office.mint(self.approved)
        self.office.push_all_recorded()
        self.wallet = station.wallet()
        self.text = self.wallet.claim(minted.text, minted.pin)

    def show(self, fields: int = 3) -> str:
        """Leave a presentation at the hub; returns its reference."""
        hub, parts = self.station.hub, self.text.rstrip("~").split("~")
        key = es256_signer(ECKey.import_key(dict(self.wallet.key)).as_pem(private=True))
        shown = bind("~".join([*parts[: 1 + fields], ""]), audience(hub), make_nonce(hub), hub.now(), key)
        with hub.database.write() as connection:
            return keep(hub, connection, shown)

    def void(self) -> None:
        hub = self.station.hub
        with hub.database.write() as connection:
            lock_office(connection, self.office.office)
            void_certificates(
                hub, connection, Ledger(hub, connection, self.office.office), self.approved.unit, "replaced"
            )


def ask(station: Station, body: Any) -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    reply = http(f"{station.hub.issuer}/api/v1/verify/shown", data, Content_Type="application/json")
    return reply.status, reply.json


def test_a_reference_and_a_text_are_judged_by_the_database_of_now(
    make_station: Callable[..., Station],
) -> None:
    station = make_station()
    phone = Shown(station)
    ref = phone.show()
    status, told = ask(station, {"ref": ref})
    assert (status, told["answer"], told["kind"], len(told["facts"])) == (200, "valid", "certificate", 3)
    assert ask(station, {"text": phone.text})[1]["answer"] == "valid"
    phone.void()
    assert ask(station, {"text": phone.text})[1]["reasons"] == ["certificate_void"]
    assert ask(station, {"ref": ref})[1]["answer"] == "not valid"
    station.hands.forward(seconds=130)
    status, told = ask(station, {"ref": ref})
    assert (status, told["error"]) == (400, "shown_expired") and "重新出示" in told["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "body_malformed"),
        (b"[]", "body_malformed"),
        (b"{", "body_malformed"),
        ({"ref": 1}, "body_malformed"),
        ({"text": 1}, "body_malformed"),
        ({"text": " "}, "body_malformed"),
        ({"ref": "a", "text": "b"}, "body_malformed"),
        ({"x": "y"}, "body_malformed"),
        ({}, "body_malformed"),
        ({"text": "a", "x": "y"}, "field_strange"),
        ({"text": "a", "person": {"name": "\x00", "id_number": "1"}}, "field_wrong"),
        ({"text": "a", "matter": ["BANK"]}, "field_type"),
        ({"text": "a", "matter": "NOPE"}, "matter_unknown"),
        ({"ref": "\x00"}, "shown_expired"),
    ],
)
def test_what_is_no_question_is_refused(make_station: Callable[..., Station], body: Any, code: str) -> None:
    status, told = ask(make_station(), body)
    assert (status, told["error"]) == (400, code) and told["message"].endswith("。")


def test_too_much_is_refused(make_station: Callable[..., Station]) -> None:
    station = make_station()
    status, told = ask(station, {"text": "~" * 80_000})
    assert (status, told["error"]) == (413, "body_too_large") and "上限" in told["message"]
    told_all = [ask(station, {"text": "nothing"}) for _ in range(70)]
    assert {status for status, _ in told_all} == {200, 429}
    assert all(told["message"].startswith("核验的人太多") for status, told in told_all if status == 429)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that may break neither its script nor its policy."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.set_default_timeout(20_000)
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", "/hn"])
def test_the_page_in_a_browser(make_station: Callable[..., Station], page: Page, path: str) -> None:
    station = make_station(rehearsal=True, path=path)
    phone = Shown(station)
    ref = phone.show()
    page.goto(f"{station.hub.issuer}/v/{ref}")
    expect(page.locator("#word")).to_have_text("有效")
    expect(page.locator("#band")).to_be_visible()
    expect(page.locator("#as-of")).to_contain_text("状态截至 20")
    assert page.url == f"{station.hub.issuer}/v" and ref not in page.content()
    phone.void()
    page.fill("#text", phone.text)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#word")).to_have_text("无效")
    expect(page.locator("#facts")).to_contain_text(phone.approved.invented.values["name"])
    assert page.input_value("#text") == ""
    page.fill("#text", "<img src=x onerror=alert(1)>~")
    page.click("#ask button[type=submit]")
    expect(page.locator("#why")).to_have_text("证书未通过验证，不得采信。")
    station.hands.forward(seconds=130)
    page.fill("#text", f"{station.hub.issuer}/v/{ref}")
    page.click("#ask button[type=submit]")
    expect(page.locator("#problem")).to_contain_text("亮证码已过期")
    page.click("button[type=reset]")
    expect(page.locator("#problem")).to_be_hidden()


def fill(page: Page, person: Person, matter: str = "") -> None:
    """Type who stands there, choose a matter, press the button."""
    page.fill("#name", person.name)
    page.fill("#number", f" {person.id_number.lower()}")
    page.select_option("#matter", matter)
    page.click("#more button")


@pytest.mark.slow
def test_a_person_and_a_matter_in_a_browser(make_station: Callable[..., Station], page: Page) -> None:
    station = make_station(path="/hn")
    phone, asked = Shown(station), []
    page.on("request", lambda request: asked.append(request.url))
    here = phone.approved.invented.manager or phone.approved.invented.representative
    stranger = make_people(Random(77), 1, date(2026, 11, 29))[0]
    page.goto(f"{station.hub.issuer}/v")
    expect(page.locator("#more")).to_be_hidden()
    page.goto(f"{station.hub.issuer}/v/{phone.show(fields=99)}")
    expect(page.locator("#word")).to_have_text("有效")
    expect(page.locator("#facts-title")).to_have_text("基本信息（对方出示的）")
    expect(page.locator("body")).to_contain_text("通过平台的查验接口查询")
    page.click("#more button")
    expect(page.locator("#problem")).to_contain_text("请填写在场人员的姓名和身份证号码")
    expect(page.locator("#answer")).to_be_visible()
    page.fill("#name", here.name)
    page.fill("#number", "46002")
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_contain_text("18 位")
    fill(page, here, "BANK")
    expect(page.locator("#word")).to_have_text("可以办理")
    expect(page.locator("#parts")).to_have_text(re.compile("电子证书有效在场人员相符银行.*可以办理"))
    assert page.input_value("#name") == page.input_value("#number") == ""
    fill(page, stranger)
    expect(page.locator("#word")).to_have_text("不相符")
    expect(page.locator("#todo")).to_contain_text("核对证件后重新录入")
    fill(page, replace(here, id_number=stranger.id_number), "BANK")
    expect(page.locator("#word")).to_have_text("不能办理")
    for _ in range(2):
        fill(page, here)
        expect(page.locator("#word")).to_have_text("相符")
    fill(page, here)
    expect(page.locator("#problem")).to_contain_text("已比对 5 次")
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie, history.state]")
    assert kept == [0, 0, "", None]
    for value in (here.name, here.id_number, stranger.id_number, phone.text[:40]):
        assert not any(value in url or quote(value) in url for url in asked)
    station.hands.forward(seconds=130)
    fill(page, here)
    expect(page.locator("#problem")).to_contain_text("亮证码已过期")
    expect(page.locator("#more")).to_be_hidden()
    expect(page.locator("#answer")).to_be_hidden()


@pytest.mark.slow
def test_a_sheet_and_a_picture_in_a_browser(
    make_station: Callable[..., Station], page: Page, tmp_path: Path
) -> None:
    station = make_station()
    phone = Shown(station)
    name = phone.approved.invented.values["name"]
    envelope = phone.office.envelope("certificate-print", case=phone.approved.case)
    pdf = b64decode(phone.office.ask("/api/v1/certificate-print", envelope)["pdf"])
    page.goto(f"{station.hub.issuer}/v")

    def choose(name: str, data: bytes, word: str) -> None:
        (tmp_path / name).write_bytes(data)
        page.set_input_files("#file", tmp_path / name)
        expect(page.locator("#word")).to_have_text(word)

    choose("sheet.pdf", pdf, "有效")
    expect(page.locator("#kind")).to_have_text("纸质打印件")
    expect(page.locator("#facts")).to_contain_text(name)
    expect(page.locator("#todo")).to_contain_text("与纸面逐项核对")
    fill(page, make_people(Random(77), 1, date(2026, 11, 29))[0])
    expect(page.locator("#word")).to_have_text("不相符")
    choose("altered.pdf", pdf.replace(b"/Title <", b"/Titlf <", 1), "无效")
    expect(page.locator("#more")).to_be_hidden()
    link = f"{station.hub.issuer}/v/{phone.show()}"
    choose("code.png", png(matrix(link), 4), "有效")
    expect(page.locator("#kind")).to_have_text("电子证书")
    (tmp_path / "large.pdf").write_bytes(b"%PDF-" + bytes(20 * 1024 * 1024))
    page.set_input_files("#file", tmp_path / "large.pdf")
    expect(page.locator("#problem")).to_contain_text("文件太大")
    expect(page.locator("#answer")).to_be_hidden()
    page.set_input_files("#file", {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    expect(page.locator("#problem")).to_contain_text("文件已损坏")
