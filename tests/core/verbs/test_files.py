"""What verbs read and write."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CertDeskError, EnvironmentFault, UserError
from core.verbs import files
from core.verbs.lines import each_line, only, texts

_texts = st.text(max_size=8)
_objects = st.dictionaries(_texts, _texts, max_size=3)


@given(rows=st.lists(_objects, min_size=1, max_size=4), bom=st.booleans())
def test_rows_come_back_as_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]], bom: bool
) -> None:
    path = tmp_path_factory.mktemp("rows") / "in.jsonl"
    text = "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + text.encode("utf-8", "surrogatepass"))
    assert [row for _, row in files.read_rows(path, "unit")] == rows


@given(data=st.binary(max_size=60))
def test_whatever_the_file_holds_nothing_but_an_expected_error_comes(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("rows") / "in.jsonl"
    path.write_bytes(data)
    try:
        for _, row in files.read_rows(path, "unit"):
            assert isinstance(row, dict | UserError)
    except CertDeskError as error:
        assert error.code == "input_malformed"


def test_one_object_may_stand_on_many_lines(tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text('{\n "a": "1"\n}\n')
    assert list(files.read_rows(path, "unit")) == [(1, {"a": "1"})]


def test_a_bad_line_is_told_with_its_number_and_the_others_stand(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"a": "1"}\n\n{"a": "1", "a": "2"}\n[]\n{"a": "4"}\n')
    rows = list(files.read_rows(path, "unit"))
    assert [number for number, _ in rows] == [1, 3, 4, 5]
    assert [isinstance(row, UserError) for _, row in rows] == [False, True, True, False]
    assert isinstance(rows[1][1], UserError) and rows[1][1].params["line"] == 3


def test_every_line_gets_its_answer_and_a_fault_of_the_machine_ends_all() -> None:
    def do(row: dict[str, str]) -> dict[str, str]:
        if row["a"] == "no":
            raise UserError("unit_unknown")
        if row["a"] == "disk":
            raise EnvironmentFault("disk_full")
        return {"unit": row["a"]}

    outcome = each_line([(1, {"a": "x"}), (2, {"a": "no"}), (4, UserError("input_malformed"))], do)
    assert outcome.exit == 1
    assert (outcome.body["done"], outcome.body["refused"]) == (1, 2)
    assert [line["line"] for line in outcome.body["lines"]] == [1, 2, 4]
    single = each_line([(1, {"a": "x"})], do)
    assert (single.exit, single.body["unit"], single.body["lines"]) == (0, "x", [{"line": 1, "unit": "x"}])
    with pytest.raises(EnvironmentFault):
        each_line([(1, {"a": "disk"})], do)


def test_an_unknown_key_or_a_value_that_is_no_text_is_refused() -> None:
    only({"a": 1}, ("a",), "case")
    with pytest.raises(UserError):
        only({"a": 1, "b": 2}, ("a",), "case")
    with pytest.raises(UserError):
        texts({"a": 1}, "case")


def test_what_is_written_is_owner_only_and_whole(tmp_path: Path) -> None:
    path = files.write_private(tmp_path / "a.txt", "一")
    files.write_private(path, "二")
    assert path.read_text("utf-8") == "二"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]


def test_what_cannot_be_written_is_the_machines_fault(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    for act in (
        lambda: files.write_private(tmp_path / "a" / "b", ""),
        lambda: files.make_folder(tmp_path / "a" / "b"),
        lambda: files.reserve(tmp_path / "a" / "b"),
    ):
        with pytest.raises(EnvironmentFault) as fault:
            act()
        assert fault.value.code == "file_unwritable"


def test_a_reserved_place_is_never_taken_twice(tmp_path: Path) -> None:
    files.reserve(tmp_path / "codes")
    with pytest.raises(UserError) as refusal:
        files.reserve(tmp_path / "codes")
    assert refusal.value.code == "file_exists"


@pytest.mark.parametrize("text", ["", "\n", "\r\nsecond"])
def test_an_empty_password_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p").write_text(text)
    with pytest.raises(UserError):
        files.read_secret(tmp_path / "p")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\nsecond\n"])
def test_a_password_is_the_first_line_without_its_end(tmp_path: Path, ending: str) -> None:
    (tmp_path / "p").write_bytes(b" pass word " + ending.encode())
    assert files.read_secret(tmp_path / "p") == " pass word "
