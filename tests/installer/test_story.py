"""The installed program, as a clerk has it: first run, upgrade, a whole case by keyboard, removal.

Built, installed by dpkg and driven by real key strokes; the phone is our own wallet. The former release comes
from the repository's history; without it everything but the upgrade is driven, and the test says so.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import psutil
import pytest

from core.clock import system_clock
from core.credentials.certificate_claims import VCT
from core.credentials.sdjwt import verify
from tests.installer.clerk import CLERK, REVIEWER, Clerk
from tests.installer.packages import FORMER_VERSION, Root, packages
from tests.installer.private_desktop import private_desktop

APPID = "cn.certdesk.desk"
NEEDED = ("dpkg", "Xvfb", "openbox", "xdotool", "dbus-daemon")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="packages of Debian"),
    pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason="dev.py test installs what is missing"),
]


def running(root: Path) -> list[str]:
    """Return the programs that run from below ``root``."""
    found = []
    for process in psutil.process_iter(["exe"]):
        exe = process.info["exe"]
        if exe and Path(exe).is_relative_to(root):
            found.append(exe)
    return found


def test_install_work_upgrade_remove(tmp_path: Path) -> None:
    made, former = packages(tmp_path)
    root, home = Root(tmp_path), tmp_path / "home"
    home.mkdir()
    program = str(root.root / "usr/bin/certdesk")
    with private_desktop(home) as desktop:
        clerk = Clerk(desktop)
        root.dpkg("-i", former or made["certdesk"])
        clerk.open(program)
        clerk.first_run()
        clerk.quit()
        data = home / ".local/share/certdesk/rehearsal"
        before = {path.name for path in (data / "backups").glob("*")}
        if former is not None:
            assert root.version("certdesk") == FORMER_VERSION
            root.dpkg("-i", made["certdesk"])
        assert root.version("certdesk") not in ("", FORMER_VERSION)

        clerk.open(program)
        clerk.sign_in(CLERK)
        aside = [each for each in (data / "backups").glob("before-migration-*") if each.name not in before]
        assert len(aside) == (former is not None)
        unit = clerk.fill_in()
        clerk.print_and_scan()
        clerk.submit()
        clerk.hand_over(REVIEWER)
        clerk.approve()
        clerk.hand_over(CLERK)
        certificate = clerk.claim().certificate
        trusted = [(data / "hub" / "root.pem").read_bytes()]
        proved = verify(certificate, trusted, system_clock(), VCT, rehearsal=True)
        assert proved.claims["unit"]["name"] == unit
        clerk.quit()
        assert running(root.root) == []

        kept = sorted(path for path in data.rglob("*") if path.is_file())
        root.dpkg("-r", "certdesk")
        assert root.version("certdesk") == "" and root.files() == []
        root.dpkg("-P", "certdesk")
        assert sorted(path for path in data.rglob("*") if path.is_file()) == kept

        root.dpkg("-i", made[APPID])
        clerk.open(str(root.root / f"opt/apps/{APPID}/files/certdesk"))
        clerk.sign_in(REVIEWER)
        clerk.quit()
        root.dpkg("-P", APPID)
        assert root.files() == []
    if former is None:
        pytest.skip("all but the upgrade was driven: the repository's history is not at hand")
