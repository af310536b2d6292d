"""Encrypted scans on disk: named by the SHA-256 of their ciphertext, sealed under the subject's key."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.errors import EnvironmentFault
from core.ids import RandomBytes
from core.keys.sealing import seal, unseal
from core.paths import private_folder, write_atomic


def _path(folder: Path, name: str) -> Path:
    return folder / name[:2] / name


def write_attachment(folder: Path, key: bytes, data: bytes, scan: str, random: RandomBytes) -> str:
    """Seal ``data`` and write it durably; return its name.

    Raises ``EnvironmentFault`` disk_full, write_failed, data_folder_unusable.
    """
    blob = seal(key, data, scan.encode(), random)
    name = hashlib.sha256(blob).hexdigest()
    path = _path(folder, name)
    private_folder(path.parent)
    write_atomic(path, blob)
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
