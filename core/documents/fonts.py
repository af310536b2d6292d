"""Which font sets which character: one ladder, one rule, for every text on paper.

The rule: the first font of the ladder that holds the *whole* string (a person's name is never mixed), else
the first font for each character, else refuse and name the character.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from core.documents.typeface import Letter, Typeface
from core.errors import UserError
from resources import resource_path

FILES: Mapping[str, str] = {
    "fang": "FandolFang-Regular.ttf",
    "song": "NotoSerifSC-Regular.ttf",
    "rare": "HanaMinB-Rare.ttf",
    "bold": "NotoSerifSC-Bold.ttf",
    "hei": "NotoSansSC-Regular.ttf",
}
"""Font name -> file in ``resources/fonts`` (built by ``installer/fonts``, described in its fonts.json)."""


class Role(StrEnum):
    """What a text is for; each role is a ladder of fonts."""

    BODY = "body"
    SONG = "song"
    TITLE = "title"
    HEADING = "heading"


LADDERS: Mapping[Role, tuple[str, ...]] = {
    Role.BODY: ("fang", "song", "rare"),
    Role.SONG: ("song", "rare"),
    Role.TITLE: ("bold", "song", "rare"),
    Role.HEADING: ("hei", "song", "rare"),
}


class FontBook:
    """The bundled fonts of one folder, answering for every role."""

    def __init__(self, folder: Path) -> None:
        self._faces = {name: Typeface(name, folder / file) for name, file in FILES.items()}

    def face(self, name: str) -> Typeface:
        """Return a font by its name in :data:`FILES`."""
        return self._faces[name]

    def spell(self, text: str, role: Role = Role.BODY, field: str = "") -> list[Letter]:
        """Return ``text`` letter by letter with fonts and widths, by the ladder of ``role``.

        Raises ``UserError("glyph_missing", character=…, codepoint="U+XXXX", field=field)``.
        """
        for name in LADDERS[role]:
            whole = self._faces[name].spell(text)
            if whole is not None:
                return whole
        letters = []
        for character in text:
            letter = self._letter(character, role)
            if letter is None:
                raise UserError(
                    "glyph_missing", character=shown(character), codepoint=codepoint(character), field=field
                )
            letters.append(letter)
        return letters

    def _letter(self, character: str, role: Role) -> Letter | None:
        for name in LADDERS[role]:
            letter = self._faces[name].letter(character)
            if letter is not None:
                return letter
        return None

    def missing_glyphs(self, text: str, role: Role = Role.BODY) -> list[str]:
        """Return the characters of ``text`` that no font of the ladder holds, each once, in order."""
        absent = (c for c in text if c != "\n" and self._letter(c, role) is None)
        return list(dict.fromkeys(absent))


def codepoint(character: str) -> str:
    """Return ``U+XXXX`` of one character."""
    return f"U+{ord(character):04X}"


def shown(character: str) -> str:
    """Return the character if it can stand in a sentence, else nothing (controls, private use)."""
    return "" if unicodedata.category(character).startswith("C") else character


@lru_cache(maxsize=1)
def font_book() -> FontBook:
    """Return the program's one font book (files are read when first needed)."""
    return FontBook(resource_path("fonts"))


def missing_glyphs(text: str) -> list[str]:
    """Return the characters of ``text`` that cannot be printed by any bundled font, each once."""
    return font_book().missing_glyphs(text)
