"""Make the README's pictures: ``python -m docs.screenshots.make [FOLDER]``.

Runs one invented case through the real window (offscreen) and the real embedded hub, and takes the
phone's picture in headless Chromium.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from playwright.sync_api import Page, expect, sync_playwright
from PySide6.QtWidgets import QWidget

from tests.browser import CHROMIUM, FLAGS
from tests.e2e.window_story import CLERK, REVIEWER, Story, settle, told, until
from tests.holder.steps import card, type_pin
from ui.application import make_application
from ui.screens.claim.state import Phase
from ui.theme import theme


def picture(widget: QWidget, place: Path) -> None:
    """Let the screen come to rest and save it."""
    settle(700)
    place.parent.mkdir(parents=True, exist_ok=True)
    widget.grab().save(str(place))
    print(place)


def form(story: Story, out: Path) -> None:
    """The application form, half filled, light and dark."""
    desk = story.desktop.desk
    assert desk is not None
    with desk.session.read() as uow:
        unit = next(line.unit for line in uow.lists.units() if not line.open_case)
    screen = story.page("apply")
    screen.hand.start(unit)
    until(lambda: screen.in_hand is not None)
    settle(1500)
    typed = {"representative_mobile": "13800000001", "representative_id": "469023199001010008"}
    for field, text in typed.items():
        screen.bench.form.value_edited.emit(field, text)
    picture(story.window, out / "form.png")
    theme().apply(name="dark")
    picture(story.window, out / "form-dark.png")
    theme().apply(name="light")
    story.window.resize(1920, 1080)
    picture(story.window, out / "form-1920.png")
    story.window.resize(1366, 768)
    screen.save_now()


def review(story: Story, case: str, out: Path) -> None:
    """The reviewer's page, and the approval."""
    screen = story.page("review")
    screen.open(case)
    until(lambda: any(a.id == "approve" and a.enabled for a in screen.actions_offered()))
    settle(1500)
    picture(story.window, out / "review.png")
    story.approve(case)


def claim(story: Story, case: str, out: Path, page: Page) -> None:
    """The claim page, the customer's view, and the phone."""
    screen = story.page("claim")
    screen.open(case)
    until(lambda: screen.choosing.facts is not None and screen.choosing.facts.sent == "recorded", 60)
    screen.mint()
    until(lambda: screen._phase() is Phase.LIVE)
    until(lambda: screen.display.full is not None)
    picture(screen.display.full, out / "customer.png")
    minted = screen.codes.of(case).minted
    screen.display.full.reject()
    picture(story.window, out / "claim.png")
    page.goto(minted.link)
    expect(page.get_by_label("六位验证码")).to_be_visible()
    page.screenshot(path=str(out / "phone-pin.png"))
    type_pin(page, minted.pin)
    expect(card(page)).to_be_visible()
    page.wait_for_timeout(800)
    page.screenshot(path=str(out / "phone.png"))
    until(lambda: screen._phase() is Phase.ISSUED)
    screen.watch.follower.stop()


def fonts_of_ours(folder: Path) -> dict[str, str | float | bool]:
    """Return Chromium's environment with the program's own fonts: a bare machine has no Chinese ones."""
    config = folder / "fonts.conf"
    ours = Path(__file__).parents[2] / "resources" / "fonts"
    config.write_text(
        f"<fontconfig><include>/etc/fonts/fonts.conf</include><dir>{ours}</dir></fontconfig>", "utf-8"
    )
    return {**os.environ, "FONTCONFIG_FILE": str(config)}


def main() -> None:
    """Take all pictures."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    make_application(catch_faults=False)
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        around = fonts_of_ours(Path(folder))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS, env=around)
        page = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2)
        with told(Path(folder), units=40) as story:
            cases = [story.submitted_case() for _ in range(5)]
            story.sign_in(REVIEWER)
            review(story, cases[0], out)
            story.change_person(CLERK)
            claim(story, cases[0], out, page)
            form(story, out)
            story.page("cases")
            settle(800)
            picture(story.window, out / "cases.png")
        browser.close()


if __name__ == "__main__":
    main()
