"""The shipped fonts are the described ones, small enough, and cover what Hainan's names need."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from reportlab.pdfbase.ttfonts import TTFont as PaperFont

FONTS = Path(__file__).resolve().parents[2] / "resources" / "fonts"
ENTRIES: list[dict[str, Any]] = json.loads((FONTS / "fonts.json").read_text("utf-8"))["fonts"]
BY_ID = {entry["id"]: entry for entry in ENTRIES}
# Names really use such: two of each extension B to F, the Hainan surname-like 𬱖, and more of the table.
RARE = "𠀀𠮷𡋾𡐓𢋈𢫦𣗋𣲘𤧛𤩽𥔲𥖨𦒍𦝼𨙸𨟠𨱇𩾃𪤗𪨰𪾢𫄧𫇭𫓹𫘜𫞩𫟹𫠊𫭟𫷷𬇕𬍛𬭎𬱖𬺈𬺓𭎂𮎰𮯠"


def characters(font_id: str) -> set[int]:
    return set(TTFont(FONTS / BY_ID[font_id]["file"]).getBestCmap())


def standard_table() -> set[int]:
    return {ord(c) for c in (FONTS / "standard-8105.txt").read_text("utf-8") if c != "\n"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e["id"])
def test_file_is_the_described_one(entry: dict[str, Any]) -> None:
    data = (FONTS / entry["file"]).read_bytes()
    assert len(data) == entry["bytes"]
    assert hashlib.sha256(data).hexdigest() == entry["sha256"]
    assert (FONTS / entry["licence"]).stat().st_size > 1000
    assert len(entry["source_sha256"]) == 64 and entry["version"]


def test_set_is_complete_and_within_60_megabytes() -> None:
    assert [e["id"] for e in ENTRIES] == ["song", "rare", "fangsong", "title", "ui", "ui-bold"]
    assert {p.name for p in FONTS.glob("*.ttf")} == {e["file"] for e in ENTRIES}
    assert sum(p.stat().st_size for p in FONTS.rglob("*") if p.is_file()) <= 60_000_000


def test_standard_table_has_8105_characters_196_above_the_basic_plane() -> None:
    table = standard_table()
    assert len(table) == 8105
    assert sum(c > 0xFFFF for c in table) == 196


@pytest.mark.parametrize("font_id", ["song", "title", "ui"])
def test_standard_table_is_covered(font_id: str) -> None:
    assert standard_table() - characters(font_id) == set()


@pytest.mark.parametrize("font_id", ["fangsong", "ui-bold"])
def test_gb2312_is_covered(font_id: str) -> None:
    gb2312 = set()
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                gb2312.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    assert len(gb2312) == 6763
    assert gb2312 - characters(font_id) == set()


def test_song_and_rare_together_cover_level_3() -> None:
    have = characters("song") | characters("rare")
    blocks = [(0x4E00, 0x9FEF), (0x3400, 0x4DB5), (0x20000, 0x2A6D6), (0x2A700, 0x2B734),
              (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0)]  # fmt: skip
    assert [hex(c) for low, high in blocks for c in range(low, high + 1) if c not in have] == []
    assert characters("song") & characters("rare") == set()


def test_twenty_and_more_rare_characters_have_outlines() -> None:
    assert len(RARE) >= 20 and min(map(ord, RARE)) > 0xFFFF
    fonts = [TTFont(FONTS / BY_ID[i]["file"]) for i in ("song", "rare")]
    for character in RARE:
        font = next(f for f in fonts if ord(character) in f.getBestCmap())
        glyph = font["glyf"][font.getBestCmap()[ord(character)]]
        assert glyph.numberOfContours != 0, hex(ord(character))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e["id"])
def test_reportlab_reads_it(entry: dict[str, Any]) -> None:
    font = PaperFont(entry["id"], str(FONTS / entry["file"]))
    letter = "𠮷" if entry["id"] == "rare" else "琼"
    assert ord(letter) in font.face.charToGlyph
    assert font.stringWidth(letter, 10) == pytest.approx(10, abs=0.5)


def test_qt_names_each_family_as_described() -> None:
    """In a process of its own, so that this test needs no running application and leaves none."""
    script = (
        "import sys, json\n"
        "from PySide6.QtGui import QFontDatabase, QGuiApplication\n"
        "app = QGuiApplication([])\n"
        "ids = [QFontDatabase.addApplicationFont(p) for p in sys.argv[1:]]\n"
        "print(json.dumps([QFontDatabase.applicationFontFamilies(i) for i in ids]))\n"
    )
    paths = [str(FONTS / e["file"]) for e in ENTRIES]
    done = subprocess.run(
        [sys.executable, "-c", script, *paths],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    families = json.loads(done.stdout.splitlines()[-1])
    assert [f[0] for f in families] == [e["family"] for e in ENTRIES]
