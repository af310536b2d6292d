"""A font of a few characters for the holder page: the names that phones cannot draw.

Cut from the fonts that ship with the product; what one of them lacks is taken from the next and joined.
"""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from threading import Lock

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from core.errors import UserError
from resources import resource_path

LIMIT = 64
_FONTS = ("fonts/NotoSerifSC-Regular.ttf", "fonts/HanaMinB-Rare.ttf")
_UNITS = 1000
# fontTools keeps state in module-level tables while it cuts; one cut at a time also bounds the memory.
_one_at_a_time = Lock()


@lru_cache(maxsize=8)
def _characters(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def share_out(text: str) -> list[tuple[Path, frozenset[int]]]:
    """Return which font draws which of the characters, in the ladder's order."""
    wanted, shares = {ord(character) for character in text}, []
    for name in _FONTS:
        path = resource_path(name)
        has = frozenset(wanted & _characters(path))
        if has:
            shares.append((path, has))
            wanted -= has
    return shares


def cut_font(text: str) -> bytes:
    """Return a WOFF font of the characters of ``text`` (1 to 64 different ones).

    Raises ``UserError`` glyphs_wrong (none, too many, or control characters) or glyphs_missing (no
    font here has any of them).
    """
    characters = set(text)
    if not 1 <= len(characters) <= LIMIT or not all(character.isprintable() for character in characters):
        raise UserError("glyphs_wrong", limit=LIMIT)
    shares = share_out(text)
    if not shares:
        raise UserError("glyphs_missing")
    with _one_at_a_time:
        cuts = [_cut(path, points) for path, points in shares]
        font = TTFont(io.BytesIO(cuts[0])) if len(cuts) == 1 else Merger().merge([*map(io.BytesIO, cuts)])
        font.flavor = "woff"
        out = io.BytesIO()
        font.save(out)
    return out.getvalue()


def _cut(path: Path, points: frozenset[int]) -> bytes:
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2])
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    out = io.BytesIO()
    with TTFont(path, lazy=True) as font:
        cutter.subset(font)
        if font["head"].unitsPerEm != _UNITS:
            scale_upem(font, _UNITS)
        font.save(out)
    return out.getvalue()
