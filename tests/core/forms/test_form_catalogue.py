"""Published forms: pinned, complete, graded; the notice's wording and order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import UserError
from core.forms.kinds import KINDS
from core.forms.registry import PUBLISHED, by_digest, get_form, latest
from core.forms.rules import FIELD_RULES, FORM_RULES
from core.forms.spec import DataClass, FormSpec, Grade

# A published version never changes. Mend a form by publishing its next version, never by editing these.
DIGESTS = {
    ("attachment-1", 1): "ed95caf97cf9dc32e9d5232b34952f80ea28cd95f34053b3a26e2c8b224cc86f",
    ("attachment-3", 1): "8c7b0fd5214dcb827b92c0200f8746a7844d68190bef9d7ee9e643255cbaf126",
    ("unit-record", 1): "9ccad1d02915953a8ea20c0fbdf8ae22acd452569f3d0da9a8bb327c18773ef5",
}
EVERY = pytest.mark.parametrize("form", PUBLISHED, ids=lambda form: f"{form.id}/{form.version}")


def test_what_was_published_has_not_changed() -> None:
    assert {(form.id, form.version): form.digest() for form in PUBLISHED} == DIGESTS


def test_a_digest_covers_every_word() -> None:
    form = latest("attachment-1")
    first = form.sections[0]
    field = replace(first.fields[1], hint="别的提示")
    changed = replace(form, sections=(replace(first, fields=(first.fields[0], field)), *form.sections[1:]))
    assert len({form.digest(), changed.digest(), replace(form, form_rules=()).digest()}) == 3


@EVERY
def test_a_spec_names_only_what_exists(form: FormSpec) -> None:
    fields = form.fields()
    assert len({field.id for field in fields}) == len(fields)
    assert set(form.form_rules) <= set(FORM_RULES)
    record = {field.id for field in latest("unit-record").fields()}
    asked: set[str] = set()
    for field in fields:
        assert field.kind in KINDS
        assert set(field.rules) <= set(FIELD_RULES)
        assert bool(field.choices) == (field.kind == "choice")
        assert field.shown_when is None or field.shown_when.field in asked
        assert not field.from_unit or field.from_unit in record
        asked.add(field.id)


@EVERY
def test_what_belongs_to_a_person_is_personal(form: FormSpec) -> None:
    classes = {"person_name": DataClass.C2, "id_number": DataClass.C3, "mobile": DataClass.C3}
    for field in form.fields():
        personal = field.kind in classes or field.id == "remark"
        assert (field.grade is Grade.PERSONAL) == personal
        if personal:
            assert field.data_class is classes.get(field.kind, DataClass.C2)


def test_the_paper_has_the_fields_of_the_notice_in_its_order_and_no_other() -> None:
    people = ["representative_name", "representative_mobile", "representative_id"]
    head = ["filled_on", "unit_name", "address", *people]
    block = ["office_name", "manager_name", "manager_mobile", "manager_id", "remark"]
    printed = {form.id: [field.id for field in form.fields() if field.printed] for form in PUBLISHED}
    assert printed["attachment-1"] == head + block
    assert printed["attachment-3"] == [*head, *block, "reason"]


def test_a_form_is_found_by_name_version_and_digest() -> None:
    form = latest("attachment-3")
    assert get_form("attachment-3") is get_form("attachment-3", 1) is by_digest(form.digest()) is form
    assert by_digest("00") is None
    for call in (lambda: latest("attachment-2"), lambda: get_form("attachment-1", 99)):
        with pytest.raises(UserError, match="form_not_published"):
            call()
