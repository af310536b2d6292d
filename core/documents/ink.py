"""Putting marks on a page: texts, lines and shapes as PDF operators, in millimetres from the top left.

Nothing here decides where a thing goes or how large it is (``fit`` and the layouts do).
"""

from __future__ import annotations

from collections.abc import Sequence

from core.documents.embedding import DocumentFonts
from core.documents.fit import Block, Style, fit
from core.documents.fonts import FontBook
from core.documents.layout import MM, PAGE_HEIGHT, Box
from core.documents.typeface import Letter

BASELINE = 0.88
"""Depth of the baseline below the top of a line's em square, in em (CJK fonts share it)."""


def number(value: float) -> str:
    """Write a coordinate with a hundredth of a point, without needless zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


class Ink:
    """The operators of one page (or part of one), in the order in which they are drawn."""

    def __init__(self, book: FontBook, fonts: DocumentFonts) -> None:
        self.book = book
        self.fonts = fonts
        self._operators: list[str] = []

    def take(self) -> str:
        """Return what was drawn since the last call."""
        data = "\n".join(self._operators)
        self._operators.clear()
        return data

    def raw(self, data: str) -> None:
        """Add operators that were made before."""
        self._operators.append(data)

    def letters(self, letters: Sequence[Letter], x: float, baseline: float, size: float) -> None:
        """Draw letters from ``x``, both in mm, ``size`` in points, at their natural distance."""
        if not letters:
            return
        parts = [f"BT {number(x * MM)} {number((PAGE_HEIGHT - baseline) * MM)} Td"]
        last = ""
        codes: list[str] = []
        for resource, code in self.fonts.codes(letters):
            if resource != last:
                if codes:
                    parts.append(f"<{''.join(codes)}> Tj")
                    codes = []
                parts.append(f"/{resource} {size:g} Tf")
                last = resource
            codes.append(code)
        parts.append(f"<{''.join(codes)}> Tj ET")
        self._operators.append(" ".join(parts))

    def spread(self, letters: Sequence[Letter], box: Box, baseline: float, size: float) -> None:
        """Draw letters evenly apart over the box's width.

        Readers take wide gaps for columns and would copy 住 and 所 far apart, so the label's text is also
        given as ActualText (ISO 32000-1, 14.9.4).
        """
        solid = [letter for letter in letters if letter.character != " "]
        room = box.w * MM / size - sum(letter.em for letter in solid)
        gap = room / (len(solid) - 1)
        x, place = box.x * MM, number((PAGE_HEIGHT - baseline) * MM)
        actual = "".join(letter.character for letter in letters).encode("utf-16-be").hex()
        parts = [f"/Span <</ActualText <FEFF{actual}>>> BDC BT {number(x)} {place} Td"]
        waiting = 0.0
        last = ""
        codes = self.fonts.codes(letters)
        for index, (letter, (resource, code)) in enumerate(zip(letters, codes, strict=True)):
            if resource != last:
                parts.append(f"/{resource} {size:g} Tf")
                last = resource
            if letter.character == " ":
                waiting = letter.em
                parts.append(f"<{code}> Tj")
                continue
            if index:
                parts.append(f"[{(waiting - gap) * 1000:.0f}] TJ")
            parts.append(f"<{code}> Tj")
            waiting = 0.0
        self._operators.append(" ".join(parts) + " ET EMC")

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float) -> None:
        """Draw a line, ``width`` in points."""
        a, b = number(x0 * MM), number((PAGE_HEIGHT - y0) * MM)
        c, d = number(x1 * MM), number((PAGE_HEIGHT - y1) * MM)
        self._operators.append(f"{width:g} w {a} {b} m {c} {d} l S")

    def tick_box(self, box: Box, ticked: bool) -> None:
        """Draw a square, and in it a tick; both are shapes, so that they add no character to the text."""
        x, y = box.x * MM, (PAGE_HEIGHT - box.y - box.h) * MM
        side = box.w * MM
        self._operators.append(f"0.6 w {number(x)} {number(y)} {number(side)} {number(side)} re S")
        if ticked:
            spots = ((0.18, 0.52), (0.42, 0.24), (0.86, 0.84))
            (a, b), (c, d), (e, f) = ((number(x + u * side), number(y + v * side)) for u, v in spots)
            self._operators.append(f"q 1.3 w 1 J 1 j {a} {b} m {c} {d} l {e} {f} l S Q")

    def rectangles(self, rows: Sequence[tuple[float, float, float, float]]) -> None:
        """Fill rectangles (x, y, width, height in mm) as one black shape without seams."""
        parts = [
            f"{number(x * MM)} {number((PAGE_HEIGHT - y - h) * MM)} {number(w * MM)} {number(h * MM)} re"
            for x, y, w, h in rows
        ]
        self._operators.append(" ".join(parts) + " f")

    def block(
        self, letters: Sequence[Letter], block: Block, box: Box, style: Style, indent: float = 0.0
    ) -> Box:
        """Draw a fitted text in its box; return the rectangle its lines fill."""
        if style.align == "spread" and len(block.lines) == 1 and len(letters) > 1:
            top = box.y + (box.h - block.size / MM) / 2
            self.spread(letters, box, top + BASELINE * block.size / MM, block.size)
            return Box(box.x, top, box.w, block.size / MM)
        return self._lines(letters, block, box, style, indent)

    def _lines(self, letters: Sequence[Letter], block: Block, box: Box, style: Style, indent: float) -> Box:
        size = block.size / MM
        tall = size * (style.leading * (len(block.lines) - 1) + 1)
        top = box.y + (0.0 if style.valign == "top" else (box.h - tall) / 2)
        left, right = box.x + box.w, box.x
        for index, line in enumerate(block.lines):
            wide = line.width / MM
            slack = {"center": (box.w - wide) / 2, "right": box.w - wide}.get(style.align, 0.0)
            x = box.x + slack + (indent * size if index == 0 else 0.0)
            baseline = top + size * (style.leading * index + BASELINE)
            self.letters(letters[line.start : line.end], x, baseline, block.size)
            left, right = min(left, x), max(right, x + wide)
        return Box(left, top, max(right - left, 0.0), tall)

    def write(self, text: str, box: Box, style: Style, *, field: str = "", indent: float = 0.0) -> Box:
        """Spell, measure, fit and draw a text; return the rectangle its lines fill.

        Raises ``UserError`` ``glyph_missing`` or ``text_too_long``, both naming ``field``.
        """
        letters = spell_lines(self.book, text, style, field)
        block = fit(letters, style, box.w * MM, box.h * MM, field=field, indent=indent)
        return self.block(letters, block, box, style, indent)


def spell_lines(book: FontBook, text: str, style: Style, field: str) -> list[Letter]:
    """Return the letters of a text of several lines; a line feed becomes a letter without width."""
    if "\n" not in text:
        return book.spell(text, style.role, field)
    letters: list[Letter] = []
    for index, line in enumerate(text.split("\n")):
        if index:
            letters.append(Letter("\n", None, 0.0))
        letters += book.spell(line, style.role, field)
    return letters
