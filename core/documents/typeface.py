"""One bundled font file, loaded when it is first needed.

reportlab parses the file and cuts subsets; two of its habits are mended here. It copies the whole ``glyf``
table (10 MB and more) for every subset, which alone takes longer than the rest of a form; and it answers
for a missing character with glyph 0 without a word. Here a glyph is sliced where it lies, and a missing one
is ``None``.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, NamedTuple

from reportlab.pdfbase.ttfonts import TTFError, TTFontFace

from core.errors import EnvironmentFault

_LOADING = threading.Lock()


class _Slices:
    """The glyf table as something that can be sliced, and is copied only slice by slice."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data = data
        self._start = start

    def __getitem__(self, part: slice) -> bytes:
        return self._data[self._start + part.start : self._start + part.stop]


class _SlicedFace(TTFontFace):  # type: ignore[misc]  # reportlab ships no types
    # Not needed inside a PDF (ISO 32000-1, 9.9), and the name table of a large font is not small.
    _LEFT_OUT = frozenset({"name", "OS/2"})

    def get_table(self, tag: str) -> Any:
        if tag == "glyf":
            return _Slices(self._ttf_data, self.get_table_pos("glyf")[0])
        if tag in self._LEFT_OUT:
            raise KeyError(tag)
        return super().get_table(tag)


class Letter(NamedTuple):
    """The smallest thing a line holds: a character with its font, or a box of fixed width without one.

    ``em`` is the width that grows with the size, ``fixed`` the width in points that does not. A box's
    ``character`` only says how lines break around it; ``item`` is its number in its sentence.
    """

    character: str
    face: Typeface | None
    em: float
    fixed: float = 0.0
    item: int = -1


class Typeface:
    """A named font file: which characters it holds, how wide they are, and subsets of it.

    ``name`` is also the PDF resource name, so it is short ASCII. Loading is deferred to the first question;
    a file that is absent or damaged raises ``EnvironmentFault("font_unreadable", file=…)``.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self._face: _SlicedFace | None = None
        self._letters: dict[str, Letter | None] = {}

    @property
    def face(self) -> Any:
        """reportlab's face object (metrics, tables); loaded once, by one thread."""
        if self._face is None:
            with _LOADING:
                if self._face is None:
                    try:
                        self._face = _SlicedFace(str(self.path))
                    except (OSError, TTFError) as fault:
                        raise EnvironmentFault("font_unreadable", file=self.path.name) from fault
        return self._face

    def letter(self, character: str) -> Letter | None:
        """Return one character set in this font, or None if the font lacks it; the same object every time."""
        try:
            return self._letters[character]
        except KeyError:
            face = self.face
            code = ord(character)
            held = bool(face.charToGlyph.get(code))
            found = Letter(character, self, face.charWidths[code] / 1000) if held else None
            self._letters[character] = found
            return found

    def spell(self, text: str) -> list[Letter] | None:
        """Return a text set in this font, or None if the font lacks any of it."""
        found = []
        for character in text:
            letter = self.letter(character)
            if letter is None:
                return None
            found.append(letter)
        return found

    def subset(self, codes: list[int]) -> bytes:
        """Return a TrueType file holding the characters ``codes``; position in the list = code in the PDF."""
        data: bytes = self.face.makeSubset(codes)
        return data
