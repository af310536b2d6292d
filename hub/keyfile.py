"""Where the hub's key lies: a file of its own, readable by its owner alone, apart from the database.

A desk that starts its own hub hands the key over a pipe instead, so that it never lies in clear.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from core.errors import EnvironmentFault
from core.ids import RandomBytes, system_random

KEY_BYTES = 32


def default_key_file(db_url: str) -> Path:
    """Return where the key of this database is looked for when nobody says otherwise."""
    if db_url.startswith("sqlite:///"):
        return Path(db_url.removeprefix("sqlite:///") + ".key")
    name = hashlib.sha256(db_url.encode()).hexdigest()[:12]
    return Path.home() / ".config" / "certdesk" / f"hub-{name}.key"


def make_key(db_url: str, key_file: Path | None = None, random: RandomBytes = system_random) -> bytes:
    """Draw a key and write its file (mode 0600); a key that is there is kept and returned.

    Raises ``EnvironmentFault`` key_file_unwritable, key_file_open or key_file_damaged.
    """
    path = key_file or default_key_file(db_url)
    if path.exists():
        return key_for(db_url, key_file)
    key = random(KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise EnvironmentFault("key_file_unwritable") from fault
    return key


def key_for(db_url: str, key_file: Path | None = None) -> bytes:
    """Read the key of a database.

    Raises ``EnvironmentFault`` key_file_missing, key_file_open (others could read it) or
    key_file_damaged.
    """
    path = key_file or default_key_file(db_url)
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as fault:
        raise EnvironmentFault("key_file_missing") from fault
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise EnvironmentFault("key_file_open")
    return _parse(data)


def key_from_stdin(stream: BinaryIO) -> bytes:
    """Read the key a desk sends over the pipe: one line of 64 hex digits."""
    return _parse(stream.readline(200))


def _parse(data: bytes) -> bytes:
    try:
        key = bytes.fromhex(data.decode("ascii").strip())
    except ValueError as fault:
        raise EnvironmentFault("key_file_damaged") from fault
    if len(key) != KEY_BYTES:
        raise EnvironmentFault("key_file_damaged")
    return key
