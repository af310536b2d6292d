"""The one drawer of forms: a layout and values in, operators and the list of filled-in texts out.

Everything that does not depend on the values is drawn once a process and kept (``Prepared``): rules,
labels, and the sentences whose blanks have their usual width.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from core.documents.embedding import DocumentFonts, Seed
from core.documents.fit import Block, Style, fit
from core.documents.fonts import FontBook
from core.documents.ink import BASELINE, Ink, spell_lines
from core.documents.layout import MM, Blank, Box, Cell, DateCells, Layout, Part, Sentence, Tick, Wording
from core.documents.rehearsal import MARK, MARK_STYLE, draw_mark
from core.documents.typeface import Letter

BLANK_PAD = 2.0
"""Clear space in a blank beside the name, mm, both sides together."""

BOX_EM = 0.95
"""Width a tick box takes in a sentence, em. From 1.0 on pdftotext sees two columns and mixes the lines."""

DIGITS = "0123456789X-"


class Printed(NamedTuple):
    """One filled-in text in one place: where it lies, mm from the top left, and on which page (from 0)."""

    field: str
    text: str
    x: float
    y: float
    w: float
    h: float
    page: int = 0


class Place(NamedTuple):
    """Where a sentence leaves room for a value: its box, and the size of the letters around it in points."""

    item: Blank | Tick
    box: Box
    size: float


Flow = tuple[str | Place, ...]
"""A sentence in lines, in reading order: fixed letters as operators, places for values between them."""


@dataclass
class Prepared:
    """A layout made ready: finished operators and parts still to be filled, in reading order."""

    layout: Layout
    seed: Seed
    segments: list[str | Part]
    flows: dict[tuple[int, tuple[float, ...]], Flow] = field(default_factory=dict)


def _fixed_texts(layout: Layout, rehearsal: bool) -> Iterator[tuple[str, Style]]:
    # Digits are on every form, so they lie in the first subset too.
    yield DIGITS, Style()
    if rehearsal:
        yield MARK, MARK_STYLE
    for part in layout.parts:
        if isinstance(part, Wording):
            yield part.text, part.style
        elif isinstance(part, Sentence):
            yield from ((item, part.style) for item in part.items if isinstance(item, str))


def _seed(book: FontBook, layout: Layout, rehearsal: bool) -> Seed:
    found: dict[str, dict[str, None]] = {}
    for text, style in _fixed_texts(layout, rehearsal):
        for letter in spell_lines(book, text, style, ""):
            if letter.face is not None:
                found.setdefault(letter.face.name, {})[letter.character] = None
    return {name: tuple(characters) for name, characters in found.items()}


@lru_cache(maxsize=16)
def prepare(book: FontBook, layout: Layout, rehearsal: bool) -> Prepared:
    """Draw all of a layout that is the same on every form."""
    seed = _seed(book, layout, rehearsal)
    ink = Ink(book, DocumentFonts(book, seed))
    if rehearsal:
        draw_mark(ink)
    for rule in layout.rules:
        ink.line(rule.x0, rule.y0, rule.x1, rule.y1, rule.width)
    segments: list[str | Part] = []
    for part in layout.parts:
        if isinstance(part, Wording):
            ink.write(part.text, part.box, part.style, indent=part.indent)
        else:
            segments += [ink.take(), part]
    segments.append(ink.take())
    return Prepared(layout, seed, [s for s in segments if s != ""])


class Filling:
    """Fills the forms of one file: draws values into the prepared layout's places and notes what was printed.

    A text that stands in the same place on many pages is measured once a file; nothing outlives the file.
    """

    def __init__(self, prepared: Prepared, ink: Ink, offset_mm: tuple[float, float]) -> None:
        self._prepared = prepared
        self._ink = ink
        self._offset = offset_mm
        self._drawn: dict[tuple[int, str], tuple[str, Box]] = {}
        self._values: Mapping[str, str] = {}
        self._raw: Mapping[str, str] = {}
        self._page = 0
        self.printed: list[Printed] = []

    def fill(
        self, segments: Iterable[str | Part], values: Mapping[str, str], raw: Mapping[str, str], page: int
    ) -> None:
        """Draw one form; ``values`` as people read them, ``raw`` in normal form (dates, choices)."""
        self._values, self._raw, self._page = values, raw, page
        for segment in segments:
            if isinstance(segment, str):
                self._ink.raw(segment)
            elif isinstance(segment, Cell):
                self._cell(segment, values.get(segment.field, ""))
            elif isinstance(segment, DateCells):
                date = raw.get(segment.field, "")
                self._cell(segment, str(int(date.split("-")[segment.part])) if date else "")
            elif isinstance(segment, Sentence):
                self._sentence(segment)

    def _cell(self, part: Cell | DateCells, text: str) -> None:
        if not text:
            return
        key = (id(part), text)
        known = self._drawn.get(key)
        if known is None:
            aside = Ink(self._ink.book, self._ink.fonts)
            area = aside.write(text, part.box, part.style, field=part.field)
            known = self._drawn[key] = (aside.take(), area)
        self._ink.raw(known[0])
        self._note(part.field, text, known[1])

    def _note(self, name: str, text: str, area: Box) -> None:
        x, y = self._offset
        self.printed.append(Printed(name, text, area.x + x, area.y + y, area.w, area.h, self._page))

    def _sentence(self, part: Sentence) -> None:
        ink, style = self._ink, part.style
        names: dict[str, list[Letter]] = {}
        widths = []
        for item in part.items:
            if isinstance(item, Blank):
                letters = names[item.field] = spell_lines(
                    ink.book, self._values.get(item.field, ""), style, item.field
                )
                natural = sum(letter.em for letter in letters) * style.size / MM + BLANK_PAD
                widths.append(min(max(natural, item.least), item.most))
        key = (self._prepared.layout.parts.index(part), tuple(widths))
        flow = self._prepared.flows.get(key)
        if flow is None:
            flow = flow_sentence(ink, part, widths)
            # Only the usual widths are worth keeping; a kept odd width would hint at a name's length.
            if all(w == i.least for w, i in zip(widths, _blanks(part), strict=True)):
                self._prepared.flows[key] = flow
        for piece in flow:
            if isinstance(piece, str):
                ink.raw(piece)
                continue
            item, box, size = piece
            if isinstance(item, Tick):
                ink.tick_box(box, self._raw.get(item.field) == item.choice)
            elif names[item.field]:
                narrow = Style(size, 5, 5, style.role, "center")
                inner = Box(box.x + 0.5, box.y, box.w - 1, box.h)
                text = self._values[item.field]
                self._note(item.field, text, ink.write(text, inner, narrow, field=item.field))


def _blanks(part: Sentence) -> list[Blank]:
    return [item for item in part.items if isinstance(item, Blank)]


def _sentence_atoms(ink: Ink, part: Sentence, widths: list[float]) -> list[Letter]:
    atoms: list[Letter] = []
    remaining = iter(widths)
    for index, item in enumerate(part.items):
        if isinstance(item, str):
            atoms += spell_lines(ink.book, item, part.style, "")
        elif isinstance(item, Blank):
            atoms.append(Letter("", None, 0.25, next(remaining) * MM, index))
        else:
            # Counts as an opening bracket, so that a line never ends with an empty box.
            atoms.append(Letter("（", None, BOX_EM, 0.0, index))
    return atoms


def flow_sentence(ink: Ink, part: Sentence, widths: list[float]) -> Flow:
    """Break a sentence with blanks of the given widths (mm) into lines inside its box.

    Draws nothing on ``ink``'s page: the fixed letters come back as bytes, in reading order with the places.
    """
    atoms = _sentence_atoms(ink, part, widths)
    block = fit(atoms, part.style, part.box.w * MM, part.box.h * MM, indent=part.indent)
    before = ink.take()
    pieces = tuple(_lay_lines(ink, part, block, atoms))
    if before:
        ink.raw(before)
    return pieces


def _lay_lines(ink: Ink, part: Sentence, block: Block, atoms: list[Letter]) -> Iterator[str | Place]:
    size = block.size / MM
    for row, line in enumerate(block.lines):
        run_x = x = part.box.x + (part.indent * size if row == 0 else 0.0)
        top = part.box.y + row * part.style.leading * size
        baseline = top + BASELINE * size
        run: list[Letter] = []
        for atom in atoms[line.start : line.end]:
            wide = atom.em * size + atom.fixed / MM
            if atom.face is not None:
                run.append(atom)
            else:
                ink.letters(run, run_x, baseline, block.size)
                run, run_x = [], x + wide
                item = part.items[atom.item]
                assert not isinstance(item, str)
                box = _place_box(ink, item, x, top, wide, size)
                yield from _taken(ink)
                yield Place(item, box, block.size)
            x += wide
        ink.letters(run, run_x, baseline, block.size)
    yield from _taken(ink)


def _taken(ink: Ink) -> Iterator[str]:
    drawn = ink.take()
    if drawn:
        yield drawn


def _place_box(ink: Ink, place: Blank | Tick, x: float, top: float, wide: float, size: float) -> Box:
    if isinstance(place, Tick):
        side = 0.76 * size
        return Box(x + 0.15 * size, top + 0.12 * size, side, side)
    under = top + 1.08 * size
    box = Box(x + 0.125 * size, top, wide - 0.25 * size, size)
    ink.line(box.x, under, box.x + box.w, under, 0.6)
    return box
