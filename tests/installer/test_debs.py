"""The two package trees, made from a small stand-in bundle by the real dpkg-deb."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from installer.debs import Making, build_debs
from installer.pictures import make_icons
from installer.reach import Reach
from tests.architecture.sources import ROOT

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="no dpkg here")

APPID = "cn.certdesk.desk"
REACH = Reach({(2, 31): ["certdesk"]}, {"libglib-2.0.so.0": ["certdesk"], "libcups.so.2": ["certdesk"]})


def field(deb: Path, name: str) -> str:
    """Return one field of a package's control file."""
    return subprocess.check_output(["dpkg-deb", "-f", deb, name], text=True).strip()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both packages, unpacked too: "plain", "uos", "plain-tree", "uos-tree"."""
    work = tmp_path_factory.mktemp("debs")
    bundle = work / "certdesk"
    (bundle / "_internal").mkdir(parents=True)
    (bundle / "certdesk").write_text("#!/bin/sh\necho it runs\n")
    (bundle / "certdesk").chmod(0o700)
    (bundle / "_internal" / "data").write_text("data")
    (bundle / "_internal" / "data").chmod(0o600)
    make_icons(ROOT / "resources" / "holder" / "icon.svg", work)
    making = Making(bundle, work, work, "0.1.0", APPID, quick=True)
    found = dict(zip(("plain", "uos"), build_debs(making, REACH, ("plain", "uos")), strict=True))
    for flavour in ("plain", "uos"):
        tree = work / f"unpacked-{flavour}"
        subprocess.run(["dpkg-deb", "-x", found[flavour], tree], check=True)
        found[f"{flavour}-tree"] = tree
    return found


def test_names_and_versions(made: dict[str, Path]) -> None:
    assert made["plain"].name.startswith("certdesk_0.1.0_")
    assert made["uos"].name.startswith(f"{APPID}_0.1.0.0_")
    assert field(made["uos"], "Package") == APPID
    assert field(made["uos"], "Version") == "0.1.0.0"


@pytest.mark.parametrize("flavour", ["plain", "uos"])
def test_what_it_depends_on(made: dict[str, Path], flavour: str) -> None:
    assert field(made[flavour], "Depends") == "libc6 (>= 2.31), libglib2.0-0t64 | libglib2.0-0"
    assert field(made[flavour], "Recommends") == "cups-client, libcups2t64 | libcups2"


@pytest.mark.parametrize("flavour", ["plain", "uos"])
def test_no_maintainer_scripts_and_old_compression(made: dict[str, Path], flavour: str) -> None:
    assert subprocess.check_output(["dpkg-deb", "--ctrl-tarfile", made[flavour]])
    control = made[flavour].parent / f"control-{flavour}"
    subprocess.run(["dpkg-deb", "-e", made[flavour], control], check=True)
    assert [path.name for path in control.iterdir()] == ["control"]
    parts = subprocess.check_output(["ar", "t", made[flavour]], text=True).split()
    assert parts == ["debian-binary", "control.tar.xz", "data.tar.xz"]


def test_the_plain_tree_runs_by_name(made: dict[str, Path]) -> None:
    tree = made["plain-tree"]
    assert subprocess.check_output([tree / "usr/bin/certdesk"], text=True) == "it runs\n"
    desktop = (tree / "usr/share/applications/certdesk.desktop").read_text("utf-8")
    assert "Exec=certdesk\n" in desktop and "Name[zh_CN]=证窗\n" in desktop
    assert (tree / "usr/share/icons/hicolor/scalable/apps/certdesk.svg").is_file()
    assert (tree / "usr/share/icons/hicolor/48x48/apps/certdesk.png").is_file()


def test_the_uos_tree_is_all_below_its_own_folder(made: dict[str, Path]) -> None:
    tree = made["uos-tree"]
    home = tree / "opt" / "apps" / APPID
    outside = [path for path in tree.rglob("*") if path.is_file() and home not in path.parents]
    assert outside == []
    info = json.loads((home / "info").read_text("utf-8"))
    assert (info["appid"], info["version"]) == (APPID, "0.1.0.0")
    assert info["arch"] == [field(made["uos"], "Architecture")]
    assert len(info["permissions"]) == 9
    desktop = (home / f"entries/applications/{APPID}.desktop").read_text("utf-8")
    assert f"Exec=/opt/apps/{APPID}/files/certdesk\n" in desktop and f"Icon={APPID}\n" in desktop
    assert (home / f"entries/icons/hicolor/scalable/apps/{APPID}.svg").is_file()


@pytest.mark.parametrize("flavour", ["plain", "uos"])
def test_everybody_may_read_what_only_the_builder_could(made: dict[str, Path], flavour: str) -> None:
    for path in made[f"{flavour}-tree"].rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_mode & 0o044 == 0o044, path


@pytest.mark.parametrize("appid", ["Cn.certdesk.desk", "certdesk"])
def test_a_wrong_appid_is_refused(tmp_path: Path, appid: str) -> None:
    (tmp_path / "b").mkdir()
    making = Making(tmp_path / "b", tmp_path, tmp_path, "0.1.0", appid)
    with pytest.raises(ValueError, match="appid"):
        list(build_debs(making, REACH, ("uos",)))
