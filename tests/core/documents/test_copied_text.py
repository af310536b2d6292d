"""What is copied from a PDF is what was printed, above U+FFFF too, by two different readers."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from core.documents.embedding import to_unicode
from core.documents.pdf import render_form, render_many
from core.forms.spec import FormSpec
from tests.core.documents.samples import FORMS, ORDINARY, RARE, bare, text_of


def poppler(pdf: bytes) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not installed")
    done = subprocess.run([program, "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def test_a_character_above_ffff_is_written_as_a_surrogate_pair() -> None:
    rows = to_unicode([0, 0x5F20, 0x2CC56]).decode("ascii").splitlines()
    assert "<01> <5F20>" in rows
    assert "<02> <D873DC56>" in rows
    assert not any(row.startswith("<00>") and "FF" not in row for row in rows)


def test_a_full_subset_is_written_in_blocks_of_a_hundred() -> None:
    lines = to_unicode([0, *range(0x4E00, 0x4E00 + 255)]).decode("ascii").splitlines()
    assert [line for line in lines if line.endswith("beginbfchar")] == [
        "100 beginbfchar",
        "100 beginbfchar",
        "55 beginbfchar",
    ]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
@pytest.mark.parametrize("reader", [text_of, poppler], ids=["pdfium", "poppler"])
def test_rare_names_are_copied_right(form: FormSpec, reader: object) -> None:
    rendered = render_form(form, RARE, rehearsal=False)
    copied = bare(reader(rendered.pdf))  # type: ignore[operator]
    assert copied.count("李頔𬱖") == 2
    for printed in rendered.printed:
        assert printed.text in copied


@pytest.mark.parametrize("reader", [text_of, poppler], ids=["pdfium", "poppler"])
def test_many_forms_in_one_file_keep_their_own_values(reader: object) -> None:
    # More different letters than one subset holds.
    names = ["".join(chr(0x4E00 + 3 * i + k) for k in range(3)) for i in range(120)] + ["李頔𬱖"]
    many = [{**ORDINARY, "manager_name": name} for name in names]
    rendered = render_many(FORMS[0], many, rehearsal=False)
    copied = bare(reader(rendered.pdf))  # type: ignore[operator]
    for name in names:
        assert copied.count(name) >= 2
    assert [p.text for p in rendered.printed if p.field == "manager_name"][::2] == names
    assert {p.page for p in rendered.printed} == set(range(len(names)))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_labels_spread_over_their_cell_are_copied_in_one_piece(form: FormSpec) -> None:
    copied = poppler(render_form(form, ORDINARY, rehearsal=False).pdf)
    for label in ("住 所", "法 定 代 表 人", "身 份 证 号 码", "备 注"):
        assert label in copied
