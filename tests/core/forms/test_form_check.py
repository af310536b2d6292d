"""The door: what is missing, hidden, foreign, too long; the notice's rules; only the given context counts."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import core.forms
from core.forms.check import check_form, check_typed, has_errors, missing, normalise, prefill, progress
from core.forms.kinds import display, masked
from core.forms.registry import PUBLISHED, latest
from core.forms.spec import FormSpec, Grade, Severity, personal_fields
from tests.core.forms.samples import (
    ALONE,
    APPOINTED,
    CHANGED,
    CONTEXT,
    IDS,
    NO_UNIT,
    RECORD,
    UNIT,
    places,
    wide,
)

ONE, THREE, UNIT_RECORD = latest("attachment-1"), latest("attachment-3"), latest("unit-record")
SOUND = pytest.mark.parametrize(
    ("form", "values"),
    [(ONE, ALONE), (ONE, APPOINTED), (THREE, CHANGED), (UNIT_RECORD, RECORD)],
    ids=["alone", "appointed", "changed", "record"],
)


@SOUND
def test_a_sound_form_has_nothing_to_say(form: FormSpec, values: dict[str, str]) -> None:
    assert check_form(form, values, CONTEXT) == ()
    done, asked = progress(form, values)
    assert done == asked > 0


@SOUND
def test_every_required_field_is_missed(form: FormSpec, values: dict[str, str]) -> None:
    for field in form.fields():
        if not field.required or field.id not in values:
            continue
        for without in (
            {**values, field.id: ""},
            {id: value for id, value in values.items() if id != field.id},
        ):
            expected = "tick_required" if field.kind == "tick" else "required"
            assert (field.id, expected) in places(check_form(form, without, CONTEXT))
            assert missing(form, without) == (field.id,)


@SOUND
def test_full_width_is_half_width(form: FormSpec, values: dict[str, str]) -> None:
    typed = {id: wide(value) if form.field(id).kind != "choice" else value for id, value in values.items()}
    typed["purpose"] = values.get("purpose", "")
    assert {id: value for id, value in normalise(form, typed).items() if value} == {
        id: value for id, value in values.items() if value
    }


@SOUND
def test_ten_thousand_characters_are_refused_and_not_cut(form: FormSpec, values: dict[str, str]) -> None:
    for field in form.fields():
        if field.id not in values:
            continue
        long = "9" * 10_000
        typed = {**values, field.id: long}
        assert normalise(form, typed)[field.id] == long
        (finding,) = [each for each in check_typed(form, typed, CONTEXT) if each.field == field.id]
        assert finding.severity is Severity.ERROR
        assert (finding.code, finding.params) == ("too_long", {"limit": field.max_length, "length": 10_000})


@pytest.mark.parametrize("form", PUBLISHED, ids=lambda form: form.id)
@given(data=st.data())
def test_no_values_upset_the_check(form: FormSpec, data: st.DataObject) -> None:
    known = st.sampled_from([field.id for field in form.fields()])
    typed = data.draw(
        st.dictionaries(known | st.text(max_size=5), st.text(max_size=30) | st.sampled_from(["yes", *IDS]))
    )
    check_form(form, typed, CONTEXT)
    normal = normalise(form, typed)
    assert normalise(form, normal) == normal
    codes = {finding.code for finding in check_form(form, normal, CONTEXT)}
    assert codes.isdisjoint({"not_normal", "field_unknown", "field_hidden"})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"nickname": "x"}, ("nickname", "field_unknown")),
        ({"manager_name": "李示范"}, ("manager_name", "field_hidden")),
        ({"representative_mobile": "138 0000 0001"}, ("representative_mobile", "not_normal")),
        ({"unit_name": 7}, ("unit_name", "not_normal")),
        ({"occasion": "whenever"}, ("occasion", "choice_unknown")),
    ],
)
def test_a_hub_hears_of_everything_that_is_not_normal(change: dict[str, str], place: tuple[str, str]) -> None:
    found = check_form(ONE, {**ALONE, **change}, CONTEXT)
    assert places(found) == [place]
    assert has_errors(found)


def test_the_authorisation_block_is_blank_unless_someone_is_appointed() -> None:
    block = {"office_name", "manager_name", "manager_mobile", "manager_id"}
    assert block <= set(normalise(ONE, APPOINTED))
    assert block.isdisjoint(normalise(ONE, {**APPOINTED, "other_manager": ""}))
    assert block <= set(normalise(THREE, CHANGED))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"manager_id": IDS[0]}, [("manager_id", "manager_is_representative")]),
        ({"manager_mobile": "13800000001"}, [("manager_mobile", "mobile_shared")]),
        ({"manager_name": "王示范"}, [("manager_name", "namesakes")]),
        ({"filled_on": "2026-11-24"}, [("filled_on", "date_in_future")]),
        ({"filled_on": "2026-11-23"}, []),
        ({"filled_on": "2025-11-23"}, []),
        ({"filled_on": "2025-11-22"}, [("filled_on", "date_long_ago")]),
        ({"unit_name": "澄迈县示范幼儿园"}, [("unit_name", "differs_from_record")]),
        ({"address": "别处"}, [("address", "differs_from_record")]),
        ({"representative_name": "张示范"}, [("representative_name", "differs_from_record")]),
        ({"attendant": "manager"}, []),
    ],
)
def test_rules_of_attachment_1(change: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert places(check_form(ONE, {**APPOINTED, **change}, CONTEXT)) == found


def test_only_an_appointed_manager_can_stand_at_the_counter() -> None:
    found = check_form(ONE, {**ALONE, "attendant": "manager"}, CONTEXT)
    assert places(found) == [("attendant", "attendant_not_appointed")]
    assert check_form(THREE, {**CHANGED, "attendant": "manager"}, CONTEXT) == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            {"manager_id": IDS[0], "manager_name": "王示范", "manager_mobile": "13800000001"},
            [("manager_name", "representative_manages")],
        ),
        ({"manager_id": IDS[0]}, [("manager_id", "same_id_other_name")]),
        ({"manager_mobile": "13800000001"}, [("manager_mobile", "mobile_shared")]),
        ({"manager_name": "王示范"}, [("manager_name", "namesakes")]),
    ],
)
def test_rules_of_attachment_3(change: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert places(check_form(THREE, {**CHANGED, **change}, CONTEXT)) == found


@pytest.mark.parametrize(
    ("unit", "occasion", "found"),
    [
        ({"state": "deregistered"}, "alone", [("unit_name", "unit_not_active")]),
        ({"valid_to": "2026-11-22"}, "alone", [("unit_name", "unit_certificate_expired")]),
        ({"valid_to": "2026-11-23"}, "alone", []),
        ({"valid_to": "2026-11-22"}, "renewal", []),
    ],
)
def test_the_unit_may_apply(unit: dict[str, str], occasion: str, found: list[tuple[str, str]]) -> None:
    context = replace(CONTEXT, unit={**UNIT, **unit})
    assert places(check_form(ONE, {**ALONE, "occasion": occasion}, context)) == found


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"valid_to": "2023-12-31"}, [("valid_to", "period_reversed")]),
        ({"valid_to": "2026-11-22"}, [("valid_to", "period_over")]),
        ({"valid_to": "2026-11-22", "state": "deregistered"}, []),
        ({"former_certificate_no": "事证第146902300001号"}, []),
        ({"former_certificate_no": "146902300001"}, [("former_certificate_no", "certificate_no_shape")]),
        ({"uscc": "12460105MB0000000Y"}, [("uscc", "uscc_other_area")]),
    ],
)
def test_rules_of_a_unit_record(change: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert places(check_form(UNIT_RECORD, {**RECORD, **change}, NO_UNIT)) == found


def test_nothing_is_written_again_that_the_record_knows() -> None:
    filled = prefill(ONE, UNIT)
    assert filled["unit_name"] == UNIT["name"]
    assert filled["representative_name"] == UNIT["representative_name"]
    assert set(filled) == {"unit_name", "address", "representative_name", "office_name"}


def test_the_verdict_depends_on_the_day_it_is_given() -> None:
    years = {
        year: places(check_form(ONE, ALONE, replace(CONTEXT, as_of=date(year, 11, 23))))
        for year in (2005, 2026, 2028)
    }
    assert ("representative_id", "id_age") in years[2005]
    assert years[2026] == []
    assert years[2028] == [("filled_on", "date_long_ago")]


def test_nothing_here_can_read_a_clock() -> None:
    forbidden = {
        "today",
        "now",
        "utcnow",
        "time",
        "monotonic",
        "localtime",
        "gmtime",
        "time_ns",
        "system_clock",
    }
    sources = sorted(Path(core.forms.__file__).parent.rglob("*.py"))
    assert len(sources) > 10
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            name = (
                node.attr
                if isinstance(node, ast.Attribute)
                else node.id
                if isinstance(node, ast.Name)
                else ""
            )
            assert name not in forbidden, f"{source.name} reads {name}"
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {"time", "random", "secrets", "os", "core.clock"} & set(modules), source.name


@given(st.sampled_from([ALONE, APPOINTED, CHANGED]), st.data())
def test_no_finding_tells_a_name_or_a_number(values: dict[str, str], data: st.DataObject) -> None:
    form = THREE if values is CHANGED else ONE
    personal = personal_fields(form.fields())
    spoiled = {
        id: data.draw(st.sampled_from([value, value[:-1] + "9", value + "1", value[1:]]))
        if id in personal
        else value
        for id, value in values.items()
    }
    for finding in check_typed(form, spoiled, CONTEXT):
        told = json.dumps(dict(finding.params), ensure_ascii=False)
        assert not [id for id in personal & set(spoiled) if len(spoiled[id]) > 1 and spoiled[id] in told]


@SOUND
def test_personal_values_are_covered_in_lists(form: FormSpec, values: dict[str, str]) -> None:
    for field in form.fields():
        value = values.get(field.id, "")
        if field.grade is Grade.PERSONAL:
            assert not value or value not in masked(field, value)
        else:
            assert masked(field, value) == display(field, value)
    assert masked(ONE.field("remark"), "电话联系") == "***"


def test_choices_are_shown_by_their_label() -> None:
    assert display(THREE.field("reason"), "manager_changed") == "原电子证书第一管理责任人变更"
    assert display(ONE.field("filled_on"), "2026-11-03") == "2026年11月3日"
