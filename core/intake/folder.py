"""The watched folder: a scanner drops files there, the desk picks up those that are finished.

A file is finished when two looks found it with equal size and time; scanners and shares write slowly,
and opening a half-written file would call good paper damaged. No events: network shares have none.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import EnvironmentFault

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".pdf"})
_HIDDEN = (".", "~", "$")


@dataclass(frozen=True)
class Seen:
    """Size in bytes and time of the last change in nanoseconds, as one look found them."""

    size: int
    changed: int


Snapshot = Mapping[Path, Seen]


def look(folder: Path) -> dict[Path, Seen]:
    """Return what lies in ``folder`` now (files only, links not followed, no subfolders).

    Raises ``EnvironmentFault('watched_folder_unreadable')``.
    """
    found: dict[Path, Seen] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # taken away between listing and asking
                if stat.S_ISREG(facts.st_mode):
                    found[Path(entry.path)] = Seen(facts.st_size, facts.st_mtime_ns)
    except OSError as error:
        raise EnvironmentFault("watched_folder_unreadable", why=error.errno or 0) from error
    return found


def wanted(path: Path) -> bool:
    """Tell whether a name looks like a scan: right suffix, not hidden, not a half-written or lock file."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(_HIDDEN)


def settled(before: Snapshot, now: Snapshot) -> list[Path]:
    """Return the scans of ``now`` that did not change since ``before``, oldest first. Pure."""
    steady = [path for path, seen in now.items() if seen.size > 0 and before.get(path) == seen]
    steady = [path for path in steady if wanted(path)]
    return sorted(steady, key=lambda path: (now[path].changed, path.name))


class FolderWatch:
    """Remembers the last look and what was already offered, so that each version of a file comes once.

    Files that lay there before the watch began are not offered: they belong to somebody else's case.
    """

    def __init__(self, existing: Snapshot) -> None:
        self._offered: dict[Path, Seen] = dict(existing)
        self._before: Snapshot = dict(existing)

    def step(self, now: Snapshot) -> list[Path]:
        """Take a new look and return the scans that became ready with it."""
        ready = [path for path in settled(self._before, now) if self._offered.get(path) != now[path]]
        self._before = dict(now)
        self._offered = {path: seen for path, seen in self._offered.items() if path in now}
        self._offered.update({path: now[path] for path in ready})
        return ready
