"""Fonts inside one PDF: codes for characters, subsets, and the way back to Unicode.

reportlab's own embedding is not used for two measured reasons. Its ToUnicode map writes ``%04X`` of the
code point, which is wrong above U+FFFF: a name looks right and is copied as two other characters
(``docs/paper.md``). And it cuts every subset anew; here the letters of a form's fixed wording lie in a
first subset of their own that is made once a process, so that a form costs only the letters that were
filled in.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject

from core.documents.fonts import FontBook
from core.documents.typeface import Letter

SLOTS = 256
"""A simple font has one-byte codes; code 0 stays .notdef and 32 stays the space, as old readers expect."""

Seed = Mapping[str, tuple[str, ...]]
"""Font name -> the characters of its first, unchanging subset, in order."""


class Raw(PDFObject):  # type: ignore[misc]  # reportlab ships no types
    """An indirect PDF object given as finished bytes, with ``None`` standing for references by name."""

    __RefOnly__ = 1

    def __init__(self, *parts: bytes | PDFObject) -> None:
        self._parts = parts

    def format(self, document: PDFDocument) -> bytes:
        return b"".join(p if isinstance(p, bytes) else p.format(document) for p in self._parts)


def stream(data: bytes, extra: bytes = b"", level: int = 6) -> bytes:
    """Return a compressed PDF stream object's bytes; ``extra`` is added to its dictionary."""
    packed = zlib.compress(data, level)
    head = b"<< /Filter /FlateDecode /Length %d %s >>\nstream\n" % (len(packed), extra)
    return head + packed + b"\nendstream\n"


def to_unicode(codes: list[int]) -> bytes:
    """Return the ToUnicode CMap of a one-byte font: position in ``codes`` -> UTF-16BE, pairs above U+FFFF.

    Source: ISO 32000-1, 9.10.3 (at most 100 entries a block).
    """
    rows = [
        f"<{i:02X}> <{chr(code).encode('utf-16-be').hex().upper()}>" for i, code in enumerate(codes) if code
    ]
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <00> <FF> endcodespacerange",
    ]
    for first in range(0, len(rows), 100):
        block = rows[first : first + 100]
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")


class _Made(NamedTuple):
    """The finished bytes of one subset: font file, ToUnicode, and the parts of its two dictionaries."""

    file: bytes
    unicode: bytes
    descriptor: bytes
    font: bytes


class _Kept:
    """The last subsets of fixed wording that were cut; the key is font, number and characters."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rows: OrderedDict[tuple[str, tuple[int, ...]], _Made] = OrderedDict()

    def get(self, book: FontBook, name: str, codes: list[int]) -> _Made:
        key = (name, tuple(codes))
        made = self._rows.get(key)
        if made is None:
            made = self._rows[key] = _cut(book, name, codes, level=9)
            if len(self._rows) > self._limit:
                self._rows.popitem(last=False)
        self._rows.move_to_end(key)
        return made


_FIXED = _Kept(48)


def _tag(name: str, codes: list[int]) -> str:
    # The six letters that mark a subset must differ between subsets of a font and not between two runs.
    number = int.from_bytes(hashlib.sha256(f"{name}{codes}".encode("ascii")).digest()[:8], "big")
    letters = []
    for _ in range(6):
        number, rest = divmod(number, 26)
        letters.append(chr(65 + rest))
    return "".join(letters)


def _cut(book: FontBook, name: str, codes: list[int], level: int) -> _Made:
    typeface = book.face(name)
    face = typeface.face
    data = typeface.subset(codes)
    base = f"{_tag(name, codes)}+{face.name.decode('ascii')}"
    widths = " ".join(f"{face.getCharWidth(code):g}" for code in codes)
    box = " ".join(f"{value:g}" for value in face.bbox)
    descriptor = (
        f"<< /Type /FontDescriptor /FontName /{base} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 "
        f"/Ascent {face.ascent:g} /Descent {face.descent:g} /CapHeight {face.capHeight:g} "
        f"/StemV {face.stemV:g} /FontFile2 "
    )
    font = (
        f"<< /Type /Font /Subtype /TrueType /BaseFont /{base} /FirstChar 0 /LastChar {len(codes) - 1} "
        f"/Widths [{widths}] /FontDescriptor "
    )
    return _Made(
        stream(data, b"/Length1 %d" % len(data), level),
        stream(to_unicode(codes), level=level),
        descriptor.encode("ascii"),
        font.encode("ascii"),
    )


class _Slots:
    """The codes of one font in one document: characters -> (resource name, code in hex), as they come."""

    def __init__(self, name: str, fixed: tuple[str, ...]) -> None:
        if len(fixed) > SLOTS - 2:
            raise ValueError("fixed wording needs more than one subset")
        self._name = name
        self.subsets: list[list[int]] = [[0]]
        self.codes: dict[str, tuple[str, str]] = {}
        for character in fixed:
            self.add(character)
        self._first_free = 1 if fixed else 0

    def add(self, character: str, start: int = 0) -> tuple[str, str]:
        if len(self.subsets) <= start:
            self.subsets.append([0])
        last = self.subsets[-1]
        if len(last) == 32:
            last.append(32)
        if len(last) == SLOTS:
            last = [0]
            self.subsets.append(last)
        place = self.codes[character] = (f"{self._name}{len(self.subsets) - 1}", f"{len(last):02X}")
        last.append(ord(character))
        return place

    def place(self, character: str) -> tuple[str, str]:
        return self.codes.get(character) or self.add(character, self._first_free)


class DocumentFonts:
    """All fonts of one PDF. ``show`` gives the operators of a run; ``finish`` adds the font objects.

    With the same ``seed`` two documents give a fixed text the same bytes, so those can be made beforehand.
    """

    def __init__(self, book: FontBook, seed: Seed) -> None:
        self._book = book
        self._seed = seed
        self._slots = {name: _Slots(name, characters) for name, characters in seed.items()}

    def codes(self, letters: Iterable[Letter]) -> list[tuple[str, str]]:
        """Return (resource name, code as two hex digits) of each letter, handing out codes as needed."""
        found = []
        for letter in letters:
            face = letter.face
            assert face is not None
            slots = self._slots.get(face.name)
            if slots is None:
                slots = self._slots[face.name] = _Slots(face.name, ())
            found.append(slots.codes.get(letter.character) or slots.place(letter.character))
        return found

    def finish(self, document: PDFDocument) -> bytes:
        """Add every font object to ``document``; return the resource dictionary's /Font entry."""
        entries = []
        for name in sorted(self._slots):
            for number, codes in enumerate(self._slots[name].subsets):
                if len(codes) < 2:
                    continue
                fixed = number == 0 and name in self._seed
                made = (
                    _FIXED.get(self._book, name, codes) if fixed else _cut(self._book, name, codes, level=1)
                )
                resource = f"{name}{number}"
                entries.append(f"/{resource} ".encode("ascii") + _register(document, resource, made))
        return b"/Font << " + b" ".join(entries) + b" >>"


def _register(document: PDFDocument, resource: str, made: _Made) -> bytes:
    def add(kind: str, *parts: bytes | PDFObject) -> Any:
        return document.Reference(Raw(*parts), f"{kind} {resource}")

    file = add("file", made.file)
    descriptor = add("descriptor", made.descriptor, file, b" >>")
    unicode_map = add("unicode", made.unicode)
    font = add("font", made.font, descriptor, b" /ToUnicode ", unicode_map, b" >>")
    reference: bytes = font.format(document)
    return reference
