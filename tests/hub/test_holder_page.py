"""The holder page's files, the typed code and the glyphs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from fontTools.ttLib import TTFont

from core.claims import short_code
from core.credentials.certificate_claims import VCT
from core.credentials.sdjwt import verify
from core.errors import UserError
from hub.glyphs import cut_font
from hub.limits import Bucket
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice
from tests.hub.wallet import Reply, http


def post(station: Station, place: str, **body: str) -> Reply:
    url = f"{station.hub.issuer}/api/v1/holder/{place}"
    return http(url, json.dumps(body).encode(), Content_Type="application/json")


def test_the_page_comes_with_a_strict_policy(station: Station) -> None:
    for place in ("/", "/c?credential_offer_uri=x"):
        reply = http(station.hub.issuer + place)
        assert reply.status == 200 and reply.headers["cache-control"] == "no-store"
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert reply.headers["referrer-policy"] == "no-referrer"
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_its_files_are_served_and_nothing_else(station: Station) -> None:
    script = http(f"{station.hub.issuer}/holder/app.js")
    assert script.headers["content-type"].startswith("text/javascript")
    worker = http(f"{station.hub.issuer}/sw.js")
    assert worker.status == 200 and worker.headers["cache-control"] == "no-cache"
    for name in ("csp.txt", "..", "%2e%2e%2ffonts%2ffonts.json", "none.js"):
        assert http(f"{station.hub.issuer}/holder/{name}").status == 404


def test_a_typed_code_leads_to_the_certificate(station: Station, office: SampleOffice) -> None:
    approved = office.approved_case()
    office.push_all_recorded()
    minted = office.mint(approved)
    asked = office.ask("/api/v1/claims/short", office.envelope("claim-short", code=minted.text))
    again = office.ask("/api/v1/claims/short", office.envelope("claim-short", code=minted.text))
    assert asked["short"] == again["short"] and len(asked["short"]) == 8
    typed = short_code.shown(asked["short"]).lower()
    reply = post(station, "short", code=typed)
    assert reply.json == {"credential_offer_uri": f"{station.hub.issuer}/o/{minted.text}"}
    text = station.wallet().claim(minted.text, minted.pin)
    assert verify(text, [station.root], station.hands(), VCT)


def test_a_desk_registers_its_own_codes_only(station: Station, office: SampleOffice) -> None:
    minted = office.mint(office.approved_case())
    other = station.new_office()
    status, body = station.post("/api/v1/claims/short", other.envelope("claim-short", code=minted.text))
    assert (status, json.loads(body)["error"]) == (403, "device_foreign")


def test_typed_codes_end_with_the_claim(station: Station, office: SampleOffice) -> None:
    minted = office.mint(office.approved_case())
    short = office.ask("/api/v1/claims/short", office.envelope("claim-short", code=minted.text))["short"]
    station.hands.forward(minutes=13)
    assert (reply := post(station, "short", code=short)).status == 404
    assert reply.json["error_description"] == "short_unknown"


def test_guessing_typed_codes_is_stopped(make_station: Callable[..., Station]) -> None:
    station = make_station()
    statuses = [post(station, "short", code=short_code.make()).status for _ in range(40)]
    assert statuses[:30] == [404] * 30 and set(statuses[30:]) == {429}
    assert post(station, "short", code="AAAAAAAA").status == 400  # a typing error costs nobody anything
    station.hands.forward(minutes=1)
    assert post(station, "short", code=short_code.make()).status == 404


def test_a_bucket_fills_by_its_clock_alone() -> None:
    now = [0.0]
    bucket = Bucket(2, 60, lambda: now[0])
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now[0] = 1.0
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = -100.0  # a clock that goes back gives nothing
    assert not bucket.take()


def points(font: bytes) -> set[int]:
    return set(TTFont(io.BytesIO(font)).getBestCmap())


def test_glyphs_of_a_rare_name_come_as_one_small_font(station: Station) -> None:
    text = "𬱖恵㛃𠀀"
    reply = post(station, "glyphs", text=text)
    assert reply.headers["content-type"] == "font/woff" and len(reply.body) < 64_000
    font = TTFont(io.BytesIO(reply.body))
    assert {ord(character) for character in text} <= set(font.getBestCmap())
    shapes = font["glyf"]
    drawn = [shapes[font.getBestCmap()[ord(character)]].numberOfContours for character in text]
    assert all(count != 0 for count in drawn)


def test_glyphs_of_one_font_need_no_joining() -> None:
    assert ord("恵") in points(cut_font("恵"))


@pytest.mark.parametrize("text", ["", "\x00", "".join(chr(0x4E00 + n) for n in range(65))])
def test_glyph_wishes_that_are_none(text: str) -> None:
    with pytest.raises(UserError, match="glyphs_wrong"):
        cut_font(text)


def test_glyphs_nobody_has(station: Station) -> None:
    assert post(station, "glyphs", text="\U0001f600").status == 404
