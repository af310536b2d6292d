"""The public verification page against the true hub: what a phone shows, three answers, nothing but text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from core.credentials.key_binding import bind
from core.credentials.x509 import es256_signer
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
    "body",
    [b"", b"[]", b"{", {"ref": 1}, {"text": 1}, {"text": " "}, {"ref": "a", "text": "b"}, {"x": "y"}, {}],
)
def test_what_is_no_question_is_refused(make_station: Callable[..., Station], body: Any) -> None:
    status, told = ask(make_station(), body)
    assert status == 400 and told["error"] == "body_malformed" and "JSON" in told["message"]


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
    page.click("button[type=submit]")
    expect(page.locator("#why")).to_have_text("证书未通过验证，不得采信。")
    station.hands.forward(seconds=130)
    page.fill("#text", f"{station.hub.issuer}/v/{ref}")
    page.click("button[type=submit]")
    expect(page.locator("#problem")).to_contain_text("亮证码已过期")
    page.click("button[type=reset]")
    expect(page.locator("#problem")).to_be_hidden()
