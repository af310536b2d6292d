"""The file an offline root lives in: encrypted under a password, opened during a ceremony only.

Beside the province's root it takes the private key of the verifiers' root (X.509), which a hub needs
only on the day it is made. Argon2id with the compiled floor, as everything that hangs on a password.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.canonical import canonical
from core.errors import EnvironmentFault, UserError
from core.ids import RandomBytes
from core.keys.passwords import check_new_password, unwrap, wrap
from core.keys.signer import SoftwareSigner

_FORMAT: Final = "certdesk-root/1"
_LIMIT: Final = 64 * 1024


@dataclass(frozen=True, repr=False)
class RootFile:
    """An opened root: what signs, and the verifiers' root key (PEM, empty if it never lay here)."""

    signer: SoftwareSigner
    verifier_root: bytes


def seal_root(root: RootFile, issuer: str, password: str, random: RandomBytes) -> bytes:
    """Return the file's bytes. Raises ``UserError`` password_too_short / password_empty."""
    check_new_password(password)
    secrets = {"seed": root.signer.seed().hex(), "verifier_root": root.verifier_root.decode()}
    data = {
        "format": _FORMAT,
        "issuer": issuer,
        "public": root.signer.public_bytes().hex(),
        "wrapped": wrap(password, canonical(secrets), random),
    }
    return (json.dumps(data, indent=1) + "\n").encode()


def open_root(path: Path, password: str) -> RootFile:
    """Open a root file.

    Raises ``UserError`` wrong_password, ``EnvironmentFault`` root_file_missing / root_file_damaged.
    """
    try:
        with path.open("rb") as handle:
            data = json.loads(handle.read(_LIMIT))
        if data["format"] != _FORMAT:
            raise ValueError("format")
        wrapped, public = dict(data["wrapped"]), str(data["public"])
    except OSError as fault:
        raise EnvironmentFault("root_file_missing") from fault
    except (ValueError, LookupError, TypeError, RecursionError) as fault:
        raise EnvironmentFault("root_file_damaged") from fault
    secrets = _secrets(unwrap(password, wrapped))
    root = RootFile(SoftwareSigner.from_seed(secrets[0]), secrets[1])
    if root.signer.public_bytes().hex() != public:
        raise EnvironmentFault("root_file_damaged")
    return root


def _secrets(plain: bytes) -> tuple[bytes, bytes]:
    try:
        data: dict[str, Any] = json.loads(plain)
        return bytes.fromhex(data["seed"]), str(data["verifier_root"]).encode()
    except (ValueError, LookupError, TypeError) as fault:
        raise EnvironmentFault("root_file_damaged") from fault


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet, its owner's alone, flushed to disk.

    Raises ``UserError('file_exists')``, ``EnvironmentFault`` disk_full / file_unwritable.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
    except FileExistsError as fault:
        raise UserError("file_exists") from fault
    except OSError as fault:
        raise EnvironmentFault("disk_full" if fault.errno == 28 else "file_unwritable") from fault
