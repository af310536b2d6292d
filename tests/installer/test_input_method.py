"""Chinese by pinyin on an fcitx desktop: a real fcitx5, real key strokes, the arrangement before Qt starts.

The Qt wheels carry no fcitx plugin; ``ui.first_paint.arrange_input_method`` sends the program through the
ibus portal that fcitx5 offers. The control shows what a clerk had without it: raw letters.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.installer.eyes import Eyes, Thing
from tests.installer.private_desktop import PrivateDesktop, private_desktop

NEEDED = ("fcitx5", "Xvfb", "openbox", "xdotool", "dbus-daemon")
WINDOW = ROOT / "tests" / "installer" / "typing_window.py"
PROFILE = """[Groups/0]
Name=Default
Default Layout=us
DefaultIM=pinyin

[Groups/0/Items/0]
Name=pinyin

[GroupOrder]
0=Default
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fcitx"),
    pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason="dev.py test installs what is missing"),
]


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[PrivateDesktop]:
    """A desktop as UOS and Kylin arrange it: fcitx with pinyin, and the variables that name it."""
    profile = tmp_path / ".config" / "fcitx5" / "profile"
    profile.parent.mkdir(parents=True)
    profile.write_text(PROFILE)
    names = {"QT_IM_MODULE": "fcitx", "GTK_IM_MODULE": "fcitx", "XMODIFIERS": "@im=fcitx"}
    with private_desktop(tmp_path, PYTHONPATH=str(ROOT), **names) as made:
        made.run("fcitx5", "--disable=wayland,cloudpinyin,notifications")
        made.wait_for_name("org.freedesktop.portal.IBus")
        yield made


def type_into(desktop: PrivateDesktop, field: str, keys: str, text: str) -> None:
    """Type keys into a field of the window; ``text`` has to come of it."""

    def arrived(eyes: Eyes) -> Thing | None:
        thing = eyes.focus(field)
        return thing if thing is not None and thing.text == text else None

    desktop.wait(lambda eyes: eyes.focus(field), f"focus on {field}")
    desktop.type(keys, delay=120)
    desktop.wait(arrived, f"{text} in {field}")


def test_pinyin_becomes_chinese_and_digit_fields_stay_latin(desktop: PrivateDesktop) -> None:
    desktop.run(sys.executable, WINDOW)
    type_into(desktop, "plain", "nihao ", "你好")
    desktop.press("Tab")
    # A final x would otherwise open a composition that swallows the clerk's Enter.
    type_into(desktop, "digits", "12x", "12X")


def test_without_the_arrangement_the_letters_arrive_raw(desktop: PrivateDesktop) -> None:
    # The control: the same window under a name that the arrangement does not know, fcitx' own module.
    desktop.environment["QT_IM_MODULE"] = "compose"
    desktop.run(sys.executable, WINDOW)
    type_into(desktop, "plain", "nihao ", "nihao ")
