"""The Windows setup from a payload folder: makensis runs on Linux and on Windows alike."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from installer.naming import four_numbers

SCRIPT = Path(__file__).resolve().parent / "windows" / "certdesk.nsi"


def make_setup(payload: Path, icon: Path, out: Path, version: str, sign: str = "") -> Path:
    """Compile the setup of ``payload`` to ``out``; every warning of makensis is an error.

    ``sign`` is a command that signs the file named behind it (setup, uninstaller). Raises ``RuntimeError``
    with what makensis said.
    """
    defines = {"VERSION": four_numbers(version), "PAYLOAD": payload, "OUT": out, "ICON": icon}
    command = ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8"]
    command += [f"-D{key}={value}" for key, value in defines.items()]
    if sign:
        command.append(f"-DSIGN={sign}")
    done = subprocess.run(
        [*command, str(SCRIPT)], capture_output=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr).decode("utf-8", "replace"))
    return out


def stand_in(place: Path) -> Path:
    """Make a payload of the shape of the real one, for trying script and setup without Windows' bundle."""
    (place / "_internal").mkdir(parents=True, exist_ok=True)
    for name in ("certdesk.exe", "certdesk-verbs.exe", "_internal/python311.dll"):
        (place / name).write_bytes(b"MZ stand-in\r\n")
    return place


def try_script(work: Path, version: str) -> str:
    """Compile the script with a stand-in payload, so that it cannot rot unseen; say what came out."""
    out = work / "setup-stand-in.exe"
    make_setup(stand_in(work / "stand-in"), work / "certdesk.ico", out, version)
    return f"{out.name} compiles ({out.stat().st_size // 1024} KiB)"
