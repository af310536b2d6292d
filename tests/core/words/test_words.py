"""A fragment of a name finds the name: in the index itself, whatever characters the name is made of."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlcipher3
from hypothesis import given, settings
from hypothesis import strategies as st

from core.words import (
    QueryKind,
    fold,
    initials,
    match_expression,
    pairs,
    pinyin_initials,
    query_kind,
    singles,
)

# Names as they are, and as a hostile import may bring them: any character at all.
LIKELY = st.sampled_from("海口市澄迈县第一二小学中心医院乐重长（）()·・ 　ＡAａ１1𬱖𫖯𬭎㛃䶮〇々ßé")
ANYTHING = st.characters(exclude_categories=["Cs"])
NAMES = st.text(st.one_of(LIKELY, LIKELY, LIKELY, ANYTHING), min_size=2, max_size=30)
HAN = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x323AF),
)


class Index:
    """The index as store-sync.md §7 builds it: pairs and single characters in one contentless FTS5 table."""

    def __init__(self) -> None:
        self._db = sqlcipher3.connect(":memory:")
        self._db.execute(
            "CREATE VIRTUAL TABLE words USING fts5(pairs, singles, content='', contentless_delete=1,"
            " tokenize='unicode61')"
        )

    def add(self, number: int, name: str) -> None:
        row = (number, " ".join(pairs(name)), " ".join(singles(name)))
        self._db.execute("INSERT INTO words(rowid, pairs, singles) VALUES (?, ?, ?)", row)

    def find(self, text: str) -> list[int]:
        expression = match_expression(text)
        if expression is None:
            return []
        rows = self._db.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid", (expression,))
        return [number for (number,) in rows]

    def close(self) -> None:
        self._db.close()


@pytest.fixture
def index() -> Iterator[Index]:
    index = Index()
    yield index
    index.close()


@st.composite
def names_with_fragments(draw: st.DrawFn, names: st.SearchStrategy[str]) -> tuple[str, str]:
    name = draw(names)
    start = draw(st.integers(0, len(name) - 2))
    end = draw(st.integers(start + 2, len(name)))
    return name, name[start:end]


@settings(max_examples=400)
@given(names_with_fragments(NAMES))
def test_every_fragment_of_every_name_finds_it(example: tuple[str, str]) -> None:
    name, fragment = example
    index = Index()
    try:
        index.add(7, name)
        if fold(fragment):
            assert index.find(fragment) == [7]
        else:
            assert match_expression(fragment) is None
    finally:
        index.close()


@settings(max_examples=200)
@given(names_with_fragments(st.text(HAN, min_size=2, max_size=20)))
def test_fragments_of_ideographs_of_all_planes_find_the_name(example: tuple[str, str]) -> None:
    name, fragment = example
    index = Index()
    try:
        index.add(1, name)
        assert index.find(fragment) == [1]
        assert index.find(fragment[0]) == [1]
    finally:
        index.close()


@settings(max_examples=100)
@given(st.lists(st.text(st.sampled_from("海口南中小学"), min_size=2, max_size=8), min_size=1, max_size=12))
def test_the_index_answers_as_a_plain_scan_would(names: list[str]) -> None:
    index = Index()
    try:
        for number, name in enumerate(names):
            index.add(number, name)
        for fragment in ("海口", "中小学", "南", "学海", "口口口"):
            assert index.find(fragment) == [at for at, name in enumerate(names) if fragment in name]
    finally:
        index.close()


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("海口市第一中学（东校区）", "中学(东"),
        ("海口市第一中学（东校区）", "第一 东校"),
        ("海口市ＡＢ中心", "ab中"),
        ("古丽·拟例文化站", "丽拟"),
        ("\uf9c4華区图书馆", "龍華"),  # compatibility form of 龍
        ("𬱖溪镇文化站", "𬱖"),
        ("𬱖溪镇文化站", "𬱖溪"),
    ],
)
def test_spelling_does_not_matter(index: Index, name: str, typed: str) -> None:
    index.add(1, name)
    index.add(2, "三亚市计量所")
    assert index.find(typed) == [1]


def test_reversed_and_scattered_characters_do_not_match(index: Index) -> None:
    index.add(1, "海南省中学")
    assert index.find("南海") == []
    assert index.find("海省") == []
    assert index.find("海 中学") == [1]


@given(st.text(ANYTHING), st.text(ANYTHING))
def test_folding_works_character_by_character_and_once_is_enough(one: str, other: str) -> None:
    assert fold(one + other) == fold(one) + fold(other)
    assert fold(fold(one)) == fold(one)


@given(st.text(ANYTHING))
def test_no_typed_text_can_break_the_query(text: str) -> None:
    index = Index()
    try:
        index.add(1, "海南")
        index.find(text)  # an FTS5 syntax error would raise
    finally:
        index.close()


def test_characters_beyond_the_basic_plane_are_single_characters() -> None:
    assert singles("𬱖A𫖯") == ["𬱖", "a", "𫖯"]
    assert pairs("𬱖a𫖯") == ["𬱖a", "a𫖯"]
    assert pairs("𬱖") == []


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("重庆", {"cq", "zq", "tq"}),
        ("长流镇", {"clz", "zlz"}),
        ("第1小学", {"d1xx"}),
        ("（）", set()),
        ("𬭎山", {"hs"}),
    ],
)
def test_initials_of_every_reading(name: str, spellings: set[str]) -> None:
    assert pinyin_initials(name) == spellings


@settings(max_examples=150)
@given(st.text(st.one_of(HAN, st.sampled_from("重长乐行和朝1A（·")), max_size=40))
def test_initials_are_bounded_plain_and_stable(name: str) -> None:
    found = pinyin_initials(name)
    assert len(found) <= 64
    assert all(spelling == "" or (spelling.isascii() and spelling.isalnum()) for spelling in found)
    assert all(len(spelling) <= len(fold(name)) for spelling in found)
    assert found == pinyin_initials(name)


def test_the_fitting_reading_stays_when_there_are_too_many() -> None:
    assert any(spelling.endswith("yh") for spelling in pinyin_initials("重长乐行和朝调银行"))


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("12469023MB", QueryKind.USCC),
        ("124690230000000193", QueryKind.USCC),
        ("１２ 4690", QueryKind.USCC),
        ("1", QueryKind.USCC),
        ("a1469023", QueryKind.USCC),
        ("cmxyy", QueryKind.INITIALS),
        ("CMX", QueryKind.INITIALS),
        ("d1xx", QueryKind.INITIALS),
        ("1246902300000001934", QueryKind.INITIALS),  # too long for a code
        ("海", QueryKind.SINGLE),
        ("𬱖", QueryKind.SINGLE),
        ("海口", QueryKind.PAIRS),
        ("第1", QueryKind.PAIRS),
        ("（）", QueryKind.EMPTY),
        ("", QueryKind.EMPTY),
    ],
)
def test_what_is_being_looked_for(typed: str, kind: QueryKind) -> None:
    assert query_kind(typed) is kind


def _by_the_longer_way(monkeypatch: pytest.MonkeyPatch, name: str) -> set[str]:
    with monkeypatch.context() as patch:
        patch.setattr(initials, "_all_spellings", lambda folded: None)
        return pinyin_initials(name)


@pytest.mark.slow
def test_no_phrase_reads_a_character_as_it_is_never_read_alone() -> None:
    """Then all spellings of single characters are all spellings: two characters are known not to be so."""
    from pypinyin import Style, pinyin
    from pypinyin.phrases_dict import phrases_dict

    odd = set()
    for phrase in phrases_dict:
        usual = pinyin(phrase, style=Style.FIRST_LETTER, errors=initials._THEMSELVES)
        if len(usual) == len(phrase):
            spoken = zip(phrase, usual, strict=True)
            odd |= {one for one, read in spoken if initials._letter(read[0]) not in initials._letters(one)}
    assert odd == initials._READ_OTHERWISE


@settings(max_examples=200, deadline=None)
@given(NAMES)
def test_the_short_way_spells_as_the_long_one(name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        assert pinyin_initials(name) == _by_the_longer_way(patch, name)
