"""Every icon is a small, recolourable outline with its licence beside it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

ICONS = Path(__file__).resolve().parents[2] / "resources" / "icons"
FILES = sorted(ICONS.glob("*.svg"))


def test_licence_and_number() -> None:
    assert "MIT License" in (ICONS / "LICENSE").read_text("utf-8")
    assert len(FILES) >= 40


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_icon_is_outline_in_current_colour(path: Path) -> None:
    root = ElementTree.fromstring(path.read_text("utf-8"))
    assert root.get("viewBox") == "0 0 24 24"
    assert root.get("stroke") == "currentColor" and root.get("stroke-width") == "1.75"
    assert root.get("fill") == "none" and len(root) >= 1
