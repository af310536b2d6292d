"""Encrypted scans on disk: named by the SHA-256 of their ciphertext, sealed under the subject's key."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from core.errors import EnvironmentFault
from core.ids import RandomBytes
from core.keys.sealing import seal, unseal


def sync_folder(folder: Path) -> None:
    """Make a rename durable: on POSIX it is the folder that remembers names. Raises ``OSError``."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _path(folder: Path, name: str) -> Path:
    return folder / name[:2] / name


def write_attachment(folder: Path, key: bytes, data: bytes, scan: str, random: RandomBytes) -> str:
    """Seal ``data`` and write it durably; return its name. Raises ``EnvironmentFault``."""
    blob = seal(key, data, scan.encode(), random)
    name = hashlib.sha256(blob).hexdigest()
    path = _path(folder, name)
    temporary = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600
        )
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(blob)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as fault:
        with suppress(OSError):  # whatever stopped us stops this too
            temporary.unlink()
        full = fault.errno == 28
        raise EnvironmentFault("disk_full" if full else "disk_readonly") from fault
    return name


def read_attachment(folder: Path, key: bytes, name: str, scan: str) -> bytes:
    """Read a scan back. Raises ``EnvironmentFault`` attachment_missing / attachment_damaged."""
    try:
        blob = _path(folder, name).read_bytes()
    except OSError as fault:
        raise EnvironmentFault("attachment_missing", scan=scan) from fault
    if hashlib.sha256(blob).hexdigest() != name:
        raise EnvironmentFault("attachment_damaged", scan=scan)
    return unseal(key, blob, scan.encode())
