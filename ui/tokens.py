"""The look as data: one dict of colours per theme and the sizes that follow from the letter size.

Colours follow ``design/ux.md`` §2; every pair of text and ground keeps a contrast of at least 4.5
(``tests/ui/test_theme.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

ThemeName = Literal["light", "dark"]

BASE_SIZES = (14, 16, 18, 20)
"""Letter sizes a clerk may choose, in px."""

LIGHT: Mapping[str, str] = {
    "ground": "#F4F6F9",
    "card": "#FFFFFF",
    "rail": "#FFFFFF",
    "line": "#E2E8F0",
    "field_line": "#C6D0DC",
    "field": "#FFFFFF",
    "field_off": "#F4F6F9",
    "text": "#1B2733",
    "muted": "#526174",
    "faint": "#5E6B7D",
    "accent": "#1F5FA8",
    "accent_hover": "#1A5190",
    "accent_down": "#164577",
    "accent_off": "#DCE3EB",
    "accent_off_text": "#566272",
    "on_accent": "#FFFFFF",
    "accent_soft": "#E7F0FA",
    "accent_text": "#1F5FA8",
    "hover": "#F1F5F9",
    "good": "#1A7A48",
    "good_soft": "#E4F5EB",
    "warn": "#8A5300",
    "warn_soft": "#FFF3D9",
    "bad": "#B3261E",
    "bad_soft": "#FDECEA",
    "selection": "#C9DEF5",
    "selection_text": "#1B2733",
    "scroll": "#C3CEDA",
    "paper_ground": "#E6EBF1",
    "band": "#F6B73C",
    "band_text": "#3A2600",
    "shade": "#1B2733",
}

DARK: Mapping[str, str] = {
    "ground": "#13171C",
    "card": "#1B2128",
    "rail": "#181D24",
    "line": "#2A323C",
    "field_line": "#45515E",
    "field": "#161B21",
    "field_off": "#1F262E",
    "text": "#E8EDF3",
    "muted": "#A7B3C1",
    "faint": "#8E9BAA",
    "accent": "#2C6DB5",
    "accent_hover": "#3072BF",
    "accent_down": "#255C99",
    "accent_off": "#2A323C",
    "accent_off_text": "#97A3B1",
    "on_accent": "#FFFFFF",
    "accent_soft": "#1B2F47",
    "accent_text": "#7DB6F5",
    "hover": "#232B34",
    "good": "#6FD29B",
    "good_soft": "#17301F",
    "warn": "#F2BE5C",
    "warn_soft": "#3A2C10",
    "bad": "#FF9189",
    "bad_soft": "#3D1E1C",
    "selection": "#2B5486",
    "selection_text": "#FFFFFF",
    "scroll": "#3B4652",
    "paper_ground": "#0F1317",
    "band": "#F6B73C",
    "band_text": "#3A2600",
    "shade": "#000000",
}

THEMES: Mapping[ThemeName, Mapping[str, str]] = {"light": LIGHT, "dark": DARK}


def sizes(base: int) -> dict[str, int]:
    """Return every length in px that follows from the letter size ``base`` (14, 16, 18 or 20)."""

    def scaled(at_fourteen: int) -> int:
        return round(at_fourteen * base / 14)

    return {
        "body": base,
        "label": base - 1,
        "hint": base - 2,
        "head": base + 1,
        "title": base + 5,
        "display": base + 12,
        "field_height": scaled(34),
        "button_height": scaled(36),
        "rail_width": scaled(196),
        "rail_item": scaled(40),
        "icon": scaled(18),
        "tick": scaled(20),
        "row_height": scaled(40),
        "arrow_room": scaled(28),
    }
