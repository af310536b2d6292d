"""Names and words: folded where spellings mean the same, kept where it might be a name, refused by name."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.forms.characters import fold, refused
from core.forms.kinds import KINDS
from core.forms.spec import Severity
from tests.core.forms.samples import NO_UNIT, codes

UNIT_NAME, PERSON, TEXT, LONG = (KINDS[name] for name in ("unit_name", "person_name", "text", "long_text"))

SPICE = "（）()；;·．.・ \t\n\u3000\u2028元人民币整亿万+86-０９Ａｚ甲乙⼈かXx×"
SPICE += "\ue816\ue81e\u0301\u3099\u200b\ufe0f\ud800"
typed = st.text() | st.text(SPICE, max_size=12)


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(text=typed)
@example(text="人人民币民币1元")
@example(text="整 整")
@example(text="か \u3099")
@example(text="+86+8613800138000")
def test_reading_twice_is_reading_once(kind: str, text: str) -> None:
    once = KINDS[kind].parse(text)
    assert KINDS[kind].parse(once) == once


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(text=typed)
def test_no_text_upsets_a_kind(kind: str, text: str) -> None:
    for value in (text, KINDS[kind].parse(text)):
        KINDS[kind].check(value, NO_UNIT)
        assert isinstance(KINDS[kind].format(value), str)
        assert isinstance(KINDS[kind].mask(value), str)
        assert isinstance(KINDS[kind].summary(value), str)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("海南省 示范 医院", "海南省示范医院"),
        ("海口市第 １ 小学(附属)", "海口市第1小学（附属）"),
        ("  示范\t中心\r\n", "示范中心"),
        ("ＡＢＣ  Lab 示范", "ABC Lab示范"),
        ("甲局; 乙局", "甲局；乙局"),
        ("〇二示范站", "〇二示范站"),
    ],
)
def test_unit_names(text: str, name: str) -> None:
    assert UNIT_NAME.parse(text) == name
    assert UNIT_NAME.check(name, NO_UNIT) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王 小 明", "王小明"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽 ‧ 买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("⼈⼭", "人山"),
        ("John  Smith", "John Smith"),
        ("李𬱖恵", "李𬱖恵"),
        ("王\U00031234\U0002ebf0", "王\U00031234\U0002ebf0"),
    ],
)
def test_person_names(text: str, name: str) -> None:
    assert PERSON.parse(text) == name
    assert not [finding for finding in PERSON.check(name, NO_UNIT) if finding.severity is not Severity.NOTE]


def test_rare_characters_count_as_one_and_are_not_cut() -> None:
    assert len(PERSON.parse("\U00020087\U000200cc")) == 2


@pytest.mark.parametrize(
    ("position", "character"),
    [
        ("FE51", "\U00020087"),
        ("FE59", "龴"),
        ("FE6C", "\U000215d7"),
        ("FE90", "龺"),
        ("FEA0", "龻"),
        ("A6D9", "︐"),
        ("A6DA", "︒"),
        ("A6DB", "︑"),
        ("A6ED", "︘"),
        ("A6F3", "︙"),
        ("FE76", "\U0002298f"),
        ("FE91", "\U000241fe"),
    ],
)
def test_private_positions_of_gb18030_become_characters(position: str, character: str) -> None:
    decoded = bytes.fromhex(position).decode("gb18030")
    assert fold(decoded) == character
    assert refused(fold(decoded)) == []


def test_all_twenty_four_private_positions_are_known() -> None:
    positions = [*range(0xA6D9, 0xA6E0), 0xA6EC, 0xA6ED, 0xA6F3]
    positions += [0xFE51, 0xFE52, 0xFE53, 0xFE59, 0xFE61, 0xFE66, 0xFE67, 0xFE6C, 0xFE6D, 0xFE76, 0xFE7E]
    positions += [0xFE90, 0xFE91, 0xFEA0]
    text = b"".join(position.to_bytes(2, "big") for position in positions).decode("gb18030")
    assert len(positions) == len(set(fold(text))) == 24
    assert refused(fold(text)) == []


@pytest.mark.parametrize(
    ("character", "code"),
    [
        ("\ue000", "char_private"),
        ("\uf8ff", "char_private"),
        ("\U000f0000", "char_private"),
        ("\u200b", "char_invisible"),
        ("\ufeff", "char_invisible"),
        ("\ufe0f", "char_invisible"),
        ("\U000e0101", "char_invisible"),
        ("\u202e", "char_direction"),
        ("\u2066", "char_direction"),
        ("\x00", "char_control"),
        ("\x1b", "char_control"),
        ("\x7f", "char_control"),
        ("\ufffd", "char_broken"),
        ("\ud800", "char_broken"),
    ],
)
@pytest.mark.parametrize("kind", ["text", "long_text", "unit_name", "person_name"])
def test_what_cannot_be_told_is_refused_with_its_place(kind: str, character: str, code: str) -> None:
    value = KINDS[kind].parse(f"王{character}明")
    (finding,) = KINDS[kind].check(value, NO_UNIT)
    assert (finding.code, finding.severity) == (code, Severity.ERROR)
    assert finding.params == {"position": 2, "codepoint": f"U+{ord(character):04X}"}


@pytest.mark.parametrize(
    ("name", "code"), [("王1明", "name_character"), ("王", "name_short"), ("王明（代）", "name_character")]
)
def test_an_unusual_person_name_is_only_questioned(name: str, code: str) -> None:
    (finding,) = PERSON.check(name, NO_UNIT)
    assert (finding.code, finding.severity) == (code, Severity.WARNING)


def test_lines() -> None:
    assert TEXT.parse("一段\r\n 两 行\t字") == "一段两行字"
    assert TEXT.parse("a\u2028b\u00a0c") == "a b c"
    assert LONG.parse("  一、教学 \r\n\r\n二、科研\u2028三、服务\n") == "一、教学\n\n二、科研\n三、服务"


def test_a_mask_shows_the_surname_and_not_the_length() -> None:
    assert PERSON.mask("欧阳示范") == "欧**"
    assert PERSON.mask("𬱖恵") == "𬱖**"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-3",
        "2026年11月3日",
        "2026.11.03",
        "2026/11/3",
        "20261103",
        "２０２６－１１－０３",
        "2026 年 11 月 3 日",
        "2026 11 3",
    ],
)
def test_days_however_written(text: str) -> None:
    assert KINDS["date"].parse(text) == "2026-11-03"
    assert KINDS["date"].format("2026-11-03") == "2026年11月3日"


@pytest.mark.parametrize(
    ("text", "code"),
    [("2026-02-30", "date_nonexistent"), ("下周三", "date_format"), ("0000-01-01", "date_nonexistent")],
)
def test_wrong_days(text: str, code: str) -> None:
    day = KINDS["date"]
    assert codes(day.check(day.parse(text), NO_UNIT)) == [code]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("600 万元", "600万元"),
        ("¥6,000,000元", "6000000元"),
        ("６００．５万元人民币", "600.5万元"),
        ("叁拾万圆整", "叁拾万元"),
    ],
)
def test_amounts(text: str, amount: str) -> None:
    assert KINDS["money"].parse(text) == amount


@pytest.mark.parametrize("amount", ["600", "叁拾万元", "007元", "6.万元", "-3元"])
def test_an_amount_is_digits_and_a_unit(amount: str) -> None:
    assert codes(KINDS["money"].check(amount, NO_UNIT)) == ["money_format"]


@pytest.mark.parametrize(
    ("text", "value"),
    [("是", "yes"), ("TRUE", "yes"), (" 1 ", "yes"), ("否", ""), ("", ""), ("也许", "也许")],
)
def test_ticks(text: str, value: str) -> None:
    assert KINDS["tick"].parse(text) == value
