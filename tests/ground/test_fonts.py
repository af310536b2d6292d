"""The shipped fonts: the files that the list names and no others, unchanged, with licences, within size."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

FONTS = Path(__file__).resolve().parents[2] / "resources" / "fonts"
LIMIT = 60 * 1000 * 1000
LETTER_FILES = {".ttf", ".otf", ".ttc", ".woff2"}


def listed() -> list[dict[str, str]]:
    """Return the rows of fonts.json: file, sha256, family, licence (a file), package, version, source."""
    return list(json.loads((FONTS / "fonts.json").read_text("utf-8"))["fonts"])


def test_every_listed_font_is_the_one_that_was_checked() -> None:
    rows = listed()
    assert rows
    found = {row["file"]: hashlib.sha256((FONTS / row["file"]).read_bytes()).hexdigest() for row in rows}
    assert found == {row["file"]: row["sha256"] for row in rows}


def test_no_font_is_shipped_unlisted() -> None:
    files = {place.name for place in FONTS.rglob("*") if place.suffix.lower() in LETTER_FILES}
    assert files == {Path(row["file"]).name for row in listed()}


def test_every_font_says_where_it_comes_from_and_under_which_licence() -> None:
    for row in listed():
        assert row["family"] and row["package"] and row["version"] and row["source"], row["file"]
        assert (FONTS / row["licence"]).read_text("utf-8").strip(), row["file"]


def test_all_fonts_together_stay_small() -> None:
    assert sum(place.stat().st_size for place in FONTS.rglob("*") if place.is_file()) <= LIMIT
