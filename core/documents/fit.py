"""Measure and fit: the one way any text, fixed wording included, finds its place in its box.

A text first shrinks on one line down to a floor that still reads well, then wraps and shrinks further to
the least size; if it cannot stay inside the box at that size it is refused by name. Nothing is ever cut
short or drawn over a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from core.documents.fonts import Role
from core.documents.typeface import Letter
from core.errors import UserError

STEP = 0.5
"""Sizes are tried downwards in half points."""

CANNOT_START = frozenset("，。、；：？！）》」』】〕”’…—·,.;:?!)]}%")
CANNOT_END = frozenset("（《「『【〔“‘([{")
"""Chinese line-breaking rule: closing marks never begin a line, opening marks never end one."""


@dataclass(frozen=True)
class Style:
    """How a text is set. Sizes in points; ``leading`` is the line pitch as a multiple of the size.

    ``floor`` is the smallest size on one line before the text wraps, ``least`` the smallest of all.
    ``align``: ``left``, ``center``, ``right`` or ``spread`` (letters apart over the box's width).
    ``valign``: ``middle`` or ``top``.
    """

    size: float = 14
    floor: float = 10.5
    least: float = 6.5
    role: Role = Role.BODY
    align: str = "left"
    leading: float = 1.25
    valign: str = "middle"


# Reading tuples by position in C: a thousand forms measure a quarter of a million letters.
_CHARACTER, _EM, _FIXED = itemgetter(0), itemgetter(2), itemgetter(3)


class Line(NamedTuple):
    """Atoms ``start`` up to ``end`` and their width in points."""

    start: int
    end: int
    width: float


@dataclass(frozen=True)
class Block:
    """A fitted text: its size and its lines."""

    size: float
    lines: tuple[Line, ...]


def _joined(left: str, right: str) -> bool:
    """Say whether a line must not break between two characters."""
    if right in CANNOT_START or left in CANNOT_END:
        return True
    return "!" <= left <= "~" and "!" <= right <= "~"


def _break_before(atoms: Sequence[Letter], start: int, end: int) -> int:
    """Return the best place at or before ``end`` to begin the next line; words and marks stay together."""
    for place in range(end, start, -1):
        if not _joined(atoms[place - 1].character or "\0", atoms[place].character or "\0"):
            return place
    return end


def break_lines(atoms: Sequence[Letter], size: float, width: float, indent: float = 0.0) -> tuple[Line, ...]:
    """Break atoms into lines of at most ``width`` points; the first is ``indent`` em shorter.

    A single atom wider than the line still takes a line of its own; the caller sees its width.
    """
    lines: list[Line] = []
    start, used, room = 0, 0.0, width - indent * size
    index = 0
    while index < len(atoms):
        atom = atoms[index]
        if atom.character == "\n":
            lines.append(Line(start, index, used))
            index += 1
            start, used, room = index, 0.0, width
            continue
        step = atom.em * size + atom.fixed
        if used + step > room + 1e-6 and index > start:
            index = _break_before(atoms, start, index)
            lines.append(Line(start, index, _width(atoms, start, index, size)))
            start, used, room = index, 0.0, width
            continue
        used += step
        index += 1
    lines.append(Line(start, len(atoms), used))
    return tuple(lines)


def _width(atoms: Sequence[Letter], start: int, end: int, size: float) -> float:
    return sum(atom.em * size + atom.fixed for atom in atoms[start:end])


def _holds(
    lines: Sequence[Line], size: float, style: Style, width: float, height: float, indent: float
) -> bool:
    tall = (len(lines) - 1) * style.leading * size + size
    first = lines[0].width + indent * size <= width + 1e-3
    return tall <= height + 1e-3 and first and all(line.width <= width + 1e-3 for line in lines)


def fit(
    atoms: Sequence[Letter],
    style: Style,
    width: float,
    height: float,
    *,
    field: str = "",
    indent: float = 0.0,
) -> Block:
    """Return the largest setting of ``atoms`` that stays inside ``width`` by ``height`` points.

    Raises ``UserError("text_too_long", field=field)`` if none does.
    """
    em, fixed = sum(map(_EM, atoms)), sum(map(_FIXED, atoms))
    if "\n" not in map(_CHARACTER, atoms):
        size = style.size
        while size >= style.floor - 1e-6:
            wide = em * size + fixed
            if wide + indent * size <= width + 1e-6 and size <= height + 1e-3:
                return Block(size, (Line(0, len(atoms), wide),))
            size -= STEP
    # A wrapped text may be as large as its style says when the box has room for the lines (a paragraph),
    # but never larger than the floor where one line was the wish (a cell).
    size = style.size if height >= 2 * style.leading * style.size + style.size else style.floor
    while size >= style.least - 1e-6:
        lines = break_lines(atoms, size, width, indent)
        if _holds(lines, size, style, width, height, indent):
            return Block(size, lines)
        size -= STEP
    raise UserError("text_too_long", field=field)
