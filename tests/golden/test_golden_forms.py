"""The two attachments as they were last looked at: every stretch of text and where it stands, to 0.15 mm.

After a change that is meant, look at the new pictures beside the old and run with ``GOLDEN_WRITE=1``.
The wording is compared with the notice itself, kept beside this file as the notice has it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from core.documents.notices import Office, render_phone_program
from core.documents.pdf import render_form
from core.forms.spec import FormSpec
from tests.core.documents.samples import BLANK, DRAFT, FORMS, ORDINARY, RARE, bare, longest, text_of, words

HERE = Path(__file__).parent
CASES = ("ordinary", "longest", "rare", "blank", "rehearsal")

Row = list[str | float]


def rows(form: FormSpec, case: str) -> list[Row]:
    values = {"longest": longest(form), "rare": RARE, "blank": BLANK}.get(case, ORDINARY)
    rendered = render_form(form, values, rehearsal=case == "rehearsal")
    found: list[Row] = []
    for word in words(rendered.pdf):
        found.append(
            [word.text, *(round(value, 2) for value in (word.left, word.top, word.right, word.bottom))]
        )
    return found


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
@pytest.mark.parametrize("case", CASES)
def test_text_and_geometry_are_as_last_looked_at(form: FormSpec, case: str) -> None:
    path = HERE / "forms" / f"{form.id}-{case}.json"
    seen = rows(form, case)
    if os.environ.get("GOLDEN_WRITE"):
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in seen)
        path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    kept = json.loads(path.read_text("utf-8"))
    assert [row[0] for row in seen] == [row[0] for row in kept]
    for now, then in zip(seen, kept, strict=True):
        assert now[1:] == pytest.approx(then[1:], abs=0.15), now[0]


def notice(number: int) -> str:
    """The attachment's wording in the notice without its mark-up and the marks that were boxes."""
    text = (HERE / f"notice-attachment-{number}.txt").read_text("utf-8")
    return bare(re.sub(r"<[^>]*>|_+", "", text))


@pytest.mark.parametrize(
    ("form", "number"), [(FORMS[0], 1), (FORMS[1], 3)], ids=["attachment-1", "attachment-3"]
)
def test_an_empty_form_has_the_notices_words_in_the_notices_order(form: FormSpec, number: int) -> None:
    assert bare(text_of(render_form(form, DRAFT, rehearsal=False).pdf)) == notice(number)


def test_attachment_2_has_the_notices_words_with_the_settings_of_its_time() -> None:
    office = Office("示范县事业单位登记管理局")
    page = render_phone_program(
        office, "事业单位登记APP", "安卓手机", "https://a.invalid/app", rehearsal=False
    )
    assert notice(2) in bare(text_of(page.pdf))
