"""The sieve says nothing of its own: whatever a column is made of, the verdict is that of ``check_form``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.forms.check import CheckContext, check_form, has_errors
from core.forms.divisions import get_office
from core.forms.kinds import KINDS
from core.forms.registry import PUBLISHED, latest
from core.forms.sieve import _PLAIN, Sieve, first_error, first_errors, suspects
from core.forms.spec import Condition, Finding, FormSpec, Severity
from core.rehearsal.units import make_units

FORM = latest("unit-record")
FIELDS = [field.id for field in FORM.fields()]
CONTEXT = CheckContext(date(2026, 11, 24), "469023")
GOOD = [dict(unit.values) for unit in make_units(get_office("469023"), date(2026, 11, 24), count=120)]
NASTY = (
    *"　 ()（）;；.。·・\t\n\r\x00\x1f\x85\u2028\ue000\u200b\ufeff\ufe0f\u00ad\ufffd",
    *"⼈豈ＡａÅé\u0301가𬱖㛃〇零１𠮷\U0002f800\U000e0100",
    "ﬁ",
    "A\u030a",
    "1949-02-30",
    "2026-1-2",
    "600万元整",
    "deregistered",
    "yes",
)


def verdict(values: dict[str, str]) -> Finding | None:
    """What ``check_form`` finds first, as the judge takes it."""
    filled = {name: value for name, value in values.items() if value}
    findings = check_form(FORM, filled, CONTEXT)
    if not has_errors(findings):
        return None
    return next(each for each in findings if each.severity is Severity.ERROR)


def judged(units: list[dict[str, str]], form: FormSpec = FORM) -> dict[int, Finding]:
    """What the sieve says of these units as one page."""
    columns = {name: [unit.get(name, "") for unit in units] for name in FIELDS}
    return first_errors(form, columns, len(units), CONTEXT)


@st.composite
def units(draw: st.DrawFn) -> dict[str, str]:
    """A good unit, a few of whose values were touched."""
    unit = dict(draw(st.sampled_from(GOOD)))
    for name in draw(st.lists(st.sampled_from(FIELDS), max_size=3, unique=True)):
        value = unit[name]
        how = draw(st.sampled_from(("other", "any", "insert", "drop", "swap", "long", "empty", "nasty")))
        at = draw(st.integers(0, max(0, len(value))))
        if how == "other":
            value = draw(st.sampled_from(GOOD))[draw(st.sampled_from(FIELDS))]
        elif how == "any":
            value = draw(st.text(max_size=30))
        elif how == "insert":
            value = value[:at] + draw(st.characters()) + value[at:]
        elif how == "drop":
            value = value[:at] + value[at + 1 :]
        elif how == "swap" and value:
            value = value[:at] + draw(st.sampled_from("0123456789AXYZ元万-")) + value[at + 1 :]
        elif how == "long":
            value = (value or "演") * draw(st.integers(1, 80))
        elif how == "nasty":
            value = value[:at] + draw(st.sampled_from(NASTY)) + value[at:]
        else:
            value = ""
        unit[name] = value
    return unit


@settings(max_examples=400, deadline=None)
@given(st.lists(units(), min_size=1, max_size=12))
def test_the_verdict_is_that_of_check_form_for_every_line(page: list[dict[str, str]]) -> None:
    expected = {line: found for line, unit in enumerate(page) if (found := verdict(unit)) is not None}
    assert judged(page) == expected


def test_good_units_pass_by_the_column() -> None:
    columns = {name: [unit[name] for unit in GOOD] for name in FIELDS}
    assert suspects(FORM, columns, len(GOOD)) == set()
    assert judged(GOOD) == {}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("nasty", NASTY)
def test_one_odd_value_in_a_good_column_is_judged_by_itself(name: str, nasty: str) -> None:
    page = [dict(unit) for unit in GOOD[:5]]
    page[3][name] += nasty
    expected = verdict(page[3])
    assert judged(page) == ({} if expected is None else {3: expected})


def test_every_plain_character_is_left_alone_by_its_kind() -> None:
    """Each by itself, between two Han and between two letters: folding looks at neighbours."""
    for kind, plain in _PLAIN.items():
        letters = [chr(code) for code in range(0x110000) if plain.fullmatch(chr(code)) and code != 10]
        assert len(letters) > 100_000
        for start in range(0, len(letters), 4000):
            some = letters[start : start + 4000]
            for glue in ("", "演", "a1"):
                text = glue.join(["演", *some, "练"])
                assert KINDS[kind].parse(text) == text
                assert not has_errors(KINDS[kind].check(text, CONTEXT))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_plain_texts_are_left_alone_in_any_order(data: st.DataObject) -> None:
    for kind, plain in _PLAIN.items():
        text = data.draw(st.from_regex(plain, fullmatch=True)).replace("\n", "")
        assert not text or (KINDS[kind].parse(text), KINDS[kind].check(text, CONTEXT)) == (
            text,
            [each for each in KINDS[kind].check(text, CONTEXT) if each.severity is not Severity.ERROR],
        )


@settings(max_examples=500, deadline=None)
@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ", min_size=17, max_size=19), st.sampled_from(GOOD))
def test_any_code_is_judged_as_check_form_judges_it(code: str, unit: dict[str, str]) -> None:
    touched = {**unit, "uscc": code}
    expected = verdict(touched)
    assert judged([touched]) == ({} if expected is None else {0: expected})


def test_every_single_slip_in_a_code_is_found() -> None:
    code, unit = GOOD[7]["uscc"], GOOD[7]
    slips = [
        code[:at] + other + code[at + 1 :]
        for at in range(18)
        for other in "0123456789ABXY"
        if other != code[at]
    ]
    page = [{**unit, "uscc": slip} for slip in slips]
    expected = {line: found for line, each in enumerate(page) if (found := verdict(each)) is not None}
    assert len(expected) == len(slips)
    assert judged(page) == expected


def test_a_form_with_rules_the_sieve_does_not_know_is_judged_line_by_line() -> None:
    columns = {name: [unit[name] for unit in GOOD[:3]] for name in FIELDS}
    for form in PUBLISHED:
        assert Sieve(form).whole == (form.id == "unit-record")
    stricter = replace(FORM, form_rules=(*FORM.form_rules, "unit_may_apply"))
    assert suspects(stricter, columns, 3) == {0, 1, 2}
    section = FORM.sections[0]
    hidden = replace(section.fields[1], shown_when=Condition("uscc", "x"))
    asked = replace(FORM, sections=(replace(section, fields=(section.fields[0], hidden)), *FORM.sections[1:]))
    assert suspects(asked, columns, 3) == {0, 1, 2}
    assert suspects(FORM, {**columns, "stranger": ["", "", ""]}, 3) == {0, 1, 2}


@settings(max_examples=300)
@given(units())
def test_one_record_alone_is_judged_as_check_form_judges_it(unit: dict[str, str]) -> None:
    assert first_error(FORM, unit, CONTEXT) == verdict(unit)
