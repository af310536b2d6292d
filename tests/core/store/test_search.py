"""Finding: what the index finds is what plain reading finds, at any length, rare characters too."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.store.lists import Lists
from core.store.unit_of_work import Store, UnitOfWork
from core.words import fold, pinyin_initials
from tests.core.store.store_kit import append, case_facts, open_store, unit_facts

# Ideographs of several planes (Ext A, B, C, F, G, I), brackets that folding drops, letters, digits.
ALPHABET = "海南省医院学校中心站一二三重长（）()·-“”ABab12０Ａ䶮㛃𬱖𠮷𪚥𬺓\U00030000\U0002ebf0"
NAMES = st.text(ALPHABET, min_size=1, max_size=9)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """One store for all examples; each works inside a read, which is thrown away."""
    with tempfile.TemporaryDirectory() as place:
        store = open_store(Path(place))
        yield store
        store.close()


def _register(uow: UnitOfWork, names: list[tuple[str, str]]) -> dict[str, tuple[list[str], str]]:
    known = {}
    for number, (name, second) in enumerate(names):
        uscc = f"1246{number:02d}00YX000000{number:02d}"
        append(uow, ("unit", f"u{number}"), "unit_registered", unit_facts(name, uscc, second_name=second))
        known[f"u{number}"] = ([name for name in (name, second) if name], uscc)
    return known


def _expected(known: dict[str, tuple[list[str], str]], query: str) -> set[str]:
    """The plain definition, by Python's ``in`` on folded text: no index, no SQL."""
    wanted = fold(query)
    if not wanted:
        return set(known)
    return {
        unit
        for unit, (names, uscc) in known.items()
        if any(wanted in fold(name) for name in names)
        or (
            wanted.isascii()
            and (
                uscc.startswith(wanted.upper())
                or any(i.startswith(wanted.lower()) for name in names for i in pinyin_initials(name))
            )
        )
    }


@settings(max_examples=60)
@given(st.data())
def test_the_index_finds_what_plain_reading_finds(store: Store, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.tuples(NAMES, st.one_of(st.just(""), NAMES)), min_size=1, max_size=5))
    with store.read() as uow:
        known = _register(uow, names)
        for _ in range(4):
            name = data.draw(st.sampled_from([name for pair in names for name in pair if name]))
            start = data.draw(st.integers(0, len(name) - 1))
            piece = name[start : start + data.draw(st.integers(1, 4))]
            query = data.draw(
                st.one_of(st.just(piece), NAMES, st.sampled_from(["12", "124601", "1246", "h", "yy"]))
            )
            assert {line.unit for line in uow.lists.units(query)} == _expected(known, query), query


@given(st.text(max_size=20))
def test_nothing_typed_breaks_the_query(store: Store, query: str) -> None:
    with store.read() as uow:
        _register(uow, [("海南省医院", "")])
        uow.lists.units(query)
        uow.lists.cases(query)


@pytest.mark.parametrize(
    "query", ["*", '"', "' OR 1=1 --", "pairs : x", "NEAR(", "%", "_", "海\x00南", "a" * 5000]
)
def test_search_language_is_only_text(store: Store, query: str) -> None:
    with store.read() as uow:
        _register(uow, [("海南省医院", "")])
        assert isinstance(uow.lists.units(query), list) and isinstance(uow.lists.cases(query), list)


def test_no_fragment_matches_across_two_names(store: Store) -> None:
    with store.read() as uow:
        _register(uow, [("海南省", "省医院")])
        assert uow.lists.units("南省医") == []
        assert len(uow.lists.units("省医")) == 1


def test_codes_and_initials_by_their_beginning_only(store: Store) -> None:
    with store.read() as uow:
        _register(uow, [("重庆长江医院", ""), ("海南省图书馆", "")])
        assert [line.name for line in uow.lists.units("cqcjyy")] == ["重庆长江医院"]
        assert [line.name for line in uow.lists.units("zqzjyy")] == ["重庆长江医院"]
        assert [line.name for line in uow.lists.units("HNS")] == ["海南省图书馆"]
        assert uow.lists.units("nst") == []
        assert [line.name for line in uow.lists.units("124601")] == ["海南省图书馆"]
        assert [line.name for line in uow.lists.units("124601 00yx")] == ["海南省图书馆"]
        assert len(uow.lists.units("1246")) == 2
        assert uow.lists.units("46") == []


def test_the_code_prefix_uses_its_index(store: Store) -> None:
    with store.read() as uow:
        plan = uow.connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM unit_row WHERE uscc >= '1246' AND uscc < '1246\U0010ffff'"
        )
        assert "ix_unit_row_uscc" in " ".join(str(row) for row in plan)


def test_a_case_is_found_by_its_number_as_written_and_by_the_holder_as_written(store: Store) -> None:
    with store.read() as uow:
        _register(uow, [("海南省医院", "")])
        append(
            uow,
            ("case", "c"),
            "case_filed",
            case_facts("u0", "2026-ABCD-0001"),
            {"representative_name": "买买提·吐尔逊"},
        )
        for query in (
            "2026-ABCD-0001",
            "abcd-0001",
            "0001",
            "买买提·吐",
            "吐尔逊",
            "医院",
            "hnsyy",
            " 0001 ",
        ):
            assert [line.case for line in uow.lists.cases(query)] == ["c"], query
        for query in ("0002", "图书馆", "%", "2026_ABCD"):
            assert uow.lists.cases(query) == [], query
        assert uow.lists.case_id("2026-ABCD-0001") == "c" == uow.lists.case_id("c")


def test_paging_and_filter_by_lifecycle(store: Store) -> None:
    with store.read() as uow:
        _register(uow, [("海南省医院", "")])
        for number in range(7):
            append(uow, ("case", f"c{number}"), "case_filed", case_facts("u0", f"n{number}"))
        append(uow, ("case", "c3"), "case_withdrawn")
        lists = Lists(uow.connection)
        pages = [line.case for offset in (0, 3, 6) for line in lists.cases(limit=3, offset=offset)]
        assert pages[0] == "c3" and sorted(pages) == [f"c{number}" for number in range(7)]
        assert [line.case for line in lists.cases(lifecycles=("withdrawn",))] == ["c3"]
        assert lists.count_cases() == {"filed": 6, "withdrawn": 1}
        assert len(lists.cases_of_unit("u0")) == 7
