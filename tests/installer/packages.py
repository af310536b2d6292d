"""Packages made by the build, and installing them without touching this machine's own.

dpkg works on a copy of this machine's package database and unpacks below a root of its own. So Depends are
checked against what is really installed here, and nothing of it is changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT

FORMER = "b80e4f3"
"""The last commit of issue 2: the release that an office may have had before this one."""
FORMER_VERSION = "0.0.9"


def build(out: Path, *options: str) -> list[Path]:
    """Run the build and return the packages it made."""
    command = [sys.executable, str(ROOT / "installer" / "build.py"), "--quick", "--out", str(out), *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-6000:]
    return sorted(out.glob("*.deb"))


def build_former(place: Path) -> Path | None:
    """Return the former release as a package; None where the repository's history is not at hand."""
    archive = subprocess.run(
        ["git", "archive", "--format=tar", FORMER], cwd=ROOT, capture_output=True, check=False
    )
    if archive.returncode:
        return None
    source = place / "former"
    source.mkdir()
    subprocess.run(["tar", "-x", "-C", str(source)], input=archive.stdout, check=True)
    out = place / "former-packages"
    return build(out, "--source", str(source), "--only", "deb", "--version", FORMER_VERSION)[0]


def packages(place: Path) -> tuple[dict[str, Path], Path | None]:
    """Return this release's packages by name, and the former release's (None without history).

    ``CERTDESK_PACKAGES`` may name a folder that holds them ready, as made for another base.
    """
    ready = os.environ.get("CERTDESK_PACKAGES")
    made = sorted(Path(ready).glob("*.deb")) if ready else build(place / "packages")
    former = next((path for path in made if f"_{FORMER_VERSION}_" in path.name), None)
    now = {path.name.partition("_")[0]: path for path in made if path is not former}
    return now, former if ready else build_former(place)


class Root:
    """A root folder with a package database."""

    def __init__(self, place: Path) -> None:
        self.root, self._database = place / "root", place / "dpkg"
        self.root.mkdir()
        self._database.mkdir()
        for name in ("updates", "parts", "triggers"):
            (self._database / name).mkdir()
        shutil.copytree("/var/lib/dpkg/info", self._database / "info")
        for name in ("status", "arch"):
            if Path("/var/lib/dpkg", name).exists():
                shutil.copy(f"/var/lib/dpkg/{name}", self._database)

    def dpkg(self, *words: str | Path) -> str:
        """Run dpkg and return what it said; it has to succeed."""
        command = ["dpkg", f"--instdir={self.root}", f"--admindir={self._database}", "--force-not-root"]
        command += ["--no-triggers", *map(str, words)]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-3000:]
        return done.stdout

    def version(self, package: str) -> str:
        """Return the installed version, empty where it is not installed."""
        query = [
            "dpkg-query",
            f"--admindir={self._database}",
            "-W",
            "-f",
            "${db:Status-Status} ${Version}",
            package,
        ]
        done = subprocess.run(query, capture_output=True, text=True, check=False)
        state, _, version = done.stdout.partition(" ")
        return version if state == "installed" else ""

    def files(self) -> list[Path]:
        """Return every file below the root."""
        return [path for path in self.root.rglob("*") if path.is_file() or path.is_symlink()]
