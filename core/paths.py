"""Where the desk keeps its files, and the two careful ways of touching them.

One folder holds everything of one office, so that "where is our data" has one answer and a backup one
root. Only its owner may look inside. Rehearsal lives in a folder of its own with the same layout: no
path leads from invented data to real data.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from core.errors import EnvironmentFault

_NAME = "certdesk"
_FOLDER_MODE = 0o700

FULL: Final = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
"""What a system says when there is no room."""
PART: Final = ".part"
"""How a file ends that is being written and is not one yet."""


@dataclass(frozen=True)
class DataPaths:
    """The layout inside one data folder. Nothing is created by asking for a path."""

    root: Path

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.root / "desk.db"

    @property
    def keyring(self) -> Path:
        """The data key, wrapped once per person."""
        return self.root / "keyring.json"

    @property
    def joining(self) -> Path:
        """A new computer's sealed keys while it waits to be admitted to an office."""
        return self.root / "joining.json"

    @property
    def attachments(self) -> Path:
        """Encrypted scans, named by content."""
        return self.root / "attachments"

    @property
    def backups(self) -> Path:
        """Encrypted backups, where no other folder is set."""
        return self.root / "backups"

    @property
    def hub(self) -> Path:
        """Database and keys of the embedded hub."""
        return self.root / "hub"

    @property
    def logs(self) -> Path:
        """Technical logs and crash reports; no personal data."""
        return self.root / "logs"

    @property
    def settings(self) -> Path:
        """Settings of the office's desk; no personal data."""
        return self.root / "settings.json"

    @property
    def rehearsal(self) -> DataPaths:
        """The rehearsal office: the same layout one folder down."""
        return DataPaths(self.root / "rehearsal")

    def exists(self) -> bool:
        """Tell whether an office was set up here: without a keyring nobody can open the database."""
        return self.keyring.exists()

    def prepare(self) -> None:
        """Make the folders, open to their owner only; an existing folder is narrowed to that.

        Raises ``EnvironmentFault('data_folder_unusable')``.
        """
        for folder in (self.root, self.attachments, self.backups, self.hub, self.logs):
            private_folder(folder)


def default_root(
    platform: str = sys.platform, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> Path:
    """Return the data folder where none is named: XDG on Linux, LOCALAPPDATA on Windows.

    Not the roaming profile: a database must not be copied about by the network log-on.
    """
    home = home or Path.home()
    if platform == "win32":
        base = environment.get("LOCALAPPDATA", "")
        return (Path(base) if base else home / "AppData" / "Local") / _NAME
    if platform == "darwin":
        return home / "Library" / "Application Support" / _NAME
    base = environment.get("XDG_DATA_HOME", "")
    # The specification tells to ignore a relative path.
    return (Path(base) if base.startswith("/") else home / ".local" / "share") / _NAME


def data_paths(override: Path | str | None = None) -> DataPaths:
    """Return the layout in the folder of ``--data``, or in the default one. Absolute, nothing created."""
    root = Path(override).expanduser() if override else default_root()
    return DataPaths(root if root.is_absolute() else Path.cwd() / root)


def private_folder(folder: Path) -> None:
    """Make ``folder`` with its parents, or narrow it to its owner.

    Raises ``EnvironmentFault('data_folder_unusable')``.
    """
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        if sys.platform != "win32":  # there LOCALAPPDATA is the owner's by inheritance
            os.chmod(folder, _FOLDER_MODE)
    except OSError as error:
        raise EnvironmentFault("data_folder_unusable", why=error.errno or 0) from error


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a fresh file to write that takes the place of ``path`` when the block ends.

    The one way in which a file of ours is replaced:

    - Whoever reads ``path``, also after a power cut at any moment, finds the old bytes or the new ones,
      whole: the fresh file is flushed to disk before it is renamed over.
    - Once the block is left it lasts: the folder, which remembers names, is flushed too (Windows has no way).
    - Its owner's alone (0600) from its first byte, whatever ``path`` was before.
    - Two writers at once do not meet: the last one's bytes stand, whole.
    - A writer that fails, also inside the block, leaves ``path`` as it was and nothing beside it; one that
      was killed leaves a ``.*.part`` that nobody reads.

    Raises ``OSError``; it is for the caller to say what that means to people.
    """
    descriptor, fresh = tempfile.mkstemp(prefix=".", suffix=PART, dir=path.parent)  # 0600, and nobody else's
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        flush_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise


def write_atomic(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` as :func:`replacing` does.

    Raises ``EnvironmentFault`` disk_full / write_failed.
    """
    try:
        with replacing(path) as file:
            file.write(data)
    except OSError as error:
        code = "disk_full" if error.errno in FULL else "write_failed"
        raise EnvironmentFault(code, file=path.name, why=error.errno or 0) from error


def flush_folder(folder: Path) -> None:
    """Make what was renamed in a folder last. Raises ``OSError``."""
    if sys.platform == "win32":  # a folder cannot be opened for flushing there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
