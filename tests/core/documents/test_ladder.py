"""One rule chooses the font: one font for the whole string if any holds it, else by letter, else refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.documents.fonts import FILES, FontBook, Role, font_book, missing_glyphs
from core.errors import EnvironmentFault, UserError
from resources import read_text

NOWHERE = "\ue000"


def faces(text: str, role: Role = Role.BODY) -> list[str]:
    return [letter.face.name for letter in font_book().spell(text, role) if letter.face]


def test_ordinary_text_and_digits_are_fangsong() -> None:
    assert set(faces("海南省示范县18号X")) == {"fang"}


def test_a_name_is_never_mixed() -> None:
    assert set(faces("张㛃䶮")) == {"song"}
    assert set(faces("李頔𬱖")) == {"song"}


def test_where_no_font_holds_all_each_letter_takes_the_first_that_holds_it() -> None:
    assert faces("曾𠔻", Role.BODY) == ["fang", "rare"]


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reaches_the_rare_font(role: Role) -> None:
    assert faces("𠔻", role) == ["rare"]


def test_a_missing_character_is_named_with_code_and_field() -> None:
    with pytest.raises(UserError) as refusal:
        font_book().spell("王" + NOWHERE, field="manager_name")
    assert refusal.value.code == "glyph_missing"
    assert refusal.value.params == {"character": "", "codepoint": "U+E000", "field": "manager_name"}
    with pytest.raises(UserError) as visible:
        font_book().spell("王😀")
    assert visible.value.params["character"] == "😀"
    assert visible.value.params["codepoint"] == "U+1F600"


def test_the_fonts_are_those_that_ship() -> None:
    shipped = {font["file"] for font in json.loads(read_text("fonts/fonts.json"))["fonts"]}
    assert set(FILES.values()) <= shipped


def test_missing_glyphs_lists_each_once_in_order() -> None:
    assert missing_glyphs("甲😀乙" + NOWHERE + "😀\n丙") == ["😀", NOWHERE]
    assert missing_glyphs("李頔𬱖𠔻·18X") == []


def test_a_missing_font_file_is_the_machines_fault(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        FontBook(tmp_path).spell("甲")
    assert (fault.value.code, fault.value.params) == ("font_unreadable", {"file": "FandolFang-Regular.ttf"})
