"""A rendered form: what it lists is what it shows, inside its cells, the same bytes every time."""

from __future__ import annotations

import re
import zlib

import pytest

from core.documents.layout import Cell, Sentence, Wording
from core.documents.layouts import get_layout
from core.documents.pdf import render_form, render_many
from core.documents.preview import raster
from core.errors import UserError
from core.forms.spec import FormSpec
from tests.core.documents.samples import BLANK, DRAFT, FORMS, ORDINARY, RARE, bare, longest, text_of, words

forms = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)


def cases(form: FormSpec) -> dict[str, dict[str, str]]:
    return {"ordinary": ORDINARY, "longest": longest(form), "rare": RARE, "blank": BLANK, "draft": DRAFT}


def fixed_words(form: FormSpec) -> str:
    layout = get_layout(form.id, form.version)
    texts = []
    for part in layout.parts:
        if isinstance(part, Wording):
            texts.append(part.text)
        elif isinstance(part, Sentence):
            texts += [item for item in part.items if isinstance(item, str)]
    return bare("".join(texts))


@forms
@pytest.mark.parametrize("case", ["ordinary", "longest", "rare", "blank", "draft"])
def test_nothing_is_on_the_paper_but_its_wording_and_the_printed_list(form: FormSpec, case: str) -> None:
    rendered = render_form(form, cases(form)[case], rehearsal=False)
    copied = sorted(bare(text_of(rendered.pdf)))
    expected = sorted(fixed_words(form) + bare("".join(p.text for p in rendered.printed)))
    assert copied == expected


@forms
@pytest.mark.parametrize("case", ["ordinary", "longest", "rare", "blank"])
def test_every_text_lies_inside_its_cell(form: FormSpec, case: str) -> None:
    layout = get_layout(form.id, form.version)
    rendered = render_form(form, cases(form)[case], rehearsal=False)
    boxes = {part.field: part.box for part in layout.parts if isinstance(part, Cell)}
    for printed in rendered.printed:
        room = [boxes[printed.field]] if printed.field in boxes else []
        room += [p.box for p in layout.parts if isinstance(p, Sentence)]
        room += [p.box for p in layout.parts if not isinstance(p, (Cell, Sentence, Wording))]
        assert any(
            box.x - 0.01 <= printed.x
            and printed.x + printed.w <= box.x + box.w + 0.01
            and box.y - 0.01 <= printed.y
            and printed.y + printed.h <= box.y + box.h + 0.01
            for box in room
        ), printed
    # And as a reader sees it: no ink of a text crosses a line of the table.
    uprights = [r for r in layout.rules if r.x0 == r.x1]
    levels = [r for r in layout.rules if r.y0 == r.y1]
    for word in words(rendered.pdf):
        assert word.left >= 25 - 0.2 and word.right <= 185, word
        for line in uprights:
            beside = word.right <= line.x0 or word.left >= line.x0
            assert beside or word.bottom <= line.y0 or word.top >= line.y1, (word, line)
        for line in levels:
            assert word.bottom <= line.y0 or word.top >= line.y0, (word, line)


@forms
def test_each_place_is_listed_once(form: FormSpec) -> None:
    rendered = render_form(form, ORDINARY, rehearsal=False)
    listed = [(p.field, p.text) for p in rendered.printed]
    assert listed.count(("manager_name", "李演示")) == 2
    assert [text for field, text in listed if field == "filled_on"] == ["2026", "3", "18"]
    assert {field for field, _ in listed} == {f.id for f in form.fields() if f.printed and f.kind != "choice"}
    assert len(listed) == 14


@forms
@pytest.mark.parametrize("case", ["ordinary", "rare"])
def test_listed_places_are_where_the_ink_is(form: FormSpec, case: str) -> None:
    rendered = render_form(form, cases(form)[case], rehearsal=False)
    seen = words(rendered.pdf)
    for printed in rendered.printed:
        inside = [
            word
            for word in seen
            if printed.x - 0.6 <= word.left
            and word.right <= printed.x + printed.w + 0.6
            and printed.y - 1 <= word.top
            and word.bottom <= printed.y + printed.h + 1
        ]
        assert bare("".join(word.text for word in inside)) == bare(printed.text)


def test_the_authorisation_block_is_blank_when_nobody_else_is_appointed() -> None:
    form = FORMS[0]
    rendered = render_form(form, BLANK, rehearsal=False)
    assert not {p.field for p in rendered.printed} & {
        "office_name",
        "manager_name",
        "manager_mobile",
        "manager_id",
    }
    copied = text_of(rendered.pdf)
    assert ORDINARY["manager_name"] not in copied and ORDINARY["office_name"] not in copied
    assert bare("登记管理机关名称：兹授权我单位同志，向你局申领") in bare(copied)


def test_attachment_3_shows_its_manager_always_and_ticks_one_box() -> None:
    form = FORMS[1]
    assert ORDINARY["manager_name"] in text_of(render_form(form, BLANK, rehearsal=False).pdf)
    pictures = {
        reason: raster(render_form(form, {**ORDINARY, "reason": reason}, rehearsal=False).pdf, 0, 1.0)[2]
        for reason in ("", "representative_changed", "manager_changed")
    }
    assert len(set(pictures.values())) == 3
    # A tick is ink and no character.
    texts = {text_of(render_form(form, {**ORDINARY, "reason": r}, rehearsal=False).pdf) for r in pictures}
    assert len(texts) == 1


@forms
def test_too_long_a_text_is_refused_by_its_field(form: FormSpec) -> None:
    for field in ("unit_name", "address", "representative_name", "office_name", "manager_name", "remark"):
        with pytest.raises(UserError) as refusal:
            render_form(form, {**ORDINARY, field: "海南" * 5000}, rehearsal=False)
        assert (refusal.value.code, refusal.value.params) == ("text_too_long", {"field": field})


@forms
def test_a_character_no_font_has_is_refused_by_its_field(form: FormSpec) -> None:
    for field in ("unit_name", "manager_name", "remark"):
        with pytest.raises(UserError) as refusal:
            render_form(form, {**ORDINARY, field: "王\ue001"}, rehearsal=False)
        assert refusal.value.params == {"character": "", "codepoint": "U+E001", "field": field}


def test_in_a_batch_the_row_is_named_too() -> None:
    with pytest.raises(UserError) as refusal:
        render_many(FORMS[0], [ORDINARY, {**ORDINARY, "unit_name": "\ue000"}], rehearsal=False)
    assert (refusal.value.params["field"], refusal.value.params["row"]) == ("unit_name", 1)
    with pytest.raises(UserError, match="nothing_to_print"):
        render_many(FORMS[0], [], rehearsal=False)


def test_a_form_without_paper_is_refused() -> None:
    from core.forms.catalogue.unit_record import UNIT_RECORD

    with pytest.raises(UserError, match="form_not_printed"):
        render_form(UNIT_RECORD, {}, rehearsal=False)


@forms
def test_same_input_same_bytes(form: FormSpec) -> None:
    first = render_form(form, RARE, rehearsal=True, offset_mm=(1.5, -2))
    render_form(form, BLANK, rehearsal=False)
    again = render_form(form, RARE, rehearsal=True, offset_mm=(1.5, -2))
    assert (first.pdf, first.sha256) == (again.pdf, again.sha256)
    assert first.sha256 != render_form(form, BLANK, rehearsal=True).sha256
    many = [RARE, ORDINARY]
    assert render_many(form, many, rehearsal=True).pdf == render_many(form, many, rehearsal=True).pdf


@forms
def test_a_page_of_many_looks_like_the_form_alone(form: FormSpec) -> None:
    many = render_many(form, [ORDINARY, RARE], rehearsal=True, offset_mm=(2, 1))
    for page, values in enumerate((ORDINARY, RARE)):
        alone = render_form(form, values, rehearsal=True, offset_mm=(2, 1))
        assert raster(many.pdf, page, 1.5) == raster(alone.pdf, 0, 1.5)


@forms
def test_the_offset_moves_everything(form: FormSpec) -> None:
    plain = render_form(form, ORDINARY, rehearsal=True)
    moved = render_form(form, ORDINARY, rehearsal=True, offset_mm=(3.0, -2.0))
    for a, b in zip(words(plain.pdf), words(moved.pdf), strict=True):
        assert (b.left - a.left, b.top - a.top) == (pytest.approx(3, abs=0.05), pytest.approx(-2, abs=0.05))
    for a, b in zip(plain.printed, moved.printed, strict=True):
        assert (b.x - a.x, b.y - a.y) == (pytest.approx(3), pytest.approx(-2))


@forms
def test_rehearsal_is_marked_in_the_margin_and_leaves_the_rest_alone(form: FormSpec) -> None:
    marked = render_form(form, ORDINARY, rehearsal=True)
    plain = render_form(form, ORDINARY, rehearsal=False)
    mark = next(word for word in words(marked.pdf) if "不具法律效力" in word.text)
    assert mark.bottom < 18
    assert "演练　不具法律效力" in text_of(marked.pdf)
    assert "演练" not in text_of(plain.pdf)
    assert bare(text_of(marked.pdf)) == "演练不具法律效力" + bare(text_of(plain.pdf))
    assert marked.printed == plain.printed
    # The large letters are there too: pale, and paler than anything that must be read.
    width, height, pixels = raster(marked.pdf, 0, 1.0)
    pale = sum(1 for i in range(0, len(pixels), 3) if 220 <= pixels[i] <= 245)
    assert pale > width * height * 0.05


@forms
def test_the_file_holds_no_script_no_name_and_only_embedded_fonts(form: FormSpec) -> None:
    pdf = render_form(form, RARE, rehearsal=False).pdf
    for word in (
        b"/JavaScript",
        b"/JS",
        b"/OpenAction",
        b"/AA",
        b"/Author",
        b"/URI",
        b"/Launch",
        b"/Helvetica",
    ):
        assert word not in pdf
    information = re.search(rb"/Title <([0-9a-f]+)>", pdf)
    assert information is not None
    assert bytes.fromhex(information[1].decode()).decode("utf-16") == form.title
    fonts, files = pdf.count(b"/Subtype /TrueType"), pdf.count(b"/FontFile2")
    assert fonts == files > 0
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    assert len(streams) > 5 and all(zlib.decompress(data) for data in streams)


def test_a4_to_the_hundredth_of_a_point() -> None:
    pdf = render_form(FORMS[0], DRAFT, rehearsal=False).pdf
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box is not None
    assert (float(box[1]), float(box[2])) == (
        pytest.approx(595.276, abs=0.01),
        pytest.approx(841.89, abs=0.01),
    )
