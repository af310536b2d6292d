"""The one door to what ships beside the code: fonts, icons, data, the holder page's assets.

Nothing else in the product builds a path to a shipped file, so that a checkout, an installed package
and a frozen bundle are the same to every caller. PyInstaller keeps ``__file__`` of a package inside
its bundle folder, so no special case is needed for it.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from core.errors import EnvironmentFault

_ROOT = Path(__file__).resolve().parent


def resource_path(name: str) -> Path:
    """Return the file or folder that ships as ``name``, e.g. ``data/divisions.json``.

    Raises ``ValueError`` for a name that leads out of the resources (a bug of the caller), and
    ``EnvironmentFault("resource_missing")`` where the installation lacks the file.
    """
    parts = PurePosixPath(name).parts
    if not parts or set("\\:") & set(name) or ".." in parts or PurePosixPath(name).is_absolute():
        raise ValueError(f"not the name of a resource: {name!r}")
    path = _ROOT.joinpath(*parts)
    if not path.exists():
        raise EnvironmentFault("resource_missing", name=name)
    return path


def read_bytes(name: str) -> bytes:
    """Return a shipped file's bytes. Raises as :func:`resource_path` does."""
    return resource_path(name).read_bytes()


def read_text(name: str) -> str:
    """Return a shipped UTF-8 file's text. Raises as :func:`resource_path` does."""
    return read_bytes(name).decode("utf-8")
