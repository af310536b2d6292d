"""The vocabulary in which a printed form's geometry is written down: millimetres, from the top left of A4.

A layout is data, keyed by the field ids of its form spec, and one drawer (``compose``) serves every form.
Parts stand in reading order, because that is the order of the words in the file and so of a copied text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.documents.fit import Style

PAGE_WIDTH = 210.0
PAGE_HEIGHT = 297.0
MM = 72 / 25.4
"""Points in a millimetre."""


@dataclass(frozen=True)
class Box:
    """A rectangle: left and top edge, width and height, in millimetres."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class Wording:
    """Fixed text in a box; a line feed is a line break of the design."""

    text: str
    box: Box
    style: Style
    indent: float = 0.0


@dataclass(frozen=True)
class Cell:
    """The value of one field in a box."""

    field: str
    box: Box
    style: Style


@dataclass(frozen=True)
class DateCells:
    """The digits of one date field in three boxes; the characters 年月日 are wording of their own."""

    field: str
    part: int
    box: Box
    style: Style


@dataclass(frozen=True)
class Blank:
    """A value written on an underlined blank inside a sentence: ``least`` to ``most`` millimetres wide."""

    field: str
    least: float
    most: float


@dataclass(frozen=True)
class Tick:
    """An empty square, ticked when the field holds ``choice``."""

    field: str
    choice: str


@dataclass(frozen=True)
class Sentence:
    """Fixed text with blanks and tick boxes, broken into lines inside its box; ``indent`` in em."""

    items: tuple[str | Blank | Tick, ...]
    box: Box
    style: Style
    indent: float = 0.0


@dataclass(frozen=True)
class Rule:
    """A straight line from one point to another, ``width`` in points."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float


Part = Wording | Cell | DateCells | Sentence


@dataclass(frozen=True)
class Layout:
    """One form's paper. ``title`` is the document's title; ``shape`` where the table is, for the tests."""

    form_id: str
    version: int
    title: str
    parts: tuple[Part, ...]
    rules: tuple[Rule, ...]

    def placements(self) -> Iterator[str]:
        """Yield the field id of every place that is filled in, once a place."""
        for part in self.parts:
            if isinstance(part, (Cell, DateCells)):
                yield part.field
            elif isinstance(part, Sentence):
                yield from (item.field for item in part.items if not isinstance(item, str))
