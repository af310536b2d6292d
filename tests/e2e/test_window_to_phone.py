"""The product's main job, whole: review and claim through the real window, the QR read from the customer's
screen, the certificate on the holder page in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from tests.e2e.window_story import CLERK, REVIEWER, told, until
from tests.holder.steps import card, expect_state, type_pin
from tests.qr_reader import read_qr
from ui.screens.claim.state import Phase


def read_code(picture: QPixmap, place: Path) -> str:
    """Return the one QR text in a grabbed window."""
    picture.save(str(place))
    found = read_qr(Image.open(place).convert("RGB"))
    assert len(found) == 1
    return str(found[0].text)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_from_review_to_the_phone(qtbot: QtBot, tmp_path: Path, browser: Browser) -> None:
    with told(tmp_path) as story:
        case = story.submitted_case()
        story.sign_in(REVIEWER)
        story.approve(case)
        story.change_person(CLERK)
        claim = story.page("claim")
        claim.open(case)
        until(lambda: claim.choosing.facts is not None and claim.choosing.facts.sent == "recorded", 60)
        claim.mint()
        until(lambda: claim._phase() is Phase.LIVE)
        until(lambda: claim.display.full is not None)
        minted = claim.codes.of(case).minted
        link = read_code(claim.display.full.grab(), tmp_path / "customer.png")
        assert link == minted.link and minted.pin not in link
        claim.display.full.reject()
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(link)
        type_pin(page, minted.pin)
        expect(card(page)).to_be_visible()
        expect_state(page, "valid")
        until(lambda: claim._phase() is Phase.ISSUED)
        until(lambda: claim.choosing.facts.claimed)
        claim.watch.follower.stop()
        page.close()
