"""What goes into a bundle: ours, Python's, Qt's few plugins; not the build machine's libraries."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from installer.naming import four_numbers, product_version
from installer.trim import drop_idle_libraries, keep
from tests.architecture.sources import ROOT

VENV = "/x/venv/lib/python3.11/site-packages"
SYSTEM = "/lib/x86_64-linux-gnu"


@pytest.mark.parametrize(
    ("destination", "source"),
    [
        ("PySide6/Qt/lib/libQt6Core.so.6", f"{VENV}/PySide6/Qt/lib/libQt6Core.so.6"),
        ("PySide6/Qt/lib/libQt6DBus.so.6", f"{VENV}/PySide6/Qt/lib/libQt6DBus.so.6"),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", f"{VENV}/PySide6/Qt/plugins/platforms/libqxcb.so"),
        (
            "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
            f"{VENV}/PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        ),
        ("PySide6\\plugins\\platforms\\qwindows.dll", "C:\\venv\\PySide6\\plugins\\platforms\\qwindows.dll"),
        ("PySide6/Qt/translations/qtbase_zh_CN.qm", f"{VENV}/PySide6/Qt/translations/qtbase_zh_CN.qm"),
        ("libssl.so.3", f"{SYSTEM}/libssl.so.3"),
        ("libpython3.11.so.1.0", f"{SYSTEM}/libpython3.11.so.1.0"),
        (
            "python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so",
            "/usr/lib/python3.11/lib-dynload/_ssl.cpython-311-x86_64-linux-gnu.so",
        ),
        ("pillow.libs/libtiff-1.so.6", f"{VENV}/pillow.libs/libtiff-1.so.6"),
        ("stdnum/cn/loc.dat", f"{VENV}/stdnum/cn/loc.dat"),
        ("resources/fonts/fonts.json", "/x/resources/fonts/fonts.json"),
    ],
)
def test_what_is_shipped(destination: str, source: str) -> None:
    assert keep(destination, source)


@pytest.mark.parametrize(
    ("destination", "source"),
    [
        ("libX11.so.6", f"{SYSTEM}/libX11.so.6"),
        ("libglib-2.0.so.0", f"{SYSTEM}/libglib-2.0.so.0"),
        ("libstdc++.so.6", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"),
        ("PySide6/Qt/lib/libQt6Network.so.6", f"{VENV}/PySide6/Qt/lib/libQt6Network.so.6"),
        ("PySide6/Qt/lib/libQt6WlShellIntegration.so.6", f"{VENV}/x/libQt6WlShellIntegration.so.6"),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", f"{VENV}/x/platformthemes/libqgtk3.so"),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", f"{VENV}/PySide6/Qt/plugins/platforms/libqvnc.so"),
        ("PySide6/Qt/translations/qtbase_de.qm", f"{VENV}/PySide6/Qt/translations/qtbase_de.qm"),
        ("PySide6/opengl32sw.dll", "C:\\venv\\PySide6\\opengl32sw.dll"),
        ("PIL/_imagingft.cpython-311-x86_64-linux-gnu.so", f"{VENV}/PIL/_imagingft.so"),
        ("stdnum/oui.dat", f"{VENV}/stdnum/oui.dat"),
        ("PIL/_avif.cpython-311-x86_64-linux-gnu.so", f"{VENV}/PIL/_avif.cpython-311-x86_64-linux-gnu.so"),
    ],
)
def test_what_is_left_out(destination: str, source: str) -> None:
    assert not keep(destination, source)


def test_a_library_that_nothing_shipped_needs_goes(tmp_path: Path) -> None:
    inside = tmp_path / "_internal"
    pillow = inside / "pillow.libs"
    pillow.mkdir(parents=True)
    _library(inside / "libcrypto.so.3")
    _library(pillow / "libzstd-1.so")
    _library(pillow / "libtiff-1.so", pillow / "libzstd-1.so")
    _library(inside / "_imaging.so", pillow / "libtiff-1.so", inside / "libcrypto.so.3")
    _library(pillow / "libharfbuzz-1.so")
    _library(pillow / "libfreetype-1.so", pillow / "libharfbuzz-1.so")
    _library(pillow / "libharfbuzz-1.so", pillow / "libfreetype-1.so")
    for name in ("libexpat.so.1", "libpython3.11.so.1.0"):
        _library(inside / name)
    for target in ("libharfbuzz-1.so", "libtiff-1.so"):
        (inside / target).symlink_to(f"pillow.libs/{target}")
    drop_idle_libraries(tmp_path)
    kept = sorted(path.name for path in inside.rglob("*.so*") if not path.is_symlink())
    assert kept == ["_imaging.so", "libcrypto.so.3", "libpython3.11.so.1.0", "libtiff-1.so", "libzstd-1.so"]
    assert [path.name for path in inside.iterdir() if path.is_symlink()] == ["libtiff-1.so"]


def _library(path: Path, *needed: Path) -> None:
    empty = path.with_suffix(".o")
    subprocess.run(["as", "-o", str(empty), "-"], input=b"", check=True)
    command = ["ld", "-shared", "-soname", path.name, "-o", str(path), str(empty), "--allow-shlib-undefined"]
    subprocess.run([*command, "--no-as-needed", *map(str, needed)], check=True)
    empty.unlink()


@pytest.mark.parametrize(("text", "four"), [("0.1.0", "0.1.0.0"), ("2", "2.0.0.0"), ("1.2.3.4", "1.2.3.4")])
def test_four_numbers(text: str, four: str) -> None:
    assert four_numbers(text) == four


@pytest.mark.parametrize("text", ["", "1.x", "1.2.3.4.5", "-1.0"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(ValueError):
        four_numbers(text)


def test_the_product_has_a_version_that_packages_can_carry() -> None:
    assert four_numbers(product_version(ROOT))


def test_the_build_starts_on_the_standard_library_alone() -> None:
    # What is imported before its environment stands, that is outside functions.
    tree = ast.parse((ROOT / "installer" / "build.py").read_text("utf-8"), feature_version=(3, 8))
    tops = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert tops == {"__future__", "argparse", "os", "pathlib", "shlex", "subprocess", "sys"}
