"""What the rules look at: the repository's own files, found by walking (a clone may have no git)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".git", ".venv", "__pycache__", "build", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
SKIPPED |= {".hypothesis", "node_modules"}
PRODUCT = ("core", "hub", "ui", "app.py")
TEXT_SUFFIXES = {".py", ".toml", ".txt", ".md", ".json", ".yaml", ".yml", ".csv", ".svg", ".html", ".css"}
TEXT_SUFFIXES |= {".js", ".mjs", ".sh", ".spec", ".ini", ".cfg", ".mako", ".webmanifest"}


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root and its text. Controls make their own."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parse(self.text)

    @property
    def module(self) -> str:
        """The dotted name it is imported by (``core.forms`` for ``core/forms/__init__.py``)."""
        parts = list(PurePosixPath(self.path).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        return ".".join(parts)


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def walk(*tops: str) -> Iterator[Path]:
    """Yield every file of the repository under ``tops`` (all of it without any)."""
    stack = [ROOT / top for top in tops] or [ROOT]
    while stack:
        place = stack.pop()
        if place.is_file():
            yield place
        elif place.is_dir() and place.name not in SKIPPED:
            stack.extend(sorted(place.iterdir()))


def python(*tops: str) -> list[Source]:
    """Return the Python files under ``tops``."""
    found = [place for place in walk(*tops) if place.suffix == ".py"]
    return [Source(place.relative_to(ROOT).as_posix(), place.read_text("utf-8")) for place in found]


def texts() -> list[Source]:
    """Return every text file of the repository."""
    found = [place for place in walk() if place.suffix in TEXT_SUFFIXES or place.parent.name == ".ci"]
    return [Source(place.relative_to(ROOT).as_posix(), place.read_text("utf-8")) for place in found]


def imports(source: Source) -> list[tuple[int, str]]:
    """Return (line, dotted name) of every import, also inside functions; ``from a import b`` as ``a.b``."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found
