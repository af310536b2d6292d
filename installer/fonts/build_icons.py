"""Rebuilds resources/icons from the npm package of Tabler icons (MIT), at the stroke our theme uses.

Run by a developer, never at run time:  python installer/fonts/build_icons.py [--cache DIR] [--out DIR]
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from pathlib import Path

from build_fonts import NPM, Package, fetch

TABLER = Package(NPM, "@tabler/icons", "3.51.0")
STROKE = "1.75"
NAMES = """
file-plus user-edit clipboard-list clipboard-check rubber-stamp qrcode database-import chart-bar help settings
printer search lock lock-open user users alert-triangle circle-check circle-x info-circle refresh cloud-off
cloud-check device-mobile device-desktop scan folder trash arrow-back-up arrow-left calendar eye eye-off
download upload history building id file-text photo x check chevron-down chevron-up chevron-left chevron-right
sun moon shield-check logout plus minus pencil copy certificate clock device-floppy maximize key usb bell
"""


def slim(svg: str) -> str:
    """Our stroke, no class, no invisible bounding path, one line; ``currentColor`` stays."""
    svg = re.sub(r'\s+class="[^"]*"', "", svg)
    svg = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", svg)
    svg = svg.replace('stroke-width="2"', f'stroke-width="{STROKE}"')
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", svg)).replace(" >", ">").strip() + "\n"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "certdesk-font-sources")
    parser.add_argument("--out", type=Path, default=root / "resources" / "icons")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    package = fetch(TABLER, arguments.cache) / "package"
    names = NAMES.split()
    for name in names:
        source = (package / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
        (arguments.out / f"{name}.svg").write_text(slim(source), encoding="utf-8")
    shutil.copyfile(package / "LICENSE", arguments.out / "LICENSE")
    print(f"{len(names)} icons")


if __name__ == "__main__":
    main()
