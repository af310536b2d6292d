"""A font of a few characters, drawn together from the shipped fonts: what the hub answers to the page.

Song and the rare font differ in units per em, and a name may need both; so the glyphs are redrawn
into one small TrueType font instead of subsetting a file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

EM = 1000


@cache
def _open(path: Path) -> TTFont:
    return TTFont(io.BytesIO(path.read_bytes()), lazy=True)  # holds no file open


def glyph_font(text: str, ladder: Sequence[Path]) -> bytes:
    """Return a TrueType font of the characters of ``text``, each from the first font that has it.

    Characters that no font has are left out.
    """
    fonts = [_open(path) for path in ladder]
    names, glyphs, metrics = [".notdef"], {".notdef": TTGlyphPen(None).glyph()}, {".notdef": (EM, 0)}
    cmap: dict[int, str] = {}
    for character in sorted(set(text)):
        point = ord(character)
        font = next((f for f in fonts if point in f.getBestCmap()), None)
        if font is None:
            continue
        source, scale, name = font.getBestCmap()[point], EM / font["head"].unitsPerEm, f"u{point:X}"
        pen = TTGlyphPen(None)
        font.getGlyphSet()[source].draw(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
        glyphs[name] = pen.glyph()
        metrics[name] = (round(font["hmtx"][source][0] * scale), 0)
        cmap[point] = name
        names.append(name)
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(cmap)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(
        {
            n: (w, builder.font["glyf"][n].xMin or 0 if n in cmap.values() else 0)
            for n, (w, _) in metrics.items()
        }
    )
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "CertDesk Rare", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost()
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()
