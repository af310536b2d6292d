"""The mark of rehearsal paper: words in the top margin, and a pale 演练 across the page.

The words are text, so that a reader and a program both find them. The large letters are outlines, drawn
first and pale, so that they neither disturb a copied text nor hide a value.
"""

from __future__ import annotations

import math
from functools import lru_cache

from fontTools.misc.transform import Transform
from fontTools.pens.basePen import BasePen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from core.documents.fit import Style
from core.documents.fonts import FontBook, Role
from core.documents.ink import Ink, number
from core.documents.layout import MM, PAGE_HEIGHT, PAGE_WIDTH, Box

MARK = "演练　不具法律效力"
MARK_BOX = Box(25, 7.5, 160, 7)
MARK_STYLE = Style(12, 12, 12, role=Role.HEADING, align="center")
_LETTERS = "演练"
_SIZE = 230.0
_ANGLE = 35.0


class _PathPen(BasePen):  # type: ignore[misc]  # fontTools ships no types
    """Writes an outline as PDF path operators (curves arrive cubic from the base class)."""

    def __init__(self) -> None:
        super().__init__(None)
        self.operators: list[str] = []

    def _add(self, operator: str, *points: tuple[float, float]) -> None:
        self.operators.append(" ".join([*(f"{number(x)} {number(y)}" for x, y in points), operator]))

    def _moveTo(self, pt: tuple[float, float]) -> None:
        self._add("m", pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:
        self._add("l", pt)

    def _curveToOne(
        self, pt1: tuple[float, float], pt2: tuple[float, float], pt3: tuple[float, float]
    ) -> None:
        self._add("c", pt1, pt2, pt3)

    def _closePath(self) -> None:
        self.operators.append("h")


@lru_cache(maxsize=2)
def watermark(book: FontBook) -> str:
    """Return the operators of the pale diagonal letters; made once."""
    with TTFont(book.face("bold").path, lazy=True) as font:
        glyphs, names = font.getGlyphSet(), font.getBestCmap()
        scale = _SIZE / font["head"].unitsPerEm
        middle = Transform().translate(PAGE_WIDTH * MM / 2, PAGE_HEIGHT * MM / 2).rotate(math.radians(_ANGLE))
        pen = _PathPen()
        start = -_SIZE * len(_LETTERS) / 2
        for index, letter in enumerate(_LETTERS):
            place = middle.translate(start + index * _SIZE, -0.38 * _SIZE).scale(scale)
            glyphs[names[ord(letter)]].draw(TransformPen(pen, place))
    return "q 0.94 g\n" + "\n".join(pen.operators) + "\nf Q"


def draw_mark(ink: Ink) -> None:
    """Draw both marks; to be called before anything else is drawn on the page."""
    ink.raw(watermark(ink.book))
    ink.write(MARK, MARK_BOX, MARK_STYLE)
