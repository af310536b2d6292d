"""The page as such: readable, reachable by keyboard and reader, narrow phones, paper, strict policy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.holder.steps import card, claim_certificate, expect_state, scan
from tests.holder.stub_hub import PAGE, PIN, UNIT, StubHub

SCRIPTS = sorted(PAGE.glob("*.js"))


def test_nothing_runs_off_the_side(page: Page, hub: StubHub) -> None:
    def check() -> None:
        for width in (320, 360, 390, 820, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width

    scan(page, hub, hub.open_claim())
    expect(page.get_by_label("六位验证码")).to_be_visible()
    check()
    name = "海南省" + "极长名称" * 12 + "中心（虚构）"
    claim_certificate(page, hub, unit={**UNIT, "name": name, "purpose": "示" * 2000})
    check()
    assert page.locator(".card dd").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 16


def test_whole_claim_by_keyboard_only(page: Page, hub: StubHub) -> None:
    code = hub.short(hub.open_claim())
    page.goto(hub.issuer)
    expect(page.get_by_label("八位短码")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_label("八位短码")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_label("六位验证码")).to_be_focused()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect_state(page, "valid")
    for name in ("亮证", "授权管理", "谁查验过", "刷新状态"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=name)).to_be_focused()


def test_readers_are_told(page: Page, hub: StubHub) -> None:
    scan(page, hub, hub.open_claim())
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    expect(page.get_by_label("六位验证码")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.locator("[role=alert]")).to_have_count(1)
    claim_certificate(page, hub)
    expect(page.get_by_role("heading", level=1)).to_have_text("事业单位法人证书")
    expect(page.locator(".state")).to_have_attribute("role", "status")
    expect(page.locator("#announce")).to_contain_text("领取成功")


def test_names_are_text_never_markup(page: Page, hub: StubHub) -> None:
    name = "<img src=x onerror=alert(1)>&amp;单位"
    claim_certificate(page, hub, unit={**UNIT, "name": name})
    expect(card(page).locator(".unit")).to_have_text(name)
    assert card(page).locator("img").count() == 0


def test_printed_page_has_no_buttons_and_one_sheet(page: Page, hub: StubHub) -> None:
    claim_certificate(page, hub)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="刷新状态")).to_be_hidden()
    expect(page.get_by_text("仅供参考")).to_be_visible()
    pdf = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_dark(
    page: Page, hub: StubHub, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    claim_certificate(page, hub)
    ratios = page.evaluate(
        """() => {
            const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
            const light = (c) => rgb(c).map((v) => v / 255)
                .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = (e) => {
                const colour = getComputedStyle(e).backgroundColor;
                return colour === 'rgba(0, 0, 0, 0)' ? ground(e.parentElement) : colour;
            };
            const wanted = '.card h1, .state strong, .state span, .unit, dt, dd, .role, '
                + 'footer span, button, summary';
            return [...document.querySelectorAll(wanted)].filter((e) => e.offsetParent).map((e) => {
                const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
                return [e.tagName + '.' + e.className, (a + 0.05) / (b + 0.05)];
            });
        }"""
    )
    assert len(ratios) > 20
    assert [(name, ratio) for name, ratio in ratios if ratio < 4.5] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_script_never_makes_markup_of_text(path: Path) -> None:
    text = path.read_text("utf-8")
    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
    ):
        assert forbidden not in text
    assert len(text.splitlines()) <= 350


def test_page_needs_no_inline_script_or_style() -> None:
    html = (PAGE / "index.html").read_text("utf-8")
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", html)
    policy = (PAGE / "csp.txt").read_text("utf-8")
    assert "unsafe" not in policy and policy.startswith("default-src 'none'")


def test_worker_keeps_every_file_of_the_page() -> None:
    listed = set(re.findall(r'"([\w.-]+\.(?:js|css|svg|webmanifest))"', (PAGE / "sw.js").read_text("utf-8")))
    shipped = {path.name for path in PAGE.iterdir() if path.suffix in {".js", ".css", ".svg", ".webmanifest"}}
    assert listed == shipped - {"sw.js", "old.js"}
