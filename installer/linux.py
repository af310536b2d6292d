"""What every Linux bundle has to hold and to keep: licences, and a glibc no newer than promised."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from pathlib import Path

from installer.reach import Reach, Version, dotted, measure, read_version

# The base a bundle is built on -> the newest glibc that it may ask for (docs/install.md names the desktops).
PROMISES = {
    ("debian", "11"): "2.31",
    ("debian", "12"): "2.36",
    ("debian", "13"): "2.41",
    ("ubuntu", "20.04"): "2.31",
    ("ubuntu", "22.04"): "2.35",
    ("ubuntu", "24.04"): "2.39",
}
_TOOLS = {"pip", "setuptools", "pyinstaller", "pyinstaller-hooks-contrib", "altgraph", "pyelftools"}


def promise_of_this_base() -> Version:
    """Return the glibc that the base of this machine promises; its own where the table does not know it."""
    try:
        facts = platform.freedesktop_os_release()
    except OSError:
        facts = {}
    known = PROMISES.get((facts.get("ID", ""), facts.get("VERSION_ID", "")))
    return read_version(known or platform.libc_ver()[1] or "2.17")


def check_reach(bundle: Path, glibc: str | None) -> Reach:
    """Return what the bundle asks of a desktop. Raises SystemExit(1) when that is more than promised."""
    promised = read_version(glibc) if glibc else promise_of_this_base()
    reach = measure(bundle)
    faults = reach.beyond(promised) + reach.unknown()
    if faults:
        print("\n".join(f"[build] {fault}" for fault in faults), file=sys.stderr)
        raise SystemExit(1)
    print(f"[build] glibc: promised {dotted(promised)}, asked {dotted(reach.glibc)}", file=sys.stderr)
    return reach


def write_licences(folder: Path) -> None:
    """Write the licence of every Python package of this environment that a bundle may hold."""
    folder.mkdir(exist_ok=True)
    lines = []
    for one in sorted(importlib.metadata.distributions(), key=lambda found: found.name.lower()):
        if one.name.lower() in _TOOLS:
            continue
        keys = [key for key in ("License-Expression", "License") if key in one.metadata]
        words = str(one.metadata[keys[0]]).split("\n")[0] if keys else "see its file"
        lines.append(f"{one.name} {one.version}: {words}")
        for file in one.files or ():
            if file.name.upper().startswith(("LICEN", "COPYING", "NOTICE")) and file.suffix != ".py":
                text = Path(str(file.locate())).read_bytes()
                (folder / f"{one.name}-{file.name}").write_bytes(text)
    lines.append("Qt and PySide6 (LGPL-3.0) are separate files below _internal/PySide6 and may be replaced.")
    (folder / "README.txt").write_text("\n".join(lines) + "\n", "utf-8")
