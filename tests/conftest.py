"""The ground under every test: an environment that does not depend on who runs it, and the two tiers.

Set while this module is imported, before any QApplication: Qt reads these once. The time zone is left as it
is on purpose; nothing may depend on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.postgres import make_postgres as make_postgres
from tests.postgres import postgres_server as postgres_server
from tests.postgres import postgres_url as postgres_url

FIXED = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "QT_SCALE_FACTOR": "1"}
REMOVED = (
    "LANGUAGE",
    "QT_QPA_PLATFORMTHEME",
    "QT_STYLE_OVERRIDE",
    "QT_SCREEN_SCALE_FACTORS",
    "QT_FONT_DPI",
    "QT_IM_MODULE",
)

os.environ.update(FIXED)
for _name in REMOVED:
    os.environ.pop(_name, None)

# No deadlines: the machine may be busy, and a timed assertion says more about it than about us. Nothing is
# explained: that traces every line of a failing example, whose shrunk form would never be shown in time. The
# same examples every time, so that a change is judged by what it changed; `--hypothesis-profile=search` draws
# anew.
settings.register_profile(
    "search",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[phase for phase in Phase if phase is not Phase.explain],
)
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--onscreen", action="store_true", help="show the windows on the display that there is")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--onscreen"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """An empty data directory as the desk makes one: readable by its owner only."""
    place = tmp_path / "data"
    place.mkdir(mode=0o700)
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One headless Chromium a module.

    Playwright's synchronous side keeps an event loop running in this thread, in which no other test could
    start its own; so it ends with its module.
    """
    from playwright.sync_api import sync_playwright

    from tests.browser import CHROMIUM, FLAGS

    if not CHROMIUM.exists():
        pytest.skip("Debian's chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        yield started
        started.close()
