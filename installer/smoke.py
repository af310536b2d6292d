"""A whole case in the bundle without a window; a printed certificate, signed and judged by what is in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

LONGEST = 300
"""Seconds for one verb: a bound for a broken bundle, never a measurement."""


def smoke(program: Path, place: Path) -> None:
    """Run ``program`` (a starter with a console) with all its files below ``place``.

    Raises ``CalledProcessError`` or ``TimeoutExpired``; what the program said is on standard error.
    """
    shutil.rmtree(place, ignore_errors=True)
    office = place / "demo"
    kept = ("SYSTEMROOT", "TEMP", "TMP", "LOCALAPPDATA", "USERPROFILE")
    environment = {key: os.environ[key] for key in kept if key in os.environ}
    environment |= {"HOME": str(place), "PATH": os.defpath, "LANG": "C.UTF-8"}

    def run(*words: str | Path) -> None:
        command = [str(program), *map(str, words)]
        done = subprocess.run(command, env=environment, capture_output=True, timeout=LONGEST, check=False)
        if done.returncode:
            sys.stderr.write((done.stdout + done.stderr).decode("utf-8", "replace"))
            done.check_returncode()

    run("demo", "--out", office, "--http")
    report, secrets = json.loads((office / "report.json").read_text("utf-8")), office / "secrets"
    serve = ["--db", f"sqlite:///{office / 'hub' / 'hub.db'}", "--key-file", secrets / "hub.key", "--http"]
    serve += ["--listen", report["issuer"].partition("://")[2], "--stop-with-stdin"]
    with subprocess.Popen(
        [str(program), "hub", *map(str, serve)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as hub:
        assert hub.stdin is not None and hub.stdout is not None
        try:
            hub.stdout.readline()  # it says that it is ready, or ends
            case, sheet = report["cases"]["attachment-1"], ["--out", str(place / "sheet.pdf")]
            who = ["--data", str(office / "desk"), "--as", "clerk"]
            run("certificate", "print", case, *sheet, *who, "--password-file", secrets / "clerk.txt")
            status = place / "status.jws"
            run("hub", "bundle", "--out", status, *map(str, serve[:4]))
            # Read in the limited child: exit 0 is *valid*, and only for a sheet whose signature was checked.
            run("verify", place / "sheet.pdf", "--trust", office / "root.pem", "--bundle", status)
        finally:
            hub.stdin.close()  # ends it
