"""Fonts and icons as the screen names them; the files themselves are the package ``resources``' affair."""

from __future__ import annotations

from pathlib import Path

from core.errors import EnvironmentFault
from resources import resource_path

SCREEN_FONTS = (
    "NotoSansSC-Regular.ttf",
    "NotoSansSC-Bold.ttf",
    "NotoSerifSC-Regular.ttf",
    "HanaMinB-Rare.ttf",
)
"""In order of the fallback: everyday text, then the characters that only the paper's fonts hold."""


def find_icon(name: str) -> Path | None:
    """Return the SVG file of an icon, or None when it is not shipped."""
    return _find(f"icons/{name}.svg")


def find_fonts() -> tuple[Path, ...]:
    """Return the shipped font files for the screen, in the order of the fallback."""
    return tuple(path for name in SCREEN_FONTS if (path := _find(f"fonts/{name}")))


def _find(name: str) -> Path | None:
    try:
        return resource_path(name)
    except EnvironmentFault:
        return None
