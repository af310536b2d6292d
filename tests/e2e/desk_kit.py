"""The program as an operator runs it: one process a verb, a hub of its own, everything on the loopback.

All people, units and numbers are invented.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.documents.preview import raster
from core.verbs.hub_process import free_port

ROOT = Path(__file__).resolve().parents[2]
APP = [sys.executable, str(ROOT / "app.py")]

# Planted: nobody is called this, and the numbers are in no series of core.rehearsal.
NAME = "鄢𬱖鹮"
MANAGER = "逄𫖯罴"
ID = "469023197903170001"
MANAGER_ID = "469023198311120005"
PHONE = "13907654321"
MANAGER_PHONE = "13907651234"
PLANTED = (NAME, MANAGER, ID, MANAGER_ID, PHONE, MANAGER_PHONE)

OFFICE = "469023"
USCC = "12469023YX0090058A"
OTHER_USCC = "12469023YX00900665"


@dataclass(frozen=True)
class Answer:
    """What a verb left behind: exit code, its one JSON object, standard output and error as bytes."""

    exit: int
    body: dict[str, Any]
    out: bytes
    err: bytes


def app(*typed: str | Path, feed: bytes = b"") -> Answer:
    """Run one verb in a process of its own; its standard output must be one JSON object."""
    done = subprocess.run(
        [*APP, *map(str, typed)], input=feed, capture_output=True, timeout=120, check=False, cwd="/"
    )
    lines = done.stdout.splitlines()
    assert len(lines) == 1, (typed, done.returncode, done.stdout, done.stderr)
    return Answer(done.returncode, json.loads(lines[0]), done.stdout, done.stderr)


def write_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return path


class Desk:
    """A data folder and the people who may open it; remembers everything the verbs printed."""

    def __init__(self, folder: Path, inputs: Path) -> None:
        self.data = folder / "desk"
        self.inputs = inputs
        self.printed = bytearray()

    def as_(self, login: str, *typed: str | Path) -> Answer:
        """Run a verb as one of the people."""
        answer = app(
            *typed, "--data", self.data, "--as", login, "--password-file", self.inputs / f"{login}.txt"
        )
        self.printed += answer.out + answer.err
        return answer

    def file(self, name: str, *rows: Any) -> Path:
        """Write an input file of JSON lines."""
        path = self.inputs / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        return path


class Hub:
    """A hub process with its key in ``folder``, and its database too unless ``db`` names a server's."""

    def __init__(self, folder: Path, db: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.db = db or f"sqlite:///{folder / 'hub.db'}"
        self.where = ("--db", self.db, "--key-file", str(folder / "hub.key"))
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "hub.log"

    def init(self, root: Path) -> Answer:
        url = ("--url", self.url, "--http")
        return app("hub", "init", *self.where, *url, "--root-out", root, "--rehearsal")

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*APP, "hub", *self.where, "--listen", f"127.0.0.1:{self.port}", "--http"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self.process.stdout is not None
        assert json.loads(self.process.stdout.readline()) == {"ready": True, "url": self.url}

    def stop(self) -> int:
        assert self.process is not None and self.process.stdout is not None
        self.process.terminate()
        code = self.process.wait(10)
        self.process.stdout.close()
        self.process = None
        return code


def picture(pdf: Path) -> bytes:
    """Return the sheet as a scanner would deliver it."""
    from core.verbs.signed_paper import sign_and_scan

    assert raster(pdf.read_bytes(), 0, 0.2)[0] > 0
    return sign_and_scan(pdf.read_bytes(), 1)


def places_of(texts: tuple[str, ...], *tops: Path, exempt: tuple[Path, ...] = ()) -> list[str]:
    """Return ``file: spelling`` for every file below ``tops`` in which one of ``texts`` stands.

    Looked for as UTF-8, UTF-16 and hex. ``exempt`` names files and folders.
    """
    spellings = {
        f"{text[:3]} {kind}": data
        for text in texts
        for kind, data in (
            ("utf-8", text.encode()),
            ("utf-16", text.encode("utf-16-le")),
            ("hex", text.encode().hex().encode()),
            ("json", json.dumps(text).strip('"').encode()),
        )
    }
    found = []
    for top in tops:
        for folder, _, names in os.walk(top):
            for name in names:
                path = Path(folder, name)
                if any(path == item or item in path.parents for item in exempt):
                    continue
                data = path.read_bytes()
                found += [f"{path}: {kind}" for kind, spelled in spellings.items() if spelled in data]
    return found
