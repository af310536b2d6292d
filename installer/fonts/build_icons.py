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
alert-circle alert-triangle archive arrow-back-up arrow-left arrow-right ban bell building
building-community calendar certificate chart-bar check chevron-down chevron-left chevron-right chevron-up
circle-check circle-x clipboard-check clipboard-list clock cloud-check cloud-off copy database-import
device-desktop device-floppy device-mobile download edit external-link eye eye-off file-plus file-text
folder folder-open help help-circle history id inbox info-circle key list-check lock lock-open logout
maximize minus moon paperclip pencil photo plus printer qrcode refresh rotate rubber-stamp scan search send
settings shield-check sun trash upload usb user user-edit user-plus users x zoom-in
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
