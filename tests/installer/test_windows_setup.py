"""The script of the Windows setup compiles, and a fault in it is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from installer.pictures import make_icons
from installer.version_file import write_version_file
from installer.windows_setup import make_setup, stand_in
from tests.architecture.sources import ROOT

needs_nsis = pytest.mark.skipif(shutil.which("makensis") is None, reason="no makensis here")


@pytest.fixture
def icon(tmp_path: Path) -> Path:
    make_icons(ROOT / "resources" / "holder" / "icon.svg", tmp_path)
    return tmp_path / "certdesk.ico"


@needs_nsis
def test_the_script_compiles_to_a_windows_program(tmp_path: Path, icon: Path) -> None:
    made = make_setup(stand_in(tmp_path / "payload"), icon, tmp_path / "certdesk-setup.exe", "0.1.0")
    assert made.read_bytes()[:2] == b"MZ"
    assert "0.1.0.0".encode("utf-16-le") in made.read_bytes()


@needs_nsis
def test_without_a_payload_it_fails_and_says_why(tmp_path: Path, icon: Path) -> None:
    with pytest.raises(RuntimeError, match="no files found"):
        make_setup(tmp_path / "nothing", icon, tmp_path / "certdesk-setup.exe", "0.1.0")


@needs_nsis
def test_setup_and_uninstaller_are_handed_to_the_signer(tmp_path: Path, icon: Path) -> None:
    seen = tmp_path / "seen"
    signer = tmp_path / "signer"
    signer.write_text(f'#!/bin/sh\nhead -c 2 "$1" >> {seen}\n')
    signer.chmod(0o700)
    make_setup(stand_in(tmp_path / "payload"), icon, tmp_path / "certdesk-setup.exe", "0.1.0", str(signer))
    assert seen.read_bytes() == b"MZMZ"


def test_the_version_resource_is_chinese(tmp_path: Path) -> None:
    write_version_file(tmp_path / "version.txt", "0.1.0")
    text = (tmp_path / "version.txt").read_text("utf-8")
    assert "filevers=(0, 1, 0, 0)" in text and "StringTable('080404b0'" in text and "证窗" in text
    compile(text, "version.txt", "eval")
