"""The two .deb flavours of one bundle: the plain one, and the tree that UOS and deepin ask for.

Neither has maintainer scripts: what dpkg unpacks is all there is, and a person's data is never touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from installer.naming import MAINTAINER, PACKAGE, SUMMARY, TITLE, TITLE_ENGLISH, four_numbers
from installer.pictures import SIZES
from installer.reach import Reach

PERMISSIONS = (
    "autostart", "notification", "trayicon", "clipboard", "account", "bluetooth", "camera", "audio_record",
    "installed_apps",
)  # fmt: skip
ALLOWED = {"notification", "clipboard"}


@dataclass(frozen=True)
class Making:
    """What is packed, where the work is done, where the packages go, and how they are called."""

    bundle: Path
    work: Path
    out: Path
    version: str
    appid: str
    quick: bool = False


def build_debs(making: Making, reach: Reach, flavours: Sequence[str]) -> Iterator[Path]:
    """Make the packages and yield them. Raises ``CalledProcessError`` when dpkg-deb refuses."""
    bundle, work = making.bundle, making.work
    architecture = subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()
    for flavour in flavours:
        tree = work / f"deb-{flavour}"
        shutil.rmtree(tree, ignore_errors=True)
        if flavour == "uos":
            name, number = making.appid, four_numbers(making.version)
            _uos_tree(tree, bundle, work, name, number, architecture)
        else:
            name, number = PACKAGE, making.version
            _plain_tree(tree, bundle, work)
        _control(tree, name, number, architecture, reach)
        file = making.out / f"{name}_{number}_{architecture}.deb"
        # xz, not zstd: smaller, and the dpkg of Debian 10 and 11 cannot read zstd.
        squeeze = ["-Zxz", "-z0" if making.quick else "-z6"]
        command = ["dpkg-deb", "--root-owner-group", *squeeze, "--build", str(tree), str(file)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        yield file


def desktop_entry(program: str, icon: str) -> str:
    """Return the desktop file. UOS and Kylin are X11; a Wayland session serves it by XWayland."""
    return (
        "[Desktop Entry]\nType=Application\nVersion=1.1\n"
        f"Name={TITLE_ENGLISH}\nName[zh_CN]={TITLE}\n"
        f"Comment=Electronic certificates of public institutions\nComment[zh_CN]={SUMMARY}\n"
        f"Exec={program}\nTryExec={program}\nIcon={icon}\nTerminal=false\n"
        f"Categories=Office;\nKeywords=证书;法人;事业单位;certificate;\nStartupWMClass={PACKAGE}\n"
        "StartupNotify=true\n"
    )


def _put(place: Path, text: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, "utf-8")


def _copy_bundle(bundle: Path, place: Path) -> None:
    # Hard links: the bundle lies on the same disk, and nothing is changed in it afterwards.
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(bundle, place, symlinks=True, copy_function=os.link)


def _icons(work: Path, hicolor: Path, name: str) -> None:
    for size in SIZES:
        place = hicolor / f"{size}x{size}" / "apps" / f"{name}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(work / f"certdesk-{size}.png", place)
    scalable = hicolor / "scalable" / "apps" / f"{name}.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(work / "certdesk.svg", scalable)


def _plain_tree(tree: Path, bundle: Path, work: Path) -> None:
    _copy_bundle(bundle, tree / "usr" / "lib" / PACKAGE)
    link = tree / "usr" / "bin" / PACKAGE
    link.parent.mkdir(parents=True)
    link.symlink_to(f"../lib/{PACKAGE}/{PACKAGE}")
    share = tree / "usr" / "share"
    _put(share / "applications" / f"{PACKAGE}.desktop", desktop_entry(PACKAGE, PACKAGE))
    _icons(work, share / "icons" / "hicolor", PACKAGE)
    readme = f"Licences of what is inside: /usr/lib/{PACKAGE}/licences\n"
    _put(share / "doc" / PACKAGE / "copyright", readme)


def _uos_tree(tree: Path, bundle: Path, work: Path, appid: str, number: str, architecture: str) -> None:
    if appid != appid.lower() or appid.count(".") < 2:
        raise ValueError(f"appid: a reversed domain in lower case, not {appid}")
    home = tree / "opt" / "apps" / appid
    _copy_bundle(bundle, home / "files")
    program = f"/opt/apps/{appid}/files/{PACKAGE}"
    _put(home / "entries" / "applications" / f"{appid}.desktop", desktop_entry(program, appid))
    _icons(work, home / "entries" / "icons" / "hicolor", appid)
    info = {
        "appid": appid,
        "name": TITLE,
        "version": number,
        "arch": [architecture],
        "permissions": {name: name in ALLOWED for name in PERMISSIONS},
    }
    _put(home / "info", json.dumps(info, ensure_ascii=False, indent=2) + "\n")


def _control(tree: Path, name: str, number: str, architecture: str, reach: Reach) -> None:
    size = sum(path.lstat().st_size for path in tree.rglob("*")) // 1024
    fields = {
        "Package": name,
        "Version": number,
        "Architecture": architecture,
        "Maintainer": MAINTAINER,
        "Installed-Size": str(size),
        "Depends": ", ".join(reach.depends()),
        # A program to print with, or without it Qt's own way through this library.
        "Recommends": ", ".join(["cups-client", *reach.depends(required=False)]),
        "Section": "misc",
        "Priority": "optional",
        "Description": f"{SUMMARY}\n {TITLE} {TITLE_ENGLISH}: desk for electronic certificates of public\n"
        " institution legal persons, with its own hub for rehearsal.",
    }
    _put(tree / "DEBIAN" / "control", "".join(f"{key}: {value}\n" for key, value in fields.items()))
    # dpkg-deb takes the modes of the files as they are.
    for path in tree.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
