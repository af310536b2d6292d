"""A page written from top to bottom: headings, paragraphs, labelled lines, lists and a QR symbol.

For the office's own slips, whose length depends on what is in them; a page that is full is followed by
another. Every text goes through the same measure-and-fit as the forms.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.documents.compose import Printed
from core.documents.embedding import DocumentFonts
from core.documents.fit import Style, break_lines
from core.documents.fonts import FontBook, Role
from core.documents.ink import Ink, spell_lines
from core.documents.layout import MM, Box
from core.documents.paper import Paper, shifted
from core.documents.qr import QUIET, Matrix
from core.documents.rehearsal import draw_mark

LEFT, RIGHT, TOP, BOTTOM = 25.0, 185.0, 24.0, 278.0
TITLE = Style(20, 14, 12, role=Role.TITLE, align="center", leading=1.3)
TEXT = Style(13, 13, 9, leading=1.5, valign="top")
SMALL = Style(11, 11, 8, leading=1.45, valign="top")
LABEL_WIDTH = 36.0


class Leaflet:
    """Pages in the making, with a cursor that moves down. Lengths in mm."""

    def __init__(
        self,
        book: FontBook,
        title: str,
        *,
        rehearsal: bool,
        offset_mm: tuple[float, float],
        left: float = LEFT,
    ) -> None:
        self._paper = Paper(book, title)
        self._fonts: DocumentFonts = self._paper.fonts
        self._book = book
        self._rehearsal = rehearsal
        self._offset = offset_mm
        self._page = 0
        self.left = left
        self.y = TOP
        self.printed: list[Printed] = []
        self.ink = self._new_ink()

    def _new_ink(self) -> Ink:
        ink = Ink(self._book, self._fonts)
        if self._rehearsal:
            draw_mark(ink)
        return ink

    def next_page(self) -> None:
        """Finish this page and begin another at the top."""
        self._paper.add_page(shifted(self.ink.take(), self._offset))
        self._page += 1
        self.ink = self._new_ink()
        self.y = TOP

    def gap(self, height: float) -> None:
        """Leave white space."""
        self.y += height

    def _room(self, height: float) -> None:
        if self.y + height > BOTTOM and self.y > TOP:
            self.next_page()

    def write(self, text: str, box: Box, style: Style, *, field: str = "", fixed: bool = True) -> None:
        """Write a text at a fixed place; ``fixed=False`` notes it as filled in."""
        area = self.ink.write(text, box, style, field=field)
        if not fixed:
            x, y = self._offset
            self.printed.append(Printed(field, text, area.x + x, area.y + y, area.w, area.h, self._page))

    def title(self, text: str) -> None:
        """Write a heading in the middle."""
        self._room(14)
        self.write(text, Box(self.left, self.y, RIGHT - self.left, 12), TITLE)
        self.y += 17

    def paragraph(
        self, text: str, style: Style = TEXT, *, inset: float = 0.0, field: str = "", fixed: bool = True
    ) -> None:
        """Write a paragraph as wide as the page, ``inset`` mm from its left; it moves to a new page whole."""
        left = self.left + inset
        width = RIGHT - left
        letters = spell_lines(self._book, text, style, field)
        lines = break_lines(letters, style.size, width * MM)
        height = (style.leading * (len(lines) - 1) + 1) * style.size / MM
        self._room(height)
        self.write(text, Box(left, self.y, width, height + 0.1), style, field=field, fixed=fixed)
        self.y += height + (style.leading - 1) * style.size / MM + 1.2

    def labelled(self, label: str, value: str, *, field: str) -> None:
        """Write a label and beside it a value, which may take several lines."""
        self._room(TEXT.size / MM)
        before, page = self.y, self._page
        self.write(label, Box(self.left, self.y, LABEL_WIDTH, 6), Style(13, 11, 9, valign="top"))
        if value:
            self.paragraph(value, inset=LABEL_WIDTH, field=field, fixed=False)
        if self._page == page and self.y == before:
            self.y += 8

    def numbered(self, rows: Iterable[tuple[str, str]], *, field: str) -> None:
        """Write a numbered list; the second text of a row stands below the first, smaller."""
        for index, (first, second) in enumerate(rows, start=1):
            self.paragraph(f"{index}．{first}", inset=4, field=field, fixed=False)
            if second:
                self.paragraph(second, SMALL, inset=12, field=field, fixed=False)
            self.y += 1

    def symbol(self, modules: Matrix, side: float) -> None:
        """Draw a QR symbol in the middle, ``side`` mm wide with its quiet zone."""
        self._room(side)
        self.symbol_at(modules, side, (LEFT + RIGHT - side) / 2, self.y)
        self.y += side

    def symbol_at(self, modules: Matrix, side: float, left: float, top: float) -> None:
        """Draw a QR symbol, ``side`` mm wide with its quiet zone, with that corner, as one vector shape."""
        module = side / (len(modules) + 2 * QUIET)
        x0, y0 = left + QUIET * module, top + QUIET * module
        rows = []
        for r, row in enumerate(modules):
            start = None
            for c, black in enumerate((*row, False)):
                if black and start is None:
                    start = c
                elif not black and start is not None:
                    rows.append((x0 + start * module, y0 + r * module, (c - start) * module, module))
                    start = None
        self.ink.rectangles(rows)

    def signature(self, lines: Iterable[str]) -> None:
        """Write lines for signature and date at the right, with room for a seal."""
        self._room(34)
        self.y += 10
        for line in lines:
            self.write(line, Box(110, self.y, RIGHT - 110, 7), Style(13, 9, 8))
            self.y += 10

    def finish(self) -> bytes:
        """Close the last page and return the file."""
        self._paper.add_page(shifted(self.ink.take(), self._offset))
        return self._paper.finish()
