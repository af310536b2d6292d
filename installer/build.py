#!/usr/bin/env python3
"""Make what a clerk installs: the frozen bundle, and from it two .deb, or the payload of the Windows setup.

    python3 installer/build.py [--out DIR] [--version N] [--glibc N] [--appid ID] [--quick] [--only WHAT]
    python3 installer/build.py --windows-payload DIR [--sign COMMAND]

Standard library only at the start: it makes its own environment (build/venv) from requirements-build.txt and
goes on inside it. ``--quick`` compresses little and leaves out the smoke run (tests do that themselves).
``--only``: all (default), deb (the plain .deb) or bundle. ``--source DIR`` builds another checkout, a former
release, with the tools of this one. ``--windows-payload``: the bundle that this file made on Windows, copied
here, becomes the setup; COMMAND signs the file named behind it. docs/install.md tells on which base to build
for which desktop.
Exit codes: 0 made, 1 a check failed, 2 usage, 3 the machine lacks something.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build"
VENV = WORK / "venv"
INSIDE = "CERTDESK_BUILD_INSIDE"
WINDOWS = os.name == "nt"

sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != ROOT / "installer"]
sys.path.insert(0, str(ROOT))


def say(text: str) -> None:
    """Write one line about how far it is to standard error."""
    print(f"[build] {text}", file=sys.stderr, flush=True)


def arguments_of(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    plain = argparse.RawDescriptionHelpFormatter
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=plain)
    reader.add_argument("--out", type=Path, default=ROOT / "dist")
    reader.add_argument("--source", type=Path, default=ROOT)
    reader.add_argument("--version")
    reader.add_argument("--glibc", help="the newest glibc promised; without it what the base promises")
    reader.add_argument("--appid", default="cn.certdesk.desk", help="for UOS: a reversed domain of yours")
    reader.add_argument("--windows-payload", type=Path)
    reader.add_argument("--sign", default=os.environ.get("CERTDESK_SIGN", ""))
    reader.add_argument("--quick", action="store_true")
    reader.add_argument("--only", choices=("all", "deb", "bundle"), default="all")
    chosen = reader.parse_args(words)
    chosen.out, chosen.source = chosen.out.resolve(), chosen.source.resolve()
    return chosen


def go_inside(words: list[str]) -> int:
    """Make the environment of the build and run this file again in it."""
    import dev

    dev.VENV, dev.PYTHON = VENV, VENV / dev.PYTHON.relative_to(dev.VENV)
    WORK.mkdir(exist_ok=True)
    dev.prepare("build", needed=True)
    command = [str(dev.PYTHON), str(Path(__file__).resolve()), *words]
    return subprocess.call(command, env={**os.environ, INSIDE: "1", "PYTHONUTF8": "1"})


def freeze(source: Path, work: Path, version: str) -> Path:
    """Run PyInstaller on ``source``; return the bundle's folder."""
    from installer.pictures import make_icons
    from installer.version_file import write_version_file

    work.mkdir(parents=True, exist_ok=True)
    make_icons(ROOT / "resources" / "holder" / "icon.svg", work)
    write_version_file(work / "version.txt", version)
    environment = {
        **os.environ,
        "CERTDESK_ROOT": str(ROOT),
        "CERTDESK_SOURCE": str(source),
        "CERTDESK_WORK": str(work),
        "PYTHONHASHSEED": "0",
    }
    spec = ROOT / "installer" / "certdesk.spec"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(work), "--workpath", str(work / "pyinstaller"), str(spec)]
    if subprocess.call(command, env=environment, cwd=work):
        raise SystemExit(1)
    return work / "certdesk"


def prove(bundle: Path) -> None:
    """Run a whole case in the bundle. Raises SystemExit(1) when it fails."""
    from installer.smoke import smoke

    say("smoke run")
    try:
        smoke(bundle / ("certdesk-verbs.exe" if WINDOWS else "certdesk"), WORK / "smoke")
    except subprocess.SubprocessError:
        say("the bundle does not run · 打好的程序运行失败")
        raise SystemExit(1) from None


def windows_setup(chosen: argparse.Namespace, version: str) -> int:
    """Make the setup from a payload that a Windows machine has made."""
    from installer.pictures import make_icons
    from installer.windows_setup import make_setup

    if not (chosen.windows_payload / "certdesk.exe").is_file():
        say(f"no certdesk.exe in {chosen.windows_payload}")
        return 2
    WORK.mkdir(exist_ok=True)
    make_icons(ROOT / "resources" / "holder" / "icon.svg", WORK)
    for program in chosen.windows_payload.glob("*.exe") if chosen.sign else ():
        subprocess.run([*shlex.split(chosen.sign), str(program)], check=True)
    out = chosen.out / f"certdesk-setup-{version}.exe"
    made = make_setup(chosen.windows_payload.resolve(), WORK / "certdesk.ico", out, version, chosen.sign)
    say(f"{made.name} · {made.stat().st_size / 1e6:.1f} MB")
    return 0


def main(words: list[str]) -> int:
    """Build. Returns the exit code."""
    chosen = arguments_of(words)
    if os.environ.get(INSIDE) != "1":
        return go_inside(words)
    from installer.naming import product_version
    from installer.trim import drop_idle_libraries

    version = chosen.version or product_version(ROOT)
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.windows_payload:
        return windows_setup(chosen, version)
    say(f"PyInstaller · {version}")
    work = WORK / ("bundle" if chosen.source == ROOT else "bundle-former")
    bundle = freeze(chosen.source, work, version)
    from installer.icu import slim_icu
    from installer.linux import check_reach, write_licences

    write_licences(bundle / "licences")
    if WINDOWS:
        prove(bundle)
        say(f"{bundle} is the payload of the setup: --windows-payload (docs/install.md)")
        return 0
    drop_idle_libraries(bundle)
    slim_icu(bundle)
    reach = check_reach(bundle, chosen.glibc)
    if not chosen.quick:
        prove(bundle)
    if chosen.only != "bundle":
        from installer.debs import Making, build_debs

        flavours = ("plain",) if chosen.only == "deb" else ("plain", "uos")
        making = Making(bundle, work, chosen.out, version, chosen.appid, chosen.quick)
        for made in build_debs(making, reach, flavours):
            say(f"{made.name} · {made.stat().st_size / 1e6:.1f} MB")
    if chosen.only == "all":
        from installer.windows_setup import try_script

        say(f"NSIS: {try_script(work, version)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
